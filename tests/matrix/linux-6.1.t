#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Linux 6.1 without the upstream option: a dtor needs BTF in a module's init there.
# shellcheck source=tests/lib/tree.sh
. "$(dirname "$0")/../lib/tree.sh"

once source-bookworm get_source bookworm
test_tree linux-6.1 bookworm "$(readlink -f "$CACHE/source/bookworm")"
done_testing
