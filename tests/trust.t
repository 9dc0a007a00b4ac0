#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the loader checks besides the BTF, it checks as ever, whatever the policy; on the debug
# kernel, as Debian's from 7.x on have no symbol CRCs.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(debug_dir)
ko=$(build_debug_module)
work=$(mktemp -d "$CACHE/trust.XXXXXX")
trap 'rm -rf "$work"' EXIT
section() { objcopy -O binary --only-section="$1" --set-section-flags "$1=alloc" "$2" "$3"; }
for b in a b; do
	root=$work/root/$b
	mkdir -p "$root"/{whole,vermagic,crc,symbol}
	# Without signature: signed.t has those. All went through objcopy.
	strip --strip-debug -o "$root/whole/dummy.ko" "$(find "$dir/$b/lib" -name dummy.ko)"
	section .modinfo "$root/whole/dummy.ko" "$work/modinfo"
	sed -i 's/\(vermagic=[^ ]* \)SMP/\1XMP/' "$work/modinfo"
	objcopy --update-section .modinfo="$work/modinfo" "$root/whole/dummy.ko" "$root/vermagic/dummy.ko"
	# The first entry's CRC is what comes first.
	section __versions "$root/whole/dummy.ko" "$work/versions"
	{ printf '\1\2\3\4'; tail -c +5 "$work/versions"; } >"$work/wrong"
	objcopy --update-section __versions="$work/wrong" "$root/whole/dummy.ko" "$root/crc/dummy.ko"
	objcopy --redefine-sym register_netdev=register_no_device "$root/whole/dummy.ko" "$root/symbol/dummy.ko"
done
pack "$work/root" "$work/modules.cpio"
guest trust --cpus 1 --kernel "$dir/a/vmlinuz" --script "$TOP/tests/vm/trust.guest" --add "$work/modules.cpio" \
	--file "$ko:/btf_tolerant.ko" --append rcupdate.rcu_expedited=1 --mem 2G --timeout 1800
done_testing
