#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf_tolerant goes, and comes again (CYCLES times, 50), while modules are loaded; on the debug kernel.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(debug_dir)
files=()
for b in a b; do
	for m in dummy veth; do
		files+=(--file "$(find "$dir/$b/lib" -name "$m.ko"):/$b/$m.ko")
	done
done
ko=$(build_debug_module)
guest removal --kernel "$dir/a/vmlinuz" --script "$TOP/tests/vm/removal.guest" \
	"${files[@]}" --file "$ko:/btf_tolerant.ko" --append "CYCLES=${CYCLES:-50}" --mem 2G --timeout $((1200 + ${CYCLES:-50} * 12))
done_testing
