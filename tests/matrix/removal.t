#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# 200 times in and out under load.
CYCLES=${CYCLES:-200} exec "$(dirname "$0")/../removal.t"
