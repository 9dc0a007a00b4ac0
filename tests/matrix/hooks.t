#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Linux 6.1, where functions are hooked, with KASAN, lockdep, kmemleak: allocations that fail,
# ten minutes of everything at once.
KERNEL=debug-6.1 DURATION=${DURATION:-600} FAIL=${FAIL:-10} exec "$(dirname "$0")/../stress.t"
