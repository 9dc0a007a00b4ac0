/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files below a directory that stands for "/": --root. Symbolic links are followed as they
 * would be there, so that none leads out of it.
 */
#ifndef ROOT_H
#define ROOT_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

struct root {
	char *path;	/* as it was given, without a slash at the end; "" for "/" */
	int fd;
};

/* A list of strings, which it owns. */
struct names {
	char **v;
	size_t n;
};

int root_open(struct root *root, const char *dir);
void root_close(struct root *root);
char *root_resolve(const struct root *root, const char *path);
bool root_exists(const struct root *root, const char *path);
char *root_read(const struct root *root, const char *path, size_t max, size_t *size);
int root_list(const struct root *root, const char *path, struct names *names);

void names_add(struct names *names, const char *name);
void names_addf(struct names *names, const char *fmt, ...) __printf(2, 3);
bool names_have(const struct names *names, const char *name);
void names_free(struct names *names);
bool plain_word(const char *s);

#endif /* ROOT_H */
