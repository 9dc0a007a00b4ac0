# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels from Debian's linux-source, or from any tree: the debug kernel (twice), one without
# BTF, and those of tests/kernels/list.

# source_package SUITE: the newest linux-source, as PACKAGE=VERSION
source_package() {
	local package
	install_packages "${KERNEL_PACKAGES[@]}"
	apt_update "$1" amd64
	package=$(version_of "$1" amd64 "$(depends_of "$1" amd64 linux-source)")
	[ -n "$package" ] || die "$1 has no linux-source"
	echo "$package"
}

# unpack_source SUITE PACKAGE=VERSION DIR [PATTERN...]: all of it, or what fits a pattern
unpack_source() {
	local suite=$1 package=$2 dir=$3
	shift 3
	say "getting ${package%=*}"
	rm -rf "$dir.tmp"
	mkdir -p "$dir.tmp/deb"
	(cd "$dir.tmp/deb" && apt_for "$suite" amd64 apt-get download -qq "$package" >&2) ||
		die "cannot download $package"
	dpkg-deb --fsys-tarfile "$dir.tmp"/deb/linux-source*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ --strip-components=1 -C "$dir.tmp" --wildcards "$@"
	rm -r "$dir.tmp/deb"
	mv "$dir.tmp" "$dir"
}

# get_source SUITE: the newest linux-source of SUITE, as $CACHE/source/SUITE
get_source() {
	local package dir
	package=$(source_package "$1")
	dir=$CACHE/source/${package//[=:~]/_}
	[ -d "$dir" ] || unpack_source "$1" "$package" "$dir"
	ln -sfn "${dir##*/}" "$CACHE/source/$1"
}

# source_dir SUITE: where get_source put it
source_dir() {
	[ -e "$CACHE/source/$1" ] || once "source-$1" get_source "$1" >&2
	readlink -f "$CACHE/source/$1"
}

# get_checkpatch SUITE: checkpatch.pl and what it reads, as $CACHE/checkpatch. Only linux-source
# has it, of which it is a small part.
get_checkpatch() {
	local package dir
	package=$(source_package "$1")
	dir=$CACHE/checkpatch-${package//[=:~]/_}
	[ -d "$dir" ] || unpack_source "$1" "$package" "$dir" '*/scripts/checkpatch.pl' \
		'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch'
	ln -sfn "${dir##*/}" "$CACHE/checkpatch"
}

# checkpatch_dir: where checkpatch.pl is
checkpatch_dir() {
	local suite=trixie-backports
	if [ -e "$CACHE/source/$suite/scripts/checkpatch.pl" ]; then
		echo "$CACHE/source/$suite/scripts"
		return
	fi
	[ -e "$CACHE/checkpatch" ] || once checkpatch get_checkpatch "$suite" >&2
	echo "$CACHE/checkpatch/scripts"
}

# source_config SUITE TREE OUT FRAGMENT...: a whole configuration, allnoconfig and these; of two
# that contradict, the last holds
source_config() {
	local suite=$1 tree=$2 out=$3 config
	config=/cache/${out#"$CACHE"/}
	cat "${@:4}" >"$out.frag"
	in_chroot "$suite" make -s -C "$tree" O="$config.dir" KCONFIG_ALLCONFIG="$config.frag" allnoconfig >&2
	cp "$out.dir/.config" "$out"
	as_root rm -r "$out.dir" "$out.frag"
}

# not_as FRAGMENT CONFIG: what FRAGMENT asks for and CONFIG has not, and the other way round
not_as() {
	grep '^CONFIG_' "$1" | grep -vxFf "$2" || true
	sed -n 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/\1=/p' "$1" | grep -F -f - "$2" || true
}

# offered TREE: the options that one can choose there, on x86
offered() {
	find "$1" -path "$1/arch/*" ! -path "$1/arch/x86*" ! -path "$1/arch/Kconfig" -prune -o -name 'Kconfig*' -print0 |
		xargs -0 cat | awk '
		/^[ \t]*(menu)?config[ \t]/ { name = $2 }
		/^[a-z]/ && !/^(menu)?config/ { name = "" }
		/^[ \t]+(bool|tristate|int|hex|string|prompt)[ \t]+["\047]/ && name { print "CONFIG_" name }'
}

# check_config CONFIG TREE FRAGMENT...: what depends on something that is not there is left out
# without a word. Says what CONFIG lacks of the fragments; fails if TREE has that to offer.
# These are not looked at: PROCESSOR_SELECT, whose prompt needs EXPERT; DWARF4, where debug.config
# has DWARF5; and what depends on what noftrace.config switches off.
check_config() {
	local config=$1 tree=$2 offers option absent=() dropped=() known='PROCESSOR_SELECT|DEBUG_INFO_DWARF4'
	shift 2
	# Of two that contradict, the last holds.
	awk -F '[ =]' '/^CONFIG_/ { line[$1] = $0 }
		/^# CONFIG_.* is not set$/ { line[$2] = $0 }
		END { for (name in line) print line[name] }' "$@" >"$config.wanted"
	! grep -q '^# CONFIG_FUNCTION_TRACER ' "$config.wanted" || known+='|FUNCTION_GRAPH_TRACER|KPROBE_EVENTS'
	offers=$(offered "$tree")
	[ -n "$offers" ] || die "$tree offers nothing"
	while read -r option; do
		if grep -qxF "${option%%=*}" <<<"$offers"; then
			dropped+=("$option")
		else
			absent+=("$option")
		fi
	done < <(not_as "$config.wanted" "$config" | grep -vxE "CONFIG_($known)=y")
	rm "$config.wanted"
	[ ${#absent[@]} = 0 ] || say "this kernel does not offer ${absent[*]}"
	[ ${#dropped[@]} = 0 ] || say "not as it is asked for: ${dropped[*]}"
	[ ${#dropped[@]} = 0 ]
}

# get_debug_kernel: two builds of the newest source, with every debug option;
# $CACHE/kernel/debug/{a,b} as make-mismatched-build.sh installs them, and a.build
get_debug_kernel() {
	local frags=("$TOP/tests/kernels/"{base,features,debug,signed}.config) dir

	source_dir trixie-backports >/dev/null
	install_packages openssl
	dir=$CACHE/kernel/debug-$({ readlink "$CACHE/source/trixie-backports"
		cat "${frags[@]}"; } | sha256sum | cut -c1-16)
	if [ ! -f "$dir/table" ]; then
		say "building the debug kernel twice, this takes a while (log: $dir/a.log)"
		mkdir -p "$dir"
		# One key, as for two builds by one distro.
		[ -f "$dir/key.pem" ] ||
			openssl req -x509 -newkey rsa:2048 -nodes -sha512 -days 36500 -batch -subj "/CN=test" \
				-keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/key.log"
		cat "$dir/cert.pem" >>"$dir/key.pem"
		echo "CONFIG_MODULE_SIG_KEY=\"/cache/${dir#"$CACHE"/}/key.pem\"" >"$dir/key.config"
		source_config trixie-backports /cache/source/trixie-backports "$dir/config" "${frags[@]}" "$dir/key.config"
		# Without these options the tests would see nothing. Of the others each test sees what it lacks.
		check_config "$dir/config" "$(source_dir trixie-backports)" "${frags[@]:2}" || die "the debug kernel: see above"
		check_config "$dir/config" "$(source_dir trixie-backports)" "${frags[@]}" || true
		in_chroot trixie-backports /src/scripts/make-mismatched-build.sh source \
			--tree /cache/source/trixie-backports --out "/cache/${dir#"$CACHE"/}" \
			--config "/cache/${dir#"$CACHE"/}/config" >"$dir/table.tmp" ||
			die "the debug kernel does not build"
		as_root rm -rf "$dir/b.build"
		mv "$dir/table.tmp" "$dir/table"
	fi
	ln -sfn "${dir##*/}" "$CACHE/kernel/debug"
}

# debug_dir: where it put it
debug_dir() {
	[ -e "$CACHE/kernel/debug" ] || once kernel-debug get_debug_kernel >&2
	readlink -f "$CACHE/kernel/debug"
}

# get_debug_variant: a build of the debug kernel from a source that differs: struct sk_buff has
# a member more. $dir/c, as a and b, but nothing that boots: who wants to run it, runs a.
get_debug_variant() { # DIR
	local dir=$1 header=include/linux/skbuff.h build=$1/c.build
	[ ! -d "$dir/c" ] || return 0
	say "building the debug kernel with another struct sk_buff (log: $dir/c.log)"
	as_root rm -rf "$build" "$dir/c.tmp"
	cp -a "$dir/a.build" "$build"
	perl -0777 -pe 's|\n(\t/\* These elements must be at the end)|\n\tunsigned long\t\tother_build;\n$1|' \
		"$CACHE/source/trixie-backports/$header" >"$dir/c.h"
	! cmp -s "$dir/c.h" "$CACHE/source/trixie-backports/$header" || die "struct sk_buff has another look"
	chroot_packages trixie-backports mount
	# The header lies over its original for this make only.
	# shellcheck disable=SC2016 # the inner shell's
	in_chroot trixie-backports sh -euc '
		dir=$1 tree=/cache/source/trixie-backports
		mount --bind "$dir/c.h" "$tree/$2"
		kmake() {
			make -C "$tree" O="$dir/c.build" LOCALVERSION= KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=btf \
				KBUILD_BUILD_HOST=tolerant KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 2026" "$@"
		}
		kmake -j"$(nproc)"
		kmake INSTALL_MOD_PATH="$dir/c.tmp" INSTALL_MOD_STRIP=1 modules_install
		cp "$dir/c.build/vmlinux" "$dir/c.tmp/"
		cp "$dir/c.build/include/config/kernel.release" "$dir/c.tmp/release"' \
		sh "$(in_cache "$dir")" "$header" >"$dir/c.log" 2>&1 ||
		{ tail -n 20 "$dir/c.log" >&2; die "the variant of the debug kernel does not build"; }
	as_root rm -rf "$build"
	mv "$dir/c.tmp" "$dir/c"
}

# debug_variant: where it is
debug_variant() {
	local dir
	dir=$(debug_dir)
	[ -d "$dir/c" ] || once kernel-debug-variant get_debug_variant "$dir" >&2
	echo "$dir/c"
}

# users_tree TREE: one that its user may change, as nobody changes Debian's
users_tree() { [[ $1/ != "$(readlink -f "$CACHE/source")"/* ]]; }

# tree_dir NAME SUITE TREE [FRAGMENT|MAKE ARG...]: sets frags and args, what it is configured
# and made with, and dir, where it is kept. A FRAGMENT is a file of tests/kernels/.
tree_dir() {
	local name=$1 suite=$2 tree=$3 arg

	frags=("$TOP/tests/kernels/"{base,features,tree}.config) args=()
	for arg in "${@:4}"; do
		case $arg in
		*.config) frags+=("$TOP/tests/kernels/$arg") ;;
		*) args+=("$arg") ;;
		esac
	done
	# make knows what is new in a user's tree; it does not know another tree, whose files are old.
	dir=$CACHE/kernel/$name-$({ echo "$suite" "${args[@]}"
		cat "${frags[@]}"
		if users_tree "$tree"; then
			stat -c '%n %W' "$tree"
		else
			cat "$tree/Makefile" "$tree/kernel/bpf/btf.c"
		fi; } | sha256sum | cut -c1-16)
}

# tree_make SUITE TREE DIR MAKE ARG...: in the build that is kept in DIR
tree_make() {
	BTF_TOLERANT_TREE=$2 in_chroot "$1" make -C /tree O="$(in_cache "$3")/build" "${args[@]}" "${@:4}"
}

# configure_tree SUITE TREE: with what tree_dir has set. Where nothing has changed, make leaves the
# configuration alone.
configure_tree() {
	local suite=$1 tree=$2

	[[ " ${args[*]} " != *" LLVM=1 "* ]] || chroot_packages "$suite" clang lld llvm
	mkdir -p "$dir/build"
	cat "${frags[@]}" >"$dir/build/all.config"
	tree_make "$suite" "$tree" "$dir" -s KCONFIG_ALLCONFIG="$(in_cache "$dir")/build/all.config" allnoconfig >&2
	check_config "$dir/build/.config" "$tree" "${frags[@]}" || users_tree "$tree" || die "$tree: see above"
}

# like_without NAME SUITE TREE ...: with the upstream option on little is another. So begin with
# the build without it, if there is one. What builds the kernel is then built again, since its
# path is another; make shall not build all the rest for that.
like_without() {
	local name=${1%-option} suite=$2 tree=$3 without=() arg other

	for arg in "${@:4}"; do
		[ "$arg" = option.config ] || without+=("$arg")
	done
	other=$(tree_dir "$name" "$suite" "$tree" "${without[@]}"; echo "$dir")
	[ -f "$other/release" ] || return 0
	get_tree_kernel "$name" "$suite" "$tree" "${without[@]}"
	mkdir -p "$dir"
	as_root rm -rf "$dir/build.tmp"
	cp -a "$other/build" "$dir/build.tmp"
	mv "$dir/build.tmp" "$dir/build"
	configure_tree "$suite" "$tree"
	tree_make "$suite" "$tree" "$dir" prepare >"$dir/log" 2>&1 ||
		{ tail -n 20 "$dir/log" >&2; die "$tree cannot be prepared"; }
	as_root find "$dir/build/tools" -type f -exec touch -r "$other/build/tools/objtool/objtool" {} +
}

# get_tree_kernel NAME SUITE TREE [FRAGMENT|MAKE ARG...]: a kernel of a source tree, with the
# compiler of SUITE, as $CACHE/kernel/NAME: what get_kernel makes, build, and the
# make arguments in args. TREE is left alone.
get_tree_kernel() {
	local name=$1 suite=$2 tree=$3 dir args frags

	tree_dir "$@"
	if [ ! -f "$dir/release" ] || users_tree "$tree"; then
		[ -d "$dir/build" ] || [ "$name" = "${name%-option}" ] || once "kernel-${name%-option}" like_without "$@"
		configure_tree "$suite" "$tree"
		say "building $tree with the compiler of $suite (log: $dir/log)"
		tree_make "$suite" "$tree" "$dir" -j"$(nproc)" bzImage modules >"$dir/log" 2>&1 ||
			{ tail -n 20 "$dir/log" >&2; die "$tree does not build"; }
		[ -f "$dir/release" ] && [ -z "$(find "$dir/build" -type f \( -name bzImage -o -name '*.ko' \) \
			-newer "$dir/release" -print -quit)" ] || install_tree "$suite" "$tree"
	fi
	ln -sfn "${dir##*/}" "$CACHE/kernel/$name"
}

# install_tree SUITE TREE: what was built; what tests have made of an older one goes
install_tree() {
	find "$dir" -mindepth 1 -maxdepth 1 ! -name build ! -name log -print0 | as_root xargs -0r rm -rf
	tree_make "$1" "$2" "$dir" -s INSTALL_MOD_PATH="$(in_cache "$dir")" INSTALL_MOD_STRIP=--strip-debug \
		modules_install >>"$dir/log" 2>&1 ||
		{ tail -n 20 "$dir/log" >&2; die "the modules of $2 cannot be installed"; }
	cp "$dir/build/arch/x86/boot/bzImage" "$dir/vmlinuz"
	as_root ln -f "$dir/build/vmlinux" "$dir/vmlinux"
	[ ${#args[@]} = 0 ] || printf '%s\n' "${args[@]}" >"$dir/args"
	cp "$dir/build/include/config/kernel.release" "$dir/release"
}

# get_tree_headers NAME SUITE TREE [...]: the same tree, but only what a module needs to compile,
# which takes a tenth of the time; echoes where
get_tree_headers() {
	local name=$1 suite=$2 tree=$3 dir args frags

	tree_dir "$@"
	configure_tree "$suite" "$tree" >&2
	tree_make "$suite" "$tree" "$dir" -j"$(nproc)" modules_prepare >"$dir/log" 2>&1 ||
		{ tail -n 20 "$dir/log" >&2; die "$tree cannot be prepared"; }
	echo "$dir/build"
}

# get_strict_tree TREE: a copy of a 6.1 tree in which a module without BTF cannot register kfuncs,
# as $TREE-strict. In 6.1.0 it could not; Debian's 6.1 of today only warns.
get_strict_tree() {
	local file=kernel/bpf/btf.c
	[ ! -d "$1-strict" ] || return 0
	rm -rf "$1-strict.tmp"
	cp -al "$1" "$1-strict.tmp"
	rm "$1-strict.tmp/$file"
	perl -0777 -pe 's/(if \(kset->owner && IS_ENABLED\(CONFIG_DEBUG_INFO_BTF_MODULES\)\))(\n\t+)pr_warn(.*)/$1 {$2pr_err$3$2return -ENOENT;\n\t\t}/' \
		"$1/$file" >"$1-strict.tmp/$file"
	! cmp -s "$1/$file" "$1-strict.tmp/$file" || die "register_btf_kfunc_id_set() of $1 has another look"
	mv "$1-strict.tmp" "$1-strict"
}

# source_kernel NAME SUITE FRAGMENT...: a kernel of SUITE's linux-source as get_tree_kernel makes
# it, and btf_tolerant.ko for it. Sets a, its directory, build, its build, ko, and
# BTF_TOLERANT_TREE, since modules that are built for it need the source.
source_kernel() {
	local name=$1 suite=$2
	BTF_TOLERANT_TREE=$(source_dir "$suite")
	if [ "$name" = debug-6.1 ]; then
		once "source-$name" get_strict_tree "$BTF_TOLERANT_TREE"
		BTF_TOLERANT_TREE+=-strict
	fi
	export BTF_TOLERANT_TREE
	once "kernel-$name" get_tree_kernel "$name" "$suite" "$BTF_TOLERANT_TREE" "${@:3}"
	a=$(readlink -f "$CACHE/kernel/$name")
	build=$a/build
	once "${MODULES##*/}-$name" build_tree "$suite" "$MODULES/$name" "$(in_cache "$build")"
	# shellcheck disable=SC2034 # for the caller
	ko=$MODULES/$name/btf_tolerant.ko
}
