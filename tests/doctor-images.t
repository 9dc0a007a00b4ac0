#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernel images of each format, compression and architecture: what btf-doctor reads of them.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/images.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages "${BUILD_PACKAGES[@]}" bzip2 lz4 xz-utils zstd
at=$(build_tools)
dir=$(kernel_dir trixie-backports)
work=$(mktemp -d "$CACHE/doctor-images.XXXXXX")
trap 'rm -rf "$work"' EXIT
gcc -Wall -I "$at" -o "$work/info" "$TOP/tests/doctor/image_info.c" \
	"$at"/{image,image_formats,unpack,elf_file,util}.o -larchive -lelf

# What the parts of a real kernel say, by other means.
objcopy --dump-section .BTF="$work/btf" "$dir/vmlinux" /dev/null
release=$(cat "$dir/release")
version=$(file -b "$dir/vmlinuz" | sed 's/.*) #/#/; s/), .*/)/')
build_id=$(readelf -n "$dir/vmlinux" | sed -n 's/ *Build ID: //p')
rest="$release	$version	$build_id	$(stat -c %s "$work/btf")"

# reads IMAGE FORMAT [INITRD [CMDLINE]]: all of it is read, the BTF to the byte
reads() {
	rm -f "$work/got"
	is "$("$work/info" "$1" "$work/got" 2>&1)" "$2	$rest	${3:-0}	${4:--}" "$2: $(basename "$1")"
	ok "$(basename "$1"): its BTF" cmp "$work/got" "$work/btf"
}

reads "$dir/vmlinux" vmlinux
reads "$dir/vmlinuz" bzImage
is "$("$work/info" "$work/btf" | cut -f1,5)" "BTF	$(stat -c %s "$work/btf")" "raw BTF"
if [ -r /sys/kernel/btf/vmlinux ]; then
	is "$("$work/info" /sys/kernel/btf/vmlinux | cut -f5)" "$(stat -c %s /sys/kernel/btf/vmlinux)" \
		"the running kernel's"
fi

# Smaller, since it is packed again and again: the sections that are looked at.
objcopy -j .BTF -j .notes -j .rodata "$dir/vmlinux" "$work/small"
reads "$work/small" vmlinux
# pack NAME COMMAND...
packed=()
pack_as() {
	local name=$1
	shift
	nice "$@" <"$work/small" >"$work/$name" 2>/dev/null
	packed+=("$name")
}
pack_as gzip gzip -1c
pack_as bzip2 bzip2 -1c
pack_as xz xz -0c --check=crc32
pack_as lzma xz -0c --format=lzma
pack_as zstd zstd -3c
pack_as lz4 lz4 -1c
pack_as lz4-legacy lz4 -l -1c
for p in "${packed[@]}"; do
	reads "$work/$p" compressed
done

# le32 NUMBER...: as bytes
le32() { perl -e 'print pack("V*", @ARGV)' "$@"; }
size=$(stat -c %s "$work/small")

# bzimage PACKED OUT: the real setup code, with another payload. Documentation/arch/x86/boot.rst;
# the unpacked size follows the payload, gzip has it at its end anyway.
bzimage() {
	perl -e '
		my ($vmlinuz, $payload, $size, $out) = @ARGV;
		sub slurp { local $/; open(my $f, "<:raw", $_[0]) or die; <$f> }
		my ($head, $data) = (slurp($vmlinuz), slurp($payload));
		my $off = unpack("V", substr($head, 0x248, 4)) + (unpack("C", substr($head, 0x1f1, 1)) + 1) * 512;
		$data .= pack("V", $size) if substr($data, 0, 2) ne "\x1f\x8b";
		substr($head, 0x24c, 4) = pack("V", length($data));
		open(my $f, ">:raw", $out) or die;
		print $f substr($head, 0, $off), $data, "\x90" x 4096;
		close($f) or die;' "$dir/vmlinuz" "$1" "$size" "$2"
}
for p in "${packed[@]}"; do
	bzimage "$work/$p" "$work/bzImage-$p"
	reads "$work/bzImage-$p" bzImage
done

# zboot PACKED OUT: drivers/firmware/efi/libstub/zboot-header.S
zboot() {
	{
		printf 'MZ\0\0zimg'
		le32 4096 "$(stat -c %s "$1")" 0 0
		printf '%-36s' "${1##*/}" | tr ' ' '\0'
		head -c 4036 /dev/zero
		cat "$1"
		le32 "$size"
	} >"$2"
}
for p in gzip zstd xz; do
	zboot "$work/$p" "$work/zboot-$p"
	reads "$work/zboot-$p" "EFI zboot image"
done

# ppc64's zImage: arch/powerpc/boot/wrapper adds a section in this way.
echo 'int x;' | gcc -c -x c -o "$work/wrapper.o" -
objcopy --add-section ".kernel:vmlinux.strip=$work/gzip" "$work/wrapper.o" "$work/zImage"
reads "$work/zImage" zImage

# Unified kernel images, by systemd's tool.
once chroot-trixie-ukify in_chroot trixie sh -c 'command -v ukify || { apt-get update -qq
	apt-get install -y -qq --no-install-recommends systemd-ukify systemd-boot-efi; }' >"$work/ukify.log" 2>&1
echo initrd >"$work/initrd"
in=/cache/${work#"$CACHE"/}
cp "$dir/vmlinuz" "$work/linux"
in_chroot trixie ukify build --linux="$in/linux" --initrd="$in/initrd" --uname="$release" \
	--cmdline="root=/dev/vda quiet" --os-release="ID=debian" --output="$in/uki" >"$work/ukify.log" 2>&1 ||
	diag "$(tail -n 3 "$work/ukify.log")"
reads "$work/uki" "unified kernel image" 7 "root=/dev/vda quiet"

# Debian's kernels of other architectures: their own modules say whether the BTF is right.
while read -r arch flavour format; do
	image=$(arch_image "$arch" "$flavour")
	is "$("$work/info" "$image/vmlinuz" | cut -f1,2)" "$format	$(cat "$image/release")" "$arch: $format"
	is "$("$work/info" "$image/vmlinuz" | cut -f3,4 | sed -E 's/#1 SMP .*Debian [0-9].*\t[0-9a-f]{40}$/good/')" \
		good "$arch: its version and build ID"
	ok "$arch: its modules fit" "$at/btf-doctor" check --base "$image/vmlinuz" "$image/modules"
done <<'ARCHES'
arm64 arm64 Image
riscv64 riscv64 Image
s390x s390x s390x bzImage
ppc64el powerpc64le vmlinux
ARCHES

# A flat Image: compressed as a whole, and in a zboot image.
arm64=$(arch_image arm64 arm64)
"$work/info" "$arm64/vmlinuz" "$work/arm64.btf" >"$work/arm64.info"
nice gzip -1c "$arm64/vmlinuz" >"$work/Image.gz"
zboot "$work/Image.gz" "$work/zboot-arm64"
for f in Image.gz zboot-arm64; do
	is "$("$work/info" "$work/$f" "$work/got" | cut -f2-)" "$(cut -f2- "$work/arm64.info")" "arm64: $f"
	ok "arm64: $f: its BTF" cmp "$work/got" "$work/arm64.btf"
done
# The build ID is looked for from the BTF backwards, four bytes at a time.
perl -e '
	my ($image, $btf) = map { local $/; open(my $f, "<:raw", $_) or die; scalar <$f> } @ARGV;
	my $at = index($image, $btf);
	die if $at < 0;
	substr($image, $at, 0) = "\0" x 4;
	print $image;' "$arm64/vmlinuz" "$work/arm64.btf" >"$work/moved"
is "$("$work/info" "$work/moved" | cut -f4)" "$(cut -f4 "$work/arm64.info")" "arm64: BTF four bytes further from the build ID"
rm "$work/moved"
is "$(readelf -n "$(arch_image ppc64el powerpc64le)/vmlinuz" | sed -n 's/ *Build ID: //p')" \
	"$("$work/info" "$(arch_image ppc64el powerpc64le)/vmlinuz" | cut -f4)" "ppc64el: readelf says the same build ID"

# Cut off in the middle: an error, and never half a BTF.
for f in "$dir/vmlinux" "$dir/vmlinuz" "$work"/{btf,gzip,xz,zstd,lz4,bzImage-gzip,bzImage-zstd,zboot-xz,zImage,uki}; do
	head -c $(($(stat -c %s "$f") / 2)) "$f" >"$work/half"
	fails "half of $(basename "$f") is an error" 1 . "$work/info" "$work/half"
done
for f in "$0" /dev/null /dev/zero "$work"; do
	fails "$f is an error" 1 "" "$work/info" "$f"
done
mkfifo "$work/fifo"
fails "a FIFO is an error, and not waited for" 1 "not a regular file" timeout 10 "$work/info" "$work/fifo"
done_testing
