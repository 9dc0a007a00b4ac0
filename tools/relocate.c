// SPDX-License-Identifier: GPL-2.0-only
/* Relocate a module's BTF onto another base. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "relocate.h"
#include "util.h"

struct relocator {
	const struct check_base *made_for, *onto;
	struct base_diff *diff;
};

struct relocator *relocator_new(const struct check_base *made_for, const struct check_base *onto,
				char *err, size_t errlen)
{
	struct relocator *r = xcalloc(1, sizeof(*r));

	r->made_for = made_for;
	r->onto = onto;
	r->diff = base_diff_new(check_base_btf(made_for), check_base_btf(onto), err, errlen);
	if (r->diff)
		return r;
	free(r);
	return NULL;
}

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
	set_error(out->why, sizeof(out->why), "relocated, its type %u is another", id);
	return RELOCATE_FAILED;
}

/* By way of a base that has the named types only that @split refers to. */
static enum relocate_verdict relocate(const struct relocator *r, const struct btf *split,
				      struct relocated *out)
{
	struct btf *distilled_base, *distilled;
	enum relocate_verdict ret = RELOCATE_FAILED;
	const void *data;
	__u32 size;
	int err;

	err = btf__distill_base(split, &distilled_base, &distilled);
	if (err) {
		set_error(out->why, sizeof(out->why), "it cannot be relocated: %s",
			  strerror(-err));
		return ret;
	}
	err = btf__relocate(distilled, check_base_btf(r->onto));
	if (err) {
		set_error(out->why, sizeof(out->why), "it cannot be relocated: %s", strerror(-err));
		goto out;
	}
	data = btf__raw_data(distilled, &size);
	if (!data) {
		set_error(out->why, sizeof(out->why), "it cannot be written: %s", strerror(errno));
		goto out;
	}
	out->data = xmalloc(size);
	out->size = size;
	memcpy(out->data, data, size);
	ret = check_result(r, split, out);
out:
	btf__free(distilled);
	btf__free(distilled_base);
	return ret;
}

enum relocate_verdict relocate_module(const struct relocator *r, const struct module_file *m,
				      struct relocated *out)
{
	enum relocate_verdict ret = RELOCATE_FAILED;
	struct btf *split;

	memset(out, 0, sizeof(*out));
	switch (check_and_split(r->made_for, m, &split, out->why, sizeof(out->why))) {
	case MODULE_FITS:
		break;
	case MODULE_OTHER_BUILD:
		return RELOCATE_OTHER;
	default:
		return RELOCATE_FAILED;
	}
	if (base_diff_same(r->diff, split, &out->use))
		ret = relocate(r, split, out);
	else if (out->use.type)
		ret = RELOCATE_DIFFERS;
	else
		set_error(out->why, sizeof(out->why), "its BTF is malformed");
	btf__free(split);
	return ret;
}

void relocated_free(struct relocated *out)
{
	free(out->data);
	free(out->use.path);
	memset(out, 0, sizeof(*out));
}
