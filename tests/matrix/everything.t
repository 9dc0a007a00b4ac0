#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# modprobe -a of every module of the newest stock kernel, unaltered and rebased: the same ones
# are loaded afterwards, each with what it depends on.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

suite=trixie-backports
dir=$(kernel_dir "$suite")
release=$(cat "$dir/release")
ko=$(build_module "$suite")
# tests/mutation makes do with the first few.
limit=${LIMIT:-100000}
work=$(mktemp -d "$CACHE/everything.XXXXXX")
trap 'rm -rf "$work"' EXIT

sed -n 's/:.*//p' "$dir/lib/modules/$release/modules.dep" | not_tests | sort | sed -n "1,${limit}p" >"$work/list"
n=$(wc -l <"$work/list")
ok "at least 4,000 modules ($n)" [ "$n" -ge $((limit < 4000 ? limit : 4000)) ]
sed 's|.*/||; s|\.ko.*||' "$work/list" >"$work/names"

# all NAME: the modules in $work/NAME, as an archive, ready for modprobe
all() {
	cp "$dir/release" "$work/$1/"
	cp "$dir/lib/modules/$release/"modules.{order,builtin,builtin.modinfo} "$work/$1/lib/modules/$release/"
	pack_modules "$work/$1" "$work/$1.cpio"
	rm -r "${work:?}/$1"
}
# boot NAME OPTION...: what is loaded afterwards goes to $work/NAME.loaded
boot() {
	local name=$1
	shift
	guest "everything-$name" --cpus 1 --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/everything.guest" \
		--add "$work/$name.cpio" --file "$work/names:/names" --append log_buf_len=32M --mem 6G \
		--timeout 3600 --data "$work/$name.data" "$@"
	tr -d '\r' <"$work/$name.data" >"$work/$name.out"
	sed -n 's/^loaded //p' "$work/$name.out" | grep -vx btf_tolerant >"$work/$name.loaded"
}

# What the stock kernel makes of its own modules has nothing of ours in it: kept.
reference=$dir/everything.$(key "$work/list" "$TOP/tests/vm/everything.guest")
if [ ! -s "$reference" ]; then
	mkdir -p "$work/own/lib/modules/$release"
	sed -n 's/:.*//p' "$dir/lib/modules/$release/modules.dep" |
		unpack_modules "$dir/lib/modules/$release" "$work/own/lib/modules/$release"
	all own
	boot own
	grep -q '^over' "$work/own.out" && cp "$work/own.loaded" "$reference"
	rm "$work/own.cpio"
fi
"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$dir/lib/modules" --base "$dir/vmlinux" \
	--out "$work/other/lib/modules" >&2
all other
boot other --file "$ko:/btf_tolerant.ko"

m=$(wc -l <"$reference")
ok "stock loads at least nine of ten of its own ($m of $n)" [ $((m * 10)) -ge $((n * 9)) ]
same "$reference" "$work/other.loaded" "with btf_tolerant the same $m of another build are loaded"
done_testing
