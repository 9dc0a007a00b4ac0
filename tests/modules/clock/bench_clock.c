// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/bench_clock: the time stamp counter, and how much of it the only CPU was idle. The
 * kernel's own account of that goes by ticks here.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/timex.h>
#include <trace/events/power.h>

static u64 idle, since;

static void note_idle(void *data, unsigned int state, unsigned int cpu)
{
	if (state != PWR_EVENT_EXIT)
		since = get_cycles();
	else if (since)
		idle += get_cycles() - since;
}

static int clock_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%llu %llu\n", (u64)get_cycles(), idle);
	return 0;
}

static int __init clock_init(void)
{
	int err = register_trace_cpu_idle(note_idle, NULL);

	if (err)
		return err;
	return proc_create_single("bench_clock", 0444, NULL, clock_show) ? 0 : -ENOMEM;
}
module_init(clock_init);

MODULE_DESCRIPTION("how long was this machine not idle?");
MODULE_LICENSE("GPL");
