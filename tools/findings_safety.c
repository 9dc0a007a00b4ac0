// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is it safe to load the modules of one build into a kernel of another? A module's BTF does not
 * say what only its code uses, such as current->mm: so all that both kernels name is compared.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "findings.h"
#include "util.h"

/* Types that are named in the text; --json has all. */
#define NAMED	3

/* safety_name() - the word that --json has for it; not to be freed */
const char *safety_name(enum safety safety)
{
	static const char *const names[] = { "unknown", "yes", "unproved" };

	return names[safety];
}

/* "struct mm_struct, struct signal_struct, ..." */
static char *some_names(const struct names *names)
{
	char *list = xstrdup(""), *more;

	for (size_t i = 0; i < names->n && i <= NAMED; i++) {
		more = xasprintf("%s%s%s", list, i ? ", " : "", i < NAMED ? names->v[i] : "...");
		free(list);
		list = more;
	}
	return list;
}

static void judge(struct finding *v, const struct base_diff *diff)
{
	size_t n, functions, others = base_diff_functions(diff, &functions);
	const struct type_diff *list = base_diff_list(diff, &n);
	char *names;

	for (size_t i = 0; i < n; i++)
		names_addf(&v->differing, "%s %s", list[i].kind, list[i].name);
	v->safe = n || others ? SAFETY_UNPROVED : SAFETY_YES;
	if (v->safe == SAFETY_YES) {
		v->safe_why = xasprintf("yes, as far as types tell: all %zu of both builds are %s",
					base_diff_named(diff),
					"the same, and so are the prototypes of their functions");
		return;
	}
	names = some_names(&v->differing);
	v->safe_why = xasprintf("not proved: %zu type%s%s%s%s and the %s of %zu function%s %s%s", n,
				n == 1 ? "" : "s", n ? " (" : "", names, n ? ")" : "",
				others == 1 ? "prototype" : "prototypes", others,
				others == 1 ? "" : "s", "differ between the builds. ",
				"A module that uses one of them may damage memory");
	free(names);
}

/*
 * finding_safety() - is it safe to load modules made for one build under another?
 *
 * @made_for, @under: indexes of builds of @k; -1 if it is not known. Sets what @v says of it.
 */
void finding_safety(struct finding *v, const struct kernel *k, int made_for, int under)
{
	const struct check_base *old = made_for < 0 ? NULL : k->builds[made_for].base;
	const struct check_base *new = under < 0 ? NULL : k->builds[under].base;
	struct base_diff *diff = NULL;

	if (old && new)
		diff = base_diff_new(check_base_btf(old), check_base_btf(new), NULL, 0);
	if (diff)
		judge(v, diff);
	else
		v->safe_why = xasprintf("unknown: no kernel was found that %s",
					"these modules were made for");
	base_diff_free(diff);
}

/* is_unsafe() - do modules that would be loaded without their BTF perhaps not fit @k? */
bool is_unsafe(const struct findings *f, const struct kernel *k)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].release == k->release && f->v[i].safe == SAFETY_UNPROVED)
			return true;
	return false;
}
