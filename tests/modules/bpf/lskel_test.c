// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that brings a BPF program along as a light skeleton, and loads it in its
 * init: the program counts forks, and finds a field by CO-RE in the running vmlinux.
 */
#include <linux/bpf.h>
#include <linux/module.h>
#include <linux/version.h>

#include "forks.lskel.h"

static struct forks_bpf *skel;
static struct bpf_link *link;

static int forks_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%u %d\n", skel->bss->forks, skel->bss->parent_tgid);
}

static const struct kernel_param_ops forks_ops = { .get = forks_get };
module_param_cb(forks, &forks_ops, NULL, 0444);

static int __init lskel_test_init(void)
{
	int err = -ENOENT;

	skel = forks_bpf__open_and_load();
	if (!skel)
		return err;
	err = forks_bpf__attach(skel);
	if (!err) {
		/* The descriptor is that of the process that loads the module. */
		link = bpf_link_get_from_fd(skel->links.on_fork_fd);
		err = PTR_ERR_OR_ZERO(link);
	}
	if (err)
		forks_bpf__destroy(skel);
	return err;
}

static void __exit lskel_test_exit(void)
{
	bpf_link_put(link);
	kfree(skel);
}

module_init(lskel_test_init);
module_exit(lskel_test_exit);
MODULE_DESCRIPTION("Test: a light skeleton");
MODULE_LICENSE("GPL");
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("BPF_INTERNAL");
#endif
