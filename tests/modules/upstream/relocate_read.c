// SPDX-License-Identifier: GPL-2.0-only
/*
 * Its one type is a pointer to type 5, of three. btf_relocate() takes that for an index into
 * a table of three words: KASAN reports the read.
 */
#include <linux/module.h>

#include "btf_asm.h"

BTF_BASE_INT;
BTF_SECTION(".BTF", TYPE(0, PTR, 0, 5), "");

MODULE_DESCRIPTION("Reproducer: a reference out of range, read");
MODULE_LICENSE("GPL");
