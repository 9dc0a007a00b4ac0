# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests need on the machine that runs them. Sourced, not run. Everything made
# here is kept in $CACHE, and made again when what it was made from has changed. A
# function that needs something gets it: no test has to say so beforehand.

set -euo pipefail
shopt -s inherit_errexit

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${BTF_TOLERANT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/btf_tolerant}
# What is built and logged is of one checkout; two may be tested at a time.
MODULES=$CACHE/module/$(sha256sum <<<"${BTF_TOLERANT_SRC:-$TOP}" | cut -c1-12)
LOGS=$TOP/tests/log
mkdir -p "$LOGS" "$MODULES"

say() { echo "# $*" >&2; }
die() { echo "${0##*/}: $*" >&2; exit 1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# key FILE...: a name for what these files hold (and for their paths' order)
key() { cat "$@" | sha256sum | cut -c1-16; }

# once LOCK COMMAND...: one caller at a time, the others wait
once() {
	local lock=$CACHE/lock.$1
	shift
	(
		flock 9
		"$@" 9>&-
	) 9>"$lock"
}

# shellcheck source=tests/lib/packages.sh
. "$TOP/tests/lib/packages.sh"
# shellcheck source=tests/lib/arch.sh
. "$TOP/tests/lib/arch.sh"
# shellcheck source=tests/lib/chroots.sh
. "$TOP/tests/lib/chroots.sh"
# shellcheck source=tests/lib/qemu.sh
. "$TOP/tests/lib/qemu.sh"
# shellcheck source=tests/lib/stock_kernels.sh
. "$TOP/tests/lib/stock_kernels.sh"
# shellcheck source=tests/lib/source_kernels.sh
. "$TOP/tests/lib/source_kernels.sh"
# shellcheck source=tests/lib/build.sh
. "$TOP/tests/lib/build.sh"
# shellcheck source=tests/lib/initramfs.sh
. "$TOP/tests/lib/initramfs.sh"
