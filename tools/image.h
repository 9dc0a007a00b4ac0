/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel images: what a boot loader loads, and what else has the base BTF in it.
 *
 * Raw BTF (/sys/kernel/btf/vmlinux), ELF with .BTF (vmlinux; ppc64's vmlinuz), x86 bzImage,
 * arm64 and riscv64 Image, EFI zboot, s390x bzImage, ppc64 zImage, unified kernel images
 * with any of them inside, and each of these compressed as a whole (Image.gz).
 */
#ifndef TOOLS_IMAGE_H
#define TOOLS_IMAGE_H

#include <stddef.h>

#define BUILD_ID_MAX	20

/**
 * struct image - what is in a kernel image
 * @format: what it is, for people: "bzImage", "unified kernel image"...; not to be freed
 * @release: as uname -r says; NULL if it is not known (raw BTF does not say)
 * @version: as uname -v says: "#1 SMP PREEMPT_DYNAMIC Debian 7.2.12-1 (2026-09-30)"; NULL
 *	if it is not known
 * @build_id: the kernel's build ID, as in /sys/kernel/notes
 * @build_id_len: its length in bytes; 0 if it is not known
 * @btf: the base BTF, in the byte order of its kernel; NULL if the kernel has none
 * @btf_size: its size in bytes
 * @initrd: a unified kernel image's initramfs, for initramfs_walk_memory(), or NULL
 * @initrd_size: its size in bytes
 * @os_release: a unified kernel image's os-release, or NULL
 * @cmdline: a unified kernel image's command line, or NULL
 *
 * image_free() frees all of it.
 */
struct image {
	const char *format;
	char *release;
	char *version;
	unsigned char build_id[BUILD_ID_MAX];
	size_t build_id_len;
	void *btf;
	size_t btf_size;
	void *initrd;
	size_t initrd_size;
	char *os_release;
	char *cmdline;
};

/**
 * image_read() - read a kernel image
 * @path: its path
 * @img: where to; whatever was in it is overwritten, so free it before
 *
 * Unpacks the kernel: about a second for Debian's, and up to 150 MB while it runs.
 *
 * Context: any thread.
 * Return: 0; -1 with @err if it is no kernel image, or cannot be unpacked: @img is then
 * empty, and image_free() does no harm. A kernel without BTF is no error.
 */
int image_read(const char *path, struct image *img, char *err, size_t errlen);

/* The same of @size bytes in memory. They can be freed after that. */
int image_read_memory(const void *data, size_t size, struct image *img, char *err,
		      size_t errlen);

/**
 * image_peek() - what an image says without being unpacked
 *
 * As image_read(), in milliseconds, and without the BTF: @format; @release and @version,
 * if they are in a header (x86 and s390x bzImage: both; unified kernel image: the release); what
 * else a unified kernel image has. What it cannot know so is NULL or 0.
 */
int image_peek(const char *path, struct image *img, char *err, size_t errlen);

void image_free(struct image *img);

/**
 * notes_build_id() - find the build ID in ELF notes
 * @notes: the contents of /sys/kernel/notes, or of a module's sections/.note.gnu.build-id
 * @size: their size in bytes
 * @id: set to the build ID
 *
 * Either byte order.
 * Return: the build ID's length in bytes; 0 if there is none.
 */
size_t notes_build_id(const void *notes, size_t size, unsigned char id[BUILD_ID_MAX]);

#endif /* TOOLS_IMAGE_H */
