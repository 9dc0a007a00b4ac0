# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What is loaded: modules chosen by the size of their BTF, the largest, and empty ones.
# Sourced by tests/bench/run, whose variables it uses.
# shellcheck disable=SC2154 # tests/bench/run has: dir, release, suite, names, work, out, src

# What waits for timer interrupts to see how fast it is
timed='/\(raid6_pq\|xor\)\.ko$'

# choose KERNEL_DIR: of its modules without dependencies that have BTF, evenly by the size
# of their BTF; and those where it is most of the load, which is 26 M instructions for any
# signature, and some 46 a byte of the file.
choose() {
	local dir=$1
	rm -rf "$work/btf"
	mkdir "$work/btf"
	(cd "$dir/plain" && grep -v "$timed" "$dir/list" >"$work/all"
		"$names" --dump "$work/btf" <"$work/all" >/dev/null)
	# Its path, the size of its BTF, its own
	(cd "$dir/plain" && while IFS= read -r m; do
		[ ! -s "$work/btf/${m##*/}.btf" ] || echo "$m $(stat -c %s "$work/btf/${m##*/}.btf" "$m" | xargs)"
	done <"$work/all") | awk '$2 > 100' | sort -k2,2n >"$work/by-size"
	{
		awk -v want="${BENCH_MODULES:-140}" '{ m[NR] = $1 }
			END { for (i = 0; i < want; i++) print m[1 + int(i * (NR - 1) / (want - 1))] }' "$work/by-size"
		awk '{ print $2 / (26e6 + 46 * $3), $1 }' "$work/by-size" | sort -gr | awk 'NR <= 20 { print $2 }'
	} | sort -u
}

# pack_lists ROOT NAME: with /matching.list, /mismatched.list, as $work/NAME.cpio
pack_lists() {
	local l
	for l in matching mismatched; do
		[ -d "$1/$l" ] || continue
		(cd "$1" && find "$l" -name '*.ko' | sort | sed 's|^|/|') >"$1/$l.list"
	done
	pack "$1" "$work/$2.cpio"
}

# choose_modules KERNEL_DIR ROOT
choose_modules() {
	local dir=$1 root=$2 m rebased
	rebased=$(rebased "$dir")
	mkdir -p "$root"/{matching,mismatched}
	choose "$dir" >"$work/chosen"
	[ "$(wc -l <"$work/chosen")" -ge $((${BENCH_MODULES:-140} * 9 / 10)) ] || die "too few modules to choose from"
	while IFS= read -r m; do
		cp "$dir/plain/$m" "$root/matching/"
		cp "$rebased/$m" "$root/mismatched/"
	done <"$work/chosen"
}

# Giants: xe, and what it depends on. And the BTF of amdgpu, the largest, in a small module:
# its own load takes minutes, in which ftrace looks up each of its functions by name.
add_giants() { # ROOT
	local root=$1 mods=$dir/lib/modules/$release m
	for m in xe amdgpu; do
		grep "/$m\.ko[^ ]*:" "$mods/modules.dep" >"$work/$m.dep"
		mkdir -p "$work/giants/$m"
		sed 's/:.*//' "$work/$m.dep" | unpack_modules "$mods" "$work/giants/$m"
	done
	raw_btf "$(find "$work/giants/amdgpu" -name amdgpu.ko)" >"$work/amdgpu.btf"
	rm -r "$work/giants/amdgpu"
	mkdir -p "$root"/{depends,matching,mismatched} "$work/depends.d" "$work/giants/amdgpu"
	objcopy --update-section ".BTF=$work/amdgpu.btf" "$dir/plain/$(carrier)" "$work/giants/amdgpu/$(basename "$(carrier)")"
	"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$work/giants" --base "$dir/vmlinux" \
		--out "$work/giants.rebased" >&2
	for m in xe amdgpu; do
		mkdir -p "$root"/{matching,mismatched}/giants/$m
		find "$work/giants/$m" -name '*.ko' -exec cp -t "$root/matching/giants/$m" {} +
		find "$work/giants.rebased/$m" -name '*.ko' -exec cp -t "$root/mismatched/giants/$m" {} +
	done
	# The last is to be loaded first.
	sed 's/.*: *//' "$work/xe.dep" | tr ' ' '\n' | tac >"$work/depends"
	unpack_modules "$mods" "$work/depends.d" <"$work/depends"
	find "$work/depends.d" -name '*.ko' -exec cp -t "$root/depends" {} +
	sed -n 's|.*/\(.*\.ko\).*|/depends/\1|p' "$work/depends" >"$root/depends.list"
}

make_modules() { # $work/modules.cpio, once
	local root=$work/root m
	[ ! -f "$work/modules.cpio" ] || return 0
	choose_modules "$dir" "$root"
	add_giants "$root"
	pack_lists "$root" modules
	# One line a module: its path in the guest, the size of its BTF
	(cd "$root" && find matching -name '*.ko' | while IFS= read -r m; do
		printf '/%s\t%s\n' "$m" "$(raw_btf "$m" | wc -c)"
	done) >"$work/sizes"
	# The tracer is for every third only.
	awk 'NR % 3 == 1 && !/giants/' "$root/matching.list" >"$work/checker.list"
}

# One that needs nothing
one_small() { grep -m 1 -E '/(act_mirred|nls_utf8|crc-itu-t)\.ko$' "$dir/list"; }
carrier() { grep -m 1 '/nls/mac-romanian\.ko$' "$dir/list"; }

# An empty module with BTF of another build, of which there can be many
make_empty() {
	[ ! -f "$work/empty.ko" ] || return 0
	raw_btf "$(rebased "$dir")/$(carrier)" >"$work/empty.btf"
	objcopy --strip-debug --add-section ".BTF=$work/empty.btf" "$MODULES/bench-test-$suite/empty.ko" "$work/empty.ko"
}
