# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The phases of tests/boot*.t, run in a Debian guest by btf-test.
. /run/test/guest.sh
rel=$(uname -r)

# The initramfs as a file on the disk /dev/vdc: its length, padding, it
dump() {
	_f=/boot/initrd.img-$rel
	{ printf '%010d' "$(stat -c %s "$_f")"; head -c 502 /dev/zero; cat "$_f"; } >/dev/vdc
	sync
}

# Every module becomes another build's, as an update would have it.
swap() {
	# The loader of modules that are still needed comes first.
	modprobe -a loop ext4 2>/dev/null
	rm -rf "/lib/modules/$rel/kernel"
	cp -r /run/test/modules/kernel "/lib/modules/$rel/"
	t "depmod" depmod "$rel"
	if command -v update-initramfs >/dev/null; then
		t "update-initramfs with the other modules" update-initramfs -u -k "$rel"
	else
		t "dracut with the other modules" dracut --force "/boot/initrd.img-$rel" "$rel"
	fi
}

state() {
	systemctl is-system-running --wait
	systemctl list-units --failed --plain --no-legend | awk '{ print $1 }'
}

case $phase in
swap)
	swap
	dump
	;;
install)
	state >/root/state.matching
	diag "the matching machine: $(cat /root/state.matching)"
	is "$(head -n 1 /root/state.matching)" running "the matching machine is as it should be"
	cp /run/test/*.deb /tmp/
	t "apt install ./btf-tolerant-dkms" apt-get install -y /tmp/btf-tolerant-dkms_*.deb
	diag "$(dkms status)"
	t "DKMS has built it for $rel" sh -c "dkms status | grep -q 'btf_tolerant/.*$rel.*installed'"
	t "the initramfs has it" sh -c "lsinitramfs /boot/initrd.img-$rel 2>/dev/null | grep -q /btf_tolerant.ko ||
		lsinitrd /boot/initrd.img-$rel | grep -q /btf_tolerant.ko"
	dump
	;;
swap-installed)
	t "the shim was loaded in the initramfs" sh -c "dmesg | grep -q 'btf_tolerant: .* loaded, policy 2'"
	is "$(proc dropped)" 0 "no matching module was dropped"
	is "$(state)" "$(cat /root/state.matching)" "the machine is as without the package"
	swap
	dump
	;;
up)
	is "$(state)" "$(cat /root/state.matching)" "the machine is as the matching one was"
	diag "$(grep -v '^module' /proc/btf_tolerant | tr '\n\t' ', ')"
	dmesg >/tmp/log
	is "$(grep -c 'failed to validate module\|BPF: ' /tmp/log)" 0 "no module was refused for its BTF in the whole boot"
	is "$(proc refused)" 0 "nor says /proc/btf_tolerant"
	for m in virtio_blk ext4; do
		t "$m is loaded without BTF" listed $m
	done
	first=$(grep -n 'btf_tolerant: .* loaded, policy' /tmp/log | cut -d: -f1 | head -n 1)
	udev=$(grep -nE 'without BTF|virtio_blk|vda: ' /tmp/log | cut -d: -f1 | head -n 1)
	diag "$(sed -n "${first}p;${udev}p" /tmp/log)"
	t "the shim came before the first of them" [ "$first" -lt "$udev" ]
	is "$(cat /proc/modules | cut -d' ' -f1 | grep -vx btf_tolerant | sort)" "$(proc module | cut -f1 | sort)" \
		"every module that is loaded is listed"
	t "modprobe of another module" modprobe dummy
	;;
matching)
	is "$(state)" "$(cat /root/state.matching)" "the machine is as the matching one was"
	t "the shim was not loaded in the initramfs" sh -c '! dmesg | grep -q "btf_tolerant: .* loaded, policy" || [ "$(dmesg | grep -n "btf_tolerant: .* loaded" | cut -d: -f1)" -gt "$(dmesg | grep -n "EXT4-fs (vda)" | head -n 1 | cut -d: -f1)" ]'
	diag "$(dmesg | grep -i 'btf_tolerant' | head -n 5)"
	;;
purge)
	t "apt purge" apt-get purge -y btf-tolerant-dkms
	is "$(find / -xdev -name '*btf[-_]tolerant*' -not -path '/proc/*' -not -path '/tmp/*' -not -path '/var/lib/dpkg/info/*' -not -path '/var/log/*' -not -path '/run/*')" "" "nothing of it is left"
	t "the initramfs does not have it" fails sh -c "lsinitramfs /boot/initrd.img-$rel 2>/dev/null | grep btf_tolerant"
	;;
*)
	not_ok "phase '$phase' is not known"
	;;
esac
