#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf-doctor on a machine that runs, and what it says to do, done to the letter.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/doctor.sh"

install_packages "${DOCTOR_PACKAGES[@]}"
parts=$(once doctor-parts doctor_parts)
release=$(cat "$parts/release")
doctor=$(build_doctor)
ko=$(build_for_machine)
work=$(mktemp -d "$CACHE/doctor-guest.XXXXXX")
trap 'rm -rf "$work"' EXIT

root=$work/root lib=$work/root/lib/modules/$release
mkdir -p "$lib/kernel" "$lib/updates/dkms" "$root/boot" "$root/other" "$root/etc"
# Some of its modules are enough.
for m in drivers/net/dummy drivers/net/veth net/ipv4/tcp_bbr net/ipv4/tcp_dctcp lib/crc/crc7 fs/nls/nls_iso8859-1; do
	for b in own other; do
		f=$(find "$parts/$b/kernel" -path "*/$m.ko*")
		[ -n "$f" ] || continue
		to=$lib/kernel
		[ $b = own ] || to=$root/other
		install -D -m 644 "$f" "$to/${f#"$parts/$b/kernel/"}"
	done
done
mkdir -p "$work/initrd/usr/lib/modules/$release"
cp -r "$lib/kernel" "$work/initrd/usr/lib/modules/$release/"
pack "$work/initrd" "$root/own.initrd"
cp "$ko" "$lib/updates/dkms/"
cp "$parts/root/lib/modules/$release/"modules.{order,builtin,builtin.modinfo} "$lib/"
depmod -b "$root" "$release"
cp "$parts/root/boot/config-$release" "$root/boot/"
cp "$parts/own/vmlinuz" "$root/boot/vmlinuz-$release"
cp "$parts/own/vmlinuz" "$root/own.vmlinuz"
cp "$parts/other/vmlinuz" "$root/other.vmlinuz"
"$(build_tool add_member)" "$parts/other/base.btf" mm_struct "$work/mm.btf"
other_image "$parts/own/vmlinuz" "$work/mm.btf" "$root/mm.vmlinuz"
printf 'ID=debian\nPRETTY_NAME="A debian"\n' >"$root/etc/os-release"
copy_exec "$root" "" "$(uname -m)-linux-gnu" "$doctor" /usr/bin/btf-doctor
pack "$root" "$work/root.cpio"
guest doctor --cpus 1 --kernel "$parts/own/vmlinuz" --script "$TOP/tests/vm/doctor.guest" \
	--add "$work/root.cpio" --mem 2G --timeout 900

# Two builds of one source. What it says ends it is to reboot: so we do, into what is in /boot.
debug=$(debug_dir)
release=$(cat "$debug/b/release") machine=$work/machine
mkdir -p "$machine"/{boot,etc,lib/modules}
cp -r "$debug/b/lib/modules/$release" "$machine/lib/modules/"
depmod -b "$machine" "$release"
cp "$debug/b/vmlinuz" "$machine/boot/vmlinuz-$release"
cp "$root/etc/os-release" "$machine/etc/"
copy_exec "$machine" "" "$(uname -m)-linux-gnu" "$doctor" /usr/bin/btf-doctor
pack "$machine" "$work/machine.cpio"
guest doctor-before --kernel "$debug/a/vmlinuz" --script "$TOP/tests/vm/doctor-reboot.guest" --append WHEN=before \
	--add "$work/machine.cpio" --mem 3G --timeout 900 --data "$work/advice"
is "$(tr -d '\r' <"$work/advice")" "systemctl reboot" "what ends it, as it says"
guest doctor-after --kernel "$machine/boot/vmlinuz-$release" --script "$TOP/tests/vm/doctor-reboot.guest" --append WHEN=after \
	--add "$work/machine.cpio" --mem 3G --timeout 900
done_testing
