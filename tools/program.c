// SPDX-License-Identifier: GPL-2.0-only
/* What btf-doctor and btf-restore do in the same way. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "check.h"
#include "image.h"
#include "program.h"

static void say(const char *fmt, va_list args)
{
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
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
	fprintf(stderr, "Try '%s --help'.\n", program_invocation_short_name);
	return EXIT_TROUBLE;
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
