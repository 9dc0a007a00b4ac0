/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NAME_CHECK_H
#define NAME_CHECK_H

#include <linux/types.h>

/**
 * struct name_starts - where the strings of a base BTF begin
 * @types: how many types it has
 * @len: length of its string section in bytes
 * @count: how many strings there are
 * @bits: one bit for each byte of the section, set where a string begins, from the
 *	lowest on; name_starts_size() bytes
 */
struct name_starts {
	__u32 types;
	__u32 len;
	__u32 count;
	__u64 *bits;
};

enum name_verdict {
	NAMES_FIT,		/* as if it were made for this base */
	NAMES_ASTRAY,		/* names that are not at the start of a string */
	NAMES_OWN_UNUSED,	/* strings of its own, and none or not the last is a name */
	NAMES_TYPES_UNUSED,	/* function prototypes of its own, for no type of its own */
	NAMES_UNKNOWN,		/* not BTF that this can read: ask the kernel */
};

__u32 name_starts_size(__u32 len);
void name_starts_set(struct name_starts *starts, const void *strs, __u32 len);
long name_types(const void *data, __u32 size);
enum name_verdict name_check(const void *data, __u32 size, const struct name_starts *base);

#endif /* NAME_CHECK_H */
