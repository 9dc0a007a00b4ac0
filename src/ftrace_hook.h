/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FTRACE_HOOK_H
#define FTRACE_HOOK_H

#include "compat.h"

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

#endif /* FTRACE_HOOK_H */
