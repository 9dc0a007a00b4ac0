// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf_tolerant: load modules whose BTF was made for another build of the kernel
 *
 * The kernel's module notifier for BTF, btf_module_notify() in kernel/bpf/btf.c,
 * refuses such a module. This replaces it by a function that calls it, and where
 * it reports a mismatch lets the module go on without BTF. That is the state in
 * which CONFIG_MODULE_ALLOW_BTF_MISMATCH leaves a module, on kernels that have it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/ratelimit.h>

#include "ftrace_hook.h"
#include "policy.h"
#include "report.h"

#ifdef CONFIG_DEBUG_INFO_BTF_MODULES

static int notify(struct notifier_block *nb, unsigned long op, void *data);

static struct ftrace_hook notify_hook = {
	.name = "btf_module_notify",
	.replacement = notify,
};

/*
 * The errors that btf_parse_module() has for what is in the BTF, as opposed to
 * memory or BTF IDs that ran out.
 */
static bool is_mismatch(int err)
{
	switch (err) {
	case -EINVAL:
	case -ENOTSUPP:		/* a header of another version */
	case -E2BIG:		/* too many types, a longer header */
	case -ELOOP:		/* a chain of modifiers without an end */
	case -ENOENT:		/* btf_relocate(): a string that vmlinux does not have */
		return true;
	default:
		return false;
	}
}

/* @mod was refused with @err: whether it goes on without its BTF instead. */
static bool drop_btf(struct module *mod, int err)
{
	/* Room for a boot that drops all its modules, not for a loop. */
	static DEFINE_RATELIMIT_STATE(limit, 30 * HZ, 250);

	if (policy_get() == POLICY_STRICT || !is_mismatch(err))
		return false;
	if (report_dropped(mod, DROP_KERNEL, err))
		return false;

	/*
	 * The size is what btf_module_notify() goes by: at 0, it leaves the
	 * module alone when it goes live and when it goes.
	 */
	mod->btf_data = NULL;
	mod->btf_data_size = 0;
	if (__ratelimit(&limit))
		pr_warn("%s: its BTF does not match this kernel (error %d), loading it without BTF\n",
			mod->name, err);
	return true;
}

/* In place of btf_module_notify(). @data is the struct module. */
static int notify(struct notifier_block *nb, unsigned long op, void *data)
{
	struct module *mod = data;
	bool coming = op == MODULE_STATE_COMING && mod->btf_data_size;
	int ret, err;

	/* The original: the block is the one that it was registered with. */
	ret = nb->notifier_call(nb, op, data);

	if (coming) {
		report_seen();
		err = notifier_to_errno(ret);
		if (err && drop_btf(mod, err))
			ret = NOTIFY_OK;
		else if (err)
			report_refused();
	} else if (op == MODULE_STATE_GOING && !mod->btf_data_size) {
		report_gone(mod);
	}

	ftrace_hook_leave();
	return ret;
}

static int __init btf_tolerant_init(void)
{
	enum btf_policy policy = policy_get();
	int err;

	err = policy_init();
	if (err)
		return err;
	err = report_init();
	if (err)
		goto fail_policy;
	/* Last: nothing may fail once replacements can run. */
	err = ftrace_hook_install(&notify_hook);
	if (err)
		goto fail_report;

	pr_info("%s loaded, policy %d (%s)\n", THIS_MODULE->version, policy,
		policy_name(policy));
	return 0;

fail_report:
	report_exit();
fail_policy:
	policy_exit();
	return err;
}

static void __exit btf_tolerant_exit(void)
{
	ftrace_hook_remove(&notify_hook);
	report_exit();
	policy_exit();
}

#else /* !CONFIG_DEBUG_INFO_BTF_MODULES */

static int __init btf_tolerant_init(void)
{
	pr_err("this kernel has no module BTF (CONFIG_DEBUG_INFO_BTF_MODULES), nothing to tolerate; not loading\n");
	return -ENODEV;
}

static void __exit btf_tolerant_exit(void)
{
}

#endif

module_init(btf_tolerant_init);
module_exit(btf_tolerant_exit);

MODULE_DESCRIPTION("Load modules whose BTF does not match the running kernel");
MODULE_AUTHOR("The btf_tolerant authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
