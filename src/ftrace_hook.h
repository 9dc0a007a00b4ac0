/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FTRACE_HOOK_H
#define FTRACE_HOOK_H

#include "compat.h"

#if HOOK_ANY

/**
 * struct hook - a kernel function and its replacement
 * @name: the function to replace, as in kallsyms; it returns int and may sleep
 * @replacement: called in its place, with its arguments. It calls hook_enter(), then the
 *	original, and ends with hook_leave()
 * @ops: private to ftrace_hook.c
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
