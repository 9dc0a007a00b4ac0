// SPDX-License-Identifier: GPL-2.0-only
/*
 * More types than BTF may have (BTF_MAX_TYPE, 0xfffff). btf_add_type() says E2BIG for each
 * one too many, nobody listens, and the module loads.
 */
#include <linux/module.h>

#include "btf_asm.h"

BTF_SECTION(".BTF", ".rept 0x100000\n" TYPE(0, PTR, 0, 0) ".endr\n", "");

MODULE_DESCRIPTION("Reproducer: too many types");
MODULE_LICENSE("GPL");
