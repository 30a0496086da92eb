#!/bin/sh
# SPDX-License-Identifier: ISC
# pfkey.sh: the contract of SA backends on af_key; who else is there; kill -9
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

# sad_pid NS: s2sd-sad of that gateway
sad_pid() {
	for _p in $(ip netns pids "$LAB_PREFIX-$1"); do
		case $(cat "/proc/$_p/comm" 2>/dev/null) in
		s2sd-sad) echo "$_p" ;;
		esac
	done
}
ours() { # NS: SAs there beside the stranger's
	nsip "$1" xfrm state | grep 'proto esp' | grep -cv 0x00004711
}

topo_up || die "no topology"
# another daemon's SA and policy, which are nobody's business
nsip ga xfrm state add src 192.0.2.9 dst 192.0.2.8 proto esp spi 0x4711 \
    mode tunnel enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff \
    auth 'hmac(sha1)' 0x0011223344556677889900112233445566778899
nsip ga xfrm policy add src 198.51.100.0/24 dst 203.0.113.0/24 dir out \
    tmpl src 192.0.2.9 dst 192.0.2.8 proto esp mode tunnel
for g in ga gb; do
	gw_conf $g "set gateway
set backend pfkey"
	gw_start $g
done
# at the first REGISTER since boot the kernel looks for every cipher it could
# have, module by module: s2sd-sad stands still for half a minute
ok "up" gw_wait_up 150 ga gb
ok "... and nobody was ended for being slow" \
    not grep -q "does not answer" "$W/ga.log" "$W/gb.log"
ok "ping from PC-A to PC-B" ping4 pa 10.1.4.2
ok "ping from PC-B to PC-A" ping4 pb 10.1.3.2

_was=$(spis ga)
kill -9 "$(sad_pid ga)"
ok "s2sd-sad killed: ping goes on" ping4 pa 10.1.4.2
ok "... the same SAs when it is back" within 60 \
    eval '[ -n "$(sad_pid ga)" ] && ctl ga status >/dev/null'
ok "... and they can be renewed" within 60 ctl ga rekey secgw-vpn child
ok "... by new SPIs" within 60 eval 'fresh "$_was" "$(spis ga)"'
ok "... ping" ping4 pa 10.1.4.2

kill -9 "$(gw_pid ga)"
ok "all of s2sd killed" within 20 gw_gone ga
rm -f "$W/ga.pid"
ok "... SAs are left" eval '[ "$(ours ga)" -ge 2 ]'
_was=$(spi_of ga)
gw_start ga
ok "... up again" gw_wait_up 90 ga gb
ok "... ping" ping4 pa 10.1.4.2
ok "... the SAs of the dead are gone" within 60 \
    eval '[ "$(ours ga)" -eq 2 ]'

for g in ga gb; do
	gw_stop $g
	gw_lift $g
done
is "after the end none of ours is left" "$(ours ga)" 0
ok "the stranger's SA is" eval 'nsip ga xfrm state | grep -q 0x00004711'
ok "and its policy" eval 'nsip ga xfrm policy | grep -q 203.0.113.0/24'
topo_down

if [ -x /s2sd/test_afkey ]; then
	ok "the contract passes on af_key" /s2sd/test_afkey
else
	skip "the contract passes on af_key" "built without cmocka"
fi
tap_end
