// SPDX-License-Identifier: GPL-2.0-only
/* A livepatch of the function that btf_tolerant calls: it accepts all. */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/notifier.h>

static int livepatch_btf_notify(struct notifier_block *nb, unsigned long op, void *data)
{
	return NOTIFY_DONE;
}

static char *func = "btf_module_notify";
module_param(func, charp, 0444);

static struct klp_func funcs[] = {
	{ .new_func = livepatch_btf_notify },
	{ }
};

static struct klp_object objs[] = {
	{ .funcs = funcs },
	{ }
};

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs };

static int __init livepatch_btf_init(void)
{
	funcs[0].old_name = func;
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
