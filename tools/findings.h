/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with a machine, what happens next, and what ends it. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "machine.h"

enum severity {
	SEVERITY_NOTE,		/* an older kernel of the menu, not the next to start */
	SEVERITY_WARNING,	/* it works, but not all of it */
	SEVERITY_ERROR,		/* modules are, or will be, refused */
};

/* Is it safe to load the modules that do not fit, without their BTF? */
enum safety {
	SAFETY_UNKNOWN,		/* the build that they were made for is not there */
	SAFETY_YES,		/* both builds have the same types and prototypes */
	SAFETY_UNPROVED,	/* they do not */
};

/**
 * struct finding - one thing that is wrong
 * @id: its name, which never changes: btf-doctor(8) has the list
 * @severity: how bad it is for what runs and what starts next
 * @release: the kernel that it is about
 * @what: one sentence
 * @evidence: what was seen
 * @now: what that means for the system that runs, or NULL
 * @next_boot: what it means for the next boot, or NULL
 * @safe: is it safe to load the modules all the same?
 * @safe_why: the same in a sentence, or NULL if the finding is not about builds
 * @differing: the types that say no
 * @ends: the commands that end it, in this order. In parentheses: no command is known
 * @meanwhile: commands that help until then
 */
struct finding {
	const char *id;
	enum severity severity;
	const char *release;
	char *what;
	struct names evidence;
	char *now, *next_boot;
	enum safety safe;
	char *safe_why;
	struct names differing;
	struct names ends, meanwhile;
};

struct findings {
	struct finding *v;
	size_t n;
};

/* The result as a whole. */
enum verdict { VERDICT_FITS, VERDICT_NOT, VERDICT_UNKNOWN };

void findings_make(const struct machine *m, struct findings *f);
void findings_free(struct findings *f);
struct finding *finding_add(struct findings *f, const char *id, enum severity severity,
			    const struct kernel *k);
enum verdict findings_verdict(const struct machine *m, const struct findings *f);
const char *severity_name(enum severity severity);

/* Its parts: what concerns builds of one release, and what concerns single modules. */
void builds_findings(const struct machine *m, const struct kernel *k, struct findings *f);
void modules_findings(const struct machine *m, const struct kernel *k, struct findings *f);
void tolerant_findings(const struct machine *m, const struct kernel *k, struct findings *f);

const char *safety_name(enum safety safety);
void finding_safety(struct finding *v, const struct kernel *k, int made_for, int under);
bool is_unsafe(const struct findings *f, const struct kernel *k);

/* What happens to a module that does not fit, to whoever loads it. */
char *fate_now(const struct machine *m, const struct kernel *k);
char *fate_next_boot(const struct kernel *k, bool root_device);
enum severity kernel_severity(const struct kernel *k);
bool image_starts(const struct kernel *k, const struct disk_image *d);
void advise_ramdisk(const struct machine *m, const struct kernel *k, const struct ramdisk *r,
		    struct names *out);
const struct disk_image *plain_image(const struct kernel *k, int build);
void advise_tolerant(const struct machine *m, const struct kernel *k, struct finding *v);
void add_evidence(struct finding *f, const struct tally *t,
		  const char *where, const char *held_against);

#endif /* FINDINGS_H */
