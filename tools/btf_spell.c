// SPDX-License-Identifier: GPL-2.0-only
/* A type as C would write it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_diff_impl.h"
#include "util.h"
#include "../src/compat.h"

/* What is longer is for nobody to read. */
#define SPELLED_MAX	160
#define DEPTH_MAX	12

/* @after: what a declarator would have on its right, "[4]" */
static char *spell(const struct btf *btf, __u32 id, const char *after, unsigned int depth);

static char *spell_prototype(const struct btf *btf, const struct btf_type *t, const char *after,
			     unsigned int depth)
{
	char *ret = spell(btf, t->type, "", depth), *text, *more;
	unsigned int i;

	text = xasprintf("%s (%s)(", ret, after);
	free(ret);
	for (i = 0; i < btf_vlen(t) && strlen(text) < SPELLED_MAX; i++) {
		/* A parameter of no type is the "..." at the end. */
		char *param = btf_params(t)[i].type ? spell(btf, btf_params(t)[i].type, "", depth) :
						      xstrdup("...");

		more = xasprintf("%s%s%s", text, i ? ", " : "", param);
		free(param);
		free(text);
		text = more;
	}
	more = xasprintf("%s)", text);
	free(text);
	return more;
}

/* @id with a word before it: "const", or behind: "*" */
static char *spell_around(const struct btf *btf, __u32 id, const char *before, const char *behind,
			  const char *after, unsigned int depth)
{
	char *more = xasprintf("%s%s", behind, after), *inner, *text;
	const struct btf_type *t = btf__type_by_id(btf, id);

	/* A pointer to an array needs its parentheses; a function has them anyway. */
	if (*behind == '*' && t && btf_is_array(t)) {
		free(more);
		more = xasprintf("(%s%s)", behind, after);
	}
	inner = spell(btf, id, more, depth);
	text = xasprintf("%s%s", before, inner);
	free(more);
	free(inner);
	return text;
}

static char *spell(const struct btf *btf, __u32 id, const char *after, unsigned int depth)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const char *space = *after == '*' || *after == '(' ? " " : "";
	const char *name;
	char dim[24];

	if (!id)
		return xasprintf("void%s%s", space, after);
	if (!t || depth > DEPTH_MAX || strlen(after) > SPELLED_MAX)
		return xstrdup("...");
	name = btf_name(btf, t->name_off);
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
		return spell_around(btf, t->type, "", "*", after, depth + 1);
	case BTF_KIND_CONST:
		return spell_around(btf, t->type, "const ", "", after, depth + 1);
	case BTF_KIND_VOLATILE:
		return spell_around(btf, t->type, "volatile ", "", after, depth + 1);
	case BTF_KIND_RESTRICT:
		return spell_around(btf, t->type, "", "", after, depth + 1);
	case BTF_KIND_TYPE_TAG:
		return spell_around(btf, t->type, "tagged ", "", after, depth + 1);
	case BTF_KIND_ARRAY:
		snprintf(dim, sizeof(dim), "[%u]", btf_array(t)->nelems);
		return spell_around(btf, btf_array(t)->type, "", after, dim, depth + 1);
	case BTF_KIND_FUNC_PROTO:
		return spell_prototype(btf, t, after, depth + 1);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (!*name)
			return xasprintf("%s {%u members, %u bytes}%s%s",
					 btf_is_struct(t) ? "struct" : "union", btf_vlen(t),
					 t->size, space, after);
		__attribute__((__fallthrough__));
	case BTF_KIND_FWD:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (!*name)
			return xasprintf("enum {%u values}%s%s", btf_vlen(t), space, after);
		return xasprintf("%s %s%s%s", name_space_word(name_space_of(t)), name, space,
				 after);
	default:
		return xasprintf("%s%s%s", name, space, after);
	}
}

char *spell_type(const struct btf *btf, __u32 id)
{
	char *text = spell(btf, id, "", 0);

	if (strlen(text) > SPELLED_MAX)
		strcpy(text + SPELLED_MAX - 3, "...");
	return text;
}
