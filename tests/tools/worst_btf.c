// SPDX-License-Identifier: GPL-2.0-only
/*
 * worst_btf: split BTF of 16 MiB that is slow to look at
 *
 * usage: worst_btf KIND > FILE
 *
 * KIND: "members", "values", "params": a name every 12, 8 and 8 bytes; "types": a type every
 * 12 bytes; "string": one string; "zeros": empty strings. All names are the base's first,
 * or the module's own first.
 */
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE	(16U << 20)
#define VLEN	0xffffU
#define NAME	1		/* Each base has a string there. */

static struct btf_header hdr = {
	.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(hdr),
};

static __u32 *out;

static void type(unsigned int kind, unsigned int vlen, __u32 name, __u32 size)
{
	*out++ = name;
	*out++ = kind << 24 | vlen;
	*out++ = size;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char *buf = calloc(1, SIZE);
	__u32 *end = (__u32 *)(buf + SIZE) - 1;
	unsigned int i;

	if (!buf)
		return 1;
	out = (__u32 *)(buf + sizeof(hdr));
	if (!strcmp(what, "types")) {
		while (end - out >= 3)
			type(BTF_KIND_FWD, 0, NAME, 0);
	} else if (!strcmp(what, "members")) {
		while (end - out >= 3 + 3 * VLEN) {
			type(BTF_KIND_STRUCT, VLEN, NAME, 0);
			for (i = 0; i < VLEN; i++, out += 3) {
				out[0] = NAME;
				out[1] = 1;
			}
		}
	} else if (!strcmp(what, "values")) {
		while (end - out >= 3 + 2 * VLEN) {
			type(BTF_KIND_ENUM, VLEN, NAME, 4);
			for (i = 0; i < VLEN; i++, out += 2)
				out[0] = NAME;
		}
	} else if (!strcmp(what, "params")) {
		while (end - out >= 3 + 2 * VLEN) {
			type(BTF_KIND_FUNC_PROTO, VLEN, 0, 1);
			for (i = 0; i < VLEN; i++, out += 2) {
				out[0] = NAME;
				out[1] = 1;
			}
		}
	} else if (!strcmp(what, "string") || !strcmp(what, "zeros")) {
		/* The name is the first own one: behind the base's, whose length argv[2] is. */
		type(BTF_KIND_FUNC, 1, argc > 2 ? strtoul(argv[2], NULL, 0) : NAME, 1);
		memset(out, 'a', *what == 's' ? (char *)end - (char *)out : 1);
	} else {
		fprintf(stderr, "worst_btf: no such kind: %s\n", what);
		return 2;
	}
	hdr.type_len = (char *)out - buf - sizeof(hdr);
	hdr.str_off = hdr.type_len;
	hdr.str_len = SIZE - sizeof(hdr) - hdr.type_len;
	memcpy(buf, &hdr, sizeof(hdr));
	return fwrite(buf, 1, SIZE, stdout) != SIZE;
}
