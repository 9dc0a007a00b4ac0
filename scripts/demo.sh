#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# "make demo": the main job, on a stock kernel of a distro, in QEMU.

# shellcheck source=tests/lib/restore.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/lib/restore.sh"

case ${1:-} in
'') ;;
-h | --help)
	echo "Usage: scripts/demo.sh"
	echo "Boots the newest kernel of Debian's trixie-backports in QEMU, with modules of"
	echo "another build: refused, explained by btf-doctor, loaded with btf_tolerant, and their"
	echo "BTF restored by btf-restore. Installs what it needs with apt; keeps it in $CACHE."
	exit 0
	;;
*) die "unknown option '$1', try --help" ;;
esac

"$TOP/tests/setup" demo
dir=$(kernel_dir trixie-backports)
release=$(cat "$dir/release")
ko=$(build_module trixie-backports)
work=$(mktemp -d "$CACHE/demo.XXXXXX")
trap 'rm -rf "$work"' EXIT

# nf_conntrack, and what the ruleset needs, as another build would have them
mods=$work/root/lib/modules/$release
mkdir -p "$mods/updates"
for m in nf_conntrack nf_tables nft_ct; do
	modprobe -d "$dir" -S "$release" --show-depends "$m"
done | sed -n 's/^insmod //p' | sed "s|.*/lib/modules/$release/||; s/ *$//" | sort -u >"$work/list"
"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$dir/lib/modules/$release" \
	--list "$work/list" --base "$dir/vmlinux" --out "$work/rebased"
cp -r "$work/rebased/kernel" "$mods/"
cp "$ko" "$mods/updates/"
touch "$mods"/modules.{order,builtin,builtin.modinfo}
depmod -b "$work/root" "$release"
# What the update has installed, too, and what comes with btf_tolerant
mkdir "$work/root/boot" "$work/root/etc"
other_image "$dir/vmlinuz" "$work/rebased/base.btf" "$work/root/boot/vmlinuz-$release"
printf 'ID=debian\nPRETTY_NAME="Debian"\n' >"$work/root/etc/os-release"
add_program "$work/root" "$(build_restore)"/btf-{doctor,restore}
pack "$work/root" "$work/modules.cpio"

status=0
"$TOP/tests/vm/run" --name demo --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/demo.guest" \
	--add "$work/modules.cpio" --mem 2G | tee "$work/out" || status=1
! grep -q '^not ok' "$work/out" || status=1
exit "$status"
