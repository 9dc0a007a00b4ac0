# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests need on the machine that runs them: packages, chroots of other
# suites, kernels, initramfs archives. Sourced, not run. Everything made here is
# kept in $CACHE and made again when what it was made from has changed.

set -euo pipefail
shopt -s inherit_errexit

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${BTF_TOLERANT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btf_tolerant}
# What is built and logged is of one checkout; two may be tested at a time.
MODULES=$CACHE/module/$(sha256sum <<<"${BTF_TOLERANT_SRC:-$TOP}" | cut -c1-12)
LOGS=$TOP/tests/log
mkdir -p "$LOGS" "$MODULES"

say() { echo "# $*" >&2; }
die() { echo "${0##*/}: $*" >&2; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# key FILE...: a name for what these files hold (and for their paths' order)
key() { cat "$@" | sha256sum | cut -c1-16; }

# once LOCK COMMAND...: one caller at a time, the others wait
once() {
	local lock=$CACHE/lock.$1
	shift
	(
		flock 9
		"$@" 9>&-
	) 9>"$lock"
}

# --- packages ---------------------------------------------------------------

# shellcheck disable=SC2034 # for the scripts that source this
HOST_PACKAGES=(
	# what builds the guests
	bash cpio kmod mmdebstrap xz-utils zstd
	# what runs in them
	busybox-static dash e2fsprogs btrfs-progs nftables util-linux
	# what builds our own tools
	gcc libc6-dev make libbpf-dev libelf-dev perl
	libarchive-dev libjson-c-dev libkmod-dev pkg-config
)

# install_packages PACKAGE...: those that are not there yet, by apt
install_packages() { once apt install_missing "$@"; }
install_missing() {
	local p missing=()
	for p; do
		dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q '^install ok installed' ||
			missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${missing[*]}"
	as_root apt-get update -qq >&2
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$CACHE/apt.log" 2>&1 ||
		{ tail -n 5 "$CACHE/apt.log" >&2; die "cannot install ${missing[*]}"; }
}

# The mirror that this machine itself uses.
mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(SITE)' \
		'Created-By: Packages' 'Component: main' 'Origin: Debian' 'Label: Debian' | head -n 1
}

# --- chroots ----------------------------------------------------------------

CHROOT_PACKAGES=(
	bc bison cpio flex gcc kmod libbpf-dev libelf-dev libssl-dev make pahole perl
	python3-minimal rsync xz-utils
)

# in_chroot SUITE COMMAND...: $TOP is /src there, read-only, $CACHE is /cache, and
# $BTF_TOLERANT_TREE, if set, /tree.
# The mounts live in a namespace of their own and go with it.
in_chroot() {
	local root=$CACHE/chroot/$1
	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	as_root unshare --mount --propagation private sh -euc '
		root=$1 top=$2 cache=$3 tree=$4; shift 4
		mount -t proc proc "$root/proc"
		mount --bind "$top" "$root/src"
		mount -o remount,bind,ro "$root/src"
		mount --bind "$cache" "$root/cache"
		[ -z "$tree" ] || { mkdir -p "$root/tree"; mount --bind "$tree" "$root/tree"; }
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
			LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"' \
		sh "$root" "$TOP" "$CACHE" "${BTF_TOLERANT_TREE:-}" "$@"
}

# make_chroot SUITE: with the packages that build kernels and modules for SUITE.
# SUITE is a Debian release, or one of its backports.
make_chroot() {
	local suite=$1 base=${1%-backports} root=$CACHE/chroot/$1 site want s packages
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg

	packages=("${CHROOT_PACKAGES[@]}")
	[ "$base" != bullseye ] || packages=("${packages[@]/pahole/dwarves}")
	want=$(printf '%s\n' "$suite" "${packages[@]}" | sha256sum)
	[ "$(cat "$root/.made" 2>/dev/null)" = "$want" ] && return 0
	site=$(mirror)
	[ -n "$site" ] || die "apt knows no Debian mirror on this machine"
	say "making a chroot of $suite"
	mkdir -p "$CACHE/chroot"
	as_root rm -rf "$root"
	# Mirrors keep Release files past their date; what matters here is that
	# they are signed.
	for s in "$base" $([ "$suite" = "$base" ] || echo "$suite"); do
		echo "deb [signed-by=$keyring] $site $s main"
	done | as_root mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt="APT::Default-Release \"$suite\"" \
		--include="$(IFS=,; echo "${packages[*]}")" \
		--customize-hook="mkdir -p \"\$1/src\" \"\$1/cache\"" \
		"$base" "$root" - >"$CACHE/chroot/$suite.log" 2>&1 ||
		{ tail -n 10 "$CACHE/chroot/$suite.log" >&2; die "mmdebstrap of $suite failed"; }
	echo "$want" | as_root tee "$root/.made" >/dev/null
}

# --- kernels ----------------------------------------------------------------

# suite_of, flavour_of SUITE[-FLAVOUR]: Debian's names
suite_of() { sed -E 's/-(cloud|rt)$//' <<<"$1"; }
flavour_of() { sed -E '/-(cloud|rt)$/!s/.*/amd64/; s/.*-(cloud|rt)$/\1-amd64/' <<<"$1"; }

# get_kernel SUITE[-FLAVOUR]: the newest kernel of SUITE and its headers. FLAVOUR is cloud
# or rt, if not Debian's ordinary one. $CACHE/kernel/SUITE[-FLAVOUR] is then a link to a
# directory with: release, vmlinuz, lib/modules, vmlinux (for its BTF).
get_kernel() {
	local name=$1 suite work dir log=$CACHE/kernel-$1.log

	suite=$(suite_of "$name")
	work=kernel${name#"$suite"}
	make_chroot "$suite"
	mkdir -p "$CACHE/kernel"
	in_chroot "$suite" sh -euc '
		apt-get update -qq || echo "no fresh package lists, going on with the old ones"
		flavour=$2
		apt-get install -y -qq --no-install-recommends "linux-headers-$flavour"
		mkdir -p "/$1" && cd "/$1"
		depends() { apt-cache depends "$1" | sed -n "s/.*Depends: //p"; }
		image=$(depends "linux-image-$flavour" | grep "^linux-image-[0-9]" | head -n 1)
		for p in "$image" $(depends "$image" | grep -E "^linux-(binary|modules|base)-[0-9]"); do
			apt-cache policy "$p" | sed -n "s/  Candidate: /$p=/p"
		done | sort -u >want.new
		grep -q "^linux-image" want.new
		if ! cmp -s want.new want; then
			rm -rf debs x want
			mkdir debs
			(cd debs && apt-get download -qq $(cat ../want.new))
			for d in debs/*.deb; do dpkg-deb -x "$d" x; done
			rm -r debs
			mv want.new want
		fi' sh "$work" "$(flavour_of "$name")" >"$log" 2>&1 ||
		{ tail -n 10 "$log" >&2; die "cannot get the kernel of $name"; }
	dir=$CACHE/kernel/$name-$(key "$CACHE/chroot/$suite/$work/want")
	[ -d "$dir" ] || unpack_kernel "$CACHE/chroot/$suite/$work/x" "$dir"
	ln -sfn "${dir##*/}" "$CACHE/kernel/$name"
}

# unpack_kernel PACKAGES DIR
unpack_kernel() {
	local x=$1 dir=$2 tmp=$2.tmp mods release

	say "unpacking ${dir##*/}"
	rm -rf "$tmp"
	mkdir -p "$tmp/lib/modules"
	mods=$(find "$x" -type d -path '*lib/modules/*/kernel' -prune | head -n 1)
	mods=${mods%/kernel}
	release=${mods##*/}
	echo "$release" >"$tmp/release"
	cp "$(find "$x" -name 'vmlinuz*' | head -n 1)" "$tmp/vmlinuz"
	cp -r "$mods" "$tmp/lib/modules/"
	depmod -b "$tmp" "$release" 2>/dev/null
	extract_vmlinux "$tmp/vmlinuz" "$tmp/vmlinux"
	rm -rf "$dir"
	mv "$tmp" "$dir"
}

# plain KERNEL_DIR: its modules without dependencies, unpacked, in plain/, and
# their paths in list. They can be loaded one by one, in any order. Not the
# kernel's own tests, which run for minutes in their init.
plain() {
	local dir=$1 release
	release=$(cat "$dir/release")
	[ -d "$dir/plain" ] && return 0
	sed -n 's/:$//p' "$dir/lib/modules/$release/modules.dep" |
		grep -v '/lib/test_' | sort >"$dir/list"
	rm -rf "$dir/plain.tmp"
	mkdir "$dir/plain.tmp"
	unpack_modules "$dir/lib/modules/$release" "$dir/plain.tmp" <"$dir/list"
	sed -i 's/\.xz$//; s/\.zst$//' "$dir/list"
	mv "$dir/plain.tmp" "$dir/plain"
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

# extract_vmlinux VMLINUZ OUT: the payload of an x86 boot image, where its header
# says (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length)
extract_vmlinux() {
	local setup off len unpack

	field() { od -An -j "$1" -N "$2" -t "u$2" "$3" | tr -d ' '; }
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

# get_source SUITE: the newest linux-source of SUITE, as $CACHE/source/SUITE
get_source() {
	local suite=$1 want dir

	make_chroot "$suite"
	want=$(in_chroot "$suite" sh -euc '
		apt-get update -qq >&2 || true
		apt-cache depends --important linux-source | sed -n "s/.*Depends: //p" | head -n 1')
	want=$(in_chroot "$suite" apt-cache policy "$want" |
		sed -n "s/  Candidate: /$want=/p")
	[ -n "$want" ] || die "$suite has no linux-source"
	dir=$CACHE/source/${want//[=:~]/_}
	if [ ! -d "$dir" ]; then
		say "unpacking $want"
		rm -rf "$dir.tmp"
		mkdir -p "$dir.tmp"
		in_chroot "$suite" sh -euc '
			cd /tmp
			apt-get download -qq "$1"
			dpkg-deb --fsys-tarfile linux-source*.deb |
				tar -xO --wildcards "./usr/src/linux-source-*.tar.xz" |
				tar -xJ --strip-components=1 -C "$2"
			rm linux-source*.deb' sh "$want" "/cache/source/${dir##*/}.tmp" >&2
		mv "$dir.tmp" "$dir"
	fi
	ln -sfn "${dir##*/}" "$CACHE/source/$suite"
}

# source_config SUITE TREE OUT FRAGMENT... [-- MAKE ARG...]: a whole configuration,
# allnoconfig and these; of two that contradict, the last holds
source_config() {
	local suite=$1 tree=$2 out=$3 config
	shift 3
	config=/cache/${out#"$CACHE"/}
	: >"$out.frag"
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		cat "$1" >>"$out.frag"
		shift
	done
	in_chroot "$suite" make -s -C "$tree" O="$config.dir" KCONFIG_ALLCONFIG="$config.frag" "${@:2}" allnoconfig >&2
	cp "$out.dir/.config" "$out"
	as_root rm -r "$out.dir" "$out.frag"
}

# get_debug_kernel: two builds of the newest source, with every debug option;
# $CACHE/kernel/debug/{a,b} as make-mismatched-build.sh installs them, and a.build
get_debug_kernel() {
	local frags=("$TOP/tests/kernels/"{base,features,debug}.config) dir

	get_source trixie-backports
	dir=$CACHE/kernel/debug-$({ readlink "$CACHE/source/trixie-backports"
		cat "${frags[@]}"; } | sha256sum | cut -c1-16)
	if [ ! -f "$dir/table" ]; then
		say "building the debug kernel twice, this takes a while (log: $dir/a.log)"
		mkdir -p "$dir"
		# One key, as for two builds by one distro.
		[ -f "$dir/key.pem" ] ||
			openssl req -x509 -newkey rsa:2048 -nodes -sha512 -days 36500 -batch -subj "/CN=test" \
				-keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/key.log"
		cat "$dir/cert.pem" >>"$dir/key.pem"
		echo "CONFIG_MODULE_SIG_KEY=\"/cache/${dir#"$CACHE"/}/key.pem\"" >"$dir/key.config"
		source_config trixie-backports /cache/source/trixie-backports "$dir/config" "${frags[@]}" "$dir/key.config"
		in_chroot trixie-backports /src/scripts/make-mismatched-build.sh source \
			--tree /cache/source/trixie-backports --out "/cache/${dir#"$CACHE"/}" \
			--config "/cache/${dir#"$CACHE"/}/config" >"$dir/table.tmp" ||
			die "the debug kernel does not build"
		as_root rm -rf "$dir/b.build"
		mv "$dir/table.tmp" "$dir/table"
	fi
	ln -sfn "${dir##*/}" "$CACHE/kernel/debug"
}

# get_nobtf_kernel: a small one without BTF, as $CACHE/kernel/nobtf
get_nobtf_kernel() {
	local frags=("$TOP/tests/kernels/"{base,nobtf}.config) dir
	local kdir

	get_source trixie-backports
	dir=$CACHE/kernel/nobtf-$({ readlink "$CACHE/source/trixie-backports"
		cat "${frags[@]}"; } | sha256sum | cut -c1-16)
	kdir=/cache/${dir#"$CACHE"/}/build
	if [ ! -f "$dir/vmlinuz" ]; then
		say "building a kernel without BTF (log: $dir/log)"
		mkdir -p "$dir/build"
		source_config trixie-backports /cache/source/trixie-backports "$dir/build/.config" "${frags[@]}"
		in_chroot trixie-backports make -C /cache/source/trixie-backports O="$kdir" \
			-j"$(nproc)" bzImage modules >"$dir/log" 2>&1 ||
			{ tail -n 20 "$dir/log" >&2; die "the kernel without BTF does not build"; }
		cp "$dir/build/arch/x86/boot/bzImage" "$dir/vmlinuz"
	fi
	ln -sfn "${dir##*/}" "$CACHE/kernel/nobtf"
}

# get_tree_kernel NAME SUITE TREE [FRAGMENT|MAKE ARG...]: a kernel of a source tree, with the
# compiler of SUITE, as $CACHE/kernel/NAME: what get_kernel makes, build, and the
# make arguments in args. A FRAGMENT is a file of tests/kernels/. TREE is left alone.
get_tree_kernel() {
	local name=$1 suite=$2 tree=$3 dir tmp arg args=()
	local frags=("$TOP/tests/kernels/"{base,features,tree}.config)

	make_chroot "$suite"
	for arg in "${@:4}"; do
		case $arg in
		*.config) frags+=("$TOP/tests/kernels/$arg") ;;
		*) args+=("$arg") ;;
		esac
	done
	[[ " ${args[*]} " != *" LLVM=1 "* ]] || in_chroot "$suite" sh -c '
		type clang ld.lld llvm-objcopy >/dev/null 2>&1 ||
			apt-get install -y -qq --no-install-recommends clang lld llvm' >"$CACHE/chroot/$suite-llvm.log" 2>&1
	dir=$CACHE/kernel/$name-$({ echo "$suite" "${args[@]}"
		cat "${frags[@]}" "$tree/Makefile" "$tree/kernel/bpf/btf.c"; } | sha256sum | cut -c1-16)
	tmp=$dir/build
	if [ ! -f "$dir/release" ]; then
		say "building $tree with the compiler of $suite (log: $dir/log)"
		mkdir -p "$tmp" "$dir/tree"
		BTF_TOLERANT_TREE=$tree source_config "$suite" /tree "$tmp/.config" "${frags[@]}" -- "${args[@]}"
		BTF_TOLERANT_TREE=$tree in_chroot "$suite" sh -euc '
			out=$1; shift
			make -C /tree O="$out" "$@" -j"$(nproc)" bzImage modules
			make -s -C /tree O="$out" "$@" INSTALL_MOD_PATH="${out%/*}" INSTALL_MOD_STRIP=--strip-debug modules_install' \
			sh "/cache/${tmp#"$CACHE"/}" "${args[@]}" >"$dir/log" 2>&1 ||
			{ tail -n 20 "$dir/log" >&2; die "$tree does not build"; }
		cp "$tmp/arch/x86/boot/bzImage" "$dir/vmlinuz"
		ln -f "$tmp/vmlinux" "$dir/vmlinux"
		[ ${#args[@]} = 0 ] || printf '%s\n' "${args[@]}" >"$dir/args"
		cp "$tmp/include/config/kernel.release" "$dir/release"
	fi
	ln -sfn "${dir##*/}" "$CACHE/kernel/$name"
}

# kernel_dir SUITE[-FLAVOUR]: where get_kernel put it
kernel_dir() {
	[ -e "$CACHE/kernel/$1" ] || once "kernel-$1" get_kernel "$1" >&2
	readlink -f "$CACHE/kernel/$1"
}

# sample <PATHS: of them, modules that load and unload on any machine
sample() {
	grep -E '/nls/(mac-|nls_iso)|/(crc7|crc-itu-t|dummy|gpio-regmap|gpio-shared-proxy|inv_sensors_timestamp|led-class-multicolor|tcp_bbr|tcp_dctcp|veth)\.ko'
}

# rebased KERNEL_DIR [OPTION...]: its modules without dependencies, with the BTF
# of another build; echoes where
rebased() {
	local dir=$1 out
	shift
	once "plain-$(basename "$dir")" plain "$dir"
	out=$dir/rebased$(printf '%s' "$@" | tr -c 'a-z0-9' _)
	once "rebase-$(basename "$dir")" "$TOP/scripts/make-mismatched-build.sh" rebase \
		--modules "$dir/plain" --base "$dir/vmlinux" --out "$out" "$@" >&2
	echo "$out"
}

# build_module SUITE[-FLAVOUR]: btf_tolerant.ko for that kernel; echoes its path
build_module() {
	local release out=$MODULES/$1
	release=$(cat "$(kernel_dir "$1")/release")
	once "${MODULES##*/}-$1" build_tree "$(suite_of "$1")" "$out" "/usr/src/linux-headers-$release" >&2
	echo "$out/btf_tolerant.ko"
}

# build_debug_module: the same for build A of the debug kernel
build_debug_module() {
	local out=$MODULES/debug
	once "${MODULES##*/}-debug" build_tree trixie-backports "$out" \
		"/cache/kernel/$(readlink "$CACHE/kernel/debug")/a.build" >&2
	echo "$out/btf_tolerant.ko"
}

# sign_debug_module IN OUT: signed by the debug kernel's key
sign_debug_module() {
	local dir=/cache/kernel/debug
	cp "$1" "$2"
	in_chroot trixie-backports "$dir/a.build/scripts/sign-file" sha512 "$dir/key.pem" \
		"$dir/a.build/certs/signing_key.x509" "/cache/${2#"$CACHE"/}"
}

# build_test_modules SUITE OUT KDIR NAME [MAKE ARG...]: what is in tests/modules/NAME
build_test_modules() {
	local suite=$1 out=$2 kdir=$3 name=$4
	shift 4
	as_root rm -rf "$out"
	mkdir -p "$out"
	cp "$TOP/tests/modules/$name/"* "$out/"
	[ "$name" != bpf ] || light_skeleton "$out"
	in_chroot "$suite" make -C "$kdir" "M=/cache/${out#"$CACHE"/}" modules "$@" >"$out/build.log" 2>&1 ||
		{ tail -n 20 "$out/build.log" >&2; die "the test modules do not build against $kdir"; }
}

# kfunc_ids MODULE: the number of the kfunc of kfunc_test.ko in the BTF of its build:
# a set in .BTF_ids has a count, flags, then this (before 6.0 no flags)
kfunc_ids() {
	local tmp
	tmp=$(mktemp "$CACHE/ids.XXXXXX")
	objcopy -O binary --only-section=.BTF_ids --set-section-flags .BTF_ids=alloc "$1" "$tmp"
	if [ "$(od -An -j 4 -N 4 -t u4 "$tmp" | tr -d ' ')" -lt 16 ]; then
		od -An -j 8 -N 4 -t u4 "$tmp" | tr -d ' '
	else
		od -An -j 4 -N 4 -t u4 "$tmp" | tr -d ' '
	fi
	rm "$tmp"
}

# build_bpf NAME: tests/bpf/NAME.bpf.c; echoes its path
build_bpf() {
	local src=$TOP/tests/bpf/$1.bpf.c out
	out=$CACHE/tools/$1-$(key "$src").bpf.o
	if [ ! -f "$out" ]; then
		install_packages clang libbpf-dev
		mkdir -p "$CACHE/tools"
		clang -target bpf -O2 -g -Wall -I"/usr/include/$(uname -m)-linux-gnu" -c "$src" -o "$out.$$" ||
			die "$1.bpf.c does not build"
		mv "$out.$$" "$out"
	fi
	echo "$out"
}

# light_skeleton DIR: forks.lskel.h, and the libbpf header that it needs
light_skeleton() {
	install_packages bpftool
	mkdir -p "$1/bpf"
	cp /usr/include/bpf/skel_internal.h "$1/bpf/"
	"$(PATH=$PATH:/usr/sbin type -P bpftool)" gen skeleton -L "$(build_bpf forks)" name forks_bpf \
		>"$1/forks.lskel.h"
}

# build_tree SUITE OUT KDIR [MAKE ARG...]: this checkout's module, built in a
# copy of it at OUT with SUITE's compiler. KDIR is a path inside the chroot.
# BTF_TOLERANT_SRC names another checkout: tests/mutation uses it.
build_tree() {
	local suite=$1 out=$2 kdir=$3 src=${BTF_TOLERANT_SRC:-$TOP} want
	shift 3
	want=$(printf '%s\n' "$kdir" "$@" | cat - "$src"/{Kbuild,Makefile} "$src"/src/*.[ch] | sha256sum)
	[ "$(cat "$out.key" 2>/dev/null)" = "$want" ] && [ -f "$out/btf_tolerant.ko" ] && return 0
	as_root rm -rf "$out" "$out.key"
	mkdir -p "$out"
	cp -r "$src"/{Kbuild,Makefile,src} "$out/"
	in_chroot "$suite" make -C "/cache/${out#"$CACHE"/}" KDIR="$kdir" W=1 "$@" >"$out/build.log" 2>&1 ||
		{ tail -n 20 "$out/build.log" >&2; die "the module does not build against $kdir"; }
	echo "$want" >"$out.key"
}

# build_tool NAME: tests/tools/NAME.c for this machine; echoes its path
build_tool() {
	local src=$TOP/tests/tools/$1.c check=${BTF_TOLERANT_SRC:-$TOP}/src/btf_check out
	out=$CACHE/tools/$1-$(key "$src" "$check".[ch])
	if [ ! -x "$out" ]; then
		mkdir -p "$CACHE/tools"
		gcc -O2 -Wall -Wextra -I "${check%/*}" -o "$out.$$" "$src" "$check.c" -lbpf -lelf || die "$1.c does not build"
		mv "$out.$$" "$out"
	fi
	echo "$out"
}

# build_tools: the programs in tools/; echoes where they are
build_tools() {
	local dir=${BTF_TOLERANT_SRC:-$TOP}/tools
	install_packages "${HOST_PACKAGES[@]}"
	once tools make -s -C "$dir" >"$LOGS/tools.log" 2>&1 ||
		{ tail -n 20 "$LOGS/tools.log" >&2; die "the tools do not build"; }
	echo "$dir"
}

# btf_stat FILE: how many types its BTF has, and how long its strings are
btf_stat() { "$(build_tools)/btf-rebase" --stat "$1"; }

# --- guests -----------------------------------------------------------------

# copy_exec ROOT FILE [DEST]: a program and the libraries that it needs
copy_exec() {
	local root=$1 file=$2 dest=${3:-$2} lib
	mkdir -p "$root${dest%/*}"
	cp -L "$file" "$root$dest"
	for lib in $(ldd "$file" 2>/dev/null | grep -oE '/[^ ]+' || true); do
		[ -e "$root$lib" ] && continue
		mkdir -p "$root${lib%/*}"
		cp -L "$lib" "$root$lib"
	done
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

# base_cpio: what every guest has: busybox, kmod, nft, mkfs, our tools
base_cpio() {
	local root out tool tools=(modload btfload bpf_attach bpf_run storm damage_btf)
	local programs=(kmod nft unshare setpriv mkfs.ext4 mkfs.btrfs)

	for tool in "${tools[@]}"; do
		build_tool "$tool" >/dev/null
	done
	out=$CACHE/base-$({
		cat "$TOP"/tests/tools/*.c "$TOP"/tests/vm/init "$TOP"/tests/lib/guest.sh "${BASH_SOURCE[0]}"
		dpkg-query -W busybox-static kmod nftables e2fsprogs btrfs-progs util-linux
	} | sha256sum | cut -c1-16).cpio
	if [ ! -f "$out" ]; then
		root=$(mktemp -d "$CACHE/base.XXXXXX")
		mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,etc/modprobe.d,usr/bin,usr/sbin,lib/modules,mnt}
		ln -s usr/sbin "$root/sbin"
		cp /bin/busybox "$root/bin/busybox"
		for tool in $(/bin/busybox --list | grep -vx busybox); do
			ln -sf busybox "$root/bin/$tool"
		done
		# Its shell would run its own applets first, modprobe among them.
		rm -f "$root"/bin/{sh,ash,modprobe,insmod,rmmod,lsmod,modinfo,depmod,unshare,setpriv}
		copy_exec "$root" "$(readlink -f "$(type -P dash)")" /bin/sh
		for tool in "${programs[@]}"; do
			copy_exec "$root" "$(PATH=$PATH:/usr/sbin:/sbin type -P "$tool")" "/usr/bin/$tool"
		done
		for tool in modprobe insmod rmmod lsmod modinfo depmod; do
			ln -s /usr/bin/kmod "$root/usr/sbin/$tool"
		done
		for tool in "${tools[@]}"; do
			copy_exec "$root" "$(build_tool "$tool")" "/usr/bin/$tool"
		done
		echo 'root::0:0:root:/:/bin/sh' >"$root/etc/passwd"
		cp "$TOP/tests/vm/init" "$root/init"
		cp "$TOP/tests/lib/guest.sh" "$root/guest-lib.sh"
		pack "$root" "$out"
		rm -rf "$root"
	fi
	echo "$out"
}
