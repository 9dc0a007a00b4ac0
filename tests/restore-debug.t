#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# /dev/btf_tolerant on the debug kernel: COUNT times damaged BTF (150; SEED decides how it is
# damaged), allocations that fail (FAIL: so many of a write, 20), and DURATION seconds (20) of
# restoring against loads, unloads, policies and rmmod of btf_tolerant.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

count=${COUNT:-150} seed=${SEED:-1} fail=${FAIL:-20} duration=${DURATION:-20}
[ "$seed" != random ] || seed=$RANDOM
dir=$(debug_dir)
ko=$(build_debug_module)
work=$(mktemp -d "$CACHE/restore-debug.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root"/{a,b,btf}
for m in dummy veth; do
	# Without signature, whose check takes longer than all the rest
	for build in a b; do
		strip --strip-debug -o "$work/root/$build/$m.ko" "$(find "$dir/$build/lib" -name $m.ko)"
	done
	objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$work/root/a/$m.ko" "$work/root/btf/$m"
done
pack "$work/root" "$work/root.cpio"
stress=$(build_tool stress)
diag "seed $seed: SEED=$seed COUNT=$count tests/restore-debug.t repeats it"
guest restore-debug --kernel "$dir/a/vmlinuz" --script "$TOP/tests/vm/restore-debug.guest" --add "$work/root.cpio" \
	--file "$ko:/btf_tolerant.ko" --file "$stress:/usr/bin/stress" --file "$(build_tool give_btf):/usr/bin/give_btf" \
	--append "SEED=$seed COUNT=$count FAIL=$fail DURATION=$duration TICKS=$("$stress" ticks)" \
	--append "watchdog_thresh=60 rcupdate.rcu_expedited=1 log_buf_len=16M" --mem 2G \
	--timeout $((1200 + count / 4 + fail * 30 + duration * 12))
done_testing
