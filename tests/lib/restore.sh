# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# btf-restore, which needs a newer libbpf than this machine may have: built and run in the
# chroot of the newest kernel's suite, and in guests with its libraries.

# shellcheck source=tests/lib/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh"

RESTORE_SUITE=trixie-backports

# build_restore: echoes the directory with it
build_restore() {
	local src=${BTF_TOLERANT_SRC:-$TOP} out
	out=$CACHE/tools/btf-restore-$(key "$src"/tools/*.[ch] "$src"/tools/Makefile "$src"/src/*.[ch])
	chroot_packages "$RESTORE_SUITE" libarchive-dev libjson-c-dev libkmod-dev pkg-config >&2
	[ -x "$out/tools/btf-restore" ] || once btf-restore make_restore "$src" "$out"
	echo "$out/tools"
}
make_restore() { # SRC OUT
	[ ! -x "$2/tools/btf-restore" ] || return 0
	rm -rf "$2"
	mkdir -p "$2/tools" "$2/src"
	cp "$1/dkms.conf" "$2/"
	cp "$1"/tools/*.[ch] "$1"/tools/Makefile "$2/tools/"
	cp "$1"/src/*.[ch] "$2/src/"
	in_chroot "$RESTORE_SUITE" make -s -C "$(in_cache "$2/tools")" btf-restore btf-doctor >"$2/log" 2>&1 ||
		{ tail -n 20 "$2/log" >&2; die "btf-restore does not build"; }
}

# restore ARG...: run it here; a path below $CACHE is given as $CACHE/...
restore() {
	local args=("${@//$CACHE//cache}")
	in_chroot "$RESTORE_SUITE" "$(in_cache "$(build_restore)")/btf-restore" "${args[@]}"
}

# newer_program NAME: btf-doctor or btf-restore as a program of this machine that runs with that
# chroot's libraries; echoes its path
newer_program() {
	local dir root=$CACHE/chroot/$RESTORE_SUITE
	dir=$(build_restore)
	printf '#!/bin/sh\nexec %s/lib64/ld-linux-x86-64.so.2 --library-path %s/usr/lib/x86_64-linux-gnu %s/%s "$@"\n' \
		"$root" "$root" "$dir" "$1" >"$dir/$1.sh.$$"
	chmod 755 "$dir/$1.sh.$$"
	mv "$dir/$1.sh.$$" "$dir/$1.sh"
	echo "$dir/$1.sh"
}

# add_program DIR FILE...: programs of that chroot for a guest's initramfs, with their own
# libraries beside those of this machine
add_program() {
	local dir=$1 file name root=$CACHE/chroot/$RESTORE_SUITE
	shift
	mkdir -p "$dir/usr/bin"
	for file; do
		name=${file##*/}
		copy_exec "$dir/suite" "$root" x86_64-linux-gnu "$file" "/usr/bin/$name"
		printf '#!/bin/sh\nexec /suite/lib64/ld-linux-x86-64.so.2 --library-path %s %s "$@"\n' \
			/suite/usr/lib/x86_64-linux-gnu "/suite/usr/bin/$name" >"$dir/usr/bin/$name"
		chmod 755 "$dir/usr/bin/$name"
	done
}

# raw_btf FILE OUT: the .BTF of a module or vmlinux
raw_btf() { objcopy --dump-section ".BTF=$2" "$1" /dev/null; }
