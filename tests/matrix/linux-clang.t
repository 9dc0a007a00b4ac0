#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel built by clang, with kCFI.
# shellcheck source=tests/lib/tree.sh
. "$(dirname "$0")/../lib/tree.sh"

once source-trixie-backports get_source trixie-backports
test_tree linux-clang trixie-backports "$(readlink -f "$CACHE/source/trixie-backports")" clang.config LLVM=1
done_testing
