// SPDX-License-Identifier: GPL-2.0-only
/* The functions that two bases have by the same name: are they called in the same way? */
#include <stdlib.h>
#include <string.h>

#include "base_diff_impl.h"
#include "util.h"

struct function {
	const char *name;
	__u32 proto;
};

static int by_name(const void *x, const void *y)
{
	const struct function *a = x, *b = y;

	return strcmp(a->name, b->name);
}

/* Those of one base by their names, of each name one. From malloc(). */
static struct function *list_functions(const struct btf *btf, size_t *n)
{
	__u32 id, types = btf__type_cnt(btf);
	struct function *v = xcalloc(types, sizeof(*v));
	size_t i, same, all = 0, kept = 0;

	for (id = 1; id < types; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (btf_is_func(t))
			v[all++] = (struct function){ btf_name(btf, t->name_off), t->type };
	}
	if (all)
		qsort(v, all, sizeof(*v), by_name);
	/* Static functions may share a name: nothing tells them apart. */
	for (i = 0; i < all; i += same) {
		for (same = 1; i + same < all && !by_name(&v[i], &v[i + same]); same++)
			;
		if (same == 1)
			v[kept++] = v[i];
	}
	*n = kept;
	return v;
}

size_t base_diff_functions(const struct base_diff *diff, size_t *compared)
{
	struct base_diff d = *diff;	/* with steps of its own: threads share @diff */
	size_t n[2], i = 0, j = 0, differ = 0;
	struct function *v[2];

	v[0] = list_functions(d.side[0].btf, &n[0]);
	v[1] = list_functions(d.side[1].btf, &n[1]);
	d.steps = COMPARISONS_MAX;
	*compared = 0;
	while (i < n[0] && j < n[1]) {
		int order = by_name(&v[0][i], &v[1][j]);

		if (!order) {
			++*compared;
			differ += !same_definitions(&d, v[0][i].proto, v[1][j].proto, 0);
		}
		i += order <= 0;
		j += order >= 0;
	}
	free(v[0]);
	free(v[1]);
	return differ;
}
