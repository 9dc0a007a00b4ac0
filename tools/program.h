/* SPDX-License-Identifier: GPL-2.0-only */
/* What btf-doctor and btf-restore do in the same way. */
#ifndef TOOLS_PROGRAM_H
#define TOOLS_PROGRAM_H

#include <getopt.h>

#include "util.h"

/* Exit status: it could not be tried, or usage. */
#define EXIT_TROUBLE	2

/* The program's name and a line, to standard error. Return: EXIT_TROUBLE */
int __printf(1, 2) trouble(const char *fmt, ...);

/* Wrong usage: a line and "Try ...", to standard error. Return: EXIT_TROUBLE */
int __printf(1, 2) usage_error(const char *fmt, ...);

/* The command whose --help usage_error() names: "check", not to be freed. None before that. */
void set_command(const char *name);

/*
 * next_option() - as getopt_long(), with -h; for an option that is unknown or has no value
 * usage_error() has said so
 *
 * Return: the option, -1 after the last, '?' for one of those.
 */
int next_option(int argc, char **argv, const struct option *options);

/* The program's name and version, to standard output */
void print_version(void);

struct check_base;

/*
 * load_base() - the base BTF of an image, ready to hold modules against
 *
 * Return: to be freed by check_base_free(); NULL if there is none, which it has said.
 */
struct check_base *load_base(const char *path);

#endif /* TOOLS_PROGRAM_H */
