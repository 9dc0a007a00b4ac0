# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernel images of each format and architecture, for who reads them.

# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"

# arch_image ARCH FLAVOUR: the kernel of sid for another architecture of Debian; echoes a
# folder with release, vmlinuz as the package has it, and some of its modules in modules/
arch_image() {
	local dir=$CACHE/image/$1
	[ -f "$dir/release" ] || once "image-$1" get_arch_image "$1" "$2" >&2
	echo "$dir"
}
get_arch_image() {
	local arch=$1 dir=$CACHE/image/$1 in=/cache/image/$1.tmp log=$CACHE/image-$1.log
	[ ! -f "$dir/release" ] || return 0
	make_chroot sid
	say "getting the kernel for $arch"
	rm -rf "$dir.tmp" "$dir"
	mkdir -p "$dir.tmp"
	# apt with lists of its own, so that the chroot's are of its own architecture.
	in_chroot sid sh -euc '
		arch=$1 flavour=$2
		cd "$3"
		mkdir -p state/lists/partial cache/archives/partial debs x
		: >status
		cat >apt.conf <<-CONF
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		Dir::State "$PWD/state";
		Dir::State::status "$PWD/status";
		Dir::Cache "$PWD/cache";
		APT::Sandbox::User "root";
		CONF
		export APT_CONFIG=$PWD/apt.conf
		apt-get update -qq
		depends() { apt-cache depends "$1" | sed -n "s/.*Depends: //p"; }
		image=$(depends "linux-image-$flavour" | grep "^linux-image-[0-9]" | head -n 1)
		cd debs
		apt-get download -qq "$image" $(depends "$image" | grep -E "^linux-(binary|modules)-[0-9]")
		cd ..
		for d in debs/*.deb; do dpkg-deb -x "$d" x; done' \
		sh "$arch" "$2" "$in" >"$log" 2>&1 ||
		{ tail -n 10 "$log" >&2; die "cannot get the kernel for $arch"; }
	(
		cd "$dir.tmp"
		cp "$(find x -name 'vmlinu[xz]*' -type f | head -n 1)" vmlinuz
		mods=$(find x -type d -path '*lib/modules/*/kernel' -prune | head -n 1)
		mkdir modules
		cp -r "$mods/net/sched" "$mods/net/netfilter" "$mods/crypto" modules/
		rm -rf state cache debs x status apt.conf
		basename "${mods%/kernel}" >release
	)
	mv "$dir.tmp" "$dir"
}
