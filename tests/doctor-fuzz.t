#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the tools read, and any bytes: libFuzzer with ASan and UBSan, half a minute of it for all
# kinds, or FUZZ_RUNS runs for each.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages "${BUILD_PACKAGES[@]}" bzip2 clang lz4 xz-utils zstd
dir=$(kernel_dir trixie-backports)
once "plain-$(basename "$dir")" plain "$dir"
src=${BTF_TOLERANT_SRC:-$TOP}
work=$(mktemp -d "$CACHE/doctor-fuzz.XXXXXX")
trap 'rm -rf "$work"' EXIT

clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I "$src/tools" -o "$work/fuzz" \
	"$TOP/tests/fuzz/tools_fuzz.c" "$src/src/btf_check.c" \
	"$src"/tools/{base_{change,diff,functions,names,path,same,uses},btf_{spell,validate,visit},check,elf_file}.c \
	"$src"/tools/{image,image_formats,initramfs,module_file,unpack,util}.c -lbpf -lelf -larchive

# --- seeds: real ones, as small as they can be --------------------------------

mkdir -p "$work"/{image,module,initramfs,btf}
le32() { perl -e 'print pack("V*", map { /^0x/ ? hex : $_ } @ARGV)' "$@"; }
# With small windows: to get memory for large ones would take most of the time.
packers=("gzip -9" "bzip2 -1" "xz -0 --check=crc32" "xz -0 --format=lzma" "zstd -q" "lz4 -q -B4" "lz4 -q -l")
# each_packing FILE OUT: FILE, packed in each way, as OUT-0, OUT-1...
each_packing() {
	local i
	for i in "${!packers[@]}"; do
		${packers[i]} <"$1" >"$2-$i"
	done
}

# A kernel: types, a build ID, what it says of itself.
for v in old new; do
	clang -target bpf -g -O2 "-D${v^^}" -c "$TOP/tests/doctor/types.c" -o "$work/$v.o"
	objcopy --input-target=elf64-little -O binary --only-section=.BTF --set-section-flags .BTF=alloc \
		"$work/$v.o" "$work/$v.btf"
	readelf -SW "$work/$v.o" | grep -q ' \.BTF '
done
printf 'Linux version 7.3.4 (me@here) (gcc 14) #1 SMP today\n\0' >"$work/banner"
{ le32 4 20 3; printf 'GNU\0'; printf '0123456789abcdefghij'; } >"$work/notes"
echo 'int x;' | gcc -c -x c -o "$work/empty.o" -
objcopy --add-section .BTF="$work/old.btf" --add-section .notes="$work/notes" \
	--add-section .rodata="$work/banner" --strip-debug "$work/empty.o" "$work/vmlinux"
cp "$work/vmlinux" "$work/old.btf" "$work/image/"
each_packing "$work/vmlinux" "$work/image/packed"
for i in "${!packers[@]}"; do
	perl -e '
		my ($payload, $size, $out, $zboot) = @ARGV;
		local $/;
		open(my $f, "<:raw", $payload) or die;
		my $data = <$f>;
		my $head = "\0" x 1024;
		substr($head, 0x1f1, 1) = "\1";
		substr($head, 0x1fe, 8) = "\x55\xaa\xeb\x66HdrS";
		substr($head, 0x206, 2) = pack("v", 0x20f);
		substr($head, 0x20e, 2) = pack("v", 0x100);
		substr($head, 0x300, 29) = "7.3.4 (me\@here) #1 SMP today\0";
		substr($head, 0x248, 8) = pack("VV", 0, length($data) + 4);
		open(my $b, ">:raw", $out) or die;
		print $b $head, $data, pack("V", $size);
		open(my $z, ">:raw", $zboot) or die;
		print $z "MZ\0\0zimg", pack("VV", 64, length($data)), "\0" x 48, $data;' \
		"$work/image/packed-$i" "$(stat -c %s "$work/vmlinux")" "$work/image/bzImage-$i" "$work/image/zboot-$i"
done
{ head -c 56 /dev/zero; printf 'ARM\x64\0\0\0\0'; cat "$work/banner"
	head -c $((-$(stat -c %s "$work/banner") & 3)) /dev/zero
	cat "$work/notes" "$work/old.btf"; } >"$work/image/Image"
objcopy --add-section ".kernel:vmlinux.strip=$work/image/packed-0" "$work/empty.o" "$work/image/zImage"
perl -e '
	local $/;
	my @sections = map { my ($n, $f) = split /=/; open(my $h, "<:raw", $f) or die; [$n, <$h>] } @ARGV;
	my $off = 64 + 24 + 40 * @sections;
	my ($table, $data) = ("", "");
	for (@sections) {
		my $len = length($_->[1]);
		$table .= pack("a8V4x16", $_->[0], $len, 0, $len, $off + length($data));
		$data .= $_->[1];
	}
	print "MZ", "\0" x 58, pack("V", 64), "PE\0\0", pack("vvx16", 0x8664, scalar @sections), $table, $data;' \
	".linux=$work/image/bzImage-0" ".uname=$work/banner" ".osrel=$work/banner" ".initrd=$work/notes" \
	".cmdline=$work/banner" >"$work/image/uki"

# Modules, the smallest
find "$dir/plain" -name '*.ko' -printf '%s %p\n' | sort -n | sed -n '1,5s/^[0-9]* //p' | while read -r m; do
	objcopy --strip-unneeded -R .symtab "$m" "$work/module/$(basename "$m")" 2>/dev/null || cp "$m" "$work/module/"
done
each_packing "$(find "$work/module" -name '*.ko' | head -n 1)" "$work/module/packed"

# initramfs archives
mkdir -p "$work/tree/dir"
echo hello >"$work/tree/dir/file"
echo x >"$work/tree/x"
ln -s x "$work/tree/link"
(cd "$work/tree" && find . | cpio --quiet -o -H newc) >"$work/initramfs/cpio"
each_packing "$work/initramfs/cpio" "$work/initramfs/packed"
# Not lz4's legacy form: libarchive takes 8 MB for it each time. Images have it.
rm "$work"/initramfs/packed-6
for i in 0 1 2 3 4 5; do
	{ cat "$work/initramfs/cpio"; head -c 4 /dev/zero; cat "$work/initramfs/packed-$i"; } >"$work/initramfs/early-$i"
	{ cat "$work/initramfs/packed-$i" "$work/initramfs/packed-4" "$work/initramfs/cpio"; } >"$work/initramfs/more-$i"
done

# A base and another, and a base and a module's: a struct, a pointer, a prototype, a function.
with_length() { le32 "$(stat -c %s "$1")"; cat "$@"; }
with_length "$work/old.btf" "$work/new.btf" >"$work/btf/bases"
with_length "$work/new.btf" "$work/old.btf" >"$work/btf/bases-back"
read -r types strings <<<"$("$(build_tools)/btf-rebase" --stat "$work/old.o")"
{
	le32 0x0001eb9f 24 0 92 92 4
	le32 "$strings" 0x04000001 16 1 1 0
	le32 0 0x02000000 1
	le32 0 0x0d000001 0 1 $((types + 1))
	le32 "$strings" 0x0c000001 $((types + 2))
	le32 "$strings" 0x04000001 16 1 $((types + 1)) 0
	printf 'f\0\0\0'
} >"$work/split.btf"
with_length "$work/old.btf" "$work/split.btf" >"$work/btf/split"
# All of it of the other byte order
for f in old new split; do
	perl -0777 -e '
		my $btf = <STDIN>;
		my ($header, $types, $len) = unpack("x4 VVV", $btf);
		die if $types;
		print pack("n", 0xeb9f), substr($btf, 2, 2), pack("N*", unpack("V*", substr($btf, 4, $header - 4 + $len))),
			substr($btf, $header + $len);' <"$work/$f.btf" >"$work/$f-swapped.btf"
done
with_length "$work/old-swapped.btf" "$work/new-swapped.btf" >"$work/btf/bases-swapped"
with_length "$work/old-swapped.btf" "$work/split-swapped.btf" >"$work/btf/split-swapped"

# --- the fuzzer ---------------------------------------------------------------

# Seeds that are refused at once would teach it nothing.
gcc -Wall -I "$src/tools" -o "$work/info" "$TOP/tests/doctor/image_info.c" \
	"$src"/tools/{image,image_formats,unpack,elf_file,util}.c -larchive -lelf
for f in "$work"/image/*; do
	is "$("$work/info" "$f" | cut -f5)" "$(stat -c %s "$work/old.btf")" "seed $(basename "$f") is read"
done
"$(build_tools)/btf-rebase" --stat "$work/old.o" >/dev/null

for what in btf image module initramfs; do
	limit=(-max_total_time=$((${FUZZ_SECONDS:-32} / 4)))
	[ -z "${FUZZ_RUNS:-}" ] || limit=(-runs="$FUZZ_RUNS")
	mkdir "$work/corpus"
	# Two of the bases have some 3,000 bytes; longer ones are slower, and say nothing new.
	case $what in btf) length=4096 ;; *) length=16384 ;; esac
	n=$(find "$work/$what" -type f | wc -l)
	ok "$what: libFuzzer finds nothing, from $n seeds" sh -c '"$@" >"$0" 2>&1 || { tail -n 30 "$0"; exit 1; }' "$work/log" \
		env FUZZ_WHAT="$what" "$work/fuzz" -max_len="$length" -rss_limit_mb=4096 -malloc_limit_mb=2048 -timeout=30 \
		-print_final_stats=1 -artifact_prefix="$LOGS/fuzz-$what-" "${limit[@]}" "$work/corpus" "$work/$what"
	# Seeds that are refused at once lead nowhere.
	case $what in btf) least=400 ;; image) least=120 ;; *) least=50 ;; esac
	cov=$(sed -n 's/^#.*INITED cov: \([0-9]*\).*/\1/p' "$work/log")
	ok "$what: the seeds lead into the code ($cov places)" [ "$cov" -gt $least ]
	diag "$what: $(grep -aoE '^#[0-9]*.*(DONE|INITED)[^c]*cov: [0-9]*|number_of_executed.*' "$work/log" | xargs -d '\n')"
	rm -r "$work/corpus"
done
done_testing
