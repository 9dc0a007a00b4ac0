#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Damaged BTF, on the debug kernel. COUNT damaged modules (150), each loaded by the stock kernel
# and with each policy; SEED decides how they are damaged. KERNEL=debug-6.1: on an old one.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

kernel=${KERNEL:-debug} count=${COUNT:-150} seed=${SEED:-1}
[ "$seed" != random ] || seed=$RANDOM
work=$(mktemp -d "$CACHE/damaged.XXXXXX")
trap 'rm -rf "$work"' EXIT
case $kernel in
debug)
	dir=$(debug_dir)
	a=$dir/a ko=$(build_debug_module)
	# One out of tree, which has a base of its own
	# shellcheck disable=SC2153 # tests/lib/host.sh sets it
	once module-based build_test_modules trixie-backports "$MODULES/based" "$(in_cache "$dir/a.build")" based
	ok "a module has a .BTF.base" sh -c 'readelf -SW "$0" | grep -qF .BTF.base' "$MODULES/based/based.ko"
	modules=("$MODULES/based/based.ko")
	;;
debug-6.1)
	source_kernel debug-6.1 bookworm debug.config
	modules=()
	;;
*) die "KERNEL is debug or debug-6.1" ;;
esac
# Two that only have BTF (one with kfuncs can fail in its init, if it is those that are damaged).
# Without signature: a module whose signature is wrong is refused before anybody sees its BTF.
files=()
for m in "$a"/lib/modules/*/kernel/drivers/net/{veth,dummy}.ko "${modules[@]}"; do
	strip --strip-debug -o "$work/${m##*/}" "$m"
	files+=(--file "$work/${m##*/}:/damaged/${m##*/}")
done
diag "seed $seed, 4 times $count loads: SEED=$seed COUNT=$count tests/damaged-btf.t repeats it"
# One CPU: with two, more than half of the time goes into each telling the other.
guest "damaged-btf${KERNEL:+-$KERNEL}" --cpus 1 --kernel "$a/vmlinuz" --script "$TOP/tests/vm/damaged-btf.guest" \
	"${files[@]}" --file "$ko:/btf_tolerant.ko" --append "SEED=$seed COUNT=$count rcupdate.rcu_expedited=1 log_buf_len=32M" --mem 2G --timeout $((300 + count * 4))
done_testing
