/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BTF_TOLERANT_H
#define BTF_TOLERANT_H

#include <linux/atomic.h>
#include <linux/notifier.h>

#include "name_check.h"

/* policy.c: what becomes of a module whose BTF does not match */
enum btf_policy {
	POLICY_STRICT = 0,	/* refused, as the stock kernel refuses it */
	POLICY_TOLERANT = 1,	/* loaded without its BTF */
	POLICY_VERIFY = 2,	/* so too if the kernel would take it for its own */
	POLICY_MAX = POLICY_VERIFY,
};

enum btf_policy policy_get(void);
const char *policy_name(enum btf_policy policy);
int policy_init(void);
void policy_exit(void);

/* base_strings.c: what the kernel has in /sys/kernel/btf */
void base_strings_init(void);
void base_strings_exit(void);
unsigned int base_strings_count(void);
enum name_verdict base_strings_check(const struct module *mod);
bool base_strings_left_out(const struct module *mod);

/* report.c: what has been done so far. Modules that came with BTF, and those refused for it */
extern atomic_long_t report_seen, report_refused;

const char *report_verdict(enum name_verdict verdict);
void report_dropped(const struct module *mod, enum name_verdict verdict, int err);
void report_gone(const struct module *mod);
int report_init(void);
void report_hide(void);
void report_exit(void);

/* notifier.c: in the place of the kernel's notifier */
int notifier_take(struct notifier_block *ours);
void notifier_give_back(struct notifier_block *ours);
bool notifier_is_ours(const struct notifier_block *ours);
int notifier_call_kernels(unsigned long op, struct module *mod);

/* kfunc_hook.c: where a module's init may fail for want of BTF */
int kfunc_hook_install(void);
void kfunc_hook_remove(void);

#endif /* BTF_TOLERANT_H */
