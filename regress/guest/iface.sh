#!/bin/sh
# SPDX-License-Identifier: ISC
# iface.sh: tunnels with a device of their own (xfrm interfaces), beside s2sd
# and beside strongSwan
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

# if_conf GW IFACE [line in the tunnel]: any to any, the far LAN routed
if_conf() {
	_me=192.168.1.3 _you=192.168.1.4 _far=10.1.4.0/24 _far6=fd00:4::/64
	_in=169.254.10.1/30
	[ "$1" = ga ] || _me=192.168.1.4 _you=192.168.1.3 \
	    _far=10.1.3.0/24 _far6=fd00:3::/64 _in=169.254.10.2/30
	( umask 077
	cat >"$W/$1.conf" <<E_
set gateway
tunnel "secgw-vpn" {
	local $_me peer $_you
	from any to any
	interface $2 address $_in
	route $_far metric 100
	route $_far6
	psk "$PSK"
	${3:-}
}
E_
	)
}
# host_state NS: all that must be as before after a stop and s2sd -u
host_state() {
	nsip "$1" -o link show | sed 's/ qlen [0-9]*//; s/ state [A-Z]*//'
	nsip "$1" route show table all
	nsip "$1" -6 route show table all | sed 's/ expires [0-9]*sec//'
	nsip "$1" rule
	nsip "$1" -6 rule
	nsip "$1" xfrm policy | grep -v 'socket\|ptype' 
	nsip "$1" xfrm state
	ns "$1" nft list ruleset
	ns "$1" sysctl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter
}
# has NS PATTERN COMMAND...: does ip say so there?
has() {
	_hn=$1 _hp=$2
	shift 2
	nsip "$_hn" "$@" 2>/dev/null | grep -q -- "$_hp"
}
# the route into the device; what stands behind it
routed() { has "$1" "^${3:-10.1.4.0/24} dev $2 .*metric 100" route show table all; }
walled() { has "$1" "^unreachable ${2:-10.1.4.0/24}" route show table all; }
spi_other() { [ -n "$(spi_of ga)" ] && fresh "$1" "$(spi_of ga)"; }
renewed() { # COMMAND...: do new keys come of it?
	_old=$(spi_of ga)
	"$@" && within 30 newer "$_old"
}
newer() { [ -n "$(spi_of ga)" ] && [ "$(spi_of ga)" != "$1" ]; }
kill_all() { # gw
	# the parent last, and stopped: at its end s2sd-host would tidy up
	kill -STOP "$(gw_pid "$1")"
	# shellcheck disable=SC2046
	kill -9 $(pgrep -P "$(gw_pid "$1")") "$(gw_pid "$1")" 2>/dev/null
	within 10 gw_gone "$1"
}
still() { # COMMAND...: true now and for two seconds
	for _i in 1 2 3 4; do
		"$@" || return 1
		sleep 0.5
	done
}

LAB_V6=1
topo_up || die "no topology"
if ! plane_conf xfrm >/dev/null || ! nsip ga link add xfrm9 type xfrm dev lo \
    if_id 9; then
	skip "interface" "no XFRM or no xfrm interfaces here"
	tap_end
fi
nsip ga link del xfrm9
for _m in legacy native; do
	masq "$_m" || die "no masquerade ($_m)"
done
# strict everywhere: only what s2sd sets on its device lets packets in
for _g in ga gb; do
	ns "$_g" sysctl -qw net.ipv4.conf.all.rp_filter=1
	host_state "$_g" >"$W/$_g.before"
done
outer_capture || die "no capture"

# --- s2sd and s2sd ---
if_conf ga xfrm7
if_conf gb ipsec3
gw_start ga
gw_start gb
ok "both ends say up" gw_wait_up 60 ga gb
ok "the kernel encrypts" grep -q 'SA backend: xfrm' "$W/ga.log"
ok "xfrm7 has the if_id 7" has ga 'xfrm.*if_id 0x7' -d link show xfrm7
ok "and its address" has ga '169.254.10.1/30' addr show dev xfrm7
ok "the other end's is called ipsec3" has gb 'if_id 0x3' -d link show ipsec3
# both may have called: then one of two pairs goes at once
two_sas() { [ "$(nsip ga xfrm state | grep -c 'if_id 0x7')" = 2 ]; }
within 20 two_sas
is "SAs have the if_id" "$(nsip ga xfrm state | grep -c 'if_id 0x7')" 2
ok "so have policies" has ga 'if_id 0x7' xfrm policy
ok "route into the device" within 10 routed ga xfrm7
ok "and one that stops behind it" walled ga
ok "PC-A to PC-B" ping4 pa 10.1.4.2 2
ok "PC-B to PC-A" ping4 pb 10.1.3.2 2
ok "IPv6 inside, both ways" eval 'ping4 pa fd00:4::2 2 && ping4 pb fd00:3::2 2'
ok "the gateway's own packets" ping4 ga 10.1.4.2 2
ok "the gateway's own IPv6" ping4 ga fd00:4::2 2
ok "the device's other end" ping4 ga 169.254.10.2 2
file_of 8
ok "TCP, half a megabyte" copy_file pb pa 10.1.4.2
is "its source is PC-A's in spite of MASQUERADE" \
    "$(sed 's/,.*//' "$W/serve")" "from 10.1.3.2"
for _g in ga gb; do
	ok "$_g renews the child" renewed ctl $_g rekey secgw-vpn child
	ok "$_g: PC-A to PC-B" ping4 pa 10.1.4.2 2
	ok "$_g renews the IKE SA" ctl $_g rekey secgw-vpn ike
	ok "$_g: PC-B to PC-A" ping4 pb 10.1.3.2 2
done
ok "status names the device" eval 'ctl ga status -v | grep -q xfrm7'
ctl ga verify -f "$W/ga.conf" >"$W/vfy" 2>&1
ok "verify: the device's address" \
    grep -q "xfrm7 has the address 169.254.10.1" "$W/vfy"
ok "verify: its route" grep -q "10.1.4.0/24 goes to xfrm7" "$W/vfy"
ok "verify: nothing else of it is wrong" \
    not grep -q 'FAIL.*xfrm7\|strict reverse' "$W/vfy"

# --- down: no route, nothing in the clear, and what comes in the clear stays
# outside ---
ok "down" eval 'ctl ga down secgw-vpn >/dev/null && within 20 not routed ga xfrm7'
ok "down: the device stays" has ga xfrm7 link show xfrm7
ok "down: unreachable stays" walled ga
ok "down: PC-A gets nothing through" not ping4 pa 10.1.4.2
ok "down: nor does the gateway" not ping4 ga 10.1.4.2
ok "down: nor by IPv6" not ping4 ga fd00:4::2
outer_wire "until the tunnel was down" esp
# gb without its block: what it sends now is meant to be in the clear
ns gb sh -c 'ip route add 10.1.3.0/24 via 192.168.1.3 table 21030 &&
    ip rule add pref 100 table 21030' || die "no route past the tunnel"
capture "$W/wan.pcap" ga wan "icmp and src 10.1.4.2" || die "no capture"
capture "$W/in.pcap" pa lan "icmp and src 10.1.4.2"
ok "down: what comes in the clear is not let in" \
    not eval 'nsip gb xfrm policy flush; ping4 pb 10.1.3.2'
capture_stop
ok "down: it did come in the clear" \
    eval 'tcpdump -n -r "$W/wan.pcap" 2>/dev/null | grep -q 10.1.4.2'
is "down: PC-A saw none of it" "$(tcpdump -n -r "$W/in.pcap" 2>/dev/null |
    wc -l)" 0
ns gb sh -c 'ip rule del pref 100; ip route flush table 21030'
gw_stop gb
gw_start gb
outer_capture || die "no capture"
ok "up again" eval 'ctl ga up secgw-vpn >/dev/null; gw_wait_up 60 ga gb'
ok "route again" within 10 routed ga xfrm7
ok "traffic again" within 10 ping4 pa 10.1.4.2

# --- deaths ---
kill -9 "$(gw_role ga host)"
ok "s2sd-host dies: traffic" within 10 ping4 pa 10.1.4.2
kill_all ga
ok "all die: the device stays" has ga xfrm7 link show xfrm7
gw_start ga
ok "all die: up again" gw_wait_up 60 ga gb
ok "all die: traffic" within 20 ping4 pa 10.1.4.2
is "all die: one device" "$(nsip ga -o link show type xfrm | wc -l)" 1

# --- somebody takes the device away; its number changes ---
nsip ga link del xfrm7
ok "deleted by hand: made again" within 10 has ga 'if_id 0x7' -d link show xfrm7
ok "deleted by hand: traffic" within 15 ping4 pa 10.1.4.2
if_conf ga xfrm8
ok "another number: reload" ctl ga reload
ok "another number: up" gw_wait_up 60 ga gb
ok "another number: traffic" within 15 ping4 pa 10.1.4.2
ok "another number: the old device is gone" not has ga xfrm7 link show xfrm7
if_conf ga xfrm8 "mtu 1400"
ok "another MTU: reload" ctl ga reload
ok "another MTU: the device has it" within 10 has ga 'mtu 13' link show xfrm8
ok "another MTU: traffic" within 10 ping4 pa 10.1.4.2

# --- a device of somebody else ---
nsip ga link add xfrm5 type xfrm dev lo if_id 77
if_conf ga xfrm5
ok "somebody else's: reload" ctl ga reload
ok "somebody else's: the log says so" within 10 \
    grep -q 'interface xfrm5: there is one that is not ours' "$W/ga.log"
ok "somebody else's: it is left alone" has ga 'if_id 0x4d' -d link show xfrm5
ok "somebody else's: nothing passes" not ping4 pa 10.1.4.2
nsip ga link del xfrm5
ok "it goes: traffic" within 60 ping4 pa 10.1.4.2

# --- stop ---
gw_stop ga
ok "stopped: no device" not has ga xfrm link show type xfrm
is "stopped: no SA" "$(spi_of ga)" ""
ok "stopped: the block stays" not ping4 pa 10.1.4.2
gw_lift ga
gw_stop gb
gw_lift gb
outer_wire "s2sd and s2sd" esp
for _g in ga gb; do
	host_state $_g >"$W/$_g.after"
	ok "$_g: everything as before" diff -u "$W/$_g.before" "$W/$_g.after"
done

# --- on demand: what is routed to the device is the question ---
outer_capture || die "no capture"
if_conf ga xfrm7 "ondemand"
if_conf gb ipsec3 "passive"
gw_start gb
gw_start ga
ok "on demand: route into the device" within 20 routed ga xfrm7
ok "on demand: nothing is made before" still eval '[ -z "$(spi_of ga)" ]'
ok "on demand: a packet brings it up" eval \
    'ping4 pa 10.1.4.2 5; gw_wait_up 60 ga gb'
ok "on demand: PC-A to PC-B" within 10 ping4 pa 10.1.4.2 2
ok "on demand: PC-B to PC-A" ping4 pb 10.1.3.2 2
gw_stop ga
gw_lift ga
gw_stop gb
gw_lift gb
outer_wire "on demand" esp

# --- a second tunnel for the first one's network, between other addresses ---
two_conf() { # GW
	_n=3 _o=4 _far=10.1.4.0/24
	[ "$1" = ga ] || _n=4 _o=3 _far=10.1.3.0/24
	( umask 077
	cat >"$W/$1.conf" <<E_
set gateway
tunnel "first" {
	local 192.168.1.$_n peer 192.168.1.$_o
	from any to any
	interface xfrm1
	route $_far
	psk "$PSK"
}
tunnel "second" {
	local 192.168.1.1$_n peer 192.168.1.1$_o
	from any to any
	interface xfrm2
	route $_far
	backup for "first"
	psk "$PSK-2"
}
E_
	)
}
# the route that counts; the tunnel that is up
by() { nsip ga route get 10.1.4.2 2>/dev/null | grep -q "dev $1 "; }
up_one() { [ "$(js "$1" 't["state"]' "$2" 2>/dev/null)" = up ]; }
# sent_by IFACE: packets
sent_by() {
	nsip ga -s link show "$1" | awk '/TX:/ { getline; print $2 }'
}
nsip ga addr add 192.168.1.13/24 dev wan
nsip gb addr add 192.168.1.14/24 dev wan
for _g in ga gb; do
	two_conf $_g
done
outer_capture || die "no capture"
gw_start ga
gw_start gb
for _t in first second; do
	ok "backup: $_t is up" within 60 up_one ga $_t
done
ok "backup: the first has the route" within 20 by xfrm1
ok "backup: PC-A to PC-B" within 10 ping4 pa 10.1.4.2 2
is "backup: the second sent nothing" "$(sent_by xfrm2)" 0
ctl ga down first >/dev/null
ok "backup: the second takes over" within 20 by xfrm2
ok "backup: PC-A to PC-B by it" within 10 ping4 pa 10.1.4.2 2
ok "backup: PC-B to PC-A by it" within 10 ping4 pb 10.1.3.2 2
ok "backup: it did send" [ "$(sent_by xfrm2)" -gt 0 ]
ctl ga up first >/dev/null
ok "backup: the first takes it back" within 60 by xfrm1
_sent=$(sent_by xfrm2)
ok "backup: PC-A to PC-B by the first" within 10 ping4 pa 10.1.4.2 2
is "backup: nothing more by the second" "$(sent_by xfrm2)" "$_sent"
ctl ga down first >/dev/null
ctl ga down second >/dev/null
ok "backup: both down, nothing passes" \
    eval 'within 10 not by xfrm2 && not ping4 pa 10.1.4.2'
gw_stop ga
gw_lift ga
gw_stop gb
gw_lift gb
outer_wire "backup" esp 192.168.1.13 192.168.1.14
nsip ga addr del 192.168.1.13/24 dev wan
nsip gb addr del 192.168.1.14/24 dev wan

# --- strongSwan with an xfrm interface of its own ---
if ! have /usr/lib/ipsec/charon; then
	skip "strongSwan" "not here"
	topo_down
	tap_end
fi
PEER=strongswan IKE=2 SUITE=gcm NAT=none SIDE=init PLANE=xfrm
row_addresses
outer_capture || die "no capture"
peer_start || die "strongSwan does not start"
sed -e 's|local_ts = .*|local_ts = 0.0.0.0/0,::/0|' \
    -e 's|remote_ts = .*|remote_ts = 0.0.0.0/0,::/0|' \
    -e 's|esp_proposals = .*|&\
		if_id_in = 42\
		if_id_out = 42|' -e "s|secret = \"[^\"]*\"|secret = \"$PSK\"|" \
    "$PD/swanctl.conf" >"$PD/new" && mv "$PD/new" "$PD/swanctl.conf"
strongswan_ctl --load-all --file /run/swanctl.conf >>"$PD.out" 2>&1 ||
    die "strongSwan does not load"
nsip gb link add xfrm42 type xfrm dev wan if_id 42
nsip gb link set xfrm42 up
nsip gb route add 10.1.3.0/24 dev xfrm42
ns gb sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=2
# nobody exempts there: PC-A would answer the gateway's own address
ns gb iptables-legacy -t nat -I POSTROUTING -o xfrm42 -j ACCEPT &&
    ns gb nft insert rule ip nat postrouting oifname xfrm42 accept ||
    die "no exemption"
: >"$W/ga.log"
if_conf ga xfrm1 "$(s2sd_suite)"
gw_start ga
ok "strongSwan: up" gw_wait_up 60 ga || peer_says
ok "strongSwan: route" within 10 routed ga xfrm1
ok "strongSwan: PC-A to PC-B" ping4 pa 10.1.4.2 2
ok "strongSwan: PC-B to PC-A" ping4 pb 10.1.3.2 2
ok "strongSwan: we renew the child" renewed ctl ga rekey secgw-vpn child
ok "strongSwan: PC-A to PC-B" ping4 pa 10.1.4.2 2
ok "strongSwan: it renews the child" renewed peer_rekey child
ok "strongSwan: PC-B to PC-A" ping4 pb 10.1.3.2 2
gw_stop ga
ok "strongSwan: stopped, no device" not has ga xfrm link show type xfrm
gw_lift ga
peer_stop
outer_wire "strongSwan" esp
topo_down
tap_end
