#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two builds of one kernel, with every debug option: the modules of B on A.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(debug_dir)
sed 's/^/# /' "$dir/table"
row() { sed -n "s/^$1  *\([^ ]*\)  *\([^ ]*.*\)/\1 \2/p" "$dir/table"; }
is "$(row release)" "$(cat "$dir/a/release") $(cat "$dir/a/release")" "A and B have the same release"
ok "their modules have the same vermagic" grep -qE '^modules and their vermagic +[0-9]+ +the same$' "$dir/table"
ok "and the same symbol CRCs" grep -qE '^CRCs of exported symbols +[0-9]+ +the same$' "$dir/table"
ok "B's base BTF has other types" awk '/^types in/ { exit !($7 > $6) }' "$dir/table"
ok "B's base BTF has other strings" awk '/^length of/ { exit !($7 > $6) }' "$dir/table"

ko=$(build_debug_module)
work=$(mktemp -d "$CACHE/rebuild.XXXXXX")
trap 'rm -rf "$work"' EXIT
pack_modules "$dir/b" "$work/b.cpio"
guest rebuild --kernel "$dir/a/vmlinuz" --script "$TOP/tests/vm/rebuild.guest" \
	--add "$work/b.cpio" --file "$ko:/btf_tolerant.ko" --mem 2G --timeout 600
done_testing
