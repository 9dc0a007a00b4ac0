#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Modules that the kernel unpacks itself, that are forced or livepatched, suspend to RAM.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
release=$(cat "$dir/release")
other=$(rebased "$dir")
ko=$(build_module trixie-backports)
work=$(mktemp -d "$CACHE/real-life.XXXXXX")
trap 'rm -rf "$work"' EXIT

once module-livepatch build_test_modules trixie-backports "$MODULES/livepatch" "$(headers trixie-backports)" livepatch
mkdir -p "$work/root/"{mods,packed} "$work/root/lib/modules/$release/kernel"
for m in dummy veth; do
	cp "$other/$(grep "/$m\.ko$" "$dir/list")" "$work/root/mods/"
done
# What the kernel's own decoder knows of xz
xz --check=crc32 --lzma2=dict=1MiB -c "$work/root/mods/dummy.ko" >"$work/root/packed/dummy.ko.xz"
# The same length, so that nothing else in the file moves
LC_ALL=C sed "s/vermagic=${release:0:1}/vermagic=8/" "$work/root/mods/dummy.ko" >"$work/root/lib/modules/$release/kernel/dummy.ko"
is "$(modinfo -F vermagic "$work/root/lib/modules/$release/kernel/dummy.ko" | cut -d' ' -f1)" "8${release:1}" "a module of another release"
touch "$work/root/lib/modules/$release/modules."{order,builtin,builtin.modinfo}
depmod -b "$work/root" "$release"
pack "$work/root" "$work/mods.cpio"
guest real-life --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/real-life.guest" --add "$work/mods.cpio" \
	--file "$MODULES/livepatch/livepatch_btf.ko:/livepatch_btf.ko" --file "$(build_tool finit):/usr/bin/finit" \
	--file "$ko:/btf_tolerant.ko" --timeout 900
done_testing
