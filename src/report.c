// SPDX-License-Identifier: GPL-2.0-only
/* What has been done so far: counts, the dropped modules, /proc/btf_tolerant. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/utsname.h>

#include "base_strings.h"
#include "policy.h"
#include "report.h"

#define REPORT_FILE	"btf_tolerant"

struct dropped {
	struct list_head list;
	const struct module *mod;	/* compared, never followed */
	const char *reason;
	int err;
	char name[MODULE_NAME_LEN];
};

static atomic_long_t count_seen, count_dropped, count_refused;
static LIST_HEAD(dropped_list);
static DEFINE_MUTEX(dropped_lock);

/**
 * report_seen() - count a module that came with BTF
 *
 * Context: any.
 */
void report_seen(void)
{
	atomic_long_inc(&count_seen);
}

/**
 * report_refused() - count a module that was refused for its BTF
 *
 * Context: any.
 */
void report_refused(void)
{
	atomic_long_inc(&count_refused);
}

/**
 * report_dropped() - count and list a module that goes on without its BTF
 * @mod: the module
 * @reason: what is wrong with it, in one word; must stay in place
 * @err: the kernel's error, negative; 0 if it had none
 *
 * It stays in the list until report_gone().
 *
 * Context: may sleep.
 */
void report_dropped(const struct module *mod, const char *reason, int err)
{
	/* A module that is not in the list may fail in its init, see kfunc_hook.c. */
	struct dropped *d = kmalloc(sizeof(*d), GFP_KERNEL | __GFP_NOFAIL);

	atomic_long_inc(&count_dropped);
	d->mod = mod;
	d->reason = reason;
	d->err = err;
	strscpy(d->name, mod->name, sizeof(d->name));

	mutex_lock(&dropped_lock);
	list_add_tail(&d->list, &dropped_list);
	mutex_unlock(&dropped_lock);
}

static struct dropped *find(const struct module *mod)
{
	struct dropped *d;

	list_for_each_entry(d, &dropped_list, list)
		if (d->mod == mod)
			return d;
	return NULL;
}

/**
 * report_is_dropped() - is a module loaded without its BTF?
 * @mod: the module; it must not go meanwhile
 *
 * Context: may sleep.
 * Return: true if report_dropped() was told so, and report_gone() was not.
 */
bool report_is_dropped(const struct module *mod)
{
	bool ret;

	mutex_lock(&dropped_lock);
	ret = find(mod);
	mutex_unlock(&dropped_lock);
	return ret;
}

/**
 * report_gone() - a module leaves the kernel, dropped or not
 * @mod: the module
 *
 * Context: may sleep.
 */
void report_gone(const struct module *mod)
{
	struct dropped *d;

	mutex_lock(&dropped_lock);
	d = find(mod);
	if (d)
		list_del(&d->list);
	mutex_unlock(&dropped_lock);
	kfree(d);
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
	seq_printf(m, "seen\t%ld\n", atomic_long_read(&count_seen));
	seq_printf(m, "dropped\t%ld\n", atomic_long_read(&count_dropped));
	seq_printf(m, "refused\t%ld\n", atomic_long_read(&count_refused));
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
 * The hook must be gone by now.
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
