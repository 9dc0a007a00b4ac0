// SPDX-License-Identifier: GPL-2.0-only
/* How a type differs between two bases, for people. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base_diff_impl.h"
#include "util.h"
#include "../src/compat.h"

/* Members of members without a type name. Real ones are five deep. */
#define NESTED_MAX	20
#define MEMBERS_MAX	20000

/*
 * add_change() - add a difference to @diff, which owns @from and @to then; @member is
 * copied
 */
void add_change(struct type_diff *diff, enum change_how how, const char *member, char *from,
		char *to)
{
	struct change *c;

	if (!(diff->n & (diff->n - 1)))
		diff->changes = xrealloc(diff->changes, (diff->n ? diff->n * 2 : 1) * sizeof(*c));
	c = &diff->changes[diff->n++];
	c->how = how;
	c->member = member ? xstrdup(member) : NULL;
	c->from = from;
	c->to = to;
}

/* free_changes() - free those of one type */
void free_changes(struct type_diff *diff)
{
	size_t i;

	for (i = 0; i < diff->n; i++) {
		free(diff->changes[i].member);
		free(diff->changes[i].from);
		free(diff->changes[i].to);
	}
	free(diff->changes);
}

/* --- members and enumerators ------------------------------------------------ */

/* A member; or an enumerator, with its value. */
struct item {
	char *name;
	unsigned int place;	/* which it is */
	__u32 type, bits;	/* bits: of a bit field */
	__s64 value;		/* a member's bit offset */
};

struct items {
	struct item *item;
	size_t n, seen;		/* seen: those that were looked at; some have none inside */
};

static void add_item(struct items *items, char *name, __u32 type, __u32 bits, __s64 value)
{
	struct item *i;

	if (!(items->n & (items->n - 1)))
		items->item = xrealloc(items->item, (items->n ? items->n * 2 : 1) * sizeof(*i));
	i = &items->item[items->n];
	*i = (struct item){ .name = name, .place = items->n, .type = type, .bits = bits,
			    .value = value };
	items->n++;
}

/* Those of @t, and in their place those of members whose type has no name. */
static void list_members(struct items *items, const struct btf *btf, const struct btf_type *t,
			 const char *prefix, __u64 base, unsigned int depth)
{
	unsigned int i;

	for (i = 0; i < btf_vlen(t) && items->seen++ < MEMBERS_MAX; i++) {
		const struct btf_member *m = btf_members(t) + i;
		const struct btf_type *inner = btf__type_by_id(btf, m->type);
		const char *own = btf_name(btf, m->name_off);
		__u64 off = base + btf_member_bit_offset(t, i);
		char *name = xasprintf("%s%s", prefix, own);

		if (btf_is_composite(inner) && !inner->name_off && depth < NESTED_MAX) {
			char *dot = xasprintf("%s%s", name, *own ? "." : "");

			list_members(items, btf, inner, dot, off, depth + 1);
			free(dot);
			free(name);
		} else {
			add_item(items, name, m->type, btf_member_bitfield_size(t, i), off);
		}
	}
}

static void list_values(struct items *items, const struct btf *btf, const struct btf_type *t)
{
	const char *name;
	unsigned int i;

	for (i = 0; i < btf_vlen(t); i++) {
		__s64 value = enum_value(t, i, &name, btf);

		add_item(items, xstrdup(name), 0, 0, value);
	}
}

static int by_name(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	return strcmp(a->name, b->name) ?: (int)a->place - (int)b->place;
}

static void free_items(struct items *items)
{
	while (items->n)
		free(items->item[--items->n].name);
	free(items->item);
}

static void compare_members(struct base_diff *d, struct type_diff *diff, const struct item *a,
			    const struct item *b)
{
	const struct btf *from = d->side[0].btf, *to = d->side[1].btf;
	bool same_type = same_reference(d, a->type, b->type, 0);

	if (a->value != b->value)
		add_change(diff, CHANGE_MEMBER_MOVED, a->name,
			   xasprintf("bit %lld", (long long)a->value),
			   xasprintf("bit %lld", (long long)b->value));
	if (a->bits != b->bits)
		add_change(diff, CHANGE_MEMBER_TYPE, a->name, xasprintf("%u bits", a->bits),
			   xasprintf("%u bits", b->bits));
	else if (!same_type)
		add_change(diff, CHANGE_MEMBER_TYPE, a->name, spell_type(from, a->type),
			   spell_type(to, b->type));
}

static void compare_values(struct type_diff *diff, const struct item *a, const struct item *b)
{
	if (!a)
		add_change(diff, CHANGE_VALUE, b->name, NULL,
			   xasprintf("%lld", (long long)b->value));
	else if (!b)
		add_change(diff, CHANGE_VALUE, a->name, xasprintf("%lld", (long long)a->value),
			   NULL);
	else if (a->value != b->value)
		add_change(diff, CHANGE_VALUE, a->name, xasprintf("%lld", (long long)a->value),
			   xasprintf("%lld", (long long)b->value));
}

/* Hold items of one name against each other; @old and @new are freed. */
static void compare_items(struct base_diff *d, struct type_diff *diff, struct items *old,
			  struct items *new, bool values)
{
	size_t i = 0, j = 0;

	if (old->n)
		qsort(old->item, old->n, sizeof(*old->item), by_name);
	if (new->n)
		qsort(new->item, new->n, sizeof(*new->item), by_name);
	while (i < old->n || j < new->n) {
		const struct item *a = i < old->n ? &old->item[i] : NULL;
		const struct item *b = j < new->n ? &new->item[j] : NULL;
		int order = !a ? 1 : !b ? -1 : strcmp(a->name, b->name);

		i += order <= 0;
		j += order >= 0;
		if (values)
			compare_values(diff, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
		else if (order < 0)
			add_change(diff, CHANGE_MEMBER_REMOVED, a->name,
				   spell_type(d->side[0].btf, a->type), NULL);
		else if (order > 0)
			add_change(diff, CHANGE_MEMBER_ADDED, b->name, NULL,
				   spell_type(d->side[1].btf, b->type));
		else
			compare_members(d, diff, a, b);
	}
	free_items(old);
	free_items(new);
}

static bool is_nameless(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	return !t->name_off && (btf_is_composite(t) || btf_is_any_enum(t));
}

void describe_changes(struct base_diff *d, struct type_diff *diff)
{
	const struct btf_type *a = old_type(d, diff->old_id), *b = new_type(d, diff->new_id);
	const struct btf *from = d->side[0].btf, *to = d->side[1].btf;
	struct items old = { }, new = { };

	/* typedef struct { ... } foo_t: what matters is inside. */
	if (btf_is_typedef(a) && is_nameless(from, a->type) && is_nameless(to, b->type) &&
	    btf_kind(old_type(d, a->type)) == btf_kind(new_type(d, b->type))) {
		a = old_type(d, a->type);
		b = new_type(d, b->type);
	}
	if (btf_is_typedef(a)) {
		add_change(diff, CHANGE_TYPE, NULL, spell_type(from, a->type),
			   spell_type(to, b->type));
		return;
	}
	if (a->size != b->size)
		add_change(diff, CHANGE_SIZE, NULL, xasprintf("%u bytes", a->size),
			   xasprintf("%u bytes", b->size));
	if (btf_is_composite(a)) {
		list_members(&old, from, a, "", 0, 0);
		list_members(&new, to, b, "", 0, 0);
		compare_items(d, diff, &old, &new, false);
	} else if (btf_is_any_enum(a)) {
		list_values(&old, from, a);
		list_values(&new, to, b);
		compare_items(d, diff, &old, &new, true);
		if (btf_kflag(a) != btf_kflag(b))
			add_change(diff, CHANGE_TYPE, NULL,
				   xstrdup(btf_kflag(a) ? "signed" : "unsigned"),
				   xstrdup(btf_kflag(b) ? "signed" : "unsigned"));
	} else if (!diff->n) {
		add_change(diff, CHANGE_TYPE, NULL, xstrdup("one encoding"), xstrdup("another"));
	}
	/* Each has its equal, but not in its place: nameless members, too. */
	if (!diff->n)
		add_change(diff, CHANGE_MEMBER_ORDER, NULL, NULL, NULL);
}

/* --- as text ---------------------------------------------------------------- */

const char *change_word(enum change_how how)
{
	static const char * const words[] = {
		[CHANGE_MISSING] = "missing", [CHANGE_ADDED] = "added", [CHANGE_SIZE] = "size",
		[CHANGE_MEMBER_MOVED] = "member-moved", [CHANGE_MEMBER_TYPE] = "member-type",
		[CHANGE_MEMBER_REMOVED] = "member-removed",
		[CHANGE_MEMBER_ADDED] = "member-added", [CHANGE_MEMBER_ORDER] = "member-order",
		[CHANGE_VALUE] = "enum-value", [CHANGE_TYPE] = "type",
		[CHANGE_DEFINITIONS] = "definitions",
	};

	return words[how];
}

void change_print(FILE *f, const struct change *c)
{
	switch (c->how) {
	case CHANGE_MISSING:
		fputs("missing", f);
		return;
	case CHANGE_ADDED:
		fputs("added", f);
		return;
	case CHANGE_MEMBER_REMOVED:
		fprintf(f, "member %s removed (%s)", c->member, c->from);
		return;
	case CHANGE_MEMBER_ADDED:
		fprintf(f, "member %s added (%s)", c->member, c->to);
		return;
	case CHANGE_MEMBER_ORDER:
		fputs("its members are in another order", f);
		return;
	case CHANGE_MEMBER_MOVED:
		fprintf(f, "member %s moved", c->member);
		break;
	case CHANGE_MEMBER_TYPE:
		fprintf(f, "member %s has another type", c->member);
		break;
	case CHANGE_VALUE:
		if (!c->from || !c->to) {
			fprintf(f, "value %s %s (%s)", c->member, c->to ? "added" : "removed",
				c->to ?: c->from);
			return;
		}
		fprintf(f, "value of %s", c->member);
		break;
	case CHANGE_SIZE:
		fputs("size", f);
		break;
	case CHANGE_TYPE:
		fputs("type", f);
		break;
	case CHANGE_DEFINITIONS:
		fputs("defined several times, not all the same", f);
		break;
	}
	fprintf(f, ": %s -> %s", c->from, c->to);
}
