#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# boot.t with an initramfs made by dracut.
INITRAMFS=dracut exec "$(dirname "$0")/../boot.t"
