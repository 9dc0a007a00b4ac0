// SPDX-License-Identifier: GPL-2.0-only
/* The kernel that runs, as it says of itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "machine.h"
#include "util.h"

#define TEXT_MAX (1024 * 1024)

static void read_notes(struct machine *m)
{
	unsigned char id[BUILD_ID_MAX];
	size_t size, len;
	char *notes = root_read(&m->root, "/sys/kernel/notes", TEXT_MAX, &size);

	len = notes ? notes_build_id(notes, size, id) : 0;
	free(notes);
	if (len)
		m->running.build_id = build_id_text(id, len);
}

/* The names of the modules that are loaded. */
static void read_loaded(struct machine *m)
{
	char *text = root_read(&m->root, "/proc/modules", TEXT_MAX, NULL), *save = NULL, *line;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, " ")] = '\0';
		names_add(&m->running.loaded, line);
	}
	free(text);
}

/* Modules need a signature if the kernel was told so, or is locked down. */
static void read_signatures(struct machine *m)
{
	char *text = root_read(&m->root, "/sys/module/module/parameters/sig_enforce", 64, NULL);

	if (text && *text == 'Y')
		m->running.signatures = xstrdup("module.sig_enforce is set");
	free(text);
	text = root_read(&m->root, "/sys/kernel/security/lockdown", 256, NULL);
	if (text && !strstr(text, "[none]") && strchr(text, '[') && !m->running.signatures)
		m->running.signatures = xstrdup("the kernel is locked down");
	free(text);
}

/*
 * /proc/btf_tolerant: a record a line, tabs between its fields (btf_tolerant(7)). More
 * records and fields may come with a newer one.
 */
static void read_tolerant(struct machine *m)
{
	char *text = root_read(&m->root, "/proc/btf_tolerant", 16 << 20, NULL), *save = NULL, *line;
	struct running *r = &m->running;

	r->tolerant = text;
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '\t'), *last = strrchr(line, '\t');

		if (!value || (!strncmp(line, "module\t", 7) && !strcmp(last, "\trestored")))
			continue;
		*value++ = '\0';
		value[strcspn(value, "\t")] = '\0';
		if (!strcmp(line, "policy")) {
			free(r->policy);
			r->policy = xstrdup(value);
		} else if (!strcmp(line, "dropped")) {
			r->dropped = strtol(value, NULL, 10);
		} else if (!strcmp(line, "refused")) {
			r->refused = strtol(value, NULL, 10);
		} else if (!strcmp(line, "restored")) {
			r->restored = strtol(value, NULL, 10);
		} else if (!strcmp(line, "module")) {
			names_add(&r->without_btf, value);
		}
	}
	free(text);
}

/* Which image the boot loader says that it has started: GRUB and others, not all. */
static void read_cmdline(struct machine *m)
{
	char *text = root_read(&m->root, "/proc/cmdline", 64 * 1024, NULL);
	char *image = text ? strstr(text, "BOOT_IMAGE=") : NULL;

	if (image && (image == text || image[-1] == ' ')) {
		image += strlen("BOOT_IMAGE=");
		image[strcspn(image, "\n ")] = '\0';
		/* (hd0,gpt2)/vmlinuz: GRUB's own name for the partition */
		if (*image == '(' && strchr(image, ')'))
			image = strchr(image, ')') + 1;
		if (strchr(image, '/'))
			m->running.boot_image = boot_path(&m->root, "/boot", image);
	}
	free(text);
}

/* running_read() - fill in m->running. What the kernel does not say stays NULL, or -1. */
void running_read(struct machine *m)
{
	struct running *r = &m->running;
	struct utsname uts;

	if (uname(&uts))
		return;
	r->release = xstrdup(uts.release);
	r->version = xstrdup(uts.version);
	r->dropped = -1;
	r->refused = -1;
	r->restored = -1;
	r->btf = root_read(&m->root, "/sys/kernel/btf/vmlinux", 256 << 20, &r->btf_size);
	if (!r->btf && errno != ENOENT)
		unread(m, "/sys/kernel/btf/vmlinux", strerror(errno));
	read_notes(m);
	read_loaded(m);
	read_signatures(m);
	read_tolerant(m);
	read_cmdline(m);
}

/* running_free() - free what running_read() has put into it */
void running_free(struct running *r)
{
	free(r->release);
	free(r->version);
	free(r->build_id);
	free(r->boot_image);
	free(r->btf);
	free(r->signatures);
	free(r->policy);
	names_free(&r->loaded);
	names_free(&r->without_btf);
}
