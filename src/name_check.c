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
#include <string.h>
#endif

#include "name_check.h"

/*
 * What include/uapi/linux/btf.h of the newest kernel says; older ones do not know
 * all of it. There the bits of kind and vlen were fewer, and had to be 0.
 */
#define INFO_KIND(info)		(((info) >> 24) & 0x7f)
#define INFO_VLEN(info)		((info) & 0xffffff)

struct header {
	__u16 magic;
	__u8 version;
	__u8 flags;
	__u32 hdr_len;
	__u32 type_off;
	__u32 type_len;
	__u32 str_off;
	__u32 str_len;
};

/* What follows a struct btf_type. An element that has a name begins with it. */
struct kind {
	__u8 known;
	__u8 fixed;		/* bytes, whatever vlen says */
	__u8 element;		/* bytes for each of vlen */
	__u8 named;		/* the elements have names */
	__u8 refers;		/* its size or type is a type */
};

/* One for each value that the bits can have. */
static const struct kind kinds[0x80] = {
	[1] = { 1, 4 },				/* INT */
	[2] = { 1, .refers = 1 },		/* PTR */
	[3] = { 1, 12 },			/* ARRAY */
	[4] = { 1, 0, 12, 1 },			/* STRUCT */
	[5] = { 1, 0, 12, 1 },			/* UNION */
	[6] = { 1, 0, 8, 1 },			/* ENUM */
	[7] = { 1 },				/* FWD */
	[8] = { 1, .refers = 1 },		/* TYPEDEF */
	[9] = { 1, .refers = 1 },		/* VOLATILE */
	[10] = { 1, .refers = 1 },		/* CONST */
	[11] = { 1, .refers = 1 },		/* RESTRICT */
	[12] = { 1, .refers = 1 },		/* FUNC: vlen is its linkage */
	[13] = { 1, 0, 8, 1, 1 },		/* FUNC_PROTO */
	[14] = { 1, 4, .refers = 1 },		/* VAR */
	[15] = { 1, 0, 12, 0 },			/* DATASEC */
	[16] = { 1 },				/* FLOAT */
	[17] = { 1, 4, .refers = 1 },		/* DECL_TAG */
	[18] = { 1, .refers = 1 },		/* TYPE_TAG */
	[19] = { 1, 0, 12, 1 },			/* ENUM64 */
};

struct names {
	const struct name_starts *base;
	const __u8 *own;		/* the split BTF's strings */
	__u32 own_len;
	__u32 own_last;			/* the name that is furthest in them */
	__u32 func_last;		/* the function's name that is furthest anywhere */
	struct name_counts counts;
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
	return len / 8 + 1;
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
	__u32 i, ends, count = 0, start = 1;	/* does a string begin at the next byte? */
	__u8 *bits = starts->bits;

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
		*bits++ = ends << 1 | start;
		start = ends >> 7;
	}
	starts->len = len;
	starts->count = count;
}

static inline void look_at(__u32 off, struct names *n)
{
	if (!off)
		return;
	n->counts.names++;
	if (off < n->base->len) {
		if (!(n->base->bits[off / 8] & 1 << off % 8))
			n->counts.astray++;
		return;
	}
	off -= n->base->len;
	if (off >= n->own_len || (off && n->own[off - 1])) {
		n->counts.astray++;
		return;
	}
	n->counts.own++;
	if (off > n->own_last)
		n->own_last = off;
}

/*
 * Are there strings where no name is, after the last name or at all? Empty ones do
 * not count: an encoder may leave one where there are no others.
 */
static int own_unused(const struct names *n)
{
	__u32 i = n->own_last;

	if (n->counts.own && n->func_last != n->base->len + n->own_last)
		return 0;
	if (n->counts.own)
		i += strlen((const char *)n->own + i);
	while (i < n->own_len && !n->own[i])
		i++;
	return i < n->own_len;
}

static enum name_verdict check(const void *data, __u32 size, struct names *n)
{
	__u32 left, prototypes = 0, own_refs = 0;
	const __u8 *p;
	struct header hdr;

	if (size < sizeof(hdr))
		return NAMES_UNKNOWN;
	memcpy(&hdr, data, sizeof(hdr));
	if (hdr.magic != BTF_MAGIC || hdr.version != 1 || hdr.flags)
		return NAMES_UNKNOWN;
	if (hdr.hdr_len < sizeof(hdr) || hdr.hdr_len > size)
		return NAMES_UNKNOWN;
	left = size - hdr.hdr_len;
	if (hdr.type_off > left || hdr.type_len > left - hdr.type_off ||
	    hdr.str_off > left || hdr.str_len > left - hdr.str_off)
		return NAMES_UNKNOWN;
	p = (const __u8 *)data + hdr.hdr_len + hdr.type_off;
	n->own = (const __u8 *)data + hdr.hdr_len + hdr.str_off;
	n->own_len = hdr.str_len;
	if (n->own_len && n->own[n->own_len - 1])
		return NAMES_UNKNOWN;

	left = hdr.type_len;
	while (left) {
		const struct kind *kind;
		struct btf_type t;
		__u32 vlen, extra, off;
		const __u8 *e, *end;

		if (left < sizeof(t))
			return NAMES_UNKNOWN;
		memcpy(&t, p, sizeof(t));
		p += sizeof(t);
		left -= sizeof(t);

		kind = &kinds[INFO_KIND(t.info)];
		if (!kind->known)
			return NAMES_UNKNOWN;
		n->counts.types++;
		prototypes += INFO_KIND(t.info) == BTF_KIND_FUNC_PROTO;
		/* ID 0 is void, the base's come next. */
		own_refs += kind->refers && t.type > n->base->types;
		vlen = kind->element ? INFO_VLEN(t.info) : 0;
		extra = kind->fixed + vlen * kind->element;	/* below 2^28 */
		if (left < extra)
			return NAMES_UNKNOWN;
		if (INFO_KIND(t.info) == BTF_KIND_FUNC && t.name_off > n->func_last)
			n->func_last = t.name_off;
		/* The type's own name, then those of its elements */
		off = t.name_off;
		e = n->base->bits ? p : NULL;
		end = kind->named ? p + extra : p;
		while (e) {
			look_at(off, n);
			if (e == end)
				break;
			memcpy(&off, e, sizeof(off));
			e += kind->element;
		}
		p += extra;
		left -= extra;
	}

	if (n->counts.astray)
		return NAMES_ASTRAY;
	if (own_unused(n))
		return NAMES_OWN_UNUSED;
	if (prototypes && !own_refs && !n->counts.own)
		return NAMES_TYPES_UNUSED;
	return NAMES_FIT;
}

/**
 * name_check() - hold the names of split BTF against a base
 * @data: the split BTF, as in a module's .BTF section
 * @size: its size in bytes
 * @base: the base; with no @bits, only the types in @data are counted
 * @counts: what was seen; as far as it went, if the answer is NAMES_UNKNOWN
 *
 * Takes time in proportion to @size.
 *
 * Context: any; @data must not change meanwhile.
 * Return: an enum name_verdict.
 */
enum name_verdict name_check(const void *data, __u32 size, const struct name_starts *base,
			     struct name_counts *counts)
{
	struct names n = { .base = base };
	enum name_verdict verdict = check(data, size, &n);

	*counts = n.counts;
	return verdict;
}
