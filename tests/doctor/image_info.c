// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tools/image.h reads of an image, a line: format, release, version, build ID, and how
 * many bytes of BTF and initramfs, with tabs between. With a second argument the BTF is
 * written there.
 */
#include <stdio.h>

#include "image.h"
#include "util.h"

int main(int argc, char **argv)
{
	char err[ERR_LEN];
	struct image img;
	size_t i;
	FILE *f;

	if (argc < 2)
		return 2;
	if (image_read(argv[1], &img, err, sizeof(err))) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	printf("%s\t%s\t%s\t", img.format, img.release ?: "-", img.version ?: "-");
	for (i = 0; i < img.build_id_len; i++)
		printf("%02x", img.build_id[i]);
	printf("\t%zu\t%zu\t%s\n", img.btf_size, img.initrd_size, img.cmdline ?: "-");
	if (argc > 2) {
		f = fopen(argv[2], "w");
		if (!f || fwrite(img.btf, 1, img.btf_size, f) != img.btf_size || fclose(f))
			return 2;
	}
	image_free(&img);
	return 0;
}
