#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Damaged BTF, on the debug kernel. COUNT damaged modules (250), each loaded by the stock kernel
# and with each policy; SEED decides how they are damaged.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(debug_dir)
count=${COUNT:-250} seed=${SEED:-1}
[ "$seed" != random ] || seed=$RANDOM
ko=$(build_debug_module)
work=$(mktemp -d "$CACHE/damaged.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Two that only have BTF (one with kfuncs can fail in its init, if it is those that are damaged),
# and one out of tree, which has a base of its own.
# Without signature: a module whose signature is wrong is refused before anybody sees its BTF.
once module-based build_test_modules trixie-backports "$MODULES/based" "/cache/kernel/$(basename "$dir")/a.build" based
ok "a module has a .BTF.base" sh -c 'readelf -SW "$0" | grep -qF .BTF.base' "$MODULES/based/based.ko"
for m in "$dir"/a/lib/modules/*/kernel/drivers/net/{veth,dummy}.ko "$MODULES/based/based.ko"; do
	strip --strip-debug -o "$work/$(basename "$m")" "$m"
done
diag "seed $seed, 4 times $count loads: SEED=$seed COUNT=$count tests/damaged-btf.t repeats it"
# One CPU: with two, more than half of the time goes into each telling the other.
guest damaged-btf --cpus 1 --kernel "$dir/a/vmlinuz" --script "$TOP/tests/vm/damaged-btf.guest" \
	--file "$work/veth.ko:/veth.ko" --file "$work/dummy.ko:/dummy.ko" --file "$work/based.ko:/based.ko" \
	--file "$ko:/btf_tolerant.ko" --append "SEED=$seed COUNT=$count rcupdate.rcu_expedited=1 log_buf_len=32M" --mem 2G --timeout $((300 + count * 4))
done_testing
