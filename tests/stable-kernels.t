#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Stock kernels of Debian 12 and 13: other sysctl and module APIs, and the upstream option.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/kernels.sh"

for suite in bookworm trixie; do
	test_stock "$suite"
done
done_testing
