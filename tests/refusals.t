#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# When the shim must not load, it does not, and says why.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
ko=$(build_module trixie-backports)
headers=/usr/src/linux-headers-$(cat "$dir/release")
build_test_modules trixie-backports "$MODULES/refusals" "$headers" livepatch

# The same module, but for the name of what it hooks.
gone=$MODULES/refusals-gone
src=$(mktemp -d "$CACHE/refusals.XXXXXX")
trap 'rm -rf "$src"' EXIT
cp -r "${BTF_TOLERANT_SRC:-$TOP}"/{Kbuild,Makefile,src} "$src/"
sed -i 's/"btf_module_notify"/"btf_module_notify_gone"/' "$src/src/btf_tolerant.c"
BTF_TOLERANT_SRC=$src build_tree trixie-backports "$gone" "$headers"

guest refusals --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/refusals.guest" \
	--file "$ko:/btf_tolerant.ko" --file "$gone/btf_tolerant.ko:/btf_tolerant_gone.ko" \
	--file "$MODULES/refusals/livepatch_btf.ko:/livepatch_btf.ko" \
	--add "$(one_mismatched "$dir")"

old=$(kernel_dir trixie)
guest refusals-off --kernel "$old/vmlinuz" --script "$TOP/tests/vm/refusals.guest" \
	--file "$(build_module trixie):/btf_tolerant.ko" --append WHAT=off

nobtf=$(readlink -f "$CACHE/kernel/nobtf")
build_tree trixie-backports "$MODULES/nobtf" "/cache/kernel/${nobtf##*/}/build"
guest refusals-nobtf --kernel "$nobtf/vmlinuz" --script "$TOP/tests/vm/refusals.guest" \
	--file "$MODULES/nobtf/btf_tolerant.ko:/btf_tolerant.ko" --append WHAT=nobtf
done_testing
