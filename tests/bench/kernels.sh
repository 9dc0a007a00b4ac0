# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The two kernels of point 2: one source, one configuration, and the option
# CONFIG_MODULE_ALLOW_BTF_MISMATCH in one of them. Sourced by tests/bench/run.

# further_modules TREE: what else shall be a module, from the tree's own Kconfig
further_modules() {
	local f
	for f in fs/nls crypto; do
		sed -nE 's/^(menu)?config ((NLS|CRYPTO)_[A-Z0-9_]+)$/CONFIG_\2=m/p' "$1/$f/Kconfig"
	done | grep -vE '_(BENCHMARK|TEST|SELFTESTS|FULL|FIPS.*|JITTERENTROPY.*|DEFAULT)=m' | sort -u
}

# get_upstream_kernels: $CACHE/kernel/upstream/{on,off}, as get_tree_kernel makes a kernel, and
# build, where modules for "off" are built: so that comes last
get_upstream_kernels() {
	local suite=trixie-backports dir tree tmp x
	local frags=("$TOP/tests/kernels/"{base,tree}.config "$TOP/tests/bench/upstream.config")

	tree=$(source_dir "$suite")
	dir=$CACHE/kernel/upstream-$({ basename "$tree"
		cat "${frags[@]}"; further_modules "$tree"; } | sha256sum | cut -c1-16)
	tmp=$dir/build
	for x in on off; do
		[ ! -f "$dir/$x/release" ] || continue
		say "building a kernel with the upstream option $x (log: $dir/$x.log)"
		mkdir -p "$tmp" "$dir/$x"
		if [ ! -f "$tmp/.config" ]; then
			further_modules "$tree" >"$dir/modules.config"
			source_config "$suite" "/cache/source/$suite" "$dir/config" "${frags[@]}" "$dir/modules.config"
			check_config "$dir/config" "$tree" "${frags[@]}" || die "the kernel with the upstream option: see above"
			cp "$dir/config" "$tmp/.config"
		fi
		in_chroot "$suite" sh -euc '
			tree=$1 build=$2 to=$3 x=$4
			case $x in
			on) "$tree/scripts/config" --file "$build/.config" -e MODULE_ALLOW_BTF_MISMATCH ;;
			off) "$tree/scripts/config" --file "$build/.config" -d MODULE_ALLOW_BTF_MISMATCH ;;
			esac
			make -s -C "$tree" O="$build" olddefconfig
			make -C "$tree" O="$build" -j"$(nproc)" bzImage modules
			make -s -C "$tree" O="$build" INSTALL_MOD_PATH="$to" INSTALL_MOD_STRIP=--strip-debug modules_install' \
			sh "/cache/source/$suite" "/cache/${tmp#"$CACHE"/}" "/cache/${dir#"$CACHE"/}/$x" "$x" >"$dir/$x.log" 2>&1 ||
			{ tail -n 20 "$dir/$x.log" >&2; die "the kernel with the upstream option $x does not build"; }
		cp "$tmp/arch/x86/boot/bzImage" "$dir/$x/vmlinuz"
		cp "$tmp/vmlinux" "$dir/$x/vmlinux"
		cp "$tmp/.config" "$dir/$x/config"
		cp "$tmp/include/config/kernel.release" "$dir/$x/release"
	done
	ln -sfn "${dir##*/}" "$CACHE/kernel/upstream"
}
