#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# /dev/btf_tolerant: a dropped module gets BTF of the running kernel; what it refuses.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
other=$(rebased "$dir")
work=$(mktemp -d "$CACHE/restore.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Modules of the other build, and what each is to get: its name, a NUL, the BTF it had before
files=(--file "$(build_module trixie-backports):/btf_tolerant.ko" --file "$(build_bpf traced):/traced.o")
for m in dummy crc-itu-t veth; do
	path=$(grep "/$m\.ko$" "$dir/list")
	name=$(modinfo -F name "$dir/plain/$path")
	objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$dir/plain/$path" "$work/$name.btf"
	objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$other/$path" "$work/$name.other"
	{ printf '%s\0' "$name"; cat "$work/$name.btf"; } >"$work/$name"
	files+=(--file "$other/$path:/other/$name.ko" --file "$work/$name:/restore/$name"
		--file "$work/$name.btf:/btf/$name" --file "$work/$name.other:/btf/$name.other")
done
once module-restore build_test_modules trixie-backports "$MODULES/restore" "$(headers trixie-backports)" restore
objcopy -R .BTF "$MODULES/restore/slow_init.ko" "$work/slow_init.stripped"
objcopy --add-section ".BTF=$work/dummy.other" "$work/slow_init.stripped" "$work/slow_init.ko"
files+=(--file "$work/slow_init.ko:/other/slow_init.ko")

guest restore --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/restore.guest" --append rcupdate.rcu_expedited=1 "${files[@]}"
guest restore-lockdown --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/restore.guest" "${files[@]}" --append WHAT=lockdown
done_testing
