// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has relocating changed what the types say? libbpf finds a type of the base by its name and
 * size. Where several have that name it may take another one, and programs would be
 * checked against the wrong type.
 */
#include <stdlib.h>
#include <string.h>

#include "btf_visit.h"
#include "relocate.h"
#include "util.h"

/* What is inside one type, in its order; and its bytes without that. */
struct parts {
	__u32 *ids, *names;
	size_t n_ids, n_names;
	void *rest;
	size_t size;
};

struct comparison {
	const struct base_diff *diff;
	const struct btf *btf[2];	/* old, new */
	__u32 first[2];			/* the first type that is not the base's */
	__u32 n;			/* how many types the module has itself */
	__u32 *copy_of;			/* of the new one's further types: the old base's type */
	__u32 *todo, n_todo;		/* which of them are not compared yet */
};

static void take_id(__u32 *id, void *arg)
{
	struct parts *p = arg;

	p->ids[p->n_ids++] = *id;
	*id = 0;
}

static void take_name(__u32 *name, void *arg)
{
	struct parts *p = arg;

	p->names[p->n_names++] = *name;
	*name = 0;
}

/* Bytes of @t with all that follows it. */
static size_t type_size(const struct btf_type *t)
{
	size_t n = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return sizeof(*t) + sizeof(__u32);
	case BTF_KIND_ARRAY:
		return sizeof(*t) + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return sizeof(*t) + n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return sizeof(*t) + n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return sizeof(*t) + n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return sizeof(*t) + n * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(*t) + sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return sizeof(*t) + n * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(*t) + sizeof(struct btf_decl_tag);
	default:
		return sizeof(*t);
	}
}

static void take_apart(const struct btf_type *t, struct parts *p)
{
	const struct btf_visitor v = { .id = take_id, .name = take_name, .arg = p };
	size_t size = type_size(t), most = size / sizeof(__u32);

	*p = (struct parts){ .size = size, .rest = xmalloc(size) };
	p->ids = xcalloc(2 * most, sizeof(__u32));
	p->names = p->ids + most;
	memcpy(p->rest, t, size);
	btf_visit(p->rest, &v);
}

static void free_parts(struct parts *p)
{
	free(p->ids);
	free(p->rest);
}

static bool same_reference(struct comparison *c, __u32 a, __u32 b)
{
	__u32 i;

	if (a >= c->first[0])
		return b == a - c->first[0] + c->first[1];
	if (!a || !b)
		return a == b;
	if (b < c->first[1])
		return base_diff_same_type(c->diff, a, b);
	if (b - c->first[1] < c->n)
		return false;
	/* A type of the old base that has no name, or a typedef: the new one has a copy. */
	i = b - c->first[1] - c->n;
	if (c->copy_of[i])
		return c->copy_of[i] == a;
	c->copy_of[i] = a;
	c->todo[c->n_todo++] = b;
	return true;
}

static bool same_type(struct comparison *c, __u32 a, __u32 b)
{
	struct parts old, new;
	bool same;
	size_t i;

	take_apart(btf__type_by_id(c->btf[0], a), &old);
	take_apart(btf__type_by_id(c->btf[1], b), &new);
	same = old.size == new.size && !memcmp(old.rest, new.rest, old.size) &&
	       old.n_ids == new.n_ids && old.n_names == new.n_names;
	for (i = 0; same && i < old.n_names; i++)
		same = !strcmp(btf__str_by_offset(c->btf[0], old.names[i]),
			       btf__str_by_offset(c->btf[1], new.names[i]));
	for (i = 0; same && i < old.n_ids; i++)
		same = same_reference(c, old.ids[i], new.ids[i]);
	free_parts(&old);
	free_parts(&new);
	return same;
}

__u32 same_types(const struct base_diff *diff, const struct btf *split,
		 const struct btf *relocated)
{
	struct comparison c = {
		.diff = diff, .btf = { split, relocated },
		.first = { btf__type_cnt(btf__base_btf(split)),
			   btf__type_cnt(btf__base_btf(relocated)) },
	};
	__u32 n = btf__type_cnt(relocated) - c.first[1], i, ret = 0;

	c.n = btf__type_cnt(split) - c.first[0];
	if (n < c.n)
		return c.first[0];
	c.copy_of = xcalloc(n + 1, sizeof(*c.copy_of));
	c.todo = xcalloc(n + 1, sizeof(*c.todo));
	for (i = 0; !ret && i < c.n; i++)
		if (!same_type(&c, c.first[0] + i, c.first[1] + i))
			ret = c.first[0] + i;
	for (i = 0; !ret && i < c.n_todo; i++) {
		__u32 id = c.copy_of[c.todo[i] - c.first[1] - c.n];

		if (!same_type(&c, id, c.todo[i]))
			ret = id;
	}
	free(c.copy_of);
	free(c.todo);
	return ret;
}
