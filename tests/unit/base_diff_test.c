// SPDX-License-Identifier: GPL-2.0-only
/*
 * tools/base_diff.h and what it stands on, with BTF made for it: what a module reaches, and
 * how; what has several definitions; what is damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base_diff.h"
#include "btf_visit.h"
#include "util.h"

static char err[ERR_LEN];

/*
 * A base. With @change, struct far has another size. IDs:
 * 1 int, 2 struct far, 3 *far, 4 struct near { far *p; }, 5 *near, 6 const near, 7 near[2],
 * 8 int (far *x), 9 *8, 10 struct other { int i; }, 11 struct loop { loop *self; }, 12 *loop,
 * 13 typedef near near_t, 14 a function of type 8, 15 struct far, declared only elsewhere
 */
static struct btf *make_base(bool change)
{
	struct btf *btf = btf__new_empty();

	assert_int_equal(btf__add_int(btf, "int", 4, BTF_INT_SIGNED), 1);
	assert_int_equal(btf__add_struct(btf, "far", change ? 8 : 4), 2);
	assert_int_equal(btf__add_field(btf, "i", 1, change ? 32 : 0, 0), 0);
	assert_int_equal(btf__add_ptr(btf, 2), 3);
	assert_int_equal(btf__add_struct(btf, "near", 8), 4);
	assert_int_equal(btf__add_field(btf, "p", 3, 0, 0), 0);
	assert_int_equal(btf__add_ptr(btf, 4), 5);
	assert_int_equal(btf__add_const(btf, 4), 6);
	assert_int_equal(btf__add_array(btf, 1, 4, 2), 7);
	assert_int_equal(btf__add_func_proto(btf, 1), 8);
	assert_int_equal(btf__add_func_param(btf, "x", 3), 0);
	assert_int_equal(btf__add_ptr(btf, 8), 9);
	assert_int_equal(btf__add_struct(btf, "other", 4), 10);
	assert_int_equal(btf__add_field(btf, "i", 1, 0, 0), 0);
	assert_int_equal(btf__add_struct(btf, "loop", 8), 11);
	assert_int_equal(btf__add_field(btf, "self", 12, 0, 0), 0);
	assert_int_equal(btf__add_ptr(btf, 11), 12);
	assert_int_equal(btf__add_typedef(btf, "near_t", 4), 13);
	assert_int_equal(btf__add_func(btf, "function", BTF_FUNC_STATIC, 8), 14);
	return btf;
}

static struct btf *split_of(struct btf *base)
{
	return btf__new_empty_split(base);
}

/* A module's struct with one member of the base's type @id: is it the same? */
static bool member_same(__u32 id, struct base_use *first)
{
	struct btf *old = make_base(false), *new = make_base(true), *split = split_of(old);
	struct base_diff *diff = base_diff_new(old, new, err, sizeof(err));
	bool same;

	assert_non_null(diff);
	btf__add_struct(split, "mine", 64);
	btf__add_field(split, "m", id, 0, 0);
	same = base_diff_same(diff, split, first);
	if (first && first->type) {
		assert_string_equal(first->type->name, "far");
		assert_string_equal(first->type->kind, "struct");
	}
	base_diff_free(diff);
	btf__free(split);
	btf__free(new);
	btf__free(old);
	return same;
}

/* By value, by pointer, through anything, however far. */
static void test_reached(void **state)
{
	static const struct {
		__u32 id;
		unsigned int pointers;
		const char *path;
	} cases[] = {
		{ 2, 0, "struct mine.m -> struct far" },
		{ 3, 1, "struct mine.m -> struct far" },
		{ 4, 1, "struct mine.m -> struct near.p -> struct far" },
		{ 5, 2, "struct mine.m -> struct near.p -> struct far" },
		{ 6, 1, "struct mine.m -> struct near.p -> struct far" },
		{ 7, 1, "struct mine.m -> struct near.p -> struct far" },
		{ 8, 1, "struct mine.m(x) -> struct far" },
		{ 9, 2, "struct mine.m(x) -> struct far" },
		{ 13, 1, "struct mine.m -> near_t -> struct near.p -> struct far" },
	};
	struct base_use first;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_false(member_same(cases[i].id, &first));
		assert_int_equal(first.pointers, cases[i].pointers);
		assert_string_equal(first.path, cases[i].path);
		free(first.path);
		/* It is all the same to who does not want to know which. */
		assert_false(member_same(cases[i].id, NULL));
	}
}

static void test_not_reached(void **state)
{
	struct base_use first;

	assert_true(member_same(1, &first));
	assert_null(first.path);
	assert_true(member_same(10, &first));
	assert_true(member_same(11, &first));
	assert_true(member_same(12, NULL));
}

/* No type: nobody has compared it, so nobody says that it is the same. */
static void test_function_of_base(void **state)
{
	struct btf *old = make_base(false), *split = split_of(old);
	struct base_diff *diff = base_diff_new(old, old, err, sizeof(err));
	struct base_use first;

	btf__add_decl_tag(split, "tag", 14, -1);
	assert_false(base_diff_same(diff, split, &first));
	assert_null(first.type);
	base_diff_free(diff);
	btf__free(split);
	btf__free(old);
}

static void test_damaged_split(void **state)
{
	struct btf *old = make_base(false), *split = split_of(old);
	struct base_diff *diff = base_diff_new(old, old, err, sizeof(err));
	struct btf_type *t;
	struct base_use first;

	btf__add_ptr(split, 1);
	assert_true(base_diff_same(diff, split, &first));
	t = (struct btf_type *)btf__type_by_id(split, btf__type_cnt(split) - 1);
	t->type = 1000000;
	assert_false(base_diff_same(diff, split, &first));
	assert_null(first.type);
	assert_int_equal(btf_validate(split, btf__type_cnt(old), NULL, err, sizeof(err)), -1);
	base_diff_free(diff);
	btf__free(split);
	btf__free(old);
}

/*
 * Two struct twin, one with an int and one with two; struct user points to the one or the
 * other. IDs: 1 int, 2 and 3 twin, 4 *2, 5 *3, 6 user, 7 *user
 */
static struct btf *make_twins(bool other, bool changed)
{
	struct btf *btf = btf__new_empty();
	int i;

	btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	for (i = 1; i <= 2; i++) {
		btf__add_struct(btf, "twin", 4 * i + (changed && i == 2 ? 4 : 0));
		btf__add_field(btf, "a", 1, 0, 0);
		if (i == 2)
			btf__add_field(btf, "b", 1, 32, 0);
	}
	btf__add_ptr(btf, 2);
	btf__add_ptr(btf, 3);
	btf__add_struct(btf, "user", 8);
	btf__add_field(btf, "p", other ? 5 : 4, 0, 0);
	btf__add_ptr(btf, 6);
	return btf;
}

static size_t count_differing(struct btf *old, struct btf *new, const char **name)
{
	struct base_diff *diff = base_diff_new(old, new, err, sizeof(err));
	const struct type_diff *list;
	size_t n;

	assert_non_null(diff);
	list = base_diff_list(diff, &n);
	*name = n ? list[0].name : NULL;
	base_diff_free(diff);
	return n;
}

static void test_twins(void **state)
{
	struct btf *one = make_twins(false, false), *other = make_twins(true, false);
	struct btf *changed = make_twins(false, true), *other_changed = make_twins(true, true);
	const char *name;

	assert_int_equal(count_differing(one, one, &name), 0);
	/* The same definitions, but not the same of them. */
	assert_int_equal(count_differing(one, other, &name), 1);
	assert_string_equal(name, "user");
	assert_int_equal(count_differing(other, one, &name), 1);
	/* One of them has changed: that is one difference, and user's is still the same. */
	assert_int_equal(count_differing(one, changed, &name), 1);
	assert_string_equal(name, "twin");
	/* Also if it refers to that very one. */
	assert_int_equal(count_differing(other, other_changed, &name), 1);
	assert_string_equal(name, "twin");
	btf__free(one);
	btf__free(other);
	btf__free(changed);
	btf__free(other_changed);
}

/* An array of arrays is one, const or not it is an array; an int is an int. */
static void test_arrays(void **state)
{
	struct btf *flat = btf__new_empty(), *deep = btf__new_empty(), *less = btf__new_empty();
	const char *name;

	btf__add_int(flat, "int", 4, BTF_INT_SIGNED);
	btf__add_array(flat, 1, 1, 6);
	btf__add_struct(flat, "s", 24);
	btf__add_field(flat, "a", 2, 0, 0);
	btf__add_int(deep, "int", 4, BTF_INT_SIGNED);
	btf__add_array(deep, 1, 1, 3);
	btf__add_array(deep, 1, 2, 2);
	btf__add_struct(deep, "s", 24);
	btf__add_field(deep, "a", 3, 0, 0);
	btf__add_int(less, "int", 4, BTF_INT_SIGNED);
	btf__add_array(less, 1, 1, 5);
	btf__add_struct(less, "s", 24);
	btf__add_field(less, "a", 2, 0, 0);
	assert_int_equal(count_differing(flat, deep, &name), 0);
	assert_int_equal(count_differing(deep, flat, &name), 0);
	assert_int_equal(count_differing(flat, less, &name), 1);
	btf__free(flat);
	btf__free(deep);
	btf__free(less);
}

/* What the other base only declares is missing; what one only adds, no module can use. */
static void test_declared(void **state)
{
	struct btf *full = make_base(false), *lacks = btf__new_empty(), *split;
	struct base_diff *diff;
	struct base_use *uses;
	const struct btf *one;
	size_t n;

	btf__add_int(lacks, "int", 4, BTF_INT_SIGNED);
	btf__add_fwd(lacks, "far", BTF_FWD_STRUCT);
	diff = base_diff_new(full, lacks, err, sizeof(err));
	split = split_of(full);
	btf__add_ptr(split, 2);
	one = split;
	n = base_diff_uses(diff, &one, 1, false, &uses);
	assert_int_equal(n, 1);
	assert_int_equal(uses[0].type->changes[0].how, CHANGE_MISSING);
	base_uses_free(uses, n);
	base_diff_free(diff);
	btf__free(split);

	diff = base_diff_new(lacks, full, err, sizeof(err));
	split = split_of(lacks);
	btf__add_ptr(split, 2);
	assert_true(base_diff_same(diff, split, NULL));
	base_diff_free(diff);
	btf__free(split);
	btf__free(lacks);
	btf__free(full);
}

/* A struct in a struct in a struct, a hundred times each, and nothing in the innermost. */
static void test_nested(void **state)
{
	struct btf *old = make_base(false), *new = make_base(false);
	struct base_diff *diff;
	int id = btf__add_struct(old, NULL, 0), depth, i;

	for (depth = 0; depth < 18; depth++) {
		int inner = id;

		id = btf__add_struct(old, NULL, 0);
		for (i = 0; i < 100; i++)
			assert_int_equal(btf__add_field(old, NULL, inner, 0, 0), 0);
	}
	btf__add_struct(old, "outer", 8);
	assert_int_equal(btf__add_field(old, NULL, id, 0, 0), 0);
	btf__add_struct(new, "outer", 16);
	diff = base_diff_new(old, new, err, sizeof(err));
	assert_non_null(diff);
	base_diff_free(diff);
	btf__free(new);
	btf__free(old);
}

/* 5,000 members of 5,000 values each, none of which has a name. */
static struct btf *make_entangled(void)
{
	struct btf *btf = make_base(false);
	int id = btf__add_enum(btf, NULL, 4), i;

	for (i = 0; i < 5000; i++)
		assert_int_equal(btf__add_enum_value(btf, "v", i), 0);
	btf__add_struct(btf, "outer", 5000 * 4);
	for (i = 0; i < 5000; i++)
		assert_int_equal(btf__add_field(btf, "m", id, i * 32, 0), 0);
	return btf;
}

static void test_entangled(void **state)
{
	struct btf *old = make_entangled(), *new = make_entangled();

	assert_null(base_diff_new(old, new, err, sizeof(err)));
	assert_non_null(strstr(err, "entangled"));
	btf__free(new);
	btf__free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reached),
		cmocka_unit_test(test_not_reached),
		cmocka_unit_test(test_function_of_base),
		cmocka_unit_test(test_damaged_split),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_declared),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_entangled),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
