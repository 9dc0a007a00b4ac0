// SPDX-License-Identifier: GPL-2.0-only
/*
 * Was this split BTF made for that base? The kernel's parser cannot tell: it only checks
 * that name offsets and type IDs are in range. Encoders deduplicate whole strings and whole
 * types, so split BTF that was made for the base has three properties:
 *
 * 1. Every name begins where a string begins, in the base's strings or the module's own.
 * 2. If the module has strings of its own, at least one of them is a name. If the last name
 *    among them is a function's, no string follows it. (pahole adds functions' names last, and
 *    may leave behind what it has added before.)
 * 3. If the module has function prototypes but no strings of its own, at least one type
 *    refers to one of the module's own; members and parameters do not count. A prototype is
 *    there to be referred to, and what refers to a module's type cannot be in the base.
 *
 * docs/VERIFY.md has measurements. Unit tests, fuzzers and tools/ build this in user space.
 * The input is untrusted: no length, count, offset or alignment in it is taken for granted.
 */
#include "btf_check.h"
#include "compat.h"

/* As in the newest kernel. Older ones have fewer bits, and require the others to be 0. */
#define INFO_KIND(info)		(((info) >> 24) & 0x7f)
#define INFO_VLEN(info)		((info) & 0xffffff)

/* The part of struct btf_header that all kernels have; newer ones append to it. */
#define HDR_LEN			24

/* How many bytes follow a kind's struct btf_type, and what else the check needs: one word. */
#define KIND(bytes, flags)	((bytes) | (flags) | KNOWN)
#define BYTES(kind)		((kind) & 0xff)
#define KNOWN			0x100
#define VLEN			0x200		/* the bytes are for each of vlen elements */
#define NAMED			0x400		/* each element begins with a name */
#define REFERS			0x800		/* its "type or size" field is a type ID */
#define FUNC			0x1000
#define PROTO			0x2000

static const __u16 kinds[0x80] = {			/* 0 for unknown kinds */
	[BTF_KIND_INT] = KIND(4, 0),
	[BTF_KIND_PTR] = KIND(0, REFERS),
	[BTF_KIND_ARRAY] = KIND(12, 0),
	[BTF_KIND_STRUCT] = KIND(12, VLEN | NAMED),
	[BTF_KIND_UNION] = KIND(12, VLEN | NAMED),
	[BTF_KIND_ENUM] = KIND(8, VLEN | NAMED),
	[BTF_KIND_FWD] = KIND(0, 0),
	[BTF_KIND_TYPEDEF] = KIND(0, REFERS),
	[BTF_KIND_VOLATILE] = KIND(0, REFERS),
	[BTF_KIND_CONST] = KIND(0, REFERS),
	[BTF_KIND_RESTRICT] = KIND(0, REFERS),
	[BTF_KIND_FUNC] = KIND(0, REFERS | FUNC),	/* vlen is the linkage */
	[BTF_KIND_FUNC_PROTO] = KIND(8, VLEN | NAMED | REFERS | PROTO),
	[BTF_KIND_VAR] = KIND(4, REFERS),
	[BTF_KIND_DATASEC] = KIND(12, VLEN),
	[BTF_KIND_FLOAT] = KIND(0, 0),
	[BTF_KIND_DECL_TAG] = KIND(4, REFERS),
	[BTF_KIND_TYPE_TAG] = KIND(0, REFERS),
	[BTF_KIND_ENUM64] = KIND(12, VLEN | NAMED),
};

struct split_btf {
	const __u64 *base;		/* struct btf_base.bits */
	__u32 base_len, base_types;
	const __u8 *types, *own;	/* the split BTF's types and strings */
	__u32 types_len, own_len;
	__u32 last;			/* the last name by offset in @own, 0 if none */
	__u32 func_last;		/* the last name by offset that is a function's */
};

/**
 * btf_base_bitmap_size() - how large struct btf_base.bits must be
 * @len: length of the base's string section in bytes
 *
 * Context: any.
 * Return: the size in bytes.
 */
__u32 btf_base_bitmap_size(__u32 len)
{
	return (len / 64 + 1) * 8;
}

/* Which of these 64 bytes are 0? The first byte is the lowest bit. */
static __u64 zero_bytes(const __u8 *p)
{
	const __u64 low7 = 0x7f7f7f7f7f7f7f7f;
	__u64 word, bits = 0;
	int i;

	for (i = 0; i < 64; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		/* A 1 in each byte that was 0; then gather these into the highest eight bits. */
		word = ~(((word & low7) + low7) | word | low7) >> 7;
		bits |= word * 0x0102040810204080 >> 56 << i;
	}
	return bits;
}

/**
 * btf_base_note_strings() - record where the strings of a base begin
 * @base: the base to fill in; the caller has allocated @base->bits
 * @strs: the string section, whose last byte is 0
 * @len: its length in bytes
 *
 * Context: any.
 */
void btf_base_note_strings(struct btf_base *base, const void *strs, __u32 len)
{
	__u64 ends, start = 1;		/* 1 if a string begins at the next byte */
	__u8 rest[64];
	__u32 i;

	base->len = len;
	base->count = 0;
	for (i = 0; i < len; i += sizeof(rest)) {
		const void *p = strs + i;

		if (len - i < sizeof(rest))
			p = memcpy(memset(rest, 1, sizeof(rest)), p, len - i);
		ends = zero_bytes(p);
		base->bits[i / 64] = ends << 1 | start;
		base->count += hweight64(ends);
		start = ends >> 63;
	}
}

static inline __u32 get_u32(const __u8 *p)
{
	__u32 ret;

	memcpy(&ret, p, sizeof(ret));
	return ret;
}

/* Find the types and strings. Return: false if the header is not valid. */
static bool parse_header(struct split_btf *n, const void *data, __u32 size)
{
	struct btf_header hdr;
	__u32 left;

	if (size < HDR_LEN)
		return false;
	memcpy(&hdr, data, HDR_LEN);
	if (hdr.magic != BTF_MAGIC || hdr.version != 1 || hdr.flags ||
	    hdr.hdr_len < HDR_LEN || hdr.hdr_len > size)
		return false;
	left = size - hdr.hdr_len;
	if (hdr.type_off > left || hdr.type_len > left - hdr.type_off ||
	    hdr.str_off > left || hdr.str_len > left - hdr.str_off)
		return false;
	n->types = (const __u8 *)data + hdr.hdr_len + hdr.type_off;
	n->types_len = hdr.type_len;
	n->own = (const __u8 *)data + hdr.hdr_len + hdr.str_off;
	n->own_len = hdr.str_len;
	return !n->own_len || !n->own[n->own_len - 1];
}

/* The distance to the next type in bytes: below 2^28 for any @info */
static inline __u32 type_size(__u32 kind, __u32 info)
{
	return sizeof(struct btf_type) + BYTES(kind) * (kind & VLEN ? INFO_VLEN(info) : 1);
}

/*
 * Sets @unused if there are prototypes, but no type refers to one of the module's own.
 * Return: the number of types, -1 if they cannot be parsed.
 */
static long count_types(struct split_btf n, bool *unused)
{
	__u32 all = 0, refer = 0;
	long count = 0;
	__s64 off = 0;

	for (; off + (__s64)sizeof(struct btf_type) <= n.types_len; count++) {
		const __u8 *p = n.types + off;
		__u32 info = get_u32(p + offsetof(struct btf_type, info));
		__u32 kind = kinds[INFO_KIND(info)];

		if (!kind)
			return -1;
		off += type_size(kind, info);
		all |= kind;
		/* ID 0 is void, then come the base's types, then the module's. */
		if (get_u32(p + offsetof(struct btf_type, type)) > n.base_types)
			refer |= kind;
	}
	*unused = all & PROTO && !(refer & REFERS);
	return off == n.types_len ? count : -1;
}

/* Does a string begin at @name? 0 stands for no name, and the empty string begins there. */
static __always_inline bool is_string_start(struct split_btf *n, __u32 name)
{
	__u32 off = name - n->base_len;

	if (name < n->base_len)
		return n->base[name / 64] >> name % 64 & 1;
	/* The byte before the first string may be read: the header's or a type's. */
	if (off >= n->own_len || (n->own[(__s64)off - 1] && off))
		return false;
	if (name > n->last)
		n->last = name;
	return true;
}

/* Are there strings after the last name, or without any name? Empty ones do not count. */
static bool own_unused(struct split_btf n)
{
	__u32 i = 0;

	if (n.last != n.func_last && n.last)
		return false;
	if (n.last) {
		i = n.last - n.base_len;
		i += strlen((const char *)n.own + i);
	}
	return i < n.own_len &&
	       (n.own[i] || memcmp(n.own + i, n.own + i + 1, n.own_len - i - 1));
}

/**
 * btf_count_types() - count the types of a base
 * @data: BTF that is not split
 * @size: its size in bytes
 *
 * Context: any; @data must not change during the call.
 * Return: the number of types, -1 if this is not BTF that can be parsed here.
 */
long btf_count_types(const void *data, __u32 size)
{
	struct split_btf n = { };
	bool unused;

	return parse_header(&n, data, size) ? count_types(n, &unused) : -1;
}

/* @n is passed by value: then the compiler keeps it in registers. */
static enum btf_verdict walk(struct split_btf n)
{
	const __s64 last = (__s64)n.types_len - sizeof(struct btf_type);
	__s64 off = 0;
	bool unused;

	while (off <= last) {
		const __u8 *p = n.types + off, *end;
		__u32 name = get_u32(p + offsetof(struct btf_type, name_off));
		__u32 info = get_u32(p + offsetof(struct btf_type, info));
		__u32 kind = kinds[INFO_KIND(info)];

		if (!kind)
			return BTF_UNJUDGED;
		off += type_size(kind, info);
		if (name) {
			if (kind & FUNC && name > n.func_last)
				n.func_last = name;
			if (!is_string_start(&n, name))
				return BTF_WRONG_NAMES;
		}
		if (!(kind & NAMED))
			continue;
		if (off > n.types_len)
			return BTF_UNJUDGED;
		end = n.types + off;
		for (p += sizeof(struct btf_type); p != end; p += BYTES(kind))
			if (!is_string_start(&n, get_u32(p)))
				return BTF_WRONG_NAMES;
	}
	if (off != n.types_len)
		return BTF_UNJUDGED;
	if (own_unused(n))
		return BTF_WRONG_STRINGS;
	if (!n.last && count_types(n, &unused) >= 0 && unused)
		return BTF_WRONG_TYPES;
	return BTF_FITS;
}

/**
 * btf_check() - was this split BTF made for that base?
 * @data: the split BTF, as in a module's .BTF section
 * @size: its size in bytes
 * @base: the base
 *
 * The time that it takes is linear in @size.
 *
 * Context: any; @data must not change during the call.
 * Return: an enum btf_verdict.
 */
enum btf_verdict btf_check(const void *data, __u32 size, const struct btf_base *base)
{
	struct split_btf n = {
		.base = base->bits, .base_len = base->len, .base_types = base->types,
	};

	/* With more types than there are IDs, some kernels' parser writes behind its table. */
	if (!parse_header(&n, data, size) ||
	    n.base_types + n.types_len / sizeof(struct btf_type) > BTF_MAX_TYPE)
		return BTF_UNJUDGED;
	return walk(n);
}
