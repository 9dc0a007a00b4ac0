#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make modules whose BTF was generated for another build of the same kernel,
# in order to reproduce "failed to validate module [x] BTF: -22".

set -euo pipefail

prog=${0##*/}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
	cat <<USAGE
Usage: $prog source --tree DIR --out DIR [--config FILE] [--jobs N]
       $prog rebase --modules DIR --base FILE --out DIR
                    [--at ID] [--types N] [--strings N] [--list FILE]
       $prog --help

source   Build the kernel tree DIR twice, with one release string and one
         config: OUT/a as it is, OUT/b with two more functions in vmlinux.
         Each gets vmlinux, vmlinuz, config and lib/modules. Ends with a table
         of what is the same in both and what is not. Run it again to resume.
           --tree DIR     a clean kernel source tree (5.11 or later)
           --config FILE  its configuration (default: the tree's .config)
           --jobs N       parallel jobs (default: number of CPUs)
         ARCH, CROSS_COMPILE, LLVM and CC are taken from the environment.

rebase   Take the modules below DIR (.ko, .ko.gz, .ko.xz, .ko.zst) and rewrite
         their split BTF to what it would be had vmlinux some more types and
         strings. Nothing else in them changes, save that a signature, which
         could no longer be right, is cut off.
           --base FILE    the BTF that they were made for: /sys/kernel/btf/vmlinux
                          or a vmlinux with a .BTF section
           --at ID        put the further types before this type of the base
                          (default: before its first FUNC)
           --types N      how many types (default 4: two FUNC, two FUNC_PROTO)
           --strings N    how many strings (default 2: the two functions' names)
           --list FILE    only these modules: paths relative to DIR, one a line
         OUT gets the modules, uncompressed, in DIR's layout, and base.btf, the
         altered base that they match. What an earlier run with the same options
         has done is kept.

Exit status: 0 done, 1 something failed, 2 usage.
USAGE
}

die() { echo "$prog: $*" >&2; exit 1; }
bad_usage() { echo "$prog: $*" >&2; echo "Try '$prog --help'." >&2; exit 2; }
say() { echo "$prog: $*" >&2; }

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || die "$tool is not installed"
	done
}

# fresh FILE SOURCE...: it is there, and no older than its source
fresh() { [ -x "$1" ] && [ -z "$(find "${@:2}" -newer "$1")" ]; }

# Set $rebase to the tool that reads and rewrites BTF: next to this script, built in the
# checkout, or installed. If there is none that runs here, it is built into DIR.
find_tool() {
	local dir=$1 tools=$here/../tools t sources
	sources=("$tools"/{btf-rebase,btf_validate,btf_visit,elf_file,util}.c)

	for t in "$here/btf-rebase" "$tools/btf-rebase" "$(command -v btf-rebase || true)"; do
		"$t" --help >/dev/null 2>&1 || continue
		[ "$t" != "$tools/btf-rebase" ] || fresh "$t" "${sources[@]}" || continue
		rebase=$t
		return
	done
	[ -f "${sources[0]}" ] || die "btf-rebase is not installed"
	rebase=$dir/btf-rebase
	if ! fresh "$rebase" "${sources[@]}"; then
		need "${HOSTCC:-cc}"
		"${HOSTCC:-cc}" -O2 -Wall -o "$rebase.tmp" "${sources[@]}" -lbpf -lelf ||
			die "cannot build btf-rebase (needs the headers of libbpf and libelf)"
		mv "$rebase.tmp" "$rebase"
	fi
}

# --- source -----------------------------------------------------------------

# Everything that could make two builds of one tree differ is fixed here.
kmake() {
	local objdir=$1
	shift
	make -C "$tree" O="$objdir" -j"$jobs" LOCALVERSION= KBUILD_BUILD_VERSION=1 \
	     KBUILD_BUILD_USER=btf KBUILD_BUILD_HOST=tolerant \
	     KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 2026" "$@"
}

config_has() { grep -qx "$2" "$1/.config"; }

configure() {
	local dir=$1 opt

	mkdir -p "$dir"
	# An unchanged config keeps its time stamp, and make has nothing to do.
	cmp -s "$config" "$dir/config.asked" && return 0
	cp "$config" "$dir/.config"
	kmake "$dir" olddefconfig >/dev/null
	for opt in MODULES MODVERSIONS DEBUG_INFO_BTF DEBUG_INFO_BTF_MODULES; do
		config_has "$dir" "CONFIG_$opt=y" ||
			die "the configuration does not have CONFIG_$opt=y after olddefconfig"
	done
	cp "$config" "$dir/config.asked"
}

build() {
	local name=$1 dir=$2 log=$3
	shift 3

	say "building $name (log: $log)"
	if ! kmake "$dir" "$@" >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "the build of $name failed"
	fi
}

# install_build SRC DEST [MAKE ARG...]: a whole DEST, or none
install_build() {
	local dir=$1 dest=$2
	shift 2

	rm -rf "$dest.tmp"
	mkdir -p "$dest.tmp"
	kmake "$dir" "$@" INSTALL_MOD_PATH="$dest.tmp" INSTALL_MOD_STRIP=1 \
		modules_install >"$dest.log" 2>&1 || die "modules_install failed, see $dest.log"
	rm -f "$dest.tmp"/lib/modules/*/build "$dest.tmp"/lib/modules/*/source
	cp "$dir/$(kmake "$dir" -s image_name | tail -n 1)" "$dest.tmp/vmlinuz"
	cp "$dir/vmlinux" "$dir/Module.symvers" "$dest.tmp/"
	cp "$dir/.config" "$dest.tmp/config"
	cp "$dir/include/config/kernel.release" "$dest.tmp/release"
	rm -rf "$dest" "$dest.log"
	mv "$dest.tmp" "$dest"
}

write_header() {
	local header=$1 map=$2 suffix=

	# A tree that keeps them out of line has these names in its BTF already.
	if grep -qE ' (i2c_smbus_check_pec|inet_lhash2_bucket_sk)$' "$map"; then
		suffix=_b
	fi
	cat >"$header.tmp" <<HEADER
/* Two functions that the BTF of the other build does not have. */
struct i2c_msg;
struct inet_hashinfo;
struct inet_listen_hashbucket;
struct sock;

int i2c_smbus_check_pec$suffix(unsigned char cpec, struct i2c_msg *msg);
struct inet_listen_hashbucket *
inet_lhash2_bucket_sk$suffix(struct inet_hashinfo *h, struct sock *sk);

__attribute__((__noinline__, __used__))
int i2c_smbus_check_pec$suffix(unsigned char cpec, struct i2c_msg *msg)
{
	return msg ? cpec : -1;
}

__attribute__((__noinline__, __used__)) struct inet_listen_hashbucket *
inet_lhash2_bucket_sk$suffix(struct inet_hashinfo *h, struct sock *sk)
{
	return h && sk ? (void *)h : (void *)sk;
}
HEADER
	if cmp -s "$header.tmp" "$header"; then
		rm "$header.tmp"
	else
		mv "$header.tmp" "$header"
	fi
}

# One line a module: what the loader compares of it, besides the BTF. The CRCs
# are in Module.symvers: modpost copies them from there into the modules.
module_facts() {
	local ko
	while IFS= read -r ko; do
		printf '%s\t%s\n' "${ko#"$1"/}" "$(modinfo -F vermagic "$ko")"
	done < <(find "$1" -name '*.ko' | sort)
}

row() { printf '%-34s %-32s %s\n' "$@"; }

compare() {
	local a=$1 b=$2 sa sb

	row "" "build A" "build B"
	row "release" "$(cat "$a/release")" "$(cat "$b/release")"
	cmp -s "$a/release" "$b/release" || die "the builds have different release strings"
	cmp -s "$a/config" "$b/config" || die "the builds have different configurations"

	module_facts "$a" >"$out/a.facts"
	module_facts "$b" >"$out/b.facts"
	cmp "$out/a.facts" "$out/b.facts" || die "the modules differ in vermagic"
	row "modules and their vermagic" "$(wc -l <"$out/a.facts")" "the same"
	cmp "$a/Module.symvers" "$b/Module.symvers" || die "the symbol CRCs differ"
	row "CRCs of exported symbols" "$(wc -l <"$a/Module.symvers")" "the same"

	sa=$("$rebase" --stat "$a/vmlinux")
	sb=$("$rebase" --stat "$b/vmlinux")
	row "types in the base BTF" "${sa% *}" "${sb% *}"
	row "length of its strings, bytes" "${sa#* }" "${sb#* }"
	if [ "${sa% *}" = "${sb% *}" ] || [ "${sa#* }" = "${sb#* }" ]; then
		die "the base BTF of the two builds does not differ"
	fi
}

cmd_source() {
	local added

	tree='' out='' config='' jobs=$(nproc)
	while [ $# -gt 0 ]; do
		case $1 in
		--tree) tree=${2:?}; shift 2 ;;
		--out) out=${2:?}; shift 2 ;;
		--config) config=${2:?}; shift 2 ;;
		--jobs) jobs=${2:?}; shift 2 ;;
		*) bad_usage "source: unknown option '$1'" ;;
		esac
	done
	if [ -z "$tree" ] || [ -z "$out" ]; then
		bad_usage "source needs --tree and --out"
	fi
	[ -f "$tree/Kbuild" ] || die "$tree is not a kernel source tree"
	[ -f "$tree/kernel/bpf/sysfs_btf.c" ] || die "$tree is too old: it has no kernel/bpf/sysfs_btf.c"
	config=${config:-$tree/.config}
	[ -f "$config" ] || die "no configuration: $config does not exist (use --config)"
	need make modinfo pahole
	mkdir -p "$out"
	tree=$(cd "$tree" && pwd) out=$(cd "$out" && pwd) config=$(realpath "$config")
	find_tool "$out"

	configure "$out/a.build"
	build A "$out/a.build" "$out/a.log"
	if [ ! -d "$out/b.build" ]; then
		say "copying A's objects for B"
		rm -rf "$out/b.build.tmp"
		cp -a "$out/a.build" "$out/b.build.tmp"
		mv "$out/b.build.tmp" "$out/b.build"
	fi
	configure "$out/b.build"
	write_header "$out/added.h" "$out/a.build/System.map"
	# This object is in every vmlinux that has BTF, and in nothing else.
	added="CFLAGS_sysfs_btf.o=-include $out/added.h"
	build B "$out/b.build" "$out/b.log" "$added"

	install_build "$out/a.build" "$out/a"
	install_build "$out/b.build" "$out/b" "$added"
	compare "$out/a" "$out/b"
}

# --- rebase -----------------------------------------------------------------

unpack_module() {
	case $1 in
	*.ko) cat "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dqc "$1" ;;
	esac
}

cmd_rebase() {
	local modules='' base='' list='' at=0 types=4 strings=2 rel dest todo asked

	out=''
	while [ $# -gt 0 ]; do
		case $1 in
		--modules) modules=${2:?}; shift 2 ;;
		--base) base=${2:?}; shift 2 ;;
		--out) out=${2:?}; shift 2 ;;
		--at) at=${2:?}; shift 2 ;;
		--types) types=${2:?}; shift 2 ;;
		--strings) strings=${2:?}; shift 2 ;;
		--list) list=${2:?}; shift 2 ;;
		*) bad_usage "rebase: unknown option '$1'" ;;
		esac
	done
	if [ -z "$modules" ] || [ -z "$base" ] || [ -z "$out" ]; then
		bad_usage "rebase needs --modules, --base and --out"
	fi
	[ -d "$modules" ] || die "$modules is not a directory"
	[ -f "$base" ] || die "$base does not exist"
	[ -z "$list" ] || [ -f "$list" ] || die "$list does not exist"
	mkdir -p "$out"
	out=$(cd "$out" && pwd)
	find_tool "$out"
	asked="$at $types $strings $(sha256sum <"$base")"
	if [ "$asked" != "$(cat "$out/asked" 2>/dev/null)" ]; then
		find "$out" -name '*.ko' -delete
		echo "$asked" >"$out/asked"
	fi

	todo=$(mktemp "$out/todo.XXXXXX")
	# shellcheck disable=SC2064 # the name is known now
	trap "sed 's/\$/.new/' '$todo' | tr '\\n' '\\0' | xargs -0r rm -f; rm -f '$todo'" EXIT
	if [ -n "$list" ]; then
		cat "$list"
	else
		(cd "$modules" && find . -name '*.ko' -o -name '*.ko.gz' -o -name '*.ko.xz' -o -name '*.ko.zst')
	fi | sed 's|^\./||' | sort | while IFS= read -r rel; do
		dest=${rel%.gz} dest=${dest%.xz} dest=${dest%.zst}
		[ -f "$modules/$rel" ] || die "$modules/$rel does not exist"
		[ "$out/$dest" -nt "$modules/$rel" ] && continue
		mkdir -p "$(dirname "$out/$dest")"
		# Under another name until it is rewritten: a run that was cut
		# short leaves no module behind that looks done.
		unpack_module "$modules/$rel" >"$out/$dest.new" || die "cannot unpack $rel"
		printf '%s\n' "$out/$dest"
	done >"$todo"
	"$rebase" --base "$base" --out-base "$out/base.btf" \
		--at "$at" --types "$types" --strings "$strings" <"$todo" ||
		die "not every module could be rewritten"
	[ ! -s "$todo" ] || say "$(wc -l <"$todo") modules in $out"
}

case ${1:-} in
-h | --help) usage ;;
source | rebase) cmd=$1; shift; "cmd_$cmd" "$@" ;;
'') usage >&2; exit 2 ;;
*) bad_usage "unknown command '$1'" ;;
esac
