#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two builds that do differ: the modules of C, where struct sk_buff has a member more, on A; the
# debug kernel. Those that use it are not restored.
# shellcheck source=tests/lib/restore.sh
. "$(dirname "$0")/../lib/restore.sh"

dir=$(debug_dir)
c=$(debug_variant)
ko=$(build_debug_module)
build_restore >/dev/null
release=$(cat "$dir/a/release")
work=$(mktemp -d "$CACHE/restore-differs.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
is "$(cat "$c/release")" "$release" "A and C have the same release"
raw_btf "$dir/a/vmlinux" "$work/a.btf"
raw_btf "$c/vmlinux" "$work/c.btf"
ok "and bases that differ" sh -c '! cmp -s "$1/a.btf" "$1/c.btf"' sh "$work"
is "$("$(build_doctor)" diff "$c/vmlinux" "$dir/a/vmlinux" 2>&1 | grep -c '^struct sk_buff	.*member other_build')" 1 "btf-doctor diff finds sk_buff"

# Files
status=0
mkdir "$work/out"
restore --base "$dir/a/vmlinux" --made-for "$c/vmlinux" --output "$work/out" "$c/lib/modules" >"$work/log" || status=$?
is "$status $(cut -f2 "$work/log" | sort -u | xargs)" "1 differs written" "some are relocated, some are not"
diag "$(cut -f1,2 "$work/log" | sort | xargs)"
is "$(grep -E '^(dummy|veth|nf_tables|ext4|crc16)	' "$work/log" | cut -f1,2 | sort | xargs)" \
	"crc16 written dummy differs ext4 differs nf_tables differs veth differs" "those that come to struct sk_buff are not"
is "$(grep '	differs	' "$work/log" | grep -cv '	struct sk_buff is not what it was made for: .*other_build')" 0 \
	"each names it, and its member"

# Their symbol CRCs keep them out of A. Those of a kernel that has none, as Debian's 7.x, do not:
# so here they have A's.
tree=$work/tree/lib/modules/$release
mkdir -p "$tree/kernel" "$work/crc"
names() { perl -0777 -ne 'print unpack("x8 Z56", $_), "\n" for unpack("(a64)*", $_)' "$1"; }
for m in dummy veth crc16; do
	theirs=$(find "$c/lib" -name $m.ko) ours=$(find "$dir/a/lib" -name $m.ko)
	objcopy --dump-section "__versions=$work/crc/$m.c" "$theirs" /dev/null
	objcopy --dump-section "__versions=$work/crc/$m.a" "$ours" /dev/null
	is "$(names "$work/crc/$m.c")" "$(names "$work/crc/$m.a")" "$m imports the same in both"
	objcopy --update-section "__versions=$work/crc/$m.a" "$theirs" "$tree/kernel/$m.ko"
done
echo "$release" >"$work/tree/release"
touch "$tree/modules."{order,builtin,builtin.modinfo}
pack_modules "$work/tree" "$work/modules.cpio"
add_program "$work/root" "$(build_restore)/btf-restore"
mkdir "$work/root/boot"
other_image "$dir/a/vmlinuz" "$work/c.btf" "$work/root/boot/vmlinuz-$release"
pack "$work/root" "$work/root.cpio"
guest restore-differs --kernel "$dir/a/vmlinuz" --script "$TOP/tests/vm/restore-differs.guest" --mem 2G --timeout 1500 \
	--add "$work/modules.cpio" --add "$work/root.cpio" --file "$ko:/btf_tolerant.ko" \
	--file "$work/out/crc16.btf:/btf/crc16" --file "$(find "$c/lib" -name dummy.ko):/c/dummy.ko"
done_testing
