// SPDX-License-Identifier: GPL-2.0-only
/*
 * Give a module BTF again after it was dropped. One write to /dev/btf_tolerant has the
 * module's name and BTF that user space has relocated onto the running kernel's
 * (btf-restore does that).
 *
 * The kernel's notifier is told again that the module is coming and live, so it parses and
 * publishes this BTF as if the module had brought it. When the module is unloaded, the
 * kernel removes the BTF, whether btf_tolerant is still loaded or not.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/miscdevice.h>
#include <linux/security.h>
#include <linux/workqueue.h>

#include "internal.h"

/* Nobody else writes to a module's btf_data after its init, so one lock for all is enough. */
DEFINE_MUTEX(restore_lock);

/* @mod is live, and the caller has a reference. On failure it stays without BTF. */
static int publish(struct module *mod, void *btf, size_t size)
{
	int err = -EINVAL;

	mod->btf_data = btf;
	mod->btf_data_size = size;
	if (sysfs_btf_check(mod) == BTF_FITS)
		err = notifier_to_errno(kernel_block_call(MODULE_STATE_COMING, mod));
	if (!err && !sysfs_btf_has(mod)) {
		/* Maybe it published the BTF, but without a file: then this undoes it. */
		kernel_block_call(MODULE_STATE_GOING, mod);
		err = -EINVAL;
	}
	if (!err)
		kernel_block_call(MODULE_STATE_LIVE, mod);
	else
		mod->btf_data_size = 0;
	/* The kernel has a copy. It needs the size to clean up when the module is unloaded. */
	mod->btf_data = NULL;
	return err && err != -ENOMEM ? -EINVAL : err;
}

static int restore(const char *name, void *btf, size_t size)
{
	struct module *mod;
	int err;

	mutex_lock(&restore_lock);
	mod = report_get_dropped(name);
	err = PTR_ERR_OR_ZERO(mod);
	if (!err) {
		err = publish(mod, btf, size);
		if (!err)
			atomic_long_inc(&report_restored);
		module_put(mod);
	}
	mutex_unlock(&restore_lock);
	return err;
}

/* An interface for programs: man/btf_tolerant.7 documents the format and the errors. */
static ssize_t restore_write(struct file *file, const char __user *from, size_t len,
			     loff_t *ppos)
{
	char *name, *end;
	int err;

	if (!capable(CAP_SYS_MODULE) || !file_ns_capable(file, &init_user_ns, CAP_SYS_MODULE))
		return -EPERM;
	/* IMA, LoadPin and others decide as about a module that comes without a file. */
	err = security_kernel_load_data(LOADING_MODULE, false);
	if (err)
		return err;
	/* The verifier trusts BTF: where unsigned modules are kept out, so is unsigned BTF. */
	if (is_module_sig_enforced() || security_locked_down(LOCKDOWN_MODULE_SIGNATURE)) {
		pr_warn_ratelimited("not restoring BTF: this kernel only accepts signed modules\n");
		return -EPERM;
	}
	if (len > MODULE_BTF_MAX)
		return -EFBIG;
	name = vmemdup_user(from, len);
	if (IS_ERR(name))
		return PTR_ERR(name);
	end = memchr(name, '\0', len);
	err = end ? restore(name, end + 1, name + len - (end + 1)) : -EINVAL;
	kvfree(name);
	return err ?: len;
}

static const struct file_operations restore_fops = {
	.owner = THIS_MODULE,
	.write = restore_write,
};

static struct miscdevice restore_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KBUILD_MODNAME,
	.mode = 0200,
	.fops = &restore_fops,
};

static void announce(struct work_struct *work)
{
	if (!IS_ERR_OR_NULL(restore_device.this_device))
		kobject_uevent(&restore_device.this_device->kobj, KOBJ_CHANGE);
}

static DECLARE_DELAYED_WORK(announce_work, announce);

/**
 * restore_offer() - tell user space by a uevent that there is a module to restore
 *
 * The uevent is sent half a second later, once for all modules of that half second. A module
 * that waits for its driver's asynchronous probes may still be in its init then: -EAGAIN.
 *
 * Context: any.
 */
void restore_offer(void)
{
	schedule_delayed_work(&announce_work, HZ / 2);
}

/**
 * restore_init() - make /dev/btf_tolerant
 *
 * If that cannot be, it says so. An open file holds a reference to btf_tolerant, so its init
 * must not fail after this.
 *
 * Context: may sleep.
 */
void restore_init(void)
{
	int err = misc_register(&restore_device);

	if (err)
		pr_warn("cannot create /dev/%s (error %d), BTF cannot be restored\n",
			restore_device.name, err);
}

/**
 * restore_exit() - remove /dev/btf_tolerant
 *
 * Our notifier must be out of the chain by now.
 *
 * Context: may sleep.
 */
void restore_exit(void)
{
	cancel_delayed_work_sync(&announce_work);
	if (!IS_ERR_OR_NULL(restore_device.this_device))
		misc_deregister(&restore_device);
}
