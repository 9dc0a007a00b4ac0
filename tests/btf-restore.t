#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf-restore: BTF of dropped modules, relocated onto the running kernel's. Of the modules without
# dependencies the first few; all of them with ALL=1.
# shellcheck source=tests/lib/restore.sh
. "$(dirname "$0")/lib/restore.sh"

dir=$(kernel_dir trixie-backports)
other=$(rebased "$dir")
release=$(cat "$dir/release")
ko=$(build_module trixie-backports)
build_restore >/dev/null
work=$(mktemp -d "$CACHE/btf-restore.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT

# --- files ---------------------------------------------------------------------
if [ -n "${ALL:-}" ]; then cp "$dir/list" "$work/list"; else sed -n '1~25p' "$dir/list" >"$work/list"; fi
{ sample <"$dir/list"; cat "$work/list"; } | sort -u >"$work/some"
mkdir "$work/in" "$work/out"
while IFS= read -r m; do
	name=$(modinfo -F name "$other/$m")
	cp "$other/$m" "$work/in/"
	echo "$dir/plain/$m $work/out/$name.btf" >>"$work/pairs"
	echo "$other/$m $work/out/$name.btf" >>"$work/other-pairs"
done <"$work/some"
n=$(wc -l <"$work/some")
status=0
restore --base "$dir/vmlinux" --made-for "$other/base.btf" --output "$work/out" "$work/in" >"$work/log" || status=$?
is "$status $(cut -f2 "$work/log" | sort | uniq -c | xargs)" "0 $n written" "all $n modules are relocated"
ok "and say what they said for their own kernel" "$(build_tool btf_meaning)" "$other/base.btf" "$dir/vmlinux" <"$work/other-pairs"
ok "and what the unaltered ones say" "$(build_tool btf_meaning)" "$dir/vmlinux" "$dir/vmlinux" <"$work/pairs"
ok "one with kfuncs says what it will lack" grep -qE '^tcp_bbr	written	.*/tcp_bbr.btf, without kfuncs' "$work/log"

# Kernels that differ: struct sk_buff has a member more in what the modules were made for.
"$(build_tool add_member)" "$other/base.btf" sk_buff "$work/grown.btf"
mkdir "$work/grown"
status=0
restore --base "$dir/vmlinux" --made-for "$work/grown.btf" --output "$work/grown" "$work/in" >"$work/log" || status=$?
is "$status" 1 "struct sk_buff differs: some are not relocated"
is "$(grep -E '^dummy	' "$work/log" | cut -f2)" differs "dummy is not"
ok "its line names the type, how it differs and the way to it" grep -qE \
	'^dummy	.*struct sk_buff .*size: 240 bytes -> 232 bytes, member .*danger.*dummy_xmit\(skb\) -> struct sk_buff' "$work/log"
ok "crc_itu_t is" grep -q '^crc_itu_t	written' "$work/log"
is "$(cut -f2 "$work/log" | sort -u | xargs)" "differs written" "and there is nothing else"
is "$(find "$work/grown" -type f | wc -l)" "$(grep -c '	written	' "$work/log")" "files are there for those that say so only"
ok "which have what they had before" sh -c 'for f in "$1"/*; do cmp "$f" "$2/${f##*/}" || exit 1; done' sh "$work/grown" "$work/out"
"$(build_tool add_member)" "$other/base.btf" mm_struct "$work/grown-mm.btf"
status=0
restore --dry-run --base "$dir/vmlinux" --made-for "$work/grown-mm.btf" "$work/in/dummy.ko" >"$work/log" || status=$?
ok "dummy comes to mm_struct, too, a long way" grep -qE '^dummy	differs	struct mm_struct .*Way: .* -> .* -> .*struct mm_struct' "$work/log"

# What cannot be done
status=0
restore --dry-run --base "$dir/vmlinux" --made-for "$other/base.btf" "$dir/plain/$(grep '/dummy.ko$' "$dir/list")" >"$work/log" || status=$?
is "$status $(cut -f1,2 "$work/log")" "1 dummy	no-base" "a module that was not made for the image"
head -c 3000 "$work/in/dummy.ko" >"$work/cut.ko"
objcopy -R .BTF "$work/in/dummy.ko" "$work/without.ko"
printf 'nothing' >"$work/no.ko"
status=0
restore --dry-run --base "$dir/vmlinux" --made-for "$other/base.btf" "$work"/{cut,without,no}.ko "$work/in/dummy.ko" >"$work/log" || status=$?
is "$status $(cut -f2 "$work/log" | xargs)" "1 broken no-btf broken possible" "files that are cut short, without BTF, no modules: the rest goes on"
fails "an image that is none" 2 'no.ko: ' restore --dry-run --base "$dir/vmlinux" --made-for "$work/no.ko" "$work/in"
fails "a file that is no module" 2 'ls: is not a kernel module' restore /bin/ls
fails "a directory without modules" 2 'no modules there' \
	restore --dry-run --base "$dir/vmlinux" --made-for "$other/base.btf" "$work/out"
fails "no name where to" 2 'output needs a value' \
	restore --base "$dir/vmlinux" --made-for "$other/base.btf" --output "" "$work/in/dummy.ko"
mkdir "$work/twin" "$work/twins"
cp "$work/in/dummy.ko" "$work/twin/"
status=0
restore --base "$dir/vmlinux" --made-for "$other/base.btf" --output "$work/twins" "$work/in/dummy.ko" "$work/twin" >"$work/log" || status=$?
is "$status $(cut -f2 "$work/log" | xargs)" "1 failed failed" "two files of one module"
is "$(ls "$work/twins")" "" "and nothing of them is left there"
fails "a directory that is not there" 2 'none: No such file' \
	restore --base "$dir/vmlinux" --made-for "$other/base.btf" --output "$work/none" "$work/in/dummy.ko"
fails "--base by itself is wrong usage" 2 'needs --made-for' restore --base "$dir/vmlinux" "$work/in"
# Freed memory is overwritten: the types' names are printed after the bases are gone.
in_chroot "$RESTORE_SUITE" env MALLOC_PERTURB_=85 "$(in_cache "$(build_restore)/btf-restore")" --json --dry-run \
	--base "$(in_cache "$dir/vmlinux")" --made-for "$(in_cache "$work/grown.btf")" "$(in_cache "$work/in/dummy.ko")" \
	>"$work/json" || true
# shellcheck disable=SC2016 # Perl's
is "$(perl -MJSON::PP -e 'local $/; my $j = decode_json(<>); my $m = $j->{modules}[0];
	print join " ", $j->{version}, $j->{done}, @$m{qw(name result type_kind type_name)}' "$work/json")" \
	"1 0 dummy differs struct sk_buff" "--json says the same"

# --- a machine ------------------------------------------------------------------
# Modules of the other build are in place of its own, and the image that they were made for in /boot.
tree=$work/tree/lib/modules/$release
mkdir -p "$tree/kernel"
while IFS= read -r m; do
	mkdir -p "$tree/${m%/*}"
	cp "$other/$m" "$tree/$m"
done < <(sample <"$dir/list")
echo "$release" >"$work/tree/release"
touch "$tree/modules."{order,builtin,builtin.modinfo}
pack_modules "$work/tree" "$work/modules.cpio"
add_program "$work/root" "$(build_restore)/btf-restore"
mkdir "$work/root/boot"
other_image "$dir/vmlinuz" "$other/base.btf" "$work/root/boot/vmlinuz-$release"
pack "$work/root" "$work/root.cpio"
files=()
while IFS= read -r m; do
	name=$(modinfo -F name "$other/$m")
	echo "$name" >>"$work/names"
	files+=(--file "$work/out/$name.btf:/btf/$name")
done < <(sample <"$dir/list")
# The same module with another build ID
perl -0777 -pe 's/(\x03\0\0\0GNU\0)(.{20})/$1 . $2 ^ ("\0" x 8 . "\xff" x 20)/se' \
	"$other/$(grep '/crc-itu-t.ko$' "$dir/list")" >"$work/crc-itu-t.ko"
files+=(--file "$work/crc-itu-t.ko:/else/crc-itu-t.ko")
# One whose init takes its time, with the BTF of dummy
once module-restore build_test_modules trixie-backports "$MODULES/restore" "$(headers trixie-backports)" stress \
	CONFIG_DEBUG_INFO_BTF_MODULES=
raw_btf "$other/$(grep '/dummy.ko$' "$dir/list")" "$work/dummy.other"
objcopy --add-section ".BTF=$work/dummy.other" "$MODULES/restore/stress_a.ko" "$work/stress_a.ko"
files+=(--file "$work/stress_a.ko:/else/stress_a.ko")
guest btf-restore --cpus 1 --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/btf-restore.guest" --mem 3G --timeout 1200 \
	--add "$work/modules.cpio" --add "$work/root.cpio" --file "$ko:/btf_tolerant.ko" --file "$work/names:/names" \
	--file "$work/grown.btf:/grown.btf" --file "$(build_bpf module_core):/module_core.o" "${files[@]}"
[ -n "${ALL:-}" ] || { done_testing; exit; }

# All of them on one machine
all=$work/all/lib/modules/$release
mkdir -p "$all" "$work/all-btf"
cp -r "$other/kernel" "$all/"
cp "$work/tree/release" "$work/all/"
touch "$all/modules."{order,builtin,builtin.modinfo}
pack_modules "$work/all" "$work/all.cpio"
cp -r "$work/out" "$work/all-btf/btf"
pack "$work/all-btf" "$work/all-btf.cpio"
while IFS= read -r m; do modinfo -F name "$other/$m"; done <"$dir/list" >"$work/all-names"
guest btf-restore-all --cpus 1 --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/btf-restore-all.guest" --mem 4G --timeout 3600 \
	--add "$work/all.cpio" --add "$work/all-btf.cpio" --add "$work/root.cpio" --file "$ko:/btf_tolerant.ko" \
	--file "$work/all-names:/names"
done_testing
