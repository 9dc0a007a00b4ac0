#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the packages with each distro's own tool.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
	cat <<USAGE
Usage: packaging/build.sh deb|rpm|arch|source [OUT]

Builds the packages from this checkout into the folder OUT (default: dist): that of the
module's sources and that of the tools. The version is dkms.conf's, the maintainer
packaging/maintainer's. source is the tree that the packages are built from, with both filled in.
deb needs debhelper, rpm needs rpmbuild, arch needs makepkg; all of them, the libraries that
tools/Makefile names.
USAGE
}

case ${1:-} in
deb | rpm | arch | source) ;;
-h | --help) usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac
mkdir -p "${2:-dist}"
out=$(cd "${2:-dist}" && pwd)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/btf_tolerant-$version
mkdir "$tree"
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files -z | xargs -0 cp --parents -t "$tree"
else
	cp -r . "$tree"
fi
# shellcheck source=packaging/maintainer
. packaging/maintainer
(cd "$tree" && sed -i "s|@VERSION@|$version|g; s|@MAINTAINER@|$MAINTAINER|g; s|@URL@|$URL|g" \
	debian/control debian/changelog packaging/rpm/*.spec packaging/arch/PKGBUILD*)

case $1 in
source)
	cp -r "$tree" "$out/"
	;;
deb)
	(cd "$tree" && dpkg-buildpackage -us -uc -b >"$work/log" 2>&1) || { tail -n 20 "$work/log" >&2; exit 1; }
	cp "$work"/*.deb "$work"/*.buildinfo "$work"/*.changes "$out/"
	;;
rpm)
	tar -C "$work" -czf "$work/btf_tolerant-$version.tar.gz" "btf_tolerant-$version"
	rpmbuild -bb --quiet --nodeps --define "_topdir $work/rpm" --define "_sourcedir $work" --define "_dbpath $work/db" \
		"$tree"/packaging/rpm/*.spec >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
	find "$work/rpm" -name '*.rpm' -exec cp -t "$out" {} +
	;;
arch)
	tar -C "$work" -czf "$work/btf_tolerant-$version.tar.gz" "btf_tolerant-$version"
	cp "$tree"/packaging/arch/* "$work/"
	as=()
	if [ "$(id -u)" = 0 ]; then
		# makepkg does not want to be root.
		chown -R nobody "$work"
		as=(setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$work")
	fi
	for p in PKGBUILD PKGBUILD.tools; do
		(cd "$work" && "${as[@]}" makepkg -p "$p" --nodeps --skipinteg --force >"$work/log" 2>&1) ||
			{ tail -n 20 "$work/log" >&2; exit 1; }
	done
	cp "$work"/*.pkg.tar* "$out/"
	;;
esac
