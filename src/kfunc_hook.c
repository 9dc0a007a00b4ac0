// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module without BTF must not fail later for that, in its init, where it registers
 * what BPF programs may use. kernel/bpf/btf.c, version by version (stable updates of
 * some have what a later version brought):
 *
 *				since	-ENOENT without BTF	then 0 and a warning
 * register_btf_kfunc_id_set	5.18	5.18 to 6.4		6.5
 * register_btf_fmodret_id_set	6.3	6.3 and 6.4		6.5
 * register_btf_id_dtor_kfuncs	5.19	5.19 to 6.8		6.9
 * __register_bpf_struct_ops	6.9	never			6.9
 *
 * The first three are hooked where they may do it, and what they return decides.
 * Unloading btf_tolerant between a module's notifier and its init takes that away.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/btf.h>
#include <linux/module.h>
#include <linux/version.h>

#include "ftrace_hook.h"
#include "kfunc_hook.h"
#include "report.h"

#ifdef CONFIG_DEBUG_INFO_BTF_MODULES
#define KERNEL_FROM_TO(from, to)	(LINUX_VERSION_CODE >= (from) && LINUX_VERSION_CODE < (to))
#else
#define KERNEL_FROM_TO(from, to)	0
#endif
#define HOOK_KFUNCS	KERNEL_FROM_TO(KERNEL_VERSION(5, 18, 0), KERNEL_VERSION(6, 5, 0))
#define HOOK_FMODRET	KERNEL_FROM_TO(KERNEL_VERSION(6, 3, 0), KERNEL_VERSION(6, 5, 0))
#define HOOK_DTORS	KERNEL_FROM_TO(KERNEL_VERSION(5, 19, 0), KERNEL_VERSION(6, 9, 0))

#if HOOK_KFUNCS || HOOK_DTORS

/* @owner registers @what, and the kernel says @err. */
static int forgive(const struct module *owner, const char *what, int err)
{
	if (err != -ENOENT || !owner || !report_is_dropped(owner))
		return err;
	pr_warn("%s: has no BTF, its %s cannot be used by BPF programs\n", owner->name, what);
	return 0;
}

#endif

#if HOOK_KFUNCS

static int kfunc_id_set(enum bpf_prog_type type, const struct btf_kfunc_id_set *set)
{
	int ret = register_btf_kfunc_id_set(type, set);

	ret = forgive(set->owner, "kfuncs", ret);
	ftrace_hook_leave();
	return ret;
}

static struct ftrace_hook kfunc_hook = {
	.name = "register_btf_kfunc_id_set",
	.replacement = kfunc_id_set,
};

#endif

#if HOOK_FMODRET

static int fmodret_id_set(const struct btf_kfunc_id_set *set)
{
	int ret = register_btf_fmodret_id_set(set);

	ret = forgive(set->owner, "functions to modify", ret);
	ftrace_hook_leave();
	return ret;
}

static struct ftrace_hook fmodret_hook = {
	.name = "register_btf_fmodret_id_set",
	.replacement = fmodret_id_set,
};

#endif

#if HOOK_DTORS

static int dtor_kfuncs(const struct btf_id_dtor_kfunc *dtors, u32 count, struct module *owner)
{
	int ret = register_btf_id_dtor_kfuncs(dtors, count, owner);

	ret = forgive(owner, "destructors", ret);
	ftrace_hook_leave();
	return ret;
}

static struct ftrace_hook dtor_hook = {
	.name = "register_btf_id_dtor_kfuncs",
	.replacement = dtor_kfuncs,
};

#endif

/* Those of the running kernel. */
static struct ftrace_hook *hooks[] = {
#if HOOK_KFUNCS
	&kfunc_hook,
#endif
#if HOOK_FMODRET
	&fmodret_hook,
#endif
#if HOOK_DTORS
	&dtor_hook,
#endif
	NULL
};

static unsigned int installed;

/**
 * kfunc_hook_install() - let dropped modules register kfuncs in vain
 *
 * Context: may sleep.
 * Return: 0, or an error of ftrace_hook_install(); then nothing is hooked.
 */
int kfunc_hook_install(void)
{
	int err = 0;

	while (hooks[installed] && !err) {
		err = ftrace_hook_install(hooks[installed]);
		installed += !err;
	}
	if (err)
		kfunc_hook_remove();
	return err;
}

/**
 * kfunc_hook_remove() - undo kfunc_hook_install()
 *
 * Context: may sleep.
 */
void kfunc_hook_remove(void)
{
	while (installed)
		ftrace_hook_remove(hooks[--installed]);
}
