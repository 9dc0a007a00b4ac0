#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dkms.conf under Debian 13's dkms: built for kernels that need it, the others skipped.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

release=$(cat "$(kernel_dir trixie-backports)/release")
headers trixie-backports >/dev/null
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
inside() { in_chroot trixie-backports "$@"; }
chroot_packages trixie-backports dkms
cleanup() {
	# By hand: dkms gives up on what a run that was killed has left.
	inside sh -c 'rm -rf /var/lib/dkms/btf_tolerant /lib/modules/fake-* /lib/modules/5.*-fake /fake-* /etc/dkms/btf_tolerant.conf'
	as_root env DESTDIR="$CACHE/chroot/trixie-backports" "$TOP/packaging/install.sh" uninstall
}
trap cleanup EXIT
cleanup
as_root env DESTDIR="$CACHE/chroot/trixie-backports" "$TOP/packaging/install.sh" install
ok "dkms add" inside dkms add "btf_tolerant/$version"
dkms() { inside dkms "$@"; }

# Debian's own kernel
ok "it builds for $release" dkms build "btf_tolerant/$version" -k "$release"
ko=$CACHE/chroot/trixie-backports/var/lib/dkms/btf_tolerant/$version/$release/x86_64/module/btf_tolerant.ko
is "$(find "${ko%/*}" -name 'btf_tolerant.ko*' | wc -l)" 1 "and the module is there"

# Kernels that are only a configuration, and a Makefile that says how it was called
fake() { # NAME CONFIG...
	local name=$1
	shift
	inside sh -euc '
		name=$1; shift
		mkdir -p "/fake-$name/include" "/lib/modules/fake-$name"
		printf "%s\n" "$@" >"/fake-$name/.config"
		printf "modules:\n\t@echo LLVM=\$(LLVM) CC=\$(CC) >/fake-$name/called\n\tcp \$(M)/Kbuild \$(M)/btf_tolerant.ko\n" >"/fake-$name/Makefile"
		ln -sfn "/fake-$name" "/lib/modules/fake-$name/build"' sh "$name" "$@"
}
skipped() { # WHAT NAME
	local status=0 out
	out=$(dkms build "btf_tolerant/$version" -k "$2" 2>&1) || status=$?
	is "$status" 77 "$1 is skipped"
	is "$(grep -ci 'BUILD_EXCLUSIVE' <<<"$out")" 1 "$1: because of its configuration or version"
	is "$(inside sh -c "ls /fake-${2#fake-}/called 2>/dev/null" || true)" "" "$1: make was not called"
}
base=(CONFIG_DEBUG_INFO_BTF_MODULES=y CONFIG_KALLSYMS=y)
fake old "${base[@]}"
for v in 5.10.200 5.11.0; do
	inside mv -T "$(inside sh -c 'ls -d /lib/modules/fake-old /lib/modules/5.*-fake 2>/dev/null')" "/lib/modules/$v-fake"
	dkms build "btf_tolerant/$version" -k "$v-fake" >/dev/null 2>&1 || true
	is "$(inside sh -c 'ls /fake-old/called 2>/dev/null' || true)" "$([ $v = 5.10.200 ] || echo /fake-old/called)" \
		"$v: $([ $v = 5.10.200 ] && echo skipped || echo built)"
done
fake 7.0-on "${base[@]}" CONFIG_MODULE_ALLOW_BTF_MISMATCH=y
skipped "a kernel with the upstream option" fake-7.0-on
fake 7.0-nobtf CONFIG_KALLSYMS=y
skipped "a kernel without module BTF" fake-7.0-nobtf
inside sh -c 'mkdir -p /etc/dkms; echo "BUILD_EXCLUSIVE_CONFIG=\"\"" >/etc/dkms/btf_tolerant.conf'
fake 7.0-forced "${base[@]}" CONFIG_MODULE_ALLOW_BTF_MISMATCH=y
dkms build "btf_tolerant/$version" -k fake-7.0-forced >/dev/null 2>&1 || true
ok "/etc/dkms/btf_tolerant.conf overrides that" test -e "$CACHE/chroot/trixie-backports/fake-7.0-forced/called"
inside rm /etc/dkms/btf_tolerant.conf

fake 7.0-clang "${base[@]}" CONFIG_CC_IS_CLANG=y CONFIG_LD_IS_LLD=y
dkms build "btf_tolerant/$version" -k fake-7.0-clang >/dev/null 2>&1 || true
ok "for a kernel built by clang, kbuild gets LLVM=1" grep -qw LLVM=1 "$CACHE/chroot/trixie-backports/fake-7.0-clang/called"
done_testing
