#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The functional tests on a kernel source tree: what "make test-tree TREE=..." runs.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/kernels.sh"

usage() {
	cat <<USAGE
Usage: tests/tree.sh TREE [SUITE]

Builds the kernel source tree TREE (5.11 or later, x86-64) without the upstream
option, boots it in QEMU, and runs the functional tests on it. Prints TAP. TREE is
not changed; the build is kept in $CACHE.

SUITE names the Debian release whose compiler and pahole build it (default: bullseye
before Linux 6.1, bookworm before 6.12, else trixie-backports).
USAGE
}

case ${1:-} in
-h | --help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
tree=$(cd "$1" && pwd) || exit 1
[ -f "$tree/kernel/bpf/btf.c" ] || die "$tree is not a kernel source tree"
version=$(make -s -C "$tree" kernelversion)
series=$(cut -d. -f1-2 <<<"${version%%-*}")
before() { [ "$(printf '%s\n' "$series" "$1" | sort -V | head -n 1)" != "$1" ]; }
if before 6.1; then
	suite=bullseye
elif before 6.12; then
	suite=bookworm
else
	suite=trixie-backports
fi
test_tree "linux-$series" "${2:-$suite}" "$tree"
done_testing
