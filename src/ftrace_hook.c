// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replace a kernel function by name, as kernel/livepatch/patch.c does it: an
 * ftrace callback at the function's entry sets the instruction pointer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/freezer.h>
#include <linux/sched.h>

#include "ftrace_hook.h"

#if HOOK_ANY

/* One at a time calls the original. */
static DEFINE_MUTEX(hook_mutex);
static struct task_struct *hook_task;

/*
 * No recursion guard: nothing that this calls is hooked, and FTRACE_OPS_FL_RECURSION
 * would make ftrace skip the callback, and so the redirect, in nested contexts.
 */
static void notrace hook_callback(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct hook *hook = container_of(ops, struct hook, ops);

	/*
	 * The replacement calls the original. @parent_ip would not tell: on arm64 a
	 * kretprobe has put its trampoline there before ftrace looks.
	 */
	if (READ_ONCE(hook_task) == current)
		return;

	/*
	 * The reference keeps our code in place while the replacement runs, and
	 * it may sleep. It cannot be had once rmmod has begun; then the original
	 * runs, as it will from now on.
	 */
	if (!try_module_get(THIS_MODULE))
		return;

	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)hook->replacement);
}

/**
 * hook_install() - replace a function from now on
 * @hook: its name and its replacement; must stay in place until removed
 *
 * Says in one line why, if it cannot. The hook cannot be switched off by
 * kernel.ftrace_enabled afterwards: the kernel refuses that (FTRACE_OPS_FL_PERMANENT).
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if the kernel has no such function, or it cannot be traced;
 * -EBUSY if another has redirected it, or ftrace is switched off; -ENODEV if
 * ftrace has shut itself down; -EAGAIN, -ENOMEM.
 */
int hook_install(struct hook *hook)
{
	int err;

	hook->ops.func = hook_callback;
	hook->ops.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;

	err = ftrace_set_filter(&hook->ops, (u8 *)hook->name, strlen(hook->name), 1);
	if (!err)
		err = register_ftrace_function(&hook->ops);
	if (err) {
		pr_warn("cannot hook %s (error %d)%s\n", hook->name, err, err != -EBUSY ? "" :
			": a livepatch, a kprobe with a post handler, a BPF program before Linux 6.0 or another module redirects it, or kernel.ftrace_enabled is 0");
		/* As ftrace_free_filter(), which not every kernel exports */
		ftrace_set_filter(&hook->ops, NULL, 0, 1);
	}
	return err;
}

/**
 * hook_remove() - give a function back, in this module's exit function only
 * @hook: what hook_install() installed
 *
 * When it returns, the original is what everybody calls, and the callback runs
 * nowhere. A replacement that still runs holds a reference to this module: in
 * the exit function there are none, and unregister_ftrace_function() has waited
 * (RCU tasks) until their last instructions behind hook_leave() were run.
 *
 * Where ftrace has found a bug and shut itself down (-ENODEV), the function keeps
 * calling us and cannot be given back: then this never returns, since our code
 * would be freed behind it. It still lets the machine suspend, which freezes all tasks.
 *
 * Context: may sleep.
 */
void hook_remove(struct hook *hook)
{
	int err = unregister_ftrace_function(&hook->ops);

	if (err)
		pr_crit("cannot give %s back: ftrace says %d; staying\n", hook->name, err);
	while (err) {
		schedule_timeout_idle(HZ);
		try_to_freeze();
	}
	ftrace_set_filter(&hook->ops, NULL, 0, 1);
}

/**
 * hook_enter() - the beginning of a replacement
 *
 * Until hook_leave() calls by this task reach the originals.
 *
 * Context: may sleep.
 */
void hook_enter(void)
{
	mutex_lock(&hook_mutex);
	WRITE_ONCE(hook_task, current);
}

/**
 * hook_leave() - the end of a replacement
 * @ret: what it returns
 *
 * Drops the reference that was taken for it. Nothing that sleeps may follow.
 *
 * Context: may sleep.
 * Return: @ret.
 */
int hook_leave(int ret)
{
	WRITE_ONCE(hook_task, NULL);
	mutex_unlock(&hook_mutex);
	module_put(THIS_MODULE);
	return ret;
}

#endif
