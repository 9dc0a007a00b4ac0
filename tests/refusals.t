#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# When btf_tolerant must not load, it does not, and says why.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
ko=$(build_module trixie-backports)
headers=$(headers trixie-backports)
build_test_modules trixie-backports "$MODULES/refusals" "$headers" livepatch

# variant NAME SED FILE...: the same module, but for what the sed script changes; echoes its path
variant() {
	local out=$MODULES/refusals-$1 src
	src=$(mktemp -d "$CACHE/refusals.XXXXXX")
	cp -r "${BTF_TOLERANT_SRC:-$TOP}"/{Kbuild,Makefile,src} "$src/"
	(cd "$src/src" && sed -i "$2" "${@:3}")
	BTF_TOLERANT_SRC=$src build_tree trixie-backports "$out" "$headers"
	rm -rf "$src"
	echo "$out/btf_tolerant.ko"
}
gone=$(variant gone 's/"btf_module_notify"/"btf_module_notify_gone"/' notifier.c)
variant second 's/btf_tolerant\(\.o\|-y\)/btf_tolerant_second\1/; s/"btf_mismatch_policy"/"btf_mismatch_policy2"/
	s/"btf_tolerant"$/"btf_tolerant_second"/' ../Kbuild policy.c report.c >/dev/null
second=$MODULES/refusals-second/btf_tolerant_second.ko

# What a kernel without sysfs has in place of the folder
nosysfs=$(variant nosysfs 's/kernel_kobj->sd/no_folder/; s/^static struct btf_base base;/&\nstatic struct kernfs_node *no_folder;/' sysfs_btf.c)

guest refusals --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/refusals.guest" \
	--file "$ko:/btf_tolerant.ko" --file "$gone:/btf_tolerant_gone.ko" \
	--file "$second:/btf_tolerant_second.ko" --file "$nosysfs:/btf_tolerant_nosysfs.ko" \
	--file "$MODULES/refusals/livepatch_btf.ko:/livepatch_btf.ko" \
	--add "$(one_mismatched "$dir")"

old=$(kernel_dir trixie)
guest refusals-off --kernel "$old/vmlinuz" --script "$TOP/tests/vm/refusals.guest" \
	--file "$(build_module trixie):/btf_tolerant.ko" --add "$(one_mismatched "$old")" --append WHAT=off
done_testing
