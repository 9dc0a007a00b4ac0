#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Allocations that fail (FAIL: so many of each call, 2), and everything at once (DURATION:
# seconds, 100), on the debug kernel. KERNEL=rt: the latter on PREEMPT_RT. KERNEL=debug-6.1:
# both on an old debug kernel, where functions are hooked.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

kernel=${KERNEL:-debug} suite=trixie-backports duration=${DURATION:-100} fail=${FAIL:-2}
work=$(mktemp -d "$CACHE/stress.XXXXXX")
trap 'rm -rf "$work"' EXIT
rebase() { "$TOP/scripts/make-mismatched-build.sh" rebase --modules "$1" --base "$a/vmlinux" --out "$2" >&2; }
case $kernel in
debug)
	dir=$(debug_dir)
	a=$dir/a b=$dir/b build=$dir/a.build
	ko=$(build_debug_module)
	;;
rt) source_kernel rt trixie-backports rt.config ;;
debug-6.1)
	suite=bookworm
	source_kernel debug-6.1 bookworm debug.config
	;;
*) die "KERNEL is debug, debug-6.1 or rt" ;;
esac
if [ "$kernel" != debug ]; then
	b=$work/b
	rebase "$a/lib/modules" "$b/lib/modules"
	cp "$a/release" "$b/"
	touch "$b/lib/modules/$(cat "$a/release")/"modules.{order,builtin,builtin.modinfo}
fi

# Ours have BTF that is split from vmlinux, as those of the kernel's own tree.
for m in stress livepatch bpf; do
	build_test_modules "$suite" "$MODULES/stress-$kernel-$m" "$(in_cache "$build")" "$m" RESOLVE_BTFIDS_FLAGS=
done
mkdir -p "$work/a" "$work/root/a" "$work/root/b/again"
cp "$MODULES/stress-$kernel-stress/"stress_[abc].ko "$MODULES/stress-$kernel-bpf/kfunc_test.ko" "$work/a/"
rebase "$work/a" "$work/other"
# Without signature: whoever checks it does more than all the rest.
for m in "$work/a/stress_a.ko" "$(find "$a/lib" -name veth.ko)" "$(find "$a/lib" -name tcp_dctcp.ko)"; do
	strip --strip-debug -o "$work/root/a/${m##*/}" "$m"
done
mkdir "$work/tree"
cp -r "$b/lib" "$b/release" "$work/tree/"
find "$work/tree" -name '*.ko' -exec strip --strip-debug {} +
for m in stress_b stress_c kfunc_test; do
	strip --strip-debug -o "$work/root/b/$m.ko" "$work/other/$m.ko"
done
cp "$(find "$work/tree" -name dummy.ko)" "$(find "$work/tree" -name tcp_bbr.ko)" "$work/root/b/"
cp "$work/root/b/dummy.ko" "$work/root/b/again/"
cp "$MODULES/stress-$kernel-livepatch/livepatch_btf.ko" "$work/root/"
pack "$work/root" "$work/own.cpio"
pack_modules "$work/tree" "$work/b.cpio"

stress=$(build_tool stress)
append="DURATION=$duration TICKS=$("$stress" ticks) log_buf_len=8M watchdog_thresh=60 rcupdate.rcu_expedited=1"
[ "$kernel" = rt ] && append+=" SUSPEND=1" || append+=" FAIL=$fail"
guest "stress-$kernel" --kernel "$a/vmlinuz" --script "$TOP/tests/vm/stress.guest" --file "$TOP/tests/vm/faults.guest:/faults.guest" \
	--add "$work/own.cpio" --add "$work/b.cpio" --file "$ko:/btf_tolerant.ko" --file "$stress:/usr/bin/stress" \
	--append "$append" --mem 2G --timeout $((2400 + fail * 60 + duration * 3))
done_testing
