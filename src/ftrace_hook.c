// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replace a kernel function by name, as kernel/livepatch/patch.c does it: an
 * ftrace callback at the function's entry sets the instruction pointer. What
 * differs in ftrace between 5.11 and 7.3 is dealt with here and nowhere else.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/version.h>

#include "ftrace_hook.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#error "btf_tolerant needs Linux 5.11 or later: earlier kernels have no module BTF"
#endif

#ifndef CONFIG_DYNAMIC_FTRACE
#error "btf_tolerant needs a kernel with CONFIG_DYNAMIC_FTRACE=y"
#endif

#if defined(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS)
#define HOOK_FL_REGS	0

static __always_inline void hook_redirect(struct ftrace_regs *fregs, void *to)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)to);
#else
	ftrace_instruction_pointer_set(fregs, (unsigned long)to);
#endif
}
#elif defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS)
#define HOOK_FL_REGS	FTRACE_OPS_FL_SAVE_REGS

static __always_inline void hook_redirect(struct ftrace_regs *fregs, void *to)
{
	instruction_pointer_set(ftrace_get_regs(fregs), (unsigned long)to);
}
#else
#error "btf_tolerant needs an ftrace that can redirect a function (WITH_ARGS or WITH_REGS)"
#endif

/* Replacements that run now, of all hooks. */
static atomic_t hook_running = ATOMIC_INIT(0);

/*
 * No recursion guard: nothing that this calls is hooked, and FTRACE_OPS_FL_RECURSION
 * would make ftrace skip the callback, and so the redirect, in nested contexts.
 */
static void notrace hook_callback(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct ftrace_hook *hook = container_of(ops, struct ftrace_hook, ops);

	/* The replacement calls the original. */
	if (within_module(parent_ip, THIS_MODULE))
		return;

	/*
	 * The reference keeps our code in place while the replacement runs, and
	 * it may sleep. It cannot be had once rmmod has begun; then the original
	 * runs, as it will from now on.
	 */
	if (!try_module_get(THIS_MODULE))
		return;

	atomic_inc(&hook_running);
	hook_redirect(fregs, hook->replacement);
}

/* Only here to ask ftrace a question, see hook_say_busy(). */
static void notrace hook_no_callback(unsigned long ip, unsigned long parent_ip,
				     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static int hook_set_filter(struct ftrace_ops *ops, const char *name)
{
	return ftrace_set_filter(ops, (unsigned char *)name, strlen(name), 1);
}

/* Not every kernel exports ftrace_free_filter(); this does the same. */
static void hook_clear_filter(struct ftrace_ops *ops)
{
	ftrace_set_filter(ops, NULL, 0, 1);
}

/*
 * -EBUSY says that ftrace is switched off, or that another has redirected the
 * function. Without IPMODIFY the latter is no obstacle: so try that.
 */
static void hook_say_busy(const char *name)
{
	static struct ftrace_ops probe = {
		.func = hook_no_callback,
		.flags = FTRACE_OPS_FL_PERMANENT,
	};
	int err = hook_set_filter(&probe, name);

	if (!err)
		err = register_ftrace_function(&probe);
	if (!err) {
		unregister_ftrace_function(&probe);
		pr_err("%s is taken by another that redirects it: a livepatch (/sys/kernel/livepatch), a kprobe with a post handler, a BPF program before Linux 6.0, or another module; not loading\n",
		       name);
	} else if (err == -EBUSY) {
		pr_err("ftrace is switched off (kernel.ftrace_enabled=0), cannot hook %s; not loading\n",
		       name);
	} else {
		pr_err("cannot hook %s: ftrace says it is busy; not loading\n", name);
	}
	hook_clear_filter(&probe);
}

/**
 * ftrace_hook_install() - replace a function from now on
 * @hook: its name and its replacement; must stay in place until removed
 *
 * Says in one line why, if it cannot. The hook cannot be switched off by
 * kernel.ftrace_enabled afterwards: the kernel refuses that (FTRACE_OPS_FL_PERMANENT).
 *
 * Context: may sleep.
 * Return: 0; -ENOENT if the kernel has no such function, or it cannot be traced;
 * -EBUSY if another has redirected it, or ftrace is switched off; -ENODEV if
 * ftrace has shut itself down; -EAGAIN, -ENOMEM.
 */
int ftrace_hook_install(struct ftrace_hook *hook)
{
	int err, tries = 10;

	hook->ops.func = hook_callback;
	hook->ops.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT | HOOK_FL_REGS;

	err = hook_set_filter(&hook->ops, hook->name);
	if (err == -EINVAL) {
		pr_err("this kernel has no function %s that can be traced; not loading\n",
		       hook->name);
		return -ENOENT;
	}
	if (!err) {
		/* A BPF program on the function may be just being attached. */
		do {
			err = register_ftrace_function(&hook->ops);
		} while (err == -EAGAIN && --tries);
		if (!err)
			return 0;
		hook_clear_filter(&hook->ops);
	}
	if (err == -EBUSY)
		hook_say_busy(hook->name);
	else
		pr_err("cannot hook %s: ftrace says %d; not loading\n", hook->name, err);
	return err;
}

/**
 * ftrace_hook_remove() - give a function back
 * @hook: what ftrace_hook_install() installed
 *
 * When it returns, the original is what everybody calls, and the callback runs
 * nowhere. A replacement that still runs holds a reference to this module: in
 * the exit function there are none, and unregister_ftrace_function() has waited
 * (RCU tasks) until their last instructions behind ftrace_hook_leave() were run.
 * Where init fails, nobody but this function waits for them.
 *
 * Where ftrace has found a bug and shut itself down (-ENODEV), the function keeps
 * calling us and cannot be given back: then this never returns, since our code
 * would be freed behind it.
 *
 * Context: may sleep.
 */
void ftrace_hook_remove(struct ftrace_hook *hook)
{
	int err = unregister_ftrace_function(&hook->ops);

	if (err)
		pr_crit("cannot give %s back: ftrace says %d; staying\n", hook->name, err);
	while (err)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);
	hook_clear_filter(&hook->ops);
	if (THIS_MODULE->state == MODULE_STATE_COMING) {
		while (atomic_read(&hook_running))
			schedule_timeout_idle(1);
		synchronize_rcu_tasks();
	}
}

/**
 * ftrace_hook_leave() - the end of a replacement
 *
 * Drops the reference that was taken for it. Call it after the original, whose
 * call must not become a tail call: its caller could then no longer be told to be
 * this module. Nothing that sleeps may follow.
 *
 * Context: any.
 */
void ftrace_hook_leave(void)
{
	atomic_dec(&hook_running);
	module_put(THIS_MODULE);
}
