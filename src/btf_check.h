/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BTF_CHECK_H
#define BTF_CHECK_H

#include <linux/types.h>

/**
 * struct btf_base - where the strings of a base BTF begin
 * @types: number of its types
 * @len: length of its string section in bytes
 * @count: number of its strings
 * @bits: one bit for each byte of the string section, lowest bit first, set where a string
 *	begins; btf_base_bitmap_size() bytes
 */
struct btf_base {
	__u32 types;
	__u32 len;
	__u32 count;
	__u64 *bits;
};

enum btf_verdict {
	BTF_FITS,		/* nothing says that it was made for another base */
	BTF_WRONG_NAMES,	/* a name that is not at the start of a string */
	BTF_WRONG_STRINGS,	/* its own strings are not used as names */
	BTF_WRONG_TYPES,	/* prototypes of its own that no type of its own refers to */
	BTF_UNJUDGED,		/* cannot be parsed here: the kernel's parser decides */
};

__u32 btf_base_bitmap_size(__u32 len);
void btf_base_note_strings(struct btf_base *base, const void *strs, __u32 len);
long btf_count_types(const void *data, __u32 size);
enum btf_verdict btf_check(const void *data, __u32 size, const struct btf_base *base);

#endif /* BTF_CHECK_H */
