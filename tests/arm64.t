#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The newest stock kernel on arm64: the functional core, and company on the function that it calls.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/kernels.sh"

test_arch arm64
done_testing
