/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FTRACE_HOOK_H
#define FTRACE_HOOK_H

#include <linux/ftrace.h>

/**
 * struct ftrace_hook - one kernel function, replaced by one of this module
 * @name: the function to replace, as kallsyms has it
 * @replacement: called in its place, with its arguments; its prototype must be
 *	that of @name, its last act must be ftrace_hook_leave()
 * @ops: for ftrace_hook.c only
 *
 * A call of @name that comes from this module reaches the original: that is how
 * @replacement calls it.
 */
struct ftrace_hook {
	const char *name;
	void *replacement;
	struct ftrace_ops ops;
};

int ftrace_hook_install(struct ftrace_hook *hook);
void ftrace_hook_remove(struct ftrace_hook *hook);
void ftrace_hook_leave(void);

#endif /* FTRACE_HOOK_H */
