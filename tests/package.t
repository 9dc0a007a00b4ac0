#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The packages, each built with its distro's own tool: contents file by file.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages "${PACKAGE_PACKAGES[@]}"
work=$(mktemp -d "$CACHE/package.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$TOP" || exit

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
is "$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' src/btf_tolerant.c) $(sed -n 's/^Version: *//p' packaging/rpm/btf_tolerant.spec) \
$(sed -n 's/^pkgver=//p' packaging/arch/PKGBUILD) $(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)" \
	"$version $version $version $version" "one version everywhere"
is "$(sed '/^#/d; s/^[0-9]* //; s/\t.*//' packaging/files | grep '^src/' | sort)" "$(git ls-files src | sort)" \
	"each source file is installed"
sed '/^#/d; s/^[0-9]* //; s/[ \t].*//' packaging/files | while read -r f; do
	[ -f "$f" ] || echo "$f"
done >"$work/missing"
is "$(cat "$work/missing")" "" "each file that is to be installed is there"

# list PACKAGE_DOC EXCLUDE: what install would create, without what this package leaves out
list() { docdir=/usr/share/doc/$1 packaging/install.sh list | grep -vE "$2" | sort; }
# The packages compress what is to be read.
unzipped() { sed -E 's/(\.[17]|\.md)\.gz$/\1/' | sort; }

ok "make install" make -s install DESTDIR="$work/root"
is "$(cd "$work/root" && find . -type f | sed 's/^\.//' | sort)" "$(list btf_tolerant '^$')" \
	"make install puts down what it lists"
is "$(cd "$work/root" && find . -type f -perm /111 | sed 's/^\.//' | sort)" \
	"$(docdir='' packaging/install.sh list | grep -E '(hooks|init-top)/btf_tolerant$|\.sh$' | grep -v initcpio | sort)" \
	"what is run can be run, the rest cannot"
ok "make uninstall" make -s uninstall DESTDIR="$work/root"
is "$(find "$work/root" -type f -o -name '*btf_tolerant*')" "" "make uninstall leaves nothing"

ok "deb" packaging/build.sh deb "$work"
is "$(lintian "$work"/*.changes 2>&1 | grep -v 'running with root')" "" "lintian has nothing to say"
is "$(dpkg-deb -c "$work"/*.deb | awk '!/^d/ { sub(/^\./, "", $6); print $6 }' | grep -vE '/(changelog\.gz|copyright)$|lintian' | unzipped)" \
	"$({ list btf-tolerant-dkms 'initcpio|/LICENSE$|/dkms\.sh$'; echo /etc/kernel/header_postinst.d/zz-btf_tolerant; } | sort)" "the deb has what make install puts down"

ok "rpm" packaging/build.sh rpm "$work"
is "$(rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$work"/*.rpm 2>/dev/null | awk '!/^d/ { sub(/licenses\/btf_tolerant-dkms[^\/]*/, "licenses/btf_tolerant-dkms"); print $2 }' | unzipped)" \
	"$({ list btf_tolerant-dkms 'initcpio|initramfs-tools'; echo /usr/share/licenses/btf_tolerant-dkms/LICENSE; } | sort)" "the rpm has what make install puts down"
is "$(rpm -qp --requires "$work"/*.rpm 2>/dev/null | grep -c '^dkms')" 1 "the rpm wants dkms"

ok "arch" packaging/build.sh arch "$work"
is "$(tar tf "$work"/*.pkg.tar* | sed -n '/^usr.*[^/]$/s|^|/|p' | unzipped)" \
	"$(list btf_tolerant-dkms 'initramfs-tools')" "the Arch package has what make install puts down"

for m in man/*; do
	is "$(mandoc -T lint -W warning "$m" 2>&1)" "" "mandoc -T lint: $m"
done

# The hooks of mkinitcpio, which Debian does not have: what they ask of it
is "$(BUILDROOT=$work/initcpio bash -euc 'add_module() { echo "module $1"; }; add_runscript() { echo runscript; }; add_file() { echo "file $1"; }
	. packaging/mkinitcpio/install; build; cd "$BUILDROOT"; find . -type f')" \
	"$(printf '%s\n' 'module btf_tolerant?' runscript 'file /usr/lib/modprobe.d/btf_tolerant.conf' \
		'file /usr/lib/modules-load.d/00-btf_tolerant.conf' \
		./usr/lib/systemd/system/systemd-udev-trigger.service.d/btf_tolerant.conf)" \
	"mkinitcpio is asked for the module, the early hook, and what systemd reads"
is "$(sh -c 'modprobe() { echo "modprobe $*"; }; . packaging/mkinitcpio/hook; run_earlyhook')" "modprobe -qb btf_tolerant" \
	"and its early hook loads the module"
done_testing
