#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# 20,000 loads of damaged BTF: takes the better part of an hour.
COUNT=${COUNT:-5000} SEED=${SEED:-$RANDOM} exec "$(dirname "$0")/../damaged-btf.t"
