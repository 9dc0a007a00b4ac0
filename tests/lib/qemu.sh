# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The QEMU that everything runs in. With two threads, QEMU 7.2 runs code that the kernel has
# just patched from a stale translation, and here everything patches code. Where the
# machine's own QEMU is older than this, Debian's is unpacked into the cache.

QEMU_SUITE=trixie
QEMU_MAJOR=10

# qemu_version COMMAND...: as QEMU says it itself; empty if it does not run
qemu_version() {
	{ "$@" --version 2>/dev/null || true; } | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

# get_qemu PACKAGE ROOT: of $QEMU_SUITE, and what it needs, below ROOT. Unpacked, not
# installed: of a package's programs only QEMU is run, and that by its own loader.
get_qemu() {
	local package=$1 root=$2 old

	[ ! -f "$root/.made" ] || return 0
	say "unpacking $package of $QEMU_SUITE"
	run_mmdebstrap "$QEMU_SUITE" "$root" --variant=extract --include="$package"
	as_root touch "$root/.made"
	# When one is unpacked, another suite's goes, unless somebody has asked for it in the last two
	# days: no test takes that long.
	find "$CACHE/qemu" -maxdepth 1 -name "$package*.log" ! -path "$root.log" -mtime +1 |
		while IFS= read -r old; do as_root rm -rf "${old%.log}" "$old"; done
}

# find_qemu PACKAGE PROGRAM: sets qemu_command, an array: what to run it by. Needs no root
# after the first time, and sees the machine's files as any program does.
find_qemu() {
	local package=$1 program=$2 version root=$CACHE/qemu/$1-$QEMU_SUITE loader lib
	version=$(qemu_version "$program")
	if [ "${version%%.*}" -ge "$QEMU_MAJOR" ] 2>/dev/null; then
		qemu_command=("$program")
		return
	fi
	[ -f "$root/.made" ] || once "qemu-$package" get_qemu "$package" "$root"
	# In use: see get_qemu
	touch "$root.log"
	loader=$(echo "$root"/usr/lib/*-linux-gnu/ld-linux*.so.*) lib=${loader%/*}
	# Its modules it looks for where they would be installed, and finds another version's.
	qemu_command=(env "QEMU_MODULE_DIR=$lib/qemu" "$loader" --library-path "$lib"
		"$root/usr/bin/$program" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios")
	[ -n "$(qemu_version "${qemu_command[@]}")" ] || die "$program of $QEMU_SUITE does not run"
}
