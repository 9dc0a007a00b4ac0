#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sourced. If nothing has loaded it yet.
# shellcheck source=packaging/initramfs/load
[ ! -e /etc/modprobe.d/zz-btf_tolerant.conf ] || (. /usr/lib/btf_tolerant/load)
