// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tools/initramfs.h finds in an initramfs: a line for each regular file: its path, its
 * size, and a sum of its bytes; "-" for the sum of those that are not read (names with "skip").
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "initramfs.h"
#include "util.h"

static int list(const struct initramfs_member *m, void *arg)
{
	char err[ERR_LEN];
	unsigned char *data;
	unsigned int sum = 0;
	void *bytes;
	size_t i;

	(void)arg;
	if (!S_ISREG(m->mode))
		return 0;
	if (strstr(m->path, "skip")) {
		printf("%s %zu -\n", m->path, m->size);
		return 0;
	}
	if (initramfs_read(m, 64 << 20, &bytes, err, sizeof(err))) {
		printf("%s: %s\n", m->path, err);
		return 0;
	}
	data = bytes;
	for (i = 0; i < m->size; i++)
		sum = (sum >> 1) + ((sum & 1) << 15), sum = (sum + data[i]) & 0xffff;
	free(bytes);
	printf("%s %zu %u\n", m->path, m->size, sum);
	return strstr(m->path, "stop") ? 7 : 0;
}

int main(int argc, char **argv)
{
	char err[ERR_LEN];
	int ret;

	if (argc != 2)
		return 2;
	ret = initramfs_walk(argv[1], list, NULL, err, sizeof(err));
	if (ret == -1)
		fprintf(stderr, "%s\n", err);
	return ret == -1 ? 1 : ret;
}
