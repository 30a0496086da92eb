#!/bin/sh
# SPDX-License-Identifier: ISC
# points.sh: kill -9 of any process at random points of handshakes and renewals.  TAP.
# Bad-input matrix N122.  SEED=number in the environment repeats a run; POINTS
# is how many.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

SEED=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
POINTS=${POINTS:-20}
note "seed $SEED"
lab_two "$(masq_kind)"
gw_start ga
gw_start gb
ok "up" gw_wait_up 15 ga gb
ok "ping passes" ping4 pa 10.1.4.2

# who is ended where, how long after what
python3 -c '
import random, sys
r = random.Random(int(sys.argv[1]))
roles = ["net", "ike", "keys", "sad", "esp", "host", "ctl"]
for i in range(int(sys.argv[2])):
    if i % len(roles) == 0:
        r.shuffle(roles)        # each of them, in another order
    print(roles[i % len(roles)], r.choice(["ga", "gb"]),
        r.choice(["handshake", "child", "ike"]), "%.3f" % r.uniform(0, 0.06))
' "$SEED" "$POINTS" >"$W/points"

down_there() { [ "$(js ga 't["state"]' 2>/dev/null)" != up ]; }
# the event, in the background; always ordered at A, so that a killed role at
# either end is in the middle of it
begin() {
	case $1 in
	handshake)
		ctl ga down secgw-vpn >/dev/null 2>&1
		within 10 down_there
		ctl ga up secgw-vpn >/dev/null 2>&1 & ;;
	*)	ctl ga rekey secgw-vpn "$1" >/dev/null 2>&1 & ;;
	esac
	_bg=$!
}
back() { gw_up ga && gw_up gb && ping4 pa 10.1.4.2 1 && ping4 pb 10.1.3.2 1; }

ping_start pa -q -i 0.05 -W 1 10.1.4.2
while read -r _role _gw _what _ms; do
	_pid=$(gw_role "$_gw" "$_role")
	begin "$_what"
	sleep "$_ms"
	[ -z "$_pid" ] || kill -9 "$_pid" 2>/dev/null
	wait "$_bg"
	# an order that was lost with who had to carry it out
	[ "$_what" != handshake ] || ctl ga up secgw-vpn >/dev/null 2>&1 ||
	    { within 10 ctl ga status
	    ctl ga up secgw-vpn >/dev/null 2>&1; }
	_t=$(now_s)
	ok "s2sd-$_role at $_gw, $_ms s into $_what: back" within 60 back
	note "after $(since "$_t") s"
done <"$W/points"
ping_stop

one_pair() {
	[ "$(js "$1" 'len(t["childsas"])')" = 1 ] &&
	[ "$(js "$1" 't["state"]')" = up ]
}
ok "one pair of SAs at A in the end" within 60 one_pair ga
ok "one pair of SAs at B in the end" within 60 one_pair gb
match() {
	_a=$(js ga 't["childsas"][0]["in"]["spi"] + t["childsas"][0]["out"]["spi"]')
	_b=$(js gb 't["childsas"][0]["out"]["spi"] + t["childsas"][0]["in"]["spi"]')
	[ -n "$_a" ] && [ "$_a" = "$_b" ]
}
ok "... the same pair" within 60 match
ok "ping from PC-A" ping4 pa 10.1.4.2
ok "ping from PC-B" ping4 pb 10.1.3.2
lab_wire
tap_end
