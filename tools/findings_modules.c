// SPDX-License-Identifier: GPL-2.0-only
/* Findings about single modules, headers, and btf_tolerant itself. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "util.h"

/* The build that out-of-tree modules have to fit: that of the modules, else what runs or starts. */
static int wanted_build(const struct kernel *k)
{
	int build = fitting_build(k, k->tree.fits);

	if (build < 0)
		build = k->running;
	return build < 0 && k->n_builds ? 0 : build;
}

/* How many malformed modules of one place are shown. */
#define BROKEN_SHOWN 5

static void judge_extra(const struct machine *m, const struct kernel *k, int build,
			struct findings *f)
{
	const struct tally *t = &k->tree.extra[build];
	struct finding *v;

	if (!t->count[MODULE_OTHER_BUILD] || fitting_build(k, k->tree.fits) < 0)
		return;
	v = finding_add(f, "foreign-modules",
			k->running < 0 && !k->is_default ? SEVERITY_NOTE : SEVERITY_WARNING, k);
	v->what = xasprintf("Out-of-tree modules for %s are built for another build of it.",
			    k->release);
	add_evidence(v, t, k->tree.path, k->builds[build].names.v[0]);
	if (k->running >= 0)
		v->now = fate_now(m, k);
	v->next_boot = xstrdup(k->allows_mismatch == 1 ? "these load without BTF" :
							 "these are refused");
	for (size_t i = 0; i < t->other.n; i++)
		advise_dkms(&m->root, k->release, t->other.v[i], &v->ends);
	if (!v->ends.n)
		names_addf(&v->ends, "(build them anew, with the headers of %s as they are now)",
			   k->release);
	finding_safety(v, k, whole_build(k, k->tree.extra), build);
	advise_tolerant(m, k, v);
}

/* Some of the modules that are malformed, each with why. */
static void broken_evidence(struct finding *v, const char *where, const struct tally *t)
{
	for (size_t i = 0; i < t->broken.n && i < BROKEN_SHOWN; i++)
		names_addf(&v->evidence, "%s/.../%s", where, t->broken.v[i]);
}

static void broken(const struct machine *m, const struct kernel *k, int build, struct findings *f)
{
	const struct tally *own = &k->tree.fits[build], *extra = &k->tree.extra[build];
	size_t n = own->count[MODULE_BROKEN] + extra->count[MODULE_BROKEN];
	struct finding *v;

	for (size_t i = 0; i < k->n_ramdisks; i++)
		n += k->ramdisks[i].fits[build].count[MODULE_BROKEN];
	if (!n)
		return;
	v = finding_add(f, "module-btf-malformed",
			k->running < 0 && !k->is_default ? SEVERITY_NOTE : SEVERITY_WARNING, k);
	v->what = xasprintf("%zu module%s of %s %s malformed.", n, n == 1 ? "" : "s", k->release,
			    n == 1 ? "is" : "are");
	broken_evidence(v, k->tree.path, own);
	broken_evidence(v, k->tree.path, extra);
	for (size_t i = 0; i < k->n_ramdisks; i++)
		broken_evidence(v, k->ramdisks[i].path, &k->ramdisks[i].fits[build]);
	if (k->running >= 0)
		v->now = xstrdup("refused, or loaded without BTF: the module's build is at fault");
	v->next_boot = xstrdup("the same");
	for (size_t i = 0; i < extra->broken.n; i++) {
		char *file = xasprintf("%.*s", (int)strcspn(extra->broken.v[i], ":"),
				       extra->broken.v[i]);

		advise_dkms(&m->root, k->release, file, &v->ends);
		free(file);
	}
	if (own->count[MODULE_BROKEN])
		advise_reinstall(&m->root, &m->distro, k->release, &v->ends);
	else if (extra->count[MODULE_BROKEN] && !v->ends.n)
		names_add(&v->ends, "(build it anew, from clean sources)");
	for (size_t i = 0; i < k->n_ramdisks; i++)
		if (k->ramdisks[i].fits[build].count[MODULE_BROKEN])
			advise_ramdisk(m, k, &k->ramdisks[i], &v->ends);
}

/* struct module has another size with these headers: the kernel refuses whatever they build. */
static void judge_headers(const struct machine *m, const struct kernel *k, int build,
			  struct findings *f)
{
	const struct headers *h = &k->headers;
	struct finding *v;

	if (!h->module_size || !k->builds[build].module_size ||
	    h->module_size == k->builds[build].module_size)
		return;
	v = finding_add(f, "headers-differ",
			k->running < 0 && !k->is_default ? SEVERITY_NOTE : SEVERITY_WARNING, k);
	v->what = h->by_module ?
		xasprintf("A module for %s is built with headers of another kernel.", k->release) :
		xasprintf("The headers of %s are not those of its kernel.", k->release);
	names_addf(&v->evidence, "%s: struct module has %zu bytes", h->seen_in, h->module_size);
	names_addf(&v->evidence, "%s: it has %zu", k->builds[build].names.v[0],
		   k->builds[build].module_size);
	if (k->running >= 0)
		v->now = xasprintf("no module that is built with them loads, %s",
				   "neither DKMS's nor btf_tolerant");
	v->next_boot = xstrdup("the same");
	/* Whether those that are there now are right, a module does not tell. */
	if (h->path || !h->by_module)
		advise_headers(&m->root, &m->distro, k->release, &v->ends);
	if (h->by_module)
		advise_dkms(&m->root, k->release, h->seen_in, &v->ends);
	if (!v->ends.n)
		names_addf(&v->ends, "(build it anew, with the headers of %s)", k->release);
}

/* modules_findings() - what concerns modules of @k, whatever its images are */
void modules_findings(const struct machine *m, const struct kernel *k, struct findings *f)
{
	int build = wanted_build(k);

	if (build < 0)
		return;
	if (k->tree.fits && k->builds[build].base) {
		judge_extra(m, k, build, f);
		broken(m, k, build, f);
	}
	judge_headers(m, k, build, f);
}

/* Is a boot of @k going to meet modules that do not fit? */
static bool needs_tolerant(const struct kernel *k, const struct findings *f)
{
	static const char *const ids[] = { "stale-copy", "modules-no-image", "modules-mixed",
					   "initramfs-other-build" };

	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < sizeof(ids) / sizeof(*ids); j++)
			if (f->v[i].release == k->release && !strcmp(f->v[i].id, ids[j]))
				return true;
	return false;
}

/* tolerant_findings() - is btf_tolerant missing where the next boot needs it? After all others. */
void tolerant_findings(const struct machine *m, const struct kernel *k, struct findings *f)
{
	struct names missing = {}, ends = {};
	struct finding *v;

	/* What is not safe to load is better refused. */
	if (!k->is_default || k->allows_mismatch == 1 || !needs_tolerant(k, f) || is_unsafe(f, k))
		return;
	if (!m->dkms_source && !k->tree.tolerant) {
		names_add(&missing, "it is not installed");
		names_add(&ends, "(install btf_tolerant: its README says how)");
	}
	if (!k->headers.path && !k->tree.tolerant) {
		names_addf(&missing, "there are no headers of %s to build it with", k->release);
		advise_headers(&m->root, &m->distro, k->release, &ends);
	}
	if (m->dkms_source && !k->tree.tolerant) {
		names_addf(&missing, "DKMS has not built it for %s", k->release);
		names_addf(&ends, "/usr/share/btf_tolerant/dkms.sh %s", k->release);
	}
	if (k->tree.tolerant && !k->tree.tolerant_signed && m->running.signatures)
		names_addf(&missing, "it has no signature, and %s", m->running.signatures);
	for (size_t i = 0; i < k->n_ramdisks; i++) {
		const struct ramdisk *r = &k->ramdisks[i];

		if (!r->read || !r->modules || r->has_tolerant)
			continue;
		names_addf(&missing, "%s is without it", r->path);
		advise_ramdisk(m, k, r, &ends);
	}
	if (missing.n) {
		v = finding_add(f, "btf_tolerant-missing", SEVERITY_WARNING, k);
		v->what = xasprintf("btf_tolerant would let %s boot as it is, but is not ready.",
				    k->release);
		v->evidence = missing;
		v->ends = ends;
		v->next_boot = xstrdup("modules that do not fit are refused");
		return;
	}
	names_free(&missing);
	names_free(&ends);
}
