/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFUNC_HOOK_H
#define KFUNC_HOOK_H

int kfunc_hook_install(void);
void kfunc_hook_remove(void);

#endif /* KFUNC_HOOK_H */
