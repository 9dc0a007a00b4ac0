// SPDX-License-Identifier: GPL-2.0-only
/* The bases of the images that are on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "restore.h"
#include "util.h"

/* To believe that a tree was made for a base, ask so many of its modules. */
#define SAMPLE	16

int bases_open(struct bases *b, const char *image, char *err, size_t errlen)
{
	struct running *r = &b->machine.running;
	struct scope scope = { .root = "/" };
	struct utsname uts;
	int ret;

	memset(b, 0, sizeof(*b));
	b->image = image;
	if (!uname(&uts))
		scope.release = uts.release;
	ret = machine_read(&b->machine, &scope);
	if (ret)
		return set_error(err, errlen, "cannot look at this machine: %s", strerror(-ret));
	if (!r->btf)
		return set_error(err, errlen, "this kernel has no /sys/kernel/btf/vmlinux");
	b->onto = check_base_new(r->btf, r->btf_size, err, errlen);
	if (!b->onto)
		return -1;
	b->kernel = machine_kernel(&b->machine, r->release);
	return 0;
}

/* The next path to try; a copy of the running kernel comes last, if it says that it is one. */
static const char *next_path(struct bases *b)
{
	const struct kernel *k = b->kernel;
	const char *version = b->machine.running.version;

	if (b->image)
		return b->next++ ? NULL : b->image;
	for (; k && b->next < 2 * k->n_images; b->next++) {
		const struct disk_image *d = &k->images[b->next % k->n_images];
		bool ours = d->version && version && !strcmp(d->version, version);

		bool last = b->next >= k->n_images;

		if (ours != last)
			continue;
		b->next++;
		return d->real;
	}
	return NULL;
}

static void candidate_free(struct candidate *c)
{
	relocator_free(c->relocator);
	check_base_free(c->base);
	free(c);
}

/* Return: NULL if there is nothing in it for us; why is in @b->unread then. */
static struct candidate *read_candidate(struct bases *b, const char *path)
{
	struct candidate *c = xcalloc(1, sizeof(*c));
	const struct running *r = &b->machine.running;
	char err[ERR_LEN] = "this kernel has no BTF";
	struct image img;

	c->name = path;
	if (!image_read(path, &img, err, sizeof(err))) {
		if (img.btf && img.btf_size == r->btf_size && !memcmp(img.btf, r->btf, r->btf_size))
			set_error(err, sizeof(err), "it is what is running");
		else if (img.btf)
			c->base = check_base_new(img.btf, img.btf_size, err, sizeof(err));
		image_free(&img);
	}
	if (c->base)
		c->relocator = relocator_new(c->base, b->onto, err, sizeof(err));
	if (c->relocator)
		return c;
	names_addf(&b->unread, "%s: %s", path, err);
	candidate_free(c);
	return NULL;
}

struct candidate *bases_get(struct bases *b, size_t i)
{
	struct candidate *c;
	const char *path;

	while (i >= b->n && (path = next_path(b))) {
		c = read_candidate(b, path);
		if (!c)
			continue;
		b->v = xrealloc(b->v, (b->n + 1) * sizeof(*b->v));
		b->v[b->n++] = c;
	}
	return i < b->n ? b->v[i] : NULL;
}

/* bases_close() - free what bases_open() has put into it */
void bases_close(struct bases *b)
{
	while (b->n)
		candidate_free(b->v[--b->n]);
	free(b->v);
	check_base_free(b->onto);
	machine_free(&b->machine);
	names_free(&b->unread);
}

/* Does the module at @path fit? Count it. */
static void ask(const struct check_base *base, const char *path, size_t *fits, size_t *other)
{
	struct module_file m;

	if (module_file_read(path, &m, NULL, 0))
		return;
	switch (check_module(base, &m, NULL, 0)) {
	case MODULE_FITS:
		++*fits;
		break;
	case MODULE_OTHER_BUILD:
		++*other;
		break;
	default:
		break;
	}
	module_file_free(&m);
}

bool base_is_trees(const struct check_base *base, const struct items *items,
		   const struct tree *tree)
{
	size_t fits = 0, other = 0, i, n = tree->modules.n;

	for (i = 0; i < items->n && fits + other < SAMPLE; i++)
		if (items->v[i].state == RESTORE_TODO && items->v[i].path)
			ask(base, items->v[i].path, &fits, &other);
	/* Few: others of the tree, spread over it. */
	for (i = 0; i < SAMPLE && i < n && fits + other < SAMPLE; i++) {
		const char *module = tree->modules.v[i * n / (n < SAMPLE ? n : SAMPLE)];
		char *path = xasprintf("%s/%s", tree->path, module);

		if (!strncmp(module, "kernel/", 7))
			ask(base, path, &fits, &other);
		free(path);
	}
	return fits > other;
}
