// SPDX-License-Identifier: GPL-2.0-only
/* ELF files in memory, by libelf. */
#include <string.h>

#include <gelf.h>

#include "elf_file.h"
#include "util.h"

bool is_elf(const void *data, size_t size)
{
	return size > SELFMAG && !memcmp(data, ELFMAG, SELFMAG);
}

/*
 * Take section @shdr for each of @sections that has no bytes yet and has that @name.
 * Return: false if it is outside of the file.
 */
static bool found(const char *data, size_t size, const GElf_Shdr *shdr, const char *name,
		  struct elf_section *sections, size_t n)
{
	size_t i;

	if (shdr->sh_type == SHT_NOBITS || shdr->sh_flags & SHF_COMPRESSED)
		return true;
	for (i = 0; i < n; i++) {
		if (sections[i].data || strcmp(sections[i].name, name))
			continue;
		if (!in_range(shdr->sh_offset, shdr->sh_size, size))
			return false;
		sections[i].data = data + shdr->sh_offset;
		sections[i].size = shdr->sh_size;
	}
	return true;
}

/* Are the section headers, which are at the end as a rule, inside the file? */
static bool is_whole(Elf *elf, size_t size)
{
	size_t shnum;
	GElf_Ehdr ehdr;

	return gelf_getehdr(elf, &ehdr) && !elf_getshdrnum(elf, &shnum) &&
	       in_range(ehdr.e_shoff, (uint64_t)ehdr.e_shnum * ehdr.e_shentsize, size) &&
	       (shnum || !ehdr.e_shoff);
}

int elf_find_sections(const void *data, size_t size, struct elf_section *sections, size_t n,
		      char *err, size_t errlen)
{
	Elf_Scn *scn = NULL;
	size_t shstrndx, i;
	GElf_Shdr shdr;
	Elf *elf;

	for (i = 0; i < n; i++) {
		sections[i].data = NULL;
		sections[i].size = 0;
	}
	if (!is_elf(data, size))
		return set_error(err, errlen, size ? "is not an ELF file" : "is empty");
	elf_version(EV_CURRENT);
	/* It only reads; its prototype is older than const. */
	elf = elf_memory((char *)data, size);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getshdrstrndx(elf, &shstrndx)) {
		set_error(err, errlen, "is a damaged ELF file: %s", elf_errmsg(-1));
		elf_end(elf);
		return -1;
	}
	if (!is_whole(elf, size)) {
		elf_end(elf);
		return set_error(err, errlen, "is an ELF file that is cut off");
	}
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name;

		if (!gelf_getshdr(scn, &shdr))
			break;
		name = elf_strptr(elf, shstrndx, shdr.sh_name);
		if (name && !found(data, size, &shdr, name, sections, n)) {
			set_error(err, errlen, "is damaged: its section %s is not in it", name);
			elf_end(elf);
			return -1;
		}
	}
	elf_end(elf);
	return 0;
}
