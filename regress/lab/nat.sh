#!/bin/sh
# SPDX-License-Identifier: ISC
# nat.sh: gateways that masquerade their LAN, by every firewall tool.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

sources() { # distinct sources of ICMP echo requests on PC-B's cable
	tcpdump -n -r "$W/lan.pcap" \
	    'icmp[icmptype] == icmp-echo and dst 10.1.4.2' 2>/dev/null |
	    sed -n 's/.*IP \([0-9.]*\) > .*/\1/p' | sort -u | tr '\n' ' '
}
# --- what the rule does without s2sd: the reason for all this ---
kind=$(masq_kind)
topo_up || die "no topology"
masq "$kind"
for g in ga gb; do ns $g sysctl -qw net.ipv4.ip_forward=1; done
file_of 1
copy_file pb pa 10.1.4.2 >"$W/out" 2>&1
is "without s2sd PC-B sees the gateway's address" \
    "$(sed 's/,.*//' "$W/serve")" "from 192.168.1.3"
topo_down

for kind in legacy nft native; do
	case $kind in
	native) ;;
	*) have "iptables-$kind" || {
		skip "$kind: masquerade" "no iptables-$kind"
		continue
	} ;;
	esac
	lab_two $kind
	capture "$W/lan.pcap" pb lan icmp || die "no capture"
	snapshot ga >"$W/ga.before"
	gw_start ga
	gw_start gb
	ok "$kind: up" gw_wait_up 15 ga gb
	ok "$kind: ping from PC-A to PC-B" ping4 pa 10.1.4.2
	ok "$kind: ping from PC-B to PC-A" ping4 pb 10.1.3.2
	file_of 8
	ok "$kind: TCP from PC-A to PC-B" copy_file pb pa 10.1.4.2
	is "$kind: its source is PC-A's" \
	    "$(sed 's/,.*//' "$W/serve")" "from 10.1.3.2"
	ok "$kind: TCP from PC-B to PC-A" copy_file pa pb 10.1.3.2
	is "$kind: its source is PC-B's" \
	    "$(sed 's/,.*//' "$W/serve")" "from 10.1.4.2"

	# an admin at work
	case $kind in
	native) ns ga nft flush ruleset; masq native ga ;;
	*) ns ga "iptables-$kind" -t nat -F
		masq $kind ga ;;
	esac
	ok "$kind: the admin flushed and set the rules again: ping" \
	    ping4 pa 10.1.4.2
	kill -9 "$(gw_pid ga)"
	within 5 gw_gone ga
	gw_start ga
	ok "$kind: after kill -9 and a new start: up" gw_wait_up 15 ga
	ok "$kind: ... ping from PC-A to PC-B" ping4 pa 10.1.4.2
	ok "$kind: ... ping from PC-B to PC-A" ping4 pb 10.1.3.2
	for g in ga gb; do
		gw_stop $g
		gw_lift $g
	done
	snapshot ga >"$W/ga.after"
	ok "$kind: nothing of ours is left" \
	    diff -u "$W/ga.before" "$W/ga.after"
	lab_wire
	is "$kind: the only sources that PC-B saw" "$(sources)" "10.1.3.2 "
	topo_down
done

# --- without the exemption the admin's rule does what it always did ---
kind=$(masq_kind)
lab_two "$kind"
capture "$W/lan.pcap" pb lan icmp || die "no capture"
gw_conf ga "" "nat-exempt no"
gw_start ga
gw_start gb
ok "nat-exempt no: up" gw_wait_up 15 ga gb
ns pa ping -q -c 3 -i 0.2 -W 1 10.1.4.2 >/dev/null 2>&1
lab_wire
ok "nat-exempt no, MASQUERADE: the source does not arrive unchanged" \
    test "$(sources)" != "10.1.3.2 "
note "PC-B saw: $(sources)"
ns ga "iptables-$kind" -t nat -F POSTROUTING
ns ga "iptables-$kind" -t nat -A POSTROUTING -s 10.1.3.0/24 -j SNAT \
    --to-source 192.168.1.3
ok "nat-exempt no, SNAT to the outer address: no ping from PC-A" \
    not ping4 pa 10.1.4.2
says_nat() {
	grep -qi 'NAT rule rewrote' "$W/ga.log" ||
	    ctl ga status secgw-vpn | grep -qi 'nat rewrites\|before the tunnel'
}
if plane_is_kernel; then
	skip "... and s2sd says that NAT rewrites the packets" \
	    "no packet comes to it that it could look at; s2sctl verify does"
else
	ok "... and s2sd says that NAT rewrites the packets" within 15 says_nat
fi
ctl ga status 2>&1 | sed 's/^/# /'
tap_end
