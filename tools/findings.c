// SPDX-License-Identifier: GPL-2.0-only
/* All that is wrong with a machine, the worst first. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "util.h"

/* finding_add() - one more, to be filled in; it is the list's, and moves with the next */
struct finding *finding_add(struct findings *f, const char *id, enum severity severity,
			    const struct kernel *k)
{
	struct finding *v;

	f->v = xrealloc(f->v, (f->n + 1) * sizeof(*v));
	v = &f->v[f->n++];
	memset(v, 0, sizeof(*v));
	v->id = id;
	v->severity = severity;
	v->release = k->release;
	return v;
}

/* findings_free() - free what findings_make() has put into it */
void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].what);
		free(f->v[i].now);
		free(f->v[i].next_boot);
		free(f->v[i].safe_why);
		names_free(&f->v[i].differing);
		names_free(&f->v[i].evidence);
		names_free(&f->v[i].ends);
		names_free(&f->v[i].meanwhile);
	}
	free(f->v);
	memset(f, 0, sizeof(*f));
}

/* severity_name() - "note", "warning" or "error"; not to be freed */
const char *severity_name(enum severity severity)
{
	static const char *const names[] = { "note", "warning", "error" };

	return names[severity];
}

/* kernel_severity() - how bad it is when modules of @k do not load */
enum severity kernel_severity(const struct kernel *k)
{
	if (k->running < 0 && !k->is_default)
		return SEVERITY_NOTE;
	return k->allows_mismatch == 1 ? SEVERITY_WARNING : SEVERITY_ERROR;
}

/* image_starts() - may the boot loader start it? Without a menu all in /boot may be. */
bool image_starts(const struct kernel *k, const struct disk_image *d)
{
	for (size_t i = 0; i < k->n_images; i++)
		if (k->images[i].entry)
			return d->entry || d->booted;
	for (size_t i = 0; i < k->n_images; i++)
		if (!strncmp(k->images[i].path, "/boot/", 6))
			return !strncmp(d->path, "/boot/", 6) || d->booted;
	return true;
}

static const char untraced[] = "tracing them by type does not work";
static const char option[] = "CONFIG_MODULE_ALLOW_BTF_MISMATCH";

/* fate_now() - of a module that does not fit, for the caller to free */
char *fate_now(const struct machine *m, const struct kernel *k)
{
	if (m->running.tolerant && m->running.policy && strcmp(m->running.policy, "0"))
		return xasprintf("btf_tolerant loads such modules without their BTF; %s", untraced);
	if (k->allows_mismatch == 1)
		return xasprintf("such modules load without BTF (%s); %s", option, untraced);
	return xasprintf("modules that are not loaded yet are refused: \"%s\"",
			 "failed to validate module [...] BTF: -22");
}

/* fate_next_boot() - the same for the next boot; @root_device: the initramfs' modules, too */
char *fate_next_boot(const struct kernel *k, bool root_device)
{
	if (k->allows_mismatch == 1)
		return xasprintf("it boots; such modules load without BTF (%s)", option);
	if (root_device)
		return xasprintf("modules are refused in the initramfs: %s",
				 "it may not find its root file system");
	return xstrdup("it starts, but modules that are not in the initramfs are refused");
}

/* advise_tolerant() - until the real cure: load the modules without their BTF, if that is safe */
void advise_tolerant(const struct machine *m, const struct kernel *k, struct finding *v)
{
	if (k->running < 0 || k->allows_mismatch == 1 || m->running.tolerant ||
	    v->safe != SAFETY_YES)
		return;
	if (k->tree.tolerant && (!m->running.signatures || k->tree.tolerant_signed))
		names_add(&v->meanwhile, "modprobe btf_tolerant");
}

/* add_evidence() - "WHERE: 47 of 48 modules that were looked at are of another build" */
void add_evidence(struct finding *f, const struct tally *t,
		  const char *where, const char *held_against)
{
	char *examples = xstrdup(""), *more;

	for (size_t i = 0; i < t->other.n && i < 3; i++) {
		more = xasprintf("%s%s%s", examples, i ? ", " : "", t->other.v[i]);
		free(examples);
		examples = more;
	}
	names_addf(&f->evidence,
		   "%s: %zu of %zu modules looked at are of another build than %s (%s%s)", where,
		   t->count[MODULE_OTHER_BUILD], tally_judged(t), held_against, examples,
		   t->count[MODULE_OTHER_BUILD] > 3 ? ", ..." : "");
	free(examples);
}

static int by_severity(const void *a, const void *b)
{
	const struct finding *fa = a, *fb = b;

	return fa->severity != fb->severity ? (int)fb->severity - (int)fa->severity :
					      strcmp(fa->id, fb->id);
}

/* A system that does not run: its own commands are to be run, not those of the one that does. */
static void in_root(const struct machine *m, struct names *list)
{
	for (size_t i = 0; *m->root.path && i < list->n; i++) {
		char *command = list->v[i];

		if (*command == '(')
			continue;
		list->v[i] = xasprintf(plain_word(m->root.path) ? "chroot %s %s" :
				       "(in a chroot of %s: %s)", m->root.path, command);
		free(command);
	}
}

/*
 * findings_make() - all that is wrong, the worst first
 *
 * It refers to @m. findings_free() frees it.
 */
void findings_make(const struct machine *m, struct findings *f)
{
	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < m->n_kernels; i++) {
		builds_findings(m, &m->kernels[i], f);
		modules_findings(m, &m->kernels[i], f);
		tolerant_findings(m, &m->kernels[i], f);
	}
	for (size_t i = 0; i < f->n; i++) {
		in_root(m, &f->v[i].ends);
		in_root(m, &f->v[i].meanwhile);
	}
	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), by_severity);
}

/* findings_verdict() - VERDICT_UNKNOWN if nothing could be held against anything */
enum verdict findings_verdict(const struct machine *m, const struct findings *f)
{
	bool judged = false;

	if (f->n)
		return VERDICT_NOT;
	for (size_t i = 0; i < m->n_kernels; i++) {
		const struct kernel *k = &m->kernels[i];

		for (size_t b = 0; b < k->n_builds; b++) {
			judged |= k->tree.fits && tally_judged(&k->tree.fits[b]);
			/* A kernel without BTF has nothing that could not fit. */
			judged |= !k->builds[b].btf && k->tree.modules.n;
			for (size_t i = 0; i < k->n_ramdisks; i++)
				judged |= tally_judged(&k->ramdisks[i].fits[b]) > 0;
		}
	}
	return judged ? VERDICT_FITS : VERDICT_UNKNOWN;
}
