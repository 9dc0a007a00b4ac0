#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the tools' package does after a kernel was installed: apt installs one whose modules do
# not fit, and the warning is on the screen; the installation is green.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/doctor.sh"

install_packages "${DOCTOR_PACKAGES[@]}" debhelper dh-dkms dpkg-dev git
parts=$(once doctor-parts doctor_parts)
release=$(cat "$parts/release")
work=$(mktemp -d "$CACHE/doctor-hook.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
root=$work/root
as_root cp -a "$parts/root" "$root"

# The tools' package, built where it is installed: its libraries are that suite's
mkdir "$work/source"
"$TOP/packaging/build.sh" source "$work/source"
as_root cp -r "$work/source/"* "$root/root/source"
ok "the package is built in Debian 13" in_root "$root" sh -c 'apt-get install -y --no-install-recommends build-essential debhelper \
	libarchive-dev libbpf-dev libelf-dev libjson-c-dev libkmod-dev pkgconf dh-dkms &&
	cd /root/source && dpkg-buildpackage -us -uc -b'
ok "apt install ./btf-tolerant-tools" in_root "$root" sh -c 'apt-get install -y /root/btf-tolerant-tools_*.deb'

# The kernel's packages as they are, and with the modules of another build
files=$(in_root "$root" dpkg -S "*/modules/$release/kernel/drivers/net/dummy.ko.xz" | sed 's/:.*//')
version=$(in_root "$root" dpkg-query -W -f '${Version}' "$files")
ok "the package with its modules, $files" in_root "$root" sh -c "cd /root && apt-get download $files=$version"
deb=$(find "$root/root" -name "${files}_*.deb")
as_root dpkg-deb -R "$deb" "$work/deb"
lib=$(find "$work/deb" -type d -path "*/modules/$release/kernel" | head -n 1)
as_root rm -r "$lib"
as_root cp -r "$parts/other/kernel" "$lib"
as_root find "$lib" -type f -name '*.ko' -exec xz -0 --check=crc32 {} +
(cd "$work/deb" && as_root find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) |
	as_root tee "$work/deb/DEBIAN/md5sums" >/dev/null
as_root dpkg-deb -b --root-owner-group -Znone "$work/deb" "$root/root/other.deb" >/dev/null

# apt_kernel DESCRIPTION DEB...: status and what is on the screen in $work/said
apt_kernel() {
	local what=$1 status=0
	shift
	in_root "$root" apt-get install -y --reinstall --allow-downgrades "$@" "linux-image-$release" \
		>"$work/said" 2>&1 || status=$?
	is "$status" 0 "$what: apt is content"
	is "$(in_root "$root" dpkg --audit)" "" "$what: all packages are configured"
}
apt_kernel "the kernel as it is" "/root/${deb##*/}"
is "$(grep 'btf-doctor: ' "$work/said")" "" "no word of btf-doctor's"
apt_kernel "a kernel whose modules do not fit" /root/other.deb
diag "$(grep -A 8 'btf-doctor: ' "$work/said")"
ok "the warning is on the screen" grep -q 'btf-doctor: error: .*\[modules-no-image\]' "$work/said"
ok "with what ends it" grep -q 'to end it: *apt install --reinstall linux-image' "$work/said"
start=$(date +%s%N)
status=0
in_root "$root" /etc/kernel/postinst.d/zzz-btf-doctor "$release" "/boot/vmlinuz-$release" >"$work/said" 2>&1 || status=$?
is "$status" 0 "the hook alone: never a failure"
took=$((($(date +%s%N) - start) / 1000000))
ok "it takes under 3 s ($took ms)" [ "$took" -lt 3000 ]
apt_kernel "and back" "/root/${deb##*/}"
is "$(grep 'btf-doctor: ' "$work/said")" "" "no more warning"

# On a machine that runs, without a network
ok "the package with its image" in_root "$root" sh -c "cd /root && apt-get download linux-image-$release=$version && mv linux-image-${release}_*.deb image.deb"
boot_root doctor-hook "$root" "$release" hook --timeout 1800

# The other ways into it
kernel_install() { in_root "$root" sh /root/source/packaging/tools/kernel-install "$@" 2>&1; }
is "$(kernel_install add "$release" /boot/x "/boot/vmlinuz-$release")" "" "kernel-install's plugin: quiet where all fits"
is "$(kernel_install remove "$release")" "" "and at a removal"
put_modules "$parts/other/kernel" "$root" "$release"
ok "it warns" grep -q '\[modules-no-image\]' <(kernel_install add "$release" /boot/x)
ok "pacman's hook warns" grep -q '\[modules-no-image\]' <(in_root "$root" sh -c \
	"printf '%s\n' usr/lib/modules/$release/vmlinuz usr/lib/modules/$release/kernel/a.ko | /usr/lib/btf_tolerant/after-kernel --paths" 2>&1)
ok "which never fails" in_root "$root" sh -c "echo usr/lib/modules/$release/vmlinuz | /usr/lib/btf_tolerant/after-kernel --paths 2>/dev/null"
in_root "$root" /etc/kernel/postinst.d/zzz-btf-doctor 99-none >"$work/said" 2>&1 || status=$?
is "$status $(cat "$work/said")" "0 " "a release that is not there: no word"
ok "apt purge btf-tolerant-tools" in_root "$root" apt-get purge -y btf-tolerant-tools
is "$(cd "$root" && find etc usr/lib usr/bin usr/share -name '*btf-doctor*' -o -path '*lib/btf_tolerant*')" "" "nothing of it is left"
done_testing
