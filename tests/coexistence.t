#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tracers, probes and BPF programs on btf_module_notify, before and after btf_tolerant.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/host.sh"
# shellcheck source=/dev/null
. "$TOP/tests/lib/tap.sh"

dir=$(kernel_dir trixie-backports)
ko=$(build_module trixie-backports)
guest coexistence --kernel "$dir/vmlinuz" --script "$TOP/tests/vm/coexistence.guest" \
	--file "$ko:/btf_tolerant.ko" \
	--add "$(one_mismatched "$dir")" --timeout 600
done_testing
