/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NAME_CHECK_H
#define NAME_CHECK_H

#include <linux/types.h>

/**
 * struct name_starts - where the strings of a base BTF begin
 * @types: how many types it has
 * @len: length of its string section in bytes
 * @count: how many strings there are
 * @bits: one bit for each byte of the section, set where a string begins;
 *	name_starts_size() bytes
 */
struct name_starts {
	__u32 types;
	__u32 len;
	__u32 count;
	__u8 *bits;
};

enum name_verdict {
	NAMES_FIT,		/* as if it were made for this base */
	NAMES_ASTRAY,		/* names that are not at the start of a string */
	NAMES_OWN_UNUSED,	/* strings of its own, and none or not the last is a name */
	NAMES_TYPES_UNUSED,	/* function prototypes of its own, for no type of its own */
	NAMES_UNKNOWN,		/* not BTF that this can read: ask the kernel */
};

/**
 * struct name_counts - what name_check() has seen
 * @names: names in the types; those that are empty do not count
 * @astray: of these, not at the start of a string
 * @own: of these, among the strings of the split BTF itself
 * @types: types
 */
struct name_counts {
	__u32 names;
	__u32 astray;
	__u32 own;
	__u32 types;
};

__u32 name_starts_size(__u32 len);
void name_starts_set(struct name_starts *starts, const void *strs, __u32 len);
enum name_verdict name_check(const void *data, __u32 size, const struct name_starts *base,
			     struct name_counts *counts);

#endif /* NAME_CHECK_H */
