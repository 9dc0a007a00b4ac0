// SPDX-License-Identifier: GPL-2.0-only
/* Entries of the Boot Loader Specification and unified kernel images; grub.c reads GRUB's menu. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootloader.h"
#include "util.h"

#define ENTRY_MAX (64 * 1024)

/* Where the EFI system partition or XBOOTLDR is mounted, or what is used like one. */
static const char *const partitions[] = { "/efi", "/boot/efi", "/boot" };

/*
 * bootloader_add() - one more entry, to be filled in
 *
 * It is the list's, and moves with the next call. No member may stay NULL but image.
 */
struct boot_entry *bootloader_add(struct bootloader *bl, const char *source)
{
	struct boot_entry *v = xrealloc(bl->v, (bl->n + 1) * sizeof(*v));

	bl->v = v;
	v += bl->n++;
	memset(v, 0, sizeof(*v));
	v->source = xstrdup(source);
	v->id = xstrdup("");
	v->title = xstrdup("");
	v->version = xstrdup("");
	return v;
}

/* bootloader_drop() - forget the entry that was added last */
void bootloader_drop(struct bootloader *bl)
{
	struct boot_entry *e = &bl->v[--bl->n];

	free(e->source);
	free(e->id);
	free(e->title);
	free(e->version);
	free(e->image);
	names_free(&e->initrd);
}

/* bootloader_free() - free what bootloader_read() has put into it */
void bootloader_free(struct bootloader *bl)
{
	while (bl->n)
		bootloader_drop(bl);
	free(bl->v);
	bl->v = NULL;
	names_free(&bl->unread);
}

static void set(char **member, const char *value)
{
	free(*member);
	*member = xstrdup(value);
}

/*
 * boot_path() - a path as a boot loader sees it, as it is seen from the system
 * @part: where the partition is mounted that the boot loader most likely means
 *
 * A boot loader's paths begin at its partition, sometimes with the name of a btrfs
 * subvolume. Returns a path below the root, which the caller frees; if there is nothing at
 * any of those that are possible, the likeliest.
 */
char *boot_path(const struct root *root, const char *part, const char *path)
{
	const char *const at[] = { part, "/boot", "/efi", "/boot/efi", "" };
	const char *sub = *path == '/' && path[1] == '@' ? strchr(path + 1, '/') : NULL;
	const char *slash = *path == '/' ? "" : "/";
	char *p;

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		p = xasprintf("%s%s%s", at[i], slash, path);
		if (root_exists(root, p))
			return p;
		free(p);
		p = sub ? xasprintf("%s%s", at[i], sub) : NULL;
		if (p && root_exists(root, p))
			return p;
		free(p);
	}
	return xasprintf("%s%s%s", part, slash, path);
}

/* One loader/entries/NAME.conf: a key and its value a line. */
static void read_entry(const struct root *root, struct bootloader *bl, const char *part,
		       const char *name)
{
	char *file = xasprintf("%s/loader/entries/%s", part, name);
	char *text = root_read(root, file, ENTRY_MAX, NULL);
	char *line, *value, *key, *save = NULL, *word, *words;
	struct boot_entry *e;

	if (!text) {
		names_addf(&bl->unread, "%s: %s", file, strerror(errno));
		free(file);
		return;
	}
	e = bootloader_add(bl, file);
	set(&e->id, name);
	for (line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
		key = line + strspn(line, " \t");
		value = key + strcspn(key, " \t");
		if (*key == '#' || !*value)
			continue;
		*value++ = '\0';
		value += strspn(value, " \t");
		for (size_t n = strlen(value); n && isspace((unsigned char)value[n - 1]); n--)
			value[n - 1] = '\0';
		if (!strcmp(key, "title"))
			set(&e->title, value);
		else if (!strcmp(key, "version"))
			set(&e->version, value);
		else if ((!strcmp(key, "linux") || !strcmp(key, "efi") || !strcmp(key, "uki")) &&
			 !e->image)
			e->image = boot_path(root, part, value);
		else if (!strcmp(key, "initrd"))
			for (words = NULL, word = strtok_r(value, " \t", &words); word;
			     word = strtok_r(NULL, " \t", &words)) {
				/* Fedora's are followed by variables of GRUB. */
				if (*word == '$')
					continue;
				key = boot_path(root, part, word);
				names_add(&e->initrd, key);
				free(key);
			}
	}
	/* One that starts something else */
	if (!e->image)
		bootloader_drop(bl);
	free(text);
	free(file);
}

static bool ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && !strcasecmp(s + n - m, end);
}

/* The entries of one partition, and which of them is started if nobody chooses. */
static void read_partition(const struct root *root, struct bootloader *bl, const char *part)
{
	char *dir = xasprintf("%s/loader/entries", part), *efi = xasprintf("%s/EFI/Linux", part);
	struct names names = {};
	int ret;

	ret = root_list(root, dir, &names);
	for (size_t i = 0; i < names.n; i++)
		if (ends(names.v[i], ".conf"))
			read_entry(root, bl, part, names.v[i]);
	names_free(&names);
	if (!ret || ret == -ENOENT)
		ret = root_list(root, efi, &names);
	for (size_t i = 0; i < names.n; i++) {
		struct boot_entry *e;
		char *file;

		if (!ends(names.v[i], ".efi"))
			continue;
		file = xasprintf("%s/%s", efi, names.v[i]);
		e = bootloader_add(bl, file);
		e->image = file;
		e->uki = true;
		set(&e->id, names.v[i]);
	}
	names_free(&names);
	if (ret && ret != -ENOENT && ret != -ENOTDIR)
		names_addf(&bl->unread, "%s: %s", part, strerror(-ret));
	free(dir);
	free(efi);
}

/* Entries of the specification are sorted by version, the newest first. */
static bool newer(const struct boot_entry *a, const struct boot_entry *b)
{
	const char *va = *a->version ? a->version : a->id, *vb = *b->version ? b->version : b->id;

	return strverscmp(va, vb) > 0;
}

/* The default of loader.conf, a pattern for the IDs; without one the newest. */
static void choose_default(const struct root *root, struct bootloader *bl)
{
	struct boot_entry *best = NULL;
	char pattern[256] = "";

	for (size_t i = 0; i < sizeof(partitions) / sizeof(*partitions); i++) {
		char *file = xasprintf("%s/loader/loader.conf", partitions[i]);
		char *text = root_read(root, file, ENTRY_MAX, NULL), *save = NULL, *line;

		for (line = text ? strtok_r(text, "\r\n", &save) : NULL; line;
		     line = strtok_r(NULL, "\r\n", &save))
			sscanf(line, " default %255s", pattern);
		free(text);
		free(file);
	}
	for (size_t i = 0; i < bl->n; i++) {
		char *conf = xasprintf("%s.conf", pattern);

		if (*pattern && fnmatch(pattern, bl->v[i].id, FNM_CASEFOLD) &&
		    fnmatch(conf, bl->v[i].id, FNM_CASEFOLD))
			;
		else if (!best || newer(&bl->v[i], best))
			best = &bl->v[i];
		free(conf);
	}
	for (size_t i = 0; !best && i < bl->n; i++)
		if (!i || newer(&bl->v[i], best))
			best = &bl->v[i];
	if (best)
		best->is_default = true;
}

/*
 * bootloader_read() - what the boot loader of the system below @root starts
 *
 * What cannot be read is in bl->unread; the rest goes on. bootloader_free() frees it.
 */
void bootloader_read(const struct root *root, struct bootloader *bl)
{
	struct names seen = {};

	for (size_t i = 0; i < sizeof(partitions) / sizeof(*partitions); i++) {
		char *real = root_resolve(root, partitions[i]);

		/* One may be a link to another. */
		if (!real && errno != ENOENT && errno != ENOTDIR) {
			names_addf(&bl->unread, "%s: %s", partitions[i], strerror(errno));
		} else if (real && !names_have(&seen, real)) {
			names_add(&seen, real);
			read_partition(root, bl, partitions[i]);
		}
		free(real);
	}
	names_free(&seen);
	grub_read(root, bl);
	for (size_t i = 0; i < bl->n; i++)
		if (bl->v[i].is_default)
			return;
	choose_default(root, bl);
}
