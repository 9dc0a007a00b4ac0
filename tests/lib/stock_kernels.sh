# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian's own kernels, unpacked. A kernel is known by its suite, and its flavour (cloud, rt)
# or its architecture if that is not the ordinary one: "trixie-backports", "sid-rt", "sid-s390x".

# suite_of, arch_of, flavour_of, chroot_of KERNEL: its parts; where it is built for
suite_of() { sed -E "s/-(cloud|rt|$(arch_names))\$//" <<<"$1"; }
arch_of() { sed -E "/-($(arch_names))\$/!s/.*/amd64/; s/.*-//" <<<"$1"; }
flavour_of() {
	local arch arch_flavour
	arch=$(arch_of "$1")
	case $1 in
	*-cloud | *-rt) echo "${1##*-}-$arch" ;;
	*) arch_line "$arch"; echo "$arch_flavour" ;;
	esac
}
chroot_of() { sed -E 's/-(cloud|rt)$//' <<<"$1"; }

# kernel_dir KERNEL: where get_kernel puts it
kernel_dir() {
	[ -e "$CACHE/kernel/$1" ] || once "kernel-$1" get_kernel "$1" >&2
	readlink -f "$CACHE/kernel/$1"
}

# get_kernel KERNEL: the newest. $CACHE/kernel/KERNEL is then a link to a directory with:
# release, vmlinuz, lib/modules, vmlinux (for its BTF). Needs no root.
get_kernel() {
	local name=$1 suite arch image dir want

	install_packages "${KERNEL_PACKAGES[@]}"
	suite=$(suite_of "$name") arch=$(arch_of "$name")
	mkdir -p "$CACHE/kernel"
	apt_update "$suite" "$arch"
	image=$(depends_of "$suite" "$arch" "linux-image-$(flavour_of "$name")" |
		grep '^linux-image-[0-9]' | awk 'NR == 1') ||
		die "cannot find the kernel of $name"
	want=$({
		version_of "$suite" "$arch" "$image"
		# Older ones are one package.
		depends_of "$suite" "$arch" "$image" | sed -nE '/^linux-(binary|modules|base)-[0-9]/p' |
			while IFS= read -r p; do version_of "$suite" "$arch" "$p"; done
	} | sort -u)
	dir=$CACHE/kernel/$name-$(sha256sum <<<"$want" | cut -c1-16)
	if [ ! -d "$dir" ]; then
		say "getting $image"
		rm -rf "$dir.tmp"
		# shellcheck disable=SC2086 # one word a package
		unpack_packages "$suite" "$arch" "$dir.tmp/x" $want
		unpack_kernel "$arch" "$dir.tmp/x" "$dir.tmp"
		rm -r "$dir.tmp/x"
		mv "$dir.tmp" "$dir"
	fi
	ln -sfn "${dir##*/}" "$CACHE/kernel/$name"
}

# unpack_kernel ARCH PACKAGES DIR. BTF that is not x86's comes from the running kernel, since
# each architecture packs its image in another way.
unpack_kernel() {
	local arch=$1 x=$2 dir=$3 mods release image

	mkdir -p "$dir/lib/modules"
	mods=$(find "$x" -type d -path '*lib/modules/*/kernel' -print -quit)
	mods=${mods%/kernel}
	release=${mods##*/}
	image=$(find "$x" -type f -name 'vmlinu[xz]*' -print -quit)
	echo "$release" >"$dir/release"
	cp -r "$mods" "$dir/lib/modules/"
	depmod -b "$dir" "$release" 2>/dev/null
	if [ "$arch" = amd64 ]; then
		cp "$image" "$dir/vmlinuz"
		extract_vmlinux "$image" "$dir/vmlinux"
		return
	fi
	unzboot "$image" "$dir/vmlinuz"
	# Only what the tests want of it.
	plain "$dir" sample
	echo 'cat /sys/kernel/btf/vmlinux >/dev/ttyS2' >"$dir/btf.guest"
	"$TOP/tests/vm/run" --arch "$arch" --name "$arch-btf" --kernel "$dir/vmlinuz" \
		--script "$dir/btf.guest" --data "$dir/vmlinux" >"$dir/tap" ||
		{ sed 's/^/# /' "$dir/tap" >&2; die "$release does not boot"; }
}

# plain KERNEL_DIR [FILTER]: its modules without dependencies that FILTER passes, unpacked,
# in plain/, and their paths in list. They can be loaded one by one, in any order.
plain() {
	local dir=$1 filter=${2:-not_tests} release
	release=$(cat "$dir/release")
	[ -d "$dir/plain" ] && return 0
	sed -n 's/:$//p' "$dir/lib/modules/$release/modules.dep" | "$filter" | sort >"$dir/list"
	rm -rf "$dir/plain.tmp"
	mkdir "$dir/plain.tmp"
	unpack_modules "$dir/lib/modules/$release" "$dir/plain.tmp" <"$dir/list"
	sed -i 's/\.xz$//; s/\.zst$//' "$dir/list"
	mv "$dir/plain.tmp" "$dir/plain"
}

# not_tests <PATHS: of them, not the kernel's own tests, which run for minutes in their init
not_tests() { grep -v '/lib/test_'; }

# sample <PATHS: of them, modules that load and unload on any machine
sample() {
	grep -E '/nls/(mac-|nls_iso)|/(crc7|crc-itu-t|dummy|gpio-regmap|gpio-shared-proxy|inv_sensors_timestamp|led-class-multicolor|tcp_bbr|tcp_dctcp|veth)\.ko'
}

# unpack_modules FROM TO <PATHS
unpack_modules() {
	(cd "$1" && xargs -P "$(nproc)" -n 32 sh -c '
		out=$1; shift
		for m; do
			mkdir -p "$out/${m%/*}"
			case $m in
			*.xz) xz -dc "$m" >"$out/${m%.xz}" ;;
			*.zst) zstd -dqc "$m" >"$out/${m%.zst}" ;;
			*) cp "$m" "$out/$m" ;;
			esac
		done' sh "$2")
}

# field OFFSET SIZE FILE: an integer in it
field() { od -An -j "$1" -N "$2" -t "u$2" "$3" | tr -d ' '; }

# extract_vmlinux VMLINUZ OUT: the payload of an x86 boot image, where its header
# says (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length)
extract_vmlinux() {
	local setup off len unpack

	setup=$(field $((0x1f1)) 1 "$1")
	off=$(($(field $((0x248)) 4 "$1") + (setup + 1) * 512))
	len=$(field $((0x24c)) 4 "$1")
	case $(od -An -j "$off" -N 4 -t x1 "$1" | tr -d ' ') in
	28b52ffd) unpack=zstd ;;
	fd377a58) unpack=xz ;;
	1f8b*) unpack=gzip ;;
	02214c18) unpack=lz4; install_packages lz4 ;;
	*) die "$1: how its payload is packed is not known" ;;
	esac
	# The unpacked size follows the payload: each tool says so and is done.
	tail -c +$((off + 1)) "$1" | head -c "$len" | "$unpack" -dc >"$2" 2>/dev/null || true
	[ "$(head -c 4 "$2" | tail -c 3)" = ELF ] || die "$1: its payload is not a vmlinux"
}

# unzboot VMLINUZ OUT: what QEMU can boot. An EFI zboot image (drivers/firmware/efi/libstub/
# zboot-header.S) is unpacked, others are as they are.
unzboot() {
	local unpack
	if [ "$(od -An -j 4 -N 4 -c "$1" | tr -d ' ')" != zimg ]; then
		cp "$1" "$2"
		return
	fi
	unpack=$(tail -c +25 "$1" | head -c 8 | tr -d '\0')
	# What follows the payload is no part of it: the tool says so and is done.
	tail -c +$(($(field 8 4 "$1") + 1)) "$1" | head -c "$(field 12 4 "$1")" | "$unpack" -dc >"$2" 2>/dev/null || true
	[ -s "$2" ] || die "$1 cannot be unpacked by $unpack"
}

# get_headers SUITE: those of its newest kernel, unpacked, for who only reads them: without
# root. $CACHE/headers/SUITE is then a link to where they are.
get_headers() {
	local suite=$1 package common dir
	package=$(depends_of "$suite" amd64 linux-headers-amd64 | grep -E '^linux-headers-[0-9]')
	common=$(depends_of "$suite" amd64 "$package" | grep -E -- '-common$')
	dir=$CACHE/headers/$package
	if [ ! -d "$dir" ]; then
		say "getting $package"
		rm -rf "$dir.tmp"
		unpack_packages "$suite" amd64 "$dir.tmp" "$package" "$common"
		mv "$dir.tmp" "$dir"
	fi
	ln -sfn "$package/usr/src/$package" "$CACHE/headers/$suite"
}

# headers_dir SUITE: where get_headers put it
headers_dir() {
	[ -e "$CACHE/headers/$1" ] || once "headers-$1" get_headers "$1" >&2
	readlink -f "$CACHE/headers/$1"
}
