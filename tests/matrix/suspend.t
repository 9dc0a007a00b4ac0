#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# An rmmod that waits for ever, since ftrace does not give a function back, and suspend to RAM. On
# Linux 5.18 to 6.4 only, where functions are hooked.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir bookworm)
ko=$(build_module bookworm)
build_test_modules bookworm "$MODULES/ftrace_kill" "$(headers bookworm)" ftrace_kill
guest suspend --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/suspend.guest" --cpus 1 --timeout 600 \
	--file "$ko:/btf_tolerant.ko" --file "$MODULES/ftrace_kill/ftrace_kill.ko:/ftrace_kill.ko"
done_testing
