// SPDX-License-Identifier: GPL-2.0-only
/* A module whose init waits, so that it can be killed there, and fails if told to; and its exit. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

static unsigned int wait_ms;
module_param(wait_ms, uint, 0444);
MODULE_PARM_DESC(wait_ms, "how long its init sleeps");

static unsigned int exit_ms;
module_param(exit_ms, uint, 0444);
MODULE_PARM_DESC(exit_ms, "how long its exit sleeps");

static int error;
module_param(error, int, 0444);
MODULE_PARM_DESC(error, "what its init returns");

static int __init fire_init(void)
{
	if (wait_ms)
		schedule_timeout_killable(msecs_to_jiffies(wait_ms));
	if (!fatal_signal_pending(current))
		return error;
	pr_info("%s: killed in its init\n", KBUILD_MODNAME);
	return -EINTR;
}

static void __exit fire_exit(void)
{
	msleep(exit_ms);
}

module_init(fire_init);
module_exit(fire_exit);

MODULE_DESCRIPTION("Test: an init that waits and fails");
MODULE_LICENSE("GPL");
