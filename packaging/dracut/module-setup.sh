#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dracut: put btf_tolerant into the image, and load it before udevd is started.

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
	# shellcheck disable=SC2154 # dracut's
	inst_hook pre-udev 00 "$moddir/btf_tolerant-load.sh"
}
