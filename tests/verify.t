#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Policy 2: BTF that the kernel accepts although it is another build's.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
work=$(mktemp -d "$CACHE/verify.XXXXXX")
trap 'rm -rf "$work"' EXIT

# One string more, before all that modules refer to: the parser takes many of those.
wrong=$(rebased "$dir" --types 0 --strings 1 --at 1)
mkdir -p "$work/root/wrong" "$work/root/plain"
grep -E '/(nls|hwmon|iio|leds|rtc|keymaps|gpio|lib)/|cast_common' "$dir/list" | sed -n "1,${LIMIT:-120}p" >"$work/list"
while IFS= read -r m; do
	mkdir -p "$work/root/wrong/${m%/*}" "$work/root/plain/${m%/*}"
	cp "$wrong/$m" "$work/root/wrong/$m"
	cp "$dir/plain/$m" "$work/root/plain/$m"
done <"$work/list"
pack "$work/root" "$work/modules.cpio"
mkdir "$work/btf"
(cd "$wrong" && "$(build_tool btf_names)" --dump "$work/btf" <"$work/list") >/dev/null
find "$work/btf" -type f | "$(build_tool btf_names)" "$dir/vmlinux" |
	awk -F'\t' '$3 == 0 { sub(/.*\//, "/", $1); sub(/\.btf$/, "", $1); print $1 }' >"$work/nameless"

# A prototype that nothing refers to, one that a pointer does, and a string that nothing names.
# Header, types, strings: a prototype that returns type 1, and a pointer to the first type that
# is not vmlinux's.
read -r types len <<<"$(btf_stat "$dir/vmlinux")"
le32() {
	local n
	for n; do
		# shellcheck disable=SC2059 # bytes
		printf "$(printf '\\x%02x' $((n & 255)) $((n >> 8 & 255)) $((n >> 16 & 255)) $((n >> 24 & 255)))"
	done
}
proto=(0 $((13 << 24)) 1) ptr=(0 $((2 << 24)) "$types")
{ le32 $((0x0001eb9f)) 24 0 12 12 1 "${proto[@]}"; printf '\0'; } >"$work/orphan.btf"
{ le32 $((0x0001eb9f)) 24 0 24 24 1 "${proto[@]}" "${ptr[@]}"; printf '\0'; } >"$work/used.btf"
{ le32 $((0x0001eb9f)) 24 0 24 24 2 "${proto[@]}" "${ptr[@]}"; printf 'x\0'; } >"$work/unused.btf"
for f in orphan used unused; do
	objcopy --update-section .BTF="$work/$f.btf" "$dir/plain/$(grep -m 1 /nls_iso8859-1.ko "$dir/list")" "$work/$f.ko"
done

# A mismatched one, longer than policy 2 looks at: the kernel does not like what is behind the strings
bad=$(rebased "$dir")/$(grep -m 1 /nls_iso8859-1.ko "$dir/list")
objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$bad" "$work/long.btf"
truncate -s $(((16 << 20) + 4)) "$work/long.btf"
objcopy --strip-debug --update-section .BTF="$work/long.btf" "$bad" "$work/long.ko"

# The kernel's strings are too long for this one.
ko=$(build_module trixie-backports)
once module-small build_tree trixie-backports "$MODULES/small" "$(headers trixie-backports)" \
	KCFLAGS=-DBASE_STRINGS_MAX=1000

ok "the base's strings need at most 512 KiB ($((len / 8)) bytes)" [ $((len / 8)) -le $((512 * 1024)) ]
guest verify --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/verify.guest" --add "$work/modules.cpio" \
	--file "$work/list:/list" --file "$work/nameless:/nameless" --file "$work/orphan.ko:/orphan.ko" --file "$work/used.ko:/used.ko" \
	--file "$work/unused.ko:/unused.ko" --file "$work/long.ko:/long.ko" --file "$ko:/btf_tolerant.ko" \
	--file "$MODULES/small/btf_tolerant.ko:/small.ko" --file "$(build_tool hold_read):/usr/bin/hold_read" --append log_buf_len=16M --mem 2G --timeout 600
done_testing
