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
 * The first and the third are hooked on 5.18 to 6.4, if ftrace can (compat.h). On 6.5 to 6.8
 * none of the kernel's own modules registers destructors, and none calls the second anywhere.
 * Unloading btf_tolerant between a module's notifier and its init takes that away; after the
 * init nothing is forgiven.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "ftrace_hook.h"
#include "internal.h"

#if HOOK_ANY

/* A function that registers @what of the module @owner; @call calls it. */
#define DEFINE_REPLACEMENT(id, params, call, owner, what)		\
static int id##_replacement params					\
{									\
	hook_enter();							\
	return hook_leave(forgive(owner, what, call));			\
}

/* @owner registers @what, and the kernel says @err. */
static int forgive(const struct module *owner, const char *what, int err)
{
	if (err != -ENOENT || !owner || !btf_dropped(owner))
		return err;
	pr_warn("%s: has no BTF, its %s cannot be used by BPF programs\n", owner->name, what);
	return 0;
}

DEFINE_REPLACEMENT(kfunc, (enum bpf_prog_type type, const struct btf_kfunc_id_set *set),
		   register_btf_kfunc_id_set(type, set), set->owner, "kfuncs")
#if HOOK_DTORS
DEFINE_REPLACEMENT(dtor, (const struct btf_id_dtor_kfunc *dtors, u32 count, struct module *owner),
		   register_btf_id_dtor_kfuncs(dtors, count, owner), owner, "destructors")
#endif

static struct hook hooks[] = {
	{ .name = "register_btf_kfunc_id_set", .replacement = kfunc_replacement },
#if HOOK_DTORS
	{ .name = "register_btf_id_dtor_kfuncs", .replacement = dtor_replacement },
#endif
};

static unsigned int installed;

/**
 * kfunc_hook_install() - let dropped modules register kfuncs in vain
 *
 * Says in one line why, if it cannot.
 *
 * Context: may sleep.
 * Return: whether a module can do without its BTF on this kernel: false if its init may
 * fail for that, and not all could be hooked. What is hooked stays: it does no harm.
 */
bool kfunc_hook_install(void)
{
	while (installed < ARRAY_SIZE(hooks) && !hook_install(&hooks[installed]))
		installed++;
	return installed == ARRAY_SIZE(hooks);
}

/**
 * kfunc_hook_remove() - undo kfunc_hook_install()
 *
 * Context: may sleep.
 */
void kfunc_hook_remove(void)
{
	while (installed)
		hook_remove(&hooks[--installed]);
}

#else

bool kfunc_hook_install(void) { return !INIT_NEEDS_BTF; }
void kfunc_hook_remove(void) { }

#endif
