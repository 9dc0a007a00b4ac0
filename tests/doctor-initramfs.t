#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The archives that an initramfs is made of: one after the other, compressed in any way.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages "${BUILD_PACKAGES[@]}" bzip2 lz4 xz-utils zstd
at=$(build_tools)
work=$(mktemp -d "$CACHE/doctor-initramfs.XXXXXX")
trap 'rm -rf "$work"' EXIT
gcc -Wall -I "$at" -o "$work/list" "$TOP/tests/doctor/initramfs_list.c" \
	"$at"/{initramfs,unpack,util}.o -larchive

# Three trees: sizes around every padding, one that is larger than any buffer, one not read.
for t in a b c; do
	mkdir -p "$work/$t/kernel/dir" "$work/$t/empty"
	for n in 0 1 2 3 4 5 4095 4096 4097; do
		head -c "$n" /dev/urandom >"$work/$t/kernel/dir/$t-$n"
	done
	{ head -c 700000 /dev/urandom; head -c 700000 /dev/zero; } >"$work/$t/kernel/$t-large"
	head -c 100001 /dev/urandom >"$work/$t/kernel/$t-skip"
	ln -s "$t-large" "$work/$t/kernel/link"
	(cd "$work/$t" && find . | LC_ALL=C sort | cpio --quiet -o -H newc) >"$work/$t.cpio"
	# The same by other means: sum is the algorithm that initramfs_list.c has.
	(cd "$work/$t" && find . | LC_ALL=C sort | sed 's|^\./||' | while read -r f; do
		[ -f "$f" ] && [ ! -L "$f" ] || continue
		case $f in
		*skip*) sum=- ;;
		*) sum=$(sum -r <"$f" | awk '{ print $1 + 0 }') ;;
		esac
		echo "$f $(stat -c %s "$f") $sum"
	done) >"$work/$t.want"
done

# lists WHAT TREE...: what is in $work/fs is those trees
lists() {
	local what=$1 t
	shift
	for t; do cat "$work/$t.want"; done >"$work/want"
	"$work/list" "$work/fs" >"$work/got" 2>"$work/err" || cat "$work/err" >>"$work/got"
	same "$work/got" "$work/want" "$what"
}
pack_as() {
	case $1 in
	none) cat ;;
	gzip) gzip -1 ;;
	bzip2) bzip2 -1 ;;
	xz) xz -0 --check=crc32 ;;
	lzma) xz -0 --format=lzma ;;
	zstd) zstd -q -1 ;;
	lz4) lz4 -q -l -1 ;;
	esac
}

zeros() { head -c "$1" /dev/zero; }
for how in none gzip bzip2 xz lzma zstd lz4; do
	pack_as "$how" <"$work/a.cpio" >"$work/fs"
	lists "$how" a
	{ cat "$work/b.cpio"; zeros 512; pack_as "$how" <"$work/a.cpio"; } >"$work/fs"
	lists "microcode, zeros, $how" b a
	{ cat "$work/b.cpio"; pack_as "$how" <"$work/a.cpio"; } >"$work/fs"
	lists "microcode, $how" b a
done
# As mkosi and ukify put them together. The tools that read bzip2, lzma and lz4 do not say where
# a stream ended that something else follows.
for how in gzip xz zstd; do
	for next in none gzip xz zstd; do
		{ pack_as "$how" <"$work/a.cpio"; pack_as "$next" <"$work/b.cpio"; } >"$work/fs"
		lists "$how, $next" a b
		{ pack_as "$how" <"$work/a.cpio"; zeros 8; pack_as "$next" <"$work/b.cpio"; zeros 4; } >"$work/fs"
		lists "$how, zeros, $next, zeros" a b
	done
done
{ cat "$work"/{a,b,c}.cpio; zeros 3; } >"$work/fs"
lists "three, not compressed" a b c
cat "$work"/{a,b,c}.cpio | zstd -q -1 >"$work/fs"
lists "three, compressed together" a b c

# Damaged: what came before is listed, then an error.
damaged() {
	local what=$1 regex=$2
	fails "$what" 1 "$regex" "$work/list" "$work/fs"
}
head -c -7000 "$work/a.cpio" >"$work/fs"
damaged "cut off" "ends inside"
"$work/list" "$work/fs" 2>/dev/null | head -n 7 >"$work/got" || true
head -n 7 "$work/a.want" >"$work/want"
same "$work/got" "$work/want" "what was before is listed"
for how in gzip xz zstd; do
	pack_as "$how" <"$work/a.cpio" >"$work/whole"
	head -c 500000 "$work/whole" >"$work/fs"
	damaged "$how, cut off" "cannot be unpacked|ends inside"
done
{ cat "$work/a.cpio"; echo garbage; } >"$work/fs"
damaged "garbage behind it" "not compressed in a known way"
{ cat "$work/a.cpio"; echo 0garbage; head -c 200 "$work/b.cpio"; } >"$work/fs"
damaged "garbage that begins as a header does" "damaged header"
sed '1s/^070701......../070701zzzzzzzz/; 1s/\(.\{54\}\)......../\1xxxxxxxx/' "$work/a.cpio" >"$work/fs"
damaged "a size that is no number" "damaged header"
{ printf '070701'; printf '00000001%.0s' {1..5}; printf '00000001ffffffff'; printf '00000001%.0s' {1..4}
	printf '0000000200000000x\0\0\0'; } >"$work/fs"
damaged "4 GiB that are not there" "ends inside"
head -c 65M /dev/zero | zstd -q >"$work/fs"
damaged "zeros without end" "too many zeros"
printf '\x89LZO\0\r\n\x1a\n....' >"$work/fs"
damaged "lzo" "which libarchive cannot read here"
: >"$work/fs"
damaged "an empty file" "is empty"
mkdir "$work/d"
echo x >"$work/d/stop"
echo y >"$work/d/z"
(cd "$work/d" && printf '%s\n' stop z | cpio --quiet -o -H newc) >"$work/fs"
fails "the callback ends the walk" 7 "^stop 2" "$work/list" "$work/fs"
done_testing
