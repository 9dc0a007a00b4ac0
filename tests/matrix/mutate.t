#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# 20,000 loads of damaged BTF: takes an hour or two.
COUNT=${COUNT:-5000} SEED=${SEED:-$RANDOM} exec "$(dirname "$0")/../mutate.t"
