/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of btf-restore, a file each. */
#ifndef RESTORE_H
#define RESTORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "machine.h"
#include "program.h"
#include "relocate.h"

/* Exit status, or EXIT_TROUBLE */
enum {
	EXIT_DONE = 0,		/* all done */
	EXIT_SOME = 1,		/* some modules could not be restored */
};

/* What became of a module. restore_word() has a word for each. */
enum restore_state {
	RESTORE_TODO,		/* nothing yet: no base that it was made for */
	RESTORE_DONE,
	RESTORE_POSSIBLE,	/* --dry-run: nothing is in the way */
	RESTORE_WRITTEN,	/* to a file */
	RESTORE_ALREADY,	/* it had been before */
	RESTORE_GONE,		/* it is not loaded any more */
	/* From here on it could not be done. */
	RESTORE_DIFFERS,	/* a type that it uses is not the same */
	RESTORE_NO_BASE,	/* no image has the base that it was made for */
	RESTORE_NO_FILE,	/* its file is not found */
	RESTORE_OTHER_FILE,	/* that file is not what is loaded */
	RESTORE_NO_BTF,		/* it has none, in its file */
	RESTORE_OWN_BASE,	/* it has a base of its own: that is the kernel's to relocate */
	RESTORE_BROKEN,		/* its file or its BTF cannot be read */
	RESTORE_BUSY,		/* it is still in its init, or is being unloaded */
	RESTORE_REFUSED,	/* the kernel does not take it */
	RESTORE_NOT_DROPPED,	/* it is not in the list of dropped modules */
	RESTORE_FAILED,
};

/**
 * struct item - one module
 * @name: as the kernel calls it
 * @path: its file, or NULL
 * @state: what became of it
 * @detail: a sentence about that, or NULL
 * @made_for: the image with the base that it was made for, or NULL
 * @type_kind: with RESTORE_DIFFERS: "struct"...; not to be freed
 * @type_name: and its name
 * @type_path: how the module comes to it, or NULL
 * @has_ids: it has .BTF_ids: kfuncs, struct_ops or others that it registers itself
 * @size: of the relocated BTF, in bytes
 * @build_id: of the file, @id_len bytes
 */
struct item {
	char *name, *path;
	unsigned char build_id[BUILD_ID_MAX];
	size_t id_len;
	enum restore_state state;
	char *detail;
	char *made_for;
	const char *type_kind;
	char *type_name, *type_path;
	bool has_ids;
	size_t size;
};

struct items {
	struct item *v;
	size_t n;
};

struct item *items_add(struct items *items, const char *name, const char *path);
void items_free(struct items *items);
const char *restore_word(enum restore_state state);
/* Set the state, and the detail, once. */
void item_set(struct item *item, enum restore_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- restore_kernel.c: what the kernel says, and takes ---------------------- */

/**
 * struct dropped - a module in the list of /proc/btf_tolerant
 * @name: its name
 * @restored: it has BTF again
 */
struct dropped {
	char *name;
	bool restored;
};

/**
 * dropped_read() - the modules that are loaded without the BTF that they came with
 * @list: set to the list, to be freed by dropped_free()
 *
 * Return: how many, or -1 with @err.
 */
long dropped_read(struct dropped **list, char *err, size_t errlen);
void dropped_free(struct dropped *list, long n);

/**
 * is_loaded_file() - is that file what is loaded?
 *
 * @build_id: the file's, @id_len bytes; 0 of them: it has none
 *
 * The build ID changes with each byte of code, not with the BTF.
 * Return: 1 it is, 0 it is not, -1 unknown.
 */
int is_loaded_file(const char *name, const unsigned char *build_id, size_t id_len);

/* Is a module of that name there? And neither in its init nor in its exit? */
bool is_loaded(const char *name);
bool is_live(const char *name);

/**
 * kernel_give() - give a loaded module BTF
 * @name: its name
 * @btf: the BTF
 * @size: its size in bytes
 *
 * Context: any thread.
 * Return: 0, or -errno, as btf_tolerant(7) says. -ENXIO: there is no such device. -ENOTSUP: this
 * user may not open it.
 */
int kernel_give(const char *name, const void *btf, size_t size);

/* Would it take BTF, from this user? Return: 0, or -errno as kernel_give() */
int kernel_takes_btf(void);

/* Have udev told again that there are modules to restore. */
void kernel_remind(void);

/* --- restore_bases.c: the bases on this machine ----------------------------- */

/**
 * struct candidate - an image that modules may have been made for
 * @name: for people: its path
 * @relocator: from its base to the running kernel's
 * @asked: base_is_trees() was asked
 * @trees: and what it said
 */
struct candidate {
	const char *name;
	struct check_base *base;
	struct relocator *relocator;
	bool asked, trees;
};

/**
 * struct bases - the running kernel's base, and those of the images on this machine
 * @onto: the base to relocate onto
 * @machine: where the images are
 * @kernel: the kernel of the running release, in @machine
 * @v: the images that have been read
 * @next: which to read next
 * @image: the only one to read, or NULL
 * @unread: images that could not be read, and why
 */
struct bases {
	struct check_base *onto;
	struct machine machine;
	struct kernel *kernel;
	struct candidate **v;
	size_t n, next;
	const char *image;
	struct names unread;
};

/**
 * bases_open() - find the running kernel's base, and images
 * @image: the only image to ask, or NULL for those that btf-doctor would find
 *
 * Return: 0, or -1 with @err. bases_close() does no harm then.
 */
int bases_open(struct bases *b, const char *image, char *err, size_t errlen);

/**
 * bases_get() - the images with another base than the running kernel's, one by one
 * @i: which, from 0 on
 *
 * Reading one takes most of a second, so it is done when somebody asks.
 * Return: owned by @b; NULL if there are no more.
 */
struct candidate *bases_get(struct bases *b, size_t i);
void bases_close(struct bases *b);

/**
 * base_is_trees() - was the kernel's tree of modules made for that base?
 * @base: the base
 * @items: modules to ask
 * @tree: further ones, if those are few: files below /lib/modules/RELEASE
 *
 * A module with few names may fit a base by chance. A tree does not.
 */
bool base_is_trees(const struct check_base *base, const struct items *items,
		   const struct tree *tree);

/* --- restore_work.c ---------------------------------------------------------- */

/**
 * struct work - what to do with modules
 * @from: the bases
 * @loaded: they are loaded: compare the file with what is
 * @dry_run: write nothing
 * @output: a directory for the BTF, or NULL: the kernel gets it
 * @denied: set to an errno if the kernel takes BTF from nobody, or not from this user
 */
struct work {
	const struct candidate *from;
	bool loaded, dry_run;
	const char *output;
	atomic_int denied;
};

/*
 * work_all() - try all items in RESTORE_TODO against one image
 *
 * Those that were not made for it stay in that state. What is in its init is RESTORE_BUSY.
 */
void work_all(struct work *w, struct items *items);

/* What is left in RESTORE_TODO has no base. @made_for: the only image that was tried, or NULL */
void give_up(struct items *items, const char *made_for);

/* --- restore_loaded.c -------------------------------------------------------- */

/* What was asked for. @args are modules, by name or file; files with @base, which is for files. */
struct options {
	bool dry_run, json;
	const char *base, *made_for, *output;
	char **args;
	int n_args;
};

/*
 * restore_loaded() - restore what was dropped and is loaded
 * @all: set to what became of each
 *
 * Return: EXIT_DONE, or EXIT_TROUBLE, which it has said.
 */
int restore_loaded(const struct options *opt, struct items *all);

/* --- restore_print.c ---------------------------------------------------------- */

void print_item(const struct item *item);
void print_json(const struct items *items, const char *base);

#endif /* RESTORE_H */
