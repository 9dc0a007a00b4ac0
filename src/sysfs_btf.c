// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel has in /sys/kernel/btf, read through kernfs: that is there before
 * sysfs is mounted, and asks for no symbol that is not exported. Of vmlinux, which
 * is the base of the modules' BTF, this keeps where its strings begin, and how many
 * types it has.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "internal.h"

/* Of strings; an eighth of it stays in memory. Debian's kernels have 2.3 to 3 MB. */
#ifndef BASE_STRINGS_MAX
#define BASE_STRINGS_MAX	SZ_4M
#endif

static struct kernfs_node *btf_dir;
static struct btf_base base;
/* Modules come while it is read. */
static bool base_known;

static int note_base(const void *data, size_t size)
{
	const struct btf_header *hdr = data;
	long types = btf_count_types(data, size);

	if (types < 0)
		return -EINVAL;
	if (hdr->str_len >= BASE_STRINGS_MAX)
		return -EFBIG;
	/* kmalloc() would round it up to a power of two. */
	base.bits = vzalloc(btf_base_bitmap_size(hdr->str_len));
	if (!base.bits)
		return -ENOMEM;
	base.types = types;
	btf_base_note_strings(&base, data + hdr->hdr_len + hdr->str_off, hdr->str_len);
	/* What sysfs_btf_check() reads comes before this. */
	smp_store_release(&base_known, true);
	return 0;
}

static int read_base(struct bin_attribute *attr)
{
	const void *data = bin_attr_data(attr);
	void *copy;
	int err = -EIO;

	if (data)
		return note_base(data, attr->size);
	/* 5.5 MB on Debian's */
	copy = kvmalloc(attr->size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	if (bin_attr_read(attr, copy, 0, attr->size) == attr->size)
		err = note_base(copy, attr->size);
	kvfree(copy);
	return err;
}

/**
 * sysfs_btf_init() - read the strings of the running kernel's BTF
 *
 * If that cannot be, it says so and sysfs_btf_check() judges nothing.
 *
 * Context: may sleep.
 */
void sysfs_btf_init(void)
{
	struct kernfs_node *kn = NULL;
	int err = -ENOENT;

	/* A kernel without sysfs has nothing there. */
	if (kernel_kobj->sd)
		WRITE_ONCE(btf_dir, kernfs_find_and_get(kernel_kobj->sd, "btf"));
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
 * sysfs_btf_exit() - forget what sysfs_btf_init() read
 *
 * Context: may sleep.
 */
void sysfs_btf_exit(void)
{
	vfree(base.bits);
	kernfs_put(btf_dir);
}

/**
 * sysfs_btf_string_count() - how many strings are known
 *
 * Context: any.
 * Return: their number; 0 if they could not be read.
 */
unsigned int sysfs_btf_string_count(void)
{
	return base.count;
}

/**
 * sysfs_btf_check() - hold a module's BTF against the running kernel's
 * @mod: the module
 *
 * Context: any.
 * Return: an enum btf_verdict; BTF_UNJUDGED also where the base is another one, or could
 * not be read, or where it would take long.
 */
enum btf_verdict sysfs_btf_check(const struct module *mod)
{
	/* Pairs with note_base(). */
	if (!smp_load_acquire(&base_known) || module_has_own_base(mod) ||
	    mod->btf_data_size > MODULE_BTF_MAX)
		return BTF_UNJUDGED;
	return btf_check(mod->btf_data, mod->btf_data_size, &base);
}

/**
 * sysfs_btf_has() - has the kernel published a module's BTF?
 * @mod: a module with BTF, after btf_module_notify() had it and reported success
 *
 * Kernels with CONFIG_MODULE_ALLOW_BTF_MISMATCH report success for BTF that they could
 * not parse, and publish nothing.
 *
 * Context: may sleep.
 * Return: true if it has a file in /sys/kernel/btf, or if that cannot be known.
 */
bool sysfs_btf_has(const struct module *mod)
{
	struct kernfs_node *dir = READ_ONCE(btf_dir), *kn;

	if (!dir)
		return true;
	kn = kernfs_find_and_get(dir, mod->name);
	kernfs_put(kn);
	return kn;
}
