# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What btf-doctor and btf-restore cost on this machine, in CPU time: sourced by tests/bench/run, whose
# variables it uses.
# shellcheck disable=SC2154 # tests/bench/run has: dir, release, work, out, TOP

# A desktop's tree: all modules as Debian packs them, its image, and an initramfs with what
# might have the root file system.
make_doctor() {
	local root=$work/machine lib other m
	other=$(rebased "$dir")/kernel
	lib=$root/usr/lib/modules/$release
	mkdir -p "$root"/{boot,etc} "$lib"
	ln -s usr/lib "$root/lib"
	cp -al "$dir/lib/modules/$release/." "$lib/"
	ln "$dir/vmlinuz" "$root/boot/vmlinuz-$release"
	printf 'ID=debian\n' >"$root/etc/os-release"
	(cd "$root" && find "lib/modules/$release/kernel/"{fs,lib,crypto,drivers/{ata,block,hid,md,net/ethernet,nvme,scsi,usb,virtio}} \
		-name '*.ko.xz' | cpio --quiet -o -H newc | zstd -q) >"$root/boot/initrd.img-$release"
	# The network's are of another build: then all are looked at.
	cp -al "$root" "$work/mixed"
	(cd "$other" && find net -name '*.ko') | while IFS= read -r m; do
		rm -f "$work/mixed/usr/lib/modules/$release/kernel/$m.xz"
		xz -0 --check=crc32 <"$other/$m" >"$work/mixed/usr/lib/modules/$release/kernel/$m.xz"
	done
	depmod -b "$work/mixed" "$release"
	# For btf-restore: all of another build
	"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$dir/lib/modules/$release" --base "$dir/vmlinux" \
		--out "$work/other" >&2
}

# cost NAME TIMES PROGRAM ARG...
cost() {
	printf '%s\t' "$1" >>"$work/doctor"
	"$(build_tool cost)" "${@:2}" 2>/dev/null >>"$work/doctor"
}

# It measures itself: not two at a time.
run_doctor() {
	[ "$1" = 1 ] || return 0
	local mods=$dir/lib/modules/$release doctor restore made_for
	doctor=$(build_tools)/btf-doctor
	restore=$(newer_program btf-restore)
	made_for=(--base "$dir/vmlinux" --made-for "$work/other/base.btf" --output "$work/restored")
	rm -f "$work/doctor"
	printf 'modules\t%s\n' "$(find "$mods" -name '*.ko*' | wc -l)" >>"$work/doctor"
	cost status 5 "$doctor" status --root "$work/machine"
	cost mixed 1 "$doctor" status --root "$work/mixed"
	cost hook 5 "$doctor" status --next-boot --brief --kernel="$release" --root "$work/mixed"
	cost check 2 "$doctor" check --base "$dir/vmlinux" "$mods"
	cost made-for 1 "$doctor" check --base "$(kernel_dir sid)/vmlinux" --made-for "$dir/vmlinux" "$mods"
	cost diff 5 "$doctor" diff "$dir/vmlinux" "$(kernel_dir sid)/vmlinux"
	mkdir "$work/restored"
	find "$work/other" -name '*.ko' >"$work/all"
	mapfile -t some < <(sed -n '1~70p' "$work/all" | head -n 60)
	cost restore-60 5 "$restore" "${made_for[@]}" "${some[@]}"
	cost restore-all 1 "$restore" "${made_for[@]}" "$work/other"
	cp "$work/doctor" "$out/doctor"
}
