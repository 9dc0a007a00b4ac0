// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: src/btf_check.c with any bytes for a module's .BTF.
 * FUZZ_BASE_TYPES and FUZZ_BASE_LEN in the environment: how many types the base has,
 * and the length of its strings.
 */
#include <stdlib.h>
#include <string.h>

#include "btf_check.h"

static struct btf_base base;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *len = getenv("FUZZ_BASE_LEN"), *types = getenv("FUZZ_BASE_TYPES");

	(void)argc;
	(void)argv;
	base.types = types ? strtoul(types, NULL, 0) : 100;
	base.len = len ? strtoul(len, NULL, 0) : 100;
	base.bits = malloc(btf_base_bitmap_size(base.len));
	/* Most are strings, so that good seeds stay good; not all. */
	memset(base.bits, 0xfe, btf_base_bitmap_size(base.len));
	base.bits[0] |= 1;
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	enum btf_verdict first = btf_check(data, size, &base);
	long types = btf_count_types(data, size);
	unsigned char *copy;

	/* As a base's types are counted. A name that goes astray ends the check early. */
	if (types > (long)(size / 12) || (types >= 0 && first == BTF_UNJUDGED))
		abort();
	if (types < 0 && first != BTF_UNJUDGED && first != BTF_WRONG_NAMES)
		abort();

	/* The same from another alignment. */
	copy = malloc(size + 1);
	memcpy(copy + 1, data, size);
	if (btf_check(copy + 1, size, &base) != first)
		abort();
	free(copy);
	return 0;
}
