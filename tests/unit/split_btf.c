// SPDX-License-Identifier: GPL-2.0-only
/* Split BTF, piece by piece, and the base that it is held against. */
#include "btf_check_test.h"

struct btf_base base;
static __u64 bits[BASE_LEN / 64 + 1];

void start(struct blob *b)
{
	memset(b, 0, sizeof(*b));
	b->hdr.magic = BTF_MAGIC;
	b->hdr.version = BTF_VERSION;
	b->hdr.hdr_len = 24;
	b->strs = OWN_STRS;
	b->strs_len = sizeof(OWN_STRS);
}

void put(struct blob *b, __u32 word)
{
	b->types[b->n++] = word;
}

void type_to(struct blob *b, __u32 name, __u32 kind, __u32 vlen, __u32 to)
{
	put(b, name);
	put(b, kind << 24 | vlen);
	put(b, to);
}

/* One that refers to the base's type, if to any. */
void type(struct blob *b, __u32 name, __u32 kind, __u32 vlen)
{
	type_to(b, name, kind, vlen, 1);
}

/* With @cut bytes less than it should have, at @shift from an aligned address. */
enum btf_verdict run_at(struct blob *b, __u32 cut, __u32 shift)
{
	__u32 size = 24 + b->n * 4 + b->strs_len - cut;
	enum btf_verdict ret;
	char *data;

	if (!b->hdr.type_len) {
		b->hdr.type_len = b->n * 4;
		b->hdr.str_off = b->n * 4;
		b->hdr.str_len = b->strs_len;
	}
	data = malloc(24 + sizeof(b->types) + b->strs_len + shift);
	memcpy(data + shift, &b->hdr, 24);
	memcpy(data + shift + 24, b->types, b->n * 4);
	memcpy(data + shift + 24 + b->n * 4, b->strs, b->strs_len);
	/* So that a sanitizer sees a read behind the end. */
	data = realloc(data, size + shift);
	ret = btf_check(data + shift, size, &base);
	free(data);
	return ret;
}

enum btf_verdict run(struct blob *b)
{
	return run_at(b, 0, 0);
}

int setup_base(void **state)
{
	base.types = 1;
	base.bits = bits;
	memset(bits, 0, sizeof(bits));
	btf_base_note_strings(&base, BASE_STRS, BASE_LEN);
	return 0;
}
