#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# checkpatch, sparse and shellcheck are quiet, files are of a size that can be read, and each row of
# tests/mutation still breaks something. Needs no root.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

install_packages "${CHECK_PACKAGES[@]}"
src=${BTF_TOLERANT_SRC:-$TOP}
cd "$TOP" || exit
mapfile -t files < <(git ls-files --cached --others --exclude-standard)

# code REGEX: of these files' paths, as they are in $src
code() { printf '%s\n' "${files[@]}" | grep -E "$1" | sed "s|^|$src/|"; }

# One source for all versions, so it must ask which; sysctl tables became const
# on the way; libelf's types are CamelCase. tests/pahole/ and
# tests/doctor/ are there for the types that they define.
# What user space has not: BIT(), fallthrough, strscpy(), __printf().
ignore=LINUX_VERSION_CODE,CONSTANT_COMPARISON,CONST_STRUCT,CAMELCASE
ignore+=,BIT_MACRO,EMBEDDED_FUNCTION_NAME,PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_FALLTHROUGH,STRCPY
checkpatch=(perl "$(checkpatch_dir)/checkpatch.pl" --strict --no-tree --terse --no-summary
	--ignore "$ignore")
mapfile -t c < <(code '^(src|tools|tests)/.*\.[ch]$' | grep -vE '/(pahole|doctor)/')
printf '%s\n' "${c[@]}" | xargs -P "$(nproc)" -n 4 "${checkpatch[@]}" -f >"$LOGS/checkpatch" 2>&1 || true
is "$(cat "$LOGS/checkpatch")" "" "checkpatch --strict: ${#c[@]} files"

# What kbuild's C=2 does, without kbuild: the programs of a headers package are its suite's, and
# need not run here. sparse 0.6.4 knows the language of 6.12's headers.
headers=$(headers_dir trixie)
common=${headers%-amd64}-common
dirs=("$common/arch/x86/include" "$headers/arch/x86/include/generated" "$common/include" "$headers/include"
	"$common/arch/x86/include/uapi" "$headers/arch/x86/include/generated/uapi" "$common/include/uapi"
	"$headers/include/generated/uapi" "$src/src")
sparse() {
	local f=$1 name
	name=$(basename "$f" .c)
	command sparse -D__linux__ -Dlinux -D__STDC__ -Dunix -D__unix__ -D__x86_64__ --arch=x86 -m64 \
		-Wbitwise -Wno-return-void -Wno-unknown-attribute -Wsparse-error -nostdinc "${dirs[@]/#/-I}" \
		-include "$common/include/linux/compiler-version.h" -include "$common/include/linux/kconfig.h" \
		-include "$common/include/linux/compiler_types.h" -D__KERNEL__ -DMODULE -DCC_USING_FENTRY \
		-DKBUILD_BASENAME="\"$name\"" -DKBUILD_MODNAME='"btf_tolerant"' -D__KBUILD_MODNAME=kmod_btf_tolerant \
		-std=gnu11 -fshort-wchar -funsigned-char -fno-strict-aliasing -mcmodel=kernel "$f"
}
while IFS= read -r f; do
	ok "sparse: ${f##*/}" sparse "$f"
done < <(code '^src/.*\.c$')

# The tests that a guest runs are for its shell.
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard | xargs grep -lIE '^#!.*\b(ba)?sh\b')
mapfile -t sourced < <(printf '%s\n' "${files[@]}" | grep -E '^tests/(lib|bench)/.*\.sh$|^tests/vm/.*\.sh$|\.guest$|\.phase$|^dkms.conf$|^packaging/mkinitcpio/hook$|/bash-completion$')
for kind in scripts sourced; do
	declare -n of=$kind
	printf '%s\n' "${of[@]}" | xargs -P "$(nproc)" -n 8 shellcheck -x -f gcc >"$LOGS/shellcheck" 2>&1 || true
	is "$(cat "$LOGS/shellcheck")" "" "shellcheck: ${#of[@]} $kind"
done

# Whoever changes a row's file changes the row.
quiet "each row of tests/mutation changes its file" tests/mutation --check

# An editor that writes a link anew would make it a copy.
is "$(sed -n 's/^# \([^ ]*\.t\) *|.*/\1/p' tests/variants | while IFS= read -r f; do
	[ "$(readlink -f "tests/$f")" = "$TOP/tests/variants" ] || echo "$f"
done)" "" "each row of tests/variants is a link to it"

is "$(printf '%s\n' "${scripts[@]}" "${sourced[@]}" "${c[@]#"$src/"}" | while IFS= read -r f; do
	[ "${f#debian/}" != "$f" ] || [ ! -s "$f" ] || head -n 3 "$f" | grep -q 'SPDX-License-Identifier' || echo "$f"
done)" "" "each has its SPDX line"
is "$(printf '%s\n' "${files[@]}" | grep -E '^(src|tools|tests|scripts|packaging|man)/' | grep -v '^tests/lint\.t$' |
	xargs grep -li shim || true)" "" "the module is not called by Secure Boot's word"
# Prose, pictures and a licence may be longer.
is "$(code '^(src|tools|tests|scripts|packaging|debian)/|^Makefile$' | while IFS= read -r f; do
	[ ! -f "$f" ] || wc -l "$f"
done | awk '$1 > 400')" "" "no file is over 400 lines"
is "$(wc -l "$src"/src/*.[ch] | awk '$1 > 300 && $2 != "total"')" "" "none of the module's is over 300 lines"
lines=$(cat "$src"/src/*.[ch] | grep -cvE '^[[:space:]]*(/?\*|//|$)')
ok "the module has at most 1,000 lines of code ($lines)" [ "$lines" -le 1000 ]
done_testing
