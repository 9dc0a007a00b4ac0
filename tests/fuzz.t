#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# src/btf_check.c and any bytes: libFuzzer with ASan and UBSan, half a minute of it, or
# FUZZ_RUNS runs. The seeds are the smallest .BTF sections of a stock kernel's modules.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages clang
dir=$(kernel_dir trixie-backports)
rebased "$dir" >/dev/null
src=${BTF_TOLERANT_SRC:-$TOP}/src
work=$(mktemp -d "$CACHE/fuzz.XXXXXX")
trap 'rm -rf "$work"' EXIT

clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I "$src" \
	-o "$work/fuzz" "$TOP/tests/fuzz/btf_check_fuzz.c" "$src/btf_check.c"
mkdir "$work/all" "$work/seeds" "$work/corpus"
sed "s|^|$dir/plain/|" "$dir/list" | "$(build_tool btf_names)" --dump "$work/all" >/dev/null
find "$work/all" -size -4 -exec cp -t "$work/seeds" {} +
n=$(find "$work/seeds" -type f | wc -l)
ok "$n real sections as seeds" [ "$n" -ge 50 ]
read -r types len <<<"$(btf_stat "$dir/vmlinux")"

limit=(-max_total_time="${FUZZ_SECONDS:-30}")
[ -z "${FUZZ_RUNS:-}" ] || limit=(-runs="$FUZZ_RUNS")
ok "libFuzzer finds nothing" sh -c '"$@" >"$0" 2>&1 || { tail -n 30 "$0"; exit 1; }' "$work/log" \
	env FUZZ_BASE_TYPES="$((types - 1))" FUZZ_BASE_LEN="$len" "$work/fuzz" -max_len=4096 -print_final_stats=1 \
	-artifact_prefix="$LOGS/fuzz-" "${limit[@]}" "$work/corpus" "$work/seeds"
diag "$(grep -aE '^#.* DONE|^Done|number_of_executed' "$work/log")"
done_testing
