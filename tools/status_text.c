// SPDX-License-Identifier: GPL-2.0-only
/* The status for people: the verdict, what is wrong, and the parts. One screen. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "status.h"
#include "util.h"

/* Bytes that print_clean() makes colours of */
#define BOLD "\001"
#define RED "\002"
#define YELLOW "\003"
#define GREEN "\004"
#define OFF "\005"

/* Unreadable files that are named; there may be many of one kind. */
#define UNREAD_SHOWN 6
#define WIDTH 94

const char *fit_word(enum fit fit)
{
	static const char *const words[] = { "not judged:", "fits", "fits in part",
					     "of another build than" };

	return words[fit];
}

/* "LABEL text", the text broken into lines that begin below each other */
static void paragraph(FILE *out, const char *label, const char *text)
{
	int column = fprintf(out, "    %-12s", label);

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > 16 && column + 1 + (int)len > WIDTH)
			column = fprintf(out, "\n%16s", "") - 1;
		else if (column > 16)
			column += fprintf(out, " ");
		column += fprintf(out, "%.*s", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/* Commands are one line each, whatever its length: they are there to be copied. */
static void commands(FILE *out, const char *label, const struct names *list)
{
	const char *sudo = geteuid() ? "sudo " : "";

	for (size_t i = 0; i < list->n; i++) {
		if (*list->v[i] == '(')
			paragraph(out, i ? "" : label, list->v[i]);
		else
			fprintf(out, "    %-12s" BOLD "%s%s" OFF "\n", i ? "" : label, sudo,
				list->v[i]);
	}
}

static bool has(const struct findings *f, const char *id, enum severity at_least)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].id, id) && f->v[i].severity >= at_least)
			return true;
	return false;
}

static size_t looked_at(const struct machine *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_kernels; i++)
		n += m->kernels[i].tree.judged;
	return n;
}

static void print_verdict(FILE *out, const struct machine *m, const struct findings *f)
{
	static const char *const boot[] = { "stale-copy", "modules-no-image", "modules-mixed",
					    "initramfs-other-build", "kernel-btf-broken" };
	enum verdict verdict = findings_verdict(m, f);
	bool next_boot = false, unsafe = false;

	for (size_t i = 0; i < m->n_kernels; i++)
		unsafe |= m->kernels[i].is_default && is_unsafe(f, &m->kernels[i]);
	for (size_t i = 0; i < sizeof(boot) / sizeof(*boot); i++)
		next_boot |= has(f, boot[i], SEVERITY_ERROR);
	if (verdict == VERDICT_UNKNOWN)
		fputs(BOLD YELLOW "Nothing could be judged." OFF
				  " No kernel was found with modules beside it.\n",
		      out);
	else if (verdict == VERDICT_FITS)
		fprintf(out, BOLD GREEN "%s" OFF " %zu modules looked at.\n",
			m->unread.n ? "All that could be read fits." : "All fits.", looked_at(m));
	else if (next_boot && unsafe)
		fputs(BOLD RED "The next boot may fail, or damage data." OFF
			       " Kernel and modules differ, and may be of two sources.\n",
		      out);
	else if (next_boot && !has(f, "btf_tolerant-missing", SEVERITY_NOTE) &&
		 !has(f, "kernel-btf-broken", SEVERITY_ERROR))
		fputs(BOLD YELLOW "The next boot needs btf_tolerant, which is ready." OFF
				  " Kernel and modules do not fit each other.\n",
		      out);
	else if (next_boot)
		fputs(BOLD RED "The next boot may fail." OFF
			       " Kernel and modules do not fit each other.\n",
		      out);
	else if (has(f, "modules-missing", SEVERITY_WARNING))
		fputs(BOLD RED "A kernel has no modules." OFF "\n", out);
	else if (has(f, "modules-replaced", SEVERITY_WARNING))
		fputs(BOLD YELLOW "A reboot is due." OFF
				  " The next boot fits; what runs now does not.\n",
		      out);
	else if (f->v[0].severity >= SEVERITY_WARNING)
		fputs(BOLD YELLOW "It boots, but something does not fit." OFF "\n", out);
	else
		fputs(BOLD YELLOW "What runs and what starts next fits." OFF
				  " Another kernel does not.\n",
		      out);
}

static void print_finding(FILE *out, const struct finding *v)
{
	static const char *const colours[] = { BOLD, BOLD YELLOW, BOLD RED };

	fprintf(out, "\n%s%s" OFF "  [%s]\n", colours[v->severity], v->what, v->id);
	for (size_t i = 0; i < v->evidence.n; i++)
		paragraph(out, i ? "" : "seen:", v->evidence.v[i]);
	if (v->now)
		paragraph(out, "now:", v->now);
	if (v->next_boot)
		paragraph(out, "next boot:", v->next_boot);
	if (v->safe_why)
		paragraph(out, "safe:", v->safe_why);
	commands(out, "to end it:", &v->ends);
	commands(out, "until then:", &v->meanwhile);
}

/* A build as it is told from others of its release, on a line of its own */
static void print_build(FILE *out, const struct build *b, const char *version)
{
	fprintf(out, "%13s", "");
	if (b->build_id)
		fprintf(out, "build %.12s", b->build_id);
	if (version)
		fprintf(out, "%s%.70s", b->build_id ? ", " : "", version);
	fprintf(out, "%s\n", !b->btf ? ", without BTF" : b->broken ? ", BTF is malformed" : "");
}

static void print_kernel(FILE *out, const struct machine *m, const struct kernel *k)
{
	const struct tree *t = &k->tree;

	fprintf(out, "\n" BOLD "%s" OFF "%s%s\n", k->release, k->running >= 0 ? ", running" : "",
		k->is_default ? ", starts next" : "");
	if (k->running >= 0) {
		fprintf(out, "  running    %zu modules loaded\n", m->running.loaded.n);
		print_build(out, &k->builds[k->running], m->running.version);
	}
	for (size_t i = 0; i < k->n_images; i++) {
		const struct disk_image *d = &k->images[i];

		fprintf(out, "  image      %s%s%s%s%s\n", d->path,
			d->is_default ? ", default" :
			d->entry      ? ", in the menu" :
					"",
			d->booted ? ", was booted" : "", d->error ? ": " : "", d->error ?: "");
		for (size_t j = 0; j < d->also.n; j++)
			fprintf(out, "%13s= %s\n", "", d->also.v[j]);
		if (d->build >= 0)
			print_build(out, &k->builds[d->build], d->version);
	}
	for (size_t i = 0; i < k->n_ramdisks; i++) {
		const struct ramdisk *r = &k->ramdisks[i];
		int build = k->images[r->image].build;

		/* Microcode, or what could not be read */
		if (!r->modules && !r->other_release)
			continue;
		fprintf(out, "  initramfs  %s, %zu modules%s\n%13s%s %s\n", r->path, r->modules,
			r->has_tolerant ? ", with btf_tolerant" : "", "",
			fit_word(build < 0 ? FIT_UNKNOWN : tally_fit(&r->fits[build])),
			k->images[r->image].path);
	}
	if (!t->path) {
		fprintf(out, "  modules    none\n");
		return;
	}
	fprintf(out, "  modules    %s: %zu, %zu looked at\n", t->path, t->modules.n, t->judged);
	for (size_t b = 0; b < k->n_builds; b++)
		fprintf(out, "%13s%s %s\n", "", fit_word(tally_fit(&t->fits[b])),
			k->builds[b].names.v[0]);
}

static void print_tolerant(FILE *out, const struct machine *m)
{
	const struct running *r = &m->running;

	fputs("\n" BOLD "btf_tolerant" OFF, out);
	if (!r->tolerant) {
		fprintf(out, " is not loaded%s\n",
			m->dkms_source ? ", but installed" : " and not installed");
		return;
	}
	fprintf(out, " is loaded, policy %s, dropped the BTF of %ld modules, refused %ld",
		r->policy ?: "?", r->dropped, r->refused);
	if (r->restored >= 0)
		fprintf(out, ", restored %ld", r->restored);
	fprintf(out, "\n");
	if (!r->without_btf.n && r->restored > 0)
		paragraph(out, "listed:", "none: all that are loaded have their BTF");
	if (r->without_btf.n) {
		char *list = xstrdup(""), *more;

		for (size_t i = 0; i < r->without_btf.n && i < 12; i++) {
			more = xasprintf("%s%s%s", list, i ? " " : "", r->without_btf.v[i]);
			free(list);
			list = more;
		}
		more = xasprintf("%zu: %s%s", r->without_btf.n, list,
				 r->without_btf.n > 12 ? " ..." : "");
		paragraph(out, "listed:", more);
		free(more);
		free(list);
	}
}

static void print_unread(FILE *out, const struct machine *m)
{
	if (!m->unread.n)
		return;
	fprintf(out, "\nCould not be read%s:\n", geteuid() ? " (root may)" : "");
	for (size_t i = 0; i < m->unread.n && i < UNREAD_SHOWN; i++)
		fprintf(out, "  %s\n", m->unread.v[i]);
	if (m->unread.n > UNREAD_SHOWN)
		fprintf(out, "  and %zu more: --json has them\n", m->unread.n - UNREAD_SHOWN);
}

/* status_text() - all of it, with bytes for colours that status.c translates */
void status_text(FILE *out, const struct machine *m, const struct findings *f, bool colour)
{
	char *text = NULL;
	size_t size = 0;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		abort();
	print_verdict(mem, m, f);
	for (size_t i = 0; i < f->n; i++)
		print_finding(mem, &f->v[i]);
	for (size_t i = 0; i < m->n_kernels; i++)
		print_kernel(mem, m, &m->kernels[i]);
	if (!*m->root.path)
		print_tolerant(mem, m);
	print_unread(mem, m);
	fclose(mem);
	for (size_t i = 0; i < size; i++)
		if (colour || text[i] < 1 || text[i] > 5)
			fputc(text[i], out);
	free(text);
}

/* status_brief() - what is wrong only, for hooks */
void status_brief(FILE *out, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *v = &f->v[i];

		fprintf(out, "btf-doctor: %s: %s [%s]\n", severity_name(v->severity), v->what,
			v->id);
		if (v->evidence.n)
			paragraph(out, "seen:", v->evidence.v[0]);
		if (v->next_boot)
			paragraph(out, "next boot:", v->next_boot);
		if (v->safe_why)
			paragraph(out, "safe:", v->safe_why);
		for (size_t j = 0; j < v->ends.n; j++)
			fprintf(out, "    %-12s%s\n", j ? "" : "to end it:", v->ends.v[j]);
	}
}
