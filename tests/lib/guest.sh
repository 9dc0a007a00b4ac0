# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What a guest script has at hand: TAP on the second serial port, one test a
# line, numbered and counted by the host. Sourced by /init before the script.

ok() { echo "ok - $*"; }
not_ok() { echo "not ok - $*"; }
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# t DESCRIPTION COMMAND...: ok if the command succeeds
t() {
	_d=$1
	shift
	_status=0
	"$@" >/tmp/t.out 2>&1 || _status=$?
	if [ $_status = 0 ]; then
		ok "$_d"
	else
		not_ok "$_d"
		diag "$* -> $_status"
		diag "$(tail -n 15 /tmp/t.out)"
	fi
}

# fails COMMAND...: succeeds if the command could be run and does not succeed
fails() {
	_fails=0
	"$@" || _fails=$?
	[ $_fails != 0 ] && [ $_fails != 126 ] && [ $_fails != 127 ]
}

# is GOT WANT DESCRIPTION
is() {
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3"
		diag "got:  $1"
		diag "want: $2"
	fi
}

# gone FILE...: none of them exists
gone() {
	for _f; do
		[ ! -e "$_f" ] || return 1
	done
}

# announce REGEX: a kernel report that this test makes on purpose
announce() { echo "# announce: $1"; }

# reported: is the kernel tainted for a bug (B, D, W, L), has lockdep given up, is there a
# report that leaves no taint? A console that shows less, as many tests have it, shows none of that.
bugs=0x42a0
reports='(UBSAN|KASAN): |INFO: (task|rcu)|rcu: INFO'
reported() {
	dmesg | grep -E "$reports" | head -n 3
	_taint=$(($(cat /proc/sys/kernel/tainted) & bugs))
	[ $_taint = 0 ] || echo "tainted: $_taint"
	[ ! -e /proc/lockdep_stats ] || grep -q 'debug_locks: *1' /proc/lockdep_stats || echo "lockdep is off"
}
# reports_in FILE: reports of bugs in a kernel log
reports_in() { grep -E "$reports" "$1"; }
# bugs_are MASK: of the kernel's taints, those that are bugs in this test
bugs_are() { bugs=$1; }
# nothing_reported DESCRIPTION: since the kernel has begun
nothing_reported() { is "$(reported)" "" "$1"; }

# log_has REGEX: in the kernel log since the last log_mark. 127 if the log no longer reaches that
# far: then neither log_has nor its opposite is known.
_mark=0
log_mark() { _mark=$((_mark + 1)) && echo "log mark $_mark." >/dev/kmsg; }
log_new() { dmesg | sed "1,/log mark $_mark\\./d"; }
log_has() {
	dmesg | grep -q "log mark $_mark\\." || return 127
	log_new | grep -qE -- "$1"
}

# proc KEY: a line of /proc/btf_tolerant, without its key
proc() { sed -n "s/^$1	//p" /proc/btf_tolerant; }
# listed NAME: dropped, for one reason or the other. A kernel with the upstream option (OPTION
# is on) does not tell what its parser had to say.
listed() { proc module | grep -qE "^$1	(kernel	(-22${OPTION:+|0})|(names|strings|types)	0)\$"; }
# hooked: which functions are, a line each
hooked() {
	[ -e /sys/kernel/tracing/README ] || ! grep -q tracefs /proc/filesystems || echo "tracefs is not mounted"
	grep '^register_btf_' /sys/kernel/tracing/enabled_functions
}
# with_btf: which have BTF in /sys/kernel/btf
with_btf() { (cd /sys/kernel/btf && echo *); }
loaded() { [ -d "/sys/module/$1" ]; }
policy() { echo "$1" >/proc/sys/kernel/btf_mismatch_policy; }
