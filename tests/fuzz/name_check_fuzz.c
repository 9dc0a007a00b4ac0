// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: src/name_check.c with any bytes for a module's .BTF.
 * FUZZ_BASE_LEN in the environment: the length of the base's strings.
 */
#include <stdlib.h>
#include <string.h>

#include "name_check.h"

static struct name_starts base;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *len = getenv("FUZZ_BASE_LEN");

	(void)argc;
	(void)argv;
	base.len = len ? strtoul(len, NULL, 0) : 100;
	base.bits = malloc(name_starts_size(base.len));
	/* Most are strings, so that good seeds stay good; not all. */
	memset(base.bits, 0xfe, name_starts_size(base.len));
	base.bits[0] = 0xff;
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct name_counts counts, again;
	enum name_verdict verdict = name_check(data, size, &base, &counts);
	unsigned char *copy;

	if (counts.astray + counts.own > counts.names || counts.names > size / 8)
		abort();
	if (verdict == NAMES_FIT && counts.astray)
		abort();
	if ((verdict == NAMES_ASTRAY && !counts.astray) ||
	    (verdict == NAMES_OWN_UNUSED && (counts.astray || counts.own)))
		abort();

	/* The same from another alignment. */
	copy = malloc(size + 1);
	memcpy(copy + 1, data, size);
	if (name_check(copy + 1, size, &base, &again) != verdict ||
	    memcmp(&counts, &again, sizeof(counts)))
		abort();
	free(copy);
	return 0;
}
