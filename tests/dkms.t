#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dkms.conf and the hooks under several versions of dkms: built for kernels that need it, the
# others skipped, and a build that fails stops nobody's installation.
# Then the rpm and the Arch package through their lives, with the same dkms.
# DKMS_SUITES="bullseye ..." takes these Debians only.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
read -ra suites <<<"${DKMS_SUITES:-bullseye bookworm trixie-backports}"
suite=''
inside() { in_chroot "$suite" "$@"; }
root() { echo "$CACHE/chroot/$suite$1"; }
cleanup() {
	[ -n "$suite" ] || return 0
	# By hand: dkms gives up on what a run that was killed has left.
	inside sh -c 'rm -rf /var/lib/dkms/btf_tolerant /lib/modules/*-fake /fake /etc/dkms/btf_tolerant.conf
		rm -f /lib/modules/*/updates/dkms/btf_tolerant.ko*'
	as_root env DESTDIR="$(root /)" "$TOP/packaging/install.sh" uninstall
	as_root rm -rf "$(root /var/lib/rpm)" "$(root /var/lib/pacman)" "$(root /var/cache/pacman)" "$(root /usr/src/)"btf_tolerant-* \
		"$(root /usr/lib/kernel/install.d/)"*btf_tolerant*
	inside sh -c 'rmdir /etc/kernel/postinst.d /etc/kernel 2>/dev/null' || true
}
trap cleanup EXIT

# Kernels that are only a configuration, and a Makefile that says how it was called
fake() { # RELEASE CONFIG...
	local release=$1
	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	inside sh -euc '
		release=$1; shift
		mkdir -p "/fake/$release/include/generated/uapi/linux" "/lib/modules/$release"
		printf "%s=y\n" "$@" >"/fake/$release/.config"
		printf "modules:\n\t@echo LLVM=\$(LLVM) CC=\$(CC) >/fake/$release/called\n\tcp /bin/true \$(M)/btf_tolerant.ko\n" >"/fake/$release/Makefile"
		ln -sfn "/fake/$release" "/lib/modules/$release/build"' sh "$release" "$@"
}
called() { [ -e "$(root "/fake/$1/called")" ]; }
# What dkms says of a kernel
status() { inside dkms status -m btf_tolerant -v "$version" -k "$1"; }
# What is meant for the shell in there and for the one who reads it: all in one, in order
hooked() { inside sh -c "run-parts --arg=$1 /etc/kernel/postinst.d 2>&1"; }
needs() { # RELEASE WHAT CONFIG...
	local release=$1 what=$2
	shift 2
	fake "$release" "$@"
	inside /usr/share/btf_tolerant/dkms.sh "$release" >"$work/out" 2>&1 || true
	ok "$suite: $what has it built" called "$release"
	ok "$suite: $what has it" grep -q installed <(status "$release")
}
skips() { # RELEASE WHAT CONFIG...
	local release=$1 what=$2
	shift 2
	fake "$release" "$@"
	is "$(inside /usr/share/btf_tolerant/dkms.sh "$release" 2>&1)" "btf_tolerant: building for $release
btf_tolerant: $release does not need it, skipped" "$suite: $what is skipped"
	ok "$suite: $what: make was not called" [ ! -e "$(root "/fake/$release/called")" ]
	is "$(hooked "$release" >"$work/out" 2>&1; echo $?)" 0 "$suite: $what: nor do the hooks of the kernel fail"
}

btf=(CONFIG_DEBUG_INFO_BTF_MODULES CONFIG_KALLSYMS CONFIG_X86_64)
option=CONFIG_MODULE_ALLOW_BTF_MISMATCH
broken() { # RELEASE: it is wanted there, and does not build
	fake "$1" "${btf[@]}"
	inside sh -c 'printf "\$(error these headers are broken)\n" >"/fake/$0/Makefile"' "$1"
}
work=$(mktemp -d "$CACHE/dkms.XXXXXX")
trap 'cleanup; rm -rf "$work"' EXIT
for suite in "${suites[@]}"; do
	once "chroot-$suite" make_chroot "$suite"
	inside sh -c 'command -v dkms || { apt-get update -qq; apt-get install -y -qq --no-install-recommends dkms; }' >/dev/null 2>&1
	cleanup
	inside mkdir -p /etc/kernel/postinst.d
	as_root env DESTDIR="$(root '')" "$TOP/packaging/install.sh" install
	diag "$suite: dkms $(inside dpkg-query -W -f '${Version}' dkms)"

	needs 5.11.0-fake "Linux 5.11" "${btf[@]}"
	needs 7.0.0-fake "a new kernel" "${btf[@]}"
	skips 5.10.200-fake "Linux 5.10" "${btf[@]}"
	skips 7.0.1-fake "a kernel without module BTF" CONFIG_KALLSYMS CONFIG_X86_64
	skips 7.0.2-fake "a kernel without kallsyms" CONFIG_DEBUG_INFO_BTF_MODULES CONFIG_X86_64
	skips 6.12.0-fake "a kernel with the upstream option" "${btf[@]}" $option
	skips 5.17.0-fake "one of another's, backported" "${btf[@]}" $option
	# The option, and an init that fails all the same
	needs 5.18.0-fake "Linux 5.18 with the option" "${btf[@]}" $option
	needs 6.1.0-1-fake "an early 6.1 with the option" "${btf[@]}" $option
	needs 6.4.0-fake "Linux 6.4 with the option" "${btf[@]}" $option
	skips 6.5.0-fake "Linux 6.5 with the option" "${btf[@]}" $option
	skips 6.4.1-fake "Linux 6.4 with the option, no x86" CONFIG_DEBUG_INFO_BTF_MODULES CONFIG_KALLSYMS $option
	fake 6.1.0-50-fake "${btf[@]}" $option
	inside sh -c 'echo "#define LINUX_VERSION_SUBLEVEL 176" >/fake/6.1.0-50-fake/include/generated/uapi/linux/version.h'
	skips 6.1.0-50-fake "a cured 6.1 with the option" "${btf[@]}" $option

	# Another build of a release that is there already: the old module goes before the kernel is unpacked.
	inside rm /fake/7.0.0-fake/called
	ok "$suite: a kernel of the same release is about to come" inside run-parts --arg=7.0.0-fake /etc/kernel/preinst.d
	is "$(status 7.0.0-fake | grep 7.0.0 || true)" "" "$suite: what was built for the old one is gone"
	ok "$suite: it has come" hooked 7.0.0-fake
	ok "$suite: it is built anew" called 7.0.0-fake

	inside sh -c 'mkdir -p /etc/dkms; echo "BUILD_EXCLUSIVE_KERNEL=\"\"" >/etc/dkms/btf_tolerant.conf'
	needs 7.0.3-fake "/etc/dkms/btf_tolerant.conf: what was told to" "${btf[@]}" $option
	inside rm /etc/dkms/btf_tolerant.conf

	# A kernel's installation, with headers that are broken
	broken 7.0.4-fake
	inside sh -c 'printf "#!/bin/sh\ntouch /fake/initramfs-of-\$1\n" >/etc/kernel/postinst.d/initramfs-tools; chmod 755 /etc/kernel/postinst.d/initramfs-tools'
	is "$(hooked 7.0.4-fake >"$work/out" 2>&1; echo $?)" 0 "$suite: the hooks of a kernel whose headers are broken do not fail"
	is "$(grep -c '^W: btf_tolerant: cannot be built for 7.0.4-fake' "$work/out")" 1 "$suite: one line says that it could not be built"
	is "$(grep -viE '^btf_tolerant: building|^W: btf_tolerant|^dkms: (running auto|autoinstall)|^run-parts|^sign|^$' "$work/out" || true)" "" "$suite: and no other"
	ok "$suite: and those that come after are run" test -e "$(root /fake/initramfs-of-7.0.4-fake)"
	is "$(status 7.0.4-fake | grep 7.0.4 || true)" "" "$suite: nothing of it stays with DKMS"
	inside rm /etc/kernel/postinst.d/initramfs-tools
	fails "$suite: dkms.sh says so" 1 'cannot be built for 7.0.4-fake' inside /usr/share/btf_tolerant/dkms.sh 7.0.4-fake
	ok "$suite: dkms remove" inside dkms remove -m btf_tolerant -v "$version" --all

	[ "$suite" = trixie-backports ] || { cleanup; continue; }
	# Debian's own kernel
	once "kernel-$suite" get_kernel "$suite"
	release=$(cat "$CACHE/kernel/$suite/release")
	ok "$suite: it is built for $release" inside /usr/share/btf_tolerant/dkms.sh "$release"
	is "$(find "$(root "/lib/modules/$release")" -name 'btf_tolerant.ko*' | wc -l)" 1 "$suite: and the module is there"
	fake 7.0.5-fake "${btf[@]}" CONFIG_CC_IS_CLANG CONFIG_LD_IS_LLD
	inside /usr/share/btf_tolerant/dkms.sh 7.0.5-fake >/dev/null 2>&1 || true
	ok "$suite: for a kernel built by clang, kbuild gets LLVM=1" grep -qw LLVM=1 "$(root /fake/7.0.5-fake/called)"
	is "$(inside dkms build -m btf_tolerant -v "$version" -k 7.0.6-fake 2>&1 | grep -ci deprecated)" 0 "$suite: nothing in dkms.conf is deprecated"
	cleanup
done

# The packages of other distros, installed into the last one's chroot by their own tools: rpm runs
# the package's scripts in there. The Arch package has none.
install_packages rpm makepkg pacman-package-manager libarchive-tools fakeroot file git
next=99.0
git -C "$TOP" ls-files -z | (cd "$TOP" && xargs -0 cp --parents -t "$(mkdir "$work/next" && echo "$work/next")")
sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$next\"/" "$work/next/dkms.conf"
sed -i "s/^MODULE_VERSION.*/MODULE_VERSION(\"$next\");/" "$work/next/src/btf_tolerant.c"
for kind in rpm arch; do
	"$TOP/packaging/build.sh" "$kind" "$work/$version"
	"$work/next/packaging/build.sh" "$kind" "$work/$next"
done
suite=trixie-backports release=$(cat "$CACHE/kernel/trixie-backports/release")
# With /proc, as on a machine: DKMS wants it
by_rpm() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	as_root unshare --mount --propagation private sh -euc 'mount -t proc proc "$0/proc"; exec rpm --root "$0" --nodeps "$@"' "$(root '')" "$@"
}
by_pacman() {
	as_root mkdir -p "$(root /var/lib/pacman)" "$(root /var/cache/pacman)"
	as_root pacman --root "$(root '')" --config /dev/null --noconfirm -dd "$@"
}
installed() { # VERSION
	inside dkms status -m btf_tolerant -k "$release" | sed 's/[,:].*installed.*//' | xargs
	inside modinfo -k "$release" -F version btf_tolerant
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
# Fedora's kernel-install calls plugins until one fails, and DKMS 3.1.3 to 3.1.x fails with the build.
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
ok "pacman: the sources are where Arch's hook for DKMS looks for them" test -e "$(root "/usr/src/btf_tolerant-$version/dkms.conf")"
ok "pacman -U of the next version" by_pacman -U "$work/$next/"btf_tolerant-dkms-*.pkg.tar*
is "$(inside sh -c 'ls -d /usr/src/btf_tolerant-*')" "/usr/src/btf_tolerant-$next" "pacman: there is that one only"
ok "pacman -R" by_pacman -R btf_tolerant-dkms
nothing_left pacman
done_testing
