#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf-doctor status on machines that do not run: trees of files, one for each finding.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/doctor_status.sh"

install_packages "${DOCTOR_PACKAGES[@]}" strace
parts=$(once doctor-parts doctor_parts)
release=$(cat "$parts/release")
doctor=$(build_doctor)
work=$(mktemp -d "$CACHE/doctor-tree.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
t=$work/tree
six=$(cat "$(kernel_dir trixie)/release")

# --- it only reads ---
new debian_tree "$t" own other own
strace -f -qq -o "$work/calls" "$doctor" status --root "$t" >/dev/null 2>&1 || true
ok "it opens files ($(grep -c 'openat2\?(' "$work/calls"))" grep -q "openat2\?(.*vmlinuz" "$work/calls"
is "$(grep -c 'execve(' "$work/calls")" 1 "it runs no program"
is "$(grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|[0-9] (creat|mknod|rename|unlink|rmdir|mkdir|link|symlink|truncate|ftruncate|chmod|fchmod|chown|fchown)[a-z0-9]*\(' \
	"$work/calls")" "" "and changes no file"

# --- nothing wrong, in each layout ---
for layout in debian fedora arch uki; do
	new "${layout}_tree" "$t"
	finds "$layout: nothing is wrong" 0
	is "$(q '$j->{unread}[0]')" "" "$layout: all could be read"
	is "$(q 'map { "$_->{release} $_->{default}" } @{$j->{kernels}}')" "$release 1" "$layout: one kernel, which starts next"
	is "$(q '$j->{kernels}[0]{initramfs}[0]{fits}[0]{result}')" fits "$layout: the initramfs was looked at"
	says "$layout: it says so" '^All fits\.'
	case $layout in
	debian) want="/boot/vmlinuz-$release" ;;
	fedora) want="/boot/vmlinuz-$release" ;;
	arch) want="/boot/vmlinuz-linux" ;;
	uki) want="/efi/EFI/Linux/0123456789abcdef-$release.efi" ;;
	esac
	is "$(q 'map { $_->{path} } grep { $_->{default} } @{$j->{kernels}[0]{images}}')" "$want" \
		"$layout: the image that starts"
done
new debian_tree "$t" other other other
finds "debian: all of the other build" 0

# --- the boot loader starts an older copy ---
for layout in fedora arch uki; do
	new "${layout}_tree" "$t" own other other
	finds "$layout: a stale copy" 1 stale-copy:error btf_tolerant-missing:warning
	case $layout in
	fedora) want="kernel-install add $release /lib/modules/$release/vmlinuz" ;;
	arch) want="cp /lib/modules/$release/vmlinuz /boot/vmlinuz-linux" ;;
	uki) want="kernel-install add $release /boot/vmlinuz-$release" ;;
	esac
	ok "$layout: $(ends stale-copy)" grep -qxF "$want" <(ends stale-copy)
	says "$layout: the verdict" '^The next boot may fail\.'
done

# The package's kernel is not on the disk: it has to be installed again.
for layout in fedora arch suse; do
	case $layout in
	suse)
		new debian_tree "$t" own other own
		printf 'ID=opensuse-tumbleweed\n' >"$t/etc/os-release"
		want="zypper install --force kernel-${release##*-}"
		;;
	fedora)
		new fedora_tree "$t" own other own
		want="dnf reinstall kernel-core-$release kernel-modules-core-$release kernel-modules-$release"
		;;
	arch)
		new arch_tree "$t" own other own
		want="pacman -S linux"
		;;
	esac
	rm -f "$t/lib/modules/$release/vmlinuz"
	finds "$layout: the modules fit no kernel" 1 modules-no-image:error btf_tolerant-missing:warning
	is "$(ends modules-no-image)" "$want" "$layout: $want"
	headers=$(q "map { @{\$_->{ends_it}} } grep { \$_->{id} eq 'btf_tolerant-missing' } @{\$j->{findings}}")
	ok "$layout: and headers" grep -qE 'dnf reinstall kernel-devel-7|zypper install --force kernel-.*-devel|pacman -S linux-headers' <<<"$headers"
done
# The initramfs that is there is of the build that goes.
new arch_tree "$t" own other own
finds "a stale copy, and its initramfs" 1 stale-copy:error btf_tolerant-missing:warning
is "$(ends stale-copy)" "cp /lib/modules/$release/vmlinuz /boot/vmlinuz-linux
mkinitcpio -P" "both are made anew"

# --- is it safe? ---
# No type of the two builds differs; or only mm_struct does, which no module in the tree refers to.
new fedora_tree "$t" own other other
finds "two builds of one source" 1 stale-copy:error btf_tolerant-missing:warning
is "$(safe stale-copy)" yes "are safe"
says "it says so" '^ *safe: +yes, as far as types tell: all 1[0-9]{4} of both'
"$(build_tool add_member)" "$parts/other/base.btf" mm_struct "$work/mm.btf"
other_image "$parts/own/vmlinuz" "$work/mm.btf" "$work/mm.vmlinuz"
"$doctor" check --base "$parts/own/vmlinuz" --made-for "$work/mm.vmlinuz" "$parts/other/kernel" \
	>"$work/checked" 2>"$work/err" || true
ok "check: of both kernels a type differs" grep -qE '^between the two kernels 1 of 1[0-9]{4} types and .* 0 of [0-9]* functions differ' "$work/err"
is "$(cut -f3 "$work/checked" | sort -u | xargs)" "same struct mm_struct" "check: some modules refer to mm_struct"
new fedora_tree "$t" own other other
rm "$t/lib/modules/$release/vmlinuz"
link "$work/mm.vmlinuz" "$t/lib/modules/$release/vmlinuz"
finds "a source whose mm_struct differs" 1 stale-copy:error
is "$(safe stale-copy)" unproved "is not proved safe"
(cd "$t/lib/modules/$release/kernel" && find . -name '*.ko*') | while read -r m; do
	name=${m##*/} name=${name%.ko*}
	grep -qP "^${name//-/_}\tother-build\tsame\$" "$work/checked" || rm -f "$t/lib/modules/$release/kernel/$m"
done
depmod -b "$t" "$release"
n=$(find "$t/lib/modules/$release/kernel" -name '*.ko*' | wc -l)
ok "modules of that tree, whose BTF does not refer to it: $n" [ "$n" -gt 10 ]
finds "mm_struct differs, and no module's BTF refers to it" 1 stale-copy:error
is "$(safe stale-copy)" unproved "is not proved safe, either"
is "$(q '@{$j->{findings}[0]{differing}}')" "struct mm_struct" "mm_struct is what differs"
says "the verdict says so" '^The next boot may fail, or damage data\.'
says "and so does the finding" '^ *safe: +not proved: 1 type \(struct mm_struct\) and the prototypes of 0 functions differ'
is "$(q '@{$j->{findings}[0]{until_then}}')" "" "btf_tolerant is not advised"

# --- modules that fit no image, older and newer alike ---
new debian_tree "$t" own other own
finds "modules of another build than every image" 1 modules-no-image:error btf_tolerant-missing:warning
is "$(safe modules-no-image)" unknown "what they were made for is not there: whether it is safe is not known"
ok "$(ends modules-no-image)" grep -qx "apt install --reinstall linux-image-$release.*" <(ends modules-no-image)
new debian_tree "$t" other own other
finds "and the other way round" 1 modules-no-image:error btf_tolerant-missing:warning
# Some of them: an update that was broken off
new debian_tree "$t"
(cd "$parts/other/kernel" && find net -name '*.ko') | while read -r m; do
	rm -f "$t/lib/modules/$release/kernel/$m.xz"
	link "$parts/other/kernel/$m" "$t/lib/modules/$release/kernel/$m"
done
depmod -b "$t" "$release"
finds "some modules of another build" 1 modules-mixed:error btf_tolerant-missing:warning
is "$(q '$j->{kernels}[0]{modules}{looked_at} - $j->{kernels}[0]{modules}{modules}')" 0 "then all are looked at"
brief=$("$doctor" status --root "$t" --brief || true)
ok "--brief says it, too" grep -q '\[modules-mixed\]' <<<"$brief"
few=$(sed -nE 's/.*[0-9]+ of ([0-9]+) modules.*/\1/p' <<<"$brief" | head -n 1)
ok "and has looked at some ($few)" [ "${few:-0}" -gt 0 -a "${few:-0}" -lt 300 ]

# --- an initramfs of another build, by each tool ---
for layout in debian fedora arch; do
	new "${layout}_tree" "$t" own own other
	finds "$layout: an initramfs of another build" 1 initramfs-other-build:error btf_tolerant-missing:warning
	case $layout in
	debian) want="update-initramfs -u -k $release" ;;
	fedora) want="dracut --force /boot/initramfs-$release.img $release" ;;
	arch) want="mkinitcpio -P" ;;
	esac
	is "$(ends initramfs-other-build)" "$want" "$layout: $want"
done
# initramfs OPTION... <<<FILES: an archive of the modules that it reads the names of
initramfs() {
	rm -rf "$work/some"
	mkdir -p "$work/some/usr/lib/modules/$release/kernel"
	xargs cp -t "$work/some/usr/lib/modules/$release/kernel"
	rm -f "$t/boot/initrd.img-$release"
	pack "$work/some" "$t/boot/initrd.img-$release"
}
new debian_tree "$t"
{ find "$parts/own/kernel/net" -name 'nf_*.ko*' | head; find "$parts/other/kernel/drivers/net" -name '*.ko*' | head -n 5; } | initramfs
finds "an initramfs of two builds" 1 initramfs-other-build:error btf_tolerant-missing:warning
is "$(safe initramfs-other-build)" unknown "what some were made for is not there: whether it is safe is not known"
find "$parts/own/kernel/net" -name 'nf_*.ko*' | head | initramfs
head -c 5000 "$parts/other/kernel/drivers/net/dummy.ko" >"$work/some/usr/lib/modules/$release/kernel/virtio_net.ko"
pack "$work/some" "$t/boot/initrd.img-$release"
finds "an initramfs with a damaged module" 1 module-btf-malformed:warning
is "$(ends module-btf-malformed)" "update-initramfs -u -k $release" "it is made anew"
# One inside a unified image: nothing is made of that image itself.
new uki_tree "$t"
rm "$t/efi/EFI/Linux/0123456789abcdef-$release.efi"
objcopy --update-section ".initrd=$parts/other/dracut" "$parts/own/uki.efi" "$t/efi/EFI/Linux/0123456789abcdef-$release.efi"
finds "a unified image's initramfs" 1 initramfs-other-build:error btf_tolerant-missing:warning
is "$(ends initramfs-other-build)" "kernel-install add $release /boot/vmlinuz-$release" "it is made of a plain kernel"
rm "$t/boot/vmlinuz-$release"
finds "no plain kernel is there" 1 initramfs-other-build:error btf_tolerant-missing:warning
is "$(ends initramfs-other-build | grep -c '^[^(]')" 0 "no command helps"

mkdir -p "$work/cpio/usr/lib/modules/6.1.0-1-amd64/kernel"
cp "$(find "$parts/own/kernel" -name 'dummy.ko*')" "$work/cpio/usr/lib/modules/6.1.0-1-amd64/kernel/"
new debian_tree "$t"
rm "$t/boot/initrd.img-$release"
(cd "$work/cpio" && find . | cpio --quiet -o -H newc | xz --check=crc32) >"$t/boot/initrd.img-$release"
finds "an initramfs with modules of another release" 1 initramfs-other-build:error btf_tolerant-missing:warning

# --- out-of-tree modules ---
dkms() { # MODULE: as DKMS would have built and installed it
	local built=$t/var/lib/dkms/thing/1.0/$release/x86_64/module
	mkdir -p "$built" "$t/lib/modules/$release/updates/dkms"
	cp "$1" "$built/dummy.ko"
	cp "$1" "$t/lib/modules/$release/updates/dkms/dummy.ko"
	depmod -b "$t" "$release"
}
new debian_tree "$t"
dkms "$(find "$parts/other/kernel" -name dummy.ko)"
finds "a DKMS module of another build" 1 foreign-modules:warning
is "$(ends foreign-modules)" "dkms remove thing/1.0 -k $release
dkms install thing/1.0 -k $release" "what ends it"
new debian_tree "$t"
xz -dc "$(find "$parts/own/kernel" -name 'dummy.ko.xz')" >"$work/dummy.ko"
dkms "$work/dummy.ko"
finds "a DKMS module that fits" 0
n=0
find "$parts/own/kernel/net" -name 'nf_*.ko*' | head -n 12 | xargs cp -t "$t/lib/modules/$release/updates/dkms"
for m in $(find "$parts/other/kernel/drivers/net" -name '*.ko*' | head -n 7); do
	n=$((n + 1))
	mkdir -p "$t/var/lib/dkms/thing$n/1.0/$release/x86_64/module"
	cp "$m" "$t/var/lib/dkms/thing$n/1.0/$release/x86_64/module/"
	cp "$m" "$t/lib/modules/$release/updates/dkms/"
done
depmod -b "$t" "$release"
finds "some DKMS modules of another build" 1 foreign-modules:warning
is "$(ends foreign-modules | grep -c '^dkms install thing[1-7]/1.0')" 7 "what ends it, for each"
is "$(safe foreign-modules)" unknown "whether they are safe is not known"

# --- malformed BTF ---
new debian_tree "$t"
rm "$t/boot/vmlinuz-$release"
link "$parts/damaged.vmlinuz" "$t/boot/vmlinuz-$release"
finds "a kernel whose own BTF is malformed" 1 kernel-btf-broken:error
new debian_tree "$t"
objcopy --dump-section ".BTF=$work/dummy.btf" "$work/dummy.ko" /dev/null
perl -e 'local $/; open(my $f, "+<:raw", $ARGV[0]) or die; my $b = <$f>;
	substr($b, 24 + 7, 1) = "\x1f"; seek($f, 0, 0); print $f $b' "$work/dummy.btf"
objcopy --update-section .BTF="$work/dummy.btf" "$work/dummy.ko" "$work/bad.ko"
dkms "$work/bad.ko"
finds "a module whose BTF is malformed" 1 module-btf-malformed:warning
new debian_tree "$t"
head -c 5000 "$work/dummy.ko" >"$work/cut.ko"
dkms "$work/cut.ko"
finds "a module that is cut off" 1 module-btf-malformed:warning
new debian_tree "$t"
mkdir -p "$t/lib/modules/$release/updates"
cp "$work/cut.ko" "$t/lib/modules/$release/updates/"$'red\033[31m.ko'
finds "one that depmod does not know" 1 module-btf-malformed:warning
is "$("$doctor" --root "$t" | grep -ac $'\033')" 0 "its name tells the terminal nothing"
ok "and is shown" grep -q 'red?\[31m' <("$doctor" --root "$t")

# --- headers ---

new debian_tree "$t"
mkdir -p "$t/usr/src/headers"
# Headers packages have a vmlinux with nothing but its BTF.
objcopy --only-section=.BTF "$(kernel_dir bookworm)/vmlinux" 2>/dev/null "$t/usr/src/headers/vmlinux"
ln -s /usr/src/headers "$t/lib/modules/$release/build"
finds "headers of another kernel" 1 headers-differ:warning
is "$(ends headers-differ)" "apt install --reinstall linux-headers-$release" "what ends it"
new debian_tree "$t"
dkms "$(build_module bookworm)"
finds "a DKMS module built with headers of another kernel" 1 headers-differ:warning
is "$(ends headers-differ)" "dkms remove thing/1.0 -k $release
dkms install thing/1.0 -k $release" "what ends it: there are no headers"
says "it speaks of the module" '^A module for .* is built with headers of another kernel'
diag "$(q '@{$j->{findings}[0]{evidence}}')"
new debian_tree "$t"
cp -a "$parts/root/usr/src" "$t/usr/"
cp -a "$parts/root/lib/modules/$release/build" "$t/lib/modules/$release/build"
finds "the right headers ($six are not)" 0

# --- no modules ---
new debian_tree "$t"
rm -r "$t/lib/modules/$release"
finds "a kernel without modules" 1 modules-missing:error

# --- how far btf_tolerant is, step by step ---
new debian_tree "$t" own other other
missing() { q "map { @{\$_->{evidence}} } grep { \$_->{id} eq 'btf_tolerant-missing' } @{\$j->{findings}}"; }
finds "btf_tolerant: nothing of it" 1 modules-no-image:error btf_tolerant-missing:warning
is "$(missing | wc -l)" 3 "not installed, no headers, not in the initramfs"
mkdir -p "$t/usr/src/btf_tolerant-0.1.0" "$t/lib/modules/$release/build"
finds "installed, headers there" 1 modules-no-image:error btf_tolerant-missing:warning
ok "DKMS has not built it" grep -q "DKMS has not built it for $release" <(missing)
mkdir -p "$t/lib/modules/$release/updates/dkms"
built=$(build_for_machine)
cp "$built" "$t/lib/modules/$release/updates/dkms/btf_tolerant.ko"
depmod -b "$t" "$release"
finds "built" 1 modules-no-image:error btf_tolerant-missing:warning
is "$(missing)" "/boot/initrd.img-$release is without it" "only the initramfs is missing"
mkdir -p "$work/add/usr/lib/modules/$release/updates/dkms"
cp "$built" "$work/add/usr/lib/modules/$release/updates/dkms/btf_tolerant.ko"
pack "$work/add" "$work/add.cpio"
rm "$t/boot/initrd.img-$release"
cat "$work/add.cpio" "$parts/other/initrd" >"$t/boot/initrd.img-$release"
finds "and in the initramfs" 1 modules-no-image:error
says "the verdict" '^The next boot needs btf_tolerant, which is ready\.'
# A kernel with the upstream option
new debian_tree "$t" own other other
rm "$t/boot/config-$release" 2>/dev/null || true
echo 'CONFIG_MODULES=y
CONFIG_MODULE_ALLOW_BTF_MISMATCH=y' >"$t/boot/config-$release"
finds "a kernel that loads them without BTF" 1 modules-no-image:warning

# --- forms ---
new debian_tree "$t" own other own
"$doctor" status --root "$t" --prometheus >"$work/prom" || true
is "$(grep -vcE '^(# (HELP|TYPE) btf_doctor_[a-z_]+ .+|btf_doctor_[a-z_]+(\{[a-z]+="[a-z_-]+",[a-z]+="[a-z]+"\})? -?[0-9]+)$' "$work/prom")" 0 \
	"Prometheus: each line is of its format"
is "$(sed -n 's/^btf_doctor_finding{\(.*\)} 1$/\1/p' "$work/prom" | sort)" \
	'id="btf_tolerant-missing",severity="warning"
id="modules-no-image",severity="error"' "Prometheus: the findings"
is "$(grep -E '^btf_doctor_(judged|unread_files) ' "$work/prom" | xargs)" "btf_doctor_judged 1 btf_doctor_unread_files 0" \
	"Prometheus: that something was judged, and all was read"
is "$(q 'join " ", sort keys %$j')" "btf_tolerant distribution findings format initramfs_tool kernels root unread verdict" \
	"JSON: its keys"
"$doctor" --root "$t" >"$work/text" || true
is "$(grep -c $'\033' "$work/text")" 0 "no colour in a file"
ok "colour on a terminal" grep -q $'\033\[31m' <(script -qec "$doctor --root $t" /dev/null </dev/null)
ok "none with NO_COLOR" [ "$(NO_COLOR=1 script -qec "$doctor --root $t" /dev/null </dev/null | grep -c $'\033\[31m')" = 0 ]
ok "one screen: $(wc -l <"$work/text") lines" [ "$(wc -l <"$work/text")" -le 40 ]
is "$("$doctor" --root "$t" --brief | grep -c '^btf-doctor: ')" 2 "--brief: a finding each"
is "$("$doctor" --root "$parts/root" --brief)" "" "--brief: nothing where all fits"
ok "--brief: its commands are the other system's" grep -q "to end it: *chroot $t apt " <("$doctor" --root "$t" --brief)
is "$(q 'join " ", grep !/^(\(|chroot )/, map @{$_->{ends_it}}, @{$j->{findings}}')" "" "JSON: so are they there"
fails "nothing there" 2 'has neither kernels nor modules' "$doctor" --root "$work/add" --brief
fails "a kernel that is not there" 2 'there is no kernel 1.2.3 .*; there are: [1-9]' "$doctor" --root "$t" --kernel 1.2.3
fails "an empty directory's name is not this machine's" 2 'root needs a value' "$doctor" --root ""
fails "two forms at once" 2 'exclude each other' "$doctor" --root "$t" --brief --json
ok "--version" grep -qx 'btf-doctor [0-9][0-9.]*' <("$doctor" --version)
fails "no such directory" 2 'No such file' "$doctor" --root "$work/none"
fails "an unknown option" 2 'unknown option' "$doctor" status --nonsense
ok "--help" grep -q -- --root <("$doctor" status --help)

# --- not root ---
# The cache may be below a home that others cannot enter.
new debian_tree "$t"
public=$(mktemp -d)
trap 'as_root rm -rf "$work" "$public"' EXIT
chmod 755 "$public"
cp -r "$t" "$public/tree"
cp "$doctor" "$public/doctor"
chmod 600 "$public/tree/boot/initrd.img-$release"
find "$public/tree/lib/modules/$release/kernel/net" -name 'nf_*' -exec chmod 600 {} +
as_root chown -R root "$public/tree/boot"
status=0
as_root setpriv --reuid 65534 --regid 65534 --clear-groups "$public/doctor" --root "$public/tree" \
	>"$work/text" 2>&1 || status=$?
is "$status" 0 "as a user: what can be read fits"
ok "as a user: that is what it says" grep -q '^All that could be read fits' "$work/text"
ok "as a user: modules, too" grep -q '/nf_[a-z_]*\.ko.*: .*[Pp]ermission' \
	<(as_root setpriv --reuid 65534 --regid 65534 --clear-groups "$public/doctor" --root "$public/tree" --json)
ok "as a user: and what could not be read" grep -q "initrd.img-$release: .*[Pp]ermission" "$work/text"
diag "$(tail -n 3 "$work/text")"

# --- hostile ---
new debian_tree "$t"
mkdir "$work/outside"
cp "$parts/other/vmlinuz" "$work/outside/vmlinuz"
mkfifo "$t/boot/vmlinuz-1.0.0-fifo"
ln -s vmlinuz-2.0.0-b "$t/boot/vmlinuz-2.0.0-a"
ln -s vmlinuz-2.0.0-a "$t/boot/vmlinuz-2.0.0-b"
ln -s "$work/outside/vmlinuz" "$t/boot/vmlinuz-3.0.0-outside"
ln -s "../../../../../../../../../..$work/outside/vmlinuz" "$t/boot/vmlinuz-3.0.0-dots"
ln -s /dev/zero "$t/boot/vmlinuz-4.0.0-zero"
head -c 100000 /dev/urandom >"$t/boot/vmlinuz-5.0.0-noise"
mkdir -p "$t/lib/modules/\$(touch x)/kernel" "$t/boot/loader/entries" "$t/boot/vmlinuz-6.0.0-dir"
printf 'linux /vmlinuz-%s\nversion 7;reboot\ntitle \033[31mred\n' "$release" >"$t/boot/loader/entries/a.conf"
head -c 70000 /dev/urandom >"$t/boot/loader/entries/b.conf"
head -c 4000 /dev/urandom >"$t/boot/loader/entries/c.conf"
head -c 4000 /dev/urandom >>"$t/boot/grub/grub.cfg"
status=0
timeout 60 "$doctor" --root "$t" >"$work/text" 2>&1 || status=$?
is "$status" 0 "links, fifos, noise: it goes on, and what fits fits"
is "$(grep -c "outside: \|touch x\|$(printf '\033')" "$work/text")" 0 "nothing from outside, no terminal is told anything"
timeout 60 "$doctor" --root "$t" --json >"$work/json" || true
ok "JSON can be parsed all the same" q '$j->{verdict}'
done_testing
