// SPDX-License-Identifier: GPL-2.0-only
/* What has been done so far: counts, the dropped modules, /proc/btf_tolerant. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/utsname.h>

#include "internal.h"

#define REPORT_FILE	"btf_tolerant"

/* 32 bytes, and found at once: there may be thousands. */
struct dropped {
	struct hlist_node node;
	const struct module *mod;	/* is there until report_gone() */
	s16 err;
	u8 verdict;
};

atomic_long_t report_seen, report_refused;
static atomic_long_t count_dropped;
static DEFINE_HASHTABLE(dropped, 8);
static DEFINE_MUTEX(dropped_lock);

/**
 * report_verdict() - why a module was dropped, for messages and /proc
 * @verdict: any but BTF_FITS
 *
 * Context: any.
 * Return: a static string.
 */
const char *report_verdict(enum btf_verdict verdict)
{
	static const char * const names[] = {
		[BTF_WRONG_NAMES] = "names", [BTF_WRONG_STRINGS] = "strings",
		[BTF_WRONG_TYPES] = "types", [BTF_UNJUDGED] = "kernel",
	};

	return names[verdict];
}

/**
 * report_dropped() - count and list a module that goes on without its BTF
 * @mod: the module
 * @verdict: what is wrong with its names; BTF_UNJUDGED if it is the kernel that says so
 * @err: the kernel's error, negative; 0 if it had none
 *
 * It stays in the list until report_gone(). Without memory it is only counted.
 *
 * Context: may sleep.
 */
void report_dropped(const struct module *mod, enum btf_verdict verdict, int err)
{
	struct dropped *d = kmalloc(sizeof(*d), GFP_KERNEL);

	atomic_long_inc(&count_dropped);
	if (!d)
		return;
	d->mod = mod;
	d->verdict = verdict;
	d->err = err;

	mutex_lock(&dropped_lock);
	hash_add(dropped, &d->node, (long)mod);
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
	struct hlist_node *tmp;
	struct dropped *d;

	mutex_lock(&dropped_lock);
	hash_for_each_possible_safe(dropped, d, tmp, node, (long)mod) {
		if (d->mod == mod) {
			hash_del(&d->node);
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
	int i;

	seq_printf(m, "version\t%s\n", THIS_MODULE->version);
	seq_printf(m, "kernel\t%s\n", init_utsname()->release);
	seq_printf(m, "policy\t%d\t%s\n", policy, policy_name(policy));

	seq_printf(m, "base_strings\t%u\n", sysfs_btf_string_count());

	mutex_lock(&dropped_lock);
	seq_printf(m, "seen\t%ld\n", atomic_long_read(&report_seen));
	seq_printf(m, "dropped\t%ld\n", atomic_long_read(&count_dropped));
	seq_printf(m, "refused\t%ld\n", atomic_long_read(&report_refused));
	hash_for_each(dropped, i, d, node)
		seq_printf(m, "module\t%s\t%s\t%d\n", d->mod->name,
			   report_verdict(d->verdict), d->err);
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
 * report_hide() - remove /proc/btf_tolerant
 *
 * Our notifier must still be in the chain: what is shown is of modules that are there.
 *
 * Context: may sleep.
 */
void report_hide(void)
{
	remove_proc_entry(REPORT_FILE, NULL);
}

/**
 * report_exit() - forget all modules
 *
 * Our notifier must be out of the chain by now.
 *
 * Context: may sleep.
 */
void report_exit(void)
{
	struct hlist_node *tmp;
	struct dropped *d;
	int i;

	hash_for_each_safe(dropped, i, tmp, d, node)
		kfree(d);
}
