/* SPDX-License-Identifier: GPL-2.0-only */
/* The files in an initramfs. */
#ifndef TOOLS_INITRAMFS_H
#define TOOLS_INITRAMFS_H

#include <stddef.h>

struct initramfs;

/**
 * struct initramfs_member - a file in an initramfs
 * @path: its path without a leading "/" or "./"; valid during the callback
 * @mode: as st_mode: type and permissions
 * @size: of its contents in bytes; for a symbolic link, of its target's name
 * @archive: for initramfs_read()
 */
struct initramfs_member {
	const char *path;
	unsigned int mode;
	size_t size;
	struct initramfs *archive;
};

/* Return: 0 to go on, anything else to end the walk, which then returns it. */
typedef int (*initramfs_fn)(const struct initramfs_member *member, void *arg);

/**
 * initramfs_read() - read the contents of the member, from inside the callback
 * @member: what the callback was given
 * @limit: refuse more bytes than that
 * @data: set to the contents, which the caller frees, with a 0 after them
 *
 * Once for a member. Whose contents are not read is skipped, which costs no memory.
 * Return: 0, or -1 with @err; the walk can go on all the same.
 */
int initramfs_read(const struct initramfs_member *member, size_t limit, void **data, char *err,
		   size_t errlen);

/**
 * initramfs_walk() - call @fn for each member of an initramfs
 * @path: the file
 * @fn: what to call, in the order of the file
 * @arg: for @fn
 *
 * An initramfs is any number of cpio archives one after the other, each compressed or not,
 * with zeros between: first those with microcode, as a rule. The kernel takes the
 * last member of those with the same path. It is unpacked as a stream: memory
 * is the packed file and a few hundred KiB.
 *
 * Return: 0; what @fn has returned, if not 0; -1 with @err if it cannot be read to its
 * end. @fn has then been called for what was before the damage.
 */
int initramfs_walk(const char *path, initramfs_fn fn, void *arg, char *err, size_t errlen);

/* The same of @size bytes in memory, as in the .initrd section of a unified kernel image. */
int initramfs_walk_memory(const void *data, size_t size, initramfs_fn fn, void *arg, char *err,
			  size_t errlen);

#endif /* TOOLS_INITRAMFS_H */
