// SPDX-License-Identifier: GPL-2.0-only
/* Where kernels and their initramfs are on the disk, and which build each is. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"
#include "util.h"

/* build_id_text() - in hexadecimal, for the caller to free */
char *build_id_text(const unsigned char *id, size_t len)
{
	char *text = xcalloc(2, len + 1);

	for (size_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", id[i]);
	return text;
}

/* Open a regular file, and nothing else. NULL if that cannot be done. */
static FILE *open_regular(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *f = NULL;

	if (fd >= 0 && !fstat(fd, st) && S_ISREG(st->st_mode))
		f = fdopen(fd, "r");
	if (fd >= 0 && !f)
		close(fd);
	return f;
}

/* Have they the same bytes? Copies of one kernel are unpacked once. */
static bool same_bytes(const char *a, const char *b)
{
	static char in_a[65536], in_b[65536];
	struct stat sa, sb;
	FILE *fa = open_regular(a, &sa), *fb = open_regular(b, &sb);
	bool same = fa && fb && sa.st_size == sb.st_size && sa.st_size;
	size_t n;

	while (same) {
		n = fread(in_a, 1, sizeof(in_a), fa);
		same = n == fread(in_b, 1, sizeof(in_b), fb) && !memcmp(in_a, in_b, n);
		if (n < sizeof(in_a))
			break;
	}
	if (fa)
		fclose(fa);
	if (fb)
		fclose(fb);
	return same;
}

/* The release in a name like vmlinuz-RELEASE or modules/RELEASE/vmlinuz, to be freed. */
static char *release_of_path(const char *path)
{
	const char *base = strrchr(path, '/'), *dash, *dir;
	char *name;

	base = base ? base + 1 : path;
	dash = strchr(base, '-');
	if (dash && dash[1] >= '0' && dash[1] <= '9')
		return xstrdup(dash + 1);
	for (dir = base - 1; dir > path && dir[-1] != '/'; dir--)
		;
	name = base > path ? xasprintf("%.*s", (int)(base - 1 - dir), dir) : xstrdup("");
	if (*name >= '0' && *name <= '9')
		return name;
	free(name);
	return NULL;
}

static void add_also(struct disk_image *d, const char *path)
{
	if (strcmp(d->path, path) && !names_have(&d->also, path))
		names_add(&d->also, path);
}

/*
 * Add the image at @path to its kernel. What is there already, under another name, a link or
 * a copy, is not added again.
 */
static struct disk_image *add_image(struct machine *m, const char *path, const char *hint,
				    const struct scope *scope)
{
	char *real = root_resolve(&m->root, path), *release, err[ERR_LEN];
	struct disk_image *d = NULL;
	struct kernel *k = NULL;
	struct image img;

	if (!real) {
		if (errno != ENOENT && errno != ENOTDIR)
			unread(m, path, strerror(errno));
		return NULL;
	}
	/* Where it does not say in a header, its name has to do until it is unpacked. */
	if (image_peek(real, &img, err, sizeof(err))) {
		unread(m, path, err);
		memset(&img, 0, sizeof(img));
	}
	release = img.release ? xstrdup(img.release) : hint ? xstrdup(hint) : release_of_path(path);
	if (release && (!scope->release || !strcmp(scope->release, release)))
		k = machine_kernel(m, release);
	for (size_t i = 0; k && i < k->n_images; i++) {
		if (!strcmp(k->images[i].real, real) || same_bytes(k->images[i].real, real)) {
			d = &k->images[i];
			add_also(d, path);
			free(release);
			free(real);
			goto out;
		}
	}
	if (!k) {
		free(release);
		free(real);
		goto out;
	}
	k->images = xrealloc(k->images, (k->n_images + 1) * sizeof(*d));
	d = &k->images[k->n_images++];
	memset(d, 0, sizeof(*d));
	d->path = xstrdup(path);
	d->real = real;
	d->release = release;
	d->version = img.version ? xstrdup(img.version) : NULL;
	d->build = -1;
out:
	image_free(&img);
	return d;
}

static void add_ramdisk(struct machine *m, struct kernel *k, const struct disk_image *d,
			const char *path, bool in_image)
{
	char *real = root_resolve(&m->root, path);
	struct ramdisk *r;

	if (!real) {
		unread(m, path, strerror(errno));
		return;
	}
	for (size_t i = 0; i < k->n_ramdisks; i++)
		if (!strcmp(k->ramdisks[i].real, real) &&
		    k->ramdisks[i].image == (size_t)(d - k->images)) {
			free(real);
			return;
		}
	k->ramdisks = xrealloc(k->ramdisks, (k->n_ramdisks + 1) * sizeof(*r));
	r = &k->ramdisks[k->n_ramdisks++];
	memset(r, 0, sizeof(*r));
	r->path = xstrdup(path);
	r->real = real;
	r->image = d - k->images;
	r->in_image = in_image;
}

/* The kernel that an image was added to. */
static struct kernel *owner(struct machine *m, const struct disk_image *d)
{
	for (size_t i = 0; i < m->n_kernels; i++)
		if (d >= m->kernels[i].images && d < m->kernels[i].images + m->kernels[i].n_images)
			return &m->kernels[i];
	return NULL;
}

/* Images that no menu names have their initramfs by name: how each distribution calls it. */
static void guess_ramdisk(struct machine *m, struct kernel *k, struct disk_image *d)
{
	const char *dash = strchr(strrchr(d->path, '/'), '-');
	const char *suffix = dash ? dash + 1 : k->release;
	static const char *const at[] = { "/boot/initrd.img-%s", "/boot/initramfs-%s.img",
					  "/boot/initrd-%s", "/boot/initrd-%s.img" };

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		const char *rest = strstr(at[i], "%s");
		char *path = xasprintf("%.*s%s%s", (int)(rest - at[i]), at[i], suffix, rest + 2);
		bool there = root_exists(&m->root, path);

		if (there)
			add_ramdisk(m, k, d, path, false);
		free(path);
		if (there)
			return;
	}
}

/* What an entry starts is not there, or --kernel leaves it out. */
static void missing(struct machine *m, const struct boot_entry *e, const struct scope *scope)
{
	if (root_exists(&m->root, e->image))
		m->next_left_out |= scope->release && e->is_default;
	else if (!scope->release)
		unread(m, e->image, "the boot menu has it, but it is not there");
}

static bool is_image_name(const char *name)
{
	static const char *const begin[] = { "vmlinuz-", "vmlinux-", "Image-", "bzImage-",
					     "kernel-" };

	for (size_t i = 0; i < sizeof(begin) / sizeof(*begin); i++)
		if (!strncmp(name, begin[i], strlen(begin[i])))
			return true;
	return false;
}

/*
 * images_find() - find the kernels' images and what goes with them
 *
 * First those of the boot menu, then those in /boot and beside the modules, then the one
 * that was booted.
 */
void images_find(struct machine *m, const struct scope *scope)
{
	struct names names = {};
	struct disk_image *d;
	char *path;

	for (size_t i = 0; i < m->boot.n; i++) {
		const struct boot_entry *e = &m->boot.v[i];
		const char *hint = *e->version >= '0' && *e->version <= '9' ? e->version : NULL;
		struct kernel *k;

		d = add_image(m, e->image, hint, scope);
		if (!d) {
			missing(m, e, scope);
			continue;
		}
		k = owner(m, d);
		d->entry = true;
		d->is_default |= e->is_default;
		d->uki |= e->uki;
		d->bls |= !!strstr(e->source, "/loader/entries/");
		if (e->uki)
			add_ramdisk(m, k, d, e->image, true);
		for (size_t j = 0; j < e->initrd.n; j++)
			add_ramdisk(m, k, d, e->initrd.v[j], false);
	}
	root_list(&m->root, "/boot", &names);
	for (size_t i = 0; i < names.n; i++) {
		if (!is_image_name(names.v[i]))
			continue;
		path = xasprintf("/boot/%s", names.v[i]);
		d = add_image(m, path, NULL, scope);
		if (d && !d->entry)
			guess_ramdisk(m, owner(m, d), d);
		free(path);
	}
	names_free(&names);
	for (size_t i = 0; i < m->n_kernels; i++) {
		if (!m->kernels[i].tree.path)
			continue;
		path = xasprintf("%s/vmlinuz", m->kernels[i].tree.path);
		add_image(m, path, m->kernels[i].release, scope);
		free(path);
	}
	d = m->running.boot_image ? add_image(m, m->running.boot_image, NULL, scope) : NULL;
	if (d)
		d->booted = true;
}

/*
 * kernel_build() - which build of the kernel @k is an image of?
 * @img: the image. Its BTF is taken out of it.
 * @name: where it was found, for people
 *
 * Returns the index in k->builds, where it is added if it is new.
 */
int kernel_build(struct kernel *k, struct image *img, const char *name)
{
	struct build *b;
	char err[ERR_LEN];
	__s32 id;

	for (size_t i = 0; i < k->n_builds; i++) {
		b = &k->builds[i];
		if (b->btf_size == img->btf_size && !b->btf == !img->btf &&
		    (!b->btf || !memcmp(b->btf, img->btf, b->btf_size))) {
			names_add(&b->names, name);
			return i;
		}
	}
	k->builds = xrealloc(k->builds, (k->n_builds + 1) * sizeof(*b));
	b = &k->builds[k->n_builds];
	memset(b, 0, sizeof(*b));
	names_add(&b->names, name);
	b->release = xstrdup(k->release);
	b->version = img->version ? xstrdup(img->version) : NULL;
	b->build_id = img->build_id_len ? build_id_text(img->build_id, img->build_id_len) : NULL;
	b->btf = img->btf;
	b->btf_size = img->btf_size;
	img->btf = NULL;
	if (b->btf)
		b->base = check_base_new(b->btf, b->btf_size, err, sizeof(err));
	if (b->btf && !b->base)
		b->broken = xstrdup(err);
	id = b->base ? btf__find_by_name_kind(check_base_btf(b->base), "module", BTF_KIND_STRUCT) :
		       -1;
	if (id > 0)
		b->module_size = btf__type_by_id(check_base_btf(b->base), id)->size;
	return k->n_builds++;
}

/* kernel_images_read() - unpack the images of @k, and tell which builds they are of */
void kernel_images_read(struct machine *m, struct kernel *k, const struct scope *scope)
{
	char err[ERR_LEN];
	struct image img;

	for (size_t i = 0; i < k->n_images; i++) {
		struct disk_image *d = &k->images[i];

		if (scope->progress)
			scope->progress(d->path);
		if (image_read(d->real, &img, err, sizeof(err))) {
			d->error = xstrdup(err);
			unread(m, d->path, err);
			continue;
		}
		if (!d->version && img.version)
			d->version = xstrdup(img.version);
		if (img.release && strcmp(img.release, d->release)) {
			free(d->release);
			d->release = xstrdup(img.release);
		}
		d->build = kernel_build(k, &img, d->path);
		image_free(&img);
	}
}
