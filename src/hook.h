/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOOK_H
#define HOOK_H

#include <linux/ftrace.h>
#include <linux/version.h>

/* Earlier ones have no module BTF; the kernel's notifier is found by a symbol's name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0) || !defined(CONFIG_KALLSYMS)
#error "btf_tolerant needs Linux 5.11 or later, with CONFIG_KALLSYMS=y"
#endif

/*
 * Kernels where something is to be hooked, and an ftrace can redirect a function. Only
 * x86-64's has been seen to: s390x loses the redirect to a kprobe, ppc64's may panic.
 */
#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_FTRACE) && \
	defined(CONFIG_DEBUG_INFO_BTF_MODULES) && !defined(NO_HOOK)
#define HOOK_FROM_TO(from, to)	(LINUX_VERSION_CODE >= (from) && LINUX_VERSION_CODE < (to))
#else
#define HOOK_FROM_TO(from, to)	0
#endif
#define HOOK_ANY	HOOK_FROM_TO(KERNEL_VERSION(5, 18, 0), KERNEL_VERSION(6, 9, 0))
/* Here a module with kfuncs fails if its BTF is dropped, and nothing can be done about it. */
#define HOOK_MISSING	(!HOOK_ANY && LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0) && \
			 LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0))

#if HOOK_ANY

/**
 * struct hook - one kernel function, replaced by one of this module
 * @name: the function to replace, as kallsyms has it; it returns int and may sleep
 * @replacement: called in its place, with its arguments. It calls hook_enter(), then the
 *	original, and ends in hook_leave()
 * @ops: for ftrace_hook.c only
 */
struct hook {
	const char *name;
	void *replacement;
	struct ftrace_ops ops;
};

int hook_install(struct hook *hook);
void hook_remove(struct hook *hook);
void hook_enter(void);
int hook_leave(int ret);

#endif

#endif /* HOOK_H */
