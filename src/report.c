// SPDX-License-Identifier: GPL-2.0-only
/* Counters, the list of dropped modules, and /proc/btf_tolerant. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>

#include "internal.h"

/* There may be thousands: small, and hashed by the module's address. */
struct dropped {
	struct hlist_node node;
	struct module *mod;		/* valid until report_gone() */
	s16 err;
	u8 verdict;
};

atomic_long_t report_seen, report_refused, report_restored;
static atomic_long_t count_dropped;
static DEFINE_HASHTABLE(dropped, 8);
static DEFINE_MUTEX(dropped_lock);

/* Why BTF was dropped, for messages and /proc. BTF_FITS: it fits, but the kernel refused it. */
const char * const report_reasons[] = {
	[BTF_FITS] = "broken",
	[BTF_WRONG_NAMES] = "names",
	[BTF_WRONG_STRINGS] = "strings",
	[BTF_WRONG_TYPES] = "types",
	[BTF_UNJUDGED] = "kernel",
};

/**
 * report_drop() - drop a module's BTF, count the module, and list it
 * @mod: the module
 * @verdict: what the check found; BTF_UNJUDGED if only the kernel's parser refused the BTF;
 *	BTF_FITS if the kernel's parser refused BTF that passes the check
 * @err: the kernel's error, negative; 0 if there was none
 *
 * The module stays in the list until report_gone(). If there is no memory for an entry, the
 * module is counted and not listed.
 *
 * Context: may sleep.
 */
void report_drop(struct module *mod, enum btf_verdict verdict, int err)
{
	struct dropped *d = kmalloc(sizeof(*d), GFP_KERNEL);

	btf_mark_dropped(mod);
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
 * report_gone() - remove a module from the list, if it is there
 * @mod: the module, which is about to be freed
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

/**
 * report_get_dropped() - find a live module whose BTF was dropped, and take a reference
 * @name: the module's name
 *
 * Context: may sleep; restore_lock is held.
 * Return: the module, whose reference the caller must put; -ENOENT if no module of that name
 * is in the list, -EALREADY if its BTF has been restored, -EAGAIN if it is still in its init
 * or is being unloaded.
 */
struct module *report_get_dropped(const char *name)
{
	struct module *mod = ERR_PTR(-ENOENT);
	struct dropped *d;
	int i;

	mutex_lock(&dropped_lock);
	hash_for_each(dropped, i, d, node) {
		if (strcmp(d->mod->name, name))
			continue;
		mod = d->mod;
		if (d->mod->btf_data_size)
			mod = ERR_PTR(-EALREADY);
		/* Until the kernel has cleared btf_data after the init, it could clear ours. */
		else if (READ_ONCE(mod->state) != MODULE_STATE_LIVE || READ_ONCE(mod->btf_data) ||
			 !try_module_get(mod))
			mod = ERR_PTR(-EAGAIN);
	}
	mutex_unlock(&dropped_lock);
	return mod;
}

/* An interface for scripts: man/btf_tolerant.7 documents each record. */
static int report_show(struct seq_file *m, void *v)
{
	enum btf_policy policy = policy_get();
	struct dropped *d;
	int i;

	seq_printf(m, "version\t%s\nkernel\t%s\n", THIS_MODULE->version, init_utsname()->release);
	seq_printf(m, "policy\t%d\t%s\n", policy, policy_names[policy]);

	seq_printf(m, "base_strings\t%u\n", sysfs_btf_string_count());

	/* A module that is being restored has a size, and may yet lose it. */
	mutex_lock(&restore_lock);
	mutex_lock(&dropped_lock);
	seq_printf(m, "seen\t%ld\ndropped\t%ld\nrestored\t%ld\nrefused\t%ld\n",
		   atomic_long_read(&report_seen), atomic_long_read(&count_dropped),
		   atomic_long_read(&report_restored), atomic_long_read(&report_refused));
	hash_for_each(dropped, i, d, node)
		seq_printf(m, "module\t%s\t%s\t%d%s\n", d->mod->name,
			   report_reasons[d->verdict], d->err,
			   d->mod->btf_data_size ? "\trestored" : "");
	mutex_unlock(&dropped_lock);
	mutex_unlock(&restore_lock);
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
	if (proc_create_single(KBUILD_MODNAME, 0444, NULL, report_show))
		return 0;
	pr_err("cannot create /proc/" KBUILD_MODNAME "; not loading\n");
	return -ENOMEM;
}

/**
 * report_hide() - remove /proc/btf_tolerant
 *
 * Our notifier must still be in the chain: it keeps modules that have gone out of the list.
 *
 * Context: may sleep.
 */
void report_hide(void)
{
	remove_proc_entry(KBUILD_MODNAME, NULL);
}

/**
 * report_exit() - free the list
 *
 * Our notifier must no longer be in the chain.
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
