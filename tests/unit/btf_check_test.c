// SPDX-License-Identifier: GPL-2.0-only
/* src/btf_check.c: each kind of type, each boundary. Prints TAP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/btf.h>

#include "btf_check.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The base: one type, strings at 0, 1, 5 and 12; 17 bytes. */
static const char base_strs[] = "\0int\0struct\0name";
#define BASE_LEN	((__u32)sizeof(base_strs))
#define INT		1
#define STRUCT		5
#define NAME		12

/* The module's own: at BASE_LEN and BASE_LEN + 4; 9 bytes. */
static const char own_strs[] = "own\0file";
#define OWN		BASE_LEN
#define FILE_		(BASE_LEN + 4)

static __u64 bits[BASE_LEN / 64 + 1];
static struct btf_base base;

/* Split BTF under construction, in memory that ends where it ends. */
struct blob {
	struct btf_header hdr;
	__u32 types[64];
	__u32 n;
	const char *strs;
	__u32 strs_len;
};

static void start(struct blob *b)
{
	memset(b, 0, sizeof(*b));
	b->hdr.magic = BTF_MAGIC;
	b->hdr.version = BTF_VERSION;
	b->hdr.hdr_len = 24;
	b->strs = own_strs;
	b->strs_len = sizeof(own_strs);
}

static void put(struct blob *b, __u32 word)
{
	b->types[b->n++] = word;
}

static void type_to(struct blob *b, __u32 name, __u32 kind, __u32 vlen, __u32 to)
{
	put(b, name);
	put(b, kind << 24 | vlen);
	put(b, to);
}

/* One that refers to the base's type, if to any. */
static void type(struct blob *b, __u32 name, __u32 kind, __u32 vlen)
{
	type_to(b, name, kind, vlen, 1);
}

/* With @cut bytes less than it should have, at @shift from an aligned address. */
static enum btf_verdict run_at(struct blob *b, __u32 cut, __u32 shift)
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

static enum btf_verdict run(struct blob *b)
{
	return run_at(b, 0, 0);
}

/* One type that has @name and nothing else, and one that uses the last own string. */
static enum btf_verdict one_name(__u32 name)
{
	struct blob b;

	start(&b);
	type(&b, name, BTF_KIND_FWD, 0);
	type(&b, FILE_, BTF_KIND_FWD, 0);
	return run(&b);
}

static int setup(void **state)
{
	base.types = 1;
	base.bits = bits;
	memset(bits, 0, sizeof(bits));
	btf_base_note_strings(&base, base_strs, BASE_LEN);
	return 0;
}

static void test_starts(void **state)
{
	__u32 i;

	assert_int_equal(base.count, 4);
	for (i = 0; i < BASE_LEN; i++)
		assert_int_equal(!!(bits[i / 64] & 1ull << i % 64),
				 i == 0 || i == INT || i == STRUCT || i == NAME);
	assert_int_equal(btf_base_bitmap_size(BASE_LEN), sizeof(bits));
	assert_true(btf_base_bitmap_size(0) >= 1);
	assert_true(btf_base_bitmap_size(7) * 8 > 7);
	assert_true(btf_base_bitmap_size(8) * 8 > 8);
}

/* Every offset there is, and those behind. */
static void test_offsets(void **state)
{
	__u32 off;

	for (off = 1; off < BASE_LEN + sizeof(own_strs) + 40; off++) {
		int is_start = off == INT || off == STRUCT || off == NAME || off == OWN ||
			       off == FILE_;

		assert_int_equal(one_name(off), is_start ? BTF_FITS : BTF_WRONG_NAMES);
	}
	assert_int_equal(one_name(0x7fffffff), BTF_WRONG_NAMES);
	assert_int_equal(one_name(0x80000000), BTF_WRONG_NAMES);
	assert_int_equal(one_name(0xffffffff), BTF_WRONG_NAMES);
}

static void test_anonymous(void **state)
{
	assert_int_equal(one_name(0), BTF_FITS);
}

/* Kind by kind: what follows it is stepped over, the names in it are seen. */
static void test_kinds(void **state)
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

static void test_unknown_kinds(void **state)
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
static void test_huge(void **state)
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

static void test_header(void **state)
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
	for (cut = 1; cut <= 24 + 12 + sizeof(own_strs); cut++) {
		b = good;
		assert_int_equal(run_at(&b, cut, 0), BTF_UNJUDGED);
	}
	/* One byte too far */
	b = good;
	b.hdr.str_off++;
	assert_int_equal(run(&b), BTF_UNJUDGED);
	b = good;
	b.hdr.type_off = b.n * 4 + sizeof(own_strs) - 11;
	assert_int_equal(run(&b), BTF_UNJUDGED);
	/* The strings do not end */
	b = good;
	b.hdr.str_len--;
	assert_int_equal(run(&b), BTF_UNJUDGED);
}

/* A longer header, as Linux 7.3 has it: what is new in it is the kernel's to read. */
static void test_long_header(void **state)
{
	struct blob b;

	start(&b);
	b.hdr.hdr_len = 32;
	put(&b, 0);
	put(&b, 0);
	type(&b, FILE_, BTF_KIND_FWD, 0);
	b.hdr.type_len = 12;
	b.hdr.str_off = 12;
	b.hdr.str_len = sizeof(own_strs);
	assert_int_equal(run(&b), BTF_FITS);
}

static void test_unaligned(void **state)
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

static void test_own(void **state)
{
	struct blob b;

	/* Own strings, and no name among them. */
	start(&b);
	type(&b, NAME, BTF_KIND_FWD, 0);
	assert_int_equal(run(&b), BTF_WRONG_STRINGS);
	start(&b);
	type(&b, 0, BTF_KIND_PTR, 0);
	assert_int_equal(run(&b), BTF_WRONG_STRINGS);

	/* The first of them only, as if the base had grown: if a function has it. */
	start(&b);
	type(&b, OWN, BTF_KIND_FUNC, 0);
	assert_int_equal(run(&b), BTF_WRONG_STRINGS);
	start(&b);
	type(&b, OWN, BTF_KIND_FWD, 0);
	assert_int_equal(run(&b), BTF_FITS);
	start(&b);
	type(&b, OWN, BTF_KIND_FWD, 0);
	type(&b, NAME, BTF_KIND_FUNC, 0);
	assert_int_equal(run(&b), BTF_FITS);
	/* The last of them only; and in both orders */
	start(&b);
	type(&b, FILE_, BTF_KIND_FUNC, 0);
	assert_int_equal(run(&b), BTF_FITS);
	type(&b, OWN, BTF_KIND_FUNC, 0);
	b.hdr.type_len = 0;
	assert_int_equal(run(&b), BTF_FITS);
	start(&b);
	type(&b, OWN, BTF_KIND_FUNC, 0);
	type(&b, FILE_, BTF_KIND_FWD, 0);
	assert_int_equal(run(&b), BTF_FITS);

	/* Empty strings behind the last one are none. */
	start(&b);
	b.strs = "own\0file\0\0";
	b.strs_len = sizeof("own\0file\0\0");
	type(&b, FILE_, BTF_KIND_FUNC, 0);
	assert_int_equal(run(&b), BTF_FITS);
	start(&b);
	b.strs = "own\0file\0\0x";
	b.strs_len = sizeof("own\0file\0\0x");
	type(&b, FILE_, BTF_KIND_FUNC, 0);
	assert_int_equal(run(&b), BTF_WRONG_STRINGS);

	/* No strings, or none but empty ones: nothing to refer to. */
	start(&b);
	b.strs_len = 0;
	type(&b, NAME, BTF_KIND_FWD, 0);
	assert_int_equal(run(&b), BTF_FITS);
	start(&b);
	b.strs = "\0\0";
	b.strs_len = 3;
	type(&b, NAME, BTF_KIND_FWD, 0);
	assert_int_equal(run(&b), BTF_FITS);
	start(&b);
	b.strs_len = 0;
	type(&b, BASE_LEN, BTF_KIND_FWD, 0);
	assert_int_equal(run(&b), BTF_WRONG_NAMES);

	/* Astray comes first. */
	start(&b);
	type(&b, NAME + 1, BTF_KIND_FWD, 0);
	assert_int_equal(run(&b), BTF_WRONG_NAMES);
}

/* A prototype of its own is there for a type of its own. */
static void test_prototypes(void **state)
{
	static const __u32 refer[] = {
		BTF_KIND_PTR, BTF_KIND_TYPEDEF, BTF_KIND_VOLATILE, BTF_KIND_CONST,
		BTF_KIND_RESTRICT, BTF_KIND_FUNC, BTF_KIND_FUNC_PROTO, BTF_KIND_VAR,
		BTF_KIND_DECL_TAG, BTF_KIND_TYPE_TAG,
	};
	struct blob b;
	__u32 i, kind;

	for (kind = 1; kind <= BTF_KIND_MAX; kind++) {
		for (i = 0; i < ARRAY_SIZE(refer) && refer[i] != kind; i++)
			;
		start(&b);
		b.strs_len = 0;
		type(&b, 0, BTF_KIND_FUNC_PROTO, 0);
		type_to(&b, NAME, kind, 0, 2);
		if (kind == BTF_KIND_ARRAY) {
			put(&b, 1);
			put(&b, 1);
		}
		if (kind == BTF_KIND_ARRAY || kind == BTF_KIND_INT || kind == BTF_KIND_VAR ||
		    kind == BTF_KIND_DECL_TAG)
			put(&b, 1);
		assert_int_equal(run(&b), i < ARRAY_SIZE(refer) ? BTF_FITS : BTF_WRONG_TYPES);
		/* The base's last type is not its own; without prototypes nothing is asked. */
		b.types[5] = 1;
		assert_int_equal(run(&b), BTF_WRONG_TYPES);
		b.types[1] = BTF_KIND_FWD << 24;
		assert_int_equal(run(&b), kind == BTF_KIND_FUNC_PROTO ? BTF_WRONG_TYPES :
				 BTF_FITS);
	}

	/* With strings of its own, it is those that tell. */
	start(&b);
	type(&b, 0, BTF_KIND_FUNC_PROTO, 0);
	type(&b, FILE_, BTF_KIND_FUNC, 0);
	assert_int_equal(run(&b), BTF_FITS);

	/* Names come first. */
	start(&b);
	type(&b, NAME + 1, BTF_KIND_FUNC_PROTO, 0);
	assert_int_equal(run(&b), BTF_WRONG_NAMES);
}

/* Of a base itself: its types are counted, whatever their names. */
static void test_count_types(void **state)
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

/* Strings of every length, so that they begin and end anywhere in a word. */
static void test_long_base(void **state)
{
	__u32 len, i, count = 0, size = 0;
	struct btf_base saved = base;
	char strs[64 * 65 / 2], saved_char;
	struct blob b;

	for (len = 0; len < 64; len++) {
		memset(strs + size, 'x', len);
		size += len;
		strs[size++] = '\0';
		count++;
	}
	/* One that ends where a word does, one behind, and all between */
	for (len = size - 130; len <= size; len++) {
		saved_char = strs[len - 1];
		strs[len - 1] = '\0';
		base.bits = calloc(1, btf_base_bitmap_size(len));
		btf_base_note_strings(&base, strs, len);
		for (i = 0; i < len; i++) {
			start(&b);
			b.strs_len = 0;
			type(&b, i, BTF_KIND_FWD, 0);
			assert_int_equal(run(&b), i && strs[i - 1] ? BTF_WRONG_NAMES : BTF_FITS);
		}
		free(base.bits);
		strs[len - 1] = saved_char;
	}
	assert_int_equal(base.count, count);
	base = saved;
}

/* No types at all: no names, so its strings are unused if there are any. */
static void test_empty(void **state)
{
	struct blob b;

	start(&b);
	assert_int_equal(run(&b), BTF_WRONG_STRINGS);
	start(&b);
	b.strs_len = 0;
	assert_int_equal(run(&b), BTF_FITS);
	assert_int_equal(btf_check(&b, 0, &base), BTF_UNJUDGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_anonymous),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_unknown_kinds),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_long_header),
		cmocka_unit_test(test_unaligned),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_prototypes),
		cmocka_unit_test(test_count_types),
		cmocka_unit_test(test_long_base),
		cmocka_unit_test(test_empty),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
