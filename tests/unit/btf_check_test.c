// SPDX-License-Identifier: GPL-2.0-only
/* btf_check() and a base: names, strings, prototypes. */
#include "btf_check_test.h"

/* One type that has @name and nothing else, and one that uses the last own string. */
static enum btf_verdict one_name(__u32 name)
{
	struct blob b;

	start(&b);
	type(&b, name, BTF_KIND_FWD, 0);
	type(&b, FILE_, BTF_KIND_FWD, 0);
	return run(&b);
}

static void test_starts(void **state)
{
	__u32 i;

	assert_int_equal(base.count, 4);
	for (i = 0; i < BASE_LEN; i++)
		assert_int_equal(!!(base.bits[i / 64] & 1ull << i % 64),
				 i == 0 || i == INT || i == STRUCT || i == NAME);
	assert_int_equal(btf_base_bitmap_size(BASE_LEN), (BASE_LEN / 64 + 1) * sizeof(*base.bits));
	assert_true(btf_base_bitmap_size(0) >= 1);
	assert_true(btf_base_bitmap_size(7) * 8 > 7);
	assert_true(btf_base_bitmap_size(8) * 8 > 8);
}

/* Every offset there is, and those behind. */
static void test_offsets(void **state)
{
	__u32 off;

	for (off = 1; off < BASE_LEN + sizeof(OWN_STRS) + 40; off++) {
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_anonymous),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_unknown_kinds),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_too_many),
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
	return cmocka_run_group_tests(tests, setup_base, NULL);
}
