#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Linux 5.18 to 6.4, where functions are hooked: with ftrace switched off, and with one that has
# shut itself down, so that rmmod waits for ever.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir bookworm)
ko=$(build_module bookworm)
build_test_modules bookworm "$MODULES/ftrace_kill" "$(headers bookworm)" ftrace_kill
guest ftrace --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/ftrace.guest" --cpus 1 --timeout 600 \
	--add "$(one_mismatched "$dir")" --file "$ko:/btf_tolerant.ko" --file "$MODULES/ftrace_kill/ftrace_kill.ko:/ftrace_kill.ko"
done_testing
