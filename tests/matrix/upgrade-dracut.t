#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# upgrade.t with initramfs made by dracut.
INITRAMFS=dracut exec "$(dirname "$0")/upgrade.t"
