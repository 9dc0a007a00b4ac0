# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# btf-doctor status ($doctor) on a machine that does not run: the tree $t. What it says is in
# $work.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh"

new() { as_root rm -rf "${t:?}"; "$@"; }

# q EXPRESSION: of the JSON that is in $work/json
q() { perl -MJSON::PP -e 'local $/; open(my $f, "<", shift); my $j = decode_json(<$f>); my $e = shift;
	binmode(STDOUT, ":utf8"); print join("\n", map { $_ // "" } eval $e), "\n"; die $@ if $@' "${work:?}/json" "$1"; }

# finds DESCRIPTION STATUS FINDING... [OPTION...]: these findings and no other; a FINDING is ID:SEVERITY
finds() {
	local what=$1 want=$2 status=0 ids=() options=()
	shift 2
	for arg; do
		case $arg in
		--*) options+=("$arg") ;;
		*) ids+=("$arg") ;;
		esac
	done
	"${doctor:?}" status --root "${t:?}" --json "${options[@]}" >"${work:?}/json" 2>"$work/err" || status=$?
	is "$status $(q 'map { "$_->{id}:$_->{severity}" } @{$j->{findings}}' | sort | xargs)" \
		"$want $(printf '%s\n' "${ids[@]}" | sort | xargs)" "$what"
	is "$(cat "$work/err")" "" "$what: nothing on stderr"
}

# says DESCRIPTION REGEX: the text that people read
says() {
	local out
	out=$("${doctor:?}" --root "${t:?}" 2>&1) || true
	if grep -qE -- "$2" <<<"$out"; then
		tap ok "$1"
	else
		tap "not ok" "$1"
		printf '%s\n' "want /$2/" "$out" | sed 's/^/# /'
	fi
}
# Each is for the other system.
ends() { q "map { @{\$_->{ends_it}} } grep { \$_->{id} eq '$1' } @{\$j->{findings}}" | sed "s|^chroot ${t:?} ||"; }
# safe FINDING: whether the modules that do not fit are safe to load
safe() { q "map { \$_->{safe} } grep { \$_->{id} eq '$1' } @{\$j->{findings}}"; }
