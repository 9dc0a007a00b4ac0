// SPDX-License-Identifier: GPL-2.0-only
/* The same under another name: what is in /proc and in traces tells them apart. */
#include "stress_a.c"
