#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Right BTF that is hard to judge: the encoders' own leftovers.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d "$CACHE/pahole.XXXXXX")
trap 'as_root rm -rf "$work"' EXIT
for suite in trixie sid; do
	dir=$(kernel_dir "$suite")
	# As scripts/Makefile.btf does
	in_chroot "$suite" sh -euc '
		cd "$1"
		for f in one two; do gcc -g -O2 -c -o $f.o /src/tests/pahole/$f.c; done
		ld -r -o both.ko one.o two.o
		LLVM_OBJCOPY=objcopy pahole -J -j1 --btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func,decl_tag_kfuncs \
			--lang_exclude=rust --btf_base "$2" both.ko' sh "/cache/${work#"$CACHE"/}" "/cache/kernel/$suite/vmlinux"
	echo "$work/both.ko" | "$(build_tool btf_names)" --dump "$work" >/dev/null
	version=$(in_chroot "$suite" pahole --version)
	is "$(tr '\0' '\n' <"$work/both.ko.btf" | grep -a . | tail -n 1)" last_flag \
		"$version: the last string is a parameter's of a function that was left out"
	is "$(echo "$work/both.ko.btf" | "$(build_tool btf_names)" "$dir/vmlinux" | cut -f2)" fits \
		"$version: that is no reason to drop it"
done
done_testing
