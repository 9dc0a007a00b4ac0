// SPDX-License-Identifier: GPL-2.0-only
/* A module out of tree, for its .BTF.base. */
#include <linux/device.h>
#include <linux/module.h>

struct based {
	struct device *dev;
	int count;
};

/* noinline, so that its BTF has more than the init and exit functions. */
static noinline int based_count(struct based *based, struct file *file)
{
	return based->dev && file ? based->count++ : 0;
}

static int __init based_init(void)
{
	struct based based = { .count = 1 };

	return based_count(&based, NULL);
}

static void __exit based_exit(void)
{
}

module_init(based_init);
module_exit(based_exit);

MODULE_DESCRIPTION("Has BTF with a base of its own");
MODULE_LICENSE("GPL");
