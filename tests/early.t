#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the kernel asks for before it runs /init: modules of another build are in the initramfs,
# and neither /proc nor /sys is mounted. And the ways to keep btf_tolerant out of that.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

suite=trixie-backports
dir=$(kernel_dir "$suite")
release=$(cat "$dir/release")
ko=$(build_module "$suite")
other=$(rebased "$dir")
work=$(mktemp -d "$CACHE/early.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Linux 7.3 asks for implementations of x962(ecdsa-nist-p384), of which no module says that it has
# one, as 7.2 asked for gf128mul: give it that.
tree=$work/root/lib/modules/$release
mkdir -p "$tree" "$work/root/etc/modprobe.d"
echo 'alias crypto-x962* gf128mul' >"$work/root/etc/modprobe.d/test.conf"
(cd "$other" && find . -name gf128mul.ko -print0 -o -name dummy.ko -print0 | xargs -0 cp --parents -t "$tree")
install -D "$ko" "$tree/updates/dkms/btf_tolerant.ko"
PATH=$PATH:/usr/sbin:/sbin depmod -b "$work/root" "$release" 2>/dev/null
pack "$work/root" "$work/modules.cpio"
boot() { # NAME OPTION...
	local name=$1
	shift
	guest "early-$name" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/early.guest" --cpus 1 \
		--add "$work/modules.cpio" --append "early=$name" "$@"
}
image=(--file "${BTF_TOLERANT_SRC:-$TOP}/packaging/initramfs/load:/usr/lib/btf_tolerant/load"
	--file "${BTF_TOLERANT_SRC:-$TOP}/packaging/initramfs/modprobe.conf:/etc/modprobe.d/zz-btf_tolerant.conf")
boot without
boot with "${image[@]}"
boot policy "${image[@]}" --append btf_tolerant.policy=1
boot module_blacklist "${image[@]}" --append module_blacklist=btf_tolerant
boot modprobe.blacklist "${image[@]}" --append modprobe.blacklist=btf_tolerant
done_testing
