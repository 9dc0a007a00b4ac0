#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# src/btf_check.c in user space, tools/btf_visit.h and tools/base_diff.h: cmocka, with ASan and UBSan.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages gcc libbpf-dev libcmocka-dev
src=${BTF_TOLERANT_SRC:-$TOP}/src
work=$(mktemp -d "$CACHE/unit.XXXXXX")
trap 'rm -rf "$work"' EXIT
tools=${BTF_TOLERANT_SRC:-$TOP}/tools
# shellcheck disable=SC2054 # gcc wants the commas
flags=(-g -Wall -Wextra -Wno-unused-parameter -fsanitize=address,undefined -fno-sanitize-recover=all)
gcc "${flags[@]}" -I "$src" -o "$work/check" "$TOP"/tests/unit/{btf_check_test,btf_format_test,split_btf}.c "$src/btf_check.c" -lcmocka
gcc "${flags[@]}" -I "$tools" -o "$work/diff" "$TOP/tests/unit/base_diff_test.c" \
	"$tools"/base_{change,diff,names,path,same,uses}.c "$tools"/btf_{spell,validate,visit}.c "$tools/util.c" \
	-lbpf -lcmocka
gcc "${flags[@]}" -I "$tools" -o "$work/validate" "$TOP/tests/unit/btf_validate_test.c" "$tools"/btf_{validate,visit}.c \
	"$tools/util.c" -lbpf -lcmocka
for t in check validate diff; do
	# Each has a plan and numbers of its own.
	"$work/$t" | sed -nE 's/^((not )?ok) [0-9]+ - /\1 - /p' || echo "not ok - $t: no sanitizer has stopped it"
done >"$work/out"
cat "$work/out"
[ -s "$work/out" ] || echo "not ok - no test was run"
echo "1..$(grep -cE '^(not )?ok' "$work/out" || echo 1)"
