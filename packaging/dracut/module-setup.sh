#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dracut: put btf_tolerant into the image, and load it before anything else.

check() {
	# shellcheck disable=SC2154 # dracut's
	modinfo -k "$kernel" btf_tolerant >/dev/null 2>&1
}

depends() {
	return 0
}

installkernel() {
	hostonly='' instmods btf_tolerant
}

install() {
	inst_multiple sh modprobe mount umount mkdir
	inst_simple /usr/share/btf_tolerant/initramfs/load /usr/lib/btf_tolerant/load
	inst_simple /usr/share/btf_tolerant/initramfs/modprobe.conf /etc/modprobe.d/zz-btf_tolerant.conf
	# shellcheck disable=SC2154 # dracut's
	inst_hook pre-udev 00 "$moddir/btf_tolerant-pre-udev.sh"
}
