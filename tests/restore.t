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
ko=$(build_module trixie-backports)
files=(--file "$ko:/btf_tolerant.ko")
for m in dummy crc-itu-t veth; do
	path=$(grep "/$m\.ko$" "$dir/list")
	name=$(modinfo -F name "$dir/plain/$path")
	objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$dir/plain/$path" "$work/$name.btf"
	objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$other/$path" "$work/$name.other"
	{ printf '%s\0' "$name"; cat "$work/$name.btf"; } >"$work/$name"
	files+=(--file "$other/$path:/other/$name.ko" --file "$work/$name:/restore/$name"
		--file "$work/$name.btf:/btf/$name" --file "$work/$name.other:/btf/$name.other")
done
files+=(--file "$dir/plain/$path:/plain/$name.ko" --file "$(build_tool give_btf):/usr/bin/give_btf")
# Whose first name begins one byte late: the kernel's parser does not mind
perl -0777 -pe 'substr($_, 24, 4) = pack("V", 1 + unpack("V", substr($_, 24, 4)))' "$work/dummy.btf" >"$work/dummy.late"
files+=(--file "$work/dummy.late:/btf/dummy.late")
# One whose init takes its time, with BTF of the other build
once module-restore build_test_modules trixie-backports "$MODULES/restore" "$(headers trixie-backports)" stress \
	CONFIG_DEBUG_INFO_BTF_MODULES=
objcopy --add-section ".BTF=$work/dummy.other" "$MODULES/restore/stress_a.ko" "$work/stress_a.ko"
{ printf 'stress_a\0'; cat "$work/dummy.btf"; } >"$work/stress_a"
files+=(--file "$work/stress_a.ko:/other/stress_a.ko" --file "$work/stress_a:/restore/stress_a")

guest restore --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/restore.guest" --mem 2G \
	--append rcupdate.rcu_expedited=1 "${files[@]}"
done_testing
