#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dkms.conf and the hooks under several versions of dkms: built for kernels that need it, the
# others skipped, and a build that fails stops nobody's installation.
# DKMS_SUITES="bullseye ..." takes these Debians only.
# shellcheck source=tests/lib/dkms.sh
. "$(dirname "$0")/lib/dkms.sh"

read -ra suites <<<"${DKMS_SUITES:-bullseye bookworm trixie-backports}"
for suite in "${suites[@]}"; do
	begin "$suite"
	inside mkdir -p /etc/kernel/postinst.d
	as_root env DESTDIR="$(root '')" "$TOP/packaging/install.sh" install

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
	release=$(basename "$(headers "$suite")" | sed 's/linux-headers-//')
	ok "$suite: it is built for $release" inside /usr/share/btf_tolerant/dkms.sh "$release"
	is "$(find "$(root "/lib/modules/$release")" -name 'btf_tolerant.ko*' | wc -l)" 1 "$suite: and the module is there"
	fake 7.0.5-fake "${btf[@]}" CONFIG_CC_IS_CLANG CONFIG_LD_IS_LLD
	inside /usr/share/btf_tolerant/dkms.sh 7.0.5-fake >/dev/null 2>&1 || true
	ok "$suite: for a kernel built by clang, kbuild gets LLVM=1" grep -qw LLVM=1 "$(root /fake/7.0.5-fake/called)"
	is "$(inside dkms build -m btf_tolerant -v "$version" -k 7.0.6-fake 2>&1 | grep -ci deprecated)" 0 "$suite: nothing in dkms.conf is deprecated"
	cleanup
done
done_testing
