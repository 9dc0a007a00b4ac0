// SPDX-License-Identifier: GPL-2.0-only
/*
 * worst_btf: split BTF of 16 MiB that is slow to look at
 *
 * usage: worst_btf KIND BASE_TYPES BASE_STRINGS > FILE
 *
 * KIND: "members", "values", "params": a name every 12, 8 and 8 bytes; "types": a type every
 * 12 bytes, as many as there are IDs, and no more bytes of the others; "string", "zeros": one
 * type. The rest is one string, or many that are empty. All names are the first of these, which
 * is behind the BASE_STRINGS bytes of the base's.
 */
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE	(16U << 20)
#define VLEN	0xffffU

static struct btf_header hdr = {
	.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(hdr),
};

static __u32 *out, first;

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
	__u32 *end;
	unsigned int i;
	size_t room;

	if (!buf || argc != 4)
		return 2;
	first = strtoul(argv[3], NULL, 0);
	room = (BTF_MAX_TYPE - strtoul(argv[2], NULL, 0)) * sizeof(struct btf_type);
	if (room > SIZE - sizeof(hdr) - 4)
		room = SIZE - sizeof(hdr) - 4;
	out = (__u32 *)(buf + sizeof(hdr));
	end = out + room / sizeof(*out);
	if (!strcmp(what, "types")) {
		while (end - out >= 3)
			type(BTF_KIND_FWD, 0, first, 0);
	} else if (!strcmp(what, "members")) {
		while (end - out >= 3 + 3 * VLEN) {
			type(BTF_KIND_STRUCT, VLEN, first, 0);
			for (i = 0; i < VLEN; i++, out += 3) {
				out[0] = first;
				out[1] = 1;
			}
		}
	} else if (!strcmp(what, "values")) {
		while (end - out >= 3 + 2 * VLEN) {
			type(BTF_KIND_ENUM, VLEN, first, 4);
			for (i = 0; i < VLEN; i++, out += 2)
				out[0] = first;
		}
	} else if (!strcmp(what, "params")) {
		while (end - out >= 3 + 2 * VLEN) {
			type(BTF_KIND_FUNC_PROTO, VLEN, 0, 1);
			for (i = 0; i < VLEN; i++, out += 2) {
				out[0] = first;
				out[1] = 1;
			}
		}
	} else if (!strcmp(what, "string") || !strcmp(what, "zeros")) {
		type(BTF_KIND_FUNC, 1, first, 1);
	} else {
		fprintf(stderr, "worst_btf: no such kind: %s\n", what);
		return 2;
	}
	/* The last byte stays 0. */
	memset(out, 'a', *what == 'z' ? 1 : buf + SIZE - (char *)out - 1);
	hdr.type_len = (char *)out - buf - sizeof(hdr);
	hdr.str_off = hdr.type_len;
	hdr.str_len = SIZE - sizeof(hdr) - hdr.type_len;
	memcpy(buf, &hdr, sizeof(hdr));
	return fwrite(buf, 1, SIZE, stdout) != SIZE;
}
