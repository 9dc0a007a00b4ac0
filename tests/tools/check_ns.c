// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_ns: how long does src/btf_check.c take on this machine?
 *
 * usage: check_ns BASE < PATHS
 *
 * BASE and the files at PATHS are raw BTF. Says how many bytes the files have, and what the
 * checker takes for all of them, in nanoseconds: the best of many rounds.
 */
#include <err.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "btf_check.h"

#define FILES	4096
#define ROUNDS	200

static void *slurp(const char *path, __u32 *size)
{
	FILE *f = fopen(path, "r");
	char *data;

	if (!f || fseek(f, 0, SEEK_END))
		err(1, "%s", path);
	*size = ftell(f);
	data = malloc(*size);
	rewind(f);
	if (!data || fread(data, 1, *size, f) != *size)
		err(1, "%s", path);
	fclose(f);
	return data;
}

int main(int argc, char **argv)
{
	static void *data[FILES];
	static __u32 size[FILES];
	struct btf_base base = { };
	unsigned long long bytes = 0, ns, best = -1ULL;
	struct timespec begin, end;
	struct btf_header *hdr;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int i, round, files = 0;
	long types;

	if (argc != 2)
		errx(2, "usage: check_ns BASE < PATHS");
	hdr = slurp(argv[1], size);
	types = btf_count_types(hdr, size[0]);
	if (types < 0)
		errx(1, "%s: not BTF", argv[1]);
	base.types = types;
	base.bits = calloc(1, btf_base_bitmap_size(hdr->str_len));
	if (!base.bits)
		err(1, NULL);
	btf_base_note_strings(&base, (char *)hdr + hdr->hdr_len + hdr->str_off, hdr->str_len);

	while (files < FILES && (n = getline(&line, &cap, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		data[files] = slurp(line, &size[files]);
		bytes += size[files++];
	}
	for (round = 0; round < ROUNDS; round++) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		for (i = 0; i < files; i++)
			if (btf_check(data[i], size[i], &base) != BTF_FITS)
				errx(1, "file %d does not fit", i + 1);
		clock_gettime(CLOCK_MONOTONIC, &end);
		ns = (end.tv_sec - begin.tv_sec) * 1000000000ULL + end.tv_nsec - begin.tv_nsec;
		if (ns < best)
			best = ns;
	}
	printf("%llu\t%llu\n", bytes, best);
	return 0;
}
