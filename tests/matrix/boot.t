#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A Debian whose every module is from another build: without the package it does not
# boot, with it it does. INITRAMFS=dracut for the other kind of initramfs.
# shellcheck source=tests/lib/debian.sh
. "$(dirname "$0")/../lib/debian.sh"

install_packages "${HOST_PACKAGES[@]}" debhelper dh-dkms dpkg-dev git qemu-utils
kind=${INITRAMFS:-initramfs-tools}
once "debian-$kind" debian_disk "$kind" >/dev/null
dir=$(debian_disk "$kind")
work=$(mktemp -d "$CACHE/boot.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$TOP/packaging/build.sh" deb "$work/deb"
diag "$(ls "$work/deb")"

# The disk that the phases find as /dev/vdb
rebased=$dir/rebased
extract_vmlinux "$dir/vmlinuz" "$work/vmlinux"
once "rebase-$(basename "$dir")" "$TOP/scripts/make-mismatched-build.sh" rebase --modules "$dir/modules" \
	--base "$work/vmlinux" --out "$rebased" >&2
mkdir "$work/vdb" "$work/vdb/modules"
cp "$TOP/tests/vm/phase.sh" "$TOP/tests/lib/guest.sh" "$work/deb/"*.deb "$work/vdb/"
cp -r "$rebased/kernel" "$work/vdb/modules/"
truncate -s 1G "$work/vdb.img"
"$(PATH=$PATH:/usr/sbin:/sbin type -P mke2fs)" -q -t ext4 -O ^has_journal -d "$work/vdb" "$work/vdb.img"
n=$(find "$rebased/kernel" -name '*.ko' | wc -l)
ok "$n modules are another build's" [ "$n" -ge 500 ]

boot() { # NAME DISK INITRD PHASE OPTION...
	local name=$1 disk=$2 initrd=$3 phase=$4
	shift 4
	boot_disk "$kind-$name" "$disk" "$dir/vmlinuz" "$initrd" "$phase" --drive "$work/vdb.img" "$@"
}
stuck='ALERT!.*does not exist|Warning: /dev/vda does not exist|Could not boot|emergency mode'

# Without the package
overlay "$dir/disk" "$work/bare.qcow2"
boot swap "$work/bare.qcow2" "$dir/initrd" swap --out "$work/out"
take_initrd "$work/out" "$work/initrd.bare"
boot bare "$work/bare.qcow2" "$work/initrd.bare" up --until "$stuck" --timeout 400
ok "$kind-bare: modules were refused for their BTF" \
	[ "$(grep -c 'failed to validate module' "$CACHE/log/$kind-bare.log")" -ge 2 ]
rm "$work/bare.qcow2"

# With it
overlay "$dir/disk" "$work/installed.qcow2"
boot install "$work/installed.qcow2" "$dir/initrd" install --out "$work/out" --timeout 900
take_initrd "$work/out" "$work/initrd.installed"
overlay "$work/installed.qcow2" "$work/swapped.qcow2"
boot swap-installed "$work/swapped.qcow2" "$work/initrd.installed" swap-installed --out "$work/out"
take_initrd "$work/out" "$work/initrd.swapped"
overlay "$work/swapped.qcow2" "$work/up.qcow2"
boot up "$work/up.qcow2" "$work/initrd.swapped" up

# Policy 0: stock's failure is back
overlay "$work/swapped.qcow2" "$work/strict.qcow2"
boot policy-0 "$work/strict.qcow2" "$work/initrd.swapped" up --append btf_tolerant.policy=0 --until "$stuck" --timeout 400

# A btf_tolerant.ko that does not load: the matching machine boots all the same
release=$(cat "$dir/release")
mkdir -p "$work/bad/usr/lib/modules/$release/updates/dkms"
cp "$(build_module trixie)" "$work/bad/usr/lib/modules/$release/updates/dkms/btf_tolerant.ko"
cp "$work/bad/usr/lib/modules/$release/updates/dkms/btf_tolerant.ko" "$work/foreign.ko"
xz --check=crc32 -k "$work/foreign.ko"
cp "$work/foreign.ko.xz" "$work/bad/usr/lib/modules/$release/updates/dkms/btf_tolerant.ko.xz"
pack "$work/bad" "$work/bad.cpio"
cat "$work/initrd.installed" "$work/bad.cpio" >"$work/initrd.bad"
overlay "$work/installed.qcow2" "$work/bad.qcow2"
boot foreign "$work/bad.qcow2" "$work/initrd.bad" matching

# Away with it
boot purge "$work/installed.qcow2" "$work/initrd.installed" purge
done_testing
