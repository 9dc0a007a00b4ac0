/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BTF_CHECK_TEST_H
#define BTF_CHECK_TEST_H

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
#define BASE_STRS	"\0int\0struct\0name"
#define BASE_LEN	((__u32)sizeof(BASE_STRS))
#define INT		1
#define STRUCT		5
#define NAME		12

/* The module's own: at BASE_LEN and BASE_LEN + 4; 9 bytes. */
#define OWN_STRS	"own\0file"
#define OWN		BASE_LEN
#define FILE_		(BASE_LEN + 4)

extern struct btf_base base;

/* Split BTF under construction, in memory that ends where it ends. */
struct blob {
	struct btf_header hdr;
	__u32 types[64];
	__u32 n;
	const char *strs;
	__u32 strs_len;
};

/* split_btf.c: each sets up or runs what is in a struct blob. */
void start(struct blob *b);
void put(struct blob *b, __u32 word);
void type_to(struct blob *b, __u32 name, __u32 kind, __u32 vlen, __u32 to);
void type(struct blob *b, __u32 name, __u32 kind, __u32 vlen);
enum btf_verdict run_at(struct blob *b, __u32 cut, __u32 shift);
enum btf_verdict run(struct blob *b);
int setup_base(void **state);

/* btf_format_test.c */
void test_kinds(void **state);
void test_unknown_kinds(void **state);
void test_huge(void **state);
void test_too_many(void **state);
void test_header(void **state);
void test_long_header(void **state);
void test_unaligned(void **state);
void test_count_types(void **state);
void test_empty(void **state);

#endif /* BTF_CHECK_TEST_H */
