// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module's init registers what BPF programs may use of it. It must not fail there because
 * the BTF was dropped. What these functions of kernel/bpf/btf.c return for a module without
 * BTF (stable updates of some versions have what a later version brought):
 *
 *				since	-ENOENT			0 and a warning from
 * register_btf_kfunc_id_set	5.18	5.18 to 6.4		6.5
 * register_btf_fmodret_id_set	6.3	6.3 and 6.4		6.5
 * register_btf_id_dtor_kfuncs	5.19	5.19 to 6.8		6.9
 * __register_bpf_struct_ops	6.9	never			6.9
 *
 * The first and the third are hooked on 5.18 to 6.4, where ftrace can do it (compat.h). None of
 * the kernel's own modules registers destructors on 6.5 to 6.8, or calls the second function on
 * any version. If btf_tolerant is unloaded between a module's notifier and its init, that init
 * fails. Errors after the init are left as they are.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "ftrace_hook.h"
#include "internal.h"

#if HOOK_ANY

/* Replaces a function that registers @what of the module @owner; @call calls the original. */
#define DEFINE_REPLACEMENT(id, params, call, owner, what)		\
static int id##_replacement params					\
{									\
	hook_enter();							\
	return hook_leave(forgive(owner, what, call));			\
}

/* @owner registers @what, and the original returned @err. */
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
 * kfunc_hook_install() - let modules without BTF pass where they register kfuncs
 *
 * On failure the log has one line that says why.
 *
 * Context: may sleep.
 * Return: true if every module can do without its BTF on this kernel; false if a module's
 * init may fail for lack of it, and not all functions could be hooked. Those that could be
 * stay hooked, which does no harm.
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
