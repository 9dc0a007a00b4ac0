// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a module's BTF notifier costs, to the instruction: puts a block before that of
 * btf_module_notify(), or btf_tolerant's, and one behind, which read the time stamp
 * counter. No tracer is in the way. To be loaded after btf_tolerant.
 *
 * Writing to /proc/btf_bench puts off the next timer interrupt, reading it has it come at
 * once: what lies between is disturbed by none, unless something waits for a timer.
 *
 * For guests with one CPU that do nothing else: the chain is changed without its lock, and
 * the local APIC's timer behind the back of its driver. Of a CPU without x2APIC, and
 * without the timer's TSC deadline mode, as QEMU's emulated one was up to 8; and of a
 * kernel that asks for each interrupt by itself (high resolution timers).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/timex.h>
#include <asm/apic.h>

/* About four seconds of QEMU's, whose timer the kernel has count every 16 ns */
#define LATER	0x10000000U

/* By MODULE_STATE_..., of the module that came here last */
static u64 begin[4], spent[4];
static unsigned long put_off;

static int before(struct notifier_block *nb, unsigned long op, void *data)
{
	begin[op & 3] = get_cycles();
	return NOTIFY_DONE;
}

static int after(struct notifier_block *nb, unsigned long op, void *data)
{
	u64 end = get_cycles();

	spent[op & 3] = end - begin[op & 3];
	return NOTIFY_DONE;
}

/* Registered, so that there is a way into the chain; the first to be called */
static int forget(struct notifier_block *nb, unsigned long op, void *data)
{
	if (op == MODULE_STATE_COMING)
		memset(spent, 0, sizeof(spent));
	return NOTIFY_DONE;
}

static struct notifier_block first = { .notifier_call = forget, .priority = INT_MAX };
static struct notifier_block block_before = { .notifier_call = before };
static struct notifier_block block_after = { .notifier_call = after };

static int spent_show(struct seq_file *m, void *v)
{
	/* The last: whether an interrupt has come all the same */
	seq_printf(m, "%llu\t%llu\t%llu\t%d\n", spent[MODULE_STATE_COMING],
		   spent[MODULE_STATE_LIVE], spent[MODULE_STATE_GOING],
		   time_after(jiffies, put_off));
	native_apic_mem_write(APIC_TMICT, 1);
	return 0;
}

static int spent_open(struct inode *inode, struct file *file)
{
	return single_open(file, spent_show, NULL);
}

static ssize_t timer_put_off(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	native_apic_mem_write(APIC_TMICT, LATER);
	put_off = jiffies;
	return len;
}

static const struct proc_ops ops = {
	.proc_open = spent_open,
	.proc_read = seq_read,
	.proc_release = single_release,
	.proc_write = timer_put_off,
};

static int __init bench_init(void)
{
	struct notifier_block *nb, *prev = &first;
	char name[KSYM_SYMBOL_LEN];

	if (cpu_feature_enabled(X86_FEATURE_X2APIC) ||
	    cpu_feature_enabled(X86_FEATURE_TSC_DEADLINE_TIMER))
		return -EOPNOTSUPP;
	/* The count that is written here would be each further interrupt's, too. */
	if (native_apic_mem_read(APIC_LVTT) & APIC_LVT_TIMER_PERIODIC)
		return -EOPNOTSUPP;
	if (!proc_create("btf_bench", 0644, NULL, &ops))
		return -ENOMEM;
	register_module_notifier(&first);
	for (nb = first.next; nb; prev = nb, nb = nb->next) {
		snprintf(name, sizeof(name), "%ps", nb->notifier_call);
		if (strstr(name, "btf_module_notify") || strstr(name, "[btf_tolerant]"))
			break;
	}
	if (!nb) {
		unregister_module_notifier(&first);
		remove_proc_entry("btf_bench", NULL);
		return -ENOENT;
	}
	block_after.next = nb->next;
	block_before.next = nb;
	prev->next = &block_before;
	nb->next = &block_after;
	return 0;
}
module_init(bench_init);

MODULE_DESCRIPTION("what btf_module_notify() costs");
MODULE_LICENSE("GPL");
