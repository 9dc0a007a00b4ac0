// SPDX-License-Identifier: GPL-2.0-only
/* The policy: module parameter "policy", then sysctl kernel.btf_mismatch_policy. */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/sysctl.h>
#include <linux/version.h>

#include "policy.h"

/* 6.6 counts the entries of a table, 6.11 makes the handler's table const. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define SYSCTL_CONST	const
#else
#define SYSCTL_CONST
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define SYSCTL_TABLE_END
#else
#define SYSCTL_TABLE_END	{ }
#endif

static int policy = POLICY_TOLERANT;
static int policy_min = POLICY_STRICT;
static int policy_max = POLICY_MAX;
static struct ctl_table_header *policy_header;

static int policy_param_set(const char *val, const struct kernel_param *kp)
{
	int value, err;

	if (!val)
		return -EINVAL;
	err = kstrtoint(val, 10, &value);
	if (err || value < policy_min || value > policy_max)
		return -EINVAL;
	policy = value;
	return 0;
}

static const struct kernel_param_ops policy_param_ops = {
	.set = policy_param_set,
	.get = param_get_int,
};
module_param_cb(policy, &policy_param_ops, &policy, 0444);
MODULE_PARM_DESC(policy, "what to do with a module whose BTF does not match: 0 refuse it, 1 load it without BTF (default 1)");

/* Who may load modules may decide which ones are refused; nobody else. */
static int policy_sysctl(SYSCTL_CONST struct ctl_table *table, int write, void *buffer,
			 size_t *lenp, loff_t *ppos)
{
	if (write && !capable(CAP_SYS_MODULE))
		return -EPERM;
	return proc_dointvec_minmax(table, write, buffer, lenp, ppos);
}

static struct ctl_table policy_table[] = {
	{
		.procname = "btf_mismatch_policy",
		.data = &policy,
		.maxlen = sizeof(policy),
		.mode = 0644,
		.proc_handler = policy_sysctl,
		.extra1 = &policy_min,
		.extra2 = &policy_max,
	},
	SYSCTL_TABLE_END
};

/**
 * policy_get() - the policy that is in force now
 *
 * Context: any.
 * Return: one of the values up to POLICY_MAX.
 */
enum btf_policy policy_get(void)
{
	return READ_ONCE(policy);
}

/**
 * policy_name() - a policy's name, for messages and /proc
 * @value: the policy
 *
 * Context: any.
 * Return: a static string.
 */
const char *policy_name(enum btf_policy value)
{
	static const char * const names[] = { "strict", "tolerant" };

	return names[value];
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
	return policy_header ? 0 : -ENOMEM;
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
