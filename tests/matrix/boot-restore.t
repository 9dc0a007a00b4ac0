#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A Debian whose every module is another build's, with both packages: once it is up, all modules
# that it has loaded have their BTF.
# shellcheck source=tests/lib/restore.sh
. "$(dirname "$0")/../lib/restore.sh"

install_packages "${GUEST_PACKAGES[@]}" "${DEB_PACKAGES[@]}"
kind='initramfs-tools'
once "debian-$kind" debian_root "$kind" >/dev/null
dir=$(debian_root "$kind")
release=$(cat "$dir/release")
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

# The tools' package, as Debian 13 builds it: with its libbpf
chroot_packages "$RESTORE_SUITE" build-essential debhelper libarchive-dev libbpf-dev libelf-dev libjson-c-dev libkmod-dev pkgconf
(cd "$TOP" && packaging/build.sh source "$work/src")
in_chroot "$RESTORE_SUITE" sh -euc 'cd "$1"/btf_tolerant-*; dpkg-buildpackage -us -uc -b' sh "$(in_cache "$work/src")" \
	>"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; die "the tools' package does not build"; }
deb=$(echo "$work/src/"btf-tolerant-tools_*.deb)
is "$(dpkg-deb -c "$deb" | grep -cE '/(bin/btf-restore|btf-restore\.(path|service)|60-btf_tolerant\.rules)$')" 4 "the tools' package has btf-restore and its units"
as_root cp "$deb" "$root/root/"
preset=etc/systemd/system-preset/10-test.preset
as_root install -D -m 644 /dev/stdin "$root/$preset" <<<'disable btf-restore.path'
in_root "$root" sh -c 'apt-get install -y /root/btf-tolerant-tools_*.deb' >/dev/null 2>&1
is "$(in_root "$root" systemctl is-enabled btf-restore.path || true)" disabled "a preset that disables it holds at the installation"
in_root "$root" apt-get purge -y btf-tolerant-tools >/dev/null 2>&1
as_root rm "$root/$preset"
ok "apt install ./btf-tolerant-tools" in_root "$root" sh -c 'apt-get install -y /root/btf-tolerant-tools_*.deb'
ok "it has enabled btf-restore.path" in_root "$root" systemctl is-enabled btf-restore.path

as_root install -D -m 644 -t "$root/usr/local/lib/btf-test" "$TOP/tests/vm/phase.sh" "$TOP/tests/lib/guest.sh"
truncate -s 4G "$work/disk"
as_root "$(PATH=$PATH:/usr/sbin:/sbin type -P mke2fs)" -q -t ext4 -d "$root" "$work/disk"
cp --sparse=always "$work/disk" "$work/disk.icount"
ICOUNT=1 boot_disk boot-restore-icount "$work/disk.icount" "$work/vmlinuz" "$root/boot/initrd.img-$release" prompt '' '' 1200
ICOUNT=1 boot_disk boot-restore-masked "$work/disk.icount" "$work/vmlinuz" "$root/boot/initrd.img-$release" prompt \
	systemd.mask=btf-restore.path '' 1200
rm "$work/disk.icount"
boot_disk boot-restore "$work/disk" "$work/vmlinuz" "$root/boot/initrd.img-$release" restored '' '' 1200
done_testing
