// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replace a kernel function by name, as kernel/livepatch/patch.c does: an ftrace callback
 * at the function's entry sets the instruction pointer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/freezer.h>
#include <linux/sched.h>

#include "ftrace_hook.h"

#if HOOK_ANY

/* The task that calls the originals now, one at a time. */
static DEFINE_MUTEX(hook_mutex);
static struct task_struct *hook_task;

/*
 * FTRACE_OPS_FL_RECURSION is not set: nothing that this calls is hooked, and with it ftrace
 * would skip the callback, and so the redirect, in nested contexts.
 */
static void notrace hook_callback(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct hook *hook = container_of(ops, struct hook, ops);

	/*
	 * A replacement calls the original: let it through. @parent_ip is no way to know that:
	 * on arm64 a kretprobe puts its trampoline there before ftrace looks.
	 */
	if (READ_ONCE(hook_task) == current)
		return;

	/*
	 * The replacement may sleep, and the reference keeps our code in place meanwhile.
	 * Once rmmod has begun there is none to be had: then the original runs, as it
	 * will from now on.
	 */
	if (!try_module_get(THIS_MODULE))
		return;

	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)hook->replacement);
}

/**
 * hook_install() - replace a function from now on
 * @hook: its name and replacement are set; must stay in place until it is removed
 *
 * On failure the log has one line that says why. Once the hook is installed, the kernel
 * refuses to set kernel.ftrace_enabled to 0 (FTRACE_OPS_FL_PERMANENT).
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if the kernel has no such function, or it cannot be traced;
 * -EBUSY if something else redirects it, or ftrace is switched off; -ENODEV if
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
		ftrace_free_filter(&hook->ops);
	}
	return err;
}

/**
 * hook_remove() - undo hook_install()
 * @hook: what hook_install() installed
 *
 * When it returns, every call reaches the original again, and the callback does not run on
 * any CPU. A running replacement holds a reference to this module, so in the exit function
 * there is none; unregister_ftrace_function() has waited (RCU tasks) until the last
 * instructions after hook_leave() were run.
 *
 * If ftrace has found a bug and shut itself down (-ENODEV), the function goes on calling us.
 * Then this never returns, since our code would be freed under it. It still lets the
 * machine suspend, for which all tasks must freeze.
 *
 * Context: in this module's exit function only; may sleep.
 */
void hook_remove(struct hook *hook)
{
	int err = unregister_ftrace_function(&hook->ops);

	if (err)
		pr_crit("cannot unhook %s (error %d), rmmod waits for a reboot\n", hook->name, err);
	while (err) {
		schedule_timeout_idle(HZ);
		try_to_freeze();
	}
	ftrace_free_filter(&hook->ops);
}

/**
 * hook_enter() - begin a replacement
 *
 * Until hook_leave(), what this task calls are the originals.
 *
 * Context: may sleep.
 */
void hook_enter(void)
{
	mutex_lock(&hook_mutex);
	WRITE_ONCE(hook_task, current);
}

/**
 * hook_leave() - end a replacement
 * @ret: the replacement's return value
 *
 * Drops the reference that the callback took. The replacement must not sleep after this.
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
