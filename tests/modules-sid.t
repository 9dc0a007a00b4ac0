#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that are another with other settings. Each is a link to this file, and a row here:
# the link | what it runs | with
set -euo pipefail

name=$(cd "$(dirname "$0")" && pwd)/${0##*/}
row=$(grep "^# ${name##*/tests/} *|" "${BASH_SOURCE[0]}") || { echo "usage: by the names in this file" >&2; exit 2; }
IFS='|' read -r _ run settings <<<"$row"
read -r run <<<"$run"
read -ra settings <<<"$settings"
# What the caller has set counts more.
for s in "${settings[@]}"; do
	name=${s%%=*}
	[ -n "${!name:-}" ] || export "${s?}"
done
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/$run" "$@"

# modules-backports.t     | modules.sh    | SUITE=trixie-backports VERIFY=1
# modules-sid.t           | modules.sh    | SUITE=sid
# matrix/boot-dracut.t    | boot.t        | INITRAMFS=dracut
# matrix/damaged-btf.t    | damaged-btf.t | COUNT=5000 SEED=random
# matrix/removal.t        | removal.t     | CYCLES=200
# matrix/stress.t         | stress.t      | DURATION=600 FAIL=10
# matrix/stress-rt.t      | stress.t      | KERNEL=rt DURATION=600
