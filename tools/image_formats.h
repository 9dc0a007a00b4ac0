/* SPDX-License-Identifier: GPL-2.0-only */
/* Where in a kernel image the kernel is: one function a question, for image.c. */
#ifndef TOOLS_IMAGE_FORMATS_H
#define TOOLS_IMAGE_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct payload - where the kernel is
 * @off: from the beginning of the file, in bytes
 * @len: in bytes
 * @size_follows: four of these bytes are its unpacked size, unless gzip packed it
 * @end_unknown: nothing says where it is: try, and go on with next_payload(); and something
 *	else may follow it
 * @flat: unpacked, it is what memory holds, not a file with a header
 */
struct payload {
	size_t off, len;
	bool size_follows, end_unknown, flat;
};

/**
 * find_payload() - an image that has its kernel packed: x86, EFI zboot, s390x
 * @at: set to where; the caller checks whether that is inside the file
 * @banner: set to "RELEASE (BY@HOST) #1 VERSION" inside of @data, or NULL
 *
 * Return: the format's name, or NULL if it is none of these.
 */
const char *find_payload(const void *data, size_t size, struct payload *at, const char **banner);

/* Where else it may be, if @at was wrong. Return: false if nowhere */
bool next_payload(const void *data, size_t size, struct payload *at);

/* An arm64 or riscv64 Image: the kernel as memory holds it. */
bool is_flat_image(const void *data, size_t size);

/* Find section @name of a PE file. Return: false if there is none. */
bool pe_section(const void *data, size_t size, const char *name, struct payload *at);

/* Return: how long the BTF is that begins here, header and all; 0 if it is none. */
size_t btf_length(const void *data, size_t size);

/* Find a kernel's BTF in what memory holds. Return: false if there is none. */
bool find_btf(const void *data, size_t size, size_t *off, size_t *len);

/*
 * The build ID that is nearest before @end, where the BTF begins: the linker script puts the
 * notes there. There are others farther off: the vDSO's. Return: its length, 0 for none
 */
size_t last_build_id(const void *data, size_t end, unsigned char *id);

#endif /* TOOLS_IMAGE_FORMATS_H */
