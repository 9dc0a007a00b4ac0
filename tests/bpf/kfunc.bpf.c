// SPDX-License-Identifier: GPL-2.0-only
/* Calls the kfunc of tests/modules/bpf/kfunc_test.c. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int kfunc_test_add(int a, int b) __ksym;

SEC("tc")
int call(struct __sk_buff *skb)
{
	return kfunc_test_add(40, 2);
}

char _license[] SEC("license") = "GPL";
