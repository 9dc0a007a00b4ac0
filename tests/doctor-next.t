#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf-doctor status: which kernel starts next, and how bad a finding is for the others.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/doctor_status.sh"

install_packages "${DOCTOR_PACKAGES[@]}"
parts=$(once doctor-parts doctor_parts)
release=$(cat "$parts/release")
# shellcheck disable=SC2034 # doctor_status.sh
doctor=$(build_doctor)
work=$(mktemp -d "$CACHE/doctor-tree.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
t=$work/tree
six=$(cat "$(kernel_dir trixie)/release")

# An older kernel of the menu is a note.
new debian_tree "$t" own other own
mkdir -p "$t/lib/modules/99.0.0-test/kernel"
touch "$t/lib/modules/99.0.0-test/modules."{order,builtin,dep}
cat >"$t/boot/grub/grub.cfg" <<-GRUB
set default="gnulinux-advanced>gnulinux-99"
menuentry 'old' \$menuentry_id_option 'old' {
	linux /boot/vmlinuz-$release
	initrd /boot/initrd.img-$release
}
submenu 'More' \$menuentry_id_option 'gnulinux-advanced' {
	menuentry 'new' \$menuentry_id_option 'gnulinux-99' {
		linux /boot/vmlinuz-six
	}
}
GRUB
link "$(kernel_dir trixie)/vmlinuz" "$t/boot/vmlinuz-six"
mkdir -p "$t/lib/modules/$six/kernel"
(cd "$(kernel_dir trixie)/lib/modules/$six" && cp --parents kernel/drivers/net/dummy.ko* kernel/net/ipv4/tcp_*.ko* "$t/lib/modules/$six/")
depmod -b "$t" "$six" 2>/dev/null
finds "an older kernel that does not fit, not the default" 1 modules-no-image:note
is "$(q 'map { $_->{release} } grep { $_->{default} } @{$j->{kernels}}')" "$six" "GRUB's default is found in its submenu"
says "what starts next fits" '^What runs and what starts next fits\.'
finds "--kernel: only the other" 0 "--kernel=$six"
finds "--kernel: what does not start next" 1 modules-no-image:note "--kernel=$release"
is "$(q '$j->{kernels}[0]{default}')" 0 "it is not the default"
rm -r "$t/boot/grub" "$t/lib/modules/99.0.0-test"
mv "$t/boot/vmlinuz-six" "$t/boot/vmlinuz-$six"
next() { q 'map { $_->{release} } grep { $_->{default} } @{$j->{kernels}}'; }
finds "no menu" 1 modules-no-image:error btf_tolerant-missing:warning
is "$(next)" "$release" "the newest starts next"
finds "no menu, --kernel: the older" 0 "--kernel=$six"
is "$(q '$j->{kernels}[0]{default}')" 0 "does not"
mkdir -p "$t/boot/loader/entries"
printf 'version %s\nlinux /vmlinuz-%s\n' "$six" "$six" >"$t/boot/loader/entries/a.conf"
printf 'version %s\nlinux /vmlinuz-%s\n' "$release" "$release" >"$t/boot/loader/entries/b.conf"
finds "entries" 1 modules-no-image:error btf_tolerant-missing:warning
is "$(next)" "$release" "the newest starts next"
echo 'default a*' >"$t/boot/loader/loader.conf"
finds "and loader.conf" 1 modules-no-image:note
is "$(next)" "$six" "says what starts next"
finds "and --kernel, the newest" 1 modules-no-image:note "--kernel=$release"
is "$(q '$j->{kernels}[0]{default}')" 0 "does not make it the next"
rm "$t/boot/loader/loader.conf"
mkdir "$t/boot/grub2"
printf 'set default="${saved_entry}"\ninsmod blscfg\nblscfg\n' >"$t/boot/grub2/grub.cfg"
printf '# GRUB Environment Block\nsaved_entry=a\n####\n' >"$t/boot/grub2/grubenv"
finds "and GRUB" 1 modules-no-image:note
is "$(next)" "$six" "has saved what starts next"
printf 'linux /vmlinuz-gone\n' >"$t/boot/loader/entries/a.conf"
rm -r "$t/lib/modules/$release" "$t/boot/vmlinuz-$release" "$t/boot/loader/entries/b.conf"
finds "what starts next is not there" 0
ok "it says so: $(q '@{$j->{unread}}')" grep -q '^/boot/vmlinuz-gone: .*not there' <(q '@{$j->{unread}}')
says "and does not say that all fits" '^All that could be read fits\.'
done_testing
