#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel without ftrace and kprobes.
# shellcheck source=tests/lib/tree.sh
. "$(dirname "$0")/../lib/tree.sh"

once source-trixie-backports get_source trixie-backports
test_tree linux-noftrace trixie-backports "$(readlink -f "$CACHE/source/trixie-backports")" noftrace.config
done_testing
