// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two types more than BTF may have (BTF_MAX_TYPE, 0xfffff). btf_add_type() misses the limit, its
 * table is full and does not grow: the first is written into what is left of the table's
 * last page, the second behind that, where nothing is.
 */
#include <linux/module.h>

#include "btf_asm.h"

BTF_SECTION(".BTF", ".rept 0x100001\n" TYPE(0, PTR, 0, 0) ".endr\n", "");

MODULE_DESCRIPTION("Reproducer: too many types");
MODULE_LICENSE("GPL");
