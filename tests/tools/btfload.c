// SPDX-License-Identifier: GPL-2.0-only
/*
 * btfload: ask the running kernel what it makes of some split BTF
 *
 * usage: btfload CARRIER < PATHS
 *
 * CARRIER is a module of this kernel that has BTF and needs no hardware. For each
 * PATH it is loaded with that file as its .BTF section. One line each: the path, the
 * errno of init_module (0: loaded), and "kept" or "none": whether the kernel has
 * published BTF for it.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The file, with @room bytes behind it. */
static char *read_file(const char *path, size_t *size, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	*size = st.st_size;
	data = malloc(*size + room + 1);
	if (!data || read(fd, data, *size) != (ssize_t)*size)
		err(1, "%s", path);
	close(fd);
	return data;
}

static Elf64_Shdr *section(char *data, const char *name)
{
	Elf64_Ehdr *eh = (void *)data;
	Elf64_Shdr *sh = (void *)(data + eh->e_shoff);
	const char *names = data + sh[eh->e_shstrndx].sh_offset;
	unsigned int i;

	for (i = 1; i < eh->e_shnum; i++)
		if (!strcmp(names + sh[i].sh_name, name))
			return &sh[i];
	errx(1, "the carrier has no %s", name);
}

static const char *module_name(char *data)
{
	Elf64_Shdr *info = section(data, ".modinfo");
	const char *s = data + info->sh_offset, *end = s + info->sh_size;

	for (; s < end; s += strlen(s) + 1)
		if (!strncmp(s, "name=", 5))
			return s + 5;
	errx(1, "the carrier has no name");
}

int main(int argc, char **argv)
{
	const size_t room = 64 << 20;
	char *carrier, *line = NULL, *path;
	size_t size, cap = 0, len;
	const char *name;
	Elf64_Shdr *sh;
	ssize_t n;

	if (argc != 2)
		errx(2, "usage: btfload CARRIER");
	carrier = read_file(argv[1], &size, room);
	size = (size + 7) & ~7UL;
	name = module_name(carrier);
	sh = section(carrier, ".BTF");
	if (asprintf(&path, "/sys/kernel/btf/%s", name) < 0)
		err(1, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		int error = 0;
		char *btf;

		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		btf = read_file(line, &len, 0);
		if (len > room)
			errx(1, "%s is too large", line);
		memcpy(carrier + size, btf, len);
		free(btf);
		sh->sh_offset = size;
		sh->sh_size = len;
		if (syscall(SYS_init_module, carrier, size + len, ""))
			error = errno;
		printf("%s\t%d\t%s\n", line, error, access(path, F_OK) ? "none" : "kept");
		if (!error && syscall(SYS_delete_module, name, O_NONBLOCK))
			err(1, "unloading %s", name);
	}
	free(line);
	return 0;
}
