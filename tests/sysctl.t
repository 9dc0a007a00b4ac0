#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The policy: module parameter, kernel command line, sysctl, and who may set it.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
ko=$(build_module trixie-backports)
work=$(mktemp -d "$CACHE/sysctl.XXXXXX")
trap 'rm -rf "$work"' EXIT
release=$(cat "$dir/release")
mkdir -p "$work/root/lib/modules/$release/updates"
cp "$ko" "$work/root/lib/modules/$release/updates/"
touch "$work/root/lib/modules/$release"/modules.{order,builtin,builtin.modinfo}
depmod -b "$work/root" "$release"
pack "$work/root" "$work/modules.cpio"

guest sysctl --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/sysctl.guest" \
	--add "$work/modules.cpio" --add "$(one_mismatched "$dir")" --file "$ko:/btf_tolerant.ko" --append 'btf_tolerant.policy=0 rcupdate.rcu_expedited=1'
done_testing
