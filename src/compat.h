/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All differences between kernel versions are here: no other file asks for a version.
 * btf_check.c and tools/ are built in user space and need only the last part.
 */
#ifndef BTF_TOLERANT_COMPAT_H
#define BTF_TOLERANT_COMPAT_H

#ifdef __KERNEL__

#include <linux/bpf.h>		/* before btf.h, which uses bpfptr_t on 5.14 and 5.15 */
#include <linux/btf.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/sysctl.h>
#include <linux/sysfs.h>
#include <linux/version.h>

/* Before 5.11 modules have no BTF. The kernel's notifier is found by its symbol. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0) || !defined(CONFIG_KALLSYMS) || \
	!defined(CONFIG_DEBUG_INFO_BTF_MODULES)
#error "btf_tolerant needs Linux 5.11, CONFIG_DEBUG_INFO_BTF_MODULES and CONFIG_KALLSYMS"
#endif

#define VERSION_IN(from, before) (LINUX_VERSION_CODE >= (from) && LINUX_VERSION_CODE < (before))

/*
 * On these versions a module's init may fail because the module has no BTF, so ftrace hooks the
 * functions that would fail (kfunc_hook.c). That has been seen to work on x86-64 only: on
 * s390x a kprobe undoes the redirect, and ppc64 may panic (docs/DESIGN.md).
 */
#define INIT_NEEDS_BTF	VERSION_IN(KERNEL_VERSION(5, 18, 0), KERNEL_VERSION(6, 5, 0))
#define HOOK_ANY	(INIT_NEEDS_BTF && IS_ENABLED(CONFIG_X86_64) && \
			 IS_ENABLED(CONFIG_DYNAMIC_FTRACE) && !__is_defined(NO_HOOK))
#define HOOK_DTORS	(HOOK_ANY && LINUX_VERSION_CODE >= KERNEL_VERSION(5, 19, 0))

/* Renamed in 6.2. */
#if HOOK_ANY && LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define ftrace_regs_set_instruction_pointer(fregs, ip)	\
	ftrace_instruction_pointer_set(fregs, ip)
#endif

/*
 * Exported from 6.2 and 6.1.9 on. What does the same before needs memory itself, and leaves some
 * hundred bytes behind if it gets none.
 */
#if HOOK_ANY && LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 9)
#define ftrace_free_filter(ops)	ftrace_set_filter(ops, NULL, 0, 1)
#endif

/* From 6.6 on a table needs no empty last entry, from 6.11 on a handler's table is const. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define SYSCTL_CONST	const
#else
#define SYSCTL_CONST
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define SYSCTL_TABLE_END
#else
#define SYSCTL_TABLE_END	{ }
#endif

/* From 6.13 to 6.17 there were two callbacks, the new one with a const attribute. */
static inline ssize_t bin_attr_read(struct bin_attribute *attr, void *buf, loff_t off,
				    size_t len)
{
#if VERSION_IN(KERNEL_VERSION(6, 13, 0), KERNEL_VERSION(6, 18, 0))
	if (attr->read_new)
		return attr->read_new(NULL, kernel_kobj, attr, buf, off, len);
#endif
	if (!attr->read)
		return -EIO;
	return attr->read(NULL, kernel_kobj, attr, buf, off, len);
}

/* The data of @attr, or NULL if only its callback can get at them. */
static inline const void *bin_attr_data(const struct bin_attribute *attr)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0) && defined(CONFIG_SYSFS)
	if (attr->read == sysfs_bin_attr_simple_read)
		return attr->private;
#endif
	return NULL;
}

/* Earlier kernels do not know .BTF.base: all BTF is split from vmlinux's. */
static inline bool module_has_own_base(const struct module *mod)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	return mod->btf_base_data;
#else
	return false;
#endif
}

#else /* !__KERNEL__ */

#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define hweight64	__builtin_popcountll

#endif

/* Kinds that old headers lack. Newer headers have the same values as enumerators or macros. */
#define BTF_KIND_FLOAT		16
#define BTF_KIND_DECL_TAG	17
#define BTF_KIND_TYPE_TAG	18
#define BTF_KIND_ENUM64		19

#endif /* BTF_TOLERANT_COMPAT_H */
