// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: what the tools read, with any bytes. FUZZ_WHAT in the environment says what
 * they are: image, module, initramfs, or btf, which is a base and a module's BTF, or two bases.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "check.h"
#include "image.h"
#include "initramfs.h"
#include "module_file.h"
#include "util.h"

static char err[ERR_LEN];
static enum { IMAGE, MODULE, INITRAMFS, BTF } what;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char * const names[] = { "image", "module", "initramfs", "btf" };
	const char *name = getenv("FUZZ_WHAT") ?: "image";
	unsigned int i;

	(void)argc;
	(void)argv;
	libbpf_set_print(NULL);
	for (i = 0; i < 4; i++)
		if (!strcmp(name, names[i]))
			what = i;
	return 0;
}

/* A copy from malloc(), so that ASan sees what is read behind its end. */
static void *copy(const void *data, size_t size)
{
	return memcpy(malloc(size + !size), data, size);
}

static void fuzz_image(const void *data, size_t size)
{
	void *own = copy(data, size);
	struct image img;

	if (!image_read_memory(own, size, &img, err, sizeof(err))) {
		if (!img.format || img.build_id_len > BUILD_ID_MAX)
			abort();
		image_free(&img);
	} else if (img.btf || !*err) {
		abort();
	}
	free(own);
}

static void fuzz_module(const void *data, size_t size)
{
	struct module_file m;

	if (module_file_parse(copy(data, size), size, &m, err, sizeof(err)))
		return;
	if (m.btf && !in_range((char *)m.btf - (char *)m.data, m.btf_size, m.size))
		abort();
	module_file_free(&m);
}

static int member(const struct initramfs_member *m, void *arg)
{
	size_t *n = arg;
	void *data;

	if (strlen(m->path) > 4096)
		abort();
	/* Every other one is skipped. */
	if (++*n & 1 && !initramfs_read(m, 1 << 20, &data, err, sizeof(err)))
		free(data);
	return *n > 1000;
}

static void fuzz_initramfs(const void *data, size_t size)
{
	void *own = copy(data, size);
	size_t n = 0;

	initramfs_walk_memory(own, size, member, &n, err, sizeof(err));
	free(own);
}

static void fuzz_uses(const struct base_diff *diff, const struct btf *split)
{
	struct base_use *uses, first;
	size_t n;

	n = base_diff_uses(diff, &split, 1, true, &uses);
	/* Whatever is used is a difference, and the other way round. */
	if (base_diff_same(diff, split, &first) && n)
		abort();
	if (n && (!first.type || first.pointers != uses[0].pointers))
		abort();
	free(first.path);
	base_uses_free(uses, n);
}

/* @data: the length of the first, then both */
static void fuzz_btf(const unsigned char *data, size_t size)
{
	struct check_base *old, *new;
	struct module_file m = { };
	struct base_diff *diff;
	struct btf *split;
	size_t first;
	char why[64];

	if (size < 4)
		return;
	first = get_le32(data);
	data += 4;
	size -= 4;
	if (first > size)
		return;
	old = check_base_new(data, first, err, sizeof(err));
	if (!old)
		return;
	m.btf = copy(data + first, size - first);
	m.btf_size = size - first;
	check_module(old, &m, why, sizeof(why));
	split = check_split(old, &m, err, sizeof(err));
	new = check_base_new(m.btf, m.btf_size, err, sizeof(err));
	diff = base_diff_new(check_base_btf(old), check_base_btf(new ?: old), err, sizeof(err));
	if (diff) {
		const struct type_diff *list;
		size_t i, j, n, functions;
		FILE *null = fopen("/dev/null", "w");

		list = base_diff_list(diff, &n);
		for (i = 0; i < n; i++)
			for (j = 0; j < list[i].n; j++)
				change_print(null, &list[i].changes[j]);
		fclose(null);
		if (base_diff_functions(diff, &functions) > functions)
			abort();
		/* Nothing differs from itself. */
		if (n && !new)
			abort();
		if (split)
			fuzz_uses(diff, split);
	}
	base_diff_free(diff);
	btf__free(split);
	check_base_free(new);
	check_base_free(old);
	free((void *)m.btf);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	err[0] = '\0';
	switch (what) {
	case IMAGE:
		fuzz_image(data, size);
		break;
	case MODULE:
		fuzz_module(data, size);
		break;
	case INITRAMFS:
		fuzz_initramfs(data, size);
		break;
	case BTF:
		fuzz_btf(data, size);
		break;
	}
	return 0;
}
