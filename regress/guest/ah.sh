#!/bin/sh
# SPDX-License-Identifier: ISC
# ah.sh: AH, tunnel and transport mode, IKEv2 and IKEv1, beside other daemons; words choose the peers
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

PROTO=ah
BAD=0

both_ways() {
	case $MODE${INNER#4} in
	transport) ping4 ga "$YOU" 2 && ping4 gb "$ME" 2 ;;
	tunnel6) ping4 pa fd00:4::2 2 && ping4 pb fd00:3::2 2 ;;
	*) ping4 pa 10.1.4.2 2 && ping4 pb 10.1.3.2 2 ;;
	esac
}
# sent_by GW FILTER: packets that have left it
sent_by() { tcpdump -n -r "$W/$1.pcap" "$2" 2>/dev/null | wc -l; }
# of each gateway: what left it is AH or IKE, and there was AH.  Who is stopped
# first answers what the other still says to UDP 500.  IPv6 has neighbour
# discovery, and reports of groups behind a hop-by-hop header.
AH='(ip proto 51 or ip6 proto 51)'
OTHERS="not $AH and not udp port 500 and not arp and
    not (icmp[icmptype] == icmp-unreach and host 192.168.1.3 and
    host 192.168.1.4) and
    not (icmp6 and ip6[40] == 1 and host fd00:1::3 and host fd00:1::4) and
    not (icmp6 and ip6[40] >= 133 and ip6[40] <= 137) and not ip6 proto 0"
on_the_wire() {
	capture_stop
	for _g in ga gb; do
		ok "$ROW: AH left $_g" test "$(sent_by $_g "$AH")" -gt 4
		is "$ROW: nothing else but IKE and ARP left $_g" \
		    "$(sent_by $_g "$OTHERS")" 0
		tcpdump -n -r "$W/$_g.pcap" "$OTHERS" 2>/dev/null |
		    sed 's/^/# wire: /'
	done
}
renewed() {
	for _r in near far; do
		ok "$ROW: the child SA renewed by the $_r end, traffic" \
		    row_rekey $_r child
	done
	case $PEER:$IKE in
	libreswan:1) ;;			# it has no command for it
	*) ok "$ROW: the IKE SA renewed by the far end, traffic" \
		row_rekey far ike ;;
	esac
}
# row PEER IKE SIDE MODE SUITE PLANE
row() {
	PEER=$1 IKE=$2 SIDE=$3 MODE=$4 SUITE=$5 PLANE=$6 NAT=none PROTO=ah
	ROW="$PEER IKEv$IKE $MODE $SUITE $PLANE, begun by $SIDE"
	[ "${INNER:=4}" = 4 ] || ROW="$ROW, IPv6"
	NEAR_FLAG=active
	[ "$SIDE" = init ] || NEAR_FLAG=passive
	row_addresses
	row_topo && outer_capture || die "no topology"
	if [ "$SIDE" = init ]; then
		ok "$ROW: the peer starts" peer_start
		ok "$ROW: s2sd starts" near_start
	else
		ok "$ROW: s2sd starts" near_start
		ok "$ROW: the peer starts" peer_start
		peer_initiate &
	fi
	ok "$ROW: up" within 150 near_up
	ok "$ROW: traffic both ways" within 10 both_ways
	is "$ROW: the SAs are of AH" "$(nsip ga xfrm state |
	    grep -c 'proto ah')" "$(nsip ga xfrm state | grep -c 'proto ')"
	renewed
	end
	on_the_wire
	topo_down
}
end() {
	[ "$TAP_BAD" = "$BAD" ] || peer_says
	BAD=$TAP_BAD
	near_stop
	peer_stop
	is "$ROW: after the end none is left" "$(nsip ga xfrm state |
	    grep -c 'proto ')" 0
}
# A NAT on the way: not an SA, and the reason.
through_nat() {
	PEER=s2sd IKE=$1 SIDE=init MODE=tunnel SUITE=sha256 PLANE=xfrm NAT=nat
	PROTO=ah
	ROW="NAT, IKEv$IKE"
	NEAR_FLAG=active
	row_addresses
	row_topo || die "no topology"
	ok "$ROW: the peer starts" peer_start
	ok "$ROW: s2sd starts" near_start
	ok "$ROW: the reason is the NAT" within 60 eval \
	    'ctl ga status secgw-vpn | grep -q "AH cannot pass the NAT"'
	is "$ROW: no SA" "$(nsip ga xfrm state | grep -c 'proto ')" 0
	end
	topo_down
}

# words: the peers to try, and what else; none: all there is
ONLY=${*:-s2sd strongswan inet6 libreswan nat pfkey}
asked() { case " $ONLY " in *" $1 "*) ;; *) return 1 ;; esac; }

if asked s2sd; then
	row s2sd 2 init tunnel sha256 xfrm
	row s2sd 2 init transport sha256 xfrm
	row s2sd 1 init tunnel sha1 xfrm
fi
if asked strongswan; then
	row strongswan 2 init tunnel sha256 xfrm
	row strongswan 2 resp transport sha256 xfrm
	row strongswan 1 resp tunnel sha256 xfrm
fi
if asked inet6; then
	INNER=6 OUTER=6
	row strongswan 2 init tunnel sha256 xfrm
	INNER=4 OUTER=4
fi
if asked libreswan; then
	row libreswan 2 resp tunnel sha256 xfrm
	row libreswan 1 init tunnel sha1 xfrm
fi
if asked nat; then
	through_nat 2
	through_nat 1
fi
if asked pfkey; then
	case $(planes) in
	*pfkey*)
		! command -v pfkey_warm >/dev/null || pfkey_warm
		row s2sd 2 init tunnel sha1 pfkey ;;
	*) skip "AH by PF_KEY" "not here" ;;
	esac
fi
tap_end
