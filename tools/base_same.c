// SPDX-License-Identifier: GPL-2.0-only
/* Do two types of two bases say the same? */
#include <string.h>

#include "base_diff_impl.h"
#include "../src/compat.h"

/* Types without a name are inside each other; real ones some ten deep. */
#define DEPTH_MAX	100

/* @n comparisons more. Return: false if that is too many */
static bool take_steps(struct base_diff *d, size_t n)
{
	d->steps = n < d->steps ? d->steps - n : 0;
	return d->steps;
}

static bool same_names(const struct base_diff *d, __u32 a, __u32 b)
{
	return !strcmp(btf_name(d->side[0].btf, a), btf_name(d->side[1].btf, b));
}

static bool same_members(struct base_diff *d, const struct btf_type *a, const struct btf_type *b,
			 unsigned int depth)
{
	unsigned int i, n = btf_vlen(a);

	if (a->size != b->size || n != btf_vlen(b) || !take_steps(d, n + 1))
		return false;
	for (i = 0; i < n; i++) {
		const struct btf_member *m = btf_members(a) + i, *o = btf_members(b) + i;

		if (btf_member_bit_offset(a, i) != btf_member_bit_offset(b, i) ||
		    btf_member_bitfield_size(a, i) != btf_member_bitfield_size(b, i) ||
		    !same_names(d, m->name_off, o->name_off) ||
		    !same_reference(d, m->type, o->type, depth))
			return false;
	}
	return true;
}

static bool same_enums(struct base_diff *d, const struct btf_type *a,
		       const struct btf_type *b)
{
	unsigned int i, n = btf_vlen(a);
	const char *x, *y;

	if (a->size != b->size || n != btf_vlen(b) || btf_kflag(a) != btf_kflag(b) ||
	    !take_steps(d, n + 1))
		return false;
	for (i = 0; i < n; i++)
		if (enum_value(a, i, &x, d->side[0].btf) != enum_value(b, i, &y, d->side[1].btf) ||
		    strcmp(x, y))
			return false;
	return true;
}

static bool same_prototypes(struct base_diff *d, const struct btf_type *a,
			    const struct btf_type *b, unsigned int depth)
{
	unsigned int i, n = btf_vlen(a);

	if (n != btf_vlen(b) || !take_steps(d, n + 1) ||
	    !same_reference(d, a->type, b->type, depth))
		return false;
	for (i = 0; i < n; i++)
		if (!same_reference(d, btf_params(a)[i].type, btf_params(b)[i].type, depth))
			return false;
	return true;
}

/* How many elements, and of what: dimensions are one, since compilers write them both ways. */
static __u64 flatten(const struct btf *btf, const struct btf_type *t, __u32 *elem)
{
	__u64 n = 1;
	unsigned int depth;

	for (depth = 0; btf_is_array(t) && depth < DEPTH_MAX; depth++) {
		n *= btf_array(t)->nelems;
		*elem = btf_array(t)->type;
		t = btf__type_by_id(btf, *elem);
	}
	return n;
}

static bool same_arrays(struct base_diff *d, const struct btf_type *a, const struct btf_type *b,
			unsigned int depth)
{
	__u32 x = 0, y = 0;

	return flatten(d->side[0].btf, a, &x) == flatten(d->side[1].btf, b, &y) &&
	       same_reference(d, x, y, depth);
}

/* Do they say the same, whatever their own names are? */
bool same_definitions(struct base_diff *d, __u32 old_id, __u32 new_id, unsigned int depth)
{
	const struct btf_type *a = old_type(d, old_id), *b = new_type(d, new_id);

	if (btf_is_any_enum(a) && btf_is_any_enum(b))
		return same_enums(d, a, b);
	if (btf_kind(a) != btf_kind(b))
		return false;
	switch (btf_kind(a)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return same_members(d, a, b, depth);
	case BTF_KIND_FUNC_PROTO:
		return same_prototypes(d, a, b, depth);
	case BTF_KIND_ARRAY:
		return same_arrays(d, a, b, depth);
	case BTF_KIND_TYPE_TAG:
		return same_names(d, a->name_off, b->name_off) &&
		       same_reference(d, a->type, b->type, depth);
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
		return same_reference(d, a->type, b->type, depth);
	case BTF_KIND_INT:
		return a->size == b->size && *(__u32 *)(a + 1) == *(__u32 *)(b + 1);
	case BTF_KIND_FLOAT:
		return a->size == b->size;
	case BTF_KIND_FWD:
		return btf_kflag(a) == btf_kflag(b);
	default:
		/* Functions, variables, sections, tags: no type refers to them. */
		return false;
	}
}

bool same_reference(struct base_diff *d, __u32 a, __u32 b, unsigned int depth)
{
	const struct name_key *key;

	if (!a || !b)
		return a == b;
	if (d->side[0].key[a] != d->side[1].key[b])
		return false;
	/* A prototype that leads to itself has no end: the bases cannot be compared. */
	if (depth >= DEPTH_MAX)
		d->steps = 0;
	if (!take_steps(d, 1))
		return false;
	if (!d->side[0].key[a])
		return same_definitions(d, a, b, depth + 1);
	key = &d->keys[d->side[0].key[a]];
	/* Where one base declares only, the other's definition is held against its own. */
	if (!has_pairs(key) || is_declaration(old_type(d, a)) || is_declaration(new_type(d, b)))
		return true;
	if (*equal_pair(d, key, a, b))
		return true;
	/* A definition without any equal is a difference of its own, which leads here anyway. */
	for (b = key->in[1].first; b && !*equal_pair(d, key, a, b); b = d->side[1].next[b])
		;
	return !b;
}
