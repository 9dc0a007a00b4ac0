// SPDX-License-Identifier: GPL-2.0-only
/* btf-doctor status: its options, and how far it is. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "btf-doctor.h"
#include "status.h"
#include "util.h"

static void usage(FILE *out)
{
	fputs("Usage: btf-doctor [status] [OPTION...]\n"
	      "\n"
	      "Says which of the running kernel, the kernels' images, what the boot loader starts,\n"
	      "the initramfs and /lib/modules do not fit each other, what that means, and which\n"
	      "command ends it. Writes nothing, and needs root only for what others cannot read.\n"
	      "\n"
	      "  --root DIR        a system below DIR that does not run, from a rescue system\n"
	      "  --kernel RELEASE  only this kernel\n"
	      "  --next-boot       only what the next boot uses, not what runs\n"
	      "  --brief           only what is wrong, a few lines each; nothing if all fits\n"
	      "  --json            for programs; btf-doctor(8) describes it\n"
	      "  --prometheus      for the textfile collector of node_exporter\n"
	      "  -h, --help        this\n"
	      "\n"
	      "Exit status: 0 all fits, 1 something does not, 2 it could not be looked at.\n",
	      out);
}

/* On a terminal, after a second: what is being looked at. */
static struct timespec started;
static bool shown;

static void progress(const char *what)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - started.tv_sec) * 1000 + (now.tv_nsec - started.tv_nsec) / 1000000 < 1000)
		return;
	fputs("\r\033[Klooking at ", stderr);
	for (; *what; what++)
		fputc((unsigned char)*what < ' ' || *what == 127 ? '?' : *what, stderr);
	fflush(stderr);
	shown = true;
}

/* Print what was collected, without anything that a terminal would obey. */
static void print_clean(const char *text, size_t size, FILE *out)
{
	static const char *const colour[] = { "",	  "\033[1m",  "\033[31m",
					      "\033[33m", "\033[32m", "\033[0m" };

	for (size_t i = 0; i < size; i++) {
		unsigned char c = text[i], next = i + 1 < size ? text[i + 1] : 0;

		if (c && c < sizeof(colour) / sizeof(*colour))
			fputs(colour[c], out);
		else if (c == 0xc2 && next >= 0x80 && next < 0xa0)
			continue;
		else
			fputc((c < ' ' && c != '\n') || c == 127 ? '?' : c, out);
	}
}

enum form { FORM_TEXT, FORM_BRIEF, FORM_JSON, FORM_PROMETHEUS };

static int print(const struct machine *m, const struct findings *f, enum form form)
{
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	char *text = NULL;
	size_t size;
	FILE *mem;
	int ret = 0;

	if (form == FORM_JSON) {
		ret = status_json(stdout, m, f);
	} else if (form == FORM_PROMETHEUS) {
		status_prometheus(stdout, m, f);
	} else {
		mem = open_memstream(&text, &size);
		if (!mem)
			return trouble("%s", strerror(errno));
		if (form == FORM_BRIEF)
			status_brief(mem, f);
		else
			status_text(mem, m, f, colour);
		fclose(mem);
		print_clean(text, size, stdout);
		free(text);
	}
	if (fflush(stdout) || ferror(stdout))
		return trouble("cannot write: %s", strerror(errno));
	return ret;
}

/* Nothing could be judged: why, as far as it is plain */
static void say_unknown(const struct machine *m, const struct scope *scope)
{
	char *list = xstrdup(""), *more;

	for (size_t i = 0; i < m->others.n && i < 6; i++) {
		more = xasprintf("%s %s", list, m->others.v[i]);
		free(list);
		list = more;
	}
	if (scope->release && !m->n_kernels)
		trouble("there is no kernel %s in %s; there are:%s", scope->release, scope->root,
			*list ? list : " none");
	else if (!m->n_kernels)
		trouble("%s has neither kernels nor modules: is the root file system there?",
			scope->root);
	else
		trouble("nothing could be judged: no kernel was found with modules beside it");
	free(list);
}

int cmd_status(int argc, char **argv)
{
	static const struct option options[] = { { "root", required_argument, NULL, 'r' },
						 { "kernel", required_argument, NULL, 'k' },
						 { "next-boot", no_argument, NULL, 'n' },
						 { "brief", no_argument, NULL, 'b' },
						 { "json", no_argument, NULL, 'j' },
						 { "prometheus", no_argument, NULL, 'p' },
						 { "help", no_argument, NULL, 'h' },
						 {} };
	struct scope scope = { .root = "/" };
	enum form form = FORM_TEXT;
	struct machine m = {};
	struct findings f;
	enum verdict verdict;
	int c, ret, was = 0;

	optind = 1;
	while ((c = next_option(argc, argv, options)) != -1) {
		if (strchr("bjp", c) && form != FORM_TEXT && c != was)
			return usage_error("--brief, --json and --prometheus exclude each other");
		was = strchr("bjp", c) ? c : was;
		switch (c) {
		case 'r':
			scope.root = optarg;
			break;
		case 'k':
			scope.release = optarg;
			break;
		case 'n':
			scope.next_boot = true;
			break;
		case 'b':
			form = FORM_BRIEF;
			scope.sample = true;
			break;
		case 'j':
			form = FORM_JSON;
			break;
		case 'p':
			form = FORM_PROMETHEUS;
			break;
		case 'h':
			usage(stdout);
			return EXIT_FITS;
		default:
			return EXIT_TROUBLE;
		}
	}
	if (optind < argc)
		return usage_error("unexpected argument '%s'", argv[optind]);
	clock_gettime(CLOCK_MONOTONIC, &started);
	if (isatty(STDERR_FILENO))
		scope.progress = progress;
	ret = machine_read(&m, &scope);
	if (ret)
		return trouble("%s: %s", scope.root, strerror(-ret));
	machine_judge(&m, &scope);
	if (shown)
		fputs("\r\033[K", stderr);
	findings_make(&m, &f);
	verdict = findings_verdict(&m, &f);
	if (verdict == VERDICT_UNKNOWN)
		say_unknown(&m, &scope);
	ret = print(&m, &f, form);
	findings_free(&f);
	machine_free(&m);
	if (ret)
		return ret;
	return verdict == VERDICT_FITS ? EXIT_FITS :
	       verdict == VERDICT_NOT  ? EXIT_NOT :
					 EXIT_TROUBLE;
}
