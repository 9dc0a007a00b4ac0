/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the boot loader starts: the entries of the Boot Loader Specification (systemd-boot,
 * Fedora's GRUB), unified kernel images, and the menu of grub.cfg.
 */
#ifndef BOOTLOADER_H
#define BOOTLOADER_H

#include "root.h"

/* One line of the boot menu. Paths are below the root. */
struct boot_entry {
	char *source;		/* the file that says so */
	char *id;		/* how the boot loader's settings call it; may be empty */
	char *title;		/* what the menu says; may be empty */
	char *version;		/* may be empty */
	char *image;		/* the kernel, or the unified kernel image */
	struct names initrd;
	bool uki;
	bool is_default;
};

struct bootloader {
	struct boot_entry *v;
	size_t n;
	struct names unread;	/* "FILE: why not" */
};

void bootloader_read(const struct root *root, struct bootloader *bl);
void bootloader_free(struct bootloader *bl);
struct boot_entry *bootloader_add(struct bootloader *bl, const char *source);
void bootloader_drop(struct bootloader *bl);
void grub_read(const struct root *root, struct bootloader *bl);
char *boot_path(const struct root *root, const char *part, const char *path);

#endif /* BOOTLOADER_H */
