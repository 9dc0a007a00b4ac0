// SPDX-License-Identifier: GPL-2.0-only
/* btf-doctor diff: which types differ between two kernels */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf-doctor.h"
#include "check.h"
#include "util.h"

/* Of one sort of change: what is said, before it is only counted. */
#define SAID_MAX	3

struct modules {
	char **paths;
	size_t n;
};

/* The nearest way from a module to a type. */
struct nearest {
	const struct type_diff *type;
	size_t module;
	unsigned int pointers;
	char *path;
};

static void usage(void)
{
	puts("Usage: btf-doctor diff [--used-by MODULE|DIR]... OLD NEW\n"
	     "\n"
	     "Lists the types that have a name and differ between two kernels: a line each,\n"
	     "the type and how it differs, with a tab between. OLD and NEW are kernel images,\n"
	     "vmlinux files or raw BTF.\n"
	     "\n"
	     "  --used-by MODULE|DIR  only types that these modules, made for OLD, use, nearest\n"
	     "                        first; then two more fields say how many pointers are\n"
	     "                        between, and the way. May be given several times.\n"
	     "  -h, --help            this\n"
	     "\n"
	     "Exit status: 0 no type differs, 1 some do, 2 trouble.");
}

/* Changes of one sort: each of the first few, and how many more. */
static void print_sort(const struct type_diff *diff, enum change_how how, const char **sep)
{
	size_t i, n = 0, all = 0;

	for (i = 0; i < diff->n; i++)
		all += diff->changes[i].how == how;
	for (i = 0; i < diff->n && n < SAID_MAX; i++) {
		if (diff->changes[i].how != how)
			continue;
		/* One that comes in between moves all that follow. */
		if (how == CHANGE_MEMBER_MOVED && all > SAID_MAX)
			break;
		fputs(*sep, stdout);
		*sep = "; ";
		change_print(stdout, &diff->changes[i]);
		n++;
	}
	if (how == CHANGE_MEMBER_MOVED && all > SAID_MAX)
		printf("%s%zu members moved", *sep, all);
	else if (all > n)
		printf("%s%zu more like that", *sep, all - n);
	if (all)
		*sep = "; ";
}

static void print_diff(const struct type_diff *diff)
{
	static const enum change_how order[] = {
		CHANGE_MISSING, CHANGE_ADDED, CHANGE_DEFINITIONS, CHANGE_SIZE, CHANGE_TYPE,
		CHANGE_MEMBER_REMOVED, CHANGE_MEMBER_ADDED, CHANGE_MEMBER_TYPE,
		CHANGE_MEMBER_MOVED, CHANGE_MEMBER_ORDER, CHANGE_VALUE,
	};
	const char *sep = "\t";
	size_t i;

	printf("%s %s", diff->kind, diff->name);
	for (i = 0; i < sizeof(order) / sizeof(*order); i++)
		print_sort(diff, order[i], &sep);
}

static int print_all(const struct base_diff *diff)
{
	size_t n, i, missing = 0, added = 0;
	const struct type_diff *list = base_diff_list(diff, &n);

	for (i = 0; i < n; i++) {
		missing += !list[i].new_id;
		added += !list[i].old_id;
		print_diff(&list[i]);
		putchar('\n');
	}
	fprintf(stderr, "%zu named types: %zu differ, %zu missing, %zu added\n",
		base_diff_named(diff), n - missing - added, missing, added);
	return n ? EXIT_NOT : EXIT_FITS;
}

static int by_distance(const void *x, const void *y)
{
	const struct nearest *a = x, *b = y;

	if (a->pointers != b->pointers)
		return a->pointers < b->pointers ? -1 : 1;
	return a->type < b->type ? -1 : a->type > b->type;
}

/* Of each type that is used: by which module the nearest. Return: how many */
static size_t find_nearest(const struct base_diff *diff, const struct check_result *results,
			   size_t n, struct nearest **nearest)
{
	size_t n_types, i, j, used = 0;
	const struct type_diff *list = base_diff_list(diff, &n_types);
	struct nearest *all = xcalloc(n_types, sizeof(*all));

	for (i = 0; i < n; i++) {
		for (j = 0; j < results[i].n_uses; j++) {
			const struct base_use *use = &results[i].uses[j];
			struct nearest *at = &all[use->type - list];

			if (at->type && at->pointers <= use->pointers)
				continue;
			at->type = use->type;
			at->pointers = use->pointers;
			at->module = i;
		}
	}
	for (i = 0; i < n_types; i++)
		if (all[i].type)
			all[used++] = all[i];
	if (used)
		qsort(all, used, sizeof(*all), by_distance);
	*nearest = all;
	return used;
}

/* The ways from the module @which, of those types to which it is the nearest. */
static void find_paths(const struct check_base *old, const struct base_diff *diff,
		       const struct check_result *result, size_t which, struct nearest *nearest,
		       size_t n)
{
	const struct btf *split = NULL;
	struct base_use *uses;
	struct module_file m;
	struct btf *own = NULL;
	size_t i, j, n_uses;

	if (module_file_read(result->path, &m, NULL, 0))
		return;
	own = check_split(old, &m, NULL, 0);
	if (own) {
		split = own;
		n_uses = base_diff_uses(diff, &split, 1, true, &uses);
		for (i = 0; i < n; i++) {
			for (j = 0; j < n_uses && uses[j].type != nearest[i].type; j++)
				;
			if (nearest[i].module != which || j == n_uses)
				continue;
			nearest[i].path = xasprintf("%s: %s", m.name ?: result->path, uses[j].path);
			clean_text(nearest[i].path);
		}
		base_uses_free(uses, n_uses);
		btf__free(own);
	}
	module_file_free(&m);
}

static int print_used(const struct check_base *old, const struct base_diff *diff,
		      const struct modules *modules)
{
	struct check_job job = { .base = old, .made_for = old, .diff = diff,
				 .paths = modules->paths, .n = modules->n, .progress = true };
	struct check_result *results = check_files(&job);
	size_t i, j, n, n_types, compared = 0, unfit = 0;
	struct nearest *nearest;

	base_diff_list(diff, &n_types);
	for (i = 0; i < job.n; i++) {
		compared += results[i].compared;
		if (results[i].verdict == MODULE_BROKEN)
			trouble("%s: %s", results[i].path, results[i].why);
		unfit += results[i].verdict == MODULE_OTHER_BUILD ||
			 results[i].verdict == MODULE_BROKEN;
	}
	n = find_nearest(diff, results, job.n, &nearest);
	for (i = 0; i < n; i++)
		if (!nearest[i].path)
			find_paths(old, diff, &results[nearest[i].module], nearest[i].module,
				   nearest, n);
	for (i = 0; i < n; i++) {
		print_diff(nearest[i].type);
		printf("\t%u\t%s\n", nearest[i].pointers, nearest[i].path ?: "");
		free(nearest[i].path);
	}
	fprintf(stderr, "%zu modules made for the old base use %zu of %zu types that differ\n",
		compared, n, n_types);
	if (unfit)
		fprintf(stderr, "%zu modules do not fit the old base: not looked at\n", unfit);
	for (i = j = 0; i < n; i++)
		j += !nearest[i].pointers || nearest[i].pointers == 1;
	if (n)
		fprintf(stderr,
			"%zu by value or dereferenced directly, %zu through further pointers\n",
			j, n - j);
	free(nearest);
	check_results_free(results, job.n);
	if (unfit)
		return EXIT_TROUBLE;
	return n ? EXIT_NOT : EXIT_FITS;
}

static int diff_bases(const char *old_path, const char *new_path, const struct modules *used_by)
{
	struct check_base *old = load_base(old_path), *new = NULL;
	struct base_diff *diff = NULL;
	char err[ERR_LEN];
	int ret = EXIT_TROUBLE;

	if (old)
		new = load_base(new_path);
	if (new) {
		diff = base_diff_new(check_base_btf(old), check_base_btf(new), err, sizeof(err));
		if (!diff)
			trouble("%s and %s: %s", old_path, new_path, err);
	}
	if (diff)
		ret = used_by->n ? print_used(old, diff, used_by) : print_all(diff);
	base_diff_free(diff);
	check_base_free(new);
	check_base_free(old);
	return ret;
}

/* cmd_diff() - "btf-doctor diff". Return: the exit status */
int cmd_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{ "used-by", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct modules used_by = { };
	int c, ret = EXIT_FITS, found = EXIT_FITS;
	char err[ERR_LEN];
	size_t before;

	set_command("diff");
	while ((c = next_option(argc, argv, options)) != -1) {
		switch (c) {
		case 'u':
			before = used_by.n;
			if (find_modules(optarg, &used_by.paths, &used_by.n, err, sizeof(err)))
				ret = trouble("%s: %s", optarg, err);
			else if (used_by.n == before)
				ret = trouble("%s: no modules there", optarg);
			break;
		case 'h':
			usage();
			return EXIT_FITS;
		default:
			return EXIT_TROUBLE;
		}
	}
	if (argc - optind != 2)
		ret = usage_error("diff needs two kernels");
	else if (!ret || used_by.n)
		found = diff_bases(argv[optind], argv[optind + 1], &used_by);
	while (used_by.n)
		free(used_by.paths[--used_by.n]);
	free(used_by.paths);
	return ret ? ret : found;
}
