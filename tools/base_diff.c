// SPDX-License-Identifier: GPL-2.0-only
/* The comparison of the named types of two bases. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base_diff_impl.h"
#include "util.h"

/* Definitions of one name that are compared each with each. */
#define DEFINITIONS_MAX	64

static int alloc_pairs(struct base_diff *d, char *err, size_t errlen)
{
	__u32 i;

	for (i = 1; i <= d->n_keys; i++) {
		struct name_key *key = &d->keys[i];

		if (!has_pairs(key))
			continue;
		if (key->in[0].n > DEFINITIONS_MAX || key->in[1].n > DEFINITIONS_MAX)
			return set_error(err, errlen, "there are too many definitions of %s %s",
					 name_space_word(key->ns), key->name);
		key->pairs = d->n_equal;
		d->n_equal += (size_t)key->in[0].n * key->in[1].n;
	}
	d->equal = xmalloc(d->n_equal);
	/* All are equal, until something says otherwise. */
	memset(d->equal, true, d->n_equal);
	return 0;
}

/* Of @key, compare what still seems to be equal. Return: true if some of it is not */
static bool compare_definitions(struct base_diff *d, const struct name_key *key)
{
	bool found = false;
	__u32 a, b;

	for (a = key->in[0].first; a; a = d->side[0].next[a]) {
		for (b = key->in[1].first; b; b = d->side[1].next[b]) {
			bool *equal = equal_pair(d, key, a, b);

			if (!*equal || same_definitions(d, a, b, 0))
				continue;
			*equal = false;
			found = true;
		}
	}
	return found;
}

/* Which definitions of one name are equal may depend on others of that kind. */
static void compare_pairs(struct base_diff *d)
{
	bool again = d->n_equal;
	__u32 i;

	while (again && d->steps) {
		again = false;
		for (i = 1; i <= d->n_keys; i++)
			if (has_pairs(&d->keys[i]) && compare_definitions(d, &d->keys[i]))
				again = true;
	}
}

/* Of several definitions: the first in base @which that has no equal, or 0. */
static __u32 without_equal(struct base_diff *d, const struct name_key *key, unsigned int which)
{
	__u32 id, other;

	for (id = key->in[which].first; id; id = d->side[which].next[id]) {
		for (other = key->in[!which].first; other; other = d->side[!which].next[other])
			if (which ? *equal_pair(d, key, other, id) : *equal_pair(d, key, id, other))
				break;
		if (!other)
			return id;
	}
	return 0;
}

/* Compare the definitions of @key. Return: true if @diff says how they differ. */
static bool compare_key(struct base_diff *d, const struct name_key *key, struct type_diff *diff)
{
	__u32 a = key->in[0].first, b = key->in[1].first;

	*diff = (struct type_diff){ .kind = name_space_word(key->ns), .name = key->name,
				    .old_id = a, .new_id = b };
	if (!a && !b)
		return false;
	if (!a || !b) {
		add_change(diff, a ? CHANGE_MISSING : CHANGE_ADDED, NULL, NULL, NULL);
		return true;
	}
	if (!has_pairs(key)) {
		if (same_definitions(d, a, b, 0))
			return false;
		describe_changes(d, diff);
		return true;
	}
	a = without_equal(d, key, 0);
	b = without_equal(d, key, 1);
	if (!a && !b)
		return false;
	if (a && b) {
		diff->old_id = a;
		diff->new_id = b;
		describe_changes(d, diff);
	} else {
		add_change(diff, CHANGE_DEFINITIONS, NULL,
			   xasprintf("%u definitions", key->in[0].n),
			   xasprintf("%u", key->in[1].n));
	}
	return true;
}

static int by_name(const void *x, const void *y, void *arg)
{
	const struct base_diff *d = arg;
	const struct name_key *a = &d->keys[*(const __u32 *)x], *b = &d->keys[*(const __u32 *)y];

	return strcmp(a->name, b->name) ?: (int)a->ns - (int)b->ns;
}

static void compare_keys(struct base_diff *d)
{
	__u32 *order = xcalloc(d->n_keys + 1, sizeof(*order)), i, n = 0;
	struct type_diff diff;

	for (i = 1; i <= d->n_keys; i++)
		order[n++] = i;
	qsort_r(order, n, sizeof(*order), by_name, d);
	d->listed = xcalloc(d->n_keys + 1, sizeof(__u32));
	for (i = 0; i < n; i++) {
		if (!compare_key(d, &d->keys[order[i]], &diff))
			continue;
		if (!(d->n_list & (d->n_list - 1)))
			d->list = xrealloc(d->list, (d->n_list ? d->n_list * 2 : 1) *
					   sizeof(*d->list));
		d->keys[order[i]].differs = d->keys[order[i]].in[0].n;
		d->listed[order[i]] = d->n_list;
		d->list[d->n_list++] = diff;
	}
	free(order);
}

struct base_diff *base_diff_new(const struct btf *old_btf, const struct btf *new_btf, char *err,
				size_t errlen)
{
	struct base_diff *d = xcalloc(1, sizeof(*d));

	d->side[0].btf = old_btf;
	d->side[1].btf = new_btf;
	d->side[0].n = btf__type_cnt(old_btf);
	d->side[1].n = btf__type_cnt(new_btf);
	d->steps = COMPARISONS_MAX;
	alloc_names(d);
	find_names(d, 0);
	find_names(d, 1);
	if (alloc_pairs(d, err, errlen))
		goto fail;
	compare_pairs(d);
	compare_keys(d);
	if (!d->steps) {
		set_error(err, errlen, "its types are too entangled to be compared");
		goto fail;
	}
	d->graph = base_graph_new(d);
	return d;
fail:
	base_diff_free(d);
	return NULL;
}

/* base_diff_free() - free it and its list; NULL is taken */
void base_diff_free(struct base_diff *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < 2; i++) {
		free(d->side[i].key);
		free(d->side[i].next);
		free(d->side[i].ordinal);
	}
	for (i = 0; i < d->n_list; i++)
		free_changes(&d->list[i]);
	base_graph_free(d->graph);
	free(d->keys);
	free(d->slots);
	free(d->equal);
	free(d->list);
	free(d->listed);
	free(d);
}

bool base_diff_same_type(const struct base_diff *d, __u32 old_id, __u32 new_id)
{
	__u32 k = d->side[0].key[old_id];
	const struct name_key *key = &d->keys[k];

	if (!k || d->side[1].key[new_id] != k || key->differs)
		return false;
	if (is_declaration(old_type(d, old_id)))
		return true;
	if (is_declaration(new_type(d, new_id)))
		return false;
	return !has_pairs(key) || d->equal[pair_index(d, key, old_id, new_id)];
}

size_t base_diff_named(const struct base_diff *d)
{
	size_t n = 0;
	__u32 i;

	for (i = 1; i <= d->n_keys; i++)
		n += d->keys[i].in[0].n && d->keys[i].ns <= NS_TYPEDEF;
	return n;
}

const struct type_diff *base_diff_list(const struct base_diff *d, size_t *n)
{
	*n = d->n_list;
	return d->list;
}
