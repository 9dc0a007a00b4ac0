// SPDX-License-Identifier: GPL-2.0-only
/* The status for programs. The keys are documented in btf-doctor(8), and stay. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "status.h"
#include "util.h"

/* What is not known is null, not an empty string. */
static const char *known(const char *s)
{
	return s && *s ? s : NULL;
}

static struct json_object *strings(const struct names *names)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < names->n; i++)
		json_object_array_add(a, json_text(names->v[i]));
	return a;
}

static void add(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static struct json_object *number(size_t n)
{
	return json_object_new_int64(n);
}

static struct json_object *truth(bool b)
{
	return json_object_new_boolean(b);
}

static const char *fit_key(enum fit fit)
{
	static const char *const keys[] = { "unknown", "fits", "partly", "other-build" };

	return keys[fit];
}

/* What became of modules held against each build, in the order of "builds" */
static struct json_object *tallies(const struct tally *t, size_t n)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; t && i < n; i++) {
		struct json_object *o = json_object_new_object();

		add(o, "result", json_text(fit_key(tally_fit(&t[i]))));
		for (int v = 0; v < MODULE_VERDICTS; v++)
			add(o, module_verdict_name(v), number(t[i].count[v]));
		json_object_array_add(a, o);
	}
	return a;
}

static struct json_object *build(const struct build *b)
{
	struct json_object *o = json_object_new_object();

	add(o, "version", json_text(b->version));
	add(o, "build_id", json_text(b->build_id));
	add(o, "btf", json_text(b->broken ? "malformed" : b->btf ? "good" : "none"));
	add(o, "running", truth(b->running));
	add(o, "found", strings(&b->names));
	return o;
}

static struct json_object *image(const struct disk_image *d)
{
	struct json_object *o = json_object_new_object();

	add(o, "path", json_text(d->path));
	add(o, "copies", strings(&d->also));
	add(o, "release", json_text(d->release));
	add(o, "build", d->build < 0 ? NULL : number(d->build));
	add(o, "in_menu", truth(d->entry));
	add(o, "default", truth(d->is_default));
	add(o, "booted", truth(d->booted));
	add(o, "unified", truth(d->uki));
	add(o, "error", json_text(d->error));
	return o;
}

static struct json_object *ramdisk(const struct kernel *k, const struct ramdisk *r)
{
	struct json_object *o = json_object_new_object();

	add(o, "path", json_text(r->path));
	add(o, "image", json_text(k->images[r->image].path));
	add(o, "modules", number(r->modules));
	add(o, "other_release", json_text(r->other_release));
	add(o, "btf_tolerant", truth(r->has_tolerant));
	add(o, "read", truth(r->read));
	add(o, "fits", tallies(r->fits, k->n_builds));
	return o;
}

static struct json_object *tree(const struct kernel *k)
{
	const struct tree *t = &k->tree;
	struct json_object *o;

	if (!t->path)
		return NULL;
	o = json_object_new_object();
	add(o, "path", json_text(t->path));
	add(o, "modules", number(t->modules.n));
	add(o, "looked_at", number(t->judged));
	add(o, "btf_tolerant", json_text(t->tolerant));
	add(o, "fits", tallies(t->fits, k->n_builds));
	add(o, "out_of_tree_fits", tallies(t->extra, k->n_builds));
	return o;
}

static struct json_object *kernel(const struct kernel *k)
{
	struct json_object *o = json_object_new_object(), *a;

	add(o, "release", json_text(k->release));
	add(o, "running", truth(k->running >= 0));
	add(o, "default", truth(k->is_default));
	add(o, "allows_mismatch", k->allows_mismatch < 0 ? NULL : truth(k->allows_mismatch));
	a = json_object_new_array();
	for (size_t i = 0; i < k->n_builds; i++)
		json_object_array_add(a, build(&k->builds[i]));
	add(o, "builds", a);
	a = json_object_new_array();
	for (size_t i = 0; i < k->n_images; i++)
		json_object_array_add(a, image(&k->images[i]));
	add(o, "images", a);
	a = json_object_new_array();
	for (size_t i = 0; i < k->n_ramdisks; i++)
		json_object_array_add(a, ramdisk(k, &k->ramdisks[i]));
	add(o, "initramfs", a);
	add(o, "modules", tree(k));
	return o;
}

static struct json_object *finding(const struct finding *v)
{
	struct json_object *o = json_object_new_object();

	add(o, "id", json_text(v->id));
	add(o, "severity", json_text(severity_name(v->severity)));
	add(o, "release", json_text(v->release));
	add(o, "what", json_text(v->what));
	add(o, "evidence", strings(&v->evidence));
	add(o, "now", json_text(v->now));
	add(o, "next_boot", json_text(v->next_boot));
	add(o, "safe", v->safe_why ? json_text(safety_name(v->safe)) : NULL);
	add(o, "differing", strings(&v->differing));
	add(o, "ends_it", strings(&v->ends));
	add(o, "until_then", strings(&v->meanwhile));
	return o;
}

static struct json_object *tolerant(const struct machine *m)
{
	const struct running *r = &m->running;
	struct json_object *o = json_object_new_object();

	add(o, "installed", truth(m->dkms_source));
	add(o, "loaded", truth(r->tolerant));
	add(o, "policy", json_text(r->policy));
	add(o, "dropped", r->tolerant && r->dropped >= 0 ? number(r->dropped) : NULL);
	add(o, "refused", r->tolerant && r->refused >= 0 ? number(r->refused) : NULL);
	add(o, "restored", r->tolerant && r->restored >= 0 ? number(r->restored) : NULL);
	add(o, "listed", strings(&r->without_btf));
	add(o, "signatures", json_text(r->signatures));
	return o;
}

/* status_json() - one object. Returns 0, or 2 if it could not be written. */
int status_json(FILE *out, const struct machine *m, const struct findings *f)
{
	static const char *const verdicts[] = { "fits", "does-not-fit", "unknown" };
	struct json_object *o = json_object_new_object(), *a;
	int ret;

	add(o, "format", number(1));
	add(o, "verdict", json_text(verdicts[findings_verdict(m, f)]));
	add(o, "root", json_text(*m->root.path ? m->root.path : "/"));
	add(o, "distribution", json_text(known(m->distro.name)));
	add(o, "initramfs_tool", json_text(known(ramdisk_tool_name(m->distro.tool))));
	a = json_object_new_array();
	for (size_t i = 0; i < f->n; i++)
		json_object_array_add(a, finding(&f->v[i]));
	add(o, "findings", a);
	a = json_object_new_array();
	for (size_t i = 0; i < m->n_kernels; i++)
		json_object_array_add(a, kernel(&m->kernels[i]));
	add(o, "kernels", a);
	add(o, "btf_tolerant", tolerant(m));
	add(o, "unread", strings(&m->unread));
	ret = fprintf(out, "%s\n",
		      json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
								JSON_C_TO_STRING_SPACED |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return ret < 0 ? 2 : 0;
}
