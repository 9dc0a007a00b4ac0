// SPDX-License-Identifier: GPL-2.0-only
/* btf-restore: modules that are loaded */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libkmod.h>

#include "restore.h"
#include "util.h"

/* For so many seconds, and every so many milliseconds, what is in its init is tried again. */
#define BUSY_MAX	60
#define BUSY_PAUSE	500

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

/* Add those of the list that nobody has tried yet. Return: how many, -1 for trouble. */
static long find_new(const struct options *opt, const struct items *asked, struct items *all)
{
	size_t before = all->n;
	struct dropped *list;
	char err[ERR_LEN];
	long n = dropped_read(&list, err, sizeof(err)), i;

	/* btf_tolerant may be unloaded meanwhile. Those that have their BTF keep it. */
	if (n < 0 && errno == ENOENT && all->n)
		return 0;
	if (n < 0) {
		trouble("%s", err);
		return -1;
	}
	for (i = 0; i < n; i++) {
		struct item *want = find_item(asked, list[i].name);

		if ((opt->n_args && !want) || find_item(all, list[i].name))
			continue;
		if (!list[i].restored)
			items_add(all, list[i].name, want ? want->path : NULL);
		else if (want)
			item_set(items_add(all, list[i].name, NULL), RESTORE_ALREADY,
				 "it has its BTF already");
	}
	dropped_free(list, n);
	return all->n - before;
}

/* The kernel takes nothing, or nothing from this user. Return: the exit status */
static int denied(int err, struct items *items)
{
	enum restore_state state = RESTORE_FAILED;
	const char *why =
		"this kernel accepts only signed modules, or does not let this user load any";
	size_t i;

	if (err == ENXIO && !is_live("btf_tolerant")) {
		state = RESTORE_GONE;
		why = "btf_tolerant is not loaded any more";
	} else if (err == ENXIO) {
		return trouble("there is no /dev/btf_tolerant: is btf_tolerant an old one?");
	} else if (err == ENOTSUP) {
		return trouble("/dev/btf_tolerant: %s", strerror(EACCES));
	} else if (err == EACCES) {
		why = "a security module of this kernel (IMA, SELinux) does not let BTF be loaded";
	} else if (err != EPERM) {
		return trouble("/dev/btf_tolerant: %s", strerror(err));
	}
	for (i = 0; i < items->n; i++)
		if (items->v[i].state == RESTORE_TODO)
			item_set(&items->v[i], state, "%s", why);
	return EXIT_DONE;
}

/* Try @items against each image until none is left to try. */
static int try_images(const struct options *opt, struct bases *bases, struct items *items)
{
	struct work w = { .loaded = true, .dry_run = opt->dry_run };
	size_t i, j, left = 1;
	struct candidate *c;

	for (i = 0; left && (c = bases_get(bases, i)); i++) {
		if (!c->asked && !opt->made_for)
			c->trees = base_is_trees(c->base, items, &bases->kernel->tree);
		c->asked = true;
		w.from = c;
		if (opt->made_for || c->trees)
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

/* All in RESTORE_TODO */
static int restore_items(const struct options *opt, struct bases *bases, struct items *items)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	char err[ERR_LEN];
	size_t i, todo = 0;
	int ret;

	if (!ctx)
		return trouble("libkmod: %s", strerror(errno));
	for (i = 0; i < items->n; i++) {
		struct item *item = &items->v[i];

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
	/* Not to read images for nothing. */
	ret = opt->dry_run || bases->onto ? 0 : kernel_takes_btf();
	if (ret)
		return denied(-ret, items);
	if (!bases->onto && bases_open(bases, opt->made_for, err, sizeof(err)))
		return trouble("%s", err);
	ret = try_images(opt, bases, items);
	if (!ret)
		give_up(items, opt->made_for);
	return ret;
}

/* Those in their init are to be tried again. */
static void again(struct items *items)
{
	size_t i;

	for (i = 0; i < items->n; i++)
		if (items->v[i].state == RESTORE_BUSY)
			item_set(&items->v[i], RESTORE_TODO, NULL);
}

static bool any_busy(const struct items *items)
{
	size_t i;

	for (i = 0; i < items->n; i++)
		if (items->v[i].state == RESTORE_BUSY)
			return true;
	return false;
}

/* The clock of the day may jump while a machine boots. */
static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int restore_loaded(const struct options *opt, struct items *all)
{
	struct items asked = { };
	struct bases bases = { };
	time_t until = seconds() + BUSY_MAX;
	int ret = read_args(opt, &asked);
	size_t i;

	while (!ret) {
		long n = find_new(opt, &asked, all);

		if (n < 0)
			ret = EXIT_TROUBLE;
		if (n < 0 || (!n && (!any_busy(all) || seconds() >= until)))
			break;
		/* A module is in its init until its driver has probed: disks take their time. */
		if (!n)
			poll(NULL, 0, BUSY_PAUSE);
		again(all);
		ret = restore_items(opt, &bases, all);
	}
	for (i = 0; ret && i < all->n; i++)
		if (all->v[i].state == RESTORE_TODO)
			item_set(&all->v[i], RESTORE_FAILED, "it could not be tried");
	/* Nobody else would tell when it can be restored. */
	if (any_busy(all))
		kernel_remind();
	for (i = 0; !ret && i < asked.n; i++)
		if (!find_item(all, asked.v[i].name))
			item_set(items_add(all, asked.v[i].name, NULL), RESTORE_NOT_DROPPED,
				 "it is not in the list: it is not loaded, or btf_tolerant has not dropped its BTF");
	items_free(&asked);
	bases_close(&bases);
	return ret;
}
