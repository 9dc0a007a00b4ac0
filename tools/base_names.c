// SPDX-License-Identifier: GPL-2.0-only
/* The names that two bases define: which types have the same. */
#include <string.h>

#include "base_diff_impl.h"
#include "util.h"
#include "../src/compat.h"

static const char * const words[] = {
	[NS_NONE] = "", [NS_STRUCT] = "struct", [NS_UNION] = "union", [NS_ENUM] = "enum",
	[NS_TYPEDEF] = "typedef", [NS_INT] = "int", [NS_FLOAT] = "float",
};

const char *name_space_word(enum name_space ns)
{
	return words[ns];
}

enum name_space name_space_of(const struct btf_type *t)
{
	if (!t->name_off)
		return NS_NONE;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		return NS_STRUCT;
	case BTF_KIND_UNION:
		return NS_UNION;
	case BTF_KIND_FWD:
		return btf_kflag(t) ? NS_UNION : NS_STRUCT;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return NS_ENUM;
	case BTF_KIND_TYPEDEF:
		return NS_TYPEDEF;
	case BTF_KIND_INT:
		return NS_INT;
	case BTF_KIND_FLOAT:
		return NS_FLOAT;
	default:
		return NS_NONE;
	}
}

bool is_declaration(const struct btf_type *t)
{
	return btf_is_fwd(t) || (btf_is_enum(t) && !btf_vlen(t));
}

long long enum_value(const struct btf_type *t, unsigned int i, const char **name,
		     const struct btf *btf)
{
	if (btf_is_enum(t)) {
		*name = btf_name(btf, btf_enum(t)[i].name_off);
		return btf_kflag(t) ? btf_enum(t)[i].val : (long long)(__u32)btf_enum(t)[i].val;
	}
	*name = btf_name(btf, btf_enum64(t)[i].name_off);
	return btf_enum64_value(btf_enum64(t) + i);
}

static __u32 hash(const char *name, enum name_space ns)
{
	__u32 h = 2166136261u ^ ns;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h ^ h >> 15;
}

/* The key of a name, a new one if need be. There is room: one for each type. */
static __u32 find_key(struct base_diff *d, const char *name, enum name_space ns)
{
	__u32 i, key;

	for (i = hash(name, ns) % d->n_slots; (key = d->slots[i]); i = (i + 1) % d->n_slots)
		if (d->keys[key].ns == ns && !strcmp(d->keys[key].name, name))
			return key;
	key = ++d->n_keys;
	d->slots[i] = key;
	d->keys[key].name = name;
	d->keys[key].ns = ns;
	return key;
}

/* find_names() - note each base's definitions of each name, in @d, which owns them */
void find_names(struct base_diff *d, unsigned int which)
{
	struct base_side *side = &d->side[which];
	__u32 id;

	/* Backwards, so that each list is forwards. */
	for (id = side->n - 1; id > 0; id--) {
		const struct btf_type *t = btf__type_by_id(side->btf, id);
		enum name_space ns = name_space_of(t);
		struct definitions *in;

		if (ns == NS_NONE)
			continue;
		side->key[id] = find_key(d, btf_name(side->btf, t->name_off), ns);
		if (is_declaration(t))
			continue;
		in = &d->keys[side->key[id]].in[which];
		side->next[id] = in->first;
		side->ordinal[id] = in->n++;
		in->first = id;
	}
}

void alloc_names(struct base_diff *d)
{
	size_t all = (size_t)d->side[0].n + d->side[1].n;
	int i;

	for (i = 0; i < 2; i++) {
		d->side[i].key = xcalloc(d->side[i].n, sizeof(__u32));
		d->side[i].next = xcalloc(d->side[i].n, sizeof(__u32));
		d->side[i].ordinal = xcalloc(d->side[i].n, sizeof(__u32));
	}
	d->keys = xcalloc(all + 1, sizeof(*d->keys));
	d->n_slots = all * 2 + 1;
	d->slots = xcalloc(d->n_slots, sizeof(__u32));
}
