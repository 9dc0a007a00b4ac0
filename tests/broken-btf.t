#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The three causes of one refusal told apart: another build's module, a module whose own BTF
# is malformed, a kernel whose own BTF is.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
other=$(rebased "$dir")
dummy=$(grep '/dummy\.ko$' "$dir/list")
veth=$(grep '/veth\.ko$' "$dir/list")
work=$(mktemp -d "$CACHE/broken.XXXXXX")
trap 'rm -rf "$work"' EXIT

# damage FILE KIND OFFSET VALUE: in its .BTF section, the 32 bits at OFFSET of the first type
# of KIND with at least two members or parameters, or of KIND 12, functions, any. No name changes.
damage() {
	local off size
	read -r off size < <(readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] *//' | awk '$1 == ".BTF" { print $4, $5 }')
	perl -e '
		my ($file, $at, $size, $kind, $off, $value) = @ARGV;
		my %after = (1 => 4, 3 => 12, 14 => 4, 17 => 4);
		my %each = (4 => 12, 5 => 12, 6 => 8, 13 => 8, 15 => 12, 19 => 12);
		open(my $f, "+<:raw", $file) or die;
		seek($f, hex $at, 0);
		read($f, my $btf, hex $size) == hex $size or die;
		my ($hdr, $types, $len) = unpack("x4V3", $btf);
		for (my $p = $hdr + $types; $p < $hdr + $types + $len;) {
			my ($name, $info) = unpack("V2", substr($btf, $p, 8));
			my ($k, $vlen) = ($info >> 24 & 0x7f, $info & 0xffffff);
			if ($k == $kind && ($k == 12 || $vlen > 1)) {
				seek($f, hex($at) + $p + $off, 0);
				print $f pack("V", oct $value);
				close($f) or die;
				exit;
			}
			$p += 12 + ($after{$k} || ($each{$k} || 0) * $vlen);
		}
		die "no such type";' "$1" "$off" "$size" "$2" "$3" "$4"
}
# A function of a linkage that there is not; a structure whose second member lies outside of it
# Without its signature, which would no longer be right
strip --strip-debug -o "$work/dummy.ko" "$dir/plain/$dummy"
damage "$work/dummy.ko" 12 4 0x0c000009
cp "$dir/vmlinux" "$work/vmlinux"
damage "$work/vmlinux" 4 32 0x00ffffff

ko=$(build_module trixie-backports)
files=(--file "$ko:/btf_tolerant.ko" --file "$work/dummy.ko:/broken/dummy.ko"
	--file "$dir/plain/$veth:/right/veth.ko" --file "$other/$dummy:/other/dummy.ko")
guest broken-module --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/broken-btf.guest" --append WHAT=module "${files[@]}"
# QEMU starts an ELF file by its PVH entry.
guest broken-kernel --kernel "$work/vmlinux" --script "$TOP/tests/vm/broken-btf.guest" --append WHAT=kernel "${files[@]}"
done_testing
