#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Put the files where they belong, or take them away: "make install" calls this.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
	cat <<USAGE
Usage: packaging/install.sh install|uninstall|list

DESTDIR, prefix (/usr) and docdir (prefix/share/doc/btf_tolerant) are taken from the
environment; so is FILES, which names other lists than packaging/files. list prints what
install would create. Where there is DESTDIR/etc/kernel/postinst.d, Debian's hooks are among
it (packaging/debian.files). DKMS, initramfs-tools, dracut and mkinitcpio only look below /usr.
USAGE
}

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
prefix=${prefix:-/usr} destdir=${DESTDIR:-}
src=$prefix/src/btf_tolerant-$version
doc=${docdir:-$prefix/share/doc/btf_tolerant}

read -ra lists <<<"${FILES:-packaging/files}"
[ -n "${FILES:-}" ] || [ ! -d "$destdir/etc/kernel/postinst.d" ] || lists+=(packaging/debian.files)

files() {
	local mode from to file
	sed -e '/^#/d' -e "s|@src@|$src|; s|@prefix@|$prefix|; s|@doc@|$doc|" "${lists[@]}" |
		while read -r mode from to; do
			case $to in
			*/) for file in $from; do echo "$mode $file $to${file##*/}"; done ;;
			*) echo "$mode $from $to" ;;
			esac
		done
}

case ${1:-} in
install)
	files | while read -r mode from to; do
		install -D -m "$mode" "$from" "$destdir$to"
	done
	;;
uninstall)
	files | while read -r _ _ to; do
		rm -f "$destdir$to"
		# The folders that are ours alone
		case $to in
		"$src"/* | "$doc"/* | */05btf_tolerant/* | */share/btf_tolerant/* | */lib/btf_tolerant/*)
			rmdir -p --ignore-fail-on-non-empty "$(dirname "$destdir$to")" 2>/dev/null || true
			;;
		esac
	done
	;;
list)
	files | awk '{ print $3 }'
	;;
-h | --help)
	usage
	;;
*)
	usage >&2
	exit 2
	;;
esac
