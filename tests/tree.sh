#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The functional tests on a kernel source tree: what "make test-tree TREE=..." runs.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/kernels.sh"

usage() {
	cat <<USAGE
Usage: tests/tree.sh TREE [SUITE]

Builds the kernel source tree TREE (5.11 or later, x86-64) without the upstream
option, boots it in QEMU, and runs the functional tests on it. Prints TAP. TREE is
not changed; the build is kept in $CACHE.

With OPTION=on it is built with the upstream option instead, Linux 5.18 to 6.4: nf_conntrack fails
in its init there, DKMS builds btf_tolerant for it, and then it loads.

SUITE names the Debian release whose compiler and pahole build it (default: bullseye
before Linux 6.1, bookworm before 6.12, else trixie-backports).
USAGE
}

# test_late_init NAME SUITE TREE: the option is on, and a module's init fails all the same
test_late_init() {
	local name=$1 suite=$2 tree=$3 dir release build work

	once "kernel-$name" get_tree_kernel "$name" "$suite" "$tree" option.config
	dir=$(readlink -f "$CACHE/kernel/$name")
	release=$(cat "$dir/release") build=$MODULES/$name
	is "$(not_as "$TOP/tests/kernels/option.config" "$dir/build/.config")" "" "$release: the option is on"
	# shellcheck disable=SC1091,SC2030,SC2031,SC2034 # as DKMS reads it
	is "$(kernelver=$release kernel_source_dir=$dir/build; . "$TOP/dkms.conf"; echo "${BUILD_EXCLUSIVE_KERNEL-}")" "" \
		"$release: DKMS builds it"
	BTF_TOLERANT_TREE=$tree build_tree "$suite" "$build" "$(in_cache "$dir/build")" >&2
	work=$(mktemp -d "$CACHE/tree.XXXXXX")
	# shellcheck disable=SC2064 # now
	trap "rm -rf '$work'" EXIT
	"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$dir/lib/modules/$release" \
		--base "$dir/vmlinux" --out "$work/other/lib/modules/$release" >&2
	cp "$dir/release" "$work/other/"
	touch "$work/other/lib/modules/$release/"modules.{order,builtin,builtin.modinfo}
	pack_modules "$work/other" "$work/other.cpio"
	guest "$name" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/option.guest" --add "$work/other.cpio" \
		--file "$build/btf_tolerant.ko:/btf_tolerant.ko" --mem 2G --timeout 600
}

case ${1:-} in
-h | --help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
tree=$(cd "$1" && pwd) || exit 1
[ -f "$tree/kernel/bpf/btf.c" ] || die "$tree is not a kernel source tree"
version=$(make -s -C "$tree" kernelversion)
series=$(cut -d. -f1-2 <<<"${version%%-*}")
before() { [ "$(printf '%s\n' "$series" "$1" | sort -V | head -n 1)" != "$1" ]; }
if before 6.1; then
	suite=bullseye
elif before 6.12; then
	suite=bookworm
else
	suite=trixie-backports
fi
if [ "${OPTION:-off}" = on ]; then
	test_late_init "linux-$series-option" "${2:-$suite}" "$tree"
else
	test_tree "linux-$series" "${2:-$suite}" "$tree"
fi
done_testing
