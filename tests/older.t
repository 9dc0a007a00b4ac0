#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Stock kernels of Debian 12 and 13: other ftrace, sysctl and module APIs.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

work=$(mktemp -d "$CACHE/older.XXXXXX")
trap 'rm -rf "$work"' EXIT
for suite in bookworm trixie; do
	dir=$(kernel_dir "$suite")
	one=$(one_mismatched "$dir")
	ko=$(build_module "$suite")
	is "$(grep -iE 'warning|error' "$MODULES/$suite/build.log")" "" \
		"$(cat "$dir/release"): no warning at W=1"
	files=()
	grep -E '/(crc7|veth|tcp_bbr|tcp_dctcp|lzo)\.ko$' "$dir/list" | sed 's|^|/plain/|' >"$work/list"
	while IFS= read -r m; do
		files+=(--file "$dir$m:$m")
	done <"$work/list"
	# What this kernel's parser may take although it is wrong: one string more at the start
	wrong=$(rebased "$dir" --types 0 --strings 1 --at 1)
	grep -E '/(gpio-regmap|led-class-multicolor|crc7|cpufreq_powersave|inv_sensors_timestamp|memconsole|crc-itu-t)\.ko$' \
		"$dir/list" >"$work/wrong"
	sed 's|^|/wrong/|' "$work/wrong" >"$work/wrong.list"
	while IFS= read -r m; do
		files+=(--file "$wrong/$m:/wrong/$m")
	done <"$work/wrong"
	files+=(--file "$work/wrong.list:/wrong.list")
	guest "older-$suite" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/older.guest" \
		--file "$ko:/btf_tolerant.ko" --file "$work/list:/list" --add "$one" "${files[@]}"
done
done_testing
