// SPDX-License-Identifier: GPL-2.0-only
/* Finds a field of a type that only a module has: returns its offset in bytes, 32. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* Here it would be at 0. */
struct veth_priv {
	unsigned int requested_headroom;
} __attribute__((preserve_access_index));

SEC("tc")
int headroom(struct __sk_buff *skb)
{
	return bpf_core_field_offset(struct veth_priv, requested_headroom);
}

char _license[] SEC("license") = "GPL";
