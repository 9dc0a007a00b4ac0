// SPDX-License-Identifier: GPL-2.0-only
/* Which distribution it is, and the commands that end a finding there. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "distro.h"
#include "util.h"

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; *words; words += strcspn(words, " "), words += strspn(words, " "))
		if (strcspn(words, " ") == len && !strncmp(words, word, len))
			return true;
	return false;
}

static enum family family_of(const char *id, const char *like)
{
	static const struct {
		const char *id;
		enum family family;
	} known[] = {
		{ "debian", FAMILY_DEBIAN }, { "ubuntu", FAMILY_DEBIAN },
		{ "fedora", FAMILY_FEDORA }, { "rhel", FAMILY_FEDORA },
		{ "centos", FAMILY_FEDORA }, { "suse", FAMILY_SUSE },
		{ "opensuse", FAMILY_SUSE }, { "sles", FAMILY_SUSE },
		{ "arch", FAMILY_ARCH },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(id, known[i].id) || has_word(like, known[i].id))
			return known[i].family;
	return strncmp(id, "opensuse", 8) ? FAMILY_OTHER : FAMILY_SUSE;
}

/* One KEY=value or KEY="value" of os-release, for the caller to free; "" if there is none. */
static char *os_value(const char *text, const char *key)
{
	size_t len = strlen(key);
	const char *line, *end;

	for (line = text; line && *line; line = end + (*end == '\n')) {
		end = strchrnul(line, '\n');
		if (strncmp(line, key, len) || line[len] != '=')
			continue;
		line += len + 1;
		if ((*line == '"' || *line == '\'') && end > line + 1 && end[-1] == *line)
			return xasprintf("%.*s", (int)(end - line - 2), line + 1);
		return xasprintf("%.*s", (int)(end - line), line);
	}
	return xstrdup("");
}

static bool has(const struct root *root, const char *program)
{
	static const char *const dirs[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	bool found = false;

	for (size_t i = 0; !found && i < sizeof(dirs) / sizeof(*dirs); i++) {
		char *path = xasprintf("%s/%s", dirs[i], program);

		found = root_exists(root, path);
		free(path);
	}
	return found;
}

/* distro_read() - which one it is. distro_free() frees what it holds. */
void distro_read(const struct root *root, struct distro *d)
{
	char *text = root_read(root, "/etc/os-release", 64 * 1024, NULL), *like;

	if (!text)
		text = root_read(root, "/usr/lib/os-release", 64 * 1024, NULL);
	d->id = os_value(text, "ID");
	d->name = os_value(text, "PRETTY_NAME");
	like = os_value(text, "ID_LIKE");
	d->family = family_of(d->id, like);
	free(like);
	free(text);
	d->tool = has(root, "update-initramfs") ? TOOL_INITRAMFS_TOOLS :
		  has(root, "mkinitcpio")	? TOOL_MKINITCPIO :
		  has(root, "dracut")		? TOOL_DRACUT :
						  TOOL_NONE;
	d->kernel_install = has(root, "kernel-install");
}

/* distro_free() - free what distro_read() has put into it */
void distro_free(struct distro *d)
{
	free(d->id);
	free(d->name);
}

/* ramdisk_tool_name() - its name, "" for none; not to be freed */
const char *ramdisk_tool_name(enum ramdisk_tool tool)
{
	static const char *const names[] = { "", "initramfs-tools", "dracut", "mkinitcpio" };

	return names[tool];
}

void advise_reboot(const struct distro *d, struct names *out)
{
	names_add(out, d->family == FAMILY_OTHER ? "reboot" : "systemctl reboot");
}

/* advise_initramfs() - make the initramfs @path of @release anew */
void advise_initramfs(const struct distro *d, const char *release, const char *path,
		      struct names *out)
{
	switch (plain_word(path) ? d->tool : TOOL_NONE) {
	case TOOL_INITRAMFS_TOOLS:
		names_addf(out, "update-initramfs -u -k %s", release);
		break;
	case TOOL_DRACUT:
		names_addf(out, "dracut --force %s %s", path, release);
		break;
	case TOOL_MKINITCPIO:
		names_add(out, "mkinitcpio -P");
		break;
	case TOOL_NONE:
		names_addf(out, "(make %s anew, with the modules of %s)", path, release);
	}
}

/* The packages that are there for this release: each has its documents there. */
static char *debian_packages(const struct root *root, const char *release)
{
	static const char *const kinds[] = { "image",	      "image-unsigned", "binary", "modules",
					     "modules-extra", "main-modules",	"base" };
	char *list = xstrdup(""), *more;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char *file = xasprintf("/usr/share/doc/linux-%s-%s", kinds[i], release);

		if (root_exists(root, file)) {
			more = xasprintf("%s linux-%s-%s", list, kinds[i], release);
			free(list);
			list = more;
		}
		free(file);
	}
	if (!*list) {
		free(list);
		list = xasprintf(" linux-image-%s", release);
	}
	return list;
}

/* The package of Arch's kernel: a file among its modules says so. */
static char *arch_package(const struct root *root, const char *release)
{
	char *file = xasprintf("/usr/lib/modules/%s/pkgbase", release);
	char *text = root_read(root, file, 256, NULL);

	free(file);
	if (!text || !*text || text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_+.\n")]) {
		free(text);
		return xstrdup("linux");
	}
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* advise_reinstall() - install the packages of @release's kernel and modules again */
void advise_reinstall(const struct root *root, const struct distro *d, const char *release,
		      struct names *out)
{
	const char *flavour = strrchr(release, '-');
	char *packages = NULL;

	switch (d->family) {
	case FAMILY_DEBIAN:
		packages = debian_packages(root, release);
		names_addf(out, "apt install --reinstall%s", packages);
		break;
	case FAMILY_FEDORA:
		names_addf(out,
			   "dnf reinstall kernel-core-%s kernel-modules-core-%s kernel-modules-%s",
			   release, release, release);
		break;
	case FAMILY_SUSE:
		names_addf(out, "zypper install --force kernel%s", flavour ? flavour : "-default");
		break;
	case FAMILY_ARCH:
		packages = arch_package(root, release);
		names_addf(out, "pacman -S %s", packages);
		break;
	case FAMILY_OTHER:
		names_addf(out,
			   "(install the kernel %s and its modules anew, both from one package)",
			   release);
	}
	free(packages);
}

/*
 * advise_copy() - put the image @from where the boot loader starts @to
 * @from: a kernel, and no unified image: kernel-install makes nothing of one, and may remove
 *	it; NULL if there is none
 * @entry: an entry of the Boot Loader Specification starts it
 *
 * Return: whether the initramfs is made anew, too
 */
bool advise_copy(const struct distro *d, const char *release, const char *from, const char *to,
		 bool entry, bool uki, struct names *out)
{
	if (uki && d->tool == TOOL_MKINITCPIO) {
		names_add(out, "mkinitcpio -P");
	} else if ((entry || uki) && d->kernel_install && from && plain_word(from)) {
		names_addf(out, "kernel-install add %s %s", release, from);
		return true;
	} else if (!uki && from && plain_word(from) && plain_word(to)) {
		names_addf(out, "cp %s %s", from, to);
	} else {
		names_addf(out, "(make %s anew, with the kernel and the modules of %s)", to,
			   release);
	}
	return uki;
}

/* advise_headers() - install the headers of @release again */
void advise_headers(const struct root *root, const struct distro *d, const char *release,
		    struct names *out)
{
	const char *flavour = strrchr(release, '-');
	char *package;

	switch (d->family) {
	case FAMILY_DEBIAN:
		names_addf(out, "apt install --reinstall linux-headers-%s", release);
		break;
	case FAMILY_FEDORA:
		names_addf(out, "dnf reinstall kernel-devel-%s", release);
		break;
	case FAMILY_SUSE:
		names_addf(out, "zypper install --force kernel%s-devel",
			   flavour ? flavour : "-default");
		break;
	case FAMILY_ARCH:
		package = arch_package(root, release);
		names_addf(out, "pacman -S %s-headers", package);
		free(package);
		break;
	case FAMILY_OTHER:
		names_addf(out, "(install the headers of the kernel %s anew)", release);
	}
}

/*
 * advise_dkms() - build the module anew that is in a file of this name
 *
 * DKMS keeps what it has built as NAME/VERSION/RELEASE/ARCH/module/MODULE.ko, maybe packed.
 */
void advise_dkms(const struct root *root, const char *release, const char *module,
		 struct names *out)
{
	struct names dirs = {}, versions = {}, archs = {};
	const char *base = strrchr(module, '/');
	char *path;

	base = base ? base + 1 : module;
	root_list(root, "/var/lib/dkms", &dirs);
	for (size_t i = 0; i < dirs.n; i++) {
		path = xasprintf("/var/lib/dkms/%s", dirs.v[i]);
		root_list(root, path, &versions);
		free(path);
		for (size_t j = 0; j < versions.n; j++) {
			path = xasprintf("/var/lib/dkms/%s/%s/%s", dirs.v[i], versions.v[j],
					 release);
			root_list(root, path, &archs);
			free(path);
			for (size_t k = 0; k < archs.n; k++) {
				path = xasprintf("/var/lib/dkms/%s/%s/%s/%s/module/%s", dirs.v[i],
						 versions.v[j], release, archs.v[k], base);
				if (plain_word(path) && root_exists(root, path)) {
					free(path);
					path = xasprintf("dkms remove %s/%s -k %s", dirs.v[i],
							 versions.v[j], release);
					if (!names_have(out, path)) {
						names_add(out, path);
						names_addf(out, "dkms install %s/%s -k %s",
							   dirs.v[i], versions.v[j], release);
					}
				}
				free(path);
			}
			names_free(&archs);
		}
		names_free(&versions);
	}
	names_free(&dirs);
}
