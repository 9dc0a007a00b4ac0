// SPDX-License-Identifier: GPL-2.0-only
/* A livepatch of the function that btf_tolerant hooks: who comes second is refused. */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/notifier.h>

static int livepatch_btf_notify(struct notifier_block *nb, unsigned long op, void *data)
{
	return NOTIFY_DONE;
}

static struct klp_func funcs[] = {
	{ .old_name = "btf_module_notify", .new_func = livepatch_btf_notify },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs },
	{ }
};

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs };

static int __init livepatch_btf_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_btf_exit(void)
{
}

module_init(livepatch_btf_init);
module_exit(livepatch_btf_exit);
MODULE_DESCRIPTION("Test: a livepatch of btf_module_notify");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
