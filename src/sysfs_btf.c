// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads /sys/kernel/btf through kernfs, which works before sysfs is mounted and needs only
 * exported symbols. Of vmlinux, the base of the modules' BTF, this keeps where the strings
 * begin and how many types there are.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "internal.h"

/* Bytes of strings; an eighth of that stays allocated. Debian's kernels have 2.3 to 3 MB. */
#ifndef BASE_STRINGS_MAX
#define BASE_STRINGS_MAX	SZ_4M
#endif

static struct kernfs_node *btf_dir;
static struct btf_base base;

static int note_base(const void *data, size_t size)
{
	const struct btf_header *hdr = data;
	long types = btf_count_types(data, size);

	if (types < 0)
		return -EINVAL;
	if (hdr->str_len >= BASE_STRINGS_MAX)
		return -EFBIG;
	/* kmalloc() would round the size up to a power of two. */
	base.bits = vmalloc(btf_base_bitmap_size(hdr->str_len));
	if (!base.bits)
		return -ENOMEM;
	base.types = types;
	btf_base_note_strings(&base, data + hdr->hdr_len + hdr->str_off, hdr->str_len);
	return 0;
}

static int read_base(struct bin_attribute *attr)
{
	const void *data = bin_attr_data(attr);
	void *copy;
	int err;

	if (data)
		return note_base(data, attr->size);
	/* 5.5 MB on Debian's kernels */
	copy = kvmalloc(attr->size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	err = bin_attr_read(attr, copy, 0, attr->size) == attr->size ?
	      note_base(copy, attr->size) : -EIO;
	kvfree(copy);
	return err;
}

/**
 * sysfs_btf_init() - read the strings of the running kernel's BTF
 *
 * If that fails, the log has a warning, and sysfs_btf_check() returns BTF_UNJUDGED for all.
 *
 * Context: may sleep; before our notifier is in the chain.
 */
void sysfs_btf_init(void)
{
	struct kernfs_node *kn = NULL;
	int err = -ENOENT;

	/* NULL on kernels without sysfs */
	if (kernel_kobj->sd)
		btf_dir = kernfs_find_and_get(kernel_kobj->sd, "btf");
	if (btf_dir)
		kn = kernfs_find_and_get(btf_dir, "vmlinux");
	if (kn) {
		/* For a file of sysfs, priv is its attribute. This one is never removed. */
		err = read_base(kn->priv);
		kernfs_put(kn);
	}
	if (err)
		pr_warn("cannot read the strings of the kernel's own BTF (error %d), policy 2 acts as policy 1\n",
			err);
}

/**
 * sysfs_btf_exit() - free what sysfs_btf_init() read
 *
 * Context: may sleep.
 */
void sysfs_btf_exit(void)
{
	vfree(base.bits);
	kernfs_put(btf_dir);
}

/**
 * sysfs_btf_string_count() - how many strings vmlinux's BTF has
 *
 * Context: any.
 * Return: the number of strings, 0 if they could not be read.
 */
unsigned int sysfs_btf_string_count(void)
{
	return base.count;
}

/**
 * sysfs_btf_check() - was a module's BTF made for the running kernel?
 * @mod: the module; its btf_data is there
 *
 * Context: any.
 * Return: an enum btf_verdict; also BTF_UNJUDGED if the module has a base of its own, if the
 * running kernel's could not be read, or if the BTF is so large that it would take too long.
 */
enum btf_verdict sysfs_btf_check(const struct module *mod)
{
	if (!base.bits || module_has_own_base(mod) || mod->btf_data_size > MODULE_BTF_MAX)
		return BTF_UNJUDGED;
	return btf_check(mod->btf_data, mod->btf_data_size, &base);
}

/**
 * sysfs_btf_has() - has the kernel published a module's BTF?
 * @mod: a module with BTF, for which btf_module_notify() has reported success
 *
 * Kernels with CONFIG_MODULE_ALLOW_BTF_MISMATCH report success even if they could not parse
 * the BTF; then they publish nothing.
 *
 * Context: may sleep.
 * Return: true if the BTF has a file in /sys/kernel/btf, or if there is no such directory.
 */
bool sysfs_btf_has(const struct module *mod)
{
	struct kernfs_node *kn;

	if (!btf_dir)
		return true;
	kn = kernfs_find_and_get(btf_dir, mod->name);
	kernfs_put(kn);
	return kn;
}
