#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf-doctor check: a thousand modules and more, unaltered and rebased, damaged ones, and those of
# a machine of the other byte order. With LIBBPF=new built with Debian 13's libbpf, and running on it.
# shellcheck source=tests/lib/restore.sh
. "$(dirname "$0")/lib/restore.sh"
# shellcheck source=tests/lib/images.sh
. "$TOP/tests/lib/images.sh"

doctor=$(build_tools)/btf-doctor
[ -z "${LIBBPF:-}" ] || doctor=$(newer_program btf-doctor)
dir=$(kernel_dir trixie-backports)
rebased=$(rebased "$dir")
release=$(cat "$dir/release")
work=$(mktemp -d "$CACHE/doctor-check.XXXXXX")
trap 'rm -rf "$work"' EXIT
base=$dir/vmlinux

# verdicts FILE: of what check printed, how many of each
verdicts() { cut -f2 "$1" | sort | uniq -c | xargs; }
# checked OPTION...: check in $work/out, $work/err; its exit status in $status
checked() {
	status=0
	"$doctor" check "$@" >"$work/out" 2>"$work/err" || status=$?
}

ok "check --help" grep -q -- '--made-for' <<<"$("$doctor" check --help)"
fails "check without a base is a usage error" 2 "needs --base" "$doctor" check x.ko
fails "without a module, too" 2 "needs a module" "$doctor" check --base "$base"
fails "an unknown option, too" 2 "unknown option '--x'" "$doctor" check --x
fails "and one without its value" 2 "base needs a value" "$doctor" check --base
fails "a directory without modules" 2 "no modules there" "$doctor" check --base "$base" "$work"
fails "a program is no module" 1 "ls: is not a kernel module" "$doctor" check --base "$base" /bin/ls
: >"$work/empty.ko"
fails "nor is an empty file" 1 "empty.ko: is empty" "$doctor" check --base "$base" "$work/empty.ko"
rm "$work/empty.ko"
fails "a base that is not there" 2 "No such file" "$doctor" check --base "$work/none" "$dir/plain"
fails "a base that is none" 2 "not a kernel image or BTF" "$doctor" check --base "$0" "$dir/plain"

# All modules of a distro's kernel, as they are installed.
n=$(find "$dir/lib/modules" -name '*.ko*' | wc -l)
checked --base "$base" "$dir/lib/modules/$release"
is "$status $(verdicts "$work/out")" "0 $n fits" "all modules fit their kernel"
is "$(cat "$work/err")" "$n modules: $n fit" "and the summary says so"
find "$dir/lib/modules" -name '*.ko*' -exec basename {} \; |
	sed 's/\.ko.*//; s/-/_/g' | sort >"$work/names"
cut -f1 "$work/out" | sort >"$work/got"
same "$work/got" "$work/names" "each has its line, by its name"

# Rebased ones: what says nothing about its base, that has no names, may seem to fit.
mkdir "$work/btf"
n=$(wc -l <"$dir/list")
(cd "$rebased" && "$(build_tool btf_names)" --dump "$work/btf" <"$dir/list") >/dev/null
find "$work/btf" -type f | "$(build_tool btf_names)" "$dir/vmlinux" | awk -F'\t' '$3 == 0 { print $1 }' |
	sed 's|.*/||; s|\.ko.*||; s|-|_|g' | sort >"$work/nameless"
ok "few modules have no names ($(wc -l <"$work/nameless") of $n)" [ "$(wc -l <"$work/nameless")" -lt 10 ]
checked --base "$base" "$rebased"
is "$status" 1 "rebased modules do not fit the kernel"
is "$(wc -l <"$work/out")" "$n" "each has its line"
is "$(sed -n 's/\tfits$//p' "$work/out" | sort | comm -23 - "$work/nameless")" "" \
	"all are other-build, but those without names"
is "$(grep -cvE "$(printf '\t(other-build|fits)$')" "$work/out")" 0 "and none is anything else"
diag "$(verdicts "$work/out")"
checked --base "$rebased/base.btf" "$rebased"
is "$status $(verdicts "$work/out")" "0 $n fits" "all of them fit the base that they were rebased on"

# One of each kind.
m=$dir/plain/$(grep -m 1 /dummy.ko "$dir/list")
mkdir "$work/mods"
cp "$m" "$work/mods/fits.ko"
cp "$rebased/$(grep -m 1 /dummy.ko "$dir/list")" "$work/mods/other.ko"
objcopy --remove-section .BTF "$m" "$work/mods/nobtf.ko"
objcopy --dump-section .BTF="$work/dummy.btf" "$m" /dev/null
head -c 40 "$work/dummy.btf" >"$work/short.btf"
objcopy --update-section .BTF="$work/short.btf" "$m" "$work/mods/short.ko"
objcopy --add-section .BTF.base="$work/dummy.btf" "$m" "$work/mods/own.ko"
head -c 1000 "$m" >"$work/mods/cut.ko"
: >"$work/mods/empty.ko"
echo hello >"$work/mods/text.ko"
printf '\xfd7zXZ\0garbage' >"$work/mods/garbage.ko.xz"
mkfifo "$work/mods/fifo.ko"
# Names fit, an ID leads nowhere: the last type's, which is behind its name and info.
read -r off len <<<"$(od -An -j 8 -N 8 -t u4 "$work/dummy.btf")"
cp "$work/dummy.btf" "$work/astray.btf"
printf '\xff\xff\xff\x7f' | dd of="$work/astray.btf" bs=1 seek=$((24 + off + 8)) conv=notrunc status=none
ok "the damaged BTF has types ($len bytes of them)" [ "$len" -gt 12 ]
objcopy --update-section .BTF="$work/astray.btf" "$m" "$work/mods/astray.ko"
for how in gzip xz zstd; do
	case $how in gzip) e=gz ;; xz) e=xz ;; zstd) e=zst ;; esac
	"$how" -c "$m" >"$work/mods/$how.ko.$e"
done
checked --base "$base" "$work/mods"
is "$status" 1 "a folder with all kinds"
is "$(cut -f2 "$work/out" | xargs)" \
	"broken broken broken broken fits broken fits no-btf other-build own-base broken broken fits fits" \
	"astray cut empty fifo fits garbage gzip nobtf other own short text xz zstd"
is "$(grep -c "^btf-doctor: $work/mods/" "$work/err")" 7 "what is broken has a line that says why"
ok "a file that is cut off" grep -q "cut.ko: is an ELF file that is cut off" "$work/err"
ok "a type that leads nowhere" grep -qE "astray.ko: (type .* refers to a type that does not exist|its BTF cannot be read)" "$work/err"
fails "what is not there is trouble, the rest goes on" 2 "dummy.fits" "$doctor" check --base "$base" "$work/none" "$m"

# The types that they use.
checked --base "$base" --made-for "$base" "$dir/plain/${m#"$dir"/plain/}"
is "$status $(cut -f2- "$work/out")" "0 fits	same" "--made-for the same base: the same types"
sid=$(kernel_dir sid)/vmlinux
checked --base "$sid" --made-for "$base" "$m"
is "$status" 1 "--made-for another version"
cut -f3 "$work/out" | tr , '\n' | sort >"$work/used"
"$doctor" diff "$base" "$sid" 2>/dev/null | cut -f1 | sort >"$work/differing" || true
ok "names types that it uses ($(wc -l <"$work/used"))" [ "$(wc -l <"$work/used")" -gt 10 ]
is "$(comm -23 "$work/used" "$work/differing")" "" "and all of these do differ"
checked --base "$base" --made-for "$sid" "$m"
is "$(cut -f2- "$work/out")" "fits	-" "a module that was not made for it: no word about types"

# Of the whole of both kernels, whoever uses it
ok "the summary says that they differ" grep -qE '^between the two kernels [1-9][0-9]* of 1[0-9]{4} types and .* differ: ' "$work/err"
checked --base "$rebased/base.btf" --made-for "$base" "$m"
is "$(cut -f2- "$work/out")" "other-build	same" "another build of one source"
ok "of which nothing differs" grep -qE '^between the two kernels 0 of .* functions differ: they are of one source' "$work/err"
"$(build_tool add_member)" "$rebased/base.btf" mm_struct "$work/mm.btf"
crc=$(grep -m 1 /crc-itu-t.ko "$dir/list")
checked --base "$work/mm.btf" --made-for "$base" "$dir/plain/$crc"
is "$(cut -f2- "$work/out")" "other-build	same" "only mm_struct differs, to which the module's BTF does not refer"
ok "the summary names that, too" grep -q '^between the two kernels 1 of .* 0 of .* functions differ: .* may use those, too' "$work/err"

# A machine of the other byte order
s390=$(arch_image s390x s390x)
n=$(find "$s390/modules/crypto" -name '*.ko*' | wc -l)
checked --base "$s390/vmlinuz" "$s390/modules/crypto"
is "$status $(verdicts "$work/out")" "0 $n fits" "s390x: all modules fit their kernel"
gcc -Wall -I "$TOP/tools" -o "$work/info" "$TOP/tests/doctor/image_info.c" \
	"$(build_tools)"/{image,image_formats,unpack,elf_file,util}.o -larchive -lelf
"$work/info" "$s390/vmlinuz" "$work/s390.btf" >/dev/null
mkdir "$work/s390"
cp -r "$s390/modules/crypto" "$work/s390/"
"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$work/s390" --base "$work/s390.btf" --out "$work/s390.other" 2>/dev/null
checked --base "$work/s390.other/base.btf" --made-for "$s390/vmlinuz" "$s390/modules/crypto"
is "$status $(verdicts "$work/out")" "1 $n other-build" "s390x: to another base they are of another build"
is "$(cut -f3 "$work/out" | sort -u)" same "and use the same types"
checked --base "$base" "$s390/modules/crypto"
is "$status $(verdicts "$work/out")" "1 $n broken" "s390x: to a kernel of this machine they are not BTF"
ok "which is said" grep -q 'its BTF is of the other byte order' "$work/err"

# JSON says the same.
checked --json --base "$sid" --made-for "$base" "$work/mods/fits.ko" "$work/mods/cut.ko"
is "$(perl -MJSON::PP -0777 -ne '$o = decode_json($_); $m = $o->{modules};
	print join " ", $o->{version}, scalar @$m, $m->[0]{name}, $m->[0]{verdict},
		scalar @{$m->[0]{differing}}, $m->[1]{verdict}, length $m->[1]{why} > 0,
		$o->{summary}{broken}' "$work/out")" "1 2 dummy other-build $(wc -l <"$work/used") broken 1 1" "--json"
is "$(perl -MJSON::PP -0777 -ne '$o = decode_json($_); $was = 0;
	for (@{$o->{modules}[0]{differing}}) { print "bad" if $_->{pointers} < $was; $was = $_->{pointers}; }
	print $was > 0' "$work/out")" 1 "nearest first"
done_testing
