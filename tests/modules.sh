#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every module without dependencies of a stock kernel, unaltered and rebased. With SUITE set;
# VERIFY=1: with policy 2, too. LIMIT=N: N of them, from all over the list.
# modules-*.t are this: see tests/variants.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir "${SUITE:?}")
limit=${LIMIT:-100000}
rebased_dir=$(rebased "$dir")
ko=$(build_module "$SUITE")
work=$(mktemp -d "$CACHE/modules.XXXXXX")
trap 'rm -rf "$work"' EXIT

# archive NAME DIR: the modules below DIR as a cpio, under /NAME
archive() {
	local out=$dir/$1.cpio
	if [ ! -f "$out" ] || [ "$2/asked" -nt "$out" ]; then
		mkdir "$work/$1.root"
		cp -r "$2" "$work/$1.root/$1"
		pack "$work/$1.root" "$out"
		rm -r "$work/$1.root"
	fi
	echo "$out"
}

# boot PASSES ARCHIVE
boot() {
	# With one CPU: a module's code is patched a hundred times, and each CPU is told each time.
	guest "$SUITE-$1" --cpus 1 --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/modules.guest" \
		--add "$2" --file "$work/list:/list" --file "$ko:/btf_tolerant.ko" \
		--append "PASSES=$1 log_buf_len=32M" --mem 4G --timeout 900 --data "$work/data.$1"
}

# results FILE PASS: "module errno btf" a line; log FILE PASS: its kernel log, but for what
# kernels say of time on a host that is busy
results() { tr -d '\r' <"$1" | sed -n "/^pass $2\$/,/^pass /{s|^/[a-z]*/||p}" | grep -v '^log '; }
log() { tr -d '\r' <"$1" | sed -n "/^pass $2\$/,/^pass /s/^log //p" | grep -vE '^(clocksource|hrtimer|perf|workqueue|sched): ' || true; }
count() { wc -l <"$1"; }

plain_cpio=$(archive plain "$dir/plain")
rebased_cpio=$(archive rebased "$rebased_dir")

awk -v limit="$limit" 'NR == FNR { all++; next }
	int(FNR * limit / all) > int((FNR - 1) * limit / all)' "$dir/list" "$dir/list" >"$work/list"
# What the stock kernel makes of its own modules has nothing of ours in it: kept.
reference=$dir/plain.$(key "$work/list" "$TOP/tests/vm/modules.guest" "$(build_tool modload)")
if [ ! -f "$reference" ]; then
	boot plain "$plain_cpio"
	results "$work/data.plain" plain >"$reference.tmp"
	[ "$(count "$reference.tmp")" != "$(count "$work/list")" ] || mv "$reference.tmp" "$reference"
fi
cp "$reference" "$work/plain"
boot plain-loaded "$plain_cpio"
boot rebased "$rebased_cpio"
results "$work/data.plain-loaded" plain-loaded >"$work/plain-loaded"
for p in stock strict tolerant; do
	results "$work/data.rebased" "$p" >"$work/$p"
	log "$work/data.rebased" "$p" >"$work/$p.log"
done

n=$(count "$work/list")
ok "$SUITE: at least 1,000 modules ($n)" [ "$n" -ge "$((limit < 1000 ? limit : 1000))" ]
for p in plain plain-loaded stock strict tolerant; do
	is "$(count "$work/$p")" "$n" "$SUITE: pass $p has a result for each"
done

# Stock
awk -F'\t' '$2 == 22' "$work/stock" >"$work/einval"
ok "$SUITE: stock refuses at least 98 % with -22 ($(count "$work/einval") of $n)" \
	[ $((100 * $(count "$work/einval"))) -ge $((98 * n)) ]
# The parser's other answer that is seen: ELOOP, for a chain of modifiers.
awk -F'\t' '$2 == 22 || $2 == 40' "$work/stock" >"$work/refused"
is "$(grep -c 'failed to validate module' "$work/stock.log")" "$(count "$work/refused")" \
	"$SUITE: and says for each: failed to validate module"

# Policy 0: the same errnos and the same lines
same "$work/stock" "$work/strict" "$SUITE: policy 0 has stock's result for every module"
same "$work/stock.log" "$work/strict.log" "$SUITE: policy 0 has stock's kernel log, line for line"

# Policy 1: the results of the unaltered modules
cut -f1,2 "$work/plain" >"$work/plain.errno"
cut -f1,2 "$work/tolerant" >"$work/tolerant.errno"
cut -f1,2 "$work/plain-loaded" >"$work/plain-loaded.errno"
same "$work/plain.errno" "$work/tolerant.errno" \
	"$SUITE: policy 1 has the unaltered module's result for every rebased one"
same "$work/plain.errno" "$work/plain-loaded.errno" \
	"$SUITE: unaltered modules have the same results with btf_tolerant"

# What is published
is "$(awk -F'\t' '$2 == 0 && $3 != "same"' "$work/plain")" "" \
	"$SUITE: stock publishes each unaltered module's .BTF section to the byte"
same "$work/plain" "$work/plain-loaded" "$SUITE: and so it does with btf_tolerant"
cut -f1 "$work/refused" >"$work/refused.names"
is "$(grep -Fwf "$work/refused.names" "$work/tolerant" | awk -F'\t' '$3 != "none"')" "" \
	"$SUITE: a dropped module has no file in /sys/kernel/btf"
is "$(grep -vFwf "$work/refused.names" "$work/tolerant" | awk -F'\t' '$2 == 0 && $3 != "same"')" "" \
	"$SUITE: one that the kernel accepts has, and it is its own"

# Policy 2, on one kernel: the same results, and the parser is not asked for what the
# check found. A boot of its own: some modules cannot be unloaded again.
[ -n "${VERIFY:-}" ] || { done_testing; exit; }
boot verify "$rebased_cpio"
results "$work/data.verify" verify >"$work/verify"
log "$work/data.verify" verify >"$work/verify.log"
is "$(count "$work/verify")" "$n" "$SUITE: pass verify has a result for each"
cut -f1,2 "$work/verify" >"$work/verify.errno"
same "$work/plain.errno" "$work/verify.errno" \
	"$SUITE: policy 2 has the unaltered module's result for every rebased one"
mkdir "$work/btf"
(cd "$rebased_dir" && "$(build_tool btf_names)" --dump "$work/btf" <"$work/list") >"$work/odd"
is "$(cat "$work/odd")" "" "$SUITE: each has BTF, and no base of its own"
find "$work/btf" -name '*.btf' | "$(build_tool btf_names)" "$dir/vmlinux" >"$work/verdicts"
is "$(awk -F'\t' '$2 == "unknown"' "$work/verdicts")" "" "$SUITE: the check can judge each"
awk -F'\t' '$2 == "fits" { sub(/.*\//, "", $1); sub(/\.btf$/, "", $1); print "/" $1 }' "$work/verdicts" >"$work/fits"
diag "policy 2 keeps the BTF of $(xargs <"$work/fits")"
ok "$SUITE: policy 2 finds at least 99 % (all but $(count "$work/fits"))" \
	[ "$(count "$work/fits")" -le $((n / 100 + 1)) ]
is "$(grep -vFf "$work/fits" "$work/verify" | awk -F'\t' '$3 == "same"')" "" \
	"$SUITE: and publishes none of those that it found"
# Of those that it does not find the parser may speak.
sed 's|^/|[|; s|\.ko$|]|; y|-|_|' "$work/fits" >"$work/fits.names"
is "$(grep 'failed to validate' "$work/verify.log" | grep -vFf "$work/fits.names" | head -n 5)" "" \
	"$SUITE: with policy 2 the kernel's parser refuses none that was found"
# What it says of a module comes before its name.
is "$(awk '/BPF:/ { said = said $0 "\n" } /failed to validate/ { said = "" } END { printf "%s", said }' "$work/verify.log" | head -n 5)" "" \
	"$SUITE: and has nothing to say"
done_testing
