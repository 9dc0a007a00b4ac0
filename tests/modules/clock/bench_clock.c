// SPDX-License-Identifier: GPL-2.0-only
/* /proc/bench_clock: the time, and of it the time that the first CPU was idle, in us. */
#include <linux/init.h>
#include <linux/kernel_stat.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static int clock_show(struct seq_file *m, void *v)
{
	u64 now, idle = get_cpu_idle_time_us(0, &now) + get_cpu_iowait_time_us(0, NULL);

	seq_printf(m, "%llu %llu\n", now, idle);
	return 0;
}

static int __init clock_init(void)
{
	return proc_create_single("bench_clock", 0444, NULL, clock_show) ? 0 : -ENOMEM;
}
module_init(clock_init);

MODULE_DESCRIPTION("how long was this machine not idle?");
MODULE_LICENSE("GPL");
