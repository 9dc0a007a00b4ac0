# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The stage "boot": a whole Debian. Sourced by tests/bench/run, whose variables it uses.
# shellcheck disable=SC2154 # tests/bench/run has: dir, release, suite, names, work, out, src

# The machine of tests/boot.t, with its own modules, without the package and with it
make_boot() {
	local deb conf root i
	install_packages "${DEB_PACKAGES[@]}"
	once debian-initramfs-tools debian_root initramfs-tools >/dev/null
	deb=$(debian_root initramfs-tools)
	cloud=$(cat "$deb/release")
	(cd "$src" && packaging/build.sh deb "$work/deb")
	mkdir -p "$work/front"
	for conf in without with; do
		root=$work/debian-$conf
		say "a Debian $conf the package"
		as_root cp -a "$deb/root" "$root"
		as_root cp -r "$TOP/tests/modules/clock" "$root/root/"
		in_root "$root" make -s -C "/usr/src/linux-headers-$cloud" M=/root/clock CONFIG_DEBUG_INFO_BTF_MODULES= modules >&2
		as_root cat "$root/root/clock/bench_clock.ko" >"$work/front/bench_clock.ko"
		as_root rm -r "$root/root/clock"
		if [ "$conf" = with ]; then
			as_root cp "$work/deb/"*.deb "$root/root/"
			in_root "$root" sh -c 'apt-get install -y /root/btf-tolerant-dkms_*.deb && rm /root/*.deb' >"$work/apt.log" 2>&1 ||
				{ tail "$work/apt.log" >&2; die "the package does not install"; }
			# What its script takes, its shell included, by the same clock: from the one before to
			# the next, less what is from that to the one after.
			for i in btf_bench btf_tolerant_1 btf_tolerant_2; do
				as_root install -m 755 "$TOP/tests/bench/boot.clock" \
					"$root/usr/share/initramfs-tools/scripts/init-top/$i"
			done
		fi
		new_initramfs "$root" "$cloud" >/dev/null
		as_root install -D -m 644 "$TOP/tests/bench/boot.phase" "$root/usr/local/lib/btf-test/phase.sh"
		install -m 755 "$TOP/tests/bench/boot.init" "$work/front/bench-init"
		pack "$work/front" "$work/front.cpio"
		# What follows a packed archive would have to begin at a multiple of four.
		as_root cat "$work/front.cpio" "$root/boot/initrd.img-$cloud" >"$work/initrd-$conf"
		as_root cat "$root/boot/vmlinuz-$cloud" >"$work/vmlinuz-cloud"
		truncate -s 4G "$work/disk-$conf"
		as_root "$(PATH=$PATH:/usr/sbin:/sbin type -P mke2fs)" -q -t ext4 -d "$root" \
			-U 00000000-0000-0000-0000-000000000001 -E hash_seed=00000000-0000-0000-0000-000000000001,lazy_itable_init=0,lazy_journal_init=0 \
			"$work/disk-$conf"
		as_root rm -r "$root"
	done
}

boot_debian() { # CONF NUMBER: into $out/boot-CONF.NUMBER
	local name=boot-$1.$2 pid deadline
	say "$name"
	rm -f "$out/$name"
	: >"$out/$name.tmp"
	"${qemu_command[@]}" -accel tcg,thread=single -icount shift=0,sleep=off -seed "$2" -rtc base=2026-01-01,clock=vm \
		-smp 1 -cpu max -m 2G -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$work/vmlinuz-cloud" -initrd "$work/initrd-$1" \
		-append "root=/dev/vda rw console=ttyS0 no_timer_check loglevel=4 panic=-1 systemd.show_status=0 phase=bench rdinit=/bench-init nokaslr norandmaps cryptomgr.notests" \
		-drive "file=$work/disk-$1,format=raw,if=virtio,cache=unsafe,snapshot=on" \
		-serial "file:$LOGS/bench-$name.log" -serial "file:$out/$name.tmp" </dev/null >"$work/$name.qemu" 2>&1 &
	pid=$!
	deadline=$((SECONDS + 3600))
	while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ] && ! grep -q '^# phase done' "$out/$name.tmp"; do
		sleep 1
	done
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	grep -q '^start [0-9]' "$out/$name.tmp" && grep -q '^# phase done' "$out/$name.tmp" ||
		{ { cat "$work/$name.qemu"; tail -n 20 "$LOGS/bench-$name.log"; } >&2; die "$name: the machine did not come up"; }
	tr -d '\r' <"$out/$name.tmp" >"$out/$name"
	rm "$out/$name.tmp"
}

run_boot() { # Odd numbers, or even ones
	local i
	for ((i = $1; i <= ${BENCH_BOOTS:-8}; i += 2)); do
		boot_debian without "$i"
		boot_debian with "$i"
	done
}
