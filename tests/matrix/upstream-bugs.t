#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What docs/UPSTREAM-BUGS.md says of Linux itself. Red where Linux does better than that.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d "$CACHE/upstream.XXXXXX")
trap 'rm -rf "$work"' EXIT
install_packages bpftool

# first_split VMLINUX: the number of a module's first type
first_split() {
	"$(PATH=$PATH:/usr/sbin type -P bpftool)" btf dump file "$1" | awk -F '[][]' '/^\[/ { n = $2 } END { print n + 1 }'
}

# bugs NAME KERNEL VMLINUX KDIR WHICH...: on that kernel, and with $tolerant, if that is a module
bugs() {
	local name=$1 kernel=$2 vmlinux=$3 kdir=$4 which files=(--file "$(build_tool stress):/usr/bin/stress") with=''
	[ -z "$tolerant" ] || files+=(--file "$tolerant:/btf_tolerant.ko") with=-with-btf_tolerant
	shift 4
	# The BTF that is there is all that they shall have.
	once "module-upstream-$name" build_test_modules trixie-backports "$MODULES/upstream-$name" "$kdir" upstream \
		CONFIG_DEBUG_INFO_BTF_MODULES= START="$(first_split "$vmlinux")"
	for which; do
		strip --strip-debug -o "$work/$which.ko" "$MODULES/upstream-$name/$which.ko"
		# With one CPU, who asks for the stack of a task that never ends is not running beside it.
		guest "upstream-$which$with" --cpus 1 --kernel "$kernel" --script "$TOP/tests/vm/upstream-bugs.guest" --mem 2G \
			--file "$work/$which.ko:/mods/$which.ko" "${files[@]}" --append "WHICH=$which" --timeout 900
	done
}

stock=$(kernel_dir trixie-backports) debug=$(debug_dir)
on_stock=(stock "$stock/vmlinuz" "$stock/vmlinux" "$(headers trixie-backports)")
on_debug=(debug "$debug/a/vmlinuz" "$debug/a/vmlinux" "/cache/kernel/${debug##*/}/a.build")
tolerant=''
bugs "${on_stock[@]}" relocate_null relocate_loop too_many_types return_to_handler
bugs "${on_debug[@]}" relocate_read add_type return_to_handler
tolerant=$(build_module trixie-backports)
bugs "${on_stock[@]}" relocate_null
tolerant=$(build_debug_module)
bugs "${on_debug[@]}" relocate_read
done_testing
