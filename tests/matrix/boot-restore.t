#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A Debian whose every module is another build's, and which has btf-restore: once it is up, all
# modules that it has loaded have their BTF.
# shellcheck source=tests/lib/restore.sh
. "$(dirname "$0")/../lib/restore.sh"

install_packages "${GUEST_PACKAGES[@]}" "${DEB_PACKAGES[@]}"
kind='initramfs-tools'
once "debian-$kind" debian_root "$kind" >/dev/null
dir=$(debian_root "$kind")
release=$(cat "$dir/release")
built=$(build_restore)
work=$(mktemp -d "$CACHE/boot.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
"$TOP/packaging/build.sh" deb "$work/deb"

root=$work/root
as_root cp -a "$dir/root" "$root"
extract_vmlinux "$root/boot/vmlinuz-$release" "$work/vmlinux"
once "rebase-$(basename "$dir")" "$TOP/scripts/make-mismatched-build.sh" rebase \
	--modules "$dir/root/lib/modules/$release/kernel" --base "$work/vmlinux" --out "$dir/rebased" >&2
mkdir "$work/other"
(cd "$dir/rebased" && find . -name '*.ko' -print0 | xargs -0 cp --parents -t "$work/other")
# The kernel that is started, and the one that the modules were made for
mv "$root/boot/vmlinuz-$release" "$work/vmlinuz"
other_image "$work/vmlinuz" "$dir/rebased/base.btf" "$root/boot/vmlinuz-$release"
put_modules "$work/other" "$root" "$release"
as_root cp "$work/deb/"*.deb "$root/root/"
ok "apt install ./btf-tolerant-dkms" in_root "$root" sh -c 'apt-get install -y /root/btf-tolerant-dkms_*.deb'
ok "it is in the initramfs" initramfs_has "$root" "$release" /btf_tolerant.ko

# The files of btf-restore; the package has them in the same places.
in_root "$root" apt-get install -y -qq --no-install-recommends libbpf1 libarchive13t64 libjson-c5 libelf1t64 \
	libkmod2 >"$work/apt.log" 2>&1 || { tail -n 5 "$work/apt.log" >&2; die "no libraries for btf-restore"; }
while read -r mode from to; do
	to=${to/@prefix@//usr}
	case $from in tools/*) from=$built/${from#tools/} ;; *) from=$TOP/$from ;; esac
	as_root install -D -m "$mode" "$from" "$root$to"
done < <(grep -v '^#' "$TOP/packaging/restore.files")
in_root "$root" systemctl preset btf-restore.path >/dev/null 2>&1
ok "the preset has enabled it" in_root "$root" systemctl is-enabled btf-restore.path

as_root install -D -m 644 -t "$root/usr/local/lib/btf-test" "$TOP/tests/vm/phase.sh" "$TOP/tests/lib/guest.sh"
truncate -s 4G "$work/disk"
as_root "$(PATH=$PATH:/usr/sbin:/sbin type -P mke2fs)" -q -t ext4 -d "$root" "$work/disk"
boot_disk boot-restore "$work/disk" "$work/vmlinuz" "$root/boot/initrd.img-$release" restored '' '' 1200
done_testing
