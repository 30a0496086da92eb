#!/bin/sh
# SPDX-License-Identifier: ISC
# test_pf_grammar.sh: what we load into pf is what each dialect allows, and the
# stand-in that says so can say no.
top=${SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
g=$top/regress/unit/golden
p="python3 $top/regress/unit/pfctl.py"
python3 -c '' 2>/dev/null || exit 77
$p new "$g/pf-new-rules" "$g/pf-new-block" || exit 1
$p old "$g/pf-old-rules" "$g/pf-old-block" || exit 1
# each in the other's dialect
$p old "$g/pf-new-rules" >/dev/null && exit 1
$p new "$g/pf-old-rules" >/dev/null && exit 1
t=$(mktemp) || exit 1
trap 'rm -f "$t"' EXIT
while read -r line; do
	echo "$line" >"$t"
	$p new "$t" >/dev/null && { echo "taken: $line"; exit 1; }
done <<'E'
pass out quick on tun0 inet from 10.1.3.1/24 to 10.1.4.0/24
pass out quick on tun0 inet from fd00:3::/64 to fd00:4::/64
block drop in quick on eth0; pass inet from 10.1.3.0/24 to 10.1.4.0/24
match out on tun0 inet from 10.1.3.0/24 to 10.1.4.0/24 scrub (max-mss 1300)
pass out quick inet proto esp from 10.1.3.0/24 port { 500 } to 10.1.4.0/24
pass out quick inet from 10.1.3.0/24
match in on tun0 inet from 10.1.3.0/24 to 10.1.4.0/24 nat-to 10.2.3.0/24 bitmask
match out on tun0 inet from 10.1.3.0/24 to 10.1.4.0/24 nat-to fd00:3::/64 bitmask
match out on tun0 inet from 10.1.3.0/24 to 10.1.4.0/24 nat-to 10.2.3.0/24
match in on tun0 inet from 10.1.3.0/24 to 10.1.4.0/24 rdr-to 10.2.3.0/24 bitmask static-port
E
exit 0
