// SPDX-License-Identifier: GPL-2.0-only
/*
 * Was this split BTF made for that base? By what the kernel's parser does not ask: it
 * holds names and references against lengths only. Three things are true of each that
 * was, since encoders deduplicate whole strings and types:
 *
 * 1. Every name begins where a string begins, the base's or the module's own.
 * 2. If the module has strings of its own, some name is among them; and if the name
 *    that is furthest in them is a function's, no string follows. (Those that follow
 *    another are parameters' of functions that pahole has left out. It adds the
 *    names of functions after all others.)
 * 3. If the module has function prototypes and no strings of its own, some type
 *    refers, not counting members, to one of its own types: a prototype is there for
 *    a function or a pointer, and what refers to an own type cannot be in the base.
 *
 * No kernel state in here: tests and fuzzers build this file in user space. The
 * bytes that it reads are nobody's word yet: no length, count, offset or
 * alignment in them is taken for granted.
 */
#ifdef __KERNEL__
#include <linux/string.h>
#include <uapi/linux/btf.h>
#else
#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#endif

#include "name_check.h"

/*
 * What include/uapi/linux/btf.h of the newest kernel says; older ones do not know
 * all of it. There the bits of kind and vlen were fewer, and had to be 0.
 */
#define INFO_KIND(info)		(((info) >> 24) & 0x7f)
#define INFO_VLEN(info)		((info) & 0xffffff)

/* Of struct btf_header; newer kernels' is longer. */
#define HDR_LEN			24

/*
 * What a kind says of itself, and of what follows its struct btf_type: so many bytes, or
 * so many for each of vlen. The flags make a word of it that is quick to have and to test.
 */
#define KIND(bytes, flags)	((bytes) | (flags) | KNOWN)
#define BYTES(kind)		((kind) & 0xff)
#define KNOWN			0x100
#define VLEN			0x200		/* the bytes are for each of vlen */
#define NAMED			0x400		/* and each of them begins with a name */
#define REFERS			0x800		/* its size or type is a type */
#define FUNC			0x1000
#define PROTO			0x2000

/* One for each value that the bits can have. */
static const __u16 kinds[0x80] = {
	[1] = KIND(4, 0),			/* INT */
	[2] = KIND(0, REFERS),			/* PTR */
	[3] = KIND(12, 0),			/* ARRAY */
	[4] = KIND(12, VLEN | NAMED),		/* STRUCT */
	[5] = KIND(12, VLEN | NAMED),		/* UNION */
	[6] = KIND(8, VLEN | NAMED),		/* ENUM */
	[7] = KIND(0, 0),			/* FWD */
	[8] = KIND(0, REFERS),			/* TYPEDEF */
	[9] = KIND(0, REFERS),			/* VOLATILE */
	[10] = KIND(0, REFERS),			/* CONST */
	[11] = KIND(0, REFERS),			/* RESTRICT */
	[12] = KIND(0, REFERS | FUNC),		/* FUNC: vlen is its linkage */
	[13] = KIND(8, VLEN | NAMED | REFERS | PROTO),	/* FUNC_PROTO */
	[14] = KIND(4, REFERS),			/* VAR */
	[15] = KIND(12, VLEN),			/* DATASEC */
	[16] = KIND(0, 0),			/* FLOAT */
	[17] = KIND(4, REFERS),			/* DECL_TAG */
	[18] = KIND(0, REFERS),			/* TYPE_TAG */
	[19] = KIND(12, VLEN | NAMED),		/* ENUM64 */
};

struct names {
	const __u64 *base;		/* the bits of the base */
	__u32 base_len;
	__u32 own_len;
	const __u8 *own;		/* the split BTF's strings */
	__u32 last;			/* the name that is furthest in them, 0 for none */
	__u32 func_last;		/* the function's name that is furthest anywhere */
};

/**
 * name_starts_size() - the size of struct name_starts.bits
 * @len: length of the string section in bytes
 *
 * Context: any.
 * Return: bytes.
 */
__u32 name_starts_size(__u32 len)
{
	return (len / 64 + 1) * 8;
}

/**
 * name_starts_set() - note where the strings of a base begin
 * @starts: where to note it; @starts->bits is there
 * @strs: the string section, which ends in a 0
 * @len: its length in bytes
 *
 * Context: any.
 */
void name_starts_set(struct name_starts *starts, const void *strs, __u32 len)
{
	const __u64 low7 = 0x7f7f7f7f7f7f7f7f;
	__u32 i, count = 0;
	__u64 ends, start = 1;		/* does a string begin at the next byte? */

	/* Eight bytes at a time, of which the first is in the lowest bits. */
	for (i = 0; i < len; i += 8) {
		__u64 word = -1, zeroes;

		if (len - i >= sizeof(word))
			memcpy(&word, strs + i, sizeof(word));
		else
			memcpy(&word, strs + i, len - i);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		/* 1 in each byte that is 0; then these bits side by side */
		zeroes = ~(((word & low7) + low7) | word | low7) >> 7;
		count += zeroes * 0x0101010101010101 >> 56;
		ends = zeroes * 0x0102040810204080 >> 56;
		starts->bits[i / 64] |= ((ends << 1 & 0xff) | start) << i % 64;
		start = ends >> 7;
	}
	starts->len = len;
	starts->count = count;
}

static inline __u32 word(const __u8 *p)
{
	__u32 ret;

	memcpy(&ret, p, sizeof(ret));
	return ret;
}

/* Does a string begin at @name? Where there is no name it is 0, where one does. */
static inline bool begins(struct names *n, __u32 name)
{
	__u32 off = name - n->base_len;

	if (name < n->base_len)
		return n->base[name / 64] >> name % 64 & 1;
	if (off >= n->own_len || (off && n->own[off - 1]))
		return false;
	if (name > n->last)
		n->last = name;
	return true;
}

/*
 * Are there strings where no name is, after the last name or at all? Empty ones do
 * not count: an encoder may leave one where there are no others.
 */
static bool own_unused(const struct names *n)
{
	__u32 i = 0;

	if (n->last != n->func_last && n->last)
		return false;
	if (n->last) {
		i = n->last - n->base_len;
		i += strlen((const char *)n->own + i);
	}
	while (i < n->own_len && !n->own[i])
		i++;
	return i < n->own_len;
}

/**
 * name_check() - hold the names of split BTF against a base
 * @data: the split BTF, as in a module's .BTF section
 * @size: its size in bytes
 * @base: the base
 * @types: NULL; else only the types are counted, and their number added to this
 *
 * Takes time in proportion to @size.
 *
 * Context: any; @data must not change meanwhile.
 * Return: an enum name_verdict; of one that only counts, NAMES_FIT or NAMES_UNKNOWN.
 */
enum name_verdict name_check(const void *data, __u32 size, const struct name_starts *base,
			     __u32 *types)
{
	struct names n = { .base = base->bits, .base_len = base->len };
	__u32 left, seen = 0, own_refs = 0, base_types = base->types;
	const __u8 *p, *end;
	struct btf_header hdr;

	if (size < HDR_LEN)
		return NAMES_UNKNOWN;
	memcpy(&hdr, data, HDR_LEN);
	if (hdr.magic != BTF_MAGIC || hdr.version != 1 || hdr.flags)
		return NAMES_UNKNOWN;
	if (hdr.hdr_len < HDR_LEN || hdr.hdr_len > size)
		return NAMES_UNKNOWN;
	left = size - hdr.hdr_len;
	if (hdr.type_off > left || hdr.type_len > left - hdr.type_off ||
	    hdr.str_off > left || hdr.str_len > left - hdr.str_off)
		return NAMES_UNKNOWN;
	p = (const __u8 *)data + hdr.hdr_len + hdr.type_off;
	n.own = (const __u8 *)data + hdr.hdr_len + hdr.str_off;
	n.own_len = hdr.str_len;
	if (n.own_len && n.own[n.own_len - 1])
		return NAMES_UNKNOWN;

	left = hdr.type_len;
	while (left) {
		__u32 name, info, kind, bytes;

		if (left < sizeof(struct btf_type))
			return NAMES_UNKNOWN;
		name = word(p + offsetof(struct btf_type, name_off));
		info = word(p + offsetof(struct btf_type, info));
		kind = kinds[INFO_KIND(info)];
		/* ID 0 is void, the base's come next. */
		if (word(p + offsetof(struct btf_type, type)) > base_types)
			own_refs |= kind;
		bytes = BYTES(kind);
		if (kind & VLEN)
			bytes *= INFO_VLEN(info);	/* below 2^28 */
		p += sizeof(struct btf_type);
		left -= sizeof(struct btf_type);
		if (!kind || left < bytes)
			return NAMES_UNKNOWN;
		left -= bytes;
		end = p + bytes;
		if (types) {
			++*types;
			p = end;
			continue;
		}
		if (name) {
			if (kind & FUNC && name > n.func_last)
				n.func_last = name;
			if (!begins(&n, name))
				return NAMES_ASTRAY;
		}
		if (kind & NAMED) {
			seen |= kind;
			for (; p != end; p += BYTES(kind))
				if (!begins(&n, word(p)))
					return NAMES_ASTRAY;
		}
		p = end;
	}

	if (types)
		return NAMES_FIT;
	if (own_unused(&n))
		return NAMES_OWN_UNUSED;
	if (seen & PROTO && !(own_refs & REFERS) && !n.last)
		return NAMES_TYPES_UNUSED;
	return NAMES_FIT;
}
