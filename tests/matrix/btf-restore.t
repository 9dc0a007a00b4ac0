#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# btf-restore.t with all modules that can be loaded by themselves.
ALL=1 exec "$(dirname "$0")/../btf-restore.t"
