#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For those without dh_dkms: "dkms install" alone is for the kernel that runs.

set -euo pipefail

usage() {
	cat <<USAGE
Usage: dkms.sh VERSION

Builds and installs btf_tolerant VERSION by DKMS for each kernel in /lib/modules whose
headers are there. Kernels that do not need it are skipped.
USAGE
}

case ${1:-} in
-h | --help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
failed=0
for build in /lib/modules/*/build; do
	[ -e "$build/Makefile" ] || continue
	kernel=${build%/build}
	kernel=${kernel##*/}
	status=0
	dkms install "btf_tolerant/$1" -k "$kernel" --force || status=$?
	case $status in
	0) ;;
	77) echo "btf_tolerant: $kernel does not need it, skipped" ;;
	*) failed=1 ;;
	esac
done
exit "$failed"
