/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of btf-doctor: one file each. */
#ifndef BTF_DOCTOR_H
#define BTF_DOCTOR_H

#include "util.h"

/* Exit status of all of them. */
enum {
	EXIT_FITS = 0,		/* all fits, nothing differs */
	EXIT_NOT = 1,		/* something does not, something differs */
	EXIT_TROUBLE = 2,	/* it could not be looked at, or usage */
};

/*
 * As main(): argv[0] is the command's name. Return: the exit status.
 * Each prints its own usage for --help, to standard output.
 */
int cmd_status(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_diff(int argc, char **argv);

/* Wrong usage: a line and "Try ...", to standard error. Return: EXIT_TROUBLE */
int __printf(1, 2) usage_error(const char *fmt, ...);

struct check_base;

/*
 * load_base() - the base BTF of an image, ready to hold modules against
 *
 * Return: to be freed by check_base_free(); NULL if there is none, which it has said.
 */
struct check_base *load_base(const char *path);

/* "btf-doctor: " and a line, to standard error. Return: EXIT_TROUBLE */
int __printf(1, 2) trouble(const char *fmt, ...);

#endif /* BTF_DOCTOR_H */
