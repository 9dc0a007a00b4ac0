/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef POLICY_H
#define POLICY_H

/* What becomes of a module whose BTF does not match: kernel.btf_mismatch_policy */
enum btf_policy {
	POLICY_STRICT = 0,	/* refused, as the stock kernel refuses it */
	POLICY_TOLERANT = 1,	/* loaded without its BTF */
	POLICY_VERIFY = 2,	/* so too if the kernel would take it for its own */
	POLICY_MAX = POLICY_VERIFY,
};

enum btf_policy policy_get(void);
const char *policy_name(enum btf_policy policy);
int policy_init(void);
void policy_exit(void);

#endif /* POLICY_H */
