#!/bin/sh
# SPDX-License-Identifier: ISC
# loss.sh: 30 % of all packets lost on the wire, each way.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

lab_two "$(masq_kind)"
for g in ga gb; do
	ns $g nft -f - <<E || die "no numgen"
table inet lab {
chain in {
	type filter hook prerouting priority -400;
	iifname "wan" meta l4proto udp numgen random mod 100 < 30 counter drop
}
}
E
done
_t=$(now_s)
gw_start ga
gw_start gb
ok "up with 30 % loss" gw_wait_up 110 ga gb
note "seconds from start to up: $(since "$_t")"
ns pa ping -q -i 0.02 -c 300 -W 1 10.1.4.2 >"$W/ping" 2>&1
_got=$(awk '/transmitted/ { print $4 }' "$W/ping")
note "300 pings, answers: $_got (0.7 * 0.7 of them would be 147)"
ok "about half of the pings pass" test "${_got:-0}" -gt 100
_old=$(spis ga)
new_spis() { _n=$(spis ga); [ -n "$_n" ] && [ "$_n" != "$_old" ]; }
ctl ga rekey secgw-vpn child >/dev/null 2>&1
ok "keys renewed with 30 % loss" within 100 new_spis
dd if=/dev/urandom of="$W/file" bs=1k count=8 2>/dev/null
XFER_LIMIT=100
export XFER_LIMIT
# (TCP itself gives up too often where half of the round trips fail)
for g in ga gb; do
	ns $g nft flush chain inet lab in
	ns $g nft add rule inet lab in iifname wan meta l4proto udp \
	    numgen random mod 100 \< 10 counter drop
done
ok "8 KB over TCP with 10 % loss" copy_file pb pa 10.1.4.2
ok "still up" gw_up ga
note "$(ns ga nft list table inet lab | sed -n 's/.*counter/counter/p')"
lab_wire
tap_end
