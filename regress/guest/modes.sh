#!/bin/sh
# SPDX-License-Identifier: ISC
# modes.sh: beside other daemons: on demand, transport mode, IPv6 inside and outside
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

IKE=2 NAT=none SIDE=init MODE=tunnel INNER=4 OUTER=4 NEAR_FLAG=

both_ways() {
	case $MODE:$INNER in
	transport:*) ping4 ga "$YOU" 2 && ping4 gb "$ME" 2 ;;
	*:6) ping4 pa fd00:4::2 2 && ping4 pb fd00:3::2 2 ;;
	*) ping4 pa 10.1.4.2 2 && ping4 pb 10.1.3.2 2 ;;
	esac
}
# begin PEER PLANE: both run, what leaves either is captured
begin() {
	PEER=$1 PLANE=$2
	SUITE=gcm
	[ "$PLANE" = xfrm ] || SUITE=sha1
	row_addresses
	row_topo && outer_capture || die "no topology"
	ok "$WHAT: the peer starts" peer_start
	ok "$WHAT: s2sd starts" near_start
	ok "$WHAT: it is this plane" grep -q "SA backend: $PLANE" "$W/ga.log"
}
rekeys() {
	ok "$WHAT: traffic both ways" within 10 both_ways
	for _r in near far; do
		for _k in child ike; do
			ok "$WHAT: the $_k SA renewed by the $_r end, traffic" \
			    row_rekey $_r $_k
		done
	done
}
finish() {
	[ "$TAP_BAD" = "$BAD" ] || peer_says
	BAD=$TAP_BAD
	near_stop
	peer_stop
	outer_wire "$WHAT" esp
	topo_down
}
BAD=0

# on_demand PEER PLANE: a single packet is sent.  The kernel does not keep it
# for later (net.core.xfrm_larval_drop), and it may not leave as it is either.
on_demand() {
	WHAT="on demand, $2 with $1"
	NEAR_FLAG=ondemand
	begin "$1" "$2"
	sleep 3
	is "$WHAT: no SA before there is a packet" "$(spi_of gb)" ""
	is "$WHAT: nor a word of IKE" "$(sent_by ga udp)" 0
	ns pa ping -c 1 -W 1 10.1.4.2 >"$W/first" 2>&1
	ok "$WHAT: one packet brings it up" within 40 near_up
	note "$WHAT: the first packet: $(grep transmitted "$W/first")"
	rekeys
	finish
	NEAR_FLAG=
}
# sent_by GW FILTER: packets that have left it so far
sent_by() { tcpdump -n -r "$W/$1.pcap" "$2" 2>/dev/null | wc -l; }

transport() { # PEER
	WHAT="transport mode with $1"
	MODE=transport
	begin "$1" xfrm
	ok "$WHAT: up" within 40 near_up
	rekeys
	is "$WHAT: SAs of that mode" "$(nsip ga xfrm state |
	    grep -c 'mode transport')" "$(nsip ga xfrm state | grep -c proto)"
	for _g in ga gb; do
		is "$WHAT: pings that left $_g without ESP" \
		    "$(sent_by $_g icmp)" 0
	done
	finish
	MODE=tunnel
}
inet6() { # PEER PLANE
	WHAT="IPv6, $2 with $1"
	INNER=6 OUTER=6
	begin "$1" "$2"
	ok "$WHAT: up" within 40 near_up
	rekeys
	ok "$WHAT: the SAs are between IPv6 addresses" \
	    eval 'nsip ga xfrm state | grep -q "^src fd00:1::3 dst fd00:1::4"'
	finish
	INNER=4 OUTER=4
}

PLANES=$(planes)
for mode in ${*:-ondemand transport inet6}; do
	case $mode in
	ondemand)
		on_demand strongswan xfrm
		case $PLANES in
		*pfkey*) on_demand strongswan pfkey ;;
		*) skip "on demand, pfkey" "not here" ;;
		esac ;;
	transport)
		transport strongswan
		transport libreswan ;;
	inet6)
		inet6 strongswan xfrm
		inet6 libreswan xfrm ;;
	*) die "no such mode: $mode" ;;
	esac
done
tap_end
