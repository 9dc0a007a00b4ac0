// SPDX-License-Identifier: GPL-2.0-only
/* Traces a function of tests/modules/bpf/kfunc_test.c, by its BTF. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct kfunc_test_object {
	int value;
} __attribute__((preserve_access_index));

unsigned int count;

SEC("fentry/kfunc_test_traced")
int BPF_PROG(traced, struct kfunc_test_object *object)
{
	count += object->value;
	return 0;
}

char _license[] SEC("license") = "GPL";
