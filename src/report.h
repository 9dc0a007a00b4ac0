/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_H
#define REPORT_H

struct module;

/* Why a module is loaded without its BTF. */
enum drop_reason {
	DROP_KERNEL,		/* the kernel's parser refused it */
	DROP_ASTRAY,		/* names that are not at the start of a string */
	DROP_OWN_UNUSED,	/* strings of its own, and no name among them */
};

void report_seen(void);
void report_refused(void);
void report_dropped(const struct module *mod, enum drop_reason reason, int err);
bool report_is_dropped(const struct module *mod);
void report_gone(const struct module *mod);
int report_init(void);
void report_exit(void);

#endif /* REPORT_H */
