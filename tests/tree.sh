#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The functional tests on a kernel source tree: what "make test-tree TREE=..." runs.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/kernels.sh"

usage() {
	cat <<USAGE
Usage: [OPTION=on] tests/tree.sh [--headers] TREE [SUITE]

Builds the kernel source tree TREE (5.11 or later, x86-64), boots it in QEMU, and runs the
functional tests on it. Prints TAP, and its row of docs/KERNELS.md, which
"tests/matrix/kernels.t --table" puts there. TREE is not changed; the build is kept in
$CACHE.

With OPTION=on the kernel has the upstream option, CONFIG_MODULE_ALLOW_BTF_MISMATCH. On
Linux 5.18 to 6.4 some modules fail in their init all the same; that is what is tested.

With --headers no kernel is built: btf_tolerant is compiled for it, no more.

SUITE names the Debian release whose compiler and pahole build it (default: bullseye
before Linux 6.1, bookworm before 6.12, else trixie-backports).
USAGE
}

headers=
[ "${1:-}" != --headers ] || {
	headers=1
	shift
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
name=linux-$series flavour="tree, ${2:-$suite}'s compiler" fragments=()
[ -z "${OPTION:-}" ] || {
	name+=-option flavour+=', option on'
	fragments=(option.config)
}
if [ -n "$headers" ]; then
	test_headers "$name" "${2:-$suite}" "$tree" "${fragments[@]}"
	done_testing
	exit
fi
test_tree "$name" "${2:-$suite}" "$tree" "${fragments[@]}"
row=$(row "$(cat "$CACHE/kernel/$name/release")" amd64 "$flavour" "$MODULES/$name/btf_tolerant.ko" "$name-modules")
# shellcheck disable=SC2154 # tests/lib/tap.sh counts
keep_row "tree-${name#linux-}" "$row" $((tap_n - tap_failed)) "$tap_failed"
done_testing
