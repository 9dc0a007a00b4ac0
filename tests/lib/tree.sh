# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A kernel from source without the upstream option, and its own modules rebased: what
# tests/matrix/kernels.t and "make test-tree" have in common.

# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

# test_headers NAME SUITE TREE: it compiles without a warning against what the tree offers to
# modules, and has no BTF. Nothing is linked: there is no kernel.
test_headers() {
	local name=$1 suite=$2 tree=$3 build=$MODULES/$1-headers kdir release

	kdir=$(once "kernel-$name" get_tree_headers "$@")
	release=$(cat "$kdir/include/config/kernel.release")
	as_root rm -rf "$build"
	mkdir -p "$build"
	cp -r "${BTF_TOLERANT_SRC:-$TOP}"/{Kbuild,Makefile,src} "$build/"
	ok "$release: it compiles" env BTF_TOLERANT_TREE="$tree" bash -c '. "$1"; in_chroot "$2" make -C "$3" M="$4" W=1 \
		CONFIG_DEBUG_INFO_BTF_MODULES= btf_tolerant.o >"$5" 2>&1 || { tail "$5"; false; }' \
		bash "$TOP/tests/lib/host.sh" "$suite" "$(in_cache "$kdir")" "$(in_cache "$build")" "$build/build.log"
	ok "$release: no warning at W=1" no_warning "$build/build.log"
}

# test_tree NAME SUITE TREE [FRAGMENT|MAKE ARG...]: build TREE with SUITE's compiler, and
# run the tests
test_tree() {
	local name=$1 suite=$2 tree=$3 dir release kdir ko work m build files=() args=() option=()

	once "kernel-$name" get_tree_kernel "$name" "$suite" "$tree" "${@:4}"
	dir=$(readlink -f "$CACHE/kernel/$name")
	release=$(cat "$dir/release")
	kdir=/cache/${dir#"$CACHE"/}/build
	build=$MODULES/$name
	[ ! -f "$dir/args" ] || mapfile -t args <"$dir/args"
	! grep -q '^CONFIG_MODULE_ALLOW_BTF_MISMATCH=y' "$dir/build/.config" || option=(--append OPTION=on)
	work=$(mktemp -d "$CACHE/tree.XXXXXX")
	# shellcheck disable=SC2064 # now
	trap "rm -rf '$work'" EXIT
	BTF_TOLERANT_TREE=$tree build_tree "$suite" "$build" "$kdir" "${args[@]}" >&2
	ko=$build/btf_tolerant.ko
	ok "$release: no warning at W=1" no_warning "$build/build.log"
	ok "$release: no BTF in the module" no_btf "$ko"

	"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$dir/lib/modules/$release" \
		--base "$dir/vmlinux" --out "$work/other/lib/modules/$release" >&2
	cp "$dir/release" "$work/other/"
	touch "$work/other/lib/modules/$release/"modules.{order,builtin,builtin.modinfo}
	pack_modules "$work/other" "$work/other.cpio"
	guest "$name-modules" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/rebuild.guest" \
		--add "$work/other.cpio" --file "$ko:/btf_tolerant.ko" --mem 2G --timeout 600 "${option[@]}"

	# What a module's own init needs BTF for, tracers and BPF programs, which need ftrace
	grep -q '^CONFIG_FUNCTION_TRACER=y' "$dir/build/.config" || return 0
	if [ ${#option[@]} = 0 ]; then
		test_core "$name-core" "$dir" "$ko"
	else
		test_option "$name-core" "$dir" "$ko"
	fi
	# shellcheck disable=SC2064 # now; they have one of their own
	trap "rm -rf '$work'" EXIT
	if grep -q '^CONFIG_LIVEPATCH=y' "$dir/build/.config"; then
		BTF_TOLERANT_TREE=$tree build_test_modules "$suite" "$build-livepatch" "$kdir" livepatch "${args[@]}"
		files+=(--file "$build-livepatch/livepatch_btf.ko:/livepatch_btf.ko")
	fi
	if grep -q '^int register_btf_kfunc_id_set' "$tree/kernel/bpf/btf.c"; then
		# Without a base of its own, which 6.11 and later give to what is out of their tree
		BTF_TOLERANT_TREE=$tree build_test_modules "$suite" "$build-bpf" "$kdir" bpf \
			RESOLVE_BTFIDS_FLAGS= MODULE_PAHOLE_FLAGS= "${args[@]}"
		mkdir "$work/mods"
		cp "$build-bpf/kfunc_test.ko" "$work/mods/"
		"$TOP/scripts/make-mismatched-build.sh" rebase --modules "$work/mods" --base "$dir/vmlinux" \
			--out "$work/bad" >&2
		objcopy -R .BTF "$work/mods/kfunc_test.ko" "$work/stripped.ko"
		kfunc_ids "$work/mods/kfunc_test.ko" >"$work/kfunc.ids"
		files+=(--file "$work/kfunc.ids:/kfunc.ids" --file "$work/mods/kfunc_test.ko:/good/kfunc_test.ko"
			--file "$work/bad/kfunc_test.ko:/bad/kfunc_test.ko"
			--file "$work/stripped.ko:/stripped/kfunc_test.ko"
			--file "$(build_bpf kfunc):/kfunc.o" --file "$(build_bpf traced):/traced.o")
	fi
	# As on other architectures, where nothing can be hooked
	case ${option[*]}$release in 5.1[89].* | 6.[0-4].*)
		BTF_TOLERANT_TREE=$tree build_tree "$suite" "$build-nohook" "$kdir" KCFLAGS=-DNO_HOOK "${args[@]}" >&2
		# A function whose name begins one byte late: no parser minds that.
		objcopy -O binary --only-section=.BTF --set-section-flags .BTF=alloc "$work/mods/kfunc_test.ko" "$work/btf"
		perl -0777 -pi -e '
			my ($hdr, $off, $len) = unpack("x4V3");
			for (my $o = $hdr + $off; $o < $hdr + $off + $len; $o += 4) {
				my ($name, $info) = unpack("x${o}V2");
				next unless $name && $info >> 1 == 12 << 23;
				substr($_, $o, 4) = pack("V", $name + 1);
				last;
			}' "$work/btf"
		objcopy --update-section .BTF="$work/btf" "$work/mods/kfunc_test.ko" "$work/accepted.ko"
		guest "$name-nohook" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/nohook.guest" --timeout 900 \
			"${files[@]}" --file "$build-nohook/btf_tolerant.ko:/btf_tolerant.ko" \
			--file "$work/accepted.ko:/accepted/kfunc_test.ko" --mem 2G
		;;
	esac
	guest "$name-init" --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/bpf.guest" --timeout 900 \
		--file "$ko:/btf_tolerant.ko" "${files[@]}" --mem 2G "${option[@]}"
	rm -rf "$work"
}
