#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The stock kernels of tests/lib/arch.sh but arm64, which "make test" has; or those named.
# shellcheck source=tests/lib/arch.sh
. "$(dirname "$0")/../lib/arch.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

install_packages "${HOST_PACKAGES[@]}"
work=$(mktemp -d "$CACHE/arch.XXXXXX")
trap 'rm -rf "$work"' EXIT
archs=("$@")
[ $# -gt 0 ] || mapfile -t archs < <(awk '$1 && $1 != "arm64" { print $1 }' <<<"$ARCHES")
for arch in "${archs[@]}"; do
	# Where one cannot be tested, the others still can.
	(trap - EXIT; test_arch "$arch") >"$work/out" &
	wait "$!" || echo "not ok - $arch: the test ran to its end" >>"$work/out"
	while IFS= read -r line; do
		case $line in
		"ok "*) tap ok "${line#*- }" ;;
		"not ok "*) tap "not ok" "${line#*- }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$work/out"
done
done_testing
