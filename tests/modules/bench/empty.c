// SPDX-License-Identifier: GPL-2.0-only
/* Nothing but a name: what a load costs that is the loader's own. */
#include <linux/init.h>
#include <linux/module.h>

static int __init empty_init(void)
{
	return 0;
}
module_init(empty_init);

static void __exit empty_exit(void)
{
}
module_exit(empty_exit);

MODULE_DESCRIPTION("does nothing");
MODULE_LICENSE("GPL");
