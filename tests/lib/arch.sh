# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels of other architectures: cross-built for in a chroot of this machine's own
# architecture, and booted under QEMU. To add one, add a line to the table.

# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"

# Debian's name | suite | flavour | make's ARCH | compiler | QEMU's package | QEMU, with a virtio-serial | console
ARCHES='
arm64   | trixie-backports | arm64       | arm64   | aarch64-linux-gnu     | qemu-system-arm   | qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -device virtio-serial-pci | ttyAMA0
s390x   | sid              | s390x       | s390    | s390x-linux-gnu       | qemu-system-s390x | qemu-system-s390x -M s390-ccw-virtio -cpu max -device virtio-serial-ccw        | ttysclp0
riscv64 | sid              | riscv64     | riscv   | riscv64-linux-gnu     | qemu-system-riscv | qemu-system-riscv64 -M virt -cpu rv64 -device virtio-serial-pci                | ttyS0
ppc64el | sid              | powerpc64le | powerpc | powerpc64le-linux-gnu | qemu-system-ppc   | qemu-system-ppc64 -M pseries -cpu power9 -device virtio-serial-pci             | hvc0
'

# arch_line ARCH: its line of the table, as $arch_...
arch_line() {
	# shellcheck disable=SC2034 # some are for those who source this
	IFS='|' read -r arch_name arch_suite arch_flavour arch_make arch_gnu arch_package arch_qemu arch_console \
		< <(grep "^$1 " <<<"$ARCHES" | sed 's/ *| */|/g') || die "architecture $1 is not in the table of tests/lib/arch.sh"
	arch_chroot=$arch_suite-$arch_name
}

# arch_mmdebstrap SUITE DIR OPTION...: as make_chroot calls it, for any architectures
arch_mmdebstrap() {
	local suite=$1 base=${1%-backports} dir=$2 site s
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	shift 2
	site=$(mirror)
	[ -n "$site" ] || die "apt knows no Debian mirror on this machine"
	say "making $(basename "$dir")"
	mkdir -p "$CACHE/chroot"
	as_root rm -rf "$dir"
	for s in "$base" $([ "$suite" = "$base" ] || echo "$suite"); do
		echo "deb [signed-by=$keyring] $site $s main"
	done | as_root mmdebstrap --quiet \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt="APT::Default-Release \"$suite\"" \
		"$@" "$base" "$dir" - >"$dir.log" 2>&1 ||
		{ tail -n 10 "$dir.log" >&2; die "mmdebstrap of $(basename "$dir") failed"; }
}

# make_arch_chroot: of this machine's architecture, with a compiler for $arch_name
make_arch_chroot() {
	local root=$CACHE/chroot/$arch_chroot want
	local packages=(make "gcc-$arch_gnu" "libc6-dev:$arch_name" "libbpf-dev:$arch_name" "libelf-dev:$arch_name")

	want=$(printf '%s\n' "$arch_chroot" "${packages[@]}" | sha256sum)
	[ "$(cat "$root/.made" 2>/dev/null)" = "$want" ] && return 0
	# shellcheck disable=SC2016 # mmdebstrap's
	arch_mmdebstrap "$arch_suite" "$root" --variant=apt --skip=cleanup/apt/lists \
		--architectures="$(dpkg --print-architecture),$arch_name" \
		--include="$(IFS=,; echo "${packages[*]}")" \
		--customize-hook='mkdir -p "$1/src" "$1/cache"'
	echo "$want" | as_root tee "$root/.made" >/dev/null
}

# make_arch_guest: what runs in the guest. Unpacked, not installed: nothing of it runs here.
make_arch_guest() {
	local root=$CACHE/chroot/$arch_chroot-guest want
	local packages=(busybox-static dash kmod libbpf1 libelf1t64 util-linux)

	want=$(printf '%s\n' "$arch_suite" "${packages[@]}" | sha256sum)
	[ "$(cat "$root/.made" 2>/dev/null)" = "$want" ] && return 0
	arch_mmdebstrap "$arch_suite" "$root" --variant=extract --architectures="$arch_name" \
		--include="$(IFS=,; echo "${packages[*]}")"
	echo "$want" | as_root tee "$root/.made" >/dev/null
}

# get_arch_kernel ARCH: as get_kernel; $CACHE/kernel/SUITE-ARCH is then a link
get_arch_kernel() {
	local dir log

	arch_line "$1"
	make_arch_chroot
	mkdir -p "$CACHE/kernel"
	log=$CACHE/kernel-$arch_chroot.log
	in_chroot "$arch_chroot" sh -euc '
		arch=$1 flavour=$2
		apt-get update -qq || echo "no fresh package lists, going on with the old ones"
		apt-get install -y -qq --no-install-recommends "linux-headers-$flavour:$arch"
		mkdir -p /kernel && cd /kernel
		depends() { apt-cache depends "$1:$arch" | sed -n "s/.*Depends: //p" | cut -d: -f1; }
		image=$(depends "linux-image-$flavour" | grep "^linux-image-[0-9]" | head -n 1)
		for p in "$image" $(depends "$image" | grep -E "^linux-(binary|modules)-[0-9]"); do
			apt-cache policy "$p:$arch" | sed -n "s/  Candidate: /$p:$arch=/p"
		done | sort -u >want.new
		grep -q "^linux-image" want.new
		if ! cmp -s want.new want; then
			rm -rf debs x want
			mkdir debs
			(cd debs && apt-get download -qq $(cat ../want.new))
			for d in debs/*.deb; do dpkg-deb -x "$d" x; done
			rm -r debs
			mv want.new want
		fi' sh "$arch_name" "$arch_flavour" >"$log" 2>&1 ||
		{ tail -n 10 "$log" >&2; die "cannot get the kernel of $arch_chroot"; }
	dir=$CACHE/kernel/$arch_chroot-$(key "$CACHE/chroot/$arch_chroot/kernel/want")
	[ -d "$dir" ] || unpack_arch_kernel "$CACHE/chroot/$arch_chroot/kernel/x" "$dir"
	ln -sfn "${dir##*/}" "$CACHE/kernel/$arch_chroot"
}

# unpack_arch_kernel PACKAGES DIR: as unpack_kernel. The BTF comes from the running kernel,
# since each architecture packs its image in another way.
unpack_arch_kernel() {
	local x=$1 dir=$2 tmp=$2.tmp mods release

	say "unpacking ${dir##*/}"
	rm -rf "$tmp"
	mkdir -p "$tmp/lib/modules"
	mods=$(find "$x" -type d -path '*lib/modules/*/kernel' -prune | head -n 1)
	mods=${mods%/kernel}
	release=${mods##*/}
	echo "$release" >"$tmp/release"
	unzboot "$(find "$x" -type f -name 'vmlinu[xz]*' | head -n 1)" "$tmp/vmlinuz"
	cp -r "$mods" "$tmp/lib/modules/"
	depmod -b "$tmp" "$release" 2>/dev/null
	arch_plain "$tmp" "$release"
	echo 'cat /sys/kernel/btf/vmlinux >/dev/ttyS2' >"$tmp/btf.guest"
	"$TOP/tests/vm/run" --arch "$arch_name" --name "$arch_name-btf" --kernel "$tmp/vmlinuz" \
		--script "$tmp/btf.guest" --data "$tmp/vmlinux" >"$tmp/tap" ||
		{ sed 's/^/# /' "$tmp/tap" >&2; die "$release does not boot"; }
	rm -rf "$dir"
	mv "$tmp" "$dir"
}

# arch_plain DIR RELEASE: as plain, but only modules that the tests want
arch_plain() {
	sed -n 's/:$//p' "$1/lib/modules/$2/modules.dep" | sort | sample >"$1/list"
	mkdir "$1/plain"
	unpack_modules "$1/lib/modules/$2" "$1/plain" <"$1/list"
	sed -i 's/\.xz$//; s/\.zst$//' "$1/list"
}

# unzboot VMLINUZ OUT: what QEMU can boot. An EFI zboot image (drivers/firmware/efi/libstub/
# zboot-header.S) is unpacked, others are as they are.
unzboot() {
	local off size unpack
	if [ "$(od -An -j 4 -N 4 -c "$1" | tr -d ' ')" != zimg ]; then
		cp "$1" "$2"
		return
	fi
	off=$(od -An -j 8 -N 4 -t u4 "$1" | tr -d ' ')
	size=$(od -An -j 12 -N 4 -t u4 "$1" | tr -d ' ')
	unpack=$(tail -c +25 "$1" | head -c 8 | tr -d '\0')
	# What follows the payload is no part of it: the tool says so and is done.
	tail -c +$((off + 1)) "$1" | head -c "$size" | "$unpack" -dc >"$2" 2>/dev/null || true
	[ -s "$2" ] || die "$1 cannot be unpacked by $unpack"
}

# arch_kernel_dir ARCH: where get_arch_kernel put it
arch_kernel_dir() {
	arch_line "$1"
	[ -e "$CACHE/kernel/$arch_chroot" ] || once "kernel-$arch_chroot" get_arch_kernel "$1" >&2
	readlink -f "$CACHE/kernel/$arch_chroot"
}

# build_arch_module ARCH: btf_tolerant.ko for its kernel; echoes its path
build_arch_module() {
	local release out
	release=$(cat "$(arch_kernel_dir "$1")/release")
	arch_line "$1"
	out=$MODULES/$arch_chroot
	once "${MODULES##*/}-$arch_chroot" build_tree "$arch_chroot" "$out" "/usr/src/linux-headers-$release" \
		ARCH="$arch_make" CROSS_COMPILE="$arch_gnu-" >&2
	echo "$out/btf_tolerant.ko"
}

# arch_copy_exec ROOT FROM FILE DEST: as copy_exec, of a program that does not run here
arch_copy_exec() {
	local root=$1 from=$2 file=$3 dest=$4 lib interpreter
	mkdir -p "$root${dest%/*}"
	[ -e "$root$dest" ] || cp -L "$file" "$root$dest"
	for lib in $(readelf -d "$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		[ -e "$root/usr/lib/$arch_gnu/$lib" ] ||
			arch_copy_exec "$root" "$from" "$from/usr/lib/$arch_gnu/$lib" "/usr/lib/$arch_gnu/$lib"
	done
	interpreter=$(readelf -l "$file" 2>/dev/null | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
	[ -z "$interpreter" ] || [ -e "$root$interpreter" ] || {
		mkdir -p "$root${interpreter%/*}"
		cp -L "$from/usr/lib/$arch_gnu/${interpreter##*/}" "$root$interpreter"
	}
}

# arch_base_cpio ARCH: what base_cpio has, as far as the tests of other architectures need it
arch_base_cpio() { once "base-$1" make_arch_base "$1"; }
make_arch_base() {
	local root out tool tools=(modload bpf_attach) from src=${BTF_TOLERANT_SRC:-$TOP}

	arch_line "$1"
	make_arch_chroot
	make_arch_guest
	from=$CACHE/chroot/$arch_chroot-guest
	out=$CACHE/base-$1-$({
		cat "$TOP"/tests/tools/*.c "$src"/src/btf_check.[ch] "$TOP"/tests/vm/init "$TOP"/tests/lib/guest.sh "${BASH_SOURCE[0]}"
		cat "$from/.made"
	} | sha256sum | cut -c1-16).cpio
	if [ ! -f "$out" ]; then
		root=$(mktemp -d "$CACHE/base.XXXXXX")
		mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,etc/modprobe.d,usr/bin,usr/sbin,lib/modules,mnt,tools}
		cp "$src"/src/btf_check.[ch] "$TOP"/tests/tools/*.c "$root/tools/"
		# shellcheck disable=SC2016 # expanded by the inner shell
		in_chroot "$arch_chroot" sh -euc '
			cd "$1"; gnu=$2; shift 2
			for t; do "$gnu-gcc" -O2 -Wall -I. -o "$t" "$t.c" btf_check.c -lbpf -lelf; done' \
			sh "/cache/${root#"$CACHE"/}/tools" "$arch_gnu" "${tools[@]}" >&2 || die "the tools do not build for $1"
		ln -s usr/sbin "$root/sbin"
		cp "$from/usr/bin/busybox" "$root/bin/busybox"
		for tool in $(/bin/busybox --list | grep -vx busybox); do
			ln -sf busybox "$root/bin/$tool"
		done
		rm -f "$root"/bin/{sh,ash,modprobe,insmod,rmmod,lsmod,modinfo,depmod,unshare,setpriv}
		arch_copy_exec "$root" "$from" "$from/usr/bin/dash" /bin/sh
		for tool in kmod unshare setpriv; do
			arch_copy_exec "$root" "$from" "$from/usr/bin/$tool" "/usr/bin/$tool"
		done
		for tool in modprobe insmod rmmod lsmod modinfo depmod; do
			ln -s /usr/bin/kmod "$root/usr/sbin/$tool"
		done
		for tool in "${tools[@]}"; do
			arch_copy_exec "$root" "$from" "$root/tools/$tool" "/usr/bin/$tool"
		done
		as_root rm -r "$root/tools"
		echo 'root::0:0:root:/:/bin/sh' >"$root/etc/passwd"
		cp "$TOP/tests/vm/init" "$root/init"
		cp "$TOP/tests/lib/guest.sh" "$root/guest-lib.sh"
		pack "$root" "$out"
		rm -rf "$root"
	fi
	echo "$out"
}
