#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The rpm and the Arch package through their lives, by their own tools, in a chroot that has DKMS
# from Debian: rpm runs the package's scripts in there, the Arch package has none.
# shellcheck source=tests/lib/dkms.sh
. "$(dirname "$0")/lib/dkms.sh"

install_packages rpm makepkg pacman-package-manager libarchive-tools fakeroot file git
next=99.0
git -C "$TOP" ls-files -z | (cd "$TOP" && xargs -0 cp --parents -t "$(mkdir "$work/next" && echo "$work/next")")
sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$next\"/" "$work/next/dkms.conf"
sed -i "s/^MODULE_VERSION.*/MODULE_VERSION(\"$next\");/" "$work/next/src/btf_tolerant.c"
for kind in rpm arch; do
	"$TOP/packaging/build.sh" "$kind" "$work/$version"
	"$work/next/packaging/build.sh" "$kind" "$work/$next"
done
begin trixie-backports
release=$(basename "$(headers "$suite")" | sed 's/linux-headers-//')
# With /proc, as on a machine: DKMS wants it
by_rpm() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	as_root unshare --mount --propagation private sh -euc 'mount -t proc proc "$0/proc"; exec rpm --root "$0" --dbpath /var/lib/rpm --nodeps "$@"' "$(root '')" "$@"
}
by_pacman() {
	as_root mkdir -p "$(root /var/lib/pacman)" "$(root /var/cache/pacman)"
	as_root pacman --root "$(root '')" --config /dev/null --noconfirm -dd "$@"
}
installed() {
	inside dkms status -m btf_tolerant -k "$release" | sed 's/[,:].*installed.*//' | xargs
	# Without the kernel itself, there is no modules.dep that modinfo could find it by.
	inside sh -c 'modinfo -F version /lib/modules/$0/updates/dkms/btf_tolerant.ko*' "$release"
}
nothing_left() { # WHAT
	is "$(inside sh -c 'dkms status -m btf_tolerant
		find / -xdev \( -path /proc -o -path /cache -o -path /src -o -path /tree -o -path /var/lib/rpm -o -path /var/lib/pacman -o -path /var/cache/pacman \) -prune \
			-o -name "*btf*tolerant*" -print')" "" "$1: nothing is left"
}
ok "rpm -i" by_rpm -i "$work/$version/"btf_tolerant-dkms-*.rpm
is "$(installed)" "btf_tolerant/$version
$version" "rpm: DKMS has it for $release"
ok "rpm -U of the next version" by_rpm -U "$work/$next/"btf_tolerant-dkms-*.rpm
is "$(installed)" "btf_tolerant/$next
$next" "rpm: DKMS has that one only"
ok "rpm -U of the same version again" by_rpm -U --replacepkgs "$work/$next/"btf_tolerant-dkms-*.rpm
is "$(installed)" "btf_tolerant/$next
$next" "rpm: DKMS still has it"
ok "rpm -e" by_rpm -e btf_tolerant-dkms
nothing_left rpm
broken 7.0.4-fake
ok "rpm -i with a kernel for which it cannot be built" by_rpm -i "$work/$version/"btf_tolerant-dkms-*.rpm
is "$(installed)" "btf_tolerant/$version
$version" "rpm: DKMS has it for $release"
# Fedora's kernel-install calls plugins until one fails, and that of DKMS 3.1.3 fails if the build does.
fake 7.0.8-fake "${btf[@]}"
inside sh -euc 'mkdir /fake/install.d; cd /fake/install.d
	printf "#!/bin/sh\n[ \$1 != add ] || dkms kernel_postinst --kernelver \$2\n" >40-dkms.install
	cp /usr/lib/kernel/install.d/41-btf_tolerant.install .
	printf "#!/bin/sh\ntouch /fake/initramfs-of-\$2\n" >50-dracut.install
	chmod 755 *'
kernel_install() { # RELEASE [VARIABLE=VALUE]
	inside env "${2:-KERNEL_INSTALL_MACHINE_ID=0}" sh -c 'for p in /fake/install.d/*; do "$p" add "$0" || exit; done' "$1" >"$work/out" 2>&1
}
ok "kernel-install of a kernel for which it cannot be built" kernel_install 7.0.4-fake
is "$(grep -c '^W: btf_tolerant: cannot be built for 7.0.4-fake' "$work/out")" 1 "rpm: one line says so"
ok "rpm: and the initramfs is made" test -e "$(root /fake/initramfs-of-7.0.4-fake)"
fails "rpm: DKMS itself would have failed" 11 '' kernel_install 7.0.4-fake NONE=
ok "kernel-install of one for which it can" kernel_install 7.0.8-fake
ok "rpm: and has it then" grep -q installed <(status 7.0.8-fake)
ok "rpm -e" by_rpm -e btf_tolerant-dkms
inside rm -r /fake /lib/modules/7.0.4-fake /lib/modules/7.0.8-fake
nothing_left rpm

ok "pacman -U" by_pacman -U "$work/$version/"btf_tolerant-dkms-*.pkg.tar*
# What Arch's hooks call. They are not in DKMS' own source.
ok "pacman: dkms install" inside dkms install --no-depmod "btf_tolerant/$version" -k "$release"
is "$(status "$release" | sed 's/.*: //')" installed "pacman: DKMS finds the sources and builds them for $release"
ok "pacman: dkms remove" inside dkms remove "btf_tolerant/$version" --all
ok "pacman -U of the next version" by_pacman -U "$work/$next/"btf_tolerant-dkms-*.pkg.tar*
is "$(inside sh -c 'ls -d /usr/src/btf_tolerant-*')" "/usr/src/btf_tolerant-$next" "pacman: there is that one only"
ok "pacman -R" by_pacman -R btf_tolerant-dkms
nothing_left pacman
done_testing
