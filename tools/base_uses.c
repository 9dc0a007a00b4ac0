// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which types that differ do modules use? The base's types are a graph: each leads to those
 * that it refers to. What leads to a type that differs, however far away, is marked once;
 * a module that refers to nothing marked uses none.
 */
#include <stdlib.h>
#include <string.h>

#include "base_diff_impl.h"
#include "btf_visit.h"
#include "util.h"
#include "../src/compat.h"

/**
 * struct base_graph - what refers to what in the old base
 * @from: for each type ID, where in @to its references begin; one more ID than there are
 * @to: type IDs
 * @marked: for each type ID: does it lead to a type that differs, or is it one?
 */
struct base_graph {
	__u32 *from, *to;
	bool *marked;
};

/* For btf_visit(): the references of one type after the other. */
struct collector {
	__u32 *to;
	size_t n, room;
};

static void collect(__u32 *id, void *arg)
{
	struct collector *c = arg;

	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 64;
		c->to = xrealloc(c->to, c->room * sizeof(*c->to));
	}
	c->to[c->n++] = *id;
}

static bool differs(const struct base_diff *d, __u32 id)
{
	return d->keys[d->side[0].key[id]].differs;
}

/* What no type refers to, and no comparison is made of: functions, variables... */
static bool is_no_type(const struct btf_type *t)
{
	return btf_is_func(t) || btf_is_var(t) || btf_is_datasec(t) || btf_is_decl_tag(t);
}

/* Mark all that leads to what differs, against the direction of the references. */
static void mark(const struct base_diff *d, struct base_graph *g)
{
	__u32 n = d->side[0].n, edges = g->from[n], id, i, len = 0;
	__u32 *start = xcalloc((size_t)n + 1, sizeof(*start));
	__u32 *back = xcalloc(edges, sizeof(*back));
	__u32 *queue = xcalloc(n, sizeof(*queue));

	/* Turned around: who refers to @id? */
	for (i = 0; i < edges; i++)
		start[g->to[i]]++;
	for (id = 1; id <= n; id++)
		start[id] += start[id - 1];
	for (id = 0; id < n; id++)
		for (i = g->from[id]; i < g->from[id + 1]; i++)
			back[--start[g->to[i]]] = id;

	for (id = 1; id < n; id++) {
		if (!differs(d, id) && !is_no_type(old_type(d, id)))
			continue;
		g->marked[id] = true;
		queue[len++] = id;
	}
	for (i = 0; i < len; i++) {
		__u32 e;

		for (e = start[queue[i]]; e < start[queue[i] + 1]; e++) {
			if (g->marked[back[e]])
				continue;
			g->marked[back[e]] = true;
			queue[len++] = back[e];
		}
	}
	free(start);
	free(back);
	free(queue);
}

struct base_graph *base_graph_new(const struct base_diff *d)
{
	struct base_graph *g = xcalloc(1, sizeof(*g));
	struct collector c = { };
	const struct btf_visitor v = { .id = collect, .arg = &c };
	__u32 id, n = d->side[0].n;

	g->from = xcalloc((size_t)n + 1, sizeof(*g->from));
	g->marked = xcalloc(n, sizeof(*g->marked));
	for (id = 0; id < n; id++) {
		g->from[id] = c.n;
		if (id)
			btf_visit(old_type(d, id), &v);
	}
	g->from[n] = c.n;
	g->to = c.to;
	mark(d, g);
	return g;
}

/* base_graph_free() - free it; NULL is taken */
void base_graph_free(struct base_graph *g)
{
	if (!g)
		return;
	free(g->from);
	free(g->to);
	free(g->marked);
	free(g);
}

/* --- the search ------------------------------------------------------------- */

struct search {
	const struct base_diff *d;
	struct step *step;	/* for each type of the base */
	__u32 *now, *later;	/* what to go on from; later: one pointer more */
	size_t n_now, n_later;
};

/* Come to @id, a type of the base, if that is no detour. */
static void come_to(struct search *s, __u32 id, struct step step, bool pointer)
{
	step.pointers += pointer;
	if (!id || id >= s->d->side[0].n || !s->d->graph->marked[id] ||
	    (s->step[id].pointers && s->step[id].pointers <= step.pointers))
		return;
	s->step[id] = step;
	if (pointer)
		s->later[s->n_later++] = id;
	else
		s->now[s->n_now++] = id;
}

/* From all of a module's own types. Return: false if it refers to what does not exist. */
static bool start(struct search *s, const struct btf *split, __u32 index)
{
	struct collector c = { };
	const struct btf_visitor v = { .id = collect, .arg = &c };
	__u32 id, n = btf__type_cnt(split);
	bool ret = true;
	size_t i;

	for (id = s->d->side[0].n; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(split, id);

		c.n = 0;
		ret = ret && btf_visit(t, &v);
		for (i = 0; i < c.n; i++) {
			struct step step = { .pointers = 1, .split = index, .own = id };

			ret = ret && c.to[i] < n;
			come_to(s, c.to[i], step, btf_is_ptr(t));
		}
	}
	free(c.to);
	return ret;
}

static void search_free(struct search *s)
{
	free(s->step);
	free(s->now);
	free(s->later);
}

static void search_init(struct search *s, const struct base_diff *d)
{
	/* A type is put into each queue once, or twice: by value after by pointer. */
	*s = (struct search){ .d = d, .step = xcalloc(d->side[0].n, sizeof(*s->step)) };
	s->now = xcalloc((size_t)d->side[0].n * 2, sizeof(__u32));
	s->later = xcalloc((size_t)d->side[0].n * 2, sizeof(__u32));
}

/* The next in @s->now, one pointer more if there is none left. Return: 0 at the end */
static __u32 next_type(struct search *s, size_t *at, __u32 *pointers)
{
	for (;;) {
		while (*at < s->n_now) {
			__u32 id = s->now[(*at)++];

			/* Else it was come to by fewer pointers meanwhile. */
			if (s->step[id].pointers == *pointers)
				return id;
		}
		if (!s->n_later)
			return 0;
		memcpy(s->now, s->later, s->n_later * sizeof(*s->now));
		s->n_now = s->n_later;
		s->n_later = 0;
		*at = 0;
		++*pointers;
	}
}

/* List what differs, nearest first; at most @max. Return: how many */
static size_t search(struct search *s, const struct btf *const *splits, bool paths, size_t max,
		     struct base_use **uses)
{
	const struct base_diff *d = s->d;
	bool *listed = xcalloc(d->n_keys + 1, sizeof(*listed));
	__u32 id, pointers = 1, key, e;
	size_t at = 0, n = 0;

	*uses = NULL;
	while (n < max && (id = next_type(s, &at, &pointers))) {
		struct step step = { .pointers = pointers, .from = id };
		bool is_ptr = btf_is_ptr(old_type(d, id));

		key = d->side[0].key[id];
		if (differs(d, id) && !listed[key]) {
			listed[key] = true;
			if (!(n & (n - 1)))
				*uses = xrealloc(*uses, (n ? n * 2 : 1) * sizeof(**uses));
			(*uses)[n].type = &d->list[d->listed[key]];
			(*uses)[n].pointers = pointers - 1;
			(*uses)[n++].path = paths ? spell_path(d, splits, s->step, id) : NULL;
		}
		for (e = d->graph->from[id]; e < d->graph->from[id + 1]; e++)
			come_to(s, d->graph->to[e], step, is_ptr);
	}
	free(listed);
	return n;
}

size_t base_diff_uses(const struct base_diff *d, const struct btf *const *splits, size_t n,
		      bool paths, struct base_use **uses)
{
	struct search s;
	size_t i;

	search_init(&s, d);
	for (i = 0; i < n; i++)
		start(&s, splits[i], i);
	n = search(&s, splits, paths, SIZE_MAX, uses);
	search_free(&s);
	return n;
}

/* Does @split refer to nothing that is marked? False, too, if it refers to what is not there. */
static bool uses_none(const struct base_diff *d, const struct btf *split)
{
	struct collector c = { };
	const struct btf_visitor v = { .id = collect, .arg = &c };
	__u32 id, n = btf__type_cnt(split);
	bool none = true;
	size_t i;

	for (id = d->side[0].n; id < n && none; id++) {
		c.n = 0;
		none = btf_visit(btf__type_by_id(split, id), &v);
		for (i = 0; i < c.n && none; i++)
			none = c.to[i] < n && !(c.to[i] && c.to[i] < d->side[0].n &&
						d->graph->marked[c.to[i]]);
	}
	free(c.to);
	return none;
}

bool base_diff_same(const struct base_diff *d, const struct btf *split, struct base_use *first)
{
	struct base_use *uses = NULL;
	struct search s;

	if (first)
		memset(first, 0, sizeof(*first));
	/* The common case, without the memory for a search. */
	if (uses_none(d, split))
		return true;
	if (!first)
		return false;
	search_init(&s, d);
	if (start(&s, split, 0) && search(&s, &split, true, 1, &uses))
		*first = *uses;
	free(uses);
	search_free(&s);
	return false;
}

/* base_uses_free() - free @n uses and their paths */
void base_uses_free(struct base_use *uses, size_t n)
{
	while (n)
		free(uses[--n].path);
	free(uses);
}
