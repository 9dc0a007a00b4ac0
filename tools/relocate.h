/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A module's BTF, made for one base, turned into what it would be had it been made for
 * another: libbpf does it, and what it has done is checked.
 */
#ifndef TOOLS_RELOCATE_H
#define TOOLS_RELOCATE_H

#include <stddef.h>

#include "check.h"

enum relocate_verdict {
	RELOCATE_DONE,
	RELOCATE_OTHER,		/* the module was not made for the old base */
	RELOCATE_DIFFERS,	/* a type that it uses is not the same in both */
	RELOCATE_IMPOSSIBLE,	/* it may well be right, but libbpf does not do it */
	RELOCATE_FAILED,	/* malformed; or libbpf's result is not the same or does not fit */
};

/**
 * struct relocated - what becomes of one module
 * @verdict: after relocate_begin() RELOCATE_DONE says that it can be relocated, after
 *	relocate_all() that it is
 * @split: its own BTF, checked
 * @data: the BTF, split, for the new base. A section of its own: no alignment is needed.
 * @size: its size in bytes
 * @use: with RELOCATE_DIFFERS: the nearest type that differs. Its type is owned by the
 *	relocator.
 * @why: with RELOCATE_FAILED and RELOCATE_IMPOSSIBLE: why, else ""
 */
struct relocated {
	enum relocate_verdict verdict;
	struct btf *split;
	void *data;
	size_t size;
	struct base_use use;
	char why[128];
};

struct relocator;

/**
 * relocator_new() - prepare two bases
 * @made_for: the one that the modules were made for
 * @onto: the one that they shall have BTF for. Both must live as long as what is returned.
 *
 * Return: to be freed by relocator_free(); NULL with @err if they cannot be compared.
 */
struct relocator *relocator_new(const struct check_base *made_for, const struct check_base *onto,
				char *err, size_t errlen);
void relocator_free(struct relocator *r);

/**
 * relocate_begin() - see whether a module's BTF can be relocated
 * @r: the bases
 * @m: the module; it has BTF, and no base of its own. It can be freed after that.
 * @out: what is found, to be freed by relocated_free() whatever it is
 *
 * Context: any thread; @r can be shared.
 */
void relocate_begin(const struct relocator *r, const struct module_file *m, struct relocated *out);

/**
 * relocate_all() - relocate the BTF of some modules
 * @r: the bases
 * @v: the modules, after relocate_begin()
 * @n: how many. Ten take little longer than one.
 *
 * BTF that it returns fits the new base by the kernel module's own check, and each of its types
 * says the same as the one that the module's build has written.
 *
 * Context: any thread; @r can be shared.
 */
void relocate_all(const struct relocator *r, struct relocated *v, size_t n);
void relocated_free(struct relocated *out);

/**
 * relocate_together() - have libbpf relocate some modules' BTF (relocate_batch.c)
 * @made_for: the old base; btf__find_str() has been called for it, and for the new one
 * @onto: the new base
 * @r: the modules; @split is looked at, @data and @size are set
 * @n: how many
 *
 * Return: 0, or -errno if one of them cannot be; nothing is said about the others then.
 */
int relocate_together(struct btf *made_for, struct btf *onto, struct relocated *const *r, size_t n);

/**
 * same_types() - do two split BTFs say the same? (relocate_check.c)
 * @diff: the comparison of their bases
 * @split: one, of the old base
 * @relocated: the other, of the new base. After the counterparts of the types of @split it may
 *	have copies of types of the old base.
 *
 * All of both has been checked by btf_validate().
 * Return: the ID of the first type of @split that is another in @relocated, 0 if none is.
 */
__u32 same_types(const struct base_diff *diff, const struct btf *split,
		 const struct btf *relocated);

#endif /* TOOLS_RELOCATE_H */
