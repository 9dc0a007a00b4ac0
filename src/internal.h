/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BTF_TOLERANT_INTERNAL_H
#define BTF_TOLERANT_INTERNAL_H

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "btf_check.h"
#include "compat.h"

/*
 * btf_module_notify() looks at the size first: if it is 0, the module is left alone when it
 * goes live and when it goes. So nobody follows the pointer. It marks the module until the
 * kernel clears it after the module's init.
 */
static inline void btf_mark_dropped(struct module *mod)
{
	mod->btf_data = ERR_PTR(-ENODATA);
	mod->btf_data_size = 0;
}

/* Has this module's BTF been dropped? Only known until its init has returned. */
static inline bool btf_dropped(const struct module *mod)
{
	return IS_ERR(mod->btf_data);
}

/* Four times the BTF of the largest known module; BPF_BTF_LOAD takes no more either. */
#define MODULE_BTF_MAX	SZ_16M

/* policy.c: what becomes of a module whose BTF does not match */
enum btf_policy {
	POLICY_STRICT = 0,	/* refused, as the stock kernel refuses it */
	POLICY_TOLERANT = 1,	/* loaded without its BTF */
	POLICY_VERIFY = 2,	/* the same, also if the kernel would not notice */
};

extern const char * const policy_names[];

enum btf_policy policy_get(void);
int policy_init(void);
void policy_exit(void);

/* sysfs_btf.c: what the kernel has in /sys/kernel/btf */
void sysfs_btf_init(void);
void sysfs_btf_exit(void);
unsigned int sysfs_btf_string_count(void);
enum btf_verdict sysfs_btf_check(const struct module *mod);
bool sysfs_btf_has(const struct module *mod);

/* report.c: modules that came with BTF, were refused for it, have been given it again */
extern atomic_long_t report_seen, report_refused, report_restored;
extern const char * const report_reasons[];

struct module *report_get_dropped(const char *name);
void report_drop(struct module *mod, enum btf_verdict verdict, int err);
void report_gone(const struct module *mod);
int report_init(void);
void report_hide(void);
void report_exit(void);

/* restore.c: a dropped module gets BTF that was relocated onto this kernel's */
extern struct mutex restore_lock;

void restore_init(void);
void restore_exit(void);
void restore_offer(void);

/* notifier.c: take the place of the kernel's notifier */
int kernel_block_replace(struct notifier_block *ours);
void kernel_block_put_back(struct notifier_block *ours);
bool kernel_block_replaced(const struct notifier_block *ours);
int kernel_block_call(unsigned long op, struct module *mod);

/* kfunc_hook.c: kernels on which a module's init may fail for lack of BTF */
bool kfunc_hook_install(void);
void kfunc_hook_remove(void);

#endif /* BTF_TOLERANT_INTERNAL_H */
