// SPDX-License-Identifier: GPL-2.0-only
/* The way from a module to a type, as text: "dummy_xmit(skb) -> struct sk_buff.dev -> ..." */
#include <stdlib.h>
#include <string.h>

#include "base_diff_impl.h"
#include "btf_visit.h"
#include "util.h"
#include "../src/compat.h"

/* No way is longer; a loop is none, but the bytes come from a file. */
#define STEPS_MAX	64

static char *append(char *text, const char *more)
{
	size_t len = text ? strlen(text) : 0;

	text = xrealloc(text, len + strlen(more) + 1);
	strcpy(text + len, more);
	return text;
}

static char *append_name(char *text, const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf_name(btf, t->name_off);
	enum name_space ns = name_space_of(t);

	if (!*name || (ns == NS_NONE && !btf_is_func(t) && !btf_is_var(t)))
		return text;
	if (text)
		text = append(text, " -> ");
	/* A typedef and what it means often share their name. */
	if (ns != NS_NONE && ns != NS_TYPEDEF) {
		text = append(text, name_space_word(ns));
		text = append(text, " ");
	}
	return append(text, name);
}

/* By what of @t it goes on to @next: a member, a parameter. */
static char *append_edge(char *text, const struct btf *btf, const struct btf_type *t, __u32 next)
{
	unsigned int i;

	if (btf_is_composite(t)) {
		for (i = 0; i < btf_vlen(t) && btf_members(t)[i].type != next; i++)
			;
		if (i == btf_vlen(t) || !btf_members(t)[i].name_off)
			return text;
		text = append(text ?: xstrdup(""), ".");
		text = append(text, btf_name(btf, btf_members(t)[i].name_off));
	} else if (btf_is_func_proto(t)) {
		if (t->type == next)
			return append(text ?: xstrdup("function"), "()");
		for (i = 0; i < btf_vlen(t) && btf_params(t)[i].type != next; i++)
			;
		text = append(text ?: xstrdup("function"), "(");
		if (i < btf_vlen(t))
			text = append(text, btf_name(btf, btf_params(t)[i].name_off));
		text = append(text, ")");
	}
	return text;
}

struct referrer {
	__u32 wanted;
	bool found;
};

static void is_wanted(__u32 *id, void *arg)
{
	struct referrer *r = arg;

	r->found = r->found || *id == r->wanted;
}

/* A module's own type without a name: who refers to it? Return: 0 if nobody */
static __u32 find_referrer(const struct btf *split, __u32 first, __u32 id)
{
	struct referrer r = { .wanted = id };
	const struct btf_visitor v = { .id = is_wanted, .arg = &r };
	__u32 i;

	for (i = first; i < btf__type_cnt(split); i++) {
		btf_visit(btf__type_by_id(split, i), &v);
		if (r.found)
			return i;
	}
	return 0;
}

static char *spell_own(const struct btf *split, __u32 first, __u32 own, __u32 next)
{
	__u32 way[STEPS_MAX + 1];
	unsigned int n = 0;
	char *text = NULL;

	/* Back to what has a name. */
	way[0] = next;
	while (own && n < STEPS_MAX) {
		const struct btf_type *t = btf__type_by_id(split, own);

		way[++n] = own;
		if (t->name_off && !btf_is_decl_tag(t) && !btf_is_type_tag(t))
			break;
		own = find_referrer(split, first, own);
	}
	for (; n; n--) {
		const struct btf_type *t = btf__type_by_id(split, way[n]);

		text = append_name(text, split, t);
		text = append_edge(text, split, t, way[n - 1]);
	}
	return text;
}

char *spell_path(const struct base_diff *d, const struct btf *const *splits,
		 const struct step *steps, __u32 id)
{
	__u32 way[STEPS_MAX];
	const struct step *first;
	unsigned int n = 0;
	char *text;

	for (; id && n < STEPS_MAX; id = steps[id].from)
		way[n++] = id;
	first = &steps[way[n - 1]];
	text = first->from ? xstrdup("...") :
	       spell_own(splits[first->split], d->side[0].n, first->own, way[n - 1]);
	while (n--) {
		const struct btf_type *t = old_type(d, way[n]);

		text = append_name(text, d->side[0].btf, t);
		if (n)
			text = append_edge(text, d->side[0].btf, t, way[n - 1]);
	}
	return text ?: xstrdup("");
}
