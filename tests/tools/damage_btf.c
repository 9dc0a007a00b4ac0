// SPDX-License-Identifier: GPL-2.0-only
/*
 * damage_btf: load modules whose BTF has been damaged, each in another way
 *
 * usage: damage_btf SEED FIRST COUNT KO...
 *	  damage_btf SEED FIRST COUNT -d DROPPED KO
 *
 * The latter gives KO's damaged BTF to the module in the file DROPPED, which is loaded without,
 * by way of /dev/btf_tolerant. Where the kernel takes it, that module is loaded anew.
 *
 * SEED and a number decide what is done to which module, and nothing else does: so
 * "damage_btf SEED 4711 1 KO..." repeats number 4711 of any run with these modules. One
 * line each: the number, the module, what was done, the errno of init_module (0: it
 * was loaded, and is unloaded again), and whether it had a file in /sys/kernel/btf.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct ko {
	const char *name;
	size_t size;
	char *data;
	Elf64_Shdr *btf, *btf_base;	/* in a copy that is at @data */
};

static uint64_t state;

/* splitmix64 */
static uint64_t rnd(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ull);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t n)
{
	return n ? rnd() % n : 0;
}

/* A number where bounds are likely to be, or any. */
static uint32_t nasty(uint32_t size)
{
	const uint32_t edge[] = {
		0, 1, 3, 4, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 0xffff, 0x10000,
		size - 1, size, size + 1, size - 24, size / 2,
	};
	uint32_t i = below(ARRAY_SIZE(edge) + 3);

	return i < ARRAY_SIZE(edge) ? edge[i] : rnd();
}

static Elf64_Shdr *section(char *data, const char *name)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)data;
	Elf64_Shdr *sh = (Elf64_Shdr *)(data + eh->e_shoff);
	const char *names = data + sh[eh->e_shstrndx].sh_offset;
	int i;

	for (i = 0; i < eh->e_shnum; i++)
		if (!strcmp(names + sh[i].sh_name, name))
			return sh + i;
	return NULL;
}

static void read_ko(struct ko *ko, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	ko->size = st.st_size;
	ko->data = malloc(ko->size);
	if (!ko->data || read(fd, ko->data, ko->size) != (ssize_t)ko->size)
		err(1, "%s", path);
	close(fd);
	ko->name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	ko->btf = section(ko->data, ".BTF");
	ko->btf_base = section(ko->data, ".BTF.base");
	if (!ko->btf)
		errx(1, "%s: no .BTF", path);
}

/* A type's three words, anywhere in the types: not always where one begins. */
static uint32_t *a_type(char *btf, uint32_t size)
{
	const struct btf_header *hdr = (void *)btf;
	uint32_t off = hdr->hdr_len + hdr->type_off + below(hdr->type_len) / 4 * 4;

	return (uint32_t *)(btf + (off + 12 <= size ? off : 0));
}

/* Damage the BTF of @sh in the module at @data. Return: how it is called. */
static const char *damage(char *data, Elf64_Shdr *sh)
{
	char *btf = data + sh->sh_offset;
	uint32_t size = sh->sh_size, i, n;
	struct btf_header *hdr = (void *)btf;
	uint32_t *field = &hdr->hdr_len;

	switch (below(12)) {
	case 0:
		for (n = 1 + below(8); n; n--)
			btf[below(size)] ^= 1 << below(8);
		return "bits";
	case 1:
		sh->sh_size = below(size);
		return "cut";
	case 2:
		sh->sh_size = below(40);
		return "short";
	case 3:
		field[below(5)] = nasty(size);
		return "header";
	case 4:
		if (below(2))
			hdr->magic = 0x9feb;
		i = below(5);
		field[i] = __builtin_bswap32(field[i]);
		while (i-- && below(2))
			field[i] = __builtin_bswap32(field[i]);
		return "endian";
	case 5:
		a_type(btf, size)[0] = nasty(hdr->str_len);
		return "name";
	case 6:
		a_type(btf, size)[1] = below(0x80) << 24 | below(8);
		return "kind";
	case 7:
		a_type(btf, size)[1] |= 0xffffff >> below(24);
		return "vlen";
	case 8:
		a_type(btf, size)[2] = nasty(size);
		return "reference";
	case 9:
		i = hdr->hdr_len + hdr->str_off + hdr->str_len - 1;
		if (i < size)
			btf[i] = 'x';
		return "unterminated";
	case 10:
		i = below(size);
		for (n = below(size - i); n; n--)
			btf[i++] = rnd();
		return "noise";
	default:
		/* As from another build: names or types shifted. */
		hdr->str_off += below(3);
		hdr->str_len -= below(3);
		hdr->type_len -= 4 * below(3);
		return "shift";
	}
}

/* Write @btf as that of the module @name. Return: an errno */
static int give(const char *name, const char *btf, size_t size)
{
	size_t len = strlen(name) + 1;
	char *data = malloc(len + size);
	int fd = open("/dev/btf_tolerant", O_WRONLY), error = 0;

	if (fd < 0)
		err(1, "/dev/btf_tolerant");
	memcpy(data, name, len);
	memcpy(data + len, btf, size);
	if (write(fd, data, len + size) != (ssize_t)(len + size))
		error = errno;
	close(fd);
	free(data);
	return error;
}

/* The module has BTF now: have it without again. */
static void load_anew(const char *name, const struct ko *dropped)
{
	if (syscall(SYS_delete_module, name, 0))
		err(1, "cannot unload %s", name);
	if (syscall(SYS_init_module, dropped->data, dropped->size, ""))
		err(1, "cannot load %s", name);
}

int main(int argc, char **argv)
{
	struct ko *kos, dropped = { };
	unsigned long seed, i, end;
	int n;

	if (argc < 5)
		errx(2, "usage: damage_btf SEED FIRST COUNT KO...");
	seed = strtoul(argv[1], NULL, 0);
	i = strtoul(argv[2], NULL, 0);
	end = i + strtoul(argv[3], NULL, 0);
	if (argc == 7 && !strcmp(argv[4], "-d")) {
		read_ko(&dropped, argv[5]);
		argv += 2;
		argc -= 2;
	}
	kos = calloc(argc - 4, sizeof(*kos));
	for (n = 0; n < argc - 4; n++)
		read_ko(kos + n, argv[n + 4]);

	for (; i < end; i++) {
		struct ko *ko = kos + i % n;
		char *data = malloc(ko->size), path[128], *name = strdup(ko->name);
		const char *what;
		Elf64_Shdr *sh;
		int error, published;

		state = seed * 1000003 + i;
		memcpy(data, ko->data, ko->size);
		/*
		 * Not both: Linux 7.3 itself oopses in btf_relocate() on a reference
		 * out of range, in .BTF of a module with a base of its own.
		 */
		sh = ko->btf_base ? ko->btf_base : ko->btf;
		sh = (Elf64_Shdr *)(data + ((char *)sh - ko->data));
		what = damage(data, sh);

		*strchrnul(name, '.') = '\0';
		if (dropped.data)
			error = give(name, data + sh->sh_offset, sh->sh_size);
		else
			error = syscall(SYS_init_module, data, ko->size, "") ? errno : 0;
		snprintf(path, sizeof(path), "/sys/kernel/btf/%s", name);
		published = !access(path, F_OK);
		if (dropped.data && !error)
			load_anew(name, &dropped);
		else if (!dropped.data && !error && syscall(SYS_delete_module, name, 0))
			err(1, "cannot unload %s", name);
		printf("%lu\t%s\t%s\t%d\t%d\n", i, name, what, error, published);
		fflush(stdout);
		free(data);
		free(name);
	}
	return 0;
}
