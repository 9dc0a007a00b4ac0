// SPDX-License-Identifier: GPL-2.0-only
/*
 * modload: load modules one by one and say what became of each
 *
 * usage: modload [-k] < PATHS
 *
 * One line a module: its path, the errno of finit_module (0: loaded), and what
 * is in /sys/kernel/btf for it: "same" as its .BTF section to the byte, "differs",
 * or "none". A module that was loaded is unloaded again, unless -k is given.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The data of section @name, as the file has it. */
static const char *section(Elf *elf, const char *name, size_t *len)
{
	Elf_Scn *scn = NULL;
	size_t shstrndx;
	GElf_Shdr shdr;

	if (elf_getshdrstrndx(elf, &shstrndx))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &shdr))
			return NULL;
		if (!strcmp(elf_strptr(elf, shstrndx, shdr.sh_name), name)) {
			*len = shdr.sh_size;
			return elf_rawfile(elf, NULL) + shdr.sh_offset;
		}
	}
	return NULL;
}

static const char *published(const char *name, const char *want, size_t len)
{
	char path[128];
	char *got;
	ssize_t n, all = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return "none";
	got = malloc(len + 1);
	while (got && (n = read(fd, got + all, len + 1 - all)) > 0)
		all += n;
	close(fd);
	n = want && got && (size_t)all == len && !memcmp(got, want, len);
	free(got);
	return n ? "same" : "differs";
}

/* The name that the kernel knows it by: from .modinfo, where else. */
static const char *module_name(Elf *elf)
{
	size_t len = 0;
	const char *s = section(elf, ".modinfo", &len), *end = s + len;

	for (; s && s < end; s += strnlen(s, end - s) + 1)
		if (!strncmp(s, "name=", 5))
			return s + 5;
	return NULL;
}

static void load(const char *path, bool keep)
{
	const char *btf, *name, *state = "none";
	size_t len = 0;
	struct stat st;
	void *map;
	Elf *elf;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		printf("%s\t%d\tunreadable\n", path, errno);
		return;
	}
	map = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	elf = map == MAP_FAILED ? NULL : elf_memory(map, st.st_size);
	name = elf ? module_name(elf) : NULL;
	if (!name) {
		printf("%s\t%d\tno-module\n", path, ENOEXEC);
	} else {
		if (syscall(SYS_finit_module, fd, "", 0))
			err = errno;
		if (!err) {
			btf = section(elf, ".BTF", &len);
			state = published(name, btf, len);
			if (!keep)
				syscall(SYS_delete_module, name, O_NONBLOCK);
		}
		printf("%s\t%d\t%s\n", path, err, state);
	}
	elf_end(elf);
	if (map != MAP_FAILED)
		munmap(map, st.st_size);
	close(fd);
}

int main(int argc, char **argv)
{
	bool keep = argc > 1 && !strcmp(argv[1], "-k");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	elf_version(EV_CURRENT);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		load(line, keep);
	}
	free(line);
	return 0;
}
