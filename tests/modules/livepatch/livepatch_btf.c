// SPDX-License-Identifier: GPL-2.0-only
/*
 * A livepatch of the function that btf_tolerant calls: it accepts all. Or of another one, also
 * of a module's: it returns 0.
 */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/notifier.h>

static int livepatch_btf_notify(struct notifier_block *nb, unsigned long op, void *data)
{
	return NOTIFY_DONE;
}

static char *func = "btf_module_notify";
module_param(func, charp, 0444);
MODULE_PARM_DESC(func, "what it replaces");

static char *of;
module_param(of, charp, 0444);
MODULE_PARM_DESC(of, "the module that has it; vmlinux if not given");

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
	objs[0].name = of;
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
