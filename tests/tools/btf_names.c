// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf_names: src/btf_check.c as a command
 *
 * usage: btf_names BASE < PATHS
 *        btf_names --dump DIR < PATHS
 *        btf_names --base BASE OUT
 *
 * BASE is raw BTF, an ELF file with .BTF, or any file that holds BTF somewhere (an
 * unpacked kernel image). One line a path, which is raw split BTF: the path, "fits",
 * "names", "strings", "types" or "unknown", and 1 if anything in it has a name, else 0.
 *
 * --dump writes the .BTF section of each module to DIR/<its name>.btf; modules
 * without one, or with a .BTF.base, it names on standard output. --base writes the
 * raw BTF of BASE to OUT.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <gelf.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "btf_check.h"

static char *map_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *map;

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	*size = st.st_size;
	map = mmap(NULL, *size ? *size : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	return map;
}

static char *section(char *map, size_t size, const char *name, size_t *len)
{
	Elf *elf = elf_memory(map, size);
	Elf_Scn *scn = NULL;
	size_t shstrndx;
	GElf_Shdr shdr;
	char *ret = NULL;

	if (elf && !elf_getshdrstrndx(elf, &shstrndx)) {
		while (!ret && (scn = elf_nextscn(elf, scn)) && gelf_getshdr(scn, &shdr)) {
			const char *s = elf_strptr(elf, shstrndx, shdr.sh_name);

			if (s && !strcmp(s, name) && shdr.sh_offset + shdr.sh_size <= size) {
				ret = map + shdr.sh_offset;
				*len = shdr.sh_size;
			}
		}
	}
	elf_end(elf);
	return ret;
}

/* The strings of the BTF at @p, if it is a vmlinux's; and where that BTF ends. */
static const char *strings(const char *p, size_t left, __u32 *len, const char **end)
{
	struct btf_header hdr;

	if (left < sizeof(hdr))
		return NULL;
	memcpy(&hdr, p, sizeof(hdr));
	if (hdr.magic != BTF_MAGIC || hdr.version != BTF_VERSION || hdr.flags ||
	    hdr.hdr_len < sizeof(hdr) || hdr.hdr_len > 64 || hdr.str_len < 10000 ||
	    (size_t)hdr.hdr_len + hdr.str_off + hdr.str_len > left)
		return NULL;
	p += hdr.hdr_len + hdr.str_off;
	*len = hdr.str_len;
	*end = p + *len;
	return *p || p[*len - 1] ? NULL : p;
}

/* Of BASE: where the strings begin; and the BTF itself into @out, if that is given. */
static void read_base(const char *path, struct btf_base *base, const char *out)
{
	static const char magic[] = { (char)0x9f, (char)0xeb, 1, 0 };
	const char *strs = NULL, *p, *end;
	size_t size, len = 0;
	char *map = map_file(path, &size);
	long types;
	FILE *f;

	p = section(map, size, ".BTF", &len);
	if (p)
		strs = strings(p, len, &base->len, &end);
	else
		p = map - 1;
	while (!strs) {
		p = memmem(p + 1, map + size - p - 1, magic, sizeof(magic));
		if (!p)
			errx(1, "%s: no BTF in it", path);
		strs = strings(p, map + size - p, &base->len, &end);
	}
	if (out) {
		f = fopen(out, "w");
		if (!f || fwrite(p, 1, end - p, f) != (size_t)(end - p) || fclose(f))
			err(1, "%s", out);
	}
	types = btf_count_types(p, end - p);
	if (types < 0)
		errx(1, "%s: BTF that cannot be read", path);
	base->types = types;
	base->bits = calloc(1, btf_base_bitmap_size(base->len));
	if (!base->bits)
		err(1, NULL);
	btf_base_note_strings(base, strs, base->len);
	munmap(map, size);
}

static void check(const char *path, const struct btf_base *base)
{
	static const char * const verdicts[] = {
		[BTF_FITS] = "fits", [BTF_WRONG_NAMES] = "names",
		[BTF_WRONG_STRINGS] = "strings", [BTF_WRONG_TYPES] = "types",
		[BTF_UNJUDGED] = "unknown",
	};
	size_t size;
	char *map = map_file(path, &size);
	enum btf_verdict verdict = btf_check(map, size, base);
	/* In this one, every name goes astray, but that at 0, which is none. */
	struct btf_base nothing = { .types = base->types, .len = base->len + size };

	nothing.bits = calloc(1, btf_base_bitmap_size(nothing.len));
	if (!nothing.bits)
		err(1, NULL);
	nothing.bits[0] = 1;
	printf("%s\t%s\t%d\n", path, verdicts[verdict],
	       btf_check(map, size, &nothing) == BTF_WRONG_NAMES);
	free(nothing.bits);
	munmap(map, size ? size : 1);
}

static void dump(const char *path, const char *dir)
{
	size_t size, len = 0;
	char *map = map_file(path, &size), *btf, *out;
	const char *name = strrchr(path, '/');
	FILE *f;

	name = name ? name + 1 : path;
	btf = section(map, size, ".BTF", &len);
	if (!btf || section(map, size, ".BTF.base", &size)) {
		printf("%s\t%s\n", name, btf ? ".BTF.base" : "no .BTF");
	} else {
		if (asprintf(&out, "%s/%s.btf", dir, name) < 0)
			err(1, NULL);
		f = fopen(out, "w");
		if (!f || fwrite(btf, 1, len, f) != len || fclose(f))
			err(1, "%s", out);
		free(out);
	}
	munmap(map, size);
}

int main(int argc, char **argv)
{
	bool dumping = argc == 3 && !strcmp(argv[1], "--dump");
	struct btf_base base = { };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	elf_version(EV_CURRENT);
	if (argc == 4 && !strcmp(argv[1], "--base")) {
		read_base(argv[2], &base, argv[3]);
		return 0;
	}
	if (!dumping) {
		if (argc != 2)
			errx(2, "usage: btf_names BASE | --dump DIR | --base BASE OUT");
		read_base(argv[1], &base, NULL);
	}
	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (dumping)
			dump(line, argv[2]);
		else
			check(line, &base);
	}
	free(line);
	return 0;
}
