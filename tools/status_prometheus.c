// SPDX-License-Identifier: GPL-2.0-only
/* The status for who has a thousand machines: node_exporter's textfile format. */
#include <string.h>

#include "status.h"

/* All findings, so that one that is not there is a 0 and not a gap. */
static const char *const ids[] = {
	"btf_tolerant-missing", "foreign-modules",	"headers-differ",  "initramfs-other-build",
	"kernel-btf-broken",	"module-btf-malformed", "modules-missing", "modules-mixed",
	"modules-no-image",	"modules-replaced",	"stale-copy",
};

static void describe(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP btf_doctor_%s %s\n# TYPE btf_doctor_%s gauge\n", name, help, name);
}

static void one(FILE *out, const char *name, const char *help, long value)
{
	describe(out, name, help);
	fprintf(out, "btf_doctor_%s %ld\n", name, value);
}

/* status_prometheus() - a gauge a finding, and what btf_tolerant counts */
void status_prometheus(FILE *out, const struct machine *m, const struct findings *f)
{
	const struct running *r = &m->running;

	one(out, "judged", "1 if anything could be judged.",
	    findings_verdict(m, f) != VERDICT_UNKNOWN);
	one(out, "unread_files", "Files that could not be read.", m->unread.n);
	describe(out, "finding", "How many such findings there are.");
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		for (int s = SEVERITY_NOTE; s <= SEVERITY_ERROR; s++) {
			int n = 0;

			for (size_t j = 0; j < f->n; j++)
				n += !strcmp(f->v[j].id, ids[i]) &&
				     f->v[j].severity == (enum severity)s;
			fprintf(out, "btf_doctor_finding{id=\"%s\",severity=\"%s\"} %d\n", ids[i],
				severity_name(s), n);
		}
	}
	one(out, "btf_tolerant_loaded", "1 if btf_tolerant is loaded.", r->tolerant);
	if (!r->tolerant)
		return;
	one(out, "modules_without_btf", "Loaded modules whose BTF was dropped.", r->without_btf.n);
	one(out, "dropped", "Modules whose BTF was dropped since btf_tolerant was loaded.",
	    r->dropped);
	one(out, "refused", "Modules that were refused for their BTF.", r->refused);
	if (r->restored >= 0)
		one(out, "restored", "Modules whose BTF was restored.", r->restored);
}
