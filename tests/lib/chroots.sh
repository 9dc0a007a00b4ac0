# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Chroots of other suites: their compilers and headers. A chroot is known by its suite, or by
# suite and architecture ("sid-s390x"), and then has a compiler for that architecture.

CHROOT_PACKAGES=(
	bc bison cpio flex gcc kmod libbpf-dev libelf-dev libssl-dev make pahole perl
	python3-minimal rsync xz-utils
)

# run_mmdebstrap SUITE DIR OPTION...: SUITE is a Debian release, or one of its backports
run_mmdebstrap() {
	local suite=$1 dir=$2
	shift 2
	install_packages mmdebstrap
	mkdir -p "${dir%/*}"
	as_root rm -rf "$dir"
	sources "$suite" | as_root mmdebstrap --quiet \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt="APT::Default-Release \"$suite\"" \
		"$@" "${suite%-backports}" "$dir" - >"$dir.log" 2>&1 ||
		{ tail -n 10 "$dir.log" >&2; die "mmdebstrap of $(basename "$dir") failed"; }
}

# make_chroot NAME [VARIANT]: unless it is there. VARIANT guest: NAME-guest, what runs in
# guests of another architecture; unpacked, not installed, since nothing of it runs here.
make_chroot() {
	local name=$1${2:+-$2} arch suite want packages options=()

	suite=$(suite_of "$1") arch=$(arch_of "$1")
	if [ "${2:-}" = guest ]; then
		packages=(busybox-static dash kmod libbpf1 libelf1t64 util-linux)
		options=(--variant=extract --architectures="$arch")
	elif [ "$arch" = amd64 ]; then
		packages=("${CHROOT_PACKAGES[@]}")
		[ "${suite%-backports}" != bullseye ] || packages=("${packages[@]/pahole/dwarves}")
	else
		arch_line "$arch"
		packages=(make "gcc-$arch_gnu" "libc6-dev:$arch" "libbpf-dev:$arch" "libelf-dev:$arch")
		options=(--architectures="amd64,$arch")
	fi
	[ "${2:-}" = guest ] || options+=(--variant=apt --skip=cleanup/apt/lists
		--customize-hook='mkdir -p "$1/src" "$1/cache"')
	want=$(printf '%s\n' "$name" "${packages[@]}" | sha256sum)
	[ "$(cat "$CACHE/chroot/$name/.made" 2>/dev/null)" = "$want" ] ||
		once "chroot-$name" make_missing_chroot "$suite" "$name" "$want" "${options[@]}" \
			--include="$(IFS=,; echo "${packages[*]}")"
}
make_missing_chroot() { # SUITE NAME WANT MMDEBSTRAP-OPTION...
	local root=$CACHE/chroot/$2
	[ "$(cat "$root/.made" 2>/dev/null)" != "$3" ] || return 0
	say "making a chroot of $2"
	run_mmdebstrap "$1" "$root" "${@:4}"
	echo "$3" | as_root tee "$root/.made" >/dev/null
}

# in_chroot NAME COMMAND...: $TOP is /src there and $BTF_TOLERANT_TREE, if set, /tree, both
# read-only; $CACHE is /cache.
# The mounts live in a namespace of their own and go with it.
in_chroot() {
	local root=$CACHE/chroot/$1
	make_chroot "$1"
	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	as_root unshare --mount --propagation private sh -euc '
		root=$1 top=$2 cache=$3 tree=$4; shift 4
		mount -t proc proc "$root/proc"
		mount --bind "$top" "$root/src"
		mount -o remount,bind,ro "$root/src"
		mount --bind "$cache" "$root/cache"
		if [ -n "$tree" ]; then
			mkdir -p "$root/tree"
			mount --bind "$tree" "$root/tree"
			mount -o remount,bind,ro "$root/tree"
		fi
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
			LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"' \
		sh "$root" "$TOP" "$CACHE" "${BTF_TOLERANT_TREE:-}" "$@"
}

# chroot_packages NAME PACKAGE...: those that are not installed there yet
chroot_packages() {
	in_chroot "$1" sh -c '! dpkg-query -W -f "\${Status}\n" "$@" 2>&1 | grep -qv "^install ok installed"' sh "${@:2}" ||
		once "chroot-$1" in_chroot "$1" sh -euc '
			apt-get update -qq || echo "no fresh package lists, going on with the old ones"
			apt-get install -y -qq --no-install-recommends "$@"' sh "${@:2}" >"$CACHE/chroot/$1.apt.log" 2>&1 ||
		{ tail -n 5 "$CACHE/chroot/$1.apt.log" >&2; die "cannot install ${*:2} in the chroot of $1"; }
}

# headers NAME: of the kernel NAME (see get_kernel), installed; echoes their path in the chroot
headers() {
	local release arch
	release=$(cat "$(kernel_dir "$1")/release") arch=$(arch_of "$1")
	chroot_packages "$(chroot_of "$1")" "linux-headers-$release:$arch" >&2
	echo "/usr/src/linux-headers-$release"
}
