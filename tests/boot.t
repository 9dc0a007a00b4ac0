#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A Debian whose every module is from another build: without the package it does not
# boot, with it it does. INITRAMFS=dracut for the other kind of initramfs.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/debian.sh"

install_packages "${GUEST_PACKAGES[@]}" "${DEB_PACKAGES[@]}"
kind=${INITRAMFS:-initramfs-tools}
once "debian-$kind" debian_root "$kind" >/dev/null
dir=$(debian_root "$kind")
release=$(cat "$dir/release")
work=$(mktemp -d "$CACHE/boot.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
"$TOP/packaging/build.sh" deb "$work/deb"

root=$work/root
as_root cp -a "$dir/root" "$root"
modules=$work/modules
cp -r "$root/lib/modules/$release/kernel" "$modules"
extract_vmlinux "$root/boot/vmlinuz-$release" "$work/vmlinux"
once "rebase-$(basename "$dir")" "$TOP/scripts/make-mismatched-build.sh" rebase --modules "$modules" \
	--base "$work/vmlinux" --out "$dir/rebased" >&2
mkdir "$work/other"
(cd "$dir/rebased" && find . -name '*.ko' -print0 | xargs -0 cp --parents -t "$work/other")
n=$(find "$work/other" -name '*.ko' | wc -l)
is "$n" "$(find "$modules" -name '*.ko*' -type f | wc -l)" "all $n modules are made another build's"

# Debian's initramfs-tools and dracut say it in their own words.
stuck='ALERT!.*does not exist|Warning: "?/dev/vda"? does not exist|Could not boot'
refused() { # NAME
	ok "$1: modules were refused for their BTF" grep -qa 'failed to validate module \[virtio' "$LOGS/$1.log"
	sed -n 's/\r//; /failed to validate module \[virtio_blk/,+1p' "$LOGS/$1.log" | head -n 1 | sed 's/^/# /'
}
boot() { # NAME PHASE OPTION...
	local name=$1 phase=$2
	shift 2
	boot_root "$kind-$name" "$root" "$release" "$phase" "$@"
}

# Without the package
put_modules "$work/other" "$root" "$release"
ok "an initramfs with the other modules" new_initramfs "$root" "$release"
boot bare stock --append rd.timeout=30 --until "$stuck" --timeout 300
refused "$kind-bare"

# With it
as_root cp "$work/deb/"*.deb "$root/root/"
ok "apt install ./btf-tolerant-dkms" in_root "$root" sh -c 'apt-get install -y /root/btf-tolerant-dkms_*.deb'
ok "DKMS has built it" grep -q "btf_tolerant/.*$release.*installed" <(in_root "$root" dkms status)
ok "it is in the initramfs" initramfs_has "$root" "$release" /btf_tolerant.ko
is "$(grep -rhE "^softdep.*btf_tolerant" "$root/usr/lib/modprobe.d" "$root/etc/modprobe.d" || true)" "" \
	"outside the initramfs no module pulls it in"
boot installed other
boot policy-0 other --append 'btf_tolerant.policy=0 rd.timeout=30' --until "$stuck" --timeout 300
refused "$kind-policy-0"

# Two ways to keep it out for one boot, on the machine whose modules match
put_modules "$modules" "$root" "$release"
ok "an initramfs with its own modules" new_initramfs "$root" "$release"
boot module_blacklist killed --append module_blacklist=btf_tolerant
ok "the kernel has refused it" grep -qa 'btf_tolerant: cannot be loaded, going on without it' "$LOGS/$kind-module_blacklist.log"
boot modprobe.blacklist killed --append modprobe.blacklist=btf_tolerant

# One in the initramfs that does not load: the matching machine boots all the same.
updates=$root/lib/modules/$release/updates
as_root cp -r "$updates" "$work/updates"
as_root rm "$updates/dkms/btf_tolerant.ko"*
as_root cp "$(build_module trixie)" "$updates/dkms/btf_tolerant.ko"
in_root "$root" depmod "$release"
new_initramfs "$root" "$release" >/dev/null 2>&1
as_root rm -r "$updates"
as_root mv "$work/updates" "$updates"
in_root "$root" depmod "$release"
ok "btf_tolerant for another kernel is in the initramfs" initramfs_has "$root" "$release" /btf_tolerant.ko
boot foreign foreign
done_testing
