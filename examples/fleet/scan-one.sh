#!/bin/sh
# Scans the whole history of one repository: scan-one.sh ADDRESS
# Its report is a file of the folder $REPORTS, by default reports. A repository that cannot be
# cloned or scanned leaves no report, and `dtguard report merge --expect` names it.
set -eu
address=$1
reports=${REPORTS:-reports}
mkdir -p "$reports"
reports=$(cd "$reports" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A file name that says what it is of; the checksum keeps a/b and a_b apart.
name=$(printf '%s' "$address" | sed 's,^.*@,,; s,^[a-z+]*://,,; s,[^A-Za-z0-9._-],_,g' | cut -c 1-150)
report=$reports/$name-$(printf '%s' "$address" | cksum | cut -d ' ' -f 1).json
# One of an earlier run would hide that this one failed.
rm -f "$report"

if ! GIT_TERMINAL_PROMPT=0 git clone --quiet --mirror -- "$address" "$work/repository"; then
	echo "not cloned: $name" >&2
	exit 0
fi
cd "$work/repository"
# 1 if a token blocks, 2 if something could not be read: the report says so, and the merge too.
dtguard scan --quiet --history --format json --output "$report" 2>"$work/messages" || {
	[ -s "$report" ] || { echo "not scanned: $name" >&2 && cat "$work/messages" >&2; }
}
