#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Modules that the kernel unpacks itself, that are forced or livepatched, or that it asks for
# two at a time; suspend to RAM and to disk; kexec.
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
# Of the kernel's own samples
samples=$MODULES/samples
mkdir -p "$samples"
for m in demo busymod; do
	cp "$(source_dir trixie-backports)/samples/livepatch/livepatch-callbacks-$m.c" "$samples/"
done
echo 'obj-m := livepatch-callbacks-demo.o livepatch-callbacks-busymod.o' >"$samples/Kbuild"
ok "the kernel's samples build" in_chroot trixie-backports make -C "$(headers trixie-backports)" \
	"M=$(in_cache "$samples")" modules RESOLVE_BTFIDS_FLAGS=
mkdir "$work/samples"
cp "$samples/livepatch-callbacks-busymod.ko" "$work/samples/"
"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$work/samples" --base "$dir/vmlinux" --out "$work/samples-other" >&2
mkdir -p "$work/root/mods" "$work/root/lib/modules/$release/kernel"
for m in dummy veth virtio_blk; do
	cp "$other/$(grep "/$m\.ko$" "$dir/list")" "$work/root/mods/"
done
for m in veth tcp_bbr; do
	cp "$other/$(grep "/$m\.ko$" "$dir/list")" "$work/root/lib/modules/$release/kernel/"
done
cp "$work/samples-other/livepatch-callbacks-busymod.ko" "$work/root/mods/"
# The same length, so that nothing else in the file moves
LC_ALL=C sed "s/vermagic=${release:0:1}/vermagic=8/" "$work/root/mods/dummy.ko" >"$work/root/lib/modules/$release/kernel/dummy.ko"
is "$(modinfo -F vermagic "$work/root/lib/modules/$release/kernel/dummy.ko" | cut -d' ' -f1)" "8${release:1}" "a module of another release"
touch "$work/root/lib/modules/$release/modules."{order,builtin,builtin.modinfo}
depmod -b "$work/root" "$release"
pack "$work/root" "$work/mods.cpio"
guest real-life --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/real-life.guest" --add "$work/mods.cpio" \
	--file "$MODULES/livepatch/livepatch_btf.ko:/livepatch_btf.ko" --file "$(build_tool finit):/usr/bin/finit" \
	--file "$samples/livepatch-callbacks-demo.ko:/livepatch-callbacks-demo.ko" \
	--file "$ko:/btf_tolerant.ko" --timeout 900
# What the kernel's own decoder knows of xz
xz --check=crc32 --lzma2=dict=1MiB -c "$work/root/mods/dummy.ko" >"$work/dummy.xz"
guest xz --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/unpack.guest" --file "$work/dummy.xz:/packed/dummy" \
	--file "$(build_tool finit):/usr/bin/finit" --file "$ko:/btf_tolerant.ko" --append KIND=xz
guest hibernate --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/hibernate.guest" --add "$work/mods.cpio" \
	--file "$ko:/btf_tolerant.ko" --disk 2G --reboots --timeout 900

cloud=$(kernel_dir trixie-backports-cloud)
rebased "$cloud" >/dev/null
guest kexec --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/kexec.guest" --add "$work/mods.cpio" \
	--file "$(build_tool kexec):/usr/bin/kexec" --file "$ko:/btf_tolerant.ko" \
	--file "$cloud/vmlinuz:/other/vmlinuz" --file "$cloud/release:/other/release" \
	--file "$cloud/plain/$(grep '/dummy\.ko$' "$cloud/list"):/other/dummy.ko" \
	--file "$(build_module trixie-backports-cloud):/other/btf_tolerant.ko" --mem 2G --timeout 900

# Debian's kernels know xz only.
source_kernel rt trixie-backports rt.config
mkdir "$work/zstd"
# shellcheck disable=SC2154 # a is the kernel, ko its btf_tolerant
cp "$(find "$a/lib" -name dummy.ko)" "$work/zstd/"
"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$work/zstd" --base "$a/vmlinux" --out "$work/zstd-other" >&2
zstd -q "$work/zstd-other/dummy.ko" -o "$work/dummy.zstd"
guest zstd --kernel "$a/vmlinuz" --script "$TOP/tests/vm/unpack.guest" --file "$work/dummy.zstd:/packed/dummy" \
	--file "$(build_tool finit):/usr/bin/finit" --file "$ko:/btf_tolerant.ko" --append KIND=zstd
done_testing
