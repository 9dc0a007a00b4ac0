#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The deb's own test by autopkgtest, what its postinst advises, and its example for sysctl.d.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/debian.sh"

install_packages "${DEB_PACKAGES[@]}" autopkgtest
kind=initramfs-tools
once "debian-$kind" debian_root "$kind" >/dev/null
dir=$(debian_root "$kind")
work=$(mktemp -d "$CACHE/deb.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
root=$work/root
as_root cp -a "$dir/root" "$root"
"$TOP/packaging/build.sh" deb "$work/deb"
"$TOP/packaging/build.sh" source "$work/source"

# Linux without module BTF, with the option, and one that wants btf_tolerant: none has headers.
fake() { # RELEASE CONFIG...
	as_root mkdir -p "$root/lib/modules/$1"
	printf '%s=y\n' "${@:2}" | as_root tee "$root/boot/config-$1" >/dev/null
}
# shellcheck disable=SC2016 # expanded by the inner shell
as_root unshare --mount --propagation private sh -c 'root=$1; shift; mount -t proc proc "$root/proc"; exec autopkgtest "$@" -- chroot "$root"' \
	sh "$root" --output-dir "$work/result" --no-built-binaries "$work/deb/"btf-tolerant-dkms_*.deb "$work/source/"* >"$work/log" 2>&1 || true
is "$(awk '{ print $1, $2 }' "$work/result/summary" 2>/dev/null || tail -n 20 "$work/log")" "build PASS" "autopkgtest"

fake 7.0.0-wanted CONFIG_DEBUG_INFO_BTF_MODULES CONFIG_KALLSYMS
fake 7.0.0-option CONFIG_DEBUG_INFO_BTF_MODULES CONFIG_KALLSYMS CONFIG_MODULE_ALLOW_BTF_MISMATCH
fake 7.0.0-nobtf CONFIG_KALLSYMS
ok "the package is configured again" in_root "$root" sh -c 'dpkg-reconfigure btf-tolerant-dkms >/root/advice 2>&1'
is "$(grep '^W: ' "$root/root/advice")" "W: btf_tolerant: not built for 7.0.0-wanted, which may need it: its headers are not there
W: (apt install linux-headers-7.0.0-wanted)" "it advises headers where a kernel wants them"

# btf_tolerant is not loaded here, and nobody's sysctl is touched.
sysctl() { in_root "$root" sh -c "sed '$1' /usr/share/doc/btf-tolerant-dkms/examples/60-btf_tolerant.conf >/root/sysctl.conf; /usr/lib/systemd/systemd-sysctl --strict /root/sysctl.conf"; }
is "$(sysctl 's/^#-/-/' 2>&1; echo $?)" 0 "systemd-sysctl does not mind the example where btf_tolerant is not loaded"
fails "without the - it would" 1 "kernel/btf_mismatch_policy.*No such file" sysctl 's/^#-//'
done_testing
