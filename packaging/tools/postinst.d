#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# /etc/kernel/postinst.d of Debian and Ubuntu: RELEASE IMAGE, after the initramfs and the
# boot loader's menu were made. The package may have been removed and this file kept.
[ -x /usr/lib/btf_tolerant/after-kernel ] || exit 0
/usr/lib/btf_tolerant/after-kernel "${1:-}" || true
exit 0
