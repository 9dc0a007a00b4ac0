#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf-doctor diff: each way in which a type can differ; and pairs of real kernels: one source built
# twice, what the mirror has of one version by two compilers and of two versions, and another
# configuration.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages "${BUILD_PACKAGES[@]}" clang pahole
doctor=$(build_tools)/btf-doctor
backports=$(kernel_dir trixie-backports)
sid=$(kernel_dir sid)
once kernel-debug get_debug_kernel
debug=$CACHE/kernel/debug
work=$(mktemp -d "$CACHE/doctor-diff.XXXXXX")
trap 'rm -rf "$work"' EXIT

# differs OPTION...: diff in $work/out, $work/err; its exit status in $status; the numbers
# of its summary in $named, $differ, $missing, $added
differs() {
	status=0
	"$doctor" diff "$@" >"$work/out" 2>"$work/err" || status=$?
	read -r named differ missing added <<<"$(sed -n 's/ named types: / /; s/ differ, / /
		s/ missing, / /; s/ added$//p' "$work/err")"
}

ok "diff --help" grep -q -- '--used-by' <<<"$("$doctor" diff --help)"
fails "diff of one kernel is a usage error" 2 "needs two kernels" "$doctor" diff "$sid/vmlinux"
fails "an unknown option, too" 2 "unknown option '--x'" "$doctor" diff --x
fails "what is no module uses nothing" 2 "ls: is not a kernel module" \
	"$doctor" diff --used-by /bin/ls "$sid/vmlinux" "$sid/vmlinux"
fails "a kernel that is not there" 2 "none: No such file" "$doctor" diff "$sid/vmlinux" "$work/none"
fails "modules that are not there" 2 "none: No such file" \
	"$doctor" diff --used-by "$work/none" "$sid/vmlinux" "$sid/vmlinux"

# Each kind of difference, in types made for it.
clang -target bpf -g -O2 -c "$TOP/tests/doctor/types.c" -o "$work/old.o"
clang -target bpf -g -O2 -DNEW -c "$TOP/tests/doctor/types.c" -o "$work/new.o"
differs "$work/old.o" "$work/new.o"
is "$status" 1 "types that differ in each way"
same "$work/out" "$TOP/tests/doctor/types.diff" "are listed with how, and no others"
differs "$work/new.o" "$work/old.o"
is "$(grep -c . "$work/out")" "$(grep -c . "$TOP/tests/doctor/types.diff")" "the other way round as many"
differs "$work/old.o" "$work/old.o"
is "$status $(cat "$work/out")" "0 " "a kernel and itself"

# One source, built twice: nothing that has a name differs.
differs "$debug/a/vmlinux" "$debug/b/vmlinux"
is "$status $differ $missing $added" "0 0 0 0" "the debug kernel, built twice ($named named types)"
ok "it has thousands" [ "$named" -gt 5000 ]

# Debian's, of each two suites. The versions are what the mirror has today.
upstream() { sed 's/[+-].*//' "$1/release"; }
pair() { # OLD NEW
	local old new
	old=$(upstream "$1") new=$(upstream "$2")
	differs "$1/vmlinux" "$2/vmlinux"
	diag "$(cat "$1/release"), $(cat "$2/release"): $(cat "$work/err")"
	ok "$old has more than 13,000 named types" [ "$named" -gt 13000 ]
	if [ "$old" = "$new" ]; then
		ok "$old by two compilers: two types at most" [ $((differ + missing)) -le 2 ]
	elif [ "${old%.*}" = "${new%.*}" ]; then
		ok "$old and $new, of one series: some types differ, at most 200" \
			[ $((differ + missing)) -gt 0 -a $((differ + missing)) -le 200 ]
	else
		ok "$old and $new, of two series: hundreds do" \
			[ $((differ + missing)) -gt 100 -a $((differ + missing)) -lt 3000 ]
	fi
	is "$(grep -c '^struct mm_struct	' "$work/out")" "$(mm "$1" "$2")" "$old and $new: pahole says the same of mm_struct"
}
# mm OLD NEW: 1 if mm_struct differs for pahole, which writes it as C
mm() {
	pahole -C mm_struct "$1/vmlinux" >"$work/mm.old" 2>/dev/null
	pahole -C mm_struct "$2/vmlinux" >"$work/mm.new" 2>/dev/null
	grep -q 'struct mm_struct {' "$work/mm.old" || echo "no mm_struct"
	cmp -s "$work/mm.old" "$work/mm.new" && echo 0 || echo 1
}
pair "$(kernel_dir forky)" "$sid"
pair "$sid" "$backports"
different=$sid/vmlinux
[ "$(upstream "$sid")" != "$(upstream "$backports")" ] || different=$(kernel_dir forky)/vmlinux
is "$(wc -l <"$work/out")" $((differ + missing + added)) "each has its line"
is "$(cut -f1 "$work/out" | sort | uniq -d)" "" "and no type two"
cp "$work/out" "$work/one-way"
differs "$backports/vmlinux" "$sid/vmlinux"
is "$(cut -f1 "$work/out" | sort)" "$(cut -f1 "$work/one-way" | sort)" "the other way round the same types"
differs "$sid/vmlinuz" "$backports/vmlinuz"
same "$work/out" "$work/one-way" "the images say what the vmlinux files say"
differs "$backports/vmlinux" "$debug/a/vmlinux"
ok "another configuration: hundreds of types ($differ of $named)" [ "$differ" -gt 100 ]

# Which of them modules use. The old base is the modules'.
m=$backports/plain/$(grep -m 1 /dummy.ko "$backports/list")
differs "$backports/vmlinux" "$different"
cut -f1 "$work/out" | sort >"$work/all"
differs --used-by "$backports/plain" "$backports/vmlinux" "$different"
cut -f1 "$work/out" | sort >"$work/used"
is "$(comm -23 "$work/used" "$work/all")" "" "what modules use of it is a part of it"
is "$(cut -f3 "$work/out")" "$(cut -f3 "$work/out" | sort -n)" "nearest first"
is "$(awk -F'\t' 'NF != 4 || $4 !~ /: .*[a-z]/' "$work/out")" "" "each has its way"
is "$(awk -F'\t' '{ sub(/^typedef /, "", $1); if (index($4, $1) == 0) print $1 ": " $4 }' "$work/out")" "" "which ends there"
# Its name is what the terminal gets. An empty directory, or a missing file, is trouble; the rest is printed.
cp "$m" "$work/evil.ko"
objcopy --dump-section ".modinfo=$work/modinfo" "$work/evil.ko"
perl -0777 -pi -e 's/\0name=dummy\0/\0name=d\x1bm\ny\0/ or die' "$work/modinfo"
objcopy --update-section ".modinfo=$work/modinfo" "$work/evil.ko"
mkdir "$work/empty"
for other in "$work/none" "$work/empty"; do
	differs --used-by "$work/evil.ko" --used-by "$other" "$backports/vmlinux" "$different"
	is "$status" 2 "${other##*/}, and a module: trouble"
	ok "what the module uses is printed" [ -s "$work/out" ]
	is "$(awk -F'\t' 'NF != 4' "$work/out"; grep -c $'\033' "$work/out")" 0 "a line each, and nothing for the terminal"
done
differs --used-by "$m" "$backports/vmlinux" "$backports/vmlinux"
is "$status" 0 "no difference, nothing used"
differs --used-by "$(rebased "$backports")/${m#"$backports"/plain/}" "$backports/vmlinux" "$different"
is "$status" 2 "a module that was not made for the old base is trouble"

# Half a second, for bases that need no unpacking.
seconds=$( { TIMEFORMAT='%U %S'; time "$doctor" diff "$backports/vmlinux" "$sid/vmlinux" >/dev/null 2>&1; } 2>&1 |
	awk '{ print $1 + $2 }' || true)
diag "diff of two bases: $seconds s of CPU"
ok "at most 0.5 s of CPU, twice that on a busy machine" awk -v s="$seconds" 'BEGIN { exit !(s > 0 && s <= 1) }'
done_testing
