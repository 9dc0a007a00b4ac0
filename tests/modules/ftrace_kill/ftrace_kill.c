// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shuts ftrace down, as the kernel does when it has found a bug in it. ftrace_kill() is not
 * exported; a kprobe tells where it is.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

static int __init ftrace_kill_init(void)
{
	struct kprobe kp = { .symbol_name = "ftrace_kill" };
	void (*kill)(void);
	int err = register_kprobe(&kp);

	if (err)
		return err;
	kill = (void *)kp.addr;
	unregister_kprobe(&kp);
	kill();
	return 0;
}

static void __exit ftrace_kill_exit(void)
{
}

module_init(ftrace_kill_init);
module_exit(ftrace_kill_exit);

MODULE_DESCRIPTION("Shut ftrace down");
MODULE_LICENSE("GPL");
