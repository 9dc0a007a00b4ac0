// SPDX-License-Identifier: GPL-2.0-only
/* What btf-doctor and btf-restore do in the same way. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "image.h"
#include "program.h"
#include "util.h"

static const char *command = "";

void set_command(const char *name)
{
	command = name;
}

static void say(const char *fmt, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	fprintf(stderr, "%s: %s\n", program_invocation_short_name,
		text ? clean_text(text) : "out of memory");
	free(text);
}

int trouble(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	return EXIT_TROUBLE;
}

int usage_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	fprintf(stderr, "Try '%s%s%s --help'.\n", program_invocation_short_name,
		*command ? " " : "", command);
	return EXIT_TROUBLE;
}

void print_version(void)
{
	printf("%s %s\n", program_invocation_short_name, VERSION);
}

int next_option(int argc, char **argv, const struct option *options)
{
	int i = -1, c;

	opterr = 0;
	c = getopt_long(argc, argv, ":h", options, &i);
	if (c == '?' && optopt)
		usage_error("unknown option '-%c'", optopt);
	else if (c == '?')
		usage_error("unknown option '%s'", argv[optind - 1]);
	else if (c == ':')
		usage_error("%s needs a value", argv[optind - 1]);
	/* A shell's variable that is not set; "" would mean another file, or none. */
	else if (i >= 0 && options[i].has_arg == required_argument && !*optarg)
		usage_error("--%s needs a value", options[i].name);
	else
		return c;
	return '?';
}

struct check_base *load_base(const char *path)
{
	char err[ERR_LEN] = "this kernel has no BTF";
	struct check_base *base = NULL;
	struct image img;

	if (!image_read(path, &img, err, sizeof(err))) {
		if (img.btf)
			base = check_base_new(img.btf, img.btf_size, err, sizeof(err));
		image_free(&img);
	}
	if (!base)
		trouble("%s: %s", path, err);
	return base;
}
