#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Damaged BTF on a debug kernel where functions are hooked.
KERNEL=debug-6.1 COUNT=${COUNT:-1000} SEED=${SEED:-$RANDOM} exec "$(dirname "$0")/../damaged-btf.t"
