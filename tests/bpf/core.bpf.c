// SPDX-License-Identifier: GPL-2.0-only
/* Finds fields of vmlinux's types by CO-RE: returns the tgid of who runs it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct {
	int tgid;
	struct task_struct *group_leader;
} __attribute__((preserve_access_index));

SEC("tc")
int tgid(struct __sk_buff *skb)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, group_leader, tgid);
}

char _license[] SEC("license") = "GPL";
