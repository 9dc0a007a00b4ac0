// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf_tolerant: load modules whose BTF was made for another build of the kernel
 *
 * The kernel's module notifier for BTF, btf_module_notify() in kernel/bpf/btf.c, refuses
 * such a module. btf_tolerant takes the notifier's place in the chain and calls it. Where the
 * kernel's notifier reports a mismatch, the module loads without BTF. That is the state in
 * which a kernel with CONFIG_MODULE_ALLOW_BTF_MISMATCH leaves it. docs/DESIGN.md has more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ratelimit.h>

#include "internal.h"

/*
 * The errors that btf_parse_module() returns for what the BTF contains. It has others for
 * running out of memory or of BTF IDs.
 */
static bool is_mismatch(int err)
{
	return err == -EINVAL ||
	       err == -ENOTSUPP ||	/* another version of the header */
	       err == -E2BIG ||		/* too many types, a longer header */
	       err == -ELOOP ||		/* a chain of modifiers that is too long or a loop */
	       err == -ENOENT;		/* btf_relocate(): a string that is not mapped to vmlinux */
}

/* Enough lines for a boot that drops every module, but a loop cannot flood the log. */
static DEFINE_RATELIMIT_STATE(warn_limit, 30 * HZ, 250);

/* What the kernel would load must not fail in its init for what we drop. */
static bool may_verify;

/* Before the kernel parses it: drop BTF that the check finds to be another build's. */
static void verify(struct module *mod)
{
	enum btf_verdict verdict = sysfs_btf_check(mod);

	if (verdict == BTF_FITS || verdict == BTF_UNJUDGED)
		return;
	report_drop(mod, verdict, 0);
	if (__ratelimit(&warn_limit))
		pr_warn("%s: its BTF is another build's (%s), loading it without BTF\n",
			mod->name, report_reasons[verdict]);
}

/* The kernel refuses @mod with @err. Return: true if it shall load without its BTF instead. */
static bool tolerate(struct module *mod, enum btf_policy policy, int err)
{
	enum btf_verdict verdict;

	if (policy == POLICY_STRICT || !is_mismatch(err))
		return false;
	verdict = sysfs_btf_check(mod) == BTF_FITS ? BTF_FITS : BTF_UNJUDGED;
	if (__ratelimit(&warn_limit))
		pr_warn("%s: its BTF %s (error %d), loading it without BTF\n", mod->name,
			verdict != BTF_FITS ? "does not match this kernel" :
			"is malformed, or the kernel's own if every module fails", err);
	report_drop(mod, verdict, err);
	return true;
}

/*
 * A kernel with CONFIG_MODULE_ALLOW_BTF_MISMATCH has left out the BTF of @mod. It does not
 * say why: usually for a mismatch, but it may have run out of memory.
 * Return: the error to refuse the module with, or 0.
 */
static int left_out(struct module *mod, enum btf_policy policy)
{
	if (__ratelimit(&warn_limit))
		pr_warn("%s: the kernel has left out its BTF, %s\n", mod->name, policy ?
			"loading it without BTF" : "refusing it (policy 0)");
	if (policy == POLICY_STRICT)
		return -EINVAL;
	report_drop(mod, BTF_UNJUDGED, 0);
	return 0;
}

/* @data is the struct module. */
static int notify(struct notifier_block *nb, unsigned long op, void *data)
{
	enum btf_policy policy = policy_get();
	struct module *mod = data;
	bool coming = op == MODULE_STATE_COMING && mod->btf_data_size;
	int err;

	/* Before anything else: no module may stay in the list once it has gone. */
	if (op == MODULE_STATE_GOING)
		report_gone(mod);
	if (!kernel_block_replaced(nb))
		return NOTIFY_DONE;

	if (coming) {
		atomic_long_inc(&report_seen);
		/* Once our rmmod has begun, the hooks help nobody. */
		if (policy == POLICY_VERIFY && READ_ONCE(may_verify) && module_is_live(THIS_MODULE))
			verify(mod);
	}

	err = notifier_to_errno(kernel_block_call(op, mod));
	if (coming && err) {
		if (tolerate(mod, policy, err))
			err = 0;
	} else if (coming && mod->btf_data_size && IS_ENABLED(CONFIG_MODULE_ALLOW_BTF_MISMATCH) &&
		   !sysfs_btf_has(mod)) {
		/* Maybe it published the BTF, but without a file: then this undoes it. */
		kernel_block_call(MODULE_STATE_GOING, mod);
		err = left_out(mod, policy);
	}

	if (coming && err)
		atomic_long_inc(&report_refused);
	if (coming && btf_dropped(mod))
		pr_warn_once("a module without BTF works, but cannot be traced by type; for the cause and what to do, see btf-doctor, /proc/btf_tolerant and man 7 btf_tolerant\n");
	if (op == MODULE_STATE_LIVE && btf_dropped(mod))
		restore_offer();
	return notifier_from_errno(err);
}

/* The priority is above the kernel's, see notifier.c. */
static struct notifier_block ours = { .notifier_call = notify, .priority = 1 };

static int __init btf_tolerant_init(void)
{
	enum btf_policy policy = policy_get();
	int err = policy_init();

	if (err)
		return err;
	err = report_init();
	if (err)
		goto fail_policy;
	sysfs_btf_init();
	/* Without this it would say "callbacks suppressed"; /proc/btf_tolerant has them all. */
	ratelimit_set_flags(&warn_limit, RATELIMIT_MSG_ON_RELEASE);
	err = kernel_block_replace(&ours);
	if (err)
		goto fail_report;
	/* Nothing fails from here. */
	restore_init();
	WRITE_ONCE(may_verify, kfunc_hook_install());
	if (!may_verify)
		pr_warn("a module with kfuncs may fail without its BTF, policy 2 acts as policy 1\n");
	pr_info("%s loaded, policy %d (%s)\n", THIS_MODULE->version, policy, policy_names[policy]);
	return 0;

fail_report:
	sysfs_btf_exit();
	report_hide();
	report_exit();
fail_policy:
	policy_exit();
	return err;
}

static void __exit btf_tolerant_exit(void)
{
	report_hide();
	kernel_block_put_back(&ours);
	restore_exit();
	kfunc_hook_remove();
	sysfs_btf_exit();
	report_exit();
	policy_exit();
}

module_init(btf_tolerant_init);
module_exit(btf_tolerant_exit);

MODULE_DESCRIPTION("Load modules whose BTF does not match the running kernel");
MODULE_AUTHOR("The btf_tolerant authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
