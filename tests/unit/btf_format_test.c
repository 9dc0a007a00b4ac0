// SPDX-License-Identifier: GPL-2.0-only
/* btf_check() and the format: headers, kinds, lengths, alignment. */
#include "btf_check_test.h"

/* Kind by kind: what follows it is stepped over, the names in it are seen. */
void test_kinds(void **state)
{
	static const struct {
		__u32 kind, fixed, element, named;
	} kinds[] = {
		{ BTF_KIND_INT, 1, 0, 0 }, { BTF_KIND_PTR, 0, 0, 0 },
		{ BTF_KIND_ARRAY, 3, 0, 0 }, { BTF_KIND_STRUCT, 0, 3, 1 },
		{ BTF_KIND_UNION, 0, 3, 1 }, { BTF_KIND_ENUM, 0, 2, 1 },
		{ BTF_KIND_FWD, 0, 0, 0 }, { BTF_KIND_TYPEDEF, 0, 0, 0 },
		{ BTF_KIND_VOLATILE, 0, 0, 0 }, { BTF_KIND_CONST, 0, 0, 0 },
		{ BTF_KIND_RESTRICT, 0, 0, 0 }, { BTF_KIND_FUNC, 0, 0, 0 },
		{ BTF_KIND_FUNC_PROTO, 0, 2, 1 }, { BTF_KIND_VAR, 1, 0, 0 },
		{ BTF_KIND_DATASEC, 0, 3, 0 }, { BTF_KIND_FLOAT, 0, 0, 0 },
		{ BTF_KIND_DECL_TAG, 1, 0, 0 }, { BTF_KIND_TYPE_TAG, 0, 0, 0 },
		{ BTF_KIND_ENUM64, 0, 3, 1 },
	};
	__u32 i, j, k, vlen, words;
	struct blob b;

	/* All that the kernel headers of this machine know. */
	assert_int_equal(ARRAY_SIZE(kinds), BTF_KIND_MAX);
	for (i = 0; i < BTF_KIND_MAX; i++) {
		for (vlen = 0; vlen < 4; vlen++) {
			words = kinds[i].fixed + vlen * kinds[i].element;
			start(&b);
			type(&b, STRUCT, kinds[i].kind, vlen);
			for (j = 0; j < words; j++)
				put(&b, kinds[i].named && j % kinds[i].element == 0 ? NAME : 3);
			type_to(&b, FILE_, BTF_KIND_FUNC, 0, 2);
			assert_int_equal(run(&b), BTF_FITS);

			/* kind_flag is none of our business */
			b.types[1] |= 1u << 31;
			assert_int_equal(run(&b), BTF_FITS);
			b.types[1] &= ~(1u << 31);

			/* the last word is missing */
			for (k = 1; k <= 3 + words; k++) {
				b.hdr.type_len = (3 + words) * 4 - k;
				assert_int_equal(run(&b), BTF_UNJUDGED);
			}
			b.hdr.type_len = (6 + words) * 4;

			/* one name in it goes astray */
			for (k = 0; kinds[i].named && k < vlen; k++) {
				b.types[3 + k * kinds[i].element] = NAME + 1;
				assert_int_equal(run(&b), BTF_WRONG_NAMES);
				b.types[3 + k * kinds[i].element] = NAME;
			}
			b.types[0] = STRUCT + 1;
			assert_int_equal(run(&b), BTF_WRONG_NAMES);
		}
	}
}

void test_unknown_kinds(void **state)
{
	struct blob b;
	__u32 kind;

	for (kind = 0; kind < 0x80; kind++) {
		start(&b);
		type(&b, OWN, kind, 0);
		put(&b, 0);
		put(&b, 0);
		put(&b, 0);
		if (kind == 0 || kind > BTF_KIND_ENUM64)
			assert_int_equal(run(&b), BTF_UNJUDGED);
	}
}

/* vlen and sizes that are too large to be true, and must not wrap. */
void test_huge(void **state)
{
	static const __u32 with_elements[] = {
		BTF_KIND_STRUCT, BTF_KIND_UNION, BTF_KIND_ENUM, BTF_KIND_FUNC_PROTO,
		BTF_KIND_DATASEC, BTF_KIND_ENUM64,
	};
	struct blob b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(with_elements); i++) {
		start(&b);
		type(&b, OWN, with_elements[i], 0xffffff);
		assert_int_equal(run(&b), BTF_UNJUDGED);
		b.types[1] = with_elements[i] << 24 | 0xffff;
		assert_int_equal(run(&b), BTF_UNJUDGED);
	}
	/* FUNC has its linkage there, others nothing */
	start(&b);
	type(&b, FILE_, BTF_KIND_FUNC, 0xffffff);
	assert_int_equal(run(&b), BTF_FITS);
}

/* One type more than there are IDs: the kernel's parser would write behind its table. */
void test_too_many(void **state)
{
	const __u32 types = base.types;
	struct blob b;

	base.types = BTF_MAX_TYPE - 2;
	start(&b);
	type(&b, OWN, BTF_KIND_TYPEDEF, 0);
	type(&b, FILE_, BTF_KIND_TYPEDEF, 0);
	assert_int_equal(run(&b), BTF_FITS);
	start(&b);
	type(&b, OWN, BTF_KIND_TYPEDEF, 0);
	type(&b, FILE_, BTF_KIND_TYPEDEF, 0);
	type(&b, FILE_, BTF_KIND_TYPEDEF, 0);
	assert_int_equal(run(&b), BTF_UNJUDGED);
	base.types = types;
}

void test_header(void **state)
{
	static const __u32 bad[] = { 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	struct blob good, b;
	unsigned int i;
	__u32 cut;

	start(&good);
	type(&good, FILE_, BTF_KIND_FWD, 0);
	assert_int_equal(run(&good), BTF_FITS);

	b = good;
	b.hdr.magic = 0x9feb;	/* the other byte order */
	assert_int_equal(run(&b), BTF_UNJUDGED);
	b = good;
	b.hdr.version = 2;
	assert_int_equal(run(&b), BTF_UNJUDGED);
	b = good;
	b.hdr.flags = 1;
	assert_int_equal(run(&b), BTF_UNJUDGED);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		b = good;
		b.hdr.hdr_len = bad[i];
		assert_int_equal(run(&b), BTF_UNJUDGED);
		b = good;
		b.hdr.type_off = bad[i];
		assert_int_equal(run(&b), BTF_UNJUDGED);
		b = good;
		b.hdr.type_len = bad[i];
		assert_int_equal(run(&b), BTF_UNJUDGED);
		b = good;
		b.hdr.str_off = bad[i];
		assert_int_equal(run(&b), BTF_UNJUDGED);
		b = good;
		b.hdr.str_len = bad[i];
		assert_int_equal(run(&b), BTF_UNJUDGED);
	}
	for (i = 0; i < 24; i++) {
		b = good;
		b.hdr.hdr_len = i;
		assert_int_equal(run(&b), BTF_UNJUDGED);
	}
	/* Cut off anywhere, it has no end. */
	for (cut = 1; cut <= 24 + 12 + sizeof(OWN_STRS); cut++) {
		b = good;
		assert_int_equal(run_at(&b, cut, 0), BTF_UNJUDGED);
	}
	/* One byte too far */
	b = good;
	b.hdr.str_off++;
	assert_int_equal(run(&b), BTF_UNJUDGED);
	b = good;
	b.hdr.type_off = b.n * 4 + sizeof(OWN_STRS) - 11;
	assert_int_equal(run(&b), BTF_UNJUDGED);
	/* The strings do not end */
	b = good;
	b.hdr.str_len--;
	assert_int_equal(run(&b), BTF_UNJUDGED);
}

/* A longer header, as Linux 7.3 has it: what is new in it is the kernel's to read. */
void test_long_header(void **state)
{
	struct blob b;

	start(&b);
	b.hdr.hdr_len = 32;
	put(&b, 0);
	put(&b, 0);
	type(&b, FILE_, BTF_KIND_FWD, 0);
	b.hdr.type_len = 12;
	b.hdr.str_off = 12;
	b.hdr.str_len = sizeof(OWN_STRS);
	assert_int_equal(run(&b), BTF_FITS);
}

void test_unaligned(void **state)
{
	struct blob b;
	__u32 shift;

	for (shift = 0; shift < 8; shift++) {
		start(&b);
		type(&b, FILE_, BTF_KIND_STRUCT, 1);
		put(&b, NAME);
		put(&b, 1);
		put(&b, 0);
		assert_int_equal(run_at(&b, 0, shift), BTF_FITS);
	}
}

/* Of a base itself: its types are counted, whatever their names. */
void test_count_types(void **state)
{
	struct blob b;
	__u32 size;

	start(&b);
	type(&b, 4711, BTF_KIND_STRUCT, 1);
	put(&b, 4712);
	put(&b, 1);
	put(&b, 0);
	type(&b, 0, BTF_KIND_PTR, 0);
	b.hdr.type_len = b.n * 4;
	size = 24 + b.n * 4;
	assert_int_equal(btf_count_types(&b, size), 2);
	assert_int_equal(btf_check(&b, size, &base), BTF_WRONG_NAMES);
	b.hdr.type_len--;
	assert_int_equal(btf_count_types(&b, size), -1);
	b.hdr.type_len++;
	b.types[1] = 0x7f << 24;
	assert_int_equal(btf_count_types(&b, size), -1);
}

/* No types at all: no names, so its strings are unused if there are any. */
void test_empty(void **state)
{
	struct blob b;

	start(&b);
	assert_int_equal(run(&b), BTF_WRONG_STRINGS);
	start(&b);
	b.strs_len = 0;
	assert_int_equal(run(&b), BTF_FITS);
	assert_int_equal(btf_check(&b, 0, &base), BTF_UNJUDGED);
}
