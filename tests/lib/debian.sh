# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A whole Debian on a virtual disk, for the tests of the packages. Its initramfs is made in QEMU,
# which takes minutes: so it is packed lightly.

# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

# debian_disk INITRAMFS: a Debian 13 with the newest backports kernel for clouds (small,
# without the upstream option), its headers, dkms, and INITRAMFS (initramfs-tools or
# dracut). Echoes a directory with disk, vmlinuz, initrd, release, modules.
debian_disk() {
	local initramfs=$1 site want dir root
	local packages=(systemd-sysv udev dbus kmod e2fsprogs "$initramfs" zstd dkms gcc make libc6-dev
		linux-image-cloud-amd64 linux-headers-cloud-amd64)

	site=$(mirror)
	once kernel-trixie-backports get_kernel trixie-backports
	# The archive's state is what the kernel's package is known by.
	want=$({ cat "$CACHE/chroot/trixie-backports/kernel/want" "${BASH_SOURCE[0]}"
		printf '%s\n' "${packages[@]}"; } | sha256sum | cut -c1-16)
	dir=$CACHE/debian/$initramfs-$want
	if [ ! -f "$dir/release" ]; then
		say "making a Debian with $initramfs"
		as_root rm -rf "$dir"
		mkdir -p "$dir"
		root=$dir/root
		for s in trixie trixie-backports; do
			echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $s main"
		done | as_root mmdebstrap --quiet --variant=apt \
			--aptopt='Acquire::Check-Valid-Until "false"' \
			--aptopt='APT::Install-Recommends "false"' \
			--aptopt='APT::Default-Release "trixie-backports"' \
			--include="$(IFS=,; echo "${packages[*]}")" \
			--customize-hook="sync-in $TOP/tests/vm/debian /" \
			--customize-hook='chroot "$1" systemctl enable btf-test.service' \
			--customize-hook='chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer' \
			--customize-hook='echo COMPRESSLEVEL=1 >"$1/etc/initramfs-tools/conf.d/test" 2>/dev/null || echo "compress=\"zstd -1\"" >"$1/etc/dracut.conf.d/test.conf"' \
			--customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"' \
			--customize-hook='echo test >"$1/etc/hostname"; echo "/dev/vda / ext4 defaults 0 1" >"$1/etc/fstab"' \
			trixie "$root" - >"$dir/log" 2>&1 ||
			{ tail -n 10 "$dir/log" >&2; die "mmdebstrap of the guest failed"; }
		truncate -s 4G "$dir/disk"
		as_root "$(PATH=$PATH:/usr/sbin:/sbin type -P mke2fs)" -q -t ext4 -d "$root" "$dir/disk"
		cp "$root"/boot/vmlinuz-* "$dir/vmlinuz"
		as_root cat "$root"/boot/initrd.img-* >"$dir/initrd"
		mkdir "$dir/modules"
		cp -r "$root"/lib/modules/*/kernel "$dir/modules/"
		find "$dir/modules" -type l -delete
		basename "$root"/lib/modules/* >"$dir/release.tmp"
		as_root rm -rf "$root"
		mv "$dir/release.tmp" "$dir/release"
	fi
	echo "$dir"
}

# overlay BACKING NEW: a disk that begins as BACKING, which stays as it is
overlay() { qemu-img create -q -f qcow2 -F "$(case $1 in *.qcow2) echo qcow2 ;; *) echo raw ;; esac)" -b "$1" "$2"; }

# boot_disk NAME DISK KERNEL INITRD PHASE [OPTION...]: boot, take the TAP that the
# phase prints; $CACHE/log/NAME.log is the console. Options: --append ARGS, --drive
# FILE (read as /dev/vdb), --out FILE (written as /dev/vdc), --until REGEX (end when
# the console says so; then nothing else is expected), --timeout S
boot_disk() {
	local name=$1 disk=$2 kernel=$3 initrd=$4 phase=$5 append='' until='' timeout=600 drives=() pid deadline line
	local log=$CACHE/log/$1.log tap
	shift 5
	while [ $# -gt 0 ]; do
		case $1 in
		--append) append=$2 ;;
		--drive) drives+=(-drive "file=$2,format=raw,if=virtio,readonly=on") ;;
		--out) truncate -s 256M "$2"; drives+=(-drive "file=$2,format=raw,if=virtio") ;;
		--until) until=$2 ;;
		--timeout) timeout=$2 ;;
		esac
		shift 2
	done
	mkdir -p "$CACHE/log"
	tap=$(mktemp "$CACHE/tap.XXXXXX")
	: >"$log"
	qemu-system-x86_64 -accel "tcg,thread=${BTF_TOLERANT_TCG:-single}" -smp 2 -cpu max -m 2G \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$kernel" -initrd "$initrd" \
		-append "root=/dev/vda rw console=ttyS0 no_timer_check loglevel=6 panic=-1 systemd.show_status=0 rcupdate.rcu_expedited=1 phase=$phase $append" \
		-drive "file=$disk,if=virtio,cache=unsafe" "${drives[@]}" \
		-serial "file:$log" -serial "file:$tap" </dev/null >"$tap.qemu" 2>&1 &
	pid=$!
	deadline=$((SECONDS + timeout))
	while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
		[ -z "$until" ] || ! grep -qaE "$until" "$log" || break
		sleep 0.5
	done
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	if [ -n "$until" ]; then
		ok "$name: $until" grep -qaE "$until" "$log"
	else
		while IFS= read -r line; do
			case $line in
			"ok - "*) tap ok "$name: ${line#ok - }" ;;
			"not ok - "*) tap "not ok" "$name: ${line#not ok - }" ;;
			"# phase done") ;;
			*) printf '%s\n' "$line" ;;
			esac
		done < <(tr -d '\r' <"$tap")
		ok "$name: the guest ran to its end" grep -q '^# phase done' "$tap"
		grep -q '^# phase done' "$tap" || tail -n 30 "$log" | tr -d '\r' | sed 's/^/# /'
	fi
	rm -f "$tap" "$tap.qemu"
}

# take_initrd OUT FILE: what a phase wrote to --out: its length in ten digits, then it
take_initrd() {
	tail -c +513 "$1" >"$2"
	truncate -s "$((10#$(head -c 10 "$1")))" "$2"
	rm "$1"
}
