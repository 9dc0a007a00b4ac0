/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of btf-doctor: one file each. */
#ifndef BTF_DOCTOR_H
#define BTF_DOCTOR_H

#include "program.h"

/* Exit status of all of them, or EXIT_TROUBLE. */
enum {
	EXIT_FITS = 0,		/* all fits, nothing differs */
	EXIT_NOT = 1,		/* something does not, something differs */
};

/*
 * As main(): argv[0] is the command's name. Return: the exit status.
 * Each prints its own usage for --help, to standard output.
 */
int cmd_status(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_diff(int argc, char **argv);

#endif /* BTF_DOCTOR_H */
