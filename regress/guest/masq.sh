#!/bin/sh
# SPDX-License-Identifier: ISC
# masq.sh: both gateways masquerade, the kernel encrypts; with and without exemption
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

sources() { # of the echo requests that PC-B gets
	tcpdump -n -r "$W/lan.pcap" \
	    'icmp[icmptype] == icmp-echo and dst 10.1.4.2' 2>/dev/null |
	    sed -n 's/.*IP \([0-9.]*\) > .*/\1/p' | sort -u | tr '\n' ' '
}
sent() { # packets that the SAs of ga have encrypted
	nsip ga -s xfrm state | awk '/^src 192.168.1.3 / { out = 1 }
		/^src 192.168.1.4 / { out = 0 }
		out && /lifetime current/ { getline; sub(/.*, /, "")
			n += $1 }
		END { print n + 0 }'
}
begin() { # kind [line in the tunnel]
	topo_up && masq "$1" || die "no topology"
	outer_capture || die "no capture"
	capture "$W/lan.pcap" pb lan icmp || die "no capture"
	gw_conf ga "set gateway
$(plane_conf xfrm)" "${2:-}"
	gw_conf gb "set gateway
$(plane_conf xfrm)"
	gw_start ga
	gw_start gb
}
finish() {
	for g in ga gb; do
		gw_stop $g
		gw_lift $g
	done
	topo_down
}

if ! plane_conf xfrm >/dev/null; then
	skip "masquerade" "no XFRM here"
	tap_end
fi
for kind in ${*:-legacy nft native}; do
	begin "$kind"
	ok "$kind: up" gw_wait_up 60 ga gb
	ok "$kind: XFRM does it" grep -q "SA backend: xfrm" "$W/ga.log"
	ok "$kind: ping from PC-A to PC-B" ping4 pa 10.1.4.2
	ok "$kind: ping from PC-B to PC-A" ping4 pb 10.1.3.2
	file_of 4
	ok "$kind: TCP from PC-A to PC-B" copy_file pb pa 10.1.4.2
	is "$kind: its source is PC-A's" \
	    "$(sed 's/,.*//' "$W/serve")" "from 10.1.3.2"
	outer_wire "$kind" esp
	is "$kind: the only source that PC-B saw" "$(sources)" "10.1.3.2 "
	finish
done

# the admin's rule without the exemption: the packet gets the gateway's
# address before the kernel looks for a policy, and no policy fits it then
begin legacy "nat-exempt no"
capture "$W/out.pcap" ga wan -Q out "icmp and dst 10.1.4.2" || die "no capture"
ok "nat-exempt no: up" gw_wait_up 60 ga gb
ok "nat-exempt no: no ping passes" not ping4 pa 10.1.4.2
capture_stop
is "nat-exempt no: PC-B saw no echo request from PC-A" "$(sources)" ""
_out=$(tcpdump -n -r "$W/out.pcap" 2>/dev/null |
    sed -n 's/.*IP \([0-9.]*\) > .*/\1/p' | sort -u | tr '\n' ' ')
note "left the gateway in the clear from: ${_out:-nobody}"
ok "nat-exempt no: they left with the gateway's address or were stopped" \
    test "$_out" = "192.168.1.3 " -o -z "$_out"
taken() { # packets that the admin's rule took
	ns ga iptables-legacy -t nat -nvxL POSTROUTING |
	    awk '/MASQUERADE/ { print $1 }'
}
ok "nat-exempt no: the admin's rule took them" test "$(taken)" -gt 0
says() { # ga: status and explain name it
	ctl ga status secgw-vpn | grep -q "NAT rewrites" &&
	    ctl ga explain secgw-vpn | grep -q "nat-exempt no"
}
ok "nat-exempt no: status and explain say that NAT rewrites" within 40 \
    eval 'ns pa ping -q -c 1 -W 1 10.1.4.2 >/dev/null; says'
ok "nat-exempt no: the kernel's policy saw none of them: no ESP but s2sd's" \
    test "$(sent)" = 0
finish
tap_end
