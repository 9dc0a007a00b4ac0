#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel that asks for signatures, or is locked down; the debug kernel.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(debug_dir)
work=$(mktemp -d "$CACHE/signed.XXXXXX")
trap 'rm -rf "$work"' EXIT
ko=$(build_debug_module)
sign_debug_module "$ko" "$work/signed.ko"
# B's module as its build has signed it, with one bit changed, and without signature
bad=$(find "$dir/b/lib" -name dummy.ko)
strip --strip-debug -o "$work/unsigned.ko" "$bad"
{ head -c 1000 "$bad"; printf '\377'; tail -c +1002 "$bad"; } >"$work/changed.ko"
# BTF that fits, as /dev/btf_tolerant takes it
{ printf 'dummy\0'; objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc \
	"$(find "$dir/a/lib" -name dummy.ko)" /dev/stdout; } >"$work/restore"
# NAME, sig_enforce, lockdown
while read -r name enforce lockdown; do
	guest "signed-$name" --cpus 1 --kernel "$dir/a/vmlinuz" --script "$TOP/tests/vm/signed.guest" \
		--file "$ko:/btf_tolerant.ko" --file "$work/signed.ko:/signed.ko" \
		--file "$bad:/bad.ko" --file "$work/restore:/restore" --file "$work/unsigned.ko:/unsigned.ko" --file "$work/changed.ko:/changed.ko" \
		--file "$(find "$dir/a/lib" -name veth.ko):/good.ko" \
		--append "module.sig_enforce=$enforce lockdown=$lockdown want=$lockdown,$enforce" --mem 2G --timeout 600 </dev/null
done <<'TABLE'
enforced 1 none
integrity 0 integrity
confidentiality 0 confidentiality
TABLE
done_testing
