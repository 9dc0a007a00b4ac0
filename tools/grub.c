// SPDX-License-Identifier: GPL-2.0-only
/*
 * GRUB's menu, as grub-mkconfig writes it. grub.cfg is a script; what is read of it are
 * the menu entries, the lines linux and initrd in them, and what default is set to.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootloader.h"
#include "util.h"

#define CFG_MAX		(4 * 1024 * 1024)
#define LEVELS		8
#define WORDS		32

/* A menu or an entry that is open at the line that is read. */
struct level {
	const char *title, *id;
	int index;		/* among its siblings */
	int depth;		/* of the braces when it was opened */
	int children;
};

struct parser {
	const struct root *root;
	struct bootloader *bl;
	const char *file;
	char *wanted;		/* the default entry, as a path with > */
	struct level level[LEVELS];
	int n;			/* levels that are open; level[0] is the menu itself */
	int depth;
	struct boot_entry *entry;
};

/* Cut a line into words, in place, without their quotes. Returns how many. */
static int split(char *line, char **words)
{
	char *in = line, *out, quote;
	int n = 0;

	while (n < WORDS) {
		in += strspn(in, " \t\r");
		if (!*in || *in == '#')
			break;
		words[n++] = out = in;
		for (quote = 0; *in && (quote || !isspace((unsigned char)*in)); in++) {
			if (quote ? *in == quote : (*in == '\'' || *in == '"'))
				quote = quote ? 0 : *in;
			else if (*in == '\\' && quote != '\'' && in[1])
				*out++ = *++in;
			else
				*out++ = *in;
		}
		if (*in)
			in++;
		*out = '\0';
	}
	return n;
}

/* Is the entry that is open the one that is wanted: a number, a title or an ID a level? */
static bool is_wanted(const struct parser *p)
{
	const char *want = p->wanted, *end;
	char number[16];

	if (!want)
		return false;
	for (int i = 1; i < p->n; i++, want = *end ? end + 1 : end) {
		const struct level *l = &p->level[i];
		size_t len;

		end = strchrnul(want, '>');
		len = end - want;
		snprintf(number, sizeof(number), "%d", l->index);
		if ((strlen(number) != len || strncmp(want, number, len)) &&
		    (!l->title || strlen(l->title) != len || strncmp(want, l->title, len)) &&
		    (!l->id || strlen(l->id) != len || strncmp(want, l->id, len)))
			return false;
	}
	return !*want;
}

/* menuentry TITLE ... $menuentry_id_option ID {, and submenu, which is the same */
static void open_level(struct parser *p, char **words, int n)
{
	struct level *l = &p->level[p->n];
	bool entry = !strcmp(words[0], "menuentry");

	if (p->n == LEVELS || p->entry || n < 2)
		return;
	memset(l, 0, sizeof(*l));
	l->title = words[1];
	l->index = p->level[p->n - 1].children++;
	l->depth = p->depth;
	for (int i = 2; i + 1 < n; i++)
		if (!strcmp(words[i], "$menuentry_id_option") || !strcmp(words[i], "--id"))
			l->id = words[i + 1];
	p->n++;
	if (!entry)
		return;
	p->entry = bootloader_add(p->bl, p->file);
	free(p->entry->title);
	p->entry->title = xstrdup(l->title);
	free(p->entry->id);
	p->entry->id = xstrdup(l->id ? l->id : "");
	p->entry->is_default = is_wanted(p);
}

static void close_level(struct parser *p)
{
	if (p->n < 2 || p->level[p->n - 1].depth != p->depth)
		return;
	p->n--;
	/* One that starts something else: a firmware's setup, another system's loader */
	if (p->entry && !p->entry->image)
		bootloader_drop(p->bl);
	p->entry = NULL;
}

/* The entry that was saved, by grub-set-default or as the last choice. */
static char *saved_entry(struct parser *p)
{
	static const char * const files[] = { "/boot/grub2/grubenv", "/boot/grub/grubenv" };
	char *text, *line, *save = NULL, *found = NULL;

	for (size_t i = 0; !found && i < 2; i++) {
		text = root_read(p->root, files[i], 64 * 1024, NULL);
		for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
		     line = strtok_r(NULL, "\n", &save))
			if (!strncmp(line, "saved_entry=", 12) && line[12]) {
				free(found);
				found = xstrdup(line + 12);
			}
		free(text);
	}
	return found;
}

static void set_default(struct parser *p, const char *value)
{
	/* The entry for the next boot only is no default. */
	if (strstr(value, "next_entry"))
		return;
	free(p->wanted);
	p->wanted = strstr(value, "saved_entry") ? saved_entry(p) : xstrdup(value);
	if (!p->wanted || !*p->wanted) {
		free(p->wanted);
		p->wanted = xstrdup("0");
	}
}

/* Fedora: the menu is the entries of the specification. */
static void blscfg(struct parser *p)
{
	char *saved = saved_entry(p);

	for (size_t i = 0; saved && i < p->bl->n; i++) {
		char *conf = xasprintf("%s.conf", saved);

		if (!strcmp(p->bl->v[i].id, saved) || !strcmp(p->bl->v[i].id, conf))
			p->bl->v[i].is_default = true;
		free(conf);
	}
	free(saved);
}

static void command(struct parser *p, char **words, int n)
{
	const char *w = words[0];
	char *path;

	if (!strcmp(w, "menuentry") || !strcmp(w, "submenu")) {
		open_level(p, words, n);
	} else if (!strcmp(w, "set") && n > 1 && !strncmp(words[1], "default=", 8)) {
		set_default(p, words[1] + 8);
	} else if (!strcmp(w, "blscfg")) {
		blscfg(p);
	} else if (p->entry && n > 1 && !p->entry->image &&
		   (!strcmp(w, "linux") || !strcmp(w, "linuxefi") || !strcmp(w, "linux16"))) {
		p->entry->image = boot_path(p->root, "/boot", words[1]);
	} else if (p->entry && (!strcmp(w, "initrd") || !strcmp(w, "initrdefi") ||
				!strcmp(w, "initrd16"))) {
		for (int i = 1; i < n; i++) {
			path = boot_path(p->root, "/boot", words[i]);
			names_add(&p->entry->initrd, path);
			free(path);
		}
	}
}

static void parse(struct parser *p, char *text)
{
	char *line, *next = text, *words[WORDS];
	int n;

	while ((line = strsep(&next, "\n"))) {
		n = split(line, words);
		if (!n)
			continue;
		if (!strcmp(words[0], "}")) {
			p->depth -= p->depth > 0;
			close_level(p);
			continue;
		}
		command(p, words, n);
		p->depth += !strcmp(words[n - 1], "{");
	}
	/* A file that ends within an entry */
	p->depth = p->level[p->n - 1].depth;
	close_level(p);
}

/*
 * grub_read() - add the entries of grub.cfg to those that are in @bl
 *
 * What cannot be read is in bl->unread.
 */
void grub_read(const struct root *root, struct bootloader *bl)
{
	static const char * const files[] = { "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg" };
	struct parser p;
	char *text;

	for (size_t i = 0; i < 2; i++) {
		text = root_read(root, files[i], CFG_MAX, NULL);
		if (!text && errno != ENOENT && errno != ENOTDIR) {
			names_addf(&bl->unread, "%s: %s", files[i], strerror(errno));
		}
		if (!text)
			continue;
		memset(&p, 0, sizeof(p));
		p.root = root;
		p.bl = bl;
		p.file = files[i];
		p.n = 1;
		p.wanted = xstrdup("0");
		parse(&p, text);
		free(p.wanted);
		free(text);
		return;
	}
}
