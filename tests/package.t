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
# shellcheck source=packaging/maintainer
. packaging/maintainer
is "$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' src/btf_tolerant.c)" "$version" "the module's version is dkms.conf's"
is "$(git grep -lF -e "${MAINTAINER#*<}" -e "$URL" -- debian packaging)" packaging/maintainer "the maintainer is named in one place"
is "$(git grep -lwF "$version" -- debian packaging)" "" "and in no package's files is a version"
is "$(DESTDIR=$work/none packaging/install.sh list | grep "^/usr/src/.*/src/" | sed 's|.*/src/|src/|' | sort)" "$(git ls-files src | sort)" \
	"each source file is installed"

is "$(git ls-files packaging/initramfs packaging/initramfs-tools packaging/dracut packaging/mkinitcpio | while IFS= read -r f; do
	grep -qE "^[0-9]+ ${f}[[:space:]]" packaging/files || echo "$f"
done)" "" "and each file for an initramfs"

# list PACKAGE_DOC EXCLUDE: what install would create, without what this package leaves out
list() { DESTDIR=$work/none docdir=/usr/share/doc/$1 packaging/install.sh list | grep -vE "$2" | sort; }
# The packages compress what is to be read.
unzipped() { sed -E 's/(\.[178]|\.md)\.gz$/\1/' | sort; }

ok "make install" make -s install DESTDIR="$work/root"
is "$(cd "$work/root" && find . ! -type d | sed 's/^\.//' | sort)" "$(list btf_tolerant '^$')" \
	"make install puts down what it lists"
is "$(cd "$work/root" && find . -type f -perm /111 | sed 's/^\.//' | sort)" \
	"$(DESTDIR=$work/none docdir='' packaging/install.sh list | grep -E '(hooks|init-top)/btf_tolerant$|\.sh$' | grep -v initcpio | sort)" \
	"what is run can be run, the rest cannot"
ok "make uninstall" make -s uninstall DESTDIR="$work/root"
is "$(find "$work/root" -type f -o -name '*btf_tolerant*')" "" "make uninstall leaves nothing"

ok "deb" packaging/build.sh deb "$work"
is "$(lintian "$work"/*.changes 2>&1 | grep -v 'running with root')" "" "lintian has nothing to say"
is "$(dpkg-deb -c "$work"/btf-tolerant-dkms_*.deb | awk '!/^d/ { sub(/^\./, "", $6); print $6 }' | grep -vE '/(changelog\.gz|copyright)$|lintian' | unzipped)" \
	"$({ list btf-tolerant-dkms 'initcpio|/LICENSE$'; printf '/etc/kernel/%s.d/dkms-btf_tolerant\n' preinst postinst header_postinst; } | sort)" "the deb has what make install puts down"

is "$(dpkg-deb -f "$work"/btf-tolerant-dkms_*.deb Architecture)" all "the deb is for each architecture"

ok "rpm" packaging/build.sh rpm "$work"
is "$(rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$work"/btf_tolerant-dkms-*.rpm 2>/dev/null | awk '!/^d/ { sub(/licenses\/btf_tolerant-dkms[^\/]*/, "licenses/btf_tolerant-dkms"); print $2 }' | unzipped)" \
	"$({ list btf_tolerant-dkms 'initcpio|initramfs-tools'; printf '/usr/%s\n' share/licenses/btf_tolerant-dkms/LICENSE lib/kernel/install.d/41-btf_tolerant.install; } | sort)" "the rpm has what make install puts down"
is "$(rpm -qp --requires "$work"/btf_tolerant-dkms-*.rpm 2>/dev/null | grep -c '^dkms')" 1 "the rpm wants dkms"

ok "arch" packaging/build.sh arch "$work"
is "$(tar tf "$work"/btf_tolerant-dkms-*.pkg.tar* | sed -n '/^usr.*[^/]$/s|^|/|p' | unzipped)" \
	"$(list btf_tolerant-dkms 'initramfs-tools')" "the Arch package has what make install puts down"

# The tools' packages
# btf-restore is among them where this machine's libbpf is new enough.
lists=packaging/tools.files
[ ! -x "$(build_tools)/btf-restore" ] || lists+=" packaging/restore.files"
tools() { DESTDIR=$work/none FILES=$lists packaging/install.sh list | grep -vE "$1" | sort; }
is "$(dpkg-deb -c "$work"/btf-tolerant-tools_*.deb | awk '!/^d/ { sub(/^\./, "", $6); print $6 }' | grep -vE '/share/(doc|lintian)/' | unzipped)" \
	"$({ tools 'libalpm|kernel/install.d'; echo /etc/kernel/postinst.d/zzz-btf-doctor; } | sort)" "the tools' deb has what make install-tools puts down"
is "$(rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$work"/btf-tolerant-tools-*.rpm 2>/dev/null | awk '!/^d/ { print $2 }' | grep -v /licenses/ | unzipped)" \
	"$(tools libalpm)" "and the tools' rpm"
is "$(tar tf "$work"/btf-tolerant-tools-*.pkg.tar* | sed -n '/^usr.*[^/]$/s|^|/|p' | unzipped)" \
	"$(tools kernel/install.d)" "and the tools' Arch package"

for f in "$work"/btf-tolerant-tools-*.rpm; do
	ok "rpm: the preset switches btf-restore on" grep -q 'preset btf-restore.path' <(rpm -qp --scripts "$f" 2>/dev/null)
done
ok "Arch: the same" grep -q 'preset btf-restore.path' <(tar xOf "$(echo "$work"/btf-tolerant-tools-*.pkg.tar*)" .INSTALL)

completes() { # WORD...: what bash offers for the last one
	bash -c '. packaging/tools/bash-completion
		. packaging/restore/bash-completion
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"_${1//-/_}"
		echo "${COMPREPLY[*]}"' bash "$@"
}
is "$(completes btf-doctor ch)" check "completion: a command"
is "$(completes btf-doctor check --m)" --made-for "completion: an option of check"
is "$(completes btf-doctor --pro)" --prometheus "completion: an option of status"
is "$(completes btf-doctor diff packaging/maint)" packaging/maintainer "completion: a file"
# All options that it offers are known to --help.
doctor=$(build_tools)/btf-doctor
for c in status check diff; do
	is "$(for w in $(completes btf-doctor "$c" --); do "$doctor" "$c" --help | grep -qe "$w" || echo "$w"; done)" "" \
		"completion: what $c takes"
done
is "$(completes btf-restore --dr)" --dry-run "completion: an option of btf-restore"
is "$(completes btf-restore --made-for packaging/maint)" packaging/maintainer "completion: an image for it"
is "$(completes btf-restore --base x packaging/maint)" packaging/maintainer "completion: a file for it"
is "$(for w in $(completes btf-restore --); do grep -qe "\"  *$w\b" -e "\"${w#--}\"" tools/btf-restore.c || echo "$w"; done)" "" \
	"completion: what btf-restore takes"

for m in man/*; do
	is "$(mandoc -T lint -W warning "$m" 2>&1)" "" "mandoc -T lint: $m"
done

is "$(for p in "$work"/*.deb; do dpkg-deb -f "$p" Version Maintainer Homepage; done | sort -u)
$(rpm -qp --qf '%{VERSION} %{URL}\n' "$work"/*.rpm 2>/dev/null | sort -u)
$(for p in "$work"/*.pkg.tar*; do tar xOf "$p" .PKGINFO | sed -nE 's/^(pkgver|url) = //p' | xargs; done | sort -u)" \
	"Homepage: $URL
Maintainer: $MAINTAINER
Version: $version
$version $URL
$version-1 $URL" "each package has its version and its maintainer"
is "$(rpm -qp --changelog "$work"/*.rpm 2>/dev/null | grep -cF "$MAINTAINER - $version")" 2 "the rpms' changelogs, too"

# The hooks of mkinitcpio, which Debian does not have: what they ask of it
is "$(bash -euc 'add_module() { echo "module $1"; }; add_runscript() { echo runscript; }; add_file() { echo "file $*"; }
	. packaging/mkinitcpio/install; build')" \
	"$(printf '%s\n' 'module btf_tolerant?' \
		'file /usr/share/btf_tolerant/initramfs/load /usr/lib/btf_tolerant/load 644' \
		'file /usr/share/btf_tolerant/initramfs/modprobe.conf /etc/modprobe.d/zz-btf_tolerant.conf 644' runscript)" \
	"mkinitcpio is asked for the module, what loads it first, and the early hook"

# The softdeps of an initramfs, as libkmod understands them
mkdir -p "$work/lib/modules/1.0"
ko=$(build_module trixie-backports)
for m in b44 bt819 btrfs crc7 btf_tolerant; do
	cp "$ko" "$work/lib/modules/1.0/$m.ko"
done
PATH=$PATH:/sbin:/usr/sbin
depmod -b "$work" 1.0
try() { modprobe -C packaging/initramfs/modprobe.conf -d "$work" -S 1.0 -nv "$@" | sed "s|$work/lib/modules/1.0/||; s/ *$//" | paste -sd';'; }
for m in b44 bt819 btrfs crc7; do
	is "$(try $m)" "install . /usr/lib/btf_tolerant/load;insmod $m.ko" "in an initramfs btf_tolerant comes before $m"
done
is "$(try btf_tolerant) $(try -i btf_tolerant)" "install . /usr/lib/btf_tolerant/load insmod btf_tolerant.ko" "and before itself comes nothing"
done_testing
