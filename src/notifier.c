// SPDX-License-Identifier: GPL-2.0-only
/*
 * Take the place of the kernel's notifier block for BTF, btf_module_nb in kernel/bpf/btf.c.
 * It leaves the chain of module notifiers, and ours calls it. No code is patched: what hooks
 * or traces btf_module_notify() goes on working.
 *
 * The chain's lock is held for reading while its blocks are called, and for writing while it
 * changes. Our block enters before the kernel's leaves, and on the way back the kernel's
 * enters before ours leaves. While both are in the chain, ours sees the kernel's behind itself
 * and does nothing. So each event is handled exactly once, and when kernel_block_put_back()
 * returns, no call of ours is running.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/rcupdate.h>

#include "internal.h"

static const char function[] = "btf_module_notify";
static struct notifier_block *kernels;

static struct notifier_block *next(const struct notifier_block *nb)
{
	/* The caller holds the chain's lock, or is find(). */
	return rcu_dereference_check(nb->next, true);
}

/*
 * Is this the kernel's block, by the name of its function? A function of a module, which
 * prints as "function [module]", does not count: it could go away. LTO may append to the name
 * what begins with a dot.
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
 * The chain's lock is not exported, so the walk runs without it. A block that is unregistered
 * during the walk keeps its ->next, so the walk goes on from there. This relies on blocks being
 * static data, as all in the kernel are: part of the kernel image, or of a module, which is
 * freed only after a grace period. A block that its owner allocates, and frees right after
 * unregistering it, could be read after that.
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
 * @ours: the block; its priority must be above 0, the kernel's
 *
 * If the kernel's is not found, the log has one line that says so.
 *
 * Context: may sleep.
 * Return: 0; -ENODEV if the kernel's is not in the chain; an error of
 * register_module_notifier().
 */
int kernel_block_replace(struct notifier_block *ours)
{
	int err = register_module_notifier(ours);

	if (err)
		return err;
	WRITE_ONCE(kernels, find(ours));
	if (!kernels || unregister_module_notifier(kernels)) {
		unregister_module_notifier(ours);
		pr_err("this kernel has no module notifier %s, or another module has taken it; not loading\n",
		       function);
		return -ENODEV;
	}
	return 0;
}

/**
 * kernel_block_put_back() - undo kernel_block_replace()
 * @ours: the block that was passed to it
 *
 * Context: may sleep.
 */
void kernel_block_put_back(struct notifier_block *ours)
{
	register_module_notifier(kernels);
	unregister_module_notifier(ours);
}

/**
 * kernel_block_replaced() - is it up to us to call the kernel's notifier?
 * @ours: the block that was passed to kernel_block_replace()
 *
 * Context: in its notifier_call only.
 * Return: false while the kernel's is in the chain, too, and is called anyway.
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
 * Context: in a notifier_call where kernel_block_replaced() is true, or with a reference to
 * @mod, which is live; may sleep.
 * Return: what the kernel's notifier returns.
 */
int kernel_block_call(unsigned long op, struct module *mod)
{
	return kernels->notifier_call(kernels, op, mod);
}
