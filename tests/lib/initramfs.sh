# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Initramfs archives: what every guest has, and what some have.

# copy_exec ROOT FROM GNU FILE DEST: a program of the architecture GNU, which FROM has (empty:
# this machine), and the libraries that it needs
copy_exec() {
	local root=$1 from=$2 gnu=$3 file=$4 dest=$5 lib libs interpreter
	mkdir -p "$root${dest%/*}"
	[ -e "$root$dest" ] || cp -L "$file" "$root$dest"
	libs=$(readelf -d "$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
	for lib in $libs; do
		[ -e "$root/usr/lib/$gnu/$lib" ] ||
			copy_exec "$root" "$from" "$gnu" "$from/usr/lib/$gnu/$lib" "/usr/lib/$gnu/$lib"
	done
	interpreter=$(readelf -l "$file" 2>/dev/null | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
	[ -z "$interpreter" ] || [ -e "$root$interpreter" ] || {
		mkdir -p "$root${interpreter%/*}"
		cp -L "$from/usr/lib/$gnu/${interpreter##*/}" "$root$interpreter"
	}
}

# pack DIR ARCHIVE: a cpio archive as the kernel wants it
pack() {
	(cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$2.$$"
	mv "$2.$$" "$2"
}

# one_mismatched KERNEL_DIR: an archive with one rebased module that needs no
# hardware, as /mods/mismatched.ko, and its name in /mods/mismatched.name
one_mismatched() {
	local root out=$1/one.cpio m
	m=$(rebased "$1")
	m=$m/$(grep '/crc-itu-t\.ko$\|/dummy\.ko$' "$1/list" | head -n 1)
	if [ ! -f "$out" ] || [ "$m" -nt "$out" ]; then
		root=$(mktemp -d "$CACHE/one.XXXXXX")
		mkdir "$root/mods"
		cp "$m" "$root/mods/mismatched.ko"
		modinfo -F name "$m" >"$root/mods/mismatched.name"
		pack "$root" "$out"
		rm -rf "$root"
	fi
	echo "$out"
}

# pack_modules DIR ARCHIVE: DIR/lib/modules, ready for modprobe
pack_modules() {
	local root release
	release=$(cat "$1/release")
	root=$(mktemp -d "$CACHE/mods.XXXXXX")
	mkdir -p "$root/lib/modules"
	cp -r "$1/lib/modules/$release" "$root/lib/modules/"
	depmod -b "$root" "$release"
	pack "$root" "$2"
	rm -rf "$root"
}

# base_cpio [ARCH]: what every guest has: busybox, kmod, our tools; with our own architecture nft
# and mkfs, too
base_cpio() { once "base-${1:-amd64}" make_base "${1:-amd64}"; }
make_base() {
	local arch=$1 root out from tool tools programs want arch_gnu

	arch_line "$arch"
	install_packages "${GUEST_PACKAGES[@]}"
	if [ "$arch" = amd64 ]; then
		from='' tools=(modload btfload bpf_attach bpf_run storm damage_btf)
		programs=(kmod nft unshare setpriv mkfs.ext4 mkfs.btrfs)
		want=$(dpkg-query -W busybox-static kmod nftables e2fsprogs btrfs-progs util-linux)
	else
		make_chroot "$(arch_kernel "$arch")" guest
		from=$CACHE/chroot/$(arch_kernel "$arch")-guest
		tools=(modload bpf_attach) programs=(kmod unshare setpriv)
		want=$(cat "$from/.made")
	fi
	out=$CACHE/base-$arch-$({
		cat "$TOP"/tests/tools/*.c "${BTF_TOLERANT_SRC:-$TOP}"/src/btf_check.[ch]
		cat "$TOP"/tests/vm/init "$TOP"/tests/lib/{guest,initramfs}.sh
		echo "$want"
	} | sha256sum | cut -c1-16).cpio
	if [ ! -f "$out" ]; then
		root=$(mktemp -d "$CACHE/base.XXXXXX")
		mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,etc/modprobe.d,usr/bin,usr/sbin,lib/modules,mnt}
		ln -s usr/sbin "$root/sbin"
		cp "$from/bin/busybox" "$root/bin/busybox" 2>/dev/null || cp "$from/usr/bin/busybox" "$root/bin/busybox"
		for tool in $(/bin/busybox --list | grep -vx busybox); do
			ln -sf busybox "$root/bin/$tool"
		done
		# Its shell would run its own applets first, modprobe among them.
		rm -f "$root"/bin/{sh,ash,modprobe,insmod,rmmod,lsmod,modinfo,depmod,unshare,setpriv}
		copy_exec "$root" "$from" "$arch_gnu" "$from/usr/bin/dash" /bin/sh
		for tool in "${programs[@]}"; do
			copy_exec "$root" "$from" "$arch_gnu" "$(program "$from" "$tool")" "/usr/bin/$tool"
		done
		for tool in modprobe insmod rmmod lsmod modinfo depmod; do
			ln -s /usr/bin/kmod "$root/usr/sbin/$tool"
		done
		build_guest_tools "$arch" "$root/tools" "${tools[@]}"
		for tool in "${tools[@]}"; do
			copy_exec "$root" "$from" "$arch_gnu" "$root/tools/$tool" "/usr/bin/$tool"
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

# program FROM NAME: its path
program() {
	local dir
	for dir in usr/bin usr/sbin bin sbin; do
		[ ! -e "$1/$dir/$2" ] || { echo "$1/$dir/$2"; return; }
	done
	die "there is no $2 in ${1:-this machine}"
}

# build_guest_tools ARCH DIR NAME...: tests/tools/NAME.c
build_guest_tools() {
	local arch=$1 dir=$2 tool
	shift 2
	mkdir -p "$dir"
	if [ "$arch" = amd64 ]; then
		for tool; do
			cp "$(build_tool "$tool")" "$dir/$tool"
		done
		return
	fi
	cp "${BTF_TOLERANT_SRC:-$TOP}"/src/{btf_check.[ch],compat.h} "$TOP"/tests/tools/*.c "$dir/"
	# shellcheck disable=SC2016 # expanded by the inner shell
	in_chroot "$(arch_kernel "$arch")" sh -euc '
		cd "$1"; gnu=$2; shift 2
		for t; do "$gnu-gcc" -O2 -Wall -I. -o "$t" "$t.c" btf_check.c -lbpf -lelf; done' \
		sh "$(in_cache "$dir")" "$arch_gnu" "$@" >&2 || die "the tools do not build for $arch"
}
