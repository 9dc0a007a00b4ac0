# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# DKMS in chroots, with kernels that are only a configuration: dkms.t, dkms-packages.t

# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
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
# shellcheck disable=SC2034 # for dkms.t
option=CONFIG_MODULE_ALLOW_BTF_MISMATCH
broken() { # RELEASE: it is wanted there, and does not build
	fake "$1" "${btf[@]}"
	inside sh -c 'printf "\$(error these headers are broken)\n" >"/fake/$0/Makefile"' "$1"
}
work=$(mktemp -d "$CACHE/dkms.XXXXXX")
trap 'cleanup; as_root rm -rf "$work"' EXIT

# begin SUITE: from now on in its chroot, which has DKMS and nothing of ours
begin() {
	suite=$1
	make_chroot "$suite"
	chroot_packages "$suite" dkms
	cleanup
	diag "$suite: dkms $(inside dpkg-query -W -f '${Version}' dkms)"
}
