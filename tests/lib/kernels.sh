# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The functional core on one kernel, whatever it is: what stable-kernels.t, arm64.t and
# matrix/kernels.t have in common. Each ends with the kernel's row of the table.

# shellcheck source=tests/lib/tree.sh
. "$(dirname "${BASH_SOURCE[0]}")/tree.sh"

# row RELEASE ARCH FLAVOUR MODULE LOG: its row, as far as it is known before it has been counted.
# The compiler is what the kernel says of itself when it boots.
row() {
	local compiler in=notifier
	compiler=$(sed -nE '/Linux version/{s/.*(gcc|clang)[^.]*[^0-9]([0-9]+\.[0-9]+\.[0-9]+).*/\1 \2/p;q}' \
		"$LOGS/$5.log")
	[ -z "$(readelf -sW "$4" | grep ' hook_enter$' || true)" ] || in="$in, init's calls"
	diag "row: $1 | $2 | $3 | $compiler | $in"
}

# Rows are kept for as long as src/ is the same.
rows=$CACHE/rows/$(key "${BTF_TOLERANT_SRC:-$TOP}"/src/*.[ch])

# src_commit: which src/ that is
src_commit() {
	local commit changed
	commit=$(git -C "$TOP" log -1 --abbrev=7 --format=%h -- src 2>/dev/null || true)
	changed=$(git -C "$TOP" status --porcelain -- src 2>/dev/null || true)
	echo "${commit:-unknown}${changed:+, changed}"
}

# keep_row NAME ROW PASSED FAILED: ROW is what row() says of it
keep_row() {
	mkdir -p "$rows"
	echo "| ${2#\# row: } | $3 of $(($3 + $4)) |" | tee "$rows/$1" | sed "s/^/# /; s/\$/ $(src_commit) |/"
}

# new_rows: first what tests/kernels/list has, then trees
new_rows() {
	local kind name rest
	while read -r kind name rest; do
		[ "${kind:0:1}" = "#" ] || [ ! -f "$rows/$name" ] || cat "$rows/$name"
	done <"$TOP/tests/kernels/list"
	find "$rows" -name 'tree-*' | sort -V | xargs -r cat
}

# table PAGE: its first table, with each new row in place of the one that it has of that kernel: of
# the same flavour, whatever its version, or a tree of the same series. Trees come last.
table() {
	echo "| kernel | architecture | flavour | compiler | in place of | tests passed | src/ |"
	echo "|---|---|---|---|---|---|---|"
	new_rows >"$rows.new"
	awk -v commit="$(src_commit)" '
		function kernel(row,  f) {
			split(row, f, / *[|] */)
			if (f[4] !~ /^tree/) return f[3] " " f[4]
			match(f[2], /^[0-9]+[.][0-9]+/)
			return f[3] " tree " substr(f[2], 1, RLENGTH) (f[4] ~ /option on/)
		}
		function put(row) {
			print (row ~ /^[|][^|]*[|][^|]*[|] tree/ ? "1 " : "0 " ++n " ") row
		}
		FILENAME == ARGV[1] { name[++rows] = kernel($0); new[name[rows]] = $0 " " commit " |"; next }
		!/^[|]/ { if (lines) exit; next }
		++lines > 2 { k = kernel($0); put(k in new ? new[k] : $0); delete new[k] }
		END { for (i = 1; i <= rows; i++) if (name[i] in new) put(new[name[i]]) }' "$rows.new" "$1" |
		sort -V | sed 's/^[^|]*//'
}

# write_table: into docs/KERNELS.md, as its first; not another checkout's (tests/mutation)
write_table() {
	local md=$TOP/docs/KERNELS.md
	[ -z "${BTF_TOLERANT_SRC:-}" ] || return 0
	mkdir -p "$rows"
	table "$md" >"$rows.table"
	awk -v table="$rows.table" '
		/^\|/ && !done { if (!there++) while ((getline line <table) > 0) print line; next }
		there { done = 1 }
		{ print }' "$md" >"$rows.md"
	cp "$rows.md" "$md"
}

# test_built RELEASE MODULE
test_built() {
	ok "$1: no warning at W=1" no_warning "${2%/*}/build.log"
	ok "$1: no BTF in the module" no_btf "$2"
}

# test_core NAME DIR MODULE RUN-OPTION...: on the kernel of DIR, which is without the upstream
# option: the functional core, and tracers on the same function
test_core() {
	local name=$1 dir=$2 ko=$3 one wrong work m
	shift 3

	one=$(one_mismatched "$dir")
	wrong=$(rebased "$dir" --types 0 --strings 1 --at 1)
	work=$(mktemp -d "$CACHE/core.XXXXXX")
	# shellcheck disable=SC2064 # now
	trap "rm -rf '$work'" EXIT
	mkdir "$work/root"
	sample <"$dir/list" >"$work/list"
	while IFS= read -r m; do
		mkdir -p "$work/root/plain/${m%/*}" "$work/root/wrong/${m%/*}"
		cp "$dir/plain/$m" "$work/root/plain/$m"
		cp "$wrong/$m" "$work/root/wrong/$m"
	done <"$work/list"
	pack "$work/root" "$work/modules.cpio"
	cat "$TOP"/tests/vm/{core,coexistence}.guest >"$work/guest"
	guest "$name" --kernel "$dir/vmlinuz" --script "$work/guest" --add "$one" \
		--add "$work/modules.cpio" --file "$ko:/btf_tolerant.ko" --file "$work/list:/list" \
		--append rcupdate.rcu_expedited=1 --timeout 1500 "$@"
	rm -rf "$work"
	trap - EXIT
}

# test_option NAME DIR MODULE RUN-OPTION...: on one that has the upstream option
test_option() {
	local name=$1 dir=$2 ko=$3 one wrong work m files=()
	shift 3

	one=$(one_mismatched "$dir")
	work=$(mktemp -d "$CACHE/option.XXXXXX")
	# shellcheck disable=SC2064 # now
	trap "rm -rf '$work'" EXIT
	grep -E '/(crc7|veth|tcp_bbr|tcp_dctcp|lzo)\.ko$' "$dir/list" | sed 's|^|/plain/|' >"$work/list"
	while IFS= read -r m; do
		files+=(--file "$dir$m:$m")
	done <"$work/list"
	# What this kernel's parser may take although it is wrong: one string more at the start
	wrong=$(rebased "$dir" --types 0 --strings 1 --at 1)
	grep -E '/(gpio-regmap|led-class-multicolor|crc7|cpufreq_powersave|inv_sensors_timestamp|memconsole|crc-itu-t|nls_iso8859-[0-9]+|mac-[a-z]+)\.ko$' \
		"$dir/list" >"$work/wrong"
	sed 's|^|/wrong/|' "$work/wrong" >"$work/wrong.list"
	while IFS= read -r m; do
		files+=(--file "$wrong/$m:/wrong/$m")
	done <"$work/wrong"
	guest "$name" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/stable-kernels.guest" --timeout 600 \
		--file "$ko:/btf_tolerant.ko" --file "$work/list:/list" --file "$work/wrong.list:/wrong.list" \
		--add "$one" "${files[@]}" "$@"
	rm -rf "$work"
	trap - EXIT
}

# test_stock SUITE[-FLAVOUR]: Debian's kernel for amd64, as it is
test_stock() {
	local dir ko release how=test_core

	dir=$(kernel_dir "$1")
	release=$(cat "$dir/release")
	ko=$(build_module "$1")
	test_built "$release" "$ko"
	! grep -q '^CONFIG_MODULE_ALLOW_BTF_MISMATCH=y' \
		"$CACHE/chroot/$(suite_of "$1")/usr/src/linux-headers-$release/.config" || how=test_option
	"$how" "stock-$1" "$dir" "$ko"
	row "$release" amd64 "Debian $(suite_of "$1"), $(flavour_of "$1")$([ "$how" = test_core ] || echo ', option on')" \
		"$ko" "stock-$1"
}

# test_arch ARCH: Debian's kernel for another architecture
test_arch() {
	local dir ko

	dir=$(kernel_dir "$(arch_kernel "$1")")
	ko=$(build_module "$(arch_kernel "$1")")
	arch_line "$1"
	test_built "$(cat "$dir/release")" "$ko"
	test_core "$1" "$dir" "$ko" --arch "$1"
	row "$(cat "$dir/release")" "$1" "Debian $arch_suite" "$ko" "$1"
}

# test_source NAME SUITE [FRAGMENT|MAKE ARG...]: the linux-source of SUITE, option off
test_source() {
	local name=$1 suite=$2
	shift 2

	test_tree "$name" "$suite" "$(source_dir "$suite")" "$@"
	row "$(cat "$CACHE/kernel/$name/release")" amd64 "$name from source of $suite${*:+, $*}" \
		"$MODULES/$name/btf_tolerant.ko" "$name-modules"
}
