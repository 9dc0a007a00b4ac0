#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sourced. The kernel's own line does not always have the module's name.
modprobe -qb btf_tolerant || ! modprobe -qbn btf_tolerant ||
	echo '<4>btf_tolerant: cannot be loaded, going on without it' >/dev/kmsg
