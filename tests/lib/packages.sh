# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages: those that this machine needs, and those of any suite and architecture
# that are only looked into.

# What "make check" needs, which runs without root.
CHECK_PACKAGES=(
	binutils bpftool gcc git kmod libarchive-dev libbpf-dev libc6-dev libcmocka-dev libelf-dev
	libjson-c-dev libkmod-dev make perl pkg-config shellcheck sparse xz-utils zstd
)
# What builds the tests' own programs, and what unpacks kernels
# shellcheck disable=SC2034 # for those who source this
BUILD_PACKAGES=(
	binutils gcc libarchive-dev libbpf-dev libc6-dev libelf-dev libjson-c-dev libkmod-dev make
	perl pkg-config
)
# shellcheck disable=SC2034
KERNEL_PACKAGES=(kmod xz-utils zstd)
# What makes guests, and runs in them (QEMU: tests/lib/qemu.sh)
GUEST_PACKAGES=(
	binutils btrfs-progs busybox-static cpio dash e2fsprogs kmod nftables util-linux
)
# What builds the packages
DEB_PACKAGES=(debhelper dh-dkms dpkg-dev git)
PACKAGE_PACKAGES=(
	"${DEB_PACKAGES[@]}" fakeroot file libarchive-tools lintian makepkg mandoc
	pacman-package-manager rpm
)
# All that "make test" asks for
# shellcheck disable=SC2034 # for tests/setup
ALL_PACKAGES=(
	"${CHECK_PACKAGES[@]}" "${KERNEL_PACKAGES[@]}" "${GUEST_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}"
	clang mmdebstrap openssl
)

# missing_packages PACKAGE...: those that are not installed, a line each
missing_packages() {
	local p
	for p; do
		dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q '^install ok installed' || echo "$p"
	done
}

# install_packages PACKAGE...: those that are not there yet, by apt
install_packages() {
	[ -z "$(missing_packages "$@")" ] || once apt install_missing "$@"
}
install_missing() {
	local missing
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || type sudo >/dev/null 2>&1 ||
		die "not installed: ${missing[*]} (as root: make deps)"
	say "installing ${missing[*]}"
	as_root apt-get update -qq >&2
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$CACHE/apt.log" 2>&1 ||
		{ tail -n 5 "$CACHE/apt.log" >&2; die "cannot install ${missing[*]}"; }
}

# The mirror that this machine itself uses.
mirror() {
	local site
	# shellcheck disable=SC2016 # apt's own variables
	site=$(apt-get indextargets --format '$(SITE)' \
		'Created-By: Packages' 'Component: main' 'Origin: Debian' 'Label: Debian' | head -n 1)
	[ -n "$site" ] || die "apt knows no Debian mirror on this machine"
	echo "$site"
}

# sources SUITE: lines for sources.list; a suite of backports has what it builds on
sources() {
	local base=${1%-backports} site s
	site=$(mirror)
	for s in "$base" $([ "$1" = "$base" ] || echo "$1"); do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $s main"
	done
}

# apt_for SUITE ARCH COMMAND ARG...: apt for any suite and architecture, apart from this
# machine's own, and without root
apt_for() {
	local suite=$1 arch=$2 dir=$CACHE/apt/$1-$2
	shift 2
	[ -f "$dir/conf" ] || apt_update "$suite" "$arch"
	# Not while apt_update replaces the lists.
	(
		flock -s 9
		APT_CONFIG=$dir/conf "$@" 9>&-
	) 9>"$CACHE/lock.apt-$suite-$arch"
}

# apt_update SUITE ARCH: fresh lists for apt_for; old ones will do if there are none to be had
apt_update() { once "apt-$1-$2" fetch_lists "$1" "$2"; }
fetch_lists() {
	local suite=$1 arch=$2 dir=$CACHE/apt/$1-$2
	# Two tests at a time want it once.
	[ -z "$(find "$dir/conf" -mmin -5 2>/dev/null)" ] || return 0
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	touch "$dir/status"
	sources "$suite" >"$dir/list"
	# Mirrors keep Release files past their date; what matters here is that they are signed.
	cat >"$dir/conf.new" <<-END
		Dir::Etc::sourcelist "$dir/list";
		Dir::Etc::sourceparts "-";
		Dir::State::lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Default-Release "$suite";
		Acquire::Check-Valid-Until "false";
		APT::Sandbox::User "root";
	END
	if ! APT_CONFIG=$dir/conf.new apt-get update -qq >&2; then
		[ -f "$dir/conf" ] || die "cannot get the package lists of $suite"
		say "no fresh package lists of $suite, going on with the old ones"
	fi
	mv "$dir/conf.new" "$dir/conf"
	touch "$dir/conf"
}

# depends_of SUITE ARCH PACKAGE: what it depends on, a line each
depends_of() { apt_for "$1" "$2" apt-cache depends --important "$3" | sed -n 's/.*Depends: //p'; }

# version_of SUITE ARCH PACKAGE...: each as PACKAGE=VERSION, the newest
version_of() {
	local suite=$1 arch=$2 p
	shift 2
	for p; do
		apt_for "$suite" "$arch" apt-cache policy "$p" | sed -n "s/  Candidate: /$p=/p"
	done
}

# unpack_packages SUITE ARCH DIR PACKAGE[=VERSION]...: what they hold, into DIR
unpack_packages() {
	local suite=$1 arch=$2 dir=$3 d
	shift 3
	mkdir -p "$dir/debs"
	(cd "$dir/debs" && apt_for "$suite" "$arch" apt-get download -qq "$@" >&2) ||
		die "cannot download $*"
	for d in "$dir/debs/"*.deb; do
		dpkg-deb -x "$d" "$dir"
	done
	rm -r "$dir/debs"
}
