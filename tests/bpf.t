#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What BPF makes of dropped modules: kfuncs, destructors, light skeletons, CO-RE, fentry.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
ko=$(build_module trixie-backports)
work=$(mktemp -d "$CACHE/bpf.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Their BTF is split from vmlinux, as that of a distro's own modules: out of tree,
# it would be given a base of its own.
once module-bpf build_test_modules trixie-backports "$MODULES/bpf" "$(headers trixie-backports)" bpf \
	LSKEL=1 RESOLVE_BTFIDS_FLAGS=
for m in kfunc_test lskel_test; do
	is "$(readelf -SW "$MODULES/bpf/$m.ko" | grep -oE '\.BTF(\.base)?\b' | xargs)" .BTF \
		"$m has BTF, and no base of its own"
done
mkdir -p "$work/mods"
cp "$MODULES/bpf/"*_test.ko "$work/mods"
"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$work/mods" --base "$dir/vmlinux" --out "$work/other" >&2
objcopy -R .BTF "$MODULES/bpf/kfunc_test.ko" "$work/stripped.ko"

# 100 modules without hardware of another build
rebased=$(rebased "$dir")
mkdir -p "$work/root/many"
while IFS= read -r m; do
	cp "$rebased/$m" "$work/root/many/"
done < <(grep -E '/(nls|keymaps|hwmon|leds|lib)/' "$dir/list" | sed -n 1,130p)
pack "$work/root" "$work/many.cpio"

kfunc_ids "$work/mods/kfunc_test.ko" >"$work/kfunc.ids"
files=(--file "$work/kfunc.ids:/kfunc.ids")
for f in kfunc core traced; do
	files+=(--file "$(build_bpf "$f"):/$f.o")
done
for m in kfunc_test lskel_test; do
	files+=(--file "$work/mods/$m.ko:/good/$m.ko" --file "$work/other/$m.ko:/bad/$m.ko")
done
guest bpf --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/bpf.guest" --add "$work/many.cpio" \
	--file "$ko:/btf_tolerant.ko" --file "$work/stripped.ko:/stripped/kfunc_test.ko" "${files[@]}" --mem 2G
done_testing
