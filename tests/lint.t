#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# checkpatch, sparse, shellcheck: each is quiet. "make lint" runs this alone.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

install_packages "${HOST_PACKAGES[@]}" shellcheck
once source-trixie-backports get_source trixie-backports
src=${BTF_TOLERANT_SRC:-$TOP}

# One source for all versions, so it must ask which; sysctl tables became const
# on the way; libelf's types are CamelCase.
checkpatch=("$CACHE/source/trixie-backports/scripts/checkpatch.pl" --strict --no-tree --terse
	--no-summary --ignore 'LINUX_VERSION_CODE,CONSTANT_COMPARISON,CONST_STRUCT,CAMELCASE')
for f in "$src"/src/*.[ch] "$TOP"/tests/doctor/*_*.c "$TOP"/tests/{tools,bpf,unit,fuzz,modules/*}/*.c; do
	is "$(perl "${checkpatch[@]}" -f "$f" 2>&1)" "" "checkpatch --strict: ${f##*/}"
done

# In tools/ checkpatch does not ask for the kernel's types, but by that name only.
for f in "$src"/tools/*.[ch]; do
	is "$(cd "$src" && perl "${checkpatch[@]}" --ignore PREFER_DEFINED_ATTRIBUTE_MACRO -f "tools/${f##*/}" 2>&1)" \
		"" "checkpatch --strict: tools/${f##*/}"
done

# Headers packages from 7.x on lack the script that C=2 asks for; 6.12's do not.
in_chroot trixie sh -c 'command -v sparse || apt-get install -y -qq sparse' >/dev/null 2>&1
out=$MODULES/sparse
build_tree trixie "$out" "/usr/src/linux-headers-$(cat "$(kernel_dir trixie)/release")" C=2
is "$(grep -E '[/ ]src/[^ ]*:[0-9]+:[0-9]+: (warning|error)' "$out/build.log")" "" "sparse (C=2)"
ok "sparse has seen each file" [ "$(grep -c '^ *CHECK ' "$out/build.log")" -ge "$(find "$src/src" -name '*.c' | wc -l)" ]

cd "$TOP"
mapfile -t scripts < <(git ls-files | xargs grep -lIE '^#!.*\b(ba)?sh\b')
ok "shellcheck: ${#scripts[@]} scripts" shellcheck -x "${scripts[@]}" tests/lib/*.sh
ok "the kernel side is under 900 lines" [ "$(cat "$src"/src/*.[ch] | grep -cvE '^[[:space:]]*(/?\*|//|$)')" -lt 900 ]
done_testing
