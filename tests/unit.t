#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# src/btf_check.c in user space: cmocka, with ASan and UBSan.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages gcc libcmocka-dev
src=${BTF_TOLERANT_SRC:-$TOP}/src
work=$(mktemp -d "$CACHE/unit.XXXXXX")
trap 'rm -rf "$work"' EXIT
gcc -g -Wall -Wextra -Wno-unused-parameter -fsanitize=address,undefined -fno-sanitize-recover=all \
	-I "$src" -o "$work/test" "$TOP"/tests/unit/*.c "$src/btf_check.c" -lcmocka
"$work/test" || echo "not ok - each test is green, no sanitizer has stopped it"
