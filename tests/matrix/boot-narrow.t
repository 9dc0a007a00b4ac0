#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# boot.t with an initramfs that has what this machine needs, and no more: MODULES=dep of
# initramfs-tools, a host-only image of dracut. The machine makes it itself.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/debian.sh"

install_packages "${GUEST_PACKAGES[@]}" "${DEB_PACKAGES[@]}"
work=$(mktemp -d "$CACHE/boot.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
"$TOP/packaging/build.sh" deb "$work/deb"
for kind in dracut initramfs-tools; do
	once "debian-$kind" debian_root "$kind" >/dev/null
	dir=$(debian_root "$kind")
	release=$(cat "$dir/release")
	root=$work/$kind
	as_root cp -a "$dir/root" "$root"
	extract_vmlinux "$root/boot/vmlinuz-$release" "$work/vmlinux"
	once "rebase-$(basename "$dir")" "$TOP/scripts/make-mismatched-build.sh" rebase \
		--modules "$dir/root/lib/modules/$release/kernel" --base "$work/vmlinux" --out "$dir/rebased" >&2
	as_root mkdir "$work/other"
	(cd "$dir/rebased" && find . -name '*.ko' -print0 | as_root xargs -0 cp --parents -t "$work/other")
	put_modules "$work/other" "$root" "$release"
	as_root rm -r "$work/other"
	as_root cp "$work/deb/"*.deb "$root/root/"
	ok "$kind: apt install ./btf-tolerant-dkms" in_root "$root" sh -c 'apt-get install -y /root/btf-tolerant-dkms_*.deb'
	boot_root "$kind-narrow" "$root" "$release" narrow --save "$work/disk" --timeout 1200
	"$(PATH=$PATH:/usr/sbin:/sbin type -P debugfs)" -R "dump /boot/initrd.narrow $work/initrd" "$work/disk" 2>/dev/null
	diag "$(stat -c %s "$root/boot/initrd.img-$release" "$work/initrd" | paste -sd' ') bytes"
	ok "$kind: it is smaller" [ "$(stat -c %s "$work/initrd")" -lt "$(stat -c %s "$root/boot/initrd.img-$release")" ]
	boot_disk "$kind-narrow-boot" "$work/disk" "$root/boot/vmlinuz-$release" "$work/initrd" other '' '' 900
	as_root rm -rf "$root" "$work/disk" "$work/initrd"
done
done_testing
