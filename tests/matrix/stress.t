#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Ten minutes of stress.t, and more allocations that fail.
DURATION=${DURATION:-600} FAIL=${FAIL:-10} exec "$(dirname "$0")/../stress.t"
