// SPDX-License-Identifier: GPL-2.0-only
/* btf-restore: give modules that were loaded without BTF theirs, for the running kernel */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/libbpf.h>
#include <libkmod.h>

#include "restore.h"
#include "util.h"

struct options {
	bool dry_run, json;
	const char *base, *made_for, *output;
	char **args;
	int n_args;
};

static void usage(FILE *f)
{
	fputs("Usage: btf-restore [--dry-run] [--json] [--made-for IMAGE] [MODULE|FILE...]\n"
	      "       btf-restore --base BASE --made-for IMAGE --output DIR [--json] FILE|DIR...\n"
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
	      "                    BTF), and write\n"
	      "  --output DIR      DIR/NAME.btf\n"
	      "  --version         print the version\n"
	      "\n"
	      "Exit status: 0 all done, 1 some could not be restored, 2 trouble.\n", f);
}

/* Whatever is left over has no base. Print, and return the exit status. */
static int report(struct items *items, const struct options *opt, const char *base)
{
	int ret = EXIT_DONE;
	size_t i;

	for (i = 0; i < items->n; i++) {
		struct item *item = &items->v[i];

		if (item->state == RESTORE_TODO && opt->made_for)
			item_set(item, RESTORE_NO_BASE, "it was not made for %s", opt->made_for);
		else if (item->state == RESTORE_TODO)
			item_set(item, RESTORE_NO_BASE,
				 "no kernel image on this machine is what it was made for");
		if (item->state >= RESTORE_DIFFERS)
			ret = EXIT_SOME;
		if (!opt->json)
			print_item(item);
	}
	if (opt->json)
		print_json(items, base);
	return ret;
}

/* --- modules that are loaded -------------------------------------------------- */

/* The file that modprobe would take. From malloc(), or NULL. */
static char *file_of(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_module *mod;
	const char *path;
	char *ret = NULL;

	if (kmod_module_new_from_name(ctx, name, &mod) < 0)
		return NULL;
	path = kmod_module_get_path(mod);
	if (path)
		ret = xstrdup(path);
	kmod_module_unref(mod);
	return ret;
}

static struct item *find_item(const struct items *items, const char *name)
{
	size_t i;

	for (i = 0; i < items->n; i++)
		if (!strcmp(items->v[i].name, name))
			return &items->v[i];
	return NULL;
}

/* What was asked for by name, or by file: the names as the kernel has them. */
static int read_args(const struct options *opt, struct items *asked)
{
	int i, ret = EXIT_DONE;

	for (i = 0; i < opt->n_args; i++) {
		const char *arg = opt->args[i];
		struct module_file m;
		char err[ERR_LEN], *p;

		if (strchr(arg, '/') || is_module_path(arg)) {
			if (module_file_read(arg, &m, err, sizeof(err)))
				ret = trouble("%s: %s", arg, err);
			else if (!m.name)
				ret = trouble("%s: it does not say what it is called", arg);
			else
				items_add(asked, m.name, arg);
			module_file_free(&m);
			continue;
		}
		p = items_add(asked, arg, NULL)->name;
		for (; *p; p++)
			if (*p == '-')
				*p = '_';
	}
	return ret;
}

/* Those of the list that nobody has tried yet. Return: how many, -1 for trouble. */
static long find_new(const struct options *opt, const struct items *asked,
		     const struct items *tried, struct items *new)
{
	struct dropped *list;
	char err[ERR_LEN];
	long n = dropped_read(&list, err, sizeof(err)), i;

	/* btf_tolerant may be unloaded meanwhile. Those that have their BTF keep it. */
	if (n < 0 && errno == ENOENT && tried->n)
		return 0;
	if (n < 0) {
		trouble("%s", err);
		return -1;
	}
	for (i = 0; i < n; i++) {
		struct item *want = find_item(asked, list[i].name);

		if ((opt->n_args && !want) || find_item(tried, list[i].name))
			continue;
		if (!list[i].restored)
			items_add(new, list[i].name, want ? want->path : NULL);
		else if (want)
			item_set(items_add(new, list[i].name, NULL), RESTORE_ALREADY,
				 "it had been restored before");
	}
	dropped_free(list, n);
	return new->n;
}

/* The kernel takes nothing, or nothing from this user. Return: the exit status */
static int denied(int err, struct items *items)
{
	enum restore_state state = RESTORE_FAILED;
	const char *why = "this kernel takes signed modules only, or CAP_SYS_MODULE is missing";
	size_t i;

	if (err == ENXIO && !is_loaded("btf_tolerant")) {
		state = RESTORE_GONE;
		why = "btf_tolerant is not loaded any more";
	} else if (err == ENXIO) {
		return trouble("there is no /dev/btf_tolerant: is btf_tolerant an old one?");
	} else if (err != EPERM) {
		return trouble("/dev/btf_tolerant: %s", strerror(err));
	}
	for (i = 0; i < items->n; i++)
		if (items->v[i].state == RESTORE_TODO || items->v[i].state == RESTORE_FAILED)
			item_set(&items->v[i], state, "%s", why);
	return EXIT_DONE;
}

/* Try @items against each image until none is left to try. */
static int try_images(const struct options *opt, struct bases *bases, struct items *items)
{
	struct work w = { .loaded = true, .dry_run = opt->dry_run };
	size_t i, j, left = 1;

	for (i = 0; left && (w.from = bases_get(bases, i)); i++) {
		if (opt->made_for || base_is_trees(w.from->base, items, &bases->kernel->tree))
			work_all(&w, items);
		if (w.denied)
			return denied(w.denied, items);
		for (j = left = 0; j < items->n; j++)
			left += items->v[j].state == RESTORE_TODO;
	}
	/* If all went well without them, nobody needs to know. */
	for (j = 0; left && j < bases->unread.n; j++)
		trouble("%s", bases->unread.v[j]);
	names_free(&bases->unread);
	return EXIT_DONE;
}

static int restore_new(const struct options *opt, struct bases *bases, struct items *new)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	char err[ERR_LEN];
	size_t i, todo = 0;

	if (!ctx)
		return trouble("libkmod: %s", strerror(errno));
	for (i = 0; i < new->n; i++) {
		struct item *item = &new->v[i];

		if (item->state != RESTORE_TODO)
			continue;
		if (!item->path)
			item->path = file_of(ctx, item->name);
		if (!item->path)
			item_set(item, RESTORE_NO_FILE, "modprobe knows no file of that name");
		todo += item->state == RESTORE_TODO;
	}
	kmod_unref(ctx);
	if (!todo)
		return EXIT_DONE;
	if (!bases->onto && bases_open(bases, opt->made_for, err, sizeof(err)))
		return trouble("%s", err);
	return try_images(opt, bases, new);
}

static int restore_loaded(const struct options *opt)
{
	struct items asked = { }, all = { };
	struct bases bases = { };
	int ret = read_args(opt, &asked);
	size_t i;

	while (!ret) {
		struct items new = { };
		long n = find_new(opt, &asked, &all, &new);

		if (n <= 0) {
			ret = n ? EXIT_TROUBLE : EXIT_DONE;
			break;
		}
		ret = restore_new(opt, &bases, &new);
		/* They are one list from now on. */
		all.v = xrealloc(all.v, (all.n + new.n) * sizeof(*all.v));
		memcpy(all.v + all.n, new.v, new.n * sizeof(*all.v));
		all.n += new.n;
		free(new.v);
	}
	for (i = 0; !ret && i < asked.n; i++)
		if (!find_item(&all, asked.v[i].name))
			item_set(items_add(&all, asked.v[i].name, NULL), RESTORE_NOT_DROPPED,
				 "btf_tolerant has not loaded it, or it has its BTF");
	if (!ret)
		ret = report(&all, opt, "/sys/kernel/btf/vmlinux");
	items_free(&all);
	items_free(&asked);
	bases_close(&bases);
	return ret;
}

/* --- files ---------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;

	return strcmp((*x)->name ?: "", (*y)->name ?: "");
}

/* Files of one name have written one file. */
static void find_twins(struct items *items)
{
	struct item **v = xcalloc(items->n, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < items->n; i++)
		if (items->v[i].state == RESTORE_WRITTEN)
			v[n++] = &items->v[i];
	if (n)
		qsort(v, n, sizeof(*v), by_name);
	for (i = 0; i < n; i++)
		if ((i && !by_name(&v[i - 1], &v[i])) || (i + 1 < n && !by_name(&v[i], &v[i + 1])))
			item_set(v[i], RESTORE_FAILED,
				 "there are two files of that module, and one %s.btf: name one of them",
				 v[i]->name);
	free(v);
}

static int relocate_files(const struct options *opt)
{
	struct check_base *onto = load_base(opt->base);
	struct candidate from = { .name = opt->made_for };
	struct work w = { .from = &from, .dry_run = opt->dry_run, .output = opt->output };
	struct items items = { };
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
		items_add(&items, NULL, paths[i]);
		free(paths[i]);
	}
	free(paths);
	work_all(&w, &items);
	find_twins(&items);
	i = report(&items, opt, opt->base);
	if (!ret)
		ret = i;
out:
	items_free(&items);
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
	ret = opt.base ? relocate_files(&opt) : restore_loaded(&opt);
	/* A full disk must not look like a result. */
	if (fflush(stdout) || ferror(stdout))
		return trouble("cannot write the output");
	return ret;
}
