#!/bin/sh
# SPDX-License-Identifier: ISC
# xfrm.sh: s2sd against s2sd over the kernel's own ESP (XFRM)
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

# sas NS: how many SAs the kernel has there; pols: policies, not of sockets
sas() { nsip "$1" xfrm state | grep -c 'proto '; }
two() { [ "$(sas "$1")" = 2 ]; }
pols() { nsip "$1" xfrm policy | grep -c 'dir '; }
# lossless WHAT COMMAND...: a packet each 20 ms while that goes on
lossless() {
	_w=$1
	shift
	ping_start pa -i 0.02 -c 200 -q 10.1.4.2
	"$@"
	sleep 1
	wait "$PING_PID"
	ok "$_w: no packet lost" grep -q ' 0% packet loss' "$W/ping"
}
other_spi() { # SPIS: has the gateway others now?
	[ "$(spis ga)" != "$1" ] && gw_up ga
}
renew() { # gw what
	_old=$(spis ga)
	ctl "$1" rekey secgw-vpn "$2" >/dev/null || return 1
	[ "$2" = ike ] || within 20 other_spi "$_old"
}
both_ways() {
	ping4 pa 10.1.4.2 2 && ping4 pb 10.1.3.2 2
}
carries() { ns pa ping -q -c 1 -W 1 10.1.4.2; }
# kill_all GW: all at once, the parent last: with it goes the table that it
# owns, and a s2sd-host that lived to see that would block
kill_all() {
	# shellcheck disable=SC2046
	kill -9 $(pgrep -P "$(gw_pid "$1")") $(gw_pid "$1") 2>/dev/null
	within 10 gw_gone "$1"
}

LAB_V6=1
topo_up || die "no topology"
for _m in legacy native; do
	masq "$_m" || die "no masquerade ($_m)"
done
# somebody else's, with everything but our mark
nsip ga xfrm state add src 192.168.1.3 dst 192.0.2.9 proto esp spi 0x1234 \
    reqid 0x53000001 mode tunnel aead 'rfc4106(gcm(aes))' \
    0x0102030405060708090a0b0c0d0e0f1011121314 128 &&
nsip ga xfrm policy add src 10.1.3.0/24 dst 198.51.100.0/24 dir out \
    priority 1395786600 tmpl src 192.168.1.3 dst 192.0.2.9 proto esp \
    reqid 0x53000001 mode tunnel || die "no SA in this kernel"
outer_capture || die "no capture"
gw_conf ga
gw_conf gb
gw_start ga
gw_start gb
ok "both ends say up" gw_wait_up 60 ga gb
ok "the log says which data plane was chosen" \
    grep -q 'SA backend: xfrm' "$W/ga.log"
is "there is no TUN" "$(nsip ga link show s2s0 2>/dev/null | wc -l)" 0
is "and no s2sd-esp" "$(gw_role ga esp)" ""

# --- traffic, with MASQUERADE on both gateways ---
ok "PC-A to PC-B and back" both_ways
ok "IPv6 inside" ping4 pa fd00:4::2 2
ok "the gateway's own packets" ping4 ga 10.1.4.2 2
within 20 two gb		# both may have dialled
is "two SAs" "$(sas gb)" 2
is "ESP without UDP" "$(nsip gb xfrm state | grep -c encap)" 0

# --- renewed from both sides ---
for _g in ga gb; do
	lossless "child renewed by $_g" renew $_g child
	lossless "IKE SA renewed by $_g" renew $_g ike
done
within 20 two gb
is "two SAs still" "$(sas gb)" 2

# --- deaths ---
for _r in net ike keys sad host ctl; do
	_p=$(gw_role ga $_r)
	_t=$(now_s)
	kill -9 "$_p"
	ok "s2sd-$_r killed: traffic again" within 15 carries
	note "s2sd-$_r: $(since "$_t") s"
	within 15 gw_up ga
done
ok "traffic both ways after all of them" both_ways

# --- without its network: not by the default route ---
nsip ga link set lan down
ok "the LAN's device down: nothing arrives" not ping4 pb 10.1.3.2
nsip ga link set lan up
nsip ga -6 addr replace fd00:3::1/64 dev lan nodad
ok "... up again: traffic" within 10 both_ways

kill_all ga
# the exemption went with it, so what PC-A begins is masqueraded and blocked
ok "all of s2sd killed: the SAs carry on" ping4 pb 10.1.3.2 2
_t=$(now_s)
gw_start ga
ok "started again: up" gw_wait_up 60 ga
ok "and traffic both ways" both_ways
note "from start to traffic: $(since "$_t") s"
within 20 two gb
is "the SAs of the life before are gone" "$(sas ga)" 3

# --- the end ---
gw_stop ga
is "stopped: no SA of ours" "$(sas ga)" 1
ok "the block stands" not carries
gw_lift ga
is "lifted: only somebody else's policy" "$(pols ga)" 1
is "and SA" "$(sas ga)" 1
gw_start ga
gw_wait_up 60 ga
kill_all ga
gw_lift ga
is "killed and lifted: nothing of ours" "$(sas ga) $(pols ga)" "1 1"
gw_stop gb
gw_lift gb
is "nor at the other end" "$(sas gb) $(pols gb)" "0 0"

# --- without the exemption ---
gw_conf ga 'set gateway' 'nat-exempt no'
gw_conf gb 'set gateway' 'nat-exempt no'
gw_start ga
gw_start gb
ok "nat-exempt no: up" gw_wait_up 60 ga gb
ok "nothing passes" not ns pa ping -q -c 2 -i 0.2 -W 1 10.1.4.2
outer_wire "all of this" esp
gw_stop ga
gw_stop gb
gw_lift ga
gw_lift gb

# --- on demand ---
gw_conf ga 'set gateway' 'ondemand'
gw_conf gb 'set gateway' 'passive'
gw_start ga
gw_start gb
within 60 grep -q ' runs$' "$W/gb.log"
sleep 1
is "on demand: no SA yet" "$(sas gb)" 0
ok "the first packets bring it up" within 30 carries
ok "both ends say up" gw_wait_up 20 ga gb
gw_stop ga
gw_stop gb
gw_lift ga
gw_lift gb

# --- transport mode ---
for _g in ga gb; do
	[ $_g = ga ] && set -- 192.168.1.3 192.168.1.4 active ||
	    set -- 192.168.1.4 192.168.1.3 passive
	( umask 077; echo "tunnel \"secgw-vpn\" transport $3 {
		local $1 peer $2 psk \"$PSK\" }" >"$W/$_g.conf" )
	gw_start $_g
done
ok "transport mode: up" gw_wait_up 60 ga gb
ok "between the gateways" ping4 ga 192.168.1.4 2
is "SAs of that mode" "$(nsip gb xfrm state | grep -c 'mode transport')" 2
gw_stop ga
gw_stop gb
tap_end
