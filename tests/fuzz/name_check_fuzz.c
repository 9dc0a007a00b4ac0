// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: src/name_check.c with any bytes for a module's .BTF.
 * FUZZ_BASE_TYPES and FUZZ_BASE_LEN in the environment: how many types the base has,
 * and the length of its strings.
 */
#include <stdlib.h>
#include <string.h>

#include "name_check.h"

static struct name_starts base;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *len = getenv("FUZZ_BASE_LEN"), *types = getenv("FUZZ_BASE_TYPES");

	(void)argc;
	(void)argv;
	base.types = types ? strtoul(types, NULL, 0) : 100;
	base.len = len ? strtoul(len, NULL, 0) : 100;
	base.bits = malloc(name_starts_size(base.len));
	/* Most are strings, so that good seeds stay good; not all. */
	memset(base.bits, 0xfe, name_starts_size(base.len));
	base.bits[0] = 0xff;
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct name_starts none;
	struct name_counts counts, again;
	enum name_verdict verdict, first = name_check(data, size, &base, &counts);
	int unknown = first == NAMES_UNKNOWN, astray = first == NAMES_ASTRAY;
	unsigned char *copy;

	if (counts.astray + counts.own > counts.names || counts.names > size / 8 ||
	    counts.types > size / 12)
		abort();
	if (!unknown && astray != !!counts.astray)
		abort();

	/* As the base is counted: the same types, no names */
	verdict = name_check(data, size, &none, &again);
	unknown ^= verdict == NAMES_UNKNOWN;
	if (unknown || again.names || again.types != counts.types)
		abort();

	/* The same from another alignment. */
	copy = malloc(size + 1);
	memcpy(copy + 1, data, size);
	if (name_check(copy + 1, size, &base, &again) != first ||
	    memcmp(&counts, &again, sizeof(counts)))
		abort();
	free(copy);
	return 0;
}
