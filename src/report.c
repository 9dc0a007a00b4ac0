// SPDX-License-Identifier: GPL-2.0-only
/* What has been done so far: counts, the dropped modules, /proc/btf_tolerant. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/utsname.h>

#include "btf_tolerant.h"

#define REPORT_FILE	"btf_tolerant"

struct dropped {
	struct list_head list;
	const struct module *mod;	/* compared, never followed */
	const char *reason;
	int err;
	char name[MODULE_NAME_LEN];
};

atomic_long_t report_seen, report_refused;
static atomic_long_t count_dropped;
static LIST_HEAD(dropped_list);
static DEFINE_MUTEX(dropped_lock);

/**
 * report_dropped() - count and list a module that goes on without its BTF
 * @mod: the module
 * @reason: what is wrong with it, in one word; must stay in place
 * @err: the kernel's error, negative; 0 if it had none
 *
 * It stays in the list until report_gone(). Without memory it is only counted.
 *
 * Context: may sleep.
 */
void report_dropped(const struct module *mod, const char *reason, int err)
{
	struct dropped *d = kmalloc(sizeof(*d), GFP_KERNEL);

	atomic_long_inc(&count_dropped);
	if (!d)
		return;
	d->mod = mod;
	d->reason = reason;
	d->err = err;
	strscpy(d->name, mod->name, sizeof(d->name));

	mutex_lock(&dropped_lock);
	list_add_tail(&d->list, &dropped_list);
	mutex_unlock(&dropped_lock);
}

/**
 * report_gone() - a module leaves the kernel, dropped or not
 * @mod: the module
 *
 * Context: may sleep.
 */
void report_gone(const struct module *mod)
{
	struct dropped *d, *tmp;

	mutex_lock(&dropped_lock);
	list_for_each_entry_safe(d, tmp, &dropped_list, list) {
		if (d->mod == mod) {
			list_del(&d->list);
			kfree(d);
		}
	}
	mutex_unlock(&dropped_lock);
}

/* Scripts read this: man/btf_tolerant.7 documents each line. */
static int report_show(struct seq_file *m, void *v)
{
	enum btf_policy policy = policy_get();
	struct dropped *d;

	seq_printf(m, "version\t%s\n", THIS_MODULE->version);
	seq_printf(m, "kernel\t%s\n", init_utsname()->release);
	seq_printf(m, "policy\t%d\t%s\n", policy, policy_name(policy));

	seq_printf(m, "base_strings\t%u\n", base_strings_count());

	mutex_lock(&dropped_lock);
	seq_printf(m, "seen\t%ld\n", atomic_long_read(&report_seen));
	seq_printf(m, "dropped\t%ld\n", atomic_long_read(&count_dropped));
	seq_printf(m, "refused\t%ld\n", atomic_long_read(&report_refused));
	list_for_each_entry(d, &dropped_list, list)
		seq_printf(m, "module\t%s\t%s\t%d\n", d->name, d->reason, d->err);
	mutex_unlock(&dropped_lock);
	return 0;
}

/**
 * report_init() - make /proc/btf_tolerant
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int report_init(void)
{
	if (proc_create_single(REPORT_FILE, 0444, NULL, report_show))
		return 0;
	pr_err("cannot create /proc/%s; not loading\n", REPORT_FILE);
	return -ENOMEM;
}

/**
 * report_exit() - remove /proc/btf_tolerant and forget all modules
 *
 * Our notifier must be out of the chain by now.
 *
 * Context: may sleep.
 */
void report_exit(void)
{
	struct dropped *d, *tmp;

	remove_proc_entry(REPORT_FILE, NULL);
	list_for_each_entry_safe(d, tmp, &dropped_list, list)
		kfree(d);
}
