#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Damaged BTF and names without end, through what btf-restore relocates with, under ASan and UBSan.
# shellcheck source=tests/lib/restore.sh
. "$(dirname "$0")/lib/restore.sh"

dir=$(kernel_dir trixie-backports)
other=$(rebased "$dir")
src=${BTF_TOLERANT_SRC:-$TOP}
work=$(mktemp -d "$CACHE/relocate-fuzz.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
build_restore >/dev/null
mkdir "$work/tools"
cp -r "$src/src" "$work/"
cp "$src"/tools/*.[ch] "$work/tools/"
cp "$TOP/tests/fuzz/relocate_fuzz.c" "$work/"
in=$(in_cache "$work")
ok "the fuzzer builds" in_chroot "$RESTORE_SUITE" sh -euc 'cd "$1/tools"
	gcc -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -pthread -I . -o ../fuzz ../relocate_fuzz.c relocate*.c \
		base_[cdfnpsu]*.c btf_spell.c btf_validate.c btf_visit.c check.c elf_file.c image.c image_formats.c module_file.c \
		unpack.c util.c ../src/btf_check.c -lbpf -lelf -larchive' sh "$in"
raw_btf "$dir/vmlinux" "$work/new.btf"
# struct sk_buff is another: dummy and veth cannot be relocated, the others can.
"$(build_tool add_member)" "$other/base.btf" sk_buff "$work/old.btf"
btfs=()
for m in dummy veth crc-itu-t lru_cache nls_utf8; do
	raw_btf "$other/$(grep "/$m.ko$" "$dir/list")" "$work/$m.btf"
	btfs+=("$in/$m.btf")
done
seed=${SEED:-$RANDOM}
diag "seed $seed: SEED=$seed tests/relocate-fuzz.t repeats it"
ok "nothing is found" in_chroot "$RESTORE_SUITE" sh -c 'ASAN_OPTIONS=detect_leaks=1 "$0" "$@" >"$0.log" 2>&1 || { tail -n 30 "$0.log"; exit 1; }' \
	"$in/fuzz" "$seed" "${FUZZ_SECONDS:-15}" "$in/old.btf" "$in/new.btf" "${btfs[@]}"
diag "$(cat "$work/fuzz.log")"
ok "some were relocated, some were not" sh -c 'read -r _ done _ other _ differ _ failed &&
	[ "$done" -gt 5 ] && [ "$differ" -gt 5 ] && [ $((other + failed)) -gt 20 ]' <"$work/fuzz.log"
done_testing
