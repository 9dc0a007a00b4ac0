#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What docs/UPSTREAM-BUGS.md says of Linux itself. Red where Linux does better than that.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d "$CACHE/upstream.XXXXXX")
trap 'rm -rf "$work"' EXIT
install_packages "${BUILD_PACKAGES[@]}"
gcc -O2 -o "$work/btf-rebase" "$TOP/tools/btf-rebase.c" -lbpf -lelf

# bugs NAME KERNEL VMLINUX KDIR WHICH...: on that kernel
bugs() {
	local name=$1 kernel=$2 vmlinux=$3 kdir=$4 which files=(--file "$(build_tool stress):/usr/bin/stress")
	shift 4
	# The BTF that is there is all that they shall have.
	once "module-upstream-$name" build_test_modules trixie-backports "$MODULES/upstream-$name" "$kdir" upstream \
		CONFIG_DEBUG_INFO_BTF_MODULES= START="$("$work/btf-rebase" --stat "$vmlinux" | cut -d' ' -f1)"
	for which; do
		strip --strip-debug -o "$work/$which.ko" "$MODULES/upstream-$name/$which.ko"
		guest "upstream-$which" --kernel "$kernel" --script "$TOP/tests/vm/upstream-bugs.guest" --mem 2G \
			--file "$work/$which.ko:/mods/$which.ko" "${files[@]}" --append "WHICH=$which" --timeout 900
	done
}

stock=$(kernel_dir trixie-backports)
bugs stock "$stock/vmlinuz" "$stock/vmlinux" "$(headers trixie-backports)" relocate_null relocate_loop too_many_types
debug=$(debug_dir)
bugs debug "$debug/a/vmlinuz" "$debug/a/vmlinux" "/cache/kernel/${debug##*/}/a.build" relocate_read add_type
done_testing
