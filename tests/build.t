#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The build: no warning at W=1, no BTF in the .ko, nothing left by make clean.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

# "none" or their names; nothing if there is no such module
btf_sections() { readelf -SW "$1" | awk '/\.BTF/ { print " ." $0; n++ } /\.modinfo/ { m = 1 } END { if (m && !n) print "none" }'; }

for suite in trixie-backports sid; do
	dir=$(kernel_dir "$suite")
	release=$(cat "$dir/release")
	ko=$(build_module "$suite")
	ok "$release: no warning at W=1" no_warning "$MODULES/$suite/build.log"
	is "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" "$release" "$release: built for it"

	# Debian's headers ship vmlinux: kbuild gives any other module BTF there.
	ok "$release: its headers ship vmlinux" \
		[ -f "$CACHE/chroot/$suite/usr/src/linux-headers-$release/vmlinux" ]
	is "$(btf_sections "$ko")" "none" "$release: no .BTF and no .BTF.base in the module"
	build_tree "$suite" "$MODULES/$suite-btf" "$(headers "$suite")" NO_BTF=
	ok "$release: without our NO_BTF it would have .BTF" \
		grep -qw '\.BTF' <<<"$(btf_sections "$MODULES/$suite-btf/btf_tolerant.ko")"
done

# Linux without sysfs: against headers that have it, so it is not to be loaded.
src=$(mktemp -d "$CACHE/nosysfs.XXXXXX")
cp -r "${BTF_TOLERANT_SRC:-$TOP}"/{Kbuild,Makefile,src} "$src/"
printf '#undef CONFIG_SYSFS\n#undef CONFIG_KERNFS\n' >"$src/src/nosysfs.h"
echo 'ccflags-y += -include $(src)/src/nosysfs.h' >>"$src/Kbuild"
BTF_TOLERANT_SRC=$src build_tree trixie-backports "$MODULES/nosysfs" "$(headers trixie-backports)"
is "$(grep -iE 'warning|error' "$MODULES/nosysfs/build.log")" "" "without CONFIG_SYSFS: no warning at W=1"
is "$(nm "$MODULES/nosysfs/btf_tolerant.ko" | grep -E ' U (sysfs|kernfs)')" "" "and it needs nothing of sysfs"
rm -rf "$src"

dir=$MODULES/trixie-backports-btf
rm -f "$dir/build.log"
ok "make clean" make -s -C "$dir" clean
is "$(cd "$dir" && find . -type f | sort)" \
	"$(cd "${BTF_TOLERANT_SRC:-$TOP}" && find ./Kbuild ./Makefile ./src -name '*.[ch]' -o -name Kbuild -o -name Makefile | sort)" \
	"make clean leaves the sources and nothing else"

# What the source says of kernels that it cannot support: one line, before anything else
mkdir -p "$dir/stub/linux"
sed -n 's|^#include <\(linux/[a-z_]*\.h\)>.*|\1|p' "${BTF_TOLERANT_SRC:-$TOP}"/src/*.[ch] | sort -u |
	while IFS= read -r h; do : >"$dir/stub/$h"; done
kernel() { # VERSION CONFIG...: the first line of what the preprocessor says of compat.h there
	printf '#define KERNEL_VERSION(a, b, c) ((a) * 65536 + (b) * 256 + (c))\n%s %s\n' \
		'#define LINUX_VERSION_CODE' "KERNEL_VERSION($1)" >"$dir/stub/linux/version.h"
	gcc -E -nostdinc -D__KERNEL__ "${@:2}" -I "$dir/stub" -o /dev/null \
		-include "${BTF_TOLERANT_SRC:-$TOP}/src/compat.h" -x c /dev/null 2>&1 | grep -m 1 -o '#error.*'
}
needs='#error "btf_tolerant needs Linux 5.11, CONFIG_DEBUG_INFO_BTF_MODULES and CONFIG_KALLSYMS"'
btf=-DCONFIG_DEBUG_INFO_BTF_MODULES kallsyms=-DCONFIG_KALLSYMS
is "$(kernel 5,10,255 $btf $kallsyms)" "$needs" "5.10 is refused"
is "$(kernel 7,3,0 $kallsyms)" "$needs" "a kernel without module BTF is refused"
is "$(kernel 7,3,0 $btf)" "$needs" "a kernel without kallsyms is refused"
is "$(kernel 5,11,0 $btf $kallsyms)" "" "5.11 with both is not"

# 5.14's and 5.15's linux/btf.h does not include linux/bpf.h, and uses a type of it.
echo '#define bpfptr_t' >"$dir/stub/linux/bpf.h"
printf '%s\n' '#ifndef bpfptr_t' '#error "unknown type name bpfptr_t"' '#endif' >"$dir/stub/linux/btf.h"
is "$(kernel 5,15,0 $btf $kallsyms)" "" "5.15's linux/btf.h finds what it needs of linux/bpf.h"
: >"$dir/stub/linux/bpf.h"
is "$(kernel 5,15,0 $btf $kallsyms)" '#error "unknown type name bpfptr_t"' "and without that it would not"
done_testing
