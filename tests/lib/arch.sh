# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Architectures: cross-built for in a chroot of this machine's own architecture, amd64, and
# booted under QEMU. To add one, add a line to the table.

# Debian's name | suite | flavour | make's ARCH | compiler | QEMU's package | QEMU, with a virtio-serial | console
ARCHES='
arm64   | trixie-backports | arm64       | arm64   | aarch64-linux-gnu     | qemu-system-arm   | qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -device virtio-serial-pci | ttyAMA0
s390x   | sid              | s390x       | s390    | s390x-linux-gnu       | qemu-system-s390x | qemu-system-s390x -M s390-ccw-virtio -cpu max -device virtio-serial-ccw        | ttysclp0
riscv64 | sid              | riscv64     | riscv   | riscv64-linux-gnu     | qemu-system-riscv | qemu-system-riscv64 -M virt -cpu rv64 -device virtio-serial-pci                | ttyS0
ppc64el | sid              | powerpc64le | powerpc | powerpc64le-linux-gnu | qemu-system-ppc   | qemu-system-ppc64 -M pseries -cpu power9 -device virtio-serial-pci             | hvc0
'

# arch_names: all but our own, as a part of a regular expression
arch_names() { sed -n 's/ .*//p' <<<"$ARCHES" | paste -sd '|'; }

# arch_line ARCH: its line of the table, as $arch_...
# shellcheck disable=SC2034 # some are for those who source this
arch_line() {
	if [ "$1" = amd64 ]; then
		arch_name=amd64 arch_suite='' arch_flavour=amd64 arch_make=x86 arch_gnu=x86_64-linux-gnu
		return
	fi
	IFS='|' read -r arch_name arch_suite arch_flavour arch_make arch_gnu arch_package arch_qemu arch_console \
		< <(grep "^$1 " <<<"$ARCHES" | sed 's/ *| */|/g') || die "architecture $1 is not in the table of tests/lib/arch.sh"
}

# arch_kernel ARCH: the name of its kernel, as get_kernel takes it
arch_kernel() {
	local arch_suite
	arch_line "$1"
	echo "$arch_suite-$1"
}
