#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each kernel of tests/kernels/list, or those that are named; and of all that were tested
# with this src/, the table of docs/KERNELS.md.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/kernels.sh"

rows=$CACHE/rows/$(key "${BTF_TOLERANT_SRC:-$TOP}"/src/*.[ch])
mkdir -p "$rows"
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
	passed=0 failed=0 row="$name | | | |"
	while IFS= read -r out; do
		case $out in
		"ok "*) tap ok "${out#*- }"; passed=$((passed + 1)) ;;
		"not ok "*) tap "not ok" "${out#*- }"; failed=$((failed + 1)) ;;
		"# row: "*) row=${out#\# row: } ;;
		*) printf '%s\n' "$out" ;;
		esac
	done <"$work/out"
	echo "| $row | $passed of $((passed + failed)) |" >"$rows/$name"
done
{
	echo "| kernel | architecture | flavour | compiler | in place of | tests passed |"
	echo "|---|---|---|---|---|---|"
	for line in "${lines[@]}"; do
		read -ra words <<<"$line"
		[ ! -f "$rows/${words[1]}" ] || cat "$rows/${words[1]}"
	done
} | tee "$rows.md" | sed 's/^/# /'
# Another checkout's (tests/mutation) is not for the docs.
if [ -z "${BTF_TOLERANT_SRC:-}" ]; then
	{
		sed '/^| kernel /,$d' "$TOP/docs/KERNELS.md"
		cat "$rows.md"
		sed '1,/^|---/d' "$TOP/docs/KERNELS.md" | grep -v '^|'
	} >"$work/md"
	cp "$work/md" "$TOP/docs/KERNELS.md"
fi
done_testing
