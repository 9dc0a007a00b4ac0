#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each kernel of tests/kernels/list, or those that are named; and of all that were tested with
# this src/, trees (tests/tree.sh), too, their rows of docs/KERNELS.md, which keeps its others:
# after a run of all, and with --table, which does only that.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/kernels.sh"

if [ "${1:-}" = --table ]; then
	write_table
	exit
fi
work=$(mktemp -d "$CACHE/kernels.XXXXXX")
trap 'rm -rf "$work"' EXIT

mapfile -t lines < <(grep -v '^#' "$TOP/tests/kernels/list")
for line in "${lines[@]}"; do
	read -ra words <<<"$line"
	name=${words[1]}
	[ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
	# Where one cannot be tested, the others still can.
	(trap - EXIT; "test_${words[0]}" "${words[@]:1}") >"$work/out" &
	wait "$!" || echo "not ok - $name: the test ran to its end" >>"$work/out"
	passed=0 failed=0 row=
	while IFS= read -r out; do
		case $out in
		"ok "*) tap ok "${out#*- }"; passed=$((passed + 1)) ;;
		"not ok "*) tap "not ok" "${out#*- }"; failed=$((failed + 1)) ;;
		"# row: "*) row=$out ;;
		*) printf '%s\n' "$out" ;;
		esac
	done <"$work/out"
	[ -z "$row" ] || keep_row "$name" "$row" "$passed" "$failed"
done
[ $# -gt 0 ] || write_table
done_testing
