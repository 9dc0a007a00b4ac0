// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel has in /sys/kernel/btf, read through kernfs: that is there before
 * sysfs is mounted, and asks for no symbol that is not exported. Of vmlinux, which
 * is the base of the modules' BTF, this keeps where its strings begin, and how many
 * types it has.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/btf.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/version.h>
#include <linux/vmalloc.h>

#include "btf_tolerant.h"
#include "hook.h"

/* Of strings; an eighth of it stays in memory. Debian's kernels have 2.3 to 3 MB. */
#ifndef BASE_STRINGS_MAX
#define BASE_STRINGS_MAX	SZ_4M
#endif

/* Four times that of the largest module. bpf() itself takes no more. */
#define MODULE_BTF_MAX		SZ_16M

static struct kernfs_node *btf_dir;
static struct name_starts base;

/* A second callback, const, was there while all callbacks were made const. */
static ssize_t attr_read(struct bin_attribute *attr, void *buf, loff_t off, size_t len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
	if (attr->read_new)
		return attr->read_new(NULL, kernel_kobj, attr, buf, off, len);
#endif
	if (!attr->read)
		return -EIO;
	return attr->read(NULL, kernel_kobj, attr, buf, off, len);
}

/* Where @attr has its data, if that can be known. */
static const void *attr_data(const struct bin_attribute *attr)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	if (attr->read == sysfs_bin_attr_simple_read)
		return attr->private;
#endif
	return NULL;
}

static int note_base(const void *data, size_t size)
{
	const struct btf_header *hdr = data;
	long types = name_types(data, size);

	if (types < 0)
		return -EINVAL;
	if (hdr->str_len >= BASE_STRINGS_MAX)
		return -EFBIG;
	/* kmalloc() would round it up to a power of two. */
	base.bits = vzalloc(name_starts_size(hdr->str_len));
	if (!base.bits)
		return -ENOMEM;
	base.types = types;
	name_starts_set(&base, data + hdr->hdr_len + hdr->str_off, hdr->str_len);
	return 0;
}

static int read_base(struct bin_attribute *attr)
{
	const void *data = attr_data(attr);
	void *copy;
	int err = -EIO;

	if (data)
		return note_base(data, attr->size);
	/* 5.5 MB on Debian's */
	copy = kvmalloc(attr->size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	if (attr_read(attr, copy, 0, attr->size) == attr->size)
		err = note_base(copy, attr->size);
	kvfree(copy);
	return err;
}

/**
 * base_strings_init() - read the strings of the running kernel's BTF
 *
 * If that cannot be, it says so and base_strings_check() knows nothing.
 *
 * Context: may sleep.
 */
void base_strings_init(void)
{
	struct kernfs_node *kn = NULL;
	int err = -ENOENT;

	btf_dir = kernfs_find_and_get(kernel_kobj->sd, "btf");
	/* What the kernel would have loaded must not fail for what we drop. */
	if (HOOK_MISSING) {
		pr_warn("here a module with kfuncs fails without its BTF, policy 2 will be as 1\n");
		return;
	}
	if (btf_dir)
		kn = kernfs_find_and_get(btf_dir, "vmlinux");
	if (kn) {
		/* sysfs has the attribute there, and never removes this one. */
		err = read_base(kn->priv);
		kernfs_put(kn);
	}
	if (err)
		pr_warn("cannot read the strings of the kernel's own BTF (error %d), policy 2 will be as 1\n",
			err);
}

/**
 * base_strings_exit() - forget what base_strings_init() read
 *
 * Context: may sleep.
 */
void base_strings_exit(void)
{
	vfree(base.bits);
	kernfs_put(btf_dir);
}

/**
 * base_strings_count() - how many strings are known
 *
 * Context: any.
 * Return: their number; 0 if they could not be read.
 */
unsigned int base_strings_count(void)
{
	return base.count;
}

#ifdef CONFIG_DEBUG_INFO_BTF_MODULES	/* else struct module has no BTF */

/* Before, the kernel takes all BTF for split from vmlinux's, and so does this. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define btf_base_of(mod)	((mod)->btf_base_data)
#else
#define btf_base_of(mod)	((void)(mod), NULL)
#endif

/**
 * base_strings_check() - hold a module's BTF against the running kernel's
 * @mod: the module, as its notifiers see it when it comes
 *
 * Context: any.
 * Return: an enum name_verdict; NAMES_UNKNOWN also where the base is another one,
 * or could not be read, or where it would take long.
 */
enum name_verdict base_strings_check(const struct module *mod)
{
	if (!base.len || btf_base_of(mod) || mod->btf_data_size > MODULE_BTF_MAX)
		return NAMES_UNKNOWN;
	return name_check(mod->btf_data, mod->btf_data_size, &base);
}

#endif

/**
 * base_strings_left_out() - has the kernel silently left out a module's BTF?
 * @mod: a module with BTF, after btf_module_notify() had it and reported success
 *
 * So do kernels with CONFIG_MODULE_ALLOW_BTF_MISMATCH when they cannot parse it. The
 * others do it never, and are not asked.
 *
 * Context: may sleep.
 * Return: true if it has no file in /sys/kernel/btf.
 */
bool base_strings_left_out(const struct module *mod)
{
	struct kernfs_node *kn;

	if (!IS_ENABLED(CONFIG_MODULE_ALLOW_BTF_MISMATCH) || !btf_dir)
		return false;
	kn = kernfs_find_and_get(btf_dir, mod->name);
	kernfs_put(kn);
	return !kn;
}
