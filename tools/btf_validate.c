// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel's parser asks of BTF (kernel/bpf/btf.c), as far as one type at a time shows. */
#include <stdlib.h>

#include "btf_visit.h"
#include "util.h"
#include "../src/compat.h"

struct validation {
	const struct btf *btf;
	__u32 first, total, id;
	bool pointers;		/* needs() is about pointers, not about values */
	const char *wrong;	/* with the type @id */
	bool base;		/* what is wrong is the base's type that it refers to */
};

static void check_id(__u32 *id, void *arg)
{
	struct validation *v = arg;

	if (*id >= v->total)
		v->wrong = "refers to a type that does not exist";
}

static void check_name(__u32 *name_off, void *arg)
{
	struct validation *v = arg;
	const char *name = btf__name_by_offset(v->btf, *name_off);
	size_t i;

	if (!name) {
		v->wrong = "has a name outside of the strings";
		return;
	}
	for (i = 0; name[i] && i <= NAME_LEN; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			v->wrong = "has a name that cannot be printed";
	if (i > NAME_LEN)
		v->wrong = "has a name that is too long";
}

static unsigned int kind_of(const struct validation *v, __u32 id)
{
	return btf_kind(btf__type_by_id(v->btf, id));
}

/* @kind: of a type that a reference of ours leads to. May it? */
static void want(struct validation *v, __u32 id, bool right, const char *wrong)
{
	if (right || v->wrong)
		return;
	v->wrong = wrong;
	v->base = id < v->first;
}

/* Those that are a list of something; and functions, which have their linkage there. */
static bool has_vlen(unsigned int kind)
{
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM ||
	       kind == BTF_KIND_ENUM64 || kind == BTF_KIND_FUNC_PROTO || kind == BTF_KIND_DATASEC ||
	       kind == BTF_KIND_FUNC;
}

/* Functions, variables, sections and tags are no types of anything else. */
static bool is_type(unsigned int kind)
{
	return kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
	       kind != BTF_KIND_DECL_TAG;
}

static void check_member(struct validation *v, const struct btf_type *t, unsigned int i)
{
	const struct btf_member *m = btf_members(t) + i;
	unsigned int kind = kind_of(v, m->type);

	want(v, m->type, m->type && is_type(kind) && kind != BTF_KIND_FUNC_PROTO,
	     "has a member of no type");
	if ((uint64_t)btf_member_bit_offset(t, i) + btf_member_bitfield_size(t, i) >
	    (uint64_t)t->size * 8)
		v->wrong = "has a member past its end";
}

static void check_type(struct validation *v, const struct btf_type *t)
{
	unsigned int i, vlen = btf_vlen(t), kind = btf_kind(t);

	if (vlen && !has_vlen(kind))
		v->wrong = "is no list, and has a length";
	switch (kind) {
	case BTF_KIND_FWD:
		/* libbpf would take it for an ID. */
		if (t->type)
			v->wrong = "is a declaration of a type";
		break;
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		want(v, t->type, is_type(kind_of(v, t->type)), "refers to what is no type");
		break;
	case BTF_KIND_ARRAY:
		want(v, btf_array(t)->type, btf_array(t)->type &&
		     is_type(kind_of(v, btf_array(t)->type)), "is an array of no type");
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (i = 0; i < vlen; i++)
			check_member(v, t, i);
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (!t->size || t->size > 8 || (t->size & (t->size - 1)))
			v->wrong = "is an enum of a strange size";
		break;
	case BTF_KIND_FUNC:
		want(v, t->type, kind_of(v, t->type) == BTF_KIND_FUNC_PROTO,
		     "is a function without a prototype");
		break;
	case BTF_KIND_FUNC_PROTO:
		want(v, t->type, is_type(kind_of(v, t->type)), "returns no type");
		for (i = 0; i < vlen; i++)
			want(v, btf_params(t)[i].type, is_type(kind_of(v, btf_params(t)[i].type)),
			     "has a parameter of no type");
		break;
	case BTF_KIND_VAR:
		want(v, t->type, t->type && is_type(kind_of(v, t->type)),
		     "is a variable of no type");
		break;
	case BTF_KIND_DATASEC:
		for (i = 0; i < vlen; i++)
			want(v, btf_var_secinfos(t)[i].type,
			     kind_of(v, btf_var_secinfos(t)[i].type) == BTF_KIND_VAR,
			     "has something other than variables");
		break;
	}
}

/*
 * What @id needs to be complete: the @n-th, or 0 if there is none. A pointer is complete
 * without the struct that it leads to; but pointers only to pointers lead nowhere.
 */
static __u32 needs(const struct validation *v, __u32 id, unsigned int n)
{
	const struct btf_type *t = btf__type_by_id(v->btf, id);

	switch (btf_kind(t)) {
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return n ? 0 : t->type;
	case BTF_KIND_PTR:
		return n || !v->pointers ? 0 : t->type;
	case BTF_KIND_ARRAY:
		return n || v->pointers ? 0 : btf_array(t)->type;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n >= btf_vlen(t) || v->pointers ? 0 : btf_members(t)[n].type;
	}
	return 0;
}

/* Does @id need itself? On a stack of its own, since hostile BTF nests as deep as it likes. */
static bool find_loop(struct validation *v)
{
	enum { NEW, OPEN, DONE };
	/* What the base needs is the base's: it leads back to none of ours. */
	unsigned char *state = xcalloc(v->total - v->first + 1, 1);
	struct { __u32 id; unsigned int n; } *stack = xmalloc((v->total - v->first + 1) *
							      sizeof(*stack));
	size_t depth = 0;
	__u32 id, next;
	bool loop = false;

	for (id = v->first; id < v->total && !loop; id++) {
		if (state[id - v->first] != NEW)
			continue;
		state[id - v->first] = OPEN;
		stack[depth].id = id;
		stack[depth++].n = 0;
		while (depth && !loop) {
			unsigned int n = stack[depth - 1].n++, vlen;

			v->id = stack[depth - 1].id;
			next = needs(v, v->id, n);
			vlen = btf_vlen(btf__type_by_id(v->btf, v->id));
			if (!next && n >= vlen) {
				state[v->id - v->first] = DONE;
				depth--;
			} else if (next >= v->first && state[next - v->first] == OPEN) {
				loop = true;
			} else if (next >= v->first && state[next - v->first] == NEW) {
				state[next - v->first] = OPEN;
				stack[depth].id = next;
				stack[depth++].n = 0;
			}
		}
	}
	free(stack);
	free(state);
	return loop;
}

int btf_validate(const struct btf *btf, __u32 first, bool *in_base, char *err, size_t errlen)
{
	struct validation v = { .btf = btf, .first = first, .total = btf__type_cnt(btf) };
	const struct btf_visitor visitor = { .id = check_id, .name = check_name, .arg = &v };
	__u32 id;

	/* All IDs first: the rest follows them. */
	for (id = first; id < v.total && !v.wrong; id++) {
		v.id = id;
		if (!btf_visit(btf__type_by_id(btf, id), &visitor))
			v.wrong = "is of an unknown kind";
	}
	for (id = first; id < v.total && !v.wrong; id++) {
		v.id = id;
		check_type(&v, btf__type_by_id(btf, id));
	}
	if (!v.wrong && find_loop(&v))
		v.wrong = "contains itself";
	v.pointers = true;
	if (!v.wrong && find_loop(&v))
		v.wrong = "is a pointer to itself";
	if (in_base)
		*in_base = v.wrong && v.base;
	return v.wrong ? set_error(err, errlen, "type %u %s", v.id, v.wrong) : 0;
}
