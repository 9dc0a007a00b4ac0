# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The phases of the tests that boot a Debian, run in the guest by btf-test.
# shellcheck source=tests/lib/guest.sh
. /usr/local/lib/btf-test/guest.sh
rel=$(uname -r)

# "running", or what else it is and the units that failed
state() {
	systemctl is-system-running --wait
	systemctl list-units --failed --plain --no-legend | awk '{ print $1 }'
}
# What loads modules by itself does not bring it back.
gone_for_good() {
	for m in dmi_sysfs ip_tables virtio_rng efi_pstore qemu_fw_cfg; do
		modprobe -q $m
	done
	udevadm trigger --settle
	t "nothing brings it back" gone /sys/module/btf_tolerant
}

is "$(state)" running "the machine is up and running"
dmesg >/tmp/log
first=$(grep -n 'btf_tolerant: .* loaded, policy' /tmp/log | cut -d: -f1)
root=$(grep -n 'EXT4-fs (vda): mounted' /tmp/log | cut -d: -f1 | head -n 1)

case ${phase:-} in
stock)
	t "btf_tolerant is not there" gone /sys/module/btf_tolerant
	;;
loaded)
	t "btf_tolerant was loaded in the initramfs" [ "$first" -lt "$root" ]
	is "$(proc dropped)" 0 "no module was dropped"
	diag "$(sed -n "${first}p" /tmp/log)"
	;;
other)
	diag "$(grep -v '^module' /proc/btf_tolerant | tr '\n\t' ', ')"
	t "the log goes back to before /init" grep -q 'Run /init as init process' /tmp/log
	is "$(grep -c 'failed to validate module\|BPF: ' /tmp/log)" 0 "no module was refused for its BTF in the whole boot"
	is "$(proc refused)" 0 "nor says /proc/btf_tolerant"
	is "$(cat /run/modules-load.d/00-btf_tolerant.conf 2>&1)" "" "the system's list does not name it any more"
	t "virtio_blk is loaded without BTF" listed virtio_blk
	next=$(grep -nE 'without BTF|virtio_blk|vda: ' /tmp/log | cut -d: -f1 | head -n 1)
	diag "$(sed -n "${first}p;${next}p" /tmp/log)"
	t "btf_tolerant came before the first of them" [ "$first" -lt "$next" ]
	awk '$5 == "Live" && $1 != "btf_tolerant" { print $1 }' /proc/modules >/tmp/live
	is "$(while read -r m; do listed "$m" || echo "$m"; done </tmp/live)" "" \
		"every module that is loaded is listed ($(wc -l </tmp/live))"
	t "modprobe of another module" modprobe dummy
	# It is nobody's dependency: what goes does not take it along, and when it goes, it is gone.
	for m in dummy dmi_sysfs ip_tables virtio_rng efi_pstore qemu_fw_cfg; do
		modprobe -q $m && modprobe -qr $m
	done
	t "modprobe -r of others does not remove it" loaded btf_tolerant
	t "modprobe -r btf_tolerant" modprobe -r btf_tolerant
	t "others are refused then" fails modprobe dummy
	gone_for_good
	;;
killed)
	t "btf_tolerant was never loaded" fails grep -q 'btf_tolerant: .* loaded, policy' /tmp/log
	gone_for_good
	;;
prompt)
	# The clock counts instructions, so times are the same on any machine that runs this.
	now() { cut -d' ' -f1 /proc/uptime | tr -d .; }
	# restored_after MODULE: hundredths of a second from its load until it has its BTF
	restored_after() {
		modprobe "$1" || return
		_begin=$(now)
		until [ -s "/sys/kernel/btf/$1" ] || [ $(($(now) - _begin)) -gt 1000 ]; do sleep 0.05; done
		echo $(($(now) - _begin))
	}
	used() { journalctl -b -u btf-restore -o export | sed -n 's/^CPU_USAGE_NSEC=//p'; }
	diag "$(journalctl -b -o short-monotonic --no-pager |
		grep -E 'Reached target (local-fs|multi-user)\.|(Starting|Finished) btf-restore' | cut -c1-80)"
	if grep -q systemd.mask= /proc/cmdline; then
		is "$(proc restored)" 0 "masked on the kernel's command line it restores nothing"
		return
	fi
	t "virtio_blk, of the initramfs, has BTF" [ -s /sys/kernel/btf/virtio_blk ]
	n=$(used | wc -l)
	t "the service has run in the boot ($n times)" [ "$n" -ge 1 ]
	diag "million instructions that it took: $(used | awk '{ n += $1 } END { printf "%.0f", n / 1e6 }')"
	for m in dummy tcp_bbr veth; do
		after=$(restored_after $m)
		t "$m has its BTF within two seconds of its load ($after hundredths)" [ "$after" -le 200 ]
	done
	;;
restored)
	diag "$(journalctl -b -u btf-restore --no-pager -o cat | cut -c1-200 | tail -n 40)"
	awk '$5 == "Live" && $1 != "btf_tolerant" { print $1 }' /proc/modules >/tmp/live
	# left: modules that are loaded without BTF
	left() { proc module | grep -v 'restored$' | cut -f1; }
	# all_restored: in two minutes; a machine that is emulated has its time
	all_restored() {
		for _i in $(seq 120); do
			[ -n "$(left)" ] || return 0
			sleep 1
		done
		return 1
	}
	t "all $(wc -l </tmp/live) modules that were loaded in the boot are restored" all_restored
	diag "$(left)"
	is "$(proc restored)" "$(proc dropped)" "each of them once"
	t "virtio_blk, of the initramfs, has BTF" [ -s /sys/kernel/btf/virtio_blk ]
	btf-doctor >/tmp/doctor 2>/dev/null
	t "btf-doctor says so" grep -q "dropped the BTF of $(proc dropped) modules, .*restored $(proc restored)" /tmp/doctor
	t "and that no module is without BTF" grep -q 'listed: *none: all that are loaded have their BTF' /tmp/doctor
	is "$(btf-doctor --prometheus | sed -n 's/^btf_doctor_modules_without_btf //p')" 0 "nor is one counted"
	diag "$(head -n 30 /tmp/doctor)"
	# What it costs: the journal has its CPU time, this that of all since the boot.
	diag "the boot took $(awk '/^cpu / { print ($2 + $3 + $4) / 100 }' /proc/stat) s of CPU in all"
	diag "$(journalctl -b -u btf-restore --no-pager -o short-monotonic | grep -E 'Consumed|Starting|Finished' | cut -c1-150)"
	starts() { journalctl -b -u btf-restore --no-pager -o cat | grep -c '^Starting'; }
	before=$(starts)
	t "in the boot it was started ($before times)" [ "$before" -gt 0 ]
	find "/lib/modules/$rel/kernel/fs/nls" "/lib/modules/$rel/kernel/lib" "/lib/modules/$rel/kernel/crypto" -name '*.ko*' |
		sed 's|.*/||; s|\.ko.*||' | grep -v '^test' | head -n 100 >/tmp/storm
	while read -r m; do modprobe "$m" 2>/dev/null; done </tmp/storm
	n=$(proc dropped)
	t "so are those of a storm ($n in all)" all_restored
	diag "$(left)"
	after=$(starts)
	# How many depends on how long a run takes here: a few, even if each load asks for one.
	diag "for $(wc -l </tmp/storm) loads it was started $((after - before)) times"
	is "$(systemctl is-failed btf-restore.service btf-restore.path | grep -c failed)" 0 "its units have not failed"
	# As after each boot, and while all have their BTF
	after=$(starts)
	udevadm trigger --action=change --settle /sys/class/misc/btf_tolerant
	sleep 5
	is "$(starts)" "$after" "where no module is without BTF nothing is started"
	t "systemctl mask --now btf-restore.path" systemctl mask --now btf-restore.path
	modprobe dummy
	udevadm settle
	sleep 10
	is "$(left)" dummy "it is off: another module stays without BTF"
	systemctl unmask btf-restore.path
	t "and on again" systemctl start btf-restore.path
	t "that module is restored, too" all_restored
	# It looks at the list once more before it ends.
	until [ "$(systemctl show -P ActiveState btf-restore.service)" = inactive ]; do sleep 1; done
	t "btf_tolerant goes" modprobe -r btf_tolerant
	systemctl start btf-restore.service
	is "$(systemctl is-failed btf-restore.service)" inactive "without btf_tolerant the service is skipped, and has not failed"
	diag "$(journalctl -b -u btf-restore --no-pager -o short-monotonic | tail -n 8 | cut -c1-150)"
	;;
foreign)
	t "the log says why the module did not load in the initramfs" grep -q 'btf_tolerant: version magic' /tmp/log
	is "$(grep -c 'btf_tolerant: cannot be loaded, going on without it' /tmp/log)" 1 "and the initramfs, once, that it goes on"
	diag "$(grep 'btf_tolerant' /tmp/log)"
	t "the good one was loaded later" [ "$first" -gt "$root" ]
	is "$(proc dropped)" 0 "no module was dropped"
	;;
narrow)
	# With what this machine needs, and no more
	if [ -d /etc/dracut.conf.d ]; then
		rm -f /etc/dracut.conf.d/test.conf
		t "a host-only initramfs by dracut" dracut --hostonly --force /boot/initrd.narrow "$rel"
	else
		echo MODULES=dep >/etc/initramfs-tools/conf.d/test
		t "an initramfs with MODULES=dep" mkinitramfs -o /boot/initrd.narrow "$rel"
	fi
	;;
hook)
	# The modules in /root/other.deb are another build's than the image.
	echo MODULES=dep >/etc/initramfs-tools/conf.d/test
	t "apt installs a kernel whose modules do not fit" sh -c \
		'apt-get install -y --reinstall --allow-downgrades /root/other.deb /root/image.deb >/root/said 2>&1'
	is "$(dpkg --audit)" "" "all packages are configured"
	diag "$(grep -A 8 'btf-doctor: ' /root/said)"
	t "btf-doctor's warning is on the screen" grep -q 'btf-doctor: error: .*\[modules-no-image\]' /root/said
	t "it says what happens at the next boot" grep -q 'next boot: *[a-z]' /root/said
	;;
install)
	t "apt install ./btf-tolerant-dkms" apt-get install -y /root/btf-tolerant-dkms_*.deb
	t "DKMS has built it for $rel" sh -c "dkms status | grep -q 'btf_tolerant/.*$rel.*installed'"
	rm -r "/lib/modules/$rel/kernel"
	cp -r /root/other "/lib/modules/$rel/kernel"
	t "depmod with the modules of another build" depmod "$rel"
	# With what this machine needs, and no more
	if [ -d /etc/dracut.conf.d ]; then
		rm -f /etc/dracut.conf.d/test.conf
		t "a host-only initramfs by dracut" dracut --hostonly --force "/boot/initrd.img-$rel" "$rel"
	else
		echo MODULES=dep >/etc/initramfs-tools/conf.d/test
		t "an initramfs with MODULES=dep" update-initramfs -u -k "$rel"
	fi
	;;
*)
	not_ok "phase '${phase:-}' is not known"
	;;
esac
