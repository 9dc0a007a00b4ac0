# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Machines to look at, as trees of files: Debian's kernel for clouds, its modules and what
# its own tools make of them, in the layouts of several distributions; and "another
# build" of each part.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# shellcheck disable=SC2034 # for the scripts that source this
DOCTOR_PACKAGES=("${BUILD_PACKAGES[@]}" "${GUEST_PACKAGES[@]}")

# build_doctor: btf-doctor of this checkout; echoes its path
build_doctor() {
	local src=${BTF_TOLERANT_SRC:-$TOP} out
	out=$CACHE/tools/btf-doctor-$(key "$src"/tools/*.[ch] "$src"/tools/Makefile "$src"/src/*.[ch])
	if [ ! -x "$out/btf-doctor" ]; then
		rm -rf "$out.$$"
		mkdir -p "$out.$$"
		cp -r "$src/tools" "$src/src" "$src/dkms.conf" "$out.$$/"
		make -s -C "$out.$$/tools" btf-doctor >"$out.$$/log" 2>&1 ||
			{ tail -n 20 "$out.$$/log" >&2; die "btf-doctor does not build"; }
		mv "$out.$$/tools/btf-doctor" "$out.$$/btf-doctor"
		rm -rf "$out"
		mv "$out.$$" "$out"
	fi
	echo "$out/btf-doctor"
}

# other_image VMLINUZ BTF OUT: an x86 boot image of another build: its kernel has the base
# BTF and another build ID. It is read as any is, but would not boot.
other_image() {
	local tmp=$3.tmp
	mkdir -p "$tmp"
	extract_vmlinux "$1" "$tmp/vmlinux"
	objcopy --only-section=.BTF --only-section=.notes --update-section ".BTF=$2" "$tmp/vmlinux" "$tmp/new" 2>/dev/null
	objcopy --dump-section ".notes=$tmp/notes" "$tmp/new" /dev/null
	perl -0777 -pi -e 's/(GNU\0)(.{20})/$1 . $2 ^ ("\0" x 4 . "\xff" x 20)/se' "$tmp/notes"
	objcopy --update-section ".notes=$tmp/notes" "$tmp/new"
	xz -0 --check=crc32 <"$tmp/new" >"$tmp/payload"
	perl -e '
		my ($image, $payload, $size, $out) = @ARGV;
		sub slurp { local $/; open(my $f, "<:raw", $_[0]) or die; <$f> }
		my $head = slurp($image);
		# Documentation/arch/x86/boot.rst; the unpacked size follows the payload
		my $off = unpack("V", substr($head, 0x248, 4)) + (unpack("C", substr($head, 0x1f1, 1)) + 1) * 512;
		my $data = slurp($payload) . pack("V", $size);
		substr($head, 0x24c, 4) = pack("V", length($data));
		open(my $f, ">:raw", $out) or die;
		print $f substr($head, 0, $off), $data, "\0" x 4096;
		close($f) or die;' \
		"$1" "$tmp/payload" "$(stat -c %s "$tmp/new")" "$3"
	rm -r "$tmp"
}

# damaged_image VMLINUZ OUT: the same, with BTF that no kernel takes: its first type refers
# to one that is not there
damaged_image() {
	local tmp=$2.damage
	mkdir -p "$tmp"
	extract_vmlinux "$1" "$tmp/vmlinux"
	objcopy --dump-section ".BTF=$tmp/btf" "$tmp/vmlinux" /dev/null
	perl -e '
		local $/; open(my $f, "+<:raw", $ARGV[0]) or die; my $btf = <$f>;
		my ($hdr) = unpack("x4 V", $btf);
		# Find a pointer and let it point nowhere: kind 2 has nothing after its type.
		for (my $at = $hdr; ; $at += 12) {
			my ($name, $info) = unpack("VV", substr($btf, $at, 8));
			my $kind = ($info >> 24) & 0x1f;
			if ($kind == 2) { substr($btf, $at + 8, 4) = pack("V", 0x7fffffff); last }
			my %more = (1 => 4, 3 => 12, 13 => 8, 14 => 4, 17 => 4);
			my %each = (4 => 12, 5 => 12, 6 => 8, 13 => 8, 15 => 12, 19 => 12);
			$at += $kind == 13 ? 0 : ($more{$kind} || 0);
			$at += ($each{$kind} || 0) * ($info & 0xffff);
		}
		seek($f, 0, 0); print $f $btf; close($f) or die;' "$tmp/btf"
	other_image "$1" "$tmp/btf" "$2"
	rm -r "$tmp"
}

# make_uki VMLINUZ INITRD RELEASE OUT: by ukify
make_uki() {
	local at=/cache/${4#"$CACHE"/}
	mkdir -p "$4.in"
	cp "$1" "$4.in/linux"
	cp "$2" "$4.in/initrd"
	in_chroot trixie ukify build --linux="$at.in/linux" --initrd="$at.in/initrd" --uname="$3" \
		--cmdline="root=/dev/vda quiet" --os-release="ID=debian" --output="$at" >/dev/null
	rm -r "$4.in"
}

# doctor_parts: of the machines, what takes time to make; echoes where. In there: release,
# own and other (each vmlinuz, kernel, initrd, dracut, uki.efi), damaged.vmlinuz, root.
doctor_parts() {
	local dracut root dir want r b
	once debian-initramfs-tools debian_root initramfs-tools >/dev/null
	root=$(debian_root initramfs-tools)
	once debian-dracut debian_root dracut >/dev/null
	dracut=$(debian_root dracut)
	want=$({ echo "$root"; declare -f other_image damaged_image make_uki doctor_parts; } | sha256sum | cut -c1-16)
	dir=$CACHE/machines-$want
	if [ ! -f "$dir/done" ]; then
		say "making the parts of broken machines"
		as_root rm -rf "$CACHE"/machines-*
		r=$(cat "$root/release")
		mkdir -p "$dir/own" "$dir/other" "$dir/scratch"
		echo "$r" >"$dir/release"
		cp -a "$root/root" "$dir/root"
		cp "$dir/root/boot/vmlinuz-$r" "$dir/own/vmlinuz"
		cp -r "$dir/root/lib/modules/$r/kernel" "$dir/own/kernel"
		cp "$dir/root/boot/initrd.img-$r" "$dir/own/initrd"
		cp "$dracut/root/boot/initrd.img-$r" "$dir/own/dracut"
		extract_vmlinux "$dir/own/vmlinuz" "$dir/scratch/vmlinux"
		# boot.t makes them, too.
		once "rebase-$(basename "$root")" "$TOP/scripts/make-mismatched-build.sh" rebase \
			--modules "$dir/own/kernel" --base "$dir/scratch/vmlinux" --out "$root/rebased" >&2
		mkdir "$dir/other/kernel"
		(cd "$root/rebased" && find . -name '*.ko' -print0 | xargs -0 cp --parents -t "$dir/other/kernel")
		cp "$root/rebased/base.btf" "$dir/other/base.btf"
		other_image "$dir/own/vmlinuz" "$dir/other/base.btf" "$dir/other/vmlinuz"
		damaged_image "$dir/own/vmlinuz" "$dir/damaged.vmlinuz"
		# The initramfs of the other build, by each distribution's tool
		for b in initrd dracut; do
			as_root rm -rf "$dir/scratch/root"
			if [ $b = initrd ]; then
				as_root cp -a "$dir/root" "$dir/scratch/root"
			else
				as_root cp -a "$dracut/root" "$dir/scratch/root"
			fi
			put_modules "$dir/other/kernel" "$dir/scratch/root" "$r"
			new_initramfs "$dir/scratch/root" "$r" >"$dir/$b.log" 2>&1
			cp "$dir/scratch/root/boot/initrd.img-$r" "$dir/other/$b"
		done
		in_chroot trixie sh -c 'command -v ukify || { apt-get update -qq
			apt-get install -y -qq --no-install-recommends systemd-ukify systemd-boot-efi; }' >"$dir/ukify.log" 2>&1
		for b in own other; do
			make_uki "$dir/$b/vmlinuz" "$dir/$b/dracut" "$r" "$dir/$b/uki.efi"
		done
		as_root rm -rf "$dir/scratch"
		touch "$dir/done"
	fi
	echo "$dir"
}

# build_for_machine: btf_tolerant.ko for the kernel of the machines; echoes its path
build_for_machine() {
	local src=${BTF_TOLERANT_SRC:-$TOP} name
	name=machine-$(key "$src"/Kbuild "$src"/Makefile "$src"/src/*.[ch])
	once doctor-machine build_for_machine_in "${parts:?}/root" "$src" "$name" "${release:?}" >&2
	echo "$parts/root/root/$name/btf_tolerant.ko"
}
build_for_machine_in() { # ROOT SRC NAME RELEASE
	[ ! -e "$1/root/$3/btf_tolerant.ko" ] || return 0
	as_root mkdir -p "$1/root/$3"
	as_root cp -r "$2"/{Kbuild,Makefile,src} "$1/root/$3/"
	in_root "$1" make -C "/root/$3" KDIR="/usr/src/linux-headers-$4" >"$1/root/$3/log" 2>&1 ||
		{ tail -n 20 "$1/root/$3/log" >&2; die "the module does not build for $4"; }
}

# --- trees ------------------------------------------------------------------
# Each takes the directory to make, and for image, modules and initramfs own or other. The
# files are links into $parts: replace them, never write to them.

# link FROM TO
link() { mkdir -p "$(dirname "$2")"; cp -al "$1" "$2"; }

# tree_modules TREE WHICH: /usr/lib/modules/RELEASE
tree_modules() {
	local lib=$1/usr/lib/modules/$release
	mkdir -p "$lib"
	ln -sfn usr/lib "$1/lib"
	cp -al "$parts/$2/kernel" "$lib/kernel"
	cp "$parts/root/lib/modules/$release/"modules.{order,builtin,builtin.modinfo} "$lib/"
	link "$parts/root/boot/config-$release" "$lib/config"
	depmod -b "$1" "$release"
}

# tree_system TREE ID [PROGRAM...]: the system is of that kind, and has these programs
tree_system() {
	local tree=$1 id=$2 p
	shift 2
	mkdir -p "$tree/etc" "$tree/usr/bin" "$tree/boot"
	printf 'ID=%s\nPRETTY_NAME="A %s"\n' "$id" "$id" >"$tree/etc/os-release"
	for p; do
		printf '#!/bin/sh\n' >"$tree/usr/bin/$p"
		chmod +x "$tree/usr/bin/$p"
	done
}

# debian_tree TREE [IMAGE MODULES INITRAMFS]
debian_tree() {
	tree_system "$1" debian update-initramfs
	tree_modules "$1" "${3:-own}"
	link "$parts/${2:-own}/vmlinuz" "$1/boot/vmlinuz-$release"
	link "$parts/${4:-own}/initrd" "$1/boot/initrd.img-$release"
	mkdir -p "$1/boot/grub" "$1/usr/share/doc"
	cp -a "$parts/root/usr/share/doc/"linux-*"$release" "$1/usr/share/doc/"
	cat >"$1/boot/grub/grub.cfg" <<-GRUB
	if [ -s \$prefix/grubenv ]; then
	  load_env
	fi
	if [ "\${next_entry}" ] ; then
	   set default="\${next_entry}"
	else
	   set default="0"
	fi
	menuentry 'A debian' --class debian \$menuentry_id_option 'gnulinux-simple' {
		search --no-floppy --fs-uuid --set=root 1234
		linux	/boot/vmlinuz-$release root=UUID=1234 ro  quiet
		initrd	/boot/initrd.img-$release
	}
	submenu 'Advanced options for a debian' \$menuentry_id_option 'gnulinux-advanced' {
		menuentry 'A debian, with Linux $release' --class debian \$menuentry_id_option 'gnulinux-$release' {
			linux	/boot/vmlinuz-$release root=UUID=1234 ro  quiet
			initrd	/boot/initrd.img-$release
		}
	}
	menuentry 'UEFI Firmware Settings' \$menuentry_id_option 'uefi-firmware' {
		fwsetup
	}
	GRUB
}

# fedora_tree TREE [IMAGE MODULES INITRAMFS]: /lib/modules has the package's image, /boot
# the copy that is booted
fedora_tree() {
	local id=0123456789abcdef0123456789abcdef
	tree_system "$1" fedora dracut kernel-install
	tree_modules "$1" "${3:-own}"
	link "$parts/${3:-own}/vmlinuz" "$1/usr/lib/modules/$release/vmlinuz"
	link "$parts/${2:-own}/vmlinuz" "$1/boot/vmlinuz-$release"
	link "$parts/${4:-own}/dracut" "$1/boot/initramfs-$release.img"
	mkdir -p "$1/boot/loader/entries" "$1/boot/grub2"
	printf 'set default="${saved_entry}"\ninsmod blscfg\nblscfg\n' >"$1/boot/grub2/grub.cfg"
	printf '# GRUB Environment Block\nsaved_entry=%s\n####\n' "$id-$release" >"$1/boot/grub2/grubenv"
	cat >"$1/boot/loader/entries/$id-$release.conf" <<-ENTRY
	title A fedora ($release)
	version $release
	linux /vmlinuz-$release
	initrd /initramfs-$release.img \$tuned_initrd
	options root=/dev/vda ro
	grub_users \$grub_users
	ENTRY
}

# arch_tree TREE [IMAGE MODULES INITRAMFS]
arch_tree() {
	tree_system "$1" arch mkinitcpio
	tree_modules "$1" "${3:-own}"
	echo linux >"$1/usr/lib/modules/$release/pkgbase"
	link "$parts/${3:-own}/vmlinuz" "$1/usr/lib/modules/$release/vmlinuz"
	link "$parts/${2:-own}/vmlinuz" "$1/boot/vmlinuz-linux"
	link "$parts/${4:-own}/dracut" "$1/boot/initramfs-linux.img"
	mkdir -p "$1/boot/grub"
	cat >"$1/boot/grub/grub.cfg" <<-'GRUB'
	set default="0"
	menuentry 'Arch Linux' --class arch $menuentry_id_option 'gnulinux-simple-1' {
		linux	/vmlinuz-linux root=UUID=1 rw  loglevel=3
		initrd	/initramfs-linux.img
	}
	GRUB
}

# uki_tree TREE [IMAGE MODULES]: systemd-boot and a unified kernel image
uki_tree() {
	tree_system "$1" debian dracut kernel-install
	tree_modules "$1" "${3:-own}"
	link "$parts/${3:-own}/vmlinuz" "$1/boot/vmlinuz-$release"
	link "$parts/${2:-own}/uki.efi" "$1/efi/EFI/Linux/0123456789abcdef-$release.efi"
	mkdir -p "$1/efi/loader"
	printf 'timeout 3\nconsole-mode keep\n' >"$1/efi/loader/loader.conf"
}
