#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ten minutes of stress.t's storm on PREEMPT_RT, with suspend to RAM.
KERNEL=rt DURATION=${DURATION:-600} exec "$(dirname "$0")/../stress.t"
