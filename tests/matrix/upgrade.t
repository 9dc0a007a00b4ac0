#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The package through its life: installed in a machine that runs, new kernels,
# upgraded, removed, purged. INITRAMFS=dracut for the other kind of initramfs.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/debian.sh"

install_packages "${GUEST_PACKAGES[@]}" "${DEB_PACKAGES[@]}"
kind=${INITRAMFS:-initramfs-tools}
once "debian-$kind" debian_root "$kind" >/dev/null
dir=$(debian_root "$kind")
release=$(cat "$dir/release")
work=$(mktemp -d "$CACHE/upgrade.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
"$TOP/packaging/build.sh" deb "$work/deb"
# The next version, as a release would make it
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf") next=99.0
git -C "$TOP" ls-files -z | (cd "$TOP" && xargs -0 cp --parents -t "$(mkdir "$work/next" && echo "$work/next")")
(cd "$work/next" && sed -i "s/${version//./\\.}/$next/" dkms.conf src/btf_tolerant.c)
(cd "$work/next" && packaging/build.sh deb "$work/deb2")

root=$work/root
as_root cp -a "$dir/root" "$root"
as_root cp "$work/deb/"*.deb "$work/deb2/"*.deb "$root/root/"
apt() { in_root "$root" apt-get -y "$@"; }
status() { in_root "$root" dkms status btf_tolerant; }
left() { # what there is of the package
	(cd "$root" && as_root find . -xdev -name '*btf[-_]tolerant*' -not -path './proc/*' -not -path './root/*' \
		-not -path './var/log/*' -not -path './var/cache/*')
}

# In the guest itself, all of it: apt and DKMS, then an update of the modules and the
# initramfs that it makes; and the next boot.
extract_vmlinux "$root/boot/vmlinuz-$release" "$work/vmlinux"
once "rebase-$(basename "$dir")" "$TOP/scripts/make-mismatched-build.sh" rebase \
	--modules "$root/lib/modules/$release/kernel" --base "$work/vmlinux" --out "$dir/rebased" >&2
as_root mkdir "$root/root/other"
(cd "$dir/rebased" && find . -name '*.ko' -print0 | as_root xargs -0 cp --parents -t "$root/root/other")
as_root mv "$root/root/btf-tolerant-dkms_${next}_all.deb" "$work/"
boot_root "$kind-upgrade-install" "$root" "$release" install --save "$work/disk" --timeout 2400
as_root mv "$work/btf-tolerant-dkms_${next}_all.deb" "$root/root/"
as_root rm -r "$root/root/other"
"$(PATH=$PATH:/usr/sbin:/sbin type -P debugfs)" -R "dump /boot/initrd.img-$release $work/initrd" "$work/disk" 2>/dev/null
boot_disk "$kind-upgrade-installed" "$work/disk" "$root/boot/vmlinuz-$release" "$work/initrd" other '' '' 600
rm "$work/disk"

# New kernels
ok "apt install" apt install "/root/btf-tolerant-dkms_${version}_all.deb"
ok "apt install of another kernel" apt install linux-image-amd64
ok "and later of its headers" apt install linux-headers-amd64
new=$(in_root "$root" ls /lib/modules | grep -vxF "$release")
ok "DKMS has built it for $new" grep -q "$new.*installed" <(status)
ok "the initramfs has it" initramfs_has "$root" "$new" /btf_tolerant.ko
boot_root "$kind-upgrade-new" "$root" "$new" loaded
# The same kernel again, now with headers with which nothing builds: what was built before is not
# kept, the kernel gets its initramfs and the machine its kernel.
initrd=$root/boot/initrd.img-$new
makefile=$(in_root "$root" readlink -f "/lib/modules/$new/build/Makefile")
as_root cp "$root$makefile" "$work/Makefile"
# shellcheck disable=SC2016 # make's
echo '$(error these headers are broken)' | as_root tee "$root$makefile" >/dev/null
as_root rm "$initrd"
in_root "$root" apt-get -y install --reinstall "linux-image-$new" >"$work/apt" 2>&1 || echo "apt failed" >>"$work/apt"
# A chroot has no terminals, which apt says of its log.
is "$(grep -E '^apt failed|^E:|^dpkg: error' "$work/apt" | grep -v '^E: Can not write log' || true)" "" "apt install of a kernel for which it cannot be built"
is "$(grep -c "^W: btf_tolerant: cannot be built for $new" "$work/apt")" 1 "which one line says"
is "$(status | grep -c "$new" || true)" 0 "what was built for it before is gone"
ok "the kernel has its initramfs" grep -q /modprobe <(initramfs_has "$root" "$new" /modprobe)
ok "all packages are configured" [ -z "$(in_root "$root" dpkg --audit)" ]
ok "apt install --reinstall of the package with such headers" apt install --reinstall "/root/btf-tolerant-dkms_${version}_all.deb"
as_root cp "$work/Makefile" "$root$makefile"
option=$(in_root "$root" apt-cache madison linux-image-cloud-amd64 | awk '$3 ~ /^6\.12/ { print $3; exit }')
ok "apt install of a kernel with the upstream option, $option, and its headers" \
	apt install "linux-image-cloud-amd64=$option" "linux-headers-cloud-amd64=$option" --allow-downgrades
skipped=$(in_root "$root" ls /lib/modules | grep '^6\.12')
is "$(status | grep -c "$skipped" || true)" 0 "DKMS has skipped $skipped"
ok "all packages are configured" [ -z "$(in_root "$root" dpkg --audit)" ]
is "$(initramfs_has "$root" "$skipped" btf_tolerant.ko || true)" "" "its initramfs has no btf_tolerant"
boot_root "$kind-upgrade-skipped" "$root" "$skipped" stock

# Upgraded, removed, purged
ok "apt install of the next version" apt install "/root/btf-tolerant-dkms_${next}_all.deb"
is "$(status | sed 's/,.*//' | sort -u)" "btf_tolerant/$next" "DKMS has that one only"
boot_root "$kind-upgrade-upgraded" "$root" "$release" loaded --append loglevel=7
ok "it is the new one" grep -qa "btf_tolerant: $next loaded" "$LOGS/$kind-upgrade-upgraded.log"
ok "apt remove" apt remove btf-tolerant-dkms
is "$(status)" "" "DKMS has it no more"
for r in $release $new $skipped; do
	is "$(initramfs_has "$root" "$r" btf_tolerant || true)" "" "the initramfs of $r is clean"
	is "$(find "$root/lib/modules/$r" -name '*btf_tolerant*')" "" "and so is /lib/modules/$r"
done
ok "apt purge" apt purge btf-tolerant-dkms
is "$(left)" "" "nothing of it is left"
# But for what its owner has copied: no unit fails for that.
as_root mkdir -p "$root/etc/sysctl.d"
sed 's/^#-/-/' "$TOP/packaging/sysctl.d.conf" | as_root tee "$root/etc/sysctl.d/60-btf_tolerant.conf" >/dev/null
boot_root "$kind-upgrade-removed" "$root" "$release" stock
done_testing
