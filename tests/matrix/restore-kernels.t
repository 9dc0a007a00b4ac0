#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# /dev/btf_tolerant on other kernels: all of the table below, or those that are named.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/kernels.sh"

work=$(mktemp -d "$CACHE/restore-kernels.XXXXXX")
trap 'rm -rf "$work"' EXIT

# section FILE OUT: its .BTF, whatever the architecture
section() {
	local off size
	read -r off size < <(readelf -SW "$1" | sed -nE 's/.* \.BTF +PROGBITS +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) .*/\1 \2/p')
	dd if="$1" of="$2" iflag=skip_bytes,count_bytes skip=$((0x$off)) count=$((0x$size)) status=none
}

# test_restore NAME DIR MODULE RUN-OPTION...: on the kernel of DIR
test_restore() {
	local name=$1 dir=$2 ko=$3 m file files=() in=$work/$1
	shift 3
	mkdir -p "$in/plain"
	for m in dummy veth; do
		file=$(find "$dir/lib/modules/" -name "$m.ko*")
		printf '%s\n' "${file#"$dir/lib/modules/"}" | unpack_modules "$dir/lib/modules" "$in/tree"
		find "$in/tree" -name "$m.ko" -exec mv {} "$in/plain/" \;
	done
	"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$in/plain" --base "$dir/vmlinux" --out "$in/other" >&2
	for m in dummy veth; do
		for file in plain other; do
			section "$in/$file/$m.ko" "$in/$m.$file"
		done
		head -c -1 "$in/$m.plain" >"$in/$m.cut"
		# Its names fit, and a function has a linkage that the kernel's parser does not know.
		perl -0777 -pe '
			my ($hdr, $off, $len) = unpack("x4V3");
			for (my $o = $hdr + $off; $o < $hdr + $off + $len; $o += 4) {
				my ($name, $info) = unpack("x${o}V2");
				next unless $name && $info >> 1 == 12 << 23;
				substr($_, $o + 4, 4) = pack("V", $info | 7);
				last;
			}' "$in/$m.plain" >"$in/$m.broken"
		files+=(--file "$in/other/$m.ko:/other/$m.ko" --file "$in/$m.plain:/btf/$m"
			--file "$in/$m.other:/btf/$m.other" --file "$in/$m.cut:/btf/$m.cut"
			--file "$in/$m.broken:/btf/$m.broken")
	done
	guest "restore-$name" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/restore-core.guest" --mem 2G --timeout 900 \
		--append rcupdate.rcu_expedited=1 --file "$ko:/btf_tolerant.ko" "${files[@]}" "$@"
	diag "$name: $(cat "$dir/release")"
}

# NAME, and how it is made: stock KERNEL, arch ARCH, source SUITE [FRAGMENT]
while read -r name how what fragment; do
	[ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
	args=(--cpus 1)
	case $how in
	stock) dir=$(kernel_dir "$what") ko=$(build_module "$what") ;;
	arch) dir=$(kernel_dir "$(arch_kernel "$what")") ko=$(build_module "$(arch_kernel "$what")") args=(--arch "$what") ;;
	source)
		source_kernel "$name" "$what" ${fragment:+"$fragment"}
		# shellcheck disable=SC2154 # it sets a
		dir=$a
		;;
	esac
	test_restore "$name" "$dir" "$ko" "${args[@]}" </dev/null
done <<'TABLE'
bookworm stock bookworm
trixie stock trixie
sid stock sid
arm64 arch arm64
debug-6.1 source bookworm debug.config
linux-6.1 source bookworm
linux-6.12 source trixie
TABLE
done_testing
