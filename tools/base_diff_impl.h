/* SPDX-License-Identifier: GPL-2.0-only */
/* Between base_diff.c, base_change.c and base_uses.c. */
#ifndef TOOLS_BASE_DIFF_IMPL_H
#define TOOLS_BASE_DIFF_IMPL_H

#include "base_diff.h"

/* Comparisons of a type, a member or a value. Debian's kernels need a quarter of a million. */
#define COMPARISONS_MAX	20000000

/* What may have the same name and is another thing. */
enum name_space { NS_NONE, NS_STRUCT, NS_UNION, NS_ENUM, NS_TYPEDEF, NS_INT, NS_FLOAT };

/**
 * struct definitions - of a name in one base
 * @first: the first type ID, 0 for none
 * @n: how many; their IDs are linked by struct base_side.next
 */
struct definitions {
	__u32 first, n;
};

/**
 * struct name_key - a name that a base defines or refers to
 * @name: owned by a BTF
 * @ns: what it names
 * @differs: the old base defines it, and the new one not or in another way
 * @in: its definitions, in the old base and in the new one
 * @pairs: if there are several: where in struct base_diff.equal the pairs of them begin
 */
struct name_key {
	const char *name;
	enum name_space ns;
	bool differs;
	struct definitions in[2];
	size_t pairs;
};

/**
 * struct base_side - one of the two bases
 * @btf: it
 * @n: how many type IDs it has, with 0
 * @key: for each ID, its name's key, 0 for none
 * @next: for each ID, the next definition of the same name
 * @ordinal: for each ID, which of the definitions it is
 */
struct base_side {
	const struct btf *btf;
	__u32 n;
	__u32 *key, *next, *ordinal;
};

struct base_graph;

struct base_diff {
	struct base_side side[2];	/* old, new */
	struct name_key *keys;		/* from 1 on */
	__u32 n_keys;
	__u32 *slots, n_slots;		/* the hash table of keys */
	bool *equal;			/* of names with several definitions */
	size_t n_equal;
	unsigned long steps;		/* left until the types are too entangled */
	struct type_diff *list;
	size_t n_list;
	__u32 *listed;			/* for each key, its place in @list */
	struct base_graph *graph;
};

static inline const struct btf_type *old_type(const struct base_diff *d, __u32 id)
{
	return btf__type_by_id(d->side[0].btf, id);
}

static inline const struct btf_type *new_type(const struct base_diff *d, __u32 id)
{
	return btf__type_by_id(d->side[1].btf, id);
}

static inline const char *btf_name(const struct btf *btf, __u32 off)
{
	return btf__name_by_offset(btf, off) ?: "";
}

/* "struct", "typedef"...; "" for what has no name of a type */
const char *name_space_word(enum name_space ns);
enum name_space name_space_of(const struct btf_type *t);

/* Is it a declaration only? */
bool is_declaration(const struct btf_type *t);

/* Give @d its tables, and fill in those of base @which: 0 is the old one. */
void alloc_names(struct base_diff *d);
void find_names(struct base_diff *d, unsigned int which);

/* Where in @d->equal a pair of definitions of @key is. */
static inline size_t pair_index(const struct base_diff *d, const struct name_key *key, __u32 a,
				__u32 b)
{
	return key->pairs + (size_t)d->side[0].ordinal[a] * key->in[1].n + d->side[1].ordinal[b];
}

static inline bool *equal_pair(struct base_diff *d, const struct name_key *key, __u32 a, __u32 b)
{
	return &d->equal[pair_index(d, key, a, b)];
}

static inline bool has_pairs(const struct name_key *key)
{
	return key->in[0].n > 1 || key->in[1].n > 1;
}

/* Do they say the same, whatever their own names are? @depth: 0 */
bool same_definitions(struct base_diff *d, __u32 old_id, __u32 new_id, unsigned int depth);

/* Is what refers to @a in the old base the same as what refers to @b in the new one? */
bool same_reference(struct base_diff *d, __u32 a, __u32 b, unsigned int depth);

/* An enumerator's value; as the enum's sign says. */
long long enum_value(const struct btf_type *t, unsigned int i, const char **name,
		     const struct btf *btf);

/* base_change.c: fill in how @diff->old_id and @diff->new_id differ. */
void describe_changes(struct base_diff *d, struct type_diff *diff);
void free_changes(struct type_diff *diff);
void add_change(struct type_diff *diff, enum change_how how, const char *member, char *from,
		char *to);

/* "struct foo *", as C would write it, as far as it has room. From malloc(). */
char *spell_type(const struct btf *btf, __u32 id);

/* base_uses.c: what of the old base leads to types that differ. */
struct base_graph *base_graph_new(const struct base_diff *d);
void base_graph_free(struct base_graph *graph);

/* How a type of the base was come to: from another one, or from a module's own. */
struct step {
	__u32 pointers;		/* on the way; + 1, 0 if the type was not come to */
	__u32 from;		/* the type before, of the base; 0 if it is the module's: */
	__u32 split, own;	/* which module, and its type */
};

/* base_path.c: the way to the base's type @id, for people. From malloc(). */
char *spell_path(const struct base_diff *d, const struct btf *const *splits,
		 const struct step *steps, __u32 id);

#endif /* TOOLS_BASE_DIFF_IMPL_H */
