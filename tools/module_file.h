/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of a kernel module: NAME.ko, .ko.gz, .ko.xz or .ko.zst. */
#ifndef TOOLS_MODULE_FILE_H
#define TOOLS_MODULE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* No module of any distro comes near. Bytes, unpacked. */
#define MODULE_LIMIT	((size_t)512 << 20)

/**
 * struct module_file - what is in a module's file
 * @name: as the kernel calls it ("-" is "_"); NULL if the file does not say (before 4.13)
 * @vermagic: what modinfo -F vermagic says; NULL if there is none
 * @srcversion: the same of srcversion
 * @depends: the same of depends: names with commas between
 * @intree: it was built with the kernel
 * @is_signed: it has a signature appended; whose is not asked
 * @has_base: it has a .BTF.base section: its BTF does not depend on vmlinux's
 * @has_ids: it has a .BTF_ids section: type IDs for kfuncs, struct_ops and others, which
 *	its build has numbered
 * @btf: its split BTF, inside @data, in its own byte order; NULL if it has none
 * @btf_size: its size in bytes
 * @this_module_size: of the section .gnu.linkonce.this_module: what the headers that it was
 *	built with take struct module for. 0 if there is none.
 * @build_id: its build ID; the kernel shows it in
 *	/sys/module/NAME/notes/.note.gnu.build-id while the module is loaded
 * @build_id_len: its length in bytes; 0 if there is none
 * @data: the file, unpacked
 * @size: its size in bytes
 *
 * module_file_free() frees all of it.
 */
struct module_file {
	char *name;
	char *vermagic;
	char *srcversion;
	char *depends;
	bool intree;
	bool is_signed;
	bool has_base;
	bool has_ids;
	const void *btf;
	size_t btf_size;
	size_t this_module_size;
	unsigned char build_id[20];
	size_t build_id_len;
	void *data;
	size_t size;
};

/**
 * module_file_read() - read a module's file
 * @path: its path
 * @m: where to; whatever was in it is overwritten
 *
 * Context: any thread.
 * Return: 0; -1 with @err if it is no ELF file or cannot be unpacked: @m is then empty.
 * A module without BTF is no error.
 */
int module_file_read(const char *path, struct module_file *m, char *err, size_t errlen);

/**
 * module_file_parse() - the same of a file in memory, as in an initramfs
 * @data: the file, packed or not, from malloc(); @m owns it from now on, and it is freed if
 *	this fails
 * @size: its size in bytes
 */
int module_file_parse(void *data, size_t size, struct module_file *m, char *err,
		      size_t errlen);

void module_file_free(struct module_file *m);

/* Does @path end as a module's does? */
bool is_module_path(const char *path);

/**
 * find_modules() - the modules below a directory
 * @path: a directory; or a file, which is then the only one, whatever its name
 * @paths: the list, which grows: a path from malloc() each, in the order of their names
 * @n: how many there are
 *
 * Follows no symbolic link to a directory.
 * Return: 0, or -1 with @err; what was found before is then in the list.
 */
int find_modules(const char *path, char ***paths, size_t *n, char *err, size_t errlen);

#endif /* TOOLS_MODULE_FILE_H */
