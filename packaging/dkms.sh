#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build and install by DKMS, kernel by kernel, each with one clear line.

set -euo pipefail

usage() {
	cat <<USAGE
Usage: dkms.sh [KERNEL...]

Builds and installs btf_tolerant by DKMS for each KERNEL (by default each in /lib/modules)
whose headers are there. Kernels that do not need it are skipped.

Exit status: 0, or 1 if it could not be built for one that needs it. Nothing else has
failed then: that kernel works as without btf_tolerant.
USAGE
}

case ${1:-} in
-h | --help) usage; exit 0 ;;
-*) usage >&2; exit 2 ;;
esac
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' /usr/src/btf_tolerant-*/dkms.conf | sort -V | tail -n 1)
[ $# -gt 0 ] || { cd /lib/modules && set -- *; }
module=(-m btf_tolerant -v "$version")
[ -n "$(dkms status "${module[@]}")" ] || dkms add "${module[@]}" >/dev/null

# DKMS says much; what went wrong is in the log that it leaves.
one() { # KERNEL
	local status=0 out tree=/var/lib/dkms/btf_tolerant/$version
	[ -e "/lib/modules/$1/build/Makefile" ] || return 0
	case $(dkms status "${module[@]}" -k "$1") in
	*installed*) return 0 ;;
	esac
	echo "btf_tolerant: building for $1"
	out=$(dkms install "${module[@]}" -k "$1" --force 2>&1) || status=$?
	if [ "$status" = 0 ]; then
		return 0
	elif grep -q BUILD_EXCLUSIVE <<<"$out"; then
		# Its status is 77, and 9 before dkms 3.0.11.
		echo "btf_tolerant: $1 does not need it, skipped"
		return 0
	fi
	echo "W: btf_tolerant: cannot be built for $1; that kernel boots, but without it: see $tree/build/make.log" >&2
	[ -e "$tree/build/make.log" ] || echo "$out" >&2
	return 1
}

failed=0
for kernel; do
	one "$kernel" || failed=1
done
exit "$failed"
