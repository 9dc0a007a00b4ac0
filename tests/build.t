#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The build: no warning at W=1, no BTF in the .ko, nothing left by make clean.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

btf_sections() { readelf -SW "$1" | grep -oE ' \.BTF[^ ]*' | xargs; }

for suite in trixie-backports sid; do
	dir=$(kernel_dir "$suite")
	release=$(cat "$dir/release")
	ko=$(build_module "$suite")
	is "$(grep -iE 'warning|error' "$CACHE/module/$suite/build.log")" "" \
		"$release: no warning at W=1"
	is "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" "$release" "$release: built for it"

	# Headers that ship vmlinux: kbuild gives any other module BTF there.
	in_chroot "$suite" sh -euc '
		rm -rf /usr/src/with-vmlinux
		cp -al "/usr/src/linux-headers-$1" /usr/src/with-vmlinux
		cp "$2" /usr/src/with-vmlinux/vmlinux' sh "$release" "/cache/${dir#"$CACHE"/}/vmlinux"
	out=$CACHE/module/$suite-vmlinux
	build_tree "$suite" "$out" /usr/src/with-vmlinux
	is "$(btf_sections "$out/btf_tolerant.ko")" "" "$release: no BTF section, headers with vmlinux"
	as_root rm -rf "$out.kbuild"
	cp -r "$out" "$out.kbuild"
	in_chroot "$suite" sh -euc 'cd "$1" && make clean && make -C /usr/src/with-vmlinux M="$1"' \
		sh "/cache/${out#"$CACHE"/}.kbuild" >"$out.kbuild/kbuild.log" 2>&1 || true
	ok "$release: (the test can fail: plain kbuild adds .BTF there)" \
		grep -qw '\.BTF' <<<"$(btf_sections "$out.kbuild/btf_tolerant.ko")"
	in_chroot "$suite" rm -rf /usr/src/with-vmlinux
done

dir=$CACHE/module/trixie-backports-vmlinux
rm -f "$dir/build.log"
make -s -C "$dir" clean
is "$(cd "$dir" && find . -type f | sort)" \
	"$(cd "${BTF_TOLERANT_SRC:-$TOP}" && find ./Kbuild ./Makefile ./src -name '*.[ch]' -o -name Kbuild -o -name Makefile | sort)" \
	"make clean leaves the sources and nothing else"

# What the source says of kernels that it cannot support
headers=/usr/src/linux-headers-$(cat "$(kernel_dir trixie-backports)/release")
mkdir -p "$dir/no"
refuses() { # REGEX DESCRIPTION LINE...
	local regex=$1 what=$2
	shift 2
	printf '%s\n' "$@" >"$dir/no/config.h"
	fails "$what" 2 "#error \"btf_tolerant needs $regex" in_chroot trixie-backports \
		make -C "/cache/${dir#"$CACHE"/}" KDIR="$headers" \
		KCFLAGS="-include /cache/${dir#"$CACHE"/}/no/config.h"
}
refuses 'Linux 5.11' "5.10 is refused" '#include <linux/version.h>' \
	'#undef LINUX_VERSION_CODE' '#define LINUX_VERSION_CODE KERNEL_VERSION(5, 10, 0)'
refuses 'a kernel with CONFIG_DYNAMIC_FTRACE' "a kernel without dynamic ftrace is refused" \
	'#undef CONFIG_DYNAMIC_FTRACE'
refuses 'an ftrace that can redirect' "an architecture that cannot redirect is refused" \
	'#include <linux/ftrace.h>' '#undef CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS' \
	'#undef CONFIG_DYNAMIC_FTRACE_WITH_REGS'
done_testing
