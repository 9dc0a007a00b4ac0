// SPDX-License-Identifier: GPL-2.0-only
/* btf_validate() of tools/btf_visit.h, with BTF made for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "btf_visit.h"
#include "util.h"

static char err[ERR_LEN];

/* 1 int, 2 int (void), 3 a function of type 2 */
static struct btf *make_base(void)
{
	struct btf *btf = btf__new_empty();

	assert_int_equal(btf__add_int(btf, "int", 4, BTF_INT_SIGNED), 1);
	assert_int_equal(btf__add_func_proto(btf, 1), 2);
	assert_int_equal(btf__add_func(btf, "function", BTF_FUNC_STATIC, 2), 3);
	return btf;
}

static void test_accepted(void **state)
{
	struct btf *btf = make_base();

	assert_int_equal(btf_validate(btf, 1, NULL, err, sizeof(err)), 0);
	btf__free(btf);
}

/* What the kernel's parser refuses, too. @make adds the last type. */
static void refused(void (*make)(struct btf *btf), const char *why)
{
	struct btf *btf = make_base();

	make(btf);
	assert_int_equal(btf_validate(btf, 1, NULL, err, sizeof(err)), -1);
	assert_non_null(strstr(err, why));
	btf__free(btf);
}

static void itself(struct btf *btf)
{
	btf__add_typedef(btf, "t", btf__type_cnt(btf));
}

static void two_in_each_other(struct btf *btf)
{
	__u32 id = btf__type_cnt(btf);

	btf__add_struct(btf, "x", 4);
	btf__add_field(btf, "y", id + 1, 0, 0);
	btf__add_struct(btf, "y", 4);
	btf__add_field(btf, "x", id, 0, 0);
}

static void pointer_to_itself(struct btf *btf)
{
	btf__add_ptr(btf, btf__type_cnt(btf));
}

static void behind_its_end(struct btf *btf)
{
	btf__add_struct(btf, "x", 4);
	btf__add_field(btf, "y", 1, 64, 0);
}

static void no_prototype(struct btf *btf)
{
	btf__add_func(btf, "f", BTF_FUNC_STATIC, 1);
}

static void of_a_function(struct btf *btf)
{
	btf__add_ptr(btf, 3);
}

static struct btf_type *last_type(struct btf *btf)
{
	return (struct btf_type *)btf__type_by_id(btf, btf__type_cnt(btf) - 1);
}

static void declaration_of_a_type(struct btf *btf)
{
	btf__add_fwd(btf, "d", BTF_FWD_STRUCT);
	last_type(btf)->type = 1;
}

static void list_of_pointers(struct btf *btf)
{
	btf__add_ptr(btf, 1);
	last_type(btf)->info |= 3;
}

static void long_name(struct btf *btf)
{
	char name[NAME_LEN + 2];

	memset(name, 'n', sizeof(name) - 1);
	name[NAME_LEN + 1] = '\0';
	btf__add_typedef(btf, name, 1);
}

static void two_lines(struct btf *btf)
{
	btf__add_typedef(btf, "one\ntwo", 1);
}

static void test_refused(void **state)
{
	refused(itself, "contains itself");
	refused(two_in_each_other, "contains itself");
	refused(pointer_to_itself, "pointer to itself");
	refused(behind_its_end, "past its end");
	refused(no_prototype, "without a prototype");
	refused(of_a_function, "what is no type");
	refused(declaration_of_a_type, "declaration of a type");
	refused(list_of_pointers, "is no list");
	refused(long_name, "too long");
	refused(two_lines, "cannot be printed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
