// SPDX-License-Identifier: GPL-2.0-only
/*
 * A notifier block in the place of the kernel's for BTF, btf_module_nb in
 * kernel/bpf/btf.c: that one is taken out of the chain, and ours calls it. No code is
 * changed for that: whatever hooks or traces btf_module_notify() goes on doing so.
 *
 * The chain has a lock, held for reading while it is called and for writing while it
 * changes. Before the kernel's block is out ours is in, and the other way round on the
 * way back; while it finds the other behind itself it leaves the work to that one. So
 * each event is dealt with once, and when kernel_block_put_back() has returned no call of ours
 * is under way.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/rcupdate.h>

#include "internal.h"

static const char function[] = "btf_module_notify";
static struct notifier_block *kernels;

static struct notifier_block *next(const struct notifier_block *nb)
{
	/* Under the chain's lock, or in find(). */
	return rcu_dereference_check(nb->next, true);
}

/*
 * By the function that it calls, which is none of a module ("function [module]"): that may
 * go. What LTO appends to a name begins with a dot.
 */
static bool is_kernels(const struct notifier_block *nb)
{
	bool of_module;
	char name[128];

	snprintf(name, sizeof(name), "%ps", nb->notifier_call);
	of_module = strchr(name, '[');
	name[strcspn(name, ".")] = '\0';
	return !of_module && !strcmp(name, function);
}

/*
 * Here the chain's lock is out of reach. A block that is unregistered meanwhile keeps its
 * ->next, so the walk goes on. This takes for granted that blocks are static data, as all in
 * the kernel are: of the kernel image, or of a module, which is freed after a grace period. A
 * block in memory that its owner frees at once could be followed after that.
 */
static struct notifier_block *find(const struct notifier_block *ours)
{
	struct notifier_block *nb;

	rcu_read_lock();
	for (nb = next(ours); nb && !is_kernels(nb); nb = next(nb))
		;
	rcu_read_unlock();
	return nb;
}

/**
 * kernel_block_replace() - put a notifier block in the place of the kernel's
 * @ours: the block; its priority must be above 0, which the kernel's has
 *
 * Says in one line why, if it cannot.
 *
 * Context: may sleep.
 * Return: 0; -ENODEV if the kernel's is not there.
 */
int kernel_block_replace(struct notifier_block *ours)
{
	int err = register_module_notifier(ours);

	if (err)
		return err;
	WRITE_ONCE(kernels, find(ours));
	if (!kernels || unregister_module_notifier(kernels)) {
		unregister_module_notifier(ours);
		pr_err("this kernel has no module notifier %s, or another has taken it; not loading\n",
		       function);
		return -ENODEV;
	}
	return 0;
}

/**
 * kernel_block_put_back() - undo kernel_block_replace()
 * @ours: the block that it was given
 *
 * Context: may sleep.
 */
void kernel_block_put_back(struct notifier_block *ours)
{
	register_module_notifier(kernels);
	unregister_module_notifier(ours);
}

/**
 * kernel_block_replaced() - is it for us to call the kernel's notifier?
 * @ours: the block that was given to kernel_block_replace()
 *
 * Context: in its notifier_call only.
 * Return: false while the kernel's is in the chain, and called anyway.
 */
bool kernel_block_replaced(const struct notifier_block *ours)
{
	const struct notifier_block *theirs = READ_ONCE(kernels), *nb = ours;

	while (nb && nb != theirs)
		nb = next(nb);
	return theirs && !nb;
}

/**
 * kernel_block_call() - call the kernel's notifier
 * @op: MODULE_STATE_...
 * @mod: the module
 *
 * Context: in a notifier_call for which kernel_block_replaced(); may sleep.
 * Return: what it returns.
 */
int kernel_block_call(unsigned long op, struct module *mod)
{
	return kernels->notifier_call(kernels, op, mod);
}
