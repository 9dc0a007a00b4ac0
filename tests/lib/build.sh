# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What is built of this checkout, and the modules of another build.

# rebased KERNEL_DIR [OPTION...]: its modules without dependencies, with the BTF
# of another build; echoes where
rebased() {
	local dir=$1 out
	shift
	install_packages "${BUILD_PACKAGES[@]}"
	once "plain-$(basename "$dir")" plain "$dir"
	out=$dir/rebased$(printf '%s' "$@" | tr -c 'a-z0-9' _)
	once "rebase-$(basename "$dir")" "$TOP/scripts/make-mismatched-build.sh" rebase \
		--modules "$dir/plain" --base "$dir/vmlinux" --out "$out" "$@" >&2
	echo "$out"
}

# build_module KERNEL: btf_tolerant.ko for one of stock_kernels.sh; echoes its path
build_module() {
	local out=$MODULES/$1 arch args=()
	arch=$(arch_of "$1")
	arch_line "$arch"
	[ "$arch" = amd64 ] || args=(ARCH="$arch_make" CROSS_COMPILE="$arch_gnu-")
	once "${MODULES##*/}-$1" build_tree "$(chroot_of "$1")" "$out" "$(headers "$1")" "${args[@]}" >&2
	echo "$out/btf_tolerant.ko"
}

# build_debug_module: the same for build A of the debug kernel
build_debug_module() {
	local out=$MODULES/debug
	once "${MODULES##*/}-debug" build_tree trixie-backports "$out" "$(in_cache "$(debug_dir)")/a.build" >&2
	echo "$out/btf_tolerant.ko"
}

# no_warning LOG: of a build that was made
no_warning() { [ -s "$1" ] && ! grep -iE 'warning|error' "$1"; }

# no_btf MODULE: it has none of its own
no_btf() {
	local sections
	sections=$(readelf -SW "$1") && [ -n "$sections" ] && ! grep -E '\.BTF' <<<"$sections"
}

# in_cache PATH: what is in $CACHE, as a chroot sees it
in_cache() { echo "/cache/${1#"$CACHE"/}"; }

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
# BTF_TOLERANT_SRC names another checkout: tests/mutation uses it. A kernel of a tree that has
# changed is built in the same place again.
build_tree() {
	local suite=$1 out=$2 kdir=$3 src=${BTF_TOLERANT_SRC:-$TOP} want
	shift 3
	want=$({ printf '%s\n' "$kdir" "$@"
		stat -c %y "$CACHE/${kdir#/cache/}/vmlinux" 2>/dev/null || true; } |
		cat - "$src"/{Kbuild,Makefile} "$src"/src/*.[ch] | sha256sum)
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
		install_packages "${BUILD_PACKAGES[@]}"
		mkdir -p "$CACHE/tools"
		gcc -O2 -Wall -Wextra -I "${check%/*}" -o "$out.$$" "$src" "$check.c" -lbpf -lelf || die "$1.c does not build"
		mv "$out.$$" "$out"
	fi
	echo "$out"
}

# build_tools: the programs in tools/; echoes where they are
build_tools() {
	local dir=${BTF_TOLERANT_SRC:-$TOP}/tools
	install_packages "${BUILD_PACKAGES[@]}"
	once tools make -s -C "$dir" >"$LOGS/tools.log" 2>&1 ||
		{ tail -n 20 "$LOGS/tools.log" >&2; die "the tools do not build"; }
	echo "$dir"
}

# btf_stat FILE: how many types its BTF has, and how long its strings are
btf_stat() { "$(build_tools)/btf-rebase" --stat "$1"; }
