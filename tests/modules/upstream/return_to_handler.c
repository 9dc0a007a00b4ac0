// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a stack in return_to_handler(), where the function graph tracer's functions return to,
 * between its call to the next instruction and that instruction. Any interrupt that comes there
 * and wants a stack does the same.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

static const u8 call_over_int3[] = { 0xe8, 1, 0, 0, 0, 0xcc };
static struct kprobe probe = { .symbol_name = "return_to_handler" };
static unsigned int taken;
module_param(taken, uint, 0444);

static int take_stack(struct kprobe *p, struct pt_regs *regs)
{
	unsigned long entries[32];

	stack_trace_save(entries, ARRAY_SIZE(entries), 0);
	taken++;
	return 0;
}

/* With one, a kprobe remains an exception, whose stack the kernel knows, and is not made a jump. */
static void keep_int3(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}

static int __init return_init(void)
{
	unsigned long i;
	u8 code[96];
	int err;

	/* Nothing else tells a module where that function is. */
	err = register_kprobe(&probe);
	if (err)
		return err;
	unregister_kprobe(&probe);
	memcpy(code, probe.addr, sizeof(code));
	for (i = 0; memcmp(code + i, call_over_int3, sizeof(call_over_int3)); i++)
		if (i == sizeof(code) - sizeof(call_over_int3))
			return -ENOENT;

	probe = (struct kprobe){
		.addr = probe.addr + i + sizeof(call_over_int3),
		.pre_handler = take_stack,
		.post_handler = keep_int3,
	};
	return register_kprobe(&probe);
}
module_init(return_init);

static void __exit return_exit(void)
{
	unregister_kprobe(&probe);
}
module_exit(return_exit);

MODULE_DESCRIPTION("a stack that goes in the wrong direction");
MODULE_LICENSE("GPL");
