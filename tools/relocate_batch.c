// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several modules' BTF relocated at once. For each call libbpf looks at every type of the new
 * base, which takes longer than all the rest: so their types are put into one split BTF, and
 * taken apart again.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "btf_visit.h"
#include "relocate.h"
#include "util.h"

/*
 * btf__add_type() looks for each name in the base, and libbpf writes what it looks for behind
 * the base's own strings: one thread at a time may do that.
 */
static pthread_mutex_t add_lock = PTHREAD_MUTEX_INITIALIZER;

/* From the one to the other: what is below @from stays, the rest is moved. */
struct shift {
	__u32 from, by;
};

static void shift_id(__u32 *id, void *arg)
{
	const struct shift *s = arg;

	if (*id >= s->from)
		*id += s->by;
}

/* Append @t of @from to @to, and have its IDs changed by @v. Return: 0, or -errno */
static int append(struct btf *to, const struct btf *from, const struct btf_type *t,
		  const struct btf_visitor *v)
{
	int id = btf__add_type(to, from, t);

	if (id < 0)
		return id;
	btf_visit(btf__type_by_id(to, id), v);
	return 0;
}

/*
 * Something that refers to a named type: where nothing does, libbpf distills an empty base, takes
 * the split BTF for a base as well, and leaves the old base's IDs in it.
 */
static int add_int(struct btf *all, const struct btf *base)
{
	int id = btf__find_by_name_kind(base, "int", BTF_KIND_INT);

	if (id > 0)
		id = btf__add_ptr(all, id);
	return id < 0 ? id : 0;
}

/* The own types of all modules in turn, and one pointer. Return: NULL with @err set. */
static struct btf *combine(struct btf *base, const struct relocated *const *r, size_t n, int *err)
{
	struct btf *all = btf__new_empty_split(base);
	__u32 first = btf__type_cnt(base), id;
	size_t i;

	*err = libbpf_get_error(all);
	if (*err)
		return NULL;
	for (i = 0; i < n && !*err; i++) {
		struct shift shift = { .from = first, .by = btf__type_cnt(all) - first };
		const struct btf_visitor v = { .id = shift_id, .arg = &shift };

		for (id = first; id < btf__type_cnt(r[i]->split) && !*err; id++)
			*err = append(all, r[i]->split, btf__type_by_id(r[i]->split, id), &v);
	}
	if (!*err)
		*err = add_int(all, base);
	if (!*err)
		return all;
	btf__free(all);
	return NULL;
}

/*
 * libbpf follows what the types refer to in the base by recursion, up to types with a name, and
 * copies it. Real modules have some hundred such types each.
 */
#define COPIES_MAX	20000

struct copies {
	const struct btf *btf;
	unsigned char *seen;
	__u32 base, *todo, n;
};

static void add_copy(__u32 *id, void *arg)
{
	struct copies *c = arg;
	const struct btf_type *t;

	if (!*id || *id >= c->base || c->seen[*id] || c->n == COPIES_MAX)
		return;
	t = btf__type_by_id(c->btf, *id);
	if (btf_is_composite(t) && t->name_off)
		return;
	c->seen[*id] = 1;
	c->todo[c->n++] = *id;
}

/* Would libbpf go deeper than a thread's stack may be? */
static bool is_too_deep(const struct btf *all)
{
	struct copies c = { .btf = all, .base = btf__type_cnt(btf__base_btf(all)) };
	const struct btf_visitor v = { .id = add_copy, .arg = &c };
	__u32 i;

	c.seen = xcalloc(c.base, 1);
	c.todo = xcalloc(COPIES_MAX, sizeof(*c.todo));
	for (i = c.base; i < btf__type_cnt(all); i++)
		btf_visit(btf__type_by_id(all, i), &v);
	for (i = 0; i < c.n; i++)
		btf_visit(btf__type_by_id(all, c.todo[i]), &v);
	free(c.todo);
	free(c.seen);
	return c.n == COPIES_MAX;
}

/*
 * One module's types in what was relocated. Behind all modules' own types come a pointer of ours,
 * which nothing refers to, and copies of types of the old base that have no name: of those it gets
 * what it refers to.
 */
struct part {
	__u32 base, first, n;	/* the base's types; its first type, and how many */
	__u32 copies;		/* where the copies begin */
	__u32 *new;		/* for each copy: its ID in the module, 0 for none yet */
	__u32 *todo, n_todo;	/* the copies that it refers to */
};

static void part_id(__u32 *id, void *arg)
{
	struct part *p = arg;
	__u32 *new;

	if (*id < p->base)
		return;
	if (*id < p->copies) {
		*id -= p->first - p->base;
		return;
	}
	new = &p->new[*id - p->copies];
	if (!*new) {
		*new = p->base + p->n + p->n_todo;
		p->todo[p->n_todo++] = *id;
	}
	*id = *new;
}

static int extract(struct btf *onto, const struct btf *all, struct part *p, struct relocated *r)
{
	struct btf *own = btf__new_empty_split(onto);
	const struct btf_visitor v = { .id = part_id, .arg = p };
	const void *data;
	__u32 i, size;
	int err;

	err = libbpf_get_error(own);
	if (err)
		return err;
	for (i = 0; i < p->n && !err; i++)
		err = append(own, all, btf__type_by_id(all, p->first + i), &v);
	for (i = 0; i < p->n_todo && !err; i++)
		err = append(own, all, btf__type_by_id(all, p->todo[i]), &v);
	if (!err) {
		data = btf__raw_data(own, &size);
		err = data ? 0 : -errno;
	}
	if (!err) {
		r->data = xmalloc(size);
		r->size = size;
		memcpy(r->data, data, size);
	}
	btf__free(own);
	return err;
}

static int take_apart(struct btf *onto, const struct btf *all, struct relocated *const *r, size_t n)
{
	struct part p = { .base = btf__type_cnt(onto) };
	__u32 own = 0, copies, i;
	size_t k;
	int err = 0;

	for (k = 0; k < n; k++)
		own += btf__type_cnt(r[k]->split) - btf__type_cnt(btf__base_btf(r[k]->split));
	p.copies = p.base + own;
	copies = btf__type_cnt(all) - p.copies;
	p.new = xcalloc(copies + 1, sizeof(*p.new));
	p.todo = xcalloc(copies + 1, sizeof(*p.todo));
	p.first = p.base;
	for (k = 0; k < n && !err; k++) {
		p.n = btf__type_cnt(r[k]->split) - btf__type_cnt(btf__base_btf(r[k]->split));
		err = extract(onto, all, &p, r[k]);
		p.first += p.n;
		for (i = 0; i < p.n_todo; i++)
			p.new[p.todo[i] - p.copies] = 0;
		p.n_todo = 0;
	}
	free(p.new);
	free(p.todo);
	return err;
}

int relocate_together(struct btf *made_for, struct btf *onto, struct relocated *const *r, size_t n)
{
	struct btf *all, *distilled_base, *distilled;
	int err;

	pthread_mutex_lock(&add_lock);
	all = combine(made_for, (const struct relocated *const *)r, n, &err);
	pthread_mutex_unlock(&add_lock);
	if (!all)
		return err;
	/* By way of a base that has the named types only that they refer to. */
	err = is_too_deep(all) ? -E2BIG : btf__distill_base(all, &distilled_base, &distilled);
	if (!err) {
		err = btf__relocate(distilled, onto);
		if (!err) {
			pthread_mutex_lock(&add_lock);
			err = take_apart(onto, distilled, r, n);
			pthread_mutex_unlock(&add_lock);
		}
		btf__free(distilled);
		btf__free(distilled_base);
	}
	btf__free(all);
	return err;
}
