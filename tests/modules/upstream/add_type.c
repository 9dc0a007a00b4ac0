// SPDX-License-Identifier: GPL-2.0-only
/*
 * 18 types, all right; the last is "const *", by the number of the one before it. If memory
 * for one type cannot be had, that type is left out, each behind it is known by the number of
 * the one before, and the last by that of what it refers to: -ELOOP instead of -ENOMEM.
 */
#include <linux/module.h>

#include "btf_asm.h"

BTF_SECTION(".BTF",
	    ".rept 17\n" TYPE(0, PTR, 0, 0) ".endr\n"
	    ".long 0, (" __stringify(CONST) " << 24), " __stringify(START) " + 16\n", "");

MODULE_DESCRIPTION("Reproducer: a type that there is no memory for");
MODULE_LICENSE("GPL");
