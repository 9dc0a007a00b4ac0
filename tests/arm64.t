#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The newest stock kernel on arm64: the functional core, and company on the function that it calls.
# shellcheck source=tests/lib/arch.sh
. "$(dirname "$0")/lib/arch.sh"
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

install_packages "${HOST_PACKAGES[@]}"
test_arch arm64
done_testing
