# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A whole Debian on a virtual disk, for the tests of the packages. What is slow under
# QEMU (apt, DKMS, the initramfs) is done in a chroot of its file system.

# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

# debian_root INITRAMFS: a Debian 13 with the newest backports kernel for clouds (small,
# without the upstream option), its headers, what DKMS needs, and INITRAMFS
# (initramfs-tools or dracut). Echoes a directory with root and release.
debian_root() {
	local initramfs=$1 want dir
	local packages=(systemd-sysv udev dbus kmod e2fsprogs "$initramfs" zstd dkms gcc make libc6-dev
		linux-image-cloud-amd64 linux-headers-cloud-amd64)

	# The archive's state is what its kernel is known by. The rest is this function, so that
	# checkouts in which it is the same share one.
	want=$({ kernel_dir trixie-backports; declare -f debian_root
		cat "$TOP/tests/vm/debian/"*; } | sha256sum | cut -c1-16)
	dir=$CACHE/debian/$initramfs-$want
	if [ ! -f "$dir/release" ]; then
		say "making a Debian with $initramfs"
		mkdir -p "$dir"
		# Those of other checkouts, or of yesterday's archive, stay while somebody uses them.
		find "$CACHE/debian" -mindepth 1 -maxdepth 1 ! -path "$dir" -mtime +1 -print0 |
			as_root xargs -0r rm -rf
		run_mmdebstrap trixie-backports "$dir/root" --variant=apt --skip=cleanup/apt/lists \
			--include="$(IFS=,; echo "${packages[*]}")" \
			--customize-hook="copy-in $TOP/tests/vm/debian/btf-test /usr/local/sbin" \
			--customize-hook="copy-in $TOP/tests/vm/debian/btf-test.service /etc/systemd/system" \
			--customize-hook='chroot "$1" systemctl enable btf-test.service' \
			--customize-hook='chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer' \
			--customize-hook='[ ! -d "$1/etc/dracut.conf.d" ] || echo "hostonly=no" >"$1/etc/dracut.conf.d/test.conf"' \
			--customize-hook='echo test >"$1/etc/hostname"; echo "/dev/vda / ext4 defaults 0 1" >"$1/etc/fstab"'
		basename "$dir/root/lib/modules/"* >"$dir/release.tmp"
		mv "$dir/release.tmp" "$dir/release"
	fi
	touch "$dir"
	echo "$dir"
}

# in_root ROOT COMMAND...: in a chroot of the guest's file system
in_root() {
	local root=$1
	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	as_root unshare --mount --propagation private sh -euc '
		root=$1; shift
		mount -t proc proc "$root/proc"
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
			DEBIAN_FRONTEND=noninteractive "$@"' sh "$root" "$@"
}

# new_initramfs ROOT RELEASE
new_initramfs() {
	if [ -e "$1/usr/sbin/update-initramfs" ]; then
		in_root "$1" update-initramfs -u -k "$2"
	else
		in_root "$1" dracut --force "/boot/initrd.img-$2" "$2"
	fi
}

# initramfs_has ROOT RELEASE REGEX: among the paths in it
initramfs_has() {
	local list
	list=$(in_root "$1" sh -c 'if command -v lsinitramfs >/dev/null; then lsinitramfs "$0"; else lsinitrd "$0"; fi' \
		"/boot/initrd.img-$2")
	grep -qE '/modprobe( |$)' <<<"$list" || { echo "nobody knows what is in the initramfs of $2"; return 2; }
	grep -E "$3" <<<"$list"
}

# put_modules FROM ROOT RELEASE: in place of the kernel's own, as an update would
put_modules() {
	as_root rm -rf "$2/lib/modules/$3/kernel"
	as_root cp -r "$1" "$2/lib/modules/$3/kernel"
	in_root "$2" depmod "$3"
}

# boot_root NAME ROOT RELEASE PHASE [OPTION...]: boot a machine with that file system;
# tests/vm/phase.sh does PHASE there and prints TAP. $LOGS/NAME.log is the console.
# Options: --append ARGS; --until REGEX (end when the console says so; then nothing
# else is expected); --save DISK (where the disk stays); --timeout S
boot_root() {
	local name=$1 root=$2 release=$3 phase=$4 append='' until='' timeout=600 disk='' pid deadline line tmp
	local log=$LOGS/$1.log
	shift 4
	while [ $# -gt 0 ]; do
		case $1 in
		--append) append=$2 ;;
		--until) until=$2 ;;
		--save) disk=$2 ;;
		--timeout) timeout=$2 ;;
		esac
		shift 2
	done
	mkdir -p "$LOGS"
	tmp=$(mktemp -d "$CACHE/boot.XXXXXX")
	disk=${disk:-$tmp/disk}
	as_root install -D -m 644 -t "$root/usr/local/lib/btf-test" "$TOP/tests/vm/phase.sh" "$TOP/tests/lib/guest.sh"
	truncate -s 4G "$disk"
	as_root "$(PATH=$PATH:/usr/sbin:/sbin type -P mke2fs)" -q -t ext4 -d "$root" "$disk"
	boot_disk "$name" "$disk" "$root/boot/vmlinuz-$release" "$root/boot/initrd.img-$release" "$phase" \
		"$append" "$until" "$timeout"
	rm -r "$tmp"
}

# boot_disk NAME DISK KERNEL INITRD PHASE APPEND UNTIL TIMEOUT: the same, of a disk. With ICOUNT set
# one CPU, whose clock counts instructions: a nanosecond each, and idle time takes none.
boot_disk() {
	local name=$1 disk=$2 kernel=$3 initrd=$4 phase=$5 append=$6 until=$7 timeout=$8 tap pid deadline stuck line
	# initramfs-tools, dracut, systemd
	local shell='ALERT! .* does not exist|(You are in|Entering) emergency mode'
	local log=$LOGS/$1.log cpus=(-accel "tcg,thread=${BTF_TOLERANT_TCG:-multi}" -smp 2)
	[ -z "${ICOUNT:-}" ] || cpus=(-accel "tcg,thread=single" -icount "shift=0,sleep=off" -smp 1 -rtc "clock=vm")
	tap=$(mktemp "$CACHE/tap.XXXXXX")
	: >"$log"
	find_qemu qemu-system-x86 qemu-system-x86_64
	qemu_command+=("${cpus[@]}" -cpu max -m 2G
		-nodefaults -no-user-config -display none -no-reboot
		-kernel "$kernel" -initrd "$initrd"
		-append "root=/dev/vda rw console=ttyS0 no_timer_check loglevel=6 printk.devkmsg=on panic=-1 systemd.show_status=0 rcupdate.rcu_expedited=1 phase=$phase $append"
		-drive "file=$disk,format=raw,if=virtio,cache=unsafe"
		-serial "file:$log" -serial "file:$tap")
	"${qemu_command[@]}" </dev/null >"$tap.qemu" 2>&1 &
	pid=$!
	deadline=$((SECONDS + timeout)) stuck=$((SECONDS + 120))
	while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
		# Seen once: the kernel stops while it switches its clock, a second into the boot. There
		# is no initramfs yet, and nothing of ours. Once more, then.
		if [ "$SECONDS" -gt "$stuck" ] && ! grep -qa 'VFS: Disk quotas' "$log"; then
			diag "$name: the kernel stands still before its initramfs: $(tail -n 1 "$log" | tr -d '\r')"
			kill "$pid" 2>/dev/null || true
			wait "$pid" 2>/dev/null || true
			"${qemu_command[@]}" </dev/null >"$tap.qemu" 2>&1 &
			pid=$! stuck=$deadline
		fi
		! grep -qaE "${until:-$shell}" "$log" || break
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
		is "$(tr -d '\r' <"$log" | grep -aoE -m 1 "$shell")" "" "$name: no emergency shell"
		ok "$name: the guest ran to its end" grep -q '^# phase done' "$tap"
		grep -q '^# phase done' "$tap" || { cat "$tap.qemu"; tail -n 30 "$log" | tr -d '\r'; } | sed 's/^/# /'
	fi
	is "$(tr -d '\r' <"$log" | grep -E 'WARNING: |\bBUG[: ]|Oops|general protection fault' |
		grep -vE '(soft|workqueue) lockup')" "" "$name: nothing in the kernel's log"
	rm -f "$tap" "$tap.qemu"
}
