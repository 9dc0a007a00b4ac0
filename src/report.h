/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_H
#define REPORT_H

struct module;

void report_seen(void);
void report_refused(void);
void report_dropped(const struct module *mod, const char *reason, int err);
bool report_is_dropped(const struct module *mod);
void report_gone(const struct module *mod);
int report_init(void);
void report_exit(void);

#endif /* REPORT_H */
