/* SPDX-License-Identifier: GPL-2.0-only */
/* ELF files in memory: 32 and 64 bits, either byte order. The bytes may be damaged. */
#ifndef TOOLS_ELF_FILE_H
#define TOOLS_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct elf_section - a section to look for
 * @name: its name, set by the caller
 * @data: set to its bytes, inside the file's; NULL if the file has no such section
 * @size: their number
 */
struct elf_section {
	const char *name;
	const void *data;
	size_t size;
};

/* Does @data begin as an ELF file does? */
bool is_elf(const void *data, size_t size);

/**
 * elf_find_sections() - look for sections by name, all in one pass
 * @data: the file
 * @size: its size in bytes
 * @sections: what to look for
 * @n: how many
 *
 * Of several sections with one name the first counts. A section that has no bytes in the
 * file (NOBITS) or is compressed counts as not there.
 *
 * Context: any thread.
 * Return: 0, or -1 with @err if it is not an ELF file, or a damaged one.
 */
int elf_find_sections(const void *data, size_t size, struct elf_section *sections, size_t n,
		      char *err, size_t errlen);

#endif /* TOOLS_ELF_FILE_H */
