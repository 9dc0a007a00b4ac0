#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bpftrace itself, from Debian: fentry on a dropped module fails, and counts once it is restored.
# shellcheck source=tests/lib/restore.sh
. "$(dirname "$0")/../lib/restore.sh"

dir=$(kernel_dir trixie-backports)
other=$(rebased "$dir")
release=$(cat "$dir/release")
ko=$(build_module trixie-backports)
chroot_packages "$RESTORE_SUITE" bpftrace
work=$(mktemp -d "$CACHE/bpftrace.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT

tree=$work/tree/lib/modules/$release
mkdir -p "$tree/kernel"
cp "$other/$(grep '/dummy.ko$' "$dir/list")" "$tree/kernel/"
echo "$release" >"$work/tree/release"
touch "$tree/modules."{order,builtin,builtin.modinfo}
pack_modules "$work/tree" "$work/modules.cpio"
add_program "$work/root" "$(build_restore)/btf-restore" "$CACHE/chroot/$RESTORE_SUITE/usr/bin/bpftrace"
mkdir "$work/root/boot"
other_image "$dir/vmlinuz" "$other/base.btf" "$work/root/boot/vmlinuz-$release"
pack "$work/root" "$work/root.cpio"
guest bpftrace --cpus 1 --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/bpftrace.guest" --mem 4G --timeout 1200 \
	--add "$work/modules.cpio" --add "$work/root.cpio" --file "$ko:/btf_tolerant.ko"
done_testing
