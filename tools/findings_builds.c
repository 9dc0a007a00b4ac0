// SPDX-License-Identifier: GPL-2.0-only
/* Findings about builds: which of what runs, what starts and the modules are of one. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "util.h"

/* Where a build was found, for people: its image, or what runs. */
static char *name_build(const struct kernel *k, int build)
{
	const struct build *b = &k->builds[build];
	char *id = xasprintf("%.12s", b->build_id ? b->build_id : "");
	char *name =
		xasprintf("%s%s%s%s", b->names.v[0], *id ? " (build " : "", id, *id ? ")" : "");

	free(id);
	return name;
}

static bool wrong(const struct tally *fits, int build)
{
	return fits && build >= 0 &&
	       (tally_fit(&fits[build]) == FIT_NO || tally_fit(&fits[build]) == FIT_PARTLY);
}

/* An image on the disk that is of that build, a copy that the boot loader starts first. */
static const struct disk_image *image_of(const struct kernel *k, int build)
{
	const struct disk_image *found = NULL;

	for (size_t i = 0; i < k->n_images; i++)
		if (k->images[i].build == build &&
		    (!found || (!image_starts(k, found) && image_starts(k, &k->images[i]))))
			found = &k->images[i];
	return found;
}

/* plain_image() - the same, but no unified image, which nothing could be made of; or NULL */
const struct disk_image *plain_image(const struct kernel *k, int build)
{
	for (size_t i = 0; i < k->n_images; i++)
		if (k->images[i].build == build && !k->images[i].uki)
			return &k->images[i];
	return NULL;
}

/* advise_ramdisk() - make the initramfs @r anew */
void advise_ramdisk(const struct machine *m, const struct kernel *k, const struct ramdisk *r,
		    struct names *out)
{
	const struct disk_image *plain = plain_image(k, k->images[r->image].build);

	if (!r->in_image)
		advise_initramfs(&m->distro, k->release, r->path, out);
	else
		advise_copy(&m->distro, k->release, plain ? plain->path : NULL, r->path, true,
			    true, out);
}

/* Is what @d finds its root file system with of another build, or not known? */
static bool ramdisk_wrong(const struct kernel *k, const struct disk_image *d)
{
	for (size_t i = 0; i < k->n_ramdisks; i++)
		if (&k->images[k->ramdisks[i].image] == d && d->build >= 0 &&
		    tally_fit(&k->ramdisks[i].fits[d->build]) == FIT_YES)
			return false;
	return true;
}

/* The kernel's own BTF is malformed: then all its modules are refused, whatever their build. */
static void broken_base(const struct machine *m, const struct kernel *k, struct findings *f)
{
	for (size_t i = 0; i < k->n_builds; i++) {
		struct finding *v;

		if (!k->builds[i].broken)
			continue;
		v = finding_add(f, "kernel-btf-broken", kernel_severity(k), k);
		v->what = xasprintf("The BTF of the kernel %s is malformed.", k->release);
		names_addf(&v->evidence, "%s: %s", k->builds[i].names.v[0], k->builds[i].broken);
		if (k->builds[i].running)
			v->now = xstrdup("no module with BTF can be loaded, of whatever build");
		v->next_boot = xstrdup("this kernel refuses all its modules; start another one");
		advise_reinstall(&m->root, &m->distro, k->release, &v->ends);
	}
}

/* Neither what runs nor what starts next has modules. */
static void no_tree(const struct machine *m, const struct kernel *k, struct findings *f)
{
	bool any = false;
	struct finding *v;

	/* A machine that has no kernel on its disk at all is given one from outside. */
	for (size_t i = 0; i < m->n_kernels; i++)
		any |= m->kernels[i].n_images || m->kernels[i].tree.modules.n;
	if (!any || k->tree.modules.n || (k->running < 0 && !k->is_default) || !k->n_builds)
		return;
	v = finding_add(f, "modules-missing", kernel_severity(k), k);
	v->what = xasprintf("There are no modules for the kernel %s.", k->release);
	names_addf(&v->evidence,
		   k->tree.path ? "/lib/modules/%s: empty" : "/lib/modules/%s: not there",
		   k->release);
	if (k->running >= 0)
		v->now = xstrdup("no further module can be loaded; what is loaded goes on working");
	if (k->running >= 0 && !k->n_images) {
		v->next_boot = xstrdup("another kernel starts, with its own modules");
		advise_reboot(&m->distro, &v->ends);
	} else {
		v->next_boot = xstrdup("it has only the modules of its initramfs");
		advise_reinstall(&m->root, &m->distro, k->release, &v->ends);
	}
}

/* Has an initramfs modules of another build or release than its image? */
static bool ramdisk_differs(const struct kernel *k, const struct ramdisk *r)
{
	return (!r->modules && r->other_release) || wrong(r->fits, k->images[r->image].build);
}

/* Does what the boot loader starts fit the modules, and its initramfs? */
static bool next_fits(const struct kernel *k)
{
	bool chosen = false;

	for (size_t i = 0; i < k->n_images; i++)
		chosen |= k->images[i].is_default;
	for (size_t i = 0; i < k->n_images; i++) {
		const struct disk_image *d = &k->images[i];

		if (chosen ? !d->is_default : !image_starts(k, d))
			continue;
		if (wrong(k->tree.fits, d->build))
			return false;
		for (size_t j = 0; j < k->n_ramdisks; j++)
			if (k->ramdisks[j].image == i && ramdisk_differs(k, &k->ramdisks[j]))
				return false;
	}
	return true;
}

/* The modules were replaced under the running kernel, and fit an image that will start. */
static void modules_replaced(const struct machine *m, const struct kernel *k, int build,
			     struct findings *f)
{
	struct finding *v;
	char *name;

	if (k->running < 0 || !wrong(k->tree.fits, k->running))
		return;
	v = finding_add(f, "modules-replaced", kernel_severity(k), k);
	v->what =
		xasprintf("The modules of %s were replaced under the running kernel.", k->release);
	add_evidence(v, &k->tree.fits[k->running], k->tree.path, "the running kernel");
	name = name_build(k, build);
	names_addf(&v->evidence, "they fit %s", name);
	free(name);
	v->now = fate_now(m, k);
	finding_safety(v, k, build, k->running);
	if (next_fits(k)) {
		v->next_boot = xstrdup("all fits");
		advise_reboot(&m->distro, &v->ends);
	} else {
		v->next_boot = xstrdup("not all fits: another finding says what");
		names_add(&v->ends, "(do what the other finding says, and reboot then)");
	}
	advise_tolerant(m, k, v);
}

/*
 * The boot loader starts an image that the modules do not fit, though one is there that they do.
 * Return: true if that is what runs: then it is the finding, and no other
 */
static bool stale_copies(const struct machine *m, const struct kernel *k, int build,
			 struct findings *f)
{
	const struct disk_image *good = image_of(k, build), *plain = plain_image(k, build);
	bool running = false;
	struct finding *v;

	for (size_t i = 0; good && i < k->n_images; i++) {
		const struct disk_image *d = &k->images[i];

		if (!wrong(k->tree.fits, d->build) || !image_starts(k, d))
			continue;
		v = finding_add(f, "stale-copy", kernel_severity(k), k);
		v->what = xasprintf("The boot loader starts a build of %s that %s.",
				    k->release, "the modules are not for");
		add_evidence(v, &k->tree.fits[d->build], k->tree.path, d->path);
		names_addf(&v->evidence, "they fit %s, which %s", good->path,
			   image_starts(k, good) ? "is in the boot menu, too" :
						   "the boot loader does not start");
		if (d->build == k->running) {
			running = true;
			names_addf(&v->evidence, "%s is the kernel that runs now", d->path);
			v->now = fate_now(m, k);
		}
		v->next_boot = fate_next_boot(k, ramdisk_wrong(k, d));
		finding_safety(v, k, build, d->build);
		/* A copy alone leaves its initramfs, which may be of the build that goes. */
		if (!advise_copy(&m->distro, k->release, plain ? plain->path : NULL, d->path,
				 d->bls, d->uki, &v->ends))
			for (size_t j = 0; j < k->n_ramdisks; j++)
				if (k->ramdisks[j].image == i && wrong(k->ramdisks[j].fits, build))
					advise_ramdisk(m, k, &k->ramdisks[j], &v->ends);
		advise_tolerant(m, k, v);
	}
	return running;
}

/* Nothing that could be started fits the modules. */
static void no_image(const struct machine *m, const struct kernel *k, struct findings *f)
{
	struct finding *v = NULL;
	bool partly = false, initramfs = false;
	int build = fitting_build(k, k->tree.fits), under = -1;

	for (size_t i = 0; i < k->n_builds; i++)
		partly |= tally_fit(&k->tree.fits[i]) == FIT_PARTLY;
	for (size_t i = 0; i < k->n_images; i++) {
		const struct disk_image *d = &k->images[i];

		if (!wrong(k->tree.fits, d->build))
			continue;
		if (!v)
			v = finding_add(f, partly ? "modules-mixed" : "modules-no-image",
					kernel_severity(k), k);
		add_evidence(v, &k->tree.fits[d->build], k->tree.path, d->path);
		initramfs |= ramdisk_wrong(k, d);
		if (under < 0 || d->is_default)
			under = d->build;
	}
	if (k->running >= 0 && wrong(k->tree.fits, k->running) && !v) {
		v = finding_add(f, partly ? "modules-mixed" : "modules-no-image",
				kernel_severity(k), k);
		add_evidence(v, &k->tree.fits[k->running], k->tree.path, "the running kernel");
	}
	if (!v)
		return;
	if (partly)
		v->what = xasprintf("Some modules of %s are of another build.", k->release);
	else
		v->what = xasprintf("The modules of %s are of another build than %s.", k->release,
				    "any kernel that was found");
	if (k->running >= 0 && tally_fit(&k->tree.fits[k->running]) == FIT_YES)
		names_addf(&v->evidence, "they fit the running kernel");
	else if (k->running >= 0)
		v->now = fate_now(m, k);
	v->next_boot = fate_next_boot(k, initramfs);
	finding_safety(v, k, partly ? -1 : build, under);
	advise_reinstall(&m->root, &m->distro, k->release, &v->ends);
	advise_tolerant(m, k, v);
}

/* An initramfs with modules of another build than its image. */
static void ramdisks(const struct machine *m, const struct kernel *k, int build, struct findings *f)
{
	for (size_t i = 0; i < k->n_ramdisks; i++) {
		const struct ramdisk *r = &k->ramdisks[i];
		const struct disk_image *d = &k->images[r->image];
		bool other = !r->modules && r->other_release;
		struct finding *v;

		/* If the modules do not fit the image either, that is the thing to cure. */
		if (wrong(k->tree.fits, d->build) || !ramdisk_differs(k, r))
			continue;
		v = finding_add(f, "initramfs-other-build", kernel_severity(k), k);
		v->what = xasprintf("The initramfs of %s is of another build than its kernel.",
				    k->release);
		if (other)
			names_addf(&v->evidence, "%s: its modules are for %s", r->path,
				   r->other_release);
		else
			add_evidence(v, &r->fits[d->build], r->path, d->path);
		if (build >= 0 && build == d->build)
			names_addf(&v->evidence, "%s fits %s", k->tree.path, d->path);
		v->next_boot = fate_next_boot(k, true);
		if (!other)
			finding_safety(v, k, whole_build(k, r->fits), d->build);
		advise_ramdisk(m, k, r, &v->ends);
	}
}

/* builds_findings() - what concerns builds of the kernel @k */
void builds_findings(const struct machine *m, const struct kernel *k, struct findings *f)
{
	int build = fitting_build(k, k->tree.fits);
	bool image = build >= 0 && tally_fit(&k->tree.fits[build]) == FIT_YES && image_of(k, build);

	broken_base(m, k, f);
	no_tree(m, k, f);
	if (k->tree.fits && !image)
		no_image(m, k, f);
	else if (k->tree.fits && !stale_copies(m, k, build, f))
		modules_replaced(m, k, build, f);
	ramdisks(m, k, build, f);
}
