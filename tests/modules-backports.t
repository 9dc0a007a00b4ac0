#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every module without dependencies, on the newest stock kernel of this suite.
SUITE=trixie-backports VERIFY=1
# shellcheck source=/dev/null
. "$(dirname "$0")/lib/modules.sh"
