/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BTF_CHECK_H
#define BTF_CHECK_H

#include <linux/types.h>

/**
 * struct btf_base - where the strings of a base BTF begin
 * @types: how many types it has
 * @len: length of its string section in bytes
 * @count: how many strings there are
 * @bits: one bit for each byte of the section, set where a string begins, from the
 *	lowest on; btf_base_bitmap_size() bytes
 */
struct btf_base {
	__u32 types;
	__u32 len;
	__u32 count;
	__u64 *bits;
};

enum btf_verdict {
	BTF_FITS,		/* as if it were made for this base */
	BTF_WRONG_NAMES,	/* names that are not at the start of a string */
	BTF_WRONG_STRINGS,	/* strings of its own, and none or not the last is a name */
	BTF_WRONG_TYPES,	/* function prototypes of its own, for no type of its own */
	BTF_UNJUDGED,		/* not BTF that this can read: ask the kernel */
};

__u32 btf_base_bitmap_size(__u32 len);
void btf_base_note_strings(struct btf_base *base, const void *strs, __u32 len);
long btf_count_types(const void *data, __u32 size);
enum btf_verdict btf_check(const void *data, __u32 size, const struct btf_base *base);

#endif /* BTF_CHECK_H */
