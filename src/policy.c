// SPDX-License-Identifier: GPL-2.0-only
/* The policy: module parameter "policy", then sysctl kernel.btf_mismatch_policy. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>

#include "internal.h"

/* For messages and /proc */
const char * const policy_names[] = { "strict", "tolerant", "verify" };

static int policy = POLICY_VERIFY;
static struct ctl_table_header *policy_header;

/* Takes one digit and an optional newline. Anything else is -EINVAL and changes nothing. */
static int policy_set(const char *val, size_t len)
{
	if (len == 2 && val[1] == '\n')
		len--;
	if (len != 1 || val[0] < '0' + POLICY_STRICT || val[0] > '0' + POLICY_VERIFY)
		return -EINVAL;
	WRITE_ONCE(policy, val[0] - '0');
	return 0;
}

/* Never fails: a typing error on the kernel command line must not stop the boot. */
static int policy_param_set(const char *val, const struct kernel_param *kp)
{
	if (!val || policy_set(val, strlen(val)))
		pr_warn("policy \"%s\" does not exist, using %d\n", val ?: "", policy);
	return 0;
}

static const struct kernel_param_ops policy_param_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = policy_param_set,
	.get = param_get_int,
};
module_param_cb(policy, &policy_param_ops, &policy, 0444);
MODULE_PARM_DESC(policy, "what to do with a module whose BTF does not match: 0 refuse it, 1 load it without BTF, 2 as 1, also if the kernel would not notice (default 2)");

/* Only those who may load modules may decide which ones are refused. */
static int policy_sysctl(SYSCTL_CONST struct ctl_table *table, int write, void *buffer,
			 size_t *lenp, loff_t *ppos)
{
	int err;

	if (!write)
		return proc_dointvec(table, write, buffer, lenp, ppos);
	if (!capable(CAP_SYS_MODULE))
		return -EPERM;
	/* proc_dointvec_minmax() would take "1 x" for 1. */
	err = *ppos ? -EINVAL : policy_set(buffer, *lenp);
	if (!err)
		*ppos += *lenp;
	return err;
}

static struct ctl_table policy_table[] = {
	{
		.procname = "btf_mismatch_policy",
		.data = &policy,
		.maxlen = sizeof(policy),
		.mode = 0644,
		.proc_handler = policy_sysctl,
	},
	SYSCTL_TABLE_END
};

/**
 * policy_get() - the policy in force now
 *
 * Context: any.
 * Return: an enum btf_policy.
 */
enum btf_policy policy_get(void)
{
	return READ_ONCE(policy);
}

/**
 * policy_init() - make /proc/sys/kernel/btf_mismatch_policy
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int policy_init(void)
{
	policy_header = register_sysctl("kernel", policy_table);
	if (policy_header)
		return 0;
	pr_err("cannot create /proc/sys/kernel/btf_mismatch_policy; not loading\n");
	return -ENOMEM;
}

/**
 * policy_exit() - remove /proc/sys/kernel/btf_mismatch_policy
 *
 * Context: may sleep.
 */
void policy_exit(void)
{
	unregister_sysctl_table(policy_header);
}
