// SPDX-License-Identifier: GPL-2.0-only
/* The IDs and names inside a BTF type. */
#include "btf_visit.h"
#include "../src/compat.h"

static void visit_id(const __u32 *id, const struct btf_visitor *v)
{
	if (v->id)
		v->id((__u32 *)id, v->arg);
}

static void visit_name(const __u32 *name, const struct btf_visitor *v)
{
	if (v->name)
		v->name((__u32 *)name, v->arg);
}

bool btf_visit(const struct btf_type *t, const struct btf_visitor *v)
{
	unsigned int i, vlen = btf_vlen(t);

	visit_name(&t->name_off, v);
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
		visit_id(&t->type, v);
		break;
	case BTF_KIND_ARRAY:
		visit_id(&btf_array(t)->type, v);
		visit_id(&btf_array(t)->index_type, v);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (i = 0; i < vlen; i++) {
			visit_id(&btf_members(t)[i].type, v);
			visit_name(&btf_members(t)[i].name_off, v);
		}
		break;
	case BTF_KIND_FUNC_PROTO:
		visit_id(&t->type, v);
		for (i = 0; i < vlen; i++) {
			visit_id(&btf_params(t)[i].type, v);
			visit_name(&btf_params(t)[i].name_off, v);
		}
		break;
	case BTF_KIND_DATASEC:
		for (i = 0; i < vlen; i++)
			visit_id(&btf_var_secinfos(t)[i].type, v);
		break;
	case BTF_KIND_ENUM:
		for (i = 0; i < vlen; i++)
			visit_name(&btf_enum(t)[i].name_off, v);
		break;
	case BTF_KIND_ENUM64:
		for (i = 0; i < vlen; i++)
			visit_name(&btf_enum64(t)[i].name_off, v);
		break;
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_FWD:
		break;
	default:
		return false;
	}
	return true;
}
