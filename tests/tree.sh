#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The functional tests on a kernel source tree: what "make test-tree TREE=..." runs.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/kernels.sh"

usage() {
	cat <<USAGE
Usage: [OPTION=on] tests/tree.sh [--headers] TREE [SUITE]

Builds the kernel source tree TREE (5.11 or later, x86-64), boots it in QEMU, and runs the
functional tests on it. Prints TAP, and its row of docs/KERNELS.md, which
"tests/matrix/kernels.t --table" puts there. TREE is not changed. The build is kept in
$CACHE: the next time, make builds what has changed since.

With OPTION=on the kernel has the upstream option, CONFIG_MODULE_ALLOW_BTF_MISMATCH. On
Linux 5.18 to 6.4 some modules fail in their init all the same; that is what is tested.

With --headers no kernel is built: btf_tolerant is compiled for it, no more.

SUITE names the Debian release whose compiler and pahole build it (default: bullseye
before Linux 6.1, bookworm before 6.12, else trixie-backports).
USAGE
}

# test_late_init NAME SUITE TREE: the option is on, and a module's init fails all the same
test_late_init() {
	local name=$1 suite=$2 tree=$3 dir release build work

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

headers=
[ "${1:-}" != --headers ] || {
	headers=1
	shift
}
case ${1:-} in
-h | --help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
tree=$(cd "$1" && pwd -P) || exit 1
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
name=linux-$series flavour="tree, ${2:-$suite}'s compiler" fragments=()
[ -z "${OPTION:-}" ] || {
	name+=-option flavour+=', option on'
	fragments=(option.config)
}
if [ -n "$headers" ]; then
	test_headers "$name" "${2:-$suite}" "$tree" "${fragments[@]}"
	done_testing
	exit
fi
test_tree "$name" "${2:-$suite}" "$tree" "${fragments[@]}"
[ -z "${OPTION:-}" ] || test_late_init "$name" "${2:-$suite}" "$tree"
row=$(row "$(cat "$CACHE/kernel/$name/release")" amd64 "$flavour" "$MODULES/$name/btf_tolerant.ko" "$name-modules")
# shellcheck disable=SC2154 # tests/lib/tap.sh counts
keep_row "tree-${name#linux-}" "$row" $((tap_n - tap_failed)) "$tap_failed"
done_testing
