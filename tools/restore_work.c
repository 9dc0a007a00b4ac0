// SPDX-License-Identifier: GPL-2.0-only
/* Restore modules that were made for one image, with as many threads as there are CPUs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restore.h"
#include "util.h"

#define THREADS_MAX	64
/* Modules that are relocated together. A thread for less costs more than it saves. */
#define BATCH		16

struct pool {
	struct work *work;
	struct items *items;
	atomic_size_t next;
};

static const char * const words[] = {
	[RESTORE_TODO] = "no-base", [RESTORE_DONE] = "restored", [RESTORE_POSSIBLE] = "possible",
	[RESTORE_WRITTEN] = "written", [RESTORE_ALREADY] = "already", [RESTORE_GONE] = "gone",
	[RESTORE_DIFFERS] = "differs", [RESTORE_NO_BASE] = "no-base",
	[RESTORE_NO_FILE] = "no-file", [RESTORE_OTHER_FILE] = "other-file",
	[RESTORE_NO_BTF] = "no-btf", [RESTORE_OWN_BASE] = "own-base",
	[RESTORE_BROKEN] = "broken", [RESTORE_BUSY] = "busy", [RESTORE_REFUSED] = "refused",
	[RESTORE_NOT_DROPPED] = "not-dropped", [RESTORE_FAILED] = "failed",
};

/* restore_word() - the word that the output has for it; not to be freed */
const char *restore_word(enum restore_state state)
{
	return words[state];
}

/*
 * items_add() - add a module, by its name, its file, or both (copied), NULL for what is
 * not known. Return: valid until the next call
 */
struct item *items_add(struct items *items, const char *name, const char *path)
{
	struct item *item;

	items->v = xrealloc(items->v, (items->n + 1) * sizeof(*item));
	item = &items->v[items->n++];
	*item = (struct item){ .name = name ? xstrdup(name) : NULL,
			       .path = path ? xstrdup(path) : NULL };
	return item;
}

/* items_free() - free all of them */
void items_free(struct items *items)
{
	size_t i;

	for (i = 0; i < items->n; i++) {
		free(items->v[i].name);
		free(items->v[i].path);
		free(items->v[i].detail);
		free(items->v[i].made_for);
		free(items->v[i].type_name);
		free(items->v[i].type_path);
	}
	free(items->v);
	memset(items, 0, sizeof(*items));
}

void item_set(struct item *item, enum restore_state state, const char *fmt, ...)
{
	va_list args;

	item->state = state;
	free(item->detail);
	item->detail = NULL;
	if (!fmt)
		return;
	va_start(args, fmt);
	if (vasprintf(&item->detail, fmt, args) < 0)
		item->detail = NULL;
	va_end(args);
}

/* Whole or not at all: a name that is there has all of it. */
static int write_file(const char *dir, const char *name, const void *data, size_t size)
{
	char *tmp = xasprintf("%s/.%s.XXXXXX", dir, name);
	char *path = xasprintf("%s/%s.btf", dir, name);
	int fd = mkostemp(tmp, O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0) {
		err = -errno;
		goto out;
	}
	while (size && !err) {
		n = write(fd, data, size);
		if (n < 0) {
			err = -errno;
		} else {
			data = (const char *)data + n;
			size -= n;
		}
	}
	if (!err && fchmod(fd, 0644))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
out:
	free(path);
	free(tmp);
	return err;
}

static void give(struct work *w, struct item *item, const struct relocated *r)
{
	int err;

	/* It may have been unloaded, and another loaded, while this was relocated. */
	if (is_loaded_file(item->name, item->build_id, item->id_len) != 1) {
		item_set(item, RESTORE_GONE, "it is not loaded any more");
		return;
	}
	err = kernel_give(item->name, r->data, r->size);
	switch (err) {
	case 0:
		item_set(item, RESTORE_DONE, NULL);
		return;
	case -EALREADY:
		item_set(item, RESTORE_ALREADY, "it has its BTF already");
		return;
	case -ENOENT:
		item_set(item, RESTORE_GONE, "it is not loaded any more");
		return;
	case -EAGAIN:
		item_set(item, RESTORE_BUSY, "it is still in its init, or is being unloaded");
		return;
	case -EINVAL:
		item_set(item, RESTORE_REFUSED, "the kernel does not take this BTF");
		return;
	case -EPERM:
	case -EACCES:
	case -ENXIO:
	case -ENOTSUP:
		/* Nor will it from the next: said once, for all that are left. */
		atomic_store(&w->denied, -err);
		return;
	}
	item_set(item, RESTORE_FAILED, "%s", strerror(-err));
}

/* A size says little without the member that made it, nor do those that moved for that. */
static const struct change *second_change(const struct type_diff *type)
{
	size_t i;

	for (i = 1; i < type->n; i++)
		if (type->changes[i].how == CHANGE_MEMBER_REMOVED ||
		    type->changes[i].how == CHANGE_MEMBER_ADDED ||
		    type->changes[i].how == CHANGE_MEMBER_TYPE)
			return &type->changes[i];
	return type->n > 1 ? &type->changes[1] : NULL;
}

static void differs(struct item *item, struct relocated *r)
{
	const struct type_diff *type = r->use.type;
	const struct change *second = second_change(type);
	size_t size;
	char *how = NULL;
	FILE *f = open_memstream(&how, &size);

	if (f) {
		change_print(f, &type->changes[0]);
		if (second) {
			fputs(", ", f);
			change_print(f, second);
		}
		fclose(f);
	}
	item_set(item, RESTORE_DIFFERS,
		 "%s %s is not what it was made for: %s. Not only its BTF, the module itself is dangerous: take the kernel and its modules from one build",
		 type->kind, type->name, how ?: "?");
	free(how);
	item->type_kind = type->kind;
	/* The base that has it is freed before the items are printed as JSON. */
	item->type_name = xstrdup(type->name);
	item->type_path = r->use.path;
	r->use.path = NULL;
}

static void deliver(struct work *w, struct item *item, const struct relocated *r)
{
	int err;

	item->size = r->size;
	if (w->dry_run) {
		item_set(item, RESTORE_POSSIBLE, NULL);
	} else if (!w->output) {
		give(w, item, r);
	} else if (strchr(item->name, '/') || *item->name == '.') {
		item_set(item, RESTORE_BROKEN, "its name cannot be that of a file");
	} else {
		err = write_file(w->output, item->name, r->data, r->size);
		if (err)
			item_set(item, RESTORE_FAILED, "cannot write %s/%s.btf: %s", w->output,
				 item->name, strerror(-err));
		else
			item_set(item, RESTORE_WRITTEN, "%s/%s.btf", w->output, item->name);
	}
}

/* Return: false if there is nothing to relocate. */
static bool is_candidate(const struct work *w, struct item *item, const struct module_file *m)
{
	int same;

	if (m->has_base) {
		item_set(item, RESTORE_OWN_BASE,
			 "it has the base of its BTF with it, which the kernel has refused");
		return false;
	}
	if (!m->btf) {
		item_set(item, RESTORE_NO_BTF, "its file has no BTF");
		return false;
	}
	if (!w->loaded)
		return true;
	same = is_loaded_file(item->name, m->build_id, m->build_id_len);
	if (same < 0 && !is_loaded(item->name))
		item_set(item, RESTORE_GONE, "it is not loaded any more");
	else if (same < 0)
		item_set(item, RESTORE_OTHER_FILE, "it is unknown whether %s is what is loaded",
			 item->path);
	else if (!same)
		item_set(item, RESTORE_OTHER_FILE,
			 "%s is not what is loaded, it has another build ID", item->path);
	return same > 0;
}

/* By what it says of itself, else by its file's name; it becomes a part of a path. */
static void find_name(struct item *item, const struct module_file *m)
{
	const char *slash = strrchr(item->path, '/');
	char *end;

	if (item->name)
		return;
	item->name = xstrdup(m->name ?: slash ? slash + 1 : item->path);
	end = m->name ? NULL : strstr(item->name, ".ko");
	if (end)
		*end = '\0';
}

/* What has no name is shown by its path. */
static void broken(struct item *item, const char *why)
{
	if (item->name)
		item_set(item, RESTORE_BROKEN, "%s: %s", item->path, why);
	else
		item_set(item, RESTORE_BROKEN, "%s", why);
}

/* Return: false if there is nothing to relocate; else @r is to be freed. */
static bool work_begin(struct work *w, struct item *item, struct relocated *r)
{
	char err[ERR_LEN];
	struct module_file m;
	bool ret;

	if (module_file_read(item->path, &m, err, sizeof(err))) {
		broken(item, err);
		return false;
	}
	item->has_ids = m.has_ids;
	memcpy(item->build_id, m.build_id, m.build_id_len);
	item->id_len = m.build_id_len;
	find_name(item, &m);
	ret = is_candidate(w, item, &m);
	if (ret)
		relocate_begin(w->from->relocator, &m, r);
	module_file_free(&m);
	return ret;
}

static void work_end(struct work *w, struct item *item, struct relocated *r)
{
	if (r->verdict != RELOCATE_OTHER && !item->made_for)
		item->made_for = xstrdup(w->from->name);
	switch (r->verdict) {
	case RELOCATE_DONE:
		deliver(w, item, r);
		break;
	case RELOCATE_DIFFERS:
		differs(item, r);
		break;
	case RELOCATE_OTHER:
		break;
	case RELOCATE_IMPOSSIBLE:
		item_set(item, RESTORE_FAILED, "%s", r->why);
		break;
	case RELOCATE_FAILED:
		broken(item, r->why);
		break;
	}
}

static void *run(void *arg)
{
	struct pool *pool = arg;
	struct relocated r[BATCH];
	struct item *of[BATCH];
	size_t i, begin, n;

	while ((begin = atomic_fetch_add(&pool->next, BATCH)) < pool->items->n) {
		for (n = 0, i = begin; i < begin + BATCH && i < pool->items->n; i++) {
			struct item *item = &pool->items->v[i];

			if (item->state == RESTORE_TODO && item->path &&
			    work_begin(pool->work, item, &r[n]))
				of[n++] = item;
		}
		relocate_all(pool->work->from->relocator, r, n);
		for (i = 0; i < n; i++) {
			if (!atomic_load(&pool->work->denied))
				work_end(pool->work, of[i], &r[i]);
			relocated_free(&r[i]);
		}
		if (atomic_load(&pool->work->denied))
			break;
	}
	return NULL;
}

void work_all(struct work *w, struct items *items)
{
	struct pool pool = { .work = w, .items = items };
	long n = sysconf(_SC_NPROCESSORS_ONLN), i;
	pthread_t threads[THREADS_MAX];

	if (n > THREADS_MAX)
		n = THREADS_MAX;
	if (n > (long)(items->n / BATCH))
		n = items->n / BATCH;
	/* One of them is this one. */
	for (i = 0; i < n - 1; i++)
		if (pthread_create(&threads[i], NULL, run, &pool))
			break;
	run(&pool);
	while (i)
		pthread_join(threads[--i], NULL);
}

void give_up(struct items *items, const char *made_for)
{
	size_t i;

	for (i = 0; i < items->n; i++) {
		struct item *item = &items->v[i];

		if (item->state == RESTORE_TODO && made_for)
			item_set(item, RESTORE_NO_BASE, "it was not made for %s", made_for);
		else if (item->state == RESTORE_TODO)
			item_set(item, RESTORE_NO_BASE,
				 "no kernel image on this machine is what it was made for");
	}
}
