// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which modules fit which build of their kernel. One package brings all modules of a tree,
 * so a sample tells; where it does not agree with itself, or has a malformed one, all are
 * looked at, unless the caller is in a hurry.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "initramfs.h"
#include "machine.h"
#include "util.h"

/* How many are looked at: of those that are loaded, of the rest, of those built besides. */
#define SAMPLE_LOADED 64
#define SAMPLE_REST 96
#define SAMPLE_EXTRA 64
/* In an initramfs, whose length is not known before: the first, then one of so many. */
#define RAMDISK_FIRST 16
#define RAMDISK_STEP 16
/* Headers have a vmlinux with BTF only. A whole one is a build tree's, and takes too long. */
#define HEADERS_VMLINUX (64 << 20)

/* tally_add() - count one module; @name and @why are copied if they are kept */
void tally_add(struct tally *t, enum module_verdict verdict, const char *name, const char *why)
{
	t->count[verdict]++;
	if (verdict == MODULE_OTHER_BUILD && t->other.n < TALLY_NAMES) {
		names_add(&t->other, name);
		clean_text(t->other.v[t->other.n - 1]);
	}
	if (verdict == MODULE_BROKEN && t->broken.n < TALLY_NAMES) {
		names_addf(&t->broken, "%s: %s", name, why);
		clean_text(t->broken.v[t->broken.n - 1]);
	}
}

static void tally_clear(struct tally *t)
{
	names_free(&t->other);
	names_free(&t->broken);
	memset(t, 0, sizeof(*t));
}

/* tally_free() - free an array of @n tallies */
void tally_free(struct tally *t, size_t n)
{
	for (size_t i = 0; t && i < n; i++)
		tally_clear(&t[i]);
	free(t);
}

/* tally_judged() - how many modules the check had a word about */
size_t tally_judged(const struct tally *t)
{
	return t->count[MODULE_FITS] + t->count[MODULE_OTHER_BUILD];
}

/*
 * tally_fit() - how they fit as a whole
 *
 * Of a thousand modules of another build three fit by chance, so some that fit are no sign.
 */
enum fit tally_fit(const struct tally *t)
{
	if (!tally_judged(t))
		return FIT_UNKNOWN;
	if (!t->count[MODULE_OTHER_BUILD])
		return FIT_YES;
	return t->count[MODULE_FITS] * 10 <= t->count[MODULE_OTHER_BUILD] ? FIT_NO : FIT_PARTLY;
}

int whole_build(const struct kernel *k, const struct tally *fits)
{
	for (size_t i = 0; fits && i < k->n_builds; i++)
		if (tally_fit(&fits[i]) == FIT_YES)
			return i;
	return -1;
}

int fitting_build(const struct kernel *k, const struct tally *fits)
{
	int build = whole_build(k, fits);

	if (build >= 0)
		return build;
	/* A tree with a few foreign ones among its own is still of that build. */
	for (size_t i = 0; fits && i < k->n_builds; i++)
		if (tally_fit(&fits[i]) == FIT_PARTLY &&
		    fits[i].count[MODULE_FITS] > fits[i].count[MODULE_OTHER_BUILD])
			return i;
	return -1;
}

/* Hold the files @list (below the tree) against all builds. */
static void judge_files(struct machine *m, struct kernel *k, const struct names *list,
			struct tally *fits)
{
	char **paths = xcalloc(list->n + 1, sizeof(*paths));
	char **shown = xcalloc(list->n + 1, sizeof(*shown));
	struct check_result *results;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		shown[n] = xasprintf("%s/%s", k->tree.path, list->v[i]);
		paths[n] = root_resolve(&m->root, shown[n]);
		if (paths[n]) {
			n++;
			continue;
		}
		unread(m, shown[n], strerror(errno));
		free(shown[n]);
	}
	for (size_t b = 0; b < k->n_builds; b++) {
		struct check_job job = { .base = k->builds[b].base, .paths = paths, .n = n };

		if (!job.base || !n)
			continue;
		results = check_files(&job);
		for (size_t i = 0; i < n; i++)
			if (results[i].unread)
				unread(m, shown[i], results[i].why);
			else
				tally_add(&fits[b], results[i].verdict, strrchr(paths[i], '/') + 1,
					  results[i].why);
		check_results_free(results, n);
	}
	while (n) {
		free(paths[--n]);
		free(shown[n]);
	}
	free(paths);
	free(shown);
}

/* Is it one of the kernel's own? */
static bool is_own(const char *path)
{
	return !strncmp(path, "kernel/", 7);
}

/* Is a module of that file loaded? Its name has _ where the file's may have -. */
static bool is_loaded(const struct machine *m, const char *path)
{
	const char *base = strrchr(path, '/');
	char name[128];
	size_t len;

	base = base ? base + 1 : path;
	len = strcspn(base, ".");
	if (len >= sizeof(name))
		return false;
	for (size_t i = 0; i < len; i++)
		name[i] = base[i] == '-' ? '_' : base[i];
	name[len] = '\0';
	return names_have(&m->running.loaded, name);
}

/* Of @from at most @want, spread evenly, to @to; with none before. */
static void spread(const struct names *from, size_t want, struct names *to)
{
	size_t n = from->n < want ? from->n : want;

	for (size_t i = 0; i < n; i++)
		names_add(to, from->v[i * from->n / n]);
}

static bool disagree(const struct kernel *k, const struct tally *fits)
{
	for (size_t b = 0; b < k->n_builds; b++)
		if (tally_fit(&fits[b]) == FIT_PARTLY || fits[b].count[MODULE_BROKEN])
			return true;
	return false;
}

/* tree_judge() - fill in the tallies of k->tree */
void tree_judge(struct machine *m, struct kernel *k, const struct scope *scope)
{
	struct names loaded = {}, rest = {}, extra = {}, sample = {};
	struct tree *t = &k->tree;
	struct module_file tolerant;

	t->fits = xcalloc(k->n_builds + 1, sizeof(*t->fits));
	t->extra = xcalloc(k->n_builds + 1, sizeof(*t->extra));
	if (scope->progress)
		scope->progress(t->path);
	for (size_t i = 0; i < t->modules.n; i++) {
		const char *path = t->modules.v[i];

		names_add(!is_own(path)				? &extra :
			  k->running >= 0 && is_loaded(m, path) ? &loaded :
								  &rest,
			  path);
	}
	spread(&loaded, SAMPLE_LOADED, &sample);
	spread(&rest, SAMPLE_REST, &sample);
	judge_files(m, k, &sample, t->fits);
	t->judged = sample.n;
	if (disagree(k, t->fits) && !scope->sample) {
		for (size_t b = 0; b < k->n_builds; b++)
			tally_clear(&t->fits[b]);
		names_free(&sample);
		spread(&loaded, loaded.n, &sample);
		spread(&rest, rest.n, &sample);
		judge_files(m, k, &sample, t->fits);
		t->judged = sample.n;
	}
	names_free(&sample);
	spread(&extra, SAMPLE_EXTRA, &sample);
	judge_files(m, k, &sample, t->extra);
	t->judged += sample.n;
	names_free(&sample);
	names_free(&loaded);
	names_free(&rest);
	names_free(&extra);
	if (t->tolerant) {
		char *real = root_resolve(&m->root, t->tolerant);

		if (real && !module_file_read(real, &tolerant, NULL, 0)) {
			t->tolerant_signed = tolerant.is_signed;
			module_file_free(&tolerant);
		}
		free(real);
	}
}

/* A walk through an initramfs. */
struct walk {
	struct kernel *k;
	struct ramdisk *r;
	bool all;
};

static int judge_member(const struct initramfs_member *member, void *arg)
{
	struct walk *w = arg;
	const char *release = strstr(member->path, "lib/modules/"), *end, *base;
	char err[ERR_LEN] = "", why[ERR_LEN];
	enum module_verdict verdict;
	struct module_file mod;
	void *data;

	if (!release || !S_ISREG(member->mode) || !is_module_path(member->path))
		return 0;
	release += strlen("lib/modules/");
	end = strchrnul(release, '/');
	if (strlen(w->k->release) != (size_t)(end - release) ||
	    strncmp(release, w->k->release, end - release)) {
		if (!w->r->other_release)
			w->r->other_release = xasprintf("%.*s", (int)(end - release), release);
		return 0;
	}
	base = strrchr(member->path, '/') + 1;
	if (!strncmp(base, "btf_tolerant.ko", 15))
		w->r->has_tolerant = true;
	w->r->modules++;
	if (!w->all && w->r->modules > RAMDISK_FIRST && w->r->modules % RAMDISK_STEP)
		return 0;
	if (initramfs_read(member, MODULE_LIMIT, &data, err, sizeof(err)) ||
	    module_file_parse(data, member->size, &mod, err, sizeof(err))) {
		for (size_t b = 0; b < w->k->n_builds; b++)
			tally_add(&w->r->fits[b], MODULE_BROKEN, base, err);
		return 0;
	}
	for (size_t b = 0; b < w->k->n_builds; b++) {
		if (!w->k->builds[b].base)
			continue;
		verdict = check_module(w->k->builds[b].base, &mod, why, sizeof(why));
		tally_add(&w->r->fits[b], verdict, base, why);
	}
	module_file_free(&mod);
	return 0;
}

static void walk(struct machine *m, struct kernel *k, struct ramdisk *r, bool all)
{
	struct walk w = { .k = k, .r = r, .all = all };
	char err[ERR_LEN] = "";
	struct image img;
	int ret;

	r->modules = 0;
	if (r->in_image) {
		ret = image_peek(r->real, &img, err, sizeof(err));
		if (!ret && img.initrd)
			ret = initramfs_walk_memory(img.initrd, img.initrd_size, judge_member, &w,
						    err, sizeof(err));
		image_free(&img);
	} else {
		ret = initramfs_walk(r->real, judge_member, &w, err, sizeof(err));
	}
	r->read = !ret;
	if (ret)
		unread(m, r->path, err);
}

/* ramdisks_judge() - fill in the tallies of the initramfs of @k */
void ramdisks_judge(struct machine *m, struct kernel *k, const struct scope *scope)
{
	for (size_t i = 0; i < k->n_ramdisks; i++) {
		struct ramdisk *r = &k->ramdisks[i];

		r->fits = xcalloc(k->n_builds + 1, sizeof(*r->fits));
		if (scope->progress)
			scope->progress(r->path);
		walk(m, k, r, false);
		if (!disagree(k, r->fits) || scope->sample)
			continue;
		for (size_t b = 0; b < k->n_builds; b++)
			tally_clear(&r->fits[b]);
		walk(m, k, r, true);
	}
}

/* What the headers' own vmlinux says of struct module; 0 if it says nothing. */
static size_t headers_vmlinux(const char *real)
{
	struct check_base *base;
	struct image img;
	struct stat st;
	size_t size = 0;
	__s32 id;

	if (stat(real, &st) || !S_ISREG(st.st_mode) || st.st_size > HEADERS_VMLINUX ||
	    image_read(real, &img, NULL, 0))
		return 0;
	base = img.btf ? check_base_new(img.btf, img.btf_size, NULL, 0) : NULL;
	id = base ? btf__find_by_name_kind(check_base_btf(base), "module", BTF_KIND_STRUCT) : -1;
	if (id > 0)
		size = btf__type_by_id(check_base_btf(base), id)->size;
	if (base)
		check_base_free(base);
	image_free(&img);
	return size;
}

/*
 * headers_read() - what struct module is to who builds a module for @k
 *
 * Said by a vmlinux beside the headers, or else by what was built with them.
 */
void headers_read(struct machine *m, struct kernel *k)
{
	char *build = xasprintf("/lib/modules/%s/build", k->release), *file, *real;
	struct module_file mod;

	if (root_exists(&m->root, build))
		k->headers.path = xstrdup(build);
	file = xasprintf("%s/vmlinux", build);
	free(build);
	real = root_resolve(&m->root, file);
	if (real)
		k->headers.module_size = headers_vmlinux(real);
	free(real);
	k->headers.seen_in = k->headers.module_size ? xstrdup(file) : NULL;
	free(file);
	for (size_t i = 0; !k->headers.module_size && i < k->tree.modules.n; i++) {
		if (is_own(k->tree.modules.v[i]))
			continue;
		file = xasprintf("%s/%s", k->tree.path, k->tree.modules.v[i]);
		real = root_resolve(&m->root, file);
		if (real && !module_file_read(real, &mod, NULL, 0)) {
			k->headers.module_size = mod.this_module_size;
			k->headers.by_module = true;
			k->headers.seen_in = xstrdup(file);
			module_file_free(&mod);
		}
		free(real);
		free(file);
	}
}
