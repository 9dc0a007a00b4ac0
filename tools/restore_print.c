// SPDX-License-Identifier: GPL-2.0-only
/* What became of each module: a line, or JSON. */
#include <stdio.h>

#include <json-c/json.h>

#include "json_text.h"
#include "restore.h"

/* A name comes from a file: nothing in it shall look like another field or line. */
static void print_text(const char *s)
{
	for (; *s; s++)
		putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static bool is_done(const struct item *item)
{
	return item->state == RESTORE_DONE || item->state == RESTORE_POSSIBLE ||
	       item->state == RESTORE_WRITTEN;
}

void print_item(const struct item *item)
{
	print_text(item->name ? item->name : item->path);
	printf("\t%s\t", restore_word(item->state));
	if (item->detail)
		print_text(item->detail);
	if (item->type_path) {
		printf(". Way: ");
		print_text(item->type_path);
	}
	if (is_done(item) && item->has_ids)
		printf("%swithout kfuncs and struct_ops, if it has any: they register at its load",
		       item->detail ? ", " : "");
	putchar('\n');
	fflush(stdout);
}

static void add_string(json_object *o, const char *key, const char *value)
{
	if (value)
		json_object_object_add(o, key, json_text(value));
}

static json_object *item_json(const struct item *item)
{
	json_object *o = json_object_new_object();

	add_string(o, "name", item->name);
	add_string(o, "path", item->path);
	add_string(o, "result", restore_word(item->state));
	add_string(o, "why", item->detail);
	add_string(o, "made_for", item->made_for);
	add_string(o, "type_kind", item->type_kind);
	add_string(o, "type_name", item->type_name);
	add_string(o, "type_path", item->type_path);
	json_object_object_add(o, "btf_ids", json_object_new_boolean(item->has_ids));
	if (item->size)
		json_object_object_add(o, "size", json_object_new_int64(item->size));
	return o;
}

/* print_json() - what became of each, as JSON */
void print_json(const struct items *items, const char *base)
{
	json_object *o = json_object_new_object(), *modules = json_object_new_array();
	size_t i, done = 0;

	json_object_object_add(o, "version", json_object_new_int(1));
	add_string(o, "base", base);
	for (i = 0; i < items->n; i++) {
		json_object_array_add(modules, item_json(&items->v[i]));
		done += is_done(&items->v[i]);
	}
	json_object_object_add(o, "modules", modules);
	json_object_object_add(o, "done", json_object_new_int64(done));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
