/* SPDX-License-Identifier: GPL-2.0-only */
/* Which distribution it is, and how its commands are called. */
#ifndef DISTRO_H
#define DISTRO_H

#include "root.h"

enum family { FAMILY_OTHER, FAMILY_DEBIAN, FAMILY_FEDORA, FAMILY_SUSE, FAMILY_ARCH };
enum ramdisk_tool { TOOL_NONE, TOOL_INITRAMFS_TOOLS, TOOL_DRACUT, TOOL_MKINITCPIO };

/**
 * struct distro - what its commands depend on
 * @id: ID of os-release; "" if there is none
 * @name: PRETTY_NAME
 * @kernel_install: it has kernel-install(8)
 */
struct distro {
	char *id, *name;
	enum family family;
	enum ramdisk_tool tool;
	bool kernel_install;
};

void distro_read(const struct root *root, struct distro *d);
void distro_free(struct distro *d);
const char *ramdisk_tool_name(enum ramdisk_tool tool);

/* Each adds the commands that do it to @out, as they are typed by root. */
void advise_reboot(const struct distro *d, struct names *out);
void advise_initramfs(const struct distro *d, const char *release, const char *path,
		      struct names *out);
void advise_reinstall(const struct root *root, const struct distro *d, const char *release,
		      struct names *out);
bool advise_copy(const struct distro *d, const char *release, const char *from, const char *to,
		 bool entry, bool uki, struct names *out);
void advise_headers(const struct root *root, const struct distro *d, const char *release,
		    struct names *out);
void advise_dkms(const struct root *root, const char *release, const char *module,
		 struct names *out);

#endif /* DISTRO_H */
