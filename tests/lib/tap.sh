# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# TAP for the host's test scripts. Guests' lines pass through guest().

# how many tests there were, and how many of them failed
tap_n=0
tap_failed=0

tap() { # ok|"not ok" DESCRIPTION
	tap_n=$((tap_n + 1))
	[ "$1" = ok ] || tap_failed=$((tap_failed + 1))
	echo "$1 $tap_n - $2"
}

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok DESCRIPTION COMMAND...
ok() {
	local what=$1 out
	shift
	if out=$("$@" 2>&1); then
		tap ok "$what"
	else
		tap "not ok" "$what"
		printf '%s\n' "$* failed" "$out" | tail -n 20 | sed 's/^/# /'
	fi
}

# quiet DESCRIPTION COMMAND...: it succeeds and prints nothing
quiet() {
	local what=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	is "$status${out:+: $out}" 0 "$what"
}

# fails DESCRIPTION STATUS REGEX COMMAND...: the status, and what it says
fails() {
	local what=$1 want=$2 regex=$3 out status=0
	shift 3
	out=$("$@" 2>&1) || status=$?
	if [ "$status" = "$want" ] && grep -qE -- "$regex" <<<"$out"; then
		tap ok "$what"
	else
		tap "not ok" "$what"
		printf '%s\n' "status $status, want $want and /$regex/" "$out" | tail -n 20 | sed 's/^/# /'
	fi
}

# is GOT WANT DESCRIPTION
is() {
	if [ "$1" = "$2" ]; then
		tap ok "$3"
	else
		tap "not ok" "$3"
		printf 'got:  %s\nwant: %s\n' "$1" "$2" | head -n 20 | sed 's/^/# /'
	fi
}

# same FILE FILE DESCRIPTION: not empty, and equal
same() {
	if [ -s "$1" ] && cmp -s "$1" "$2"; then
		tap ok "$3"
	else
		tap "not ok" "$3"
		diff "$1" "$2" | head -n 20 | sed "s|^|# |" || true
	fi
}

# guest NAME RUN-OPTION...: boot one; its tests count as ours
guest() {
	local name=$1 line status=0 failed=''
	shift
	while IFS= read -r line; do
		case $line in
		"ok - "*) tap ok "${line#ok - }" ;;
		"not ok - "*) tap "not ok" "${line#not ok - }"; failed=1 ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <("$TOP/tests/vm/run" --name "$name" "$@")
	# It may not have come as far as a guest.
	wait "$!" || status=$?
	if [ "$status" != 0 ] && [ -z "$failed" ]; then
		tap "not ok" "$name: tests/vm/run failed ($status)"
	fi
}

done_testing() {
	[ "$tap_n" -gt 0 ] || tap "not ok" "no test was run"
	echo "1..$tap_n"
}
