// SPDX-License-Identifier: GPL-2.0-only
/*
 * A structure whose one member is of type 5, of three. btf_relocate() looks for its kind, and
 * finds no such type: an oops, on every kernel.
 */
#include <linux/module.h>

#include "btf_asm.h"

BTF_BASE_INT;
BTF_SECTION(".BTF", TYPE(0, STRUCT, 1, 4) WORD3(0, 5, 0), "");

MODULE_DESCRIPTION("Reproducer: a reference out of range, followed");
MODULE_LICENSE("GPL");
