// SPDX-License-Identifier: GPL-2.0-only
/* Relocate a module's BTF onto another base. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "btf_visit.h"
#include "relocate.h"
#include "util.h"

struct relocator {
	const struct check_base *made_for, *onto;
	struct base_diff *diff;
};

/*
 * libbpf writes each name that it looks for behind a base's strings, and moves them if there is no
 * room. So have it make room now, before threads share the base and others keep the strings'
 * addresses; btf_validate() refuses names for which that is not enough.
 */
static void make_room(const struct check_base *base)
{
	char name[NAME_LEN + 1];

	memset(name, 'x', NAME_LEN);
	name[NAME_LEN] = '\0';
	btf__find_str(check_base_btf(base), name);
}

struct relocator *relocator_new(const struct check_base *made_for, const struct check_base *onto,
				char *err, size_t errlen)
{
	struct relocator *r = xcalloc(1, sizeof(*r));

	r->made_for = made_for;
	r->onto = onto;
	make_room(made_for);
	make_room(onto);
	r->diff = base_diff_new(check_base_btf(made_for), check_base_btf(onto), err, errlen);
	if (r->diff)
		return r;
	free(r);
	return NULL;
}

/* relocator_free() - free it; NULL is taken */
void relocator_free(struct relocator *r)
{
	if (!r)
		return;
	base_diff_free(r->diff);
	free(r);
}

/* @out->data as if it were a module's: its build's check, the kernel's, and ours. */
static enum relocate_verdict check_result(const struct relocator *r, const struct btf *split,
					  struct relocated *out)
{
	struct module_file m = { .btf = out->data, .btf_size = out->size };
	enum module_verdict verdict;
	struct btf *again;
	__u32 id;

	verdict = check_and_split(r->onto, &m, &again, out->why, sizeof(out->why));
	if (verdict != MODULE_FITS) {
		if (!*out->why)
			set_error(out->why, sizeof(out->why), "relocated, it does not fit");
		return RELOCATE_FAILED;
	}
	id = same_types(r->diff, split, again);
	btf__free(again);
	if (!id)
		return RELOCATE_DONE;
	set_error(out->why, sizeof(out->why), "after relocation its type %u is a different one",
		  id);
	return RELOCATE_FAILED;
}

void relocate_begin(const struct relocator *r, const struct module_file *m, struct relocated *out)
{
	memset(out, 0, sizeof(*out));
	out->verdict = RELOCATE_FAILED;
	switch (check_and_split(r->made_for, m, &out->split, out->why, sizeof(out->why))) {
	case MODULE_FITS:
		break;
	case MODULE_OTHER_BUILD:
		out->verdict = RELOCATE_OTHER;
		return;
	default:
		return;
	}
	if (base_diff_same(r->diff, out->split, &out->use))
		out->verdict = RELOCATE_DONE;
	else if (out->use.type)
		out->verdict = RELOCATE_DIFFERS;
	else
		set_error(out->why, sizeof(out->why), "its BTF is malformed");
}

void relocate_all(const struct relocator *r, struct relocated *v, size_t n)
{
	struct btf *made_for = check_base_btf(r->made_for), *onto = check_base_btf(r->onto);
	struct relocated **todo = xcalloc(n + 1, sizeof(*todo));
	size_t i, n_todo = 0;
	int err;

	for (i = 0; i < n; i++)
		if (v[i].verdict == RELOCATE_DONE)
			todo[n_todo++] = &v[i];
	err = n_todo ? relocate_together(made_for, onto, todo, n_todo) : 0;
	for (i = 0; i < n_todo; i++) {
		struct relocated *one = todo[i];

		if (!err) {
			one->verdict = check_result(r, one->split, one);
			continue;
		}
		free(one->data);
		one->data = NULL;
		/* It may be the fault of another. */
		if (n_todo > 1) {
			relocate_all(r, one, 1);
			continue;
		}
		one->verdict = RELOCATE_IMPOSSIBLE;
		set_error(one->why, sizeof(one->why), "%s", err == -E2BIG ?
			  "it uses more of its kernel's types than any real module" :
			  "libbpf cannot relocate it, usually because the kernel has two types of the same name and size");
	}
	free(todo);
}

/* relocated_free() - free what relocate() has put into it */
void relocated_free(struct relocated *out)
{
	btf__free(out->split);
	free(out->data);
	free(out->use.path);
	memset(out, 0, sizeof(*out));
}
