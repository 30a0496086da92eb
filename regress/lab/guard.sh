#!/bin/sh
# SPDX-License-Identifier: ISC
# guard.sh: what other people do to the packet filter while traffic flows: the
# exemption stays or comes back, nothing leaves in the clear.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

# Two streams of 50 packets a second; each in the name of its own host.
streams() {
	for d in "pa 10.1.4.2" "pb 10.1.3.2"; do
		set -- $d
		ip netns exec "$LAB_PREFIX-$1" ping -n -D -i 0.02 -c 150 -W 1 \
		    "$2" >"$W/ping.$1" 2>&1 &
		eval "P_$1=$!"
	done
}
lost() { # pa|pb: packets lost; the longest gap in milliseconds
	awk '/icmp_seq=/ { split($1, a, /[][]/); t = a[2] + 0
		if (n++ && t - last > gap) gap = t - last; last = t }
	    END { printf "%d %d\n", 150 - n, gap * 1000 }' "$W/ping.$1"
}
WORST=0
# event NAME COMMAND...: in gateway A, in the middle of the streams
event() {
	_name=$1
	shift
	streams
	sleep 1
	ns ga sh -c "$*" >"$W/event" 2>&1
	wait "$P_pa" "$P_pb"
	_a=$(lost pa) _b=$(lost pb)
	for _x in $_a $_b; do [ "$_x" -le "$WORST" ] || WORST=$_x; done
	note "$KIND: $_name: lost ${_a% *} and ${_b% *} of 150," \
	    "longest silence ${_a#* } and ${_b#* } ms"
	# a flow that lives keeps its tracked connection: a new one must work
	ns ga conntrack -F >/dev/null 2>&1
	ok "$KIND: $_name: new flows pass" ping4 pa 10.1.4.2 2
	ok "$KIND: $_name: ... with their own source" sources_right
	ok "$KIND: $_name: little is lost" test "${_a% *}" -le "$MAY" \
	    -a "${_b% *}" -le "$MAY"
}
sources_right() {
	ns pa python3 "$TOP/regress/lab/flows.py" ask 3 10.1.3.2,10.1.4.2 \
	    >"$W/flows" 2>&1
	test ! -s "$W/flows"
}

MASQ="-t nat -A POSTROUTING -s 10.1.3.0/24 -j MASQUERADE"
for KIND in nft iptables; do
	lab_two legacy
	ns ga sh -c "iptables-nft $MASQ"
	ns ga iptables-nft-save >"$W/saved.nft"
	ns ga iptables-legacy-save >"$W/saved.legacy"
	ns ga nft list ruleset >"$W/saved.native"
	sed -i '1i flush ruleset' "$W/saved.native"
	ip netns exec "$LAB_PREFIX-pb" python3 "$TOP/regress/lab/flows.py" \
	    serve 10.1.4.2 >"$W/serve" 2>&1 &
	SERVE=$!
	for g in ga gb; do
		gw_conf $g "set gateway
set firewall $KIND"
		gw_start $g
	done
	ok "$KIND: up" gw_wait_up 15 ga gb
	within 10 sources_right
	MAY=25
	event "iptables-nft -F and the rule again" \
	    "iptables-nft -t nat -F; iptables-nft $MASQ"
	event "iptables-nft -F -X" \
	    "iptables-nft -t nat -F; iptables-nft -t nat -X; iptables-nft $MASQ"
	event "iptables-nft-restore of an old file" \
	    "iptables-nft-restore <$W/saved.nft"
	event "iptables-legacy-restore of an old file" \
	    "iptables-legacy-restore <$W/saved.legacy"
	event "another MASQUERADE in front" \
	    "iptables-nft -t nat -I POSTROUTING 1 -s 10.1.3.0/24 -j MASQUERADE"
	event "nft flush ruleset" "nft flush ruleset; iptables-nft $MASQ"
	event "nft -f with a flush" "nft -f $W/saved.native"
	event "legacy -F and the rule again" \
	    "iptables-legacy -t nat -F; iptables-legacy $MASQ"
	event "each of the exemption's rules and chains deleted" \
	    "iptables-nft-save -t nat | sed -n 's/^-A \(.*S2SD.*\)/-t nat -D \1/p' |
	     xargs -r -L 1 iptables-nft"
	event "ip rule flush, and the system's rules again" \
	    "ip rule flush; ip rule add pref 32766 lookup main
	     ip rule add pref 32767 lookup default"
	event "ip route flush of our table" \
	    "ip route flush table 21037; ip -6 route flush table 21037"
	event "conntrack -F" "conntrack -F"
	event "forwarding off and on" \
	    "sysctl -qw net.ipv4.ip_forward=0; sleep 0.1
	     sysctl -qw net.ipv4.ip_forward=1"
	event "the LAN's device down and up" \
	    "ip link set lan down; sleep 0.1; ip link set lan up"
	event "the WAN's device down and up" \
	    "ip link set wan down; sleep 0.1; ip link set wan up
	     ip route replace default via 192.168.1.4"
	event "the inside address removed and added" \
	    "ip addr del 10.1.3.1/24 dev lan; sleep 0.1
	     ip addr add 10.1.3.1/24 dev lan"
	event "the outer address removed and added" \
	    "ip addr del 192.168.1.3/24 dev wan; sleep 0.1
	     ip addr add 192.168.1.3/24 dev wan
	     ip route replace default via 192.168.1.4"
	if [ $KIND = nft ]; then
		# with a kernel's ESP the block is policies, and the tables
		# that there are belong to who made them
		if plane_is_kernel; then
			event "somebody wants to delete our tables" \
			    "nft list tables | sed -n 's/^\(table .* s2sd.*\)/delete \1/p' | nft -f -"
			ok "$KIND: our tables are still there" \
			    eval 'ns ga nft list tables | grep -q s2sd'
		else
			event "the block's table is deleted" \
			    "nft delete table ip s2sd-block"
			ok "$KIND: the log says who changed what" \
			    grep -q 'nft (pid [0-9]*)' "$W/ga.log"
		fi
		event "kill -9 of s2sd-host" \
		    "kill -9 $(gw_role ga host); iptables-nft -t nat -F
		     iptables-nft $MASQ"
		ok "$KIND: s2sd-host is back" within 10 gw_role ga host
		note "worst of all: $WORST (packets or ms)"
	fi
	for g in ga gb; do
		gw_stop $g
		gw_lift $g
	done
	kill $SERVE
	wait $SERVE 2>/dev/null
	ns ga nft flush ruleset
	ns ga iptables-legacy -t nat -F
	lab_wire
	topo_down
done
tap_end
