// SPDX-License-Identifier: GPL-2.0-only
/* btf-restore: give modules that were loaded without BTF theirs, for the running kernel */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "restore.h"
#include "util.h"

static void usage(FILE *f)
{
	fputs("Usage: btf-restore [--dry-run] [--json] [--made-for IMAGE] [MODULE|FILE...]\n"
	      "       btf-restore --base BASE --made-for IMAGE {--output DIR|--dry-run}\n"
	      "                   [--json] FILE|DIR...\n"
	      "\n"
	      "Gives modules that btf_tolerant has loaded without BTF their BTF again, made to fit\n"
	      "the running kernel: all of them, or those that are named. Says of each what became\n"
	      "of it: NAME, a word and a sentence, with tabs between.\n"
	      "\n"
	      "  --dry-run         find out what is possible, change nothing\n"
	      "  --made-for IMAGE  the kernel that the modules were made for. Without it those in\n"
	      "                    /boot and beside the modules are tried\n"
	      "  --json            all of it as JSON\n"
	      "  --base BASE       relocate the files onto BASE (a kernel image, a vmlinux, raw\n"
	      "                    BTF)\n"
	      "  --output DIR      write them as DIR/NAME.btf\n"
	      "  --version         print the version\n"
	      "  -h, --help        this\n"
	      "\n"
	      "Exit status: 0 all done, 1 some could not be restored, 2 trouble.\n", f);
}

/* Print, and return the exit status. */
static int report(struct items *items, const struct options *opt)
{
	int ret = EXIT_DONE;
	size_t i;

	for (i = 0; i < items->n; i++) {
		struct item *item = &items->v[i];

		if (item->state >= RESTORE_DIFFERS)
			ret = EXIT_SOME;
		if (!opt->json)
			print_item(item);
	}
	if (opt->json)
		print_json(items, opt->base ?: "/sys/kernel/btf/vmlinux");
	return ret;
}

static void remove_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s.btf", dir, name);

	unlink(path);
	free(path);
}

static int by_name(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;

	return strcmp((*x)->name ?: "", (*y)->name ?: "");
}

static bool are_twins(struct item *const *a, struct item *const *b)
{
	return !by_name(a, b) && strcmp((*a)->path, (*b)->path);
}

/* Files of one name have written one file below @output: whose it is, nobody can tell. */
static void find_twins(struct items *items, const char *output)
{
	struct item **v = xcalloc(items->n, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < items->n; i++)
		if (items->v[i].state == RESTORE_WRITTEN || items->v[i].state == RESTORE_POSSIBLE)
			v[n++] = &items->v[i];
	if (n)
		qsort(v, n, sizeof(*v), by_name);
	for (i = 0; i < n; i++)
		if ((i && are_twins(&v[i - 1], &v[i])) ||
		    (i + 1 < n && are_twins(&v[i], &v[i + 1]))) {
			if (v[i]->state == RESTORE_WRITTEN)
				remove_file(output, v[i]->name);
			item_set(v[i], RESTORE_FAILED,
				 "there are two files of that module, and one %s.btf: name one of them",
				 v[i]->name);
		}
	free(v);
}

static int relocate_files(const struct options *opt, struct items *items)
{
	struct check_base *onto = load_base(opt->base);
	struct candidate from = { .name = opt->made_for };
	struct work w = { .from = &from, .dry_run = opt->dry_run, .output = opt->output };
	char err[ERR_LEN], **paths = NULL;
	int i, ret = EXIT_TROUBLE;
	size_t n = 0;

	from.base = onto ? load_base(opt->made_for) : NULL;
	if (!from.base)
		goto out;
	from.relocator = relocator_new(from.base, onto, err, sizeof(err));
	if (!from.relocator) {
		trouble("%s and %s: %s", opt->made_for, opt->base, err);
		goto out;
	}
	ret = EXIT_DONE;
	for (i = 0; i < opt->n_args; i++) {
		size_t before = n;

		if (find_modules(opt->args[i], &paths, &n, err, sizeof(err)))
			ret = trouble("%s: %s", opt->args[i], err);
		else if (n == before)
			ret = trouble("%s: no modules there", opt->args[i]);
	}
	for (i = 0; (size_t)i < n; i++) {
		items_add(items, NULL, paths[i]);
		free(paths[i]);
	}
	free(paths);
	work_all(&w, items);
	give_up(items, opt->made_for);
	find_twins(items, opt->output);
out:
	relocator_free(from.relocator);
	check_base_free(from.base);
	check_base_free(onto);
	return ret;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "base", required_argument, NULL, 'b' },
		{ "made-for", required_argument, NULL, 'm' },
		{ "output", required_argument, NULL, 'o' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct options opt = { };
	struct items items = { };
	struct stat st;
	int c, ret;

	/* What is wrong, we say ourselves. */
	libbpf_set_print(NULL);
	while ((c = next_option(argc, argv, options)) != -1) {
		switch (c) {
		case 'n':
			opt.dry_run = true;
			break;
		case 'j':
			opt.json = true;
			break;
		case 'b':
			opt.base = optarg;
			break;
		case 'm':
			opt.made_for = optarg;
			break;
		case 'o':
			opt.output = optarg;
			break;
		case 'v':
			print_version();
			return EXIT_DONE;
		case 'h':
			usage(stdout);
			return EXIT_DONE;
		default:
			return EXIT_TROUBLE;
		}
	}
	opt.args = argv + optind;
	opt.n_args = argc - optind;
	if (!opt.base && opt.output)
		return usage_error("--output needs --base");
	if (opt.base && !opt.made_for)
		return usage_error("--base needs --made-for IMAGE");
	if (opt.base && !opt.output && !opt.dry_run)
		return usage_error("--base needs --output DIR, or --dry-run");
	if (opt.base && !opt.n_args)
		return usage_error("--base needs the modules' files, or a directory of them");
	if (opt.output && stat(opt.output, &st))
		return trouble("--output %s: %s", opt.output, strerror(errno));
	if (opt.output && !S_ISDIR(st.st_mode))
		return trouble("--output %s: %s", opt.output, strerror(ENOTDIR));
	ret = opt.base ? relocate_files(&opt, &items) : restore_loaded(&opt, &items);
	/* Whatever went wrong, what was done is said. */
	c = !ret || items.n ? report(&items, &opt) : EXIT_DONE;
	items_free(&items);
	if (!ret)
		ret = c;
	/* A full disk must not look like a result. */
	if (fflush(stdout) || ferror(stdout))
		return trouble("cannot write the output");
	return ret;
}
