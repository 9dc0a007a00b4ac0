#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sourced. Where it cannot load, the kernel's log says why, and the boot goes on.
modprobe -qb btf_tolerant || :
