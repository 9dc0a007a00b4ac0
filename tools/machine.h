/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All of a machine that its kernels and modules are made of, and what fits what. Paths are
 * below the root. machine_read() finds it, machine_judge() judges, machine_free() frees.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "bootloader.h"
#include "check.h"
#include "distro.h"
#include "image.h"
#include "root.h"

/* How many names a tally keeps: of all out-of-tree modules that are looked at. */
#define TALLY_NAMES	64

/**
 * struct tally - modules held against one base
 * @count: how many had each verdict
 * @other: names of some that are of another build
 * @broken: names of some that are malformed, and why
 */
struct tally {
	size_t count[MODULE_VERDICTS];
	struct names other, broken;
};

/**
 * struct build - one build of a kernel: those that are equal in their BTF are one
 * @release: as uname -r says
 * @version: as uname -v says, or NULL
 * @build_id: or NULL, in hexadecimal
 * @btf: its BTF; NULL if it has none
 * @base: for the check; NULL if @btf is, or if it is malformed
 * @broken: why it is malformed, or NULL
 * @module_size: sizeof(struct module), 0 if its BTF does not say
 * @running: the kernel that runs is of this build
 * @names: where it was found
 */
struct build {
	char *release, *version, *build_id;
	void *btf;
	size_t btf_size;
	struct check_base *base;
	char *broken;
	size_t module_size;
	bool running;
	struct names names;
};

/**
 * struct disk_image - a kernel's file
 * @path: where it was found first
 * @also: other places of the same bytes
 * @real: its path on this machine
 * @release: what it says of itself, else what its name says
 * @version: as uname -v says, or NULL
 * @build: index of its build, -1 if it could not be read
 * @entry: a line of the boot menu starts it
 * @is_default: and that is the default one
 * @bls: the line is an entry of the Boot Loader Specification
 * @booted: BOOT_IMAGE= names it
 * @error: why it could not be read, or NULL
 */
struct disk_image {
	char *path;
	struct names also;
	char *real, *release, *version;
	int build;
	bool entry, is_default, bls, booted, uki;
	char *error;
};

/**
 * struct ramdisk - an initramfs, or the one inside a unified kernel image
 * @path: its path; that of the unified kernel image
 * @image: index of the image that it is started with
 * @modules: how many modules it has
 * @other_release: the release that its modules are for, if it has none for this kernel's
 * @fits: a tally for each build
 * @has_tolerant: btf_tolerant is in it
 * @read: it could be read
 */
struct ramdisk {
	char *path, *real;
	size_t image, modules;
	char *other_release;
	struct tally *fits;
	bool has_tolerant, in_image, read;
};

/**
 * struct tree - /lib/modules/RELEASE
 * @path: NULL if there is none
 * @modules: the modules' files, below @path, all of them
 * @fits: a tally of those of the kernel itself for each build
 * @extra: the same of those that were built besides it (updates, extra...)
 * @judged: how many of @modules were looked at
 * @tolerant: btf_tolerant's file, or NULL
 * @tolerant_signed: it has a signature
 */
struct tree {
	char *path;
	struct names modules;
	struct tally *fits, *extra;
	size_t judged;
	char *tolerant;
	bool tolerant_signed;
};

/**
 * struct headers - what out-of-tree modules are built with
 * @path: /lib/modules/RELEASE/build, NULL if there are none
 * @module_size: sizeof(struct module) for them; 0 if that is unknown
 * @seen_in: what says so
 * @by_module: that is a module, which may have been built with others
 */
struct headers {
	char *path, *seen_in;
	size_t module_size;
	bool by_module;
};

/* The kernels of one release; @running is the index of the running build, or -1. */
struct kernel {
	char *release;
	struct build *builds;
	struct disk_image *images;
	struct ramdisk *ramdisks;
	size_t n_builds, n_images, n_ramdisks;
	struct tree tree;
	struct headers headers;
	int running;
	bool is_default;
	int allows_mismatch;	/* CONFIG_MODULE_ALLOW_BTF_MISMATCH: 1, 0, -1 not known */
};

/* What runs now; without @release nothing does (--root). */
struct running {
	char *release, *version, *build_id, *boot_image;
	void *btf;
	size_t btf_size;
	struct names loaded;
	char *signatures;	/* why modules need a signature, or NULL */
	bool tolerant;		/* btf_tolerant is loaded */
	char *policy;
	long dropped, refused, restored;	/* by btf_tolerant; -1 not known */
	struct names without_btf;	/* modules that /proc/btf_tolerant lists */
};

struct machine {
	struct root root;
	struct distro distro;
	struct bootloader boot;
	struct running running;
	struct kernel *kernels;
	size_t n_kernels;
	bool dkms_source;	/* btf_tolerant is installed for DKMS */
	struct names unread;	/* "FILE: why not", each once */
	bool next_left_out;	/* with --kernel: another kernel starts next */
	struct names others;	/* with --kernel: the releases of the others that have modules */
};

/* What to leave out, and whom to tell how far it is. */
struct scope {
	const char *root;	/* "/" is the system that runs */
	const char *release;	/* only this kernel, or NULL */
	bool next_boot;		/* do not look at what runs */
	bool sample;		/* of modules that do not agree, do not look at all */
	void (*progress)(const char *what);
};

int machine_read(struct machine *m, const struct scope *scope);
void machine_judge(struct machine *m, const struct scope *scope);
void machine_free(struct machine *m);

/* Its parts, a file each */
void running_read(struct machine *m);
void running_free(struct running *r);
void images_find(struct machine *m, const struct scope *scope);
void kernel_images_read(struct machine *m, struct kernel *k, const struct scope *scope);
void unread(struct machine *m, const char *path, const char *why);
char *build_id_text(const unsigned char *id, size_t len);
int kernel_build(struct kernel *k, struct image *img, const char *name);
struct kernel *machine_kernel(struct machine *m, const char *release);
void tree_judge(struct machine *m, struct kernel *k, const struct scope *scope);
void ramdisks_judge(struct machine *m, struct kernel *k, const struct scope *scope);
void headers_read(struct machine *m, struct kernel *k);
void tally_add(struct tally *t, enum module_verdict verdict, const char *name, const char *why);
void tally_free(struct tally *t, size_t n);

/* How the modules of a tally fit as a whole. */
enum fit {
	FIT_UNKNOWN,	/* none could be judged */
	FIT_YES,
	FIT_PARTLY,	/* some are of another build */
	FIT_NO,		/* all are, but for those of which it is unknown */
};

/* The build that all modules of a tally fit, or that most of them do; -1 if there is none. */
int whole_build(const struct kernel *k, const struct tally *fits);
int fitting_build(const struct kernel *k, const struct tally *fits);
enum fit tally_fit(const struct tally *t);
size_t tally_judged(const struct tally *t);

#endif /* MACHINE_H */
