/* SPDX-License-Identifier: GPL-2.0-only */
/* The forms in which btf-doctor status tells what it has found. */
#ifndef STATUS_H
#define STATUS_H

#include <stdio.h>

#include "findings.h"

void status_text(FILE *out, const struct machine *m, const struct findings *f, bool colour);
void status_brief(FILE *out, const struct findings *f);
int status_json(FILE *out, const struct machine *m, const struct findings *f);
void status_prometheus(FILE *out, const struct machine *m, const struct findings *f);

/* "fits", "does not fit" and their like: what became of modules held against a build. */
const char *fit_word(enum fit fit);

#endif /* STATUS_H */
