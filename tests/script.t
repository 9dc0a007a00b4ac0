#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make-mismatched-build.sh as its users call it.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

script=$TOP/scripts/make-mismatched-build.sh
dir=$(kernel_dir trixie-backports)
install_packages "${CHECK_PACKAGES[@]}"
work=$(mktemp -d "$CACHE/script.XXXXXX")
trap 'rm -rf "$work"' EXIT
m=kernel/drivers/net/dummy.ko
mkdir -p "$work/mods/$(dirname $m)"
echo "$m.xz" | unpack_modules "$dir/lib/modules/$(cat "$dir/release")" "$work/mods"
xz -k "$work/mods/$m"
mv "$work/mods/$m.xz" "$work/mods/kernel/packed.ko.xz"
btf() { objcopy --dump-section .BTF="$2" "$1" /dev/null; }
rebase() { "$script" rebase --modules "$work/mods" --base "$dir/vmlinux" "$@"; }

ok "--help" grep -q -- '--strings N' <<<"$("$script" --help)"
fails "no command is a usage error" 2 Usage "$script"
fails "an unknown one too" 2 "unknown command 'x'" "$script" x
fails "rebase without options" 2 "needs --modules" "$script" rebase
fails "source without options" 2 "needs --tree" "$script" source
fails "an unknown option" 2 "unknown option '--x'" "$script" rebase --x
fails "modules that are not there" 1 "not a directory" \
	"$script" rebase --modules "$work/none" --base "$dir/vmlinux" --out "$work/out"
fails "a base that is not there" 1 "does not exist" \
	"$script" rebase --modules "$work/mods" --base "$work/none" --out "$work/out"
fails "a tree that is none" 1 "not a kernel source tree" \
	"$script" source --tree "$work" --out "$work/out"
ok "rebase" rebase --out "$work/out"
is "$(cd "$work/out" && find . -name '*.ko*' | sort | xargs)" "./$m ./kernel/packed.ko" \
	"it keeps the layout and unpacks"
ok "both are the same" cmp "$work/out/$m" "$work/out/kernel/packed.ko"
before=$(stat -c %Y.%i "$work/out/$m")
ok "rebase again" rebase --out "$work/out"
is "$(stat -c %Y.%i "$work/out/$m")" "$before" "what is done is not done again"

is "$(readelf -SW "$work/out/$m" | sed 1d)" "$(readelf -SW "$work/mods/$m" | sed 1d)" \
	"the module has the same sections"
size=$(stat -c %s "$work/out/$m")
off=$((16#$(readelf -SW "$work/out/$m" | awk '{ sub(/^ *\[ *[0-9]+\] */, "") } $1 == ".BTF" { print $4 }')))
len=$((16#$(readelf -SW "$work/out/$m" | awk '{ sub(/^ *\[ *[0-9]+\] */, "") } $1 == ".BTF" { print $5 }')))
ok "it differs inside .BTF only, but for its signature" test -z \
	"$(cmp -l -n "$size" "$work/out/$m" "$work/mods/$m" | awk -v a="$off" -v b="$len" '$1 <= a || $1 > a + b')"
fails "and it does differ" 1 differ cmp -n "$size" "$work/out/$m" "$work/mods/$m"
btf "$work/out/$m" "$work/new.btf"
btf "$work/mods/$m" "$work/old.btf"
btf "$dir/vmlinux" "$work/base.btf"
# described BASE BTF: its types, each with what it refers to by name and not by number
described() {
	PATH=$PATH:/usr/sbin
	{ bpftool btf dump file "$1"; echo; bpftool -B "$1" btf dump file "$2"; } | awk '
		function name(id) {
			if (!(id in kind) || ++depth > 9)
				return id
			return kind[id] " " (of[id] == "" || kind[id] !~ /anon/ ? "" : "of " name(of[id]))
		}
		{ split($0, t, /[\[\]]/) }
		/^$/ { own = 1; next }
		/^\[/ {
			kind[t[2]] = $2 " " $3
			of[t[2]] = match($0, / (ret_)?type_id=[0-9]+/) ? substr($0, RSTART, RLENGTH) : ""
			sub(/.*=/, "", of[t[2]])
		}
		own { sub(/^\[[0-9]+\]/, ""); lines[++n] = $0 }
		END {
			for (i = 1; i <= n; i++) {
				rest = lines[i]
				while (match(rest, /type_id=[0-9]+/)) {
					depth = 0
					printf "%s%s", substr(rest, 1, RSTART - 1), name(substr(rest, RSTART + 8, RLENGTH - 8))
					rest = substr(rest, RSTART + RLENGTH)
				}
				print rest
			}
		}'
}
described "$work/out/base.btf" "$work/new.btf" >"$work/new.txt"
described "$work/base.btf" "$work/old.btf" >"$work/old.txt"
described "$work/base.btf" "$work/new.btf" >"$work/wrong.txt" || true
same "$work/new.txt" "$work/old.txt" "against the altered base it says what it said before"
fails "against the other base it does not" 1 differ cmp "$work/wrong.txt" "$work/old.txt"
ok "no further types, no strings" rebase --out "$work/none" --types 0 --strings 0
btf "$work/none/$m" "$work/none.btf"
ok "is the module as it was" cmp "$work/none.btf" "$work/old.btf"
ok "and the base as it was" cmp "$work/none/base.btf" "$work/base.btf"
ok "other options redo an old OUT" rebase --out "$work/none" --at 5 --types 1000 --strings 1
read -r types strings <<<"$(btf_stat "$work/base.btf")"
is "$(btf_stat "$work/none/base.btf")" "$((types + 1000)) $((strings + 19))" "1,000 types and one string more"
# Against that base the modules' strings are not where they want them.
fails "a base that is not theirs" 1 "does not fit the base" \
	"$script" rebase --modules "$work/mods" --base "$work/none/base.btf" --out "$work/bad"
is "$(find "$work/bad" -name '*.ko' -o -name '*.new' -o -name 'todo*')" "" "a failure leaves no module behind"
done_testing
