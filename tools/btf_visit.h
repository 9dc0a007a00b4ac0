/* SPDX-License-Identifier: GPL-2.0-only */
/* The IDs and names inside a BTF type, kind by kind. libbpf has such an iterator, but no API. */
#ifndef TOOLS_BTF_VISIT_H
#define TOOLS_BTF_VISIT_H

#include <stdbool.h>

#include <bpf/btf.h>

/**
 * struct btf_visitor - what to do with each of them
 * @id: called for each type ID, or NULL
 * @name: called for each name offset, or NULL; for that of the type itself, too
 * @arg: for the callbacks
 */
struct btf_visitor {
	void (*id)(__u32 *id, void *arg);
	void (*name)(__u32 *name_off, void *arg);
	void *arg;
};

/*
 * btf_visit() - call @v for all that is in @t
 *
 * @t is const to who only looks: the callbacks decide.
 * Return: false if the kind is not known.
 */
bool btf_visit(const struct btf_type *t, const struct btf_visitor *v);

/* The longest name that btf_validate() accepts, in bytes. The kernel's own limit is 512. */
#define NAME_LEN	1024

/**
 * btf_validate() - is BTF well-formed?
 * @btf: it
 * @first: its first type ID: 1, or of split BTF the number of types of its base
 * @in_base: set to true if what is wrong is only where it refers into its base. May be NULL.
 *
 * libbpf looks at lengths only before it follows an ID. This asks what the kernel's parser
 * asks: IDs, names, sizes, what may refer to what, no loops. Names are printed, looked up and
 * copied: here, too, they are of a length that is bounded, and have no control characters.
 *
 * Context: any thread.
 * Return: 0, or -1 with @err.
 */
int btf_validate(const struct btf *btf, __u32 first, bool *in_base, char *err, size_t errlen);

#endif /* TOOLS_BTF_VISIT_H */
