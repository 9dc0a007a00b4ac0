// SPDX-License-Identifier: GPL-2.0-only
/* For tests/modules/bpf/lskel_test.c: counts forks, and finds who forked by CO-RE. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_struct {
	void *mm;
	int tgid;
} __attribute__((preserve_access_index));

unsigned int forks;
int parent_tgid;

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent)
{
	/* The kernel makes threads of its own, at any time. */
	if (!parent->mm)
		return 0;
	forks++;
	parent_tgid = parent->tgid;
	return 0;
}

char _license[] SEC("license") = "GPL";
