/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a module fit a base? By the same check as in the kernel (src/btf_check.c), and libbpf. */
#ifndef TOOLS_CHECK_H
#define TOOLS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/btf.h>

#include "base_diff.h"
#include "module_file.h"

enum module_verdict {
	MODULE_FITS,		/* made for this base, or as if it were */
	MODULE_OTHER_BUILD,	/* made for another base */
	MODULE_BROKEN,		/* its BTF is malformed; or the file cannot be read */
	MODULE_OWN_BASE,	/* has .BTF.base: depends on no vmlinux's BTF */
	MODULE_NO_BTF,		/* nothing to judge */
	MODULE_VERDICTS
};

/* "fits", "other-build", "broken", "own-base", "no-btf" */
const char *module_verdict_name(enum module_verdict verdict);

struct check_base;

/**
 * check_base_new() - prepare a base to hold modules against
 * @btf: its bytes, in either byte order; they can be freed after that
 * @size: their number
 *
 * Return: the base, to be freed by check_base_free(); NULL with @err if it is not base BTF,
 * or malformed: a kernel with such a base refuses all modules.
 */
struct check_base *check_base_new(const void *btf, size_t size, char *err, size_t errlen);
void check_base_free(struct check_base *base);

/* What libbpf has made of it; owned by @base. For base_diff_new(). */
struct btf *check_base_btf(const struct check_base *base);

/**
 * check_module() - judge one module
 * @base: the base
 * @m: the module
 * @why: a few words if it is MODULE_BROKEN, else ""
 * @whylen: size of @why in bytes
 *
 * Context: any thread; @base can be shared.
 */
enum module_verdict check_module(const struct check_base *base, const struct module_file *m,
				 char *why, size_t whylen);

/**
 * check_and_split() - check_module() and check_split() at once
 * @split: set to what libbpf makes of its BTF if it fits, to be freed by btf__free(); else NULL
 */
enum module_verdict check_and_split(const struct check_base *base, const struct module_file *m,
				    struct btf **split, char *why, size_t whylen);

/**
 * check_split() - what libbpf makes of a module's BTF
 * @base: the base that it was made for
 * @m: a module with BTF and without a base of its own
 *
 * Every ID, name and length in it has been checked.
 * Return: to be freed by btf__free(); NULL with @err if it is malformed.
 */
struct btf *check_split(const struct check_base *base, const struct module_file *m, char *err,
			size_t errlen);

/**
 * struct check_result - of one file
 * @path: the file, owned by the caller of check_files()
 * @verdict: what it is
 * @name: the module's name, or NULL
 * @why: if it is MODULE_BROKEN, why; else ""
 * @uses: with @made_for: base types that it uses and that differ, nearest first
 * @n_uses: how many; 0: they are the same
 * @compared: with @made_for: its types were compared; not so if it does not fit @made_for
 * @unread: MODULE_BROKEN is the file: it could not be read
 */
struct check_result {
	const char *path;
	enum module_verdict verdict;
	char *name;
	char why[128];
	struct base_use *uses;
	size_t n_uses;
	bool compared, unread;
};

/**
 * struct check_job - what check_files() shall do
 * @base: what to hold the modules against
 * @made_for: the base that the modules were made for, or NULL
 * @diff: the comparison of @made_for (old) and @base (new), or NULL
 * @paths: the modules' files
 * @n: how many
 * @progress: say on standard error how far it is, if that is a terminal and it takes
 *	more than a second
 */
struct check_job {
	const struct check_base *base;
	const struct check_base *made_for;
	const struct base_diff *diff;
	char **paths;
	size_t n;
	bool progress;
};

/**
 * check_files() - judge many modules, with as many threads as there are CPUs
 * @job: what to do
 *
 * Holds a module in memory for each thread.
 * Return: @job->n results in the order of @job->paths, to be freed by check_results_free().
 */
struct check_result *check_files(const struct check_job *job);
void check_results_free(struct check_result *results, size_t n);

#endif /* TOOLS_CHECK_H */
