/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Do two base BTFs say the same about the types that they name?
 *
 * Each struct, union, enum, typedef, int and float that has a name is compared by its size
 * and its members: name, bit offset, type. Where a member's type has a name, only that counts;
 * where it has none, it is compared as if it were written out. An array of arrays is one
 * array, since compilers differ in that. Names of parameters do not count. Where
 * a name has several definitions, each must have an equal one in the other base, and
 * what refers to one of them is equal only if it refers to an equal one.
 *
 * The comparison is exact, no hash takes the place of types. All of it after
 * base_diff_new() only reads, so threads may share it.
 */
#ifndef TOOLS_BASE_DIFF_H
#define TOOLS_BASE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <bpf/btf.h>

enum change_how {
	CHANGE_MISSING,		/* the new base does not define the name */
	CHANGE_ADDED,		/* the old one does not */
	CHANGE_SIZE,		/* bytes */
	CHANGE_MEMBER_MOVED,	/* another bit offset */
	CHANGE_MEMBER_TYPE,	/* another type, or width of a bit field */
	CHANGE_MEMBER_REMOVED,
	CHANGE_MEMBER_ADDED,
	CHANGE_MEMBER_ORDER,	/* the same members, in another order */
	CHANGE_VALUE,		/* of an enum: another value, a value more or less */
	CHANGE_TYPE,		/* a typedef's type; an int's encoding; an enum's sign */
	CHANGE_DEFINITIONS,	/* several definitions, and one has no equal */
};

/**
 * struct change - one thing in which a type differs
 * @how: what kind of change
 * @member: the member or enumerator, or NULL. What is inside anonymous members has their
 *	names, too.
 * @from: how it was, as text: "bit 64", "int", "24 bytes", "7"; or NULL
 * @to: how it is
 */
struct change {
	enum change_how how;
	char *member, *from, *to;
};

/**
 * struct type_diff - a named type that differs
 * @kind: "struct", "union", "enum", "typedef", "int" or "float"
 * @name: its name, owned by the BTF
 * @old_id: its ID in the old base, 0 if it is not there; the first, if there are several
 * @new_id: in the new one
 * @changes: how it differs, at least one
 * @n: how many
 */
struct type_diff {
	const char *kind, *name;
	__u32 old_id, new_id;
	struct change *changes;
	size_t n;
};

struct base_diff;

/**
 * base_diff_new() - compare two bases
 * @old_btf: the one that modules were made for
 * @new_btf: the one to compare with. Both must live as long as what is returned.
 *
 * btf_validate() must have accepted both: check_base_new() has asked it.
 *
 * Return: the comparison, to be freed by base_diff_free(); NULL with @err if there is too much
 * to compare.
 */
struct base_diff *base_diff_new(const struct btf *old_btf, const struct btf *new_btf,
				char *err, size_t errlen);
void base_diff_free(struct base_diff *diff);

/* How many names (struct, union, enum, typedef) the old base defines. */
size_t base_diff_named(const struct base_diff *diff);

/* The types that differ, @n of them, by name. Owned by @diff. */
const struct type_diff *base_diff_list(const struct base_diff *diff, size_t *n);

/**
 * base_diff_functions() - how many functions of both bases have another prototype
 * @diff: the comparison
 * @compared: set to how many both have, with a name that no other function has
 *
 * A function that one base lacks does not count: what calls it does not load.
 */
size_t base_diff_functions(const struct base_diff *diff, size_t *compared);

/* "moved", "size"...: one word for a struct change's how. */
const char *change_word(enum change_how how);

/* How it differs, on one line: "member mm_users moved, bit 64 to bit 128". */
void change_print(FILE *f, const struct change *change);

/**
 * struct base_use - a type that differs, and how a module comes to it
 * @type: the type, owned by the struct base_diff
 * @pointers: how many pointers are between: 0 is by value, 1 dereferenced directly
 * @path: "dummy_xmit(skb) -> struct sk_buff.dev -> struct net_device", or NULL
 */
struct base_use {
	const struct type_diff *type;
	unsigned int pointers;
	char *path;
};

/**
 * base_diff_same() - are all types of the base that a module refers to the same?
 * @diff: the comparison; its old base is what @split was made for
 * @split: a module's BTF, with the struct btf of @diff's old base as its base
 * @first: if not NULL, set to the nearest that differs, with its path, which the caller
 *	frees, if there is one
 *
 * Any reference counts, by value, by pointer, as parameter, however far away. A type that
 * the new base only adds does not count, nor what the old one only declares.
 *
 * Mind: BTF names what the module's own types and functions refer to. What only its code
 * uses (a local variable, current->mm) is not in it.
 *
 * Takes time in proportion to the size of @split, unless there is one.
 * Return: true if they are; false if one differs, or if @split is damaged: @first->type
 * is NULL then.
 */
bool base_diff_same(const struct base_diff *diff, const struct btf *split,
		    struct base_use *first);

/**
 * base_diff_same_type() - does a name lead to the same type in both bases?
 * @diff: the comparison
 * @old_id: a type ID of the old base
 * @new_id: one of the new base
 *
 * Return: true if both have the same name, and the same definition where the name has
 * several. False for types without a name, and for one that is declared where the other is
 * defined.
 */
bool base_diff_same_type(const struct base_diff *diff, __u32 old_id, __u32 new_id);

/**
 * base_diff_uses() - all types that differ and that modules use, nearest first
 * @diff: the comparison
 * @splits: the modules' BTF, as for base_diff_same()
 * @n: how many
 * @uses: set to the list, to be freed by base_uses_free()
 * @paths: are paths wanted? They cost time.
 *
 * Return: how many; what is damaged is left out (see base_diff_same()).
 */
size_t base_diff_uses(const struct base_diff *diff, const struct btf *const *splits, size_t n,
		      bool paths, struct base_use **uses);
void base_uses_free(struct base_use *uses, size_t n);

#endif /* TOOLS_BASE_DIFF_H */
