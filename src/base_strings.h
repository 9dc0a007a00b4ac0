/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BASE_STRINGS_H
#define BASE_STRINGS_H

#include "name_check.h"

struct module;

void base_strings_init(void);
void base_strings_exit(void);
unsigned int base_strings_count(void);
enum name_verdict base_strings_check(const struct module *mod, struct name_counts *counts);
bool base_strings_left_out(const struct module *mod);

#endif /* BASE_STRINGS_H */
