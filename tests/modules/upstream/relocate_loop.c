// SPDX-License-Identifier: GPL-2.0-only
/*
 * A structure whose one member is of type 3, an array whose elements are of type 3.
 * btf_relocate() follows that for ever: the task that loads this never comes back.
 */
#include <linux/module.h>

#include "btf_asm.h"

BTF_BASE_INT;
BTF_SECTION(".BTF", TYPE(0, STRUCT, 1, 4) WORD3(0, 3, 0) TYPE(0, ARRAY, 0, 0) WORD3(3, 1, 1), "");

MODULE_DESCRIPTION("Reproducer: a reference in a circle");
MODULE_LICENSE("GPL");
