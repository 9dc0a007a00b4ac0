// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf-doctor: which kernels, images and modules on a machine are of which build, whether
 * that is safe, and what to do
 */
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "btf-doctor.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "status", cmd_status },
	{ "check", cmd_check },
	{ "diff", cmd_diff },
};

static void usage(FILE *f)
{
	fputs("Usage: btf-doctor [status] [OPTION...]\n"
	      "       btf-doctor check --base BASE [--made-for IMAGE] [--json] MODULE|DIR...\n"
	      "       btf-doctor diff [--used-by MODULE|DIR]... OLD NEW\n"
	      "       btf-doctor --version | --help | COMMAND --help\n"
	      "\n"
	      "status  what fits together on this machine, what does not, and what to do\n"
	      "check   whether modules fit a kernel\n"
	      "diff    which types differ between two kernels\n", f);
}

int main(int argc, char **argv)
{
	size_t i;
	int ret;

	/* What is wrong, we say ourselves. */
	libbpf_set_print(NULL);
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		usage(stdout);
		return EXIT_FITS;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		print_version();
		return EXIT_FITS;
	}
	if (argc < 2 || *argv[1] == '-')
		return cmd_status(argc, argv);
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		ret = commands[i].run(argc - 1, argv + 1);
		/* A full disk must not look like a result. */
		if (fflush(stdout) || ferror(stdout))
			return trouble("cannot write the output");
		return ret;
	}
	return usage_error("unknown command '%s'", argv[1]);
}
