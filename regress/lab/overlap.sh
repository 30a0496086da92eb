#!/bin/sh
# SPDX-License-Identifier: ISC
# overlap.sh: two offices with the same network, each of which gives it another
# name on the wire: from 172.30.x.0/24 (10.0.5.0/24).  TAP.
#
#  pa 10.0.5.7 .8 -- 10.0.5.1 ga 192.168.1.3 -- 192.168.1.4 gb 10.0.5.1 -- 10.0.5.7 .8 pb
#
# and fd00:5::/64 at both, fd00:30:1::/64 and fd00:30:2::/64 on the wire.  With
# S2SD_PLANE=xfrm (in the guest) the kernel encrypts: no TUN, ESP without UDP;
# what leaves is captured alone, as the device shows the inside of what came in.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script
PLANE=$LAB_PLANE

outside() { # what leaves gateway A, and in userland what comes in
	case $PLANE in
	xfrm) capture "$W/wire.pcap" ga wan -U -Q out ;;
	*) capture "$W/wire.pcap" ga wan ;;
	esac
}
offices_up() {
	topo_up || die "no topology"
	for _n in pa ga gb pb; do
		nsip $_n addr flush dev lan scope global
	done
	for _n in pa pb; do
		lab_addr $_n lan 10.0.5.7/24 10.0.5.8/24 fd00:5::7/64 \
		    fd00:5::8/64
		nsip $_n route replace default via 10.0.5.1 src 10.0.5.7
		nsip $_n -6 route replace default via fd00:5::1
	done
	for _n in ga gb; do
		lab_addr $_n lan 10.0.5.1/24 fd00:5::1/64
	done
}
# the admin's rule, in both offices
hide() { # legacy|nft|native [gateway]
	for _g in ${2:-ga gb}; do
		case $1 in
		native) ns $_g nft -f - <<N
table inet nat {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname != "lan" masquerade
	}
}
N
			;;
		*)	ns $_g "iptables-$1" -t nat -A POSTROUTING \
			    -s 10.0.5.0/24 -j MASQUERADE
			ns $_g "ip6tables-$1" -t nat -A POSTROUTING \
			    -s fd00:5::/64 -j MASQUERADE ;;
		esac || return 1
	done
}
office_conf() { # ga|gb firewall
	if [ "$1" = ga ]; then
		set -- ga "$2" 192.168.1.3 192.168.1.4 1 2
	else
		set -- gb "$2" 192.168.1.4 192.168.1.3 2 1
	fi
	( umask 077; cat >"$W/$1.conf" <<C
set gateway
set backend $PLANE
set firewall $2
tunnel "secgw-vpn" {
	local $3 peer $4
	from 172.30.$5.0/24 (10.0.5.0/24) to 172.30.$6.0/24
	from fd00:30:$5::/64 (fd00:5::/64) to fd00:30:$6::/64
	psk "$PSK"
}
C
	)
}
serve_start() {
	for _n in pa pb; do
		ip netns exec "$LAB_PREFIX-$_n" python3 \
		    "$TOP/regress/lab/flows.py" serve 10.0.5.7 10.0.5.8 \
		    fd00:5::7 fd00:5::8 >"$W/serve.$_n" 2>&1 &
		eval "SERVE_$_n=$!"
		within 5 grep -q ready "$W/serve.$_n" || return 1
	done
}
serve_stop() {
	kill "$SERVE_pa" "$SERVE_pb"
	wait "$SERVE_pa" "$SERVE_pb" 2>/dev/null
}
# TCP, UDP and ICMP of all hosts of one office to all of the other: n is n
all_flows() { # pa|pb
	if [ "$1" = pa ]; then set -- pa 1 2; else set -- pb 2 1; fi
	_w=
	for _h in 7 8; do
		for _o in 7 8; do
			_w="$_w 10.0.5.$_h,172.30.$3.$_o,172.30.$2.$_h"
			_w="$_w fd00:5::$_h,fd00:30:$3::$_o,fd00:30:$2::$_h"
		done
	done
	# shellcheck disable=SC2086
	ns "$1" python3 "$TOP/regress/lab/flows.py" ask 4 $_w
}
flows_right() { # pa|pb
	all_flows "$1" >"$W/flows" 2>&1
	cat "$W/flows"
	test ! -s "$W/flows"
}
# the gateway itself, with the source that its route gives it
own_flows() { # ga|gb: as which address does the other office see it?
	if [ "$1" = ga ]; then set -- ga 1 2; else set -- gb 2 1; fi
	ns "$1" python3 "$TOP/regress/lab/flows.py" ask 4 \
	    "10.0.5.1,172.30.$3.7,172.30.$2.1" \
	    "fd00:5::1,fd00:30:$3::7,fd00:30:$2::1" >"$W/flows" 2>&1
	cat "$W/flows"
	test ! -s "$W/flows" && ping4 "$1" "172.30.$3.8" 2 &&
	    ping4 "$1" "fd00:30:$3::8" 2
}
send_file() { # client server its-address-on-the-wire [here]
	ns "$2" python3 "$TOP/regress/lab/xfer.py" serve "${4:-10.0.5.7}" 7000 \
	    "$W/got" >"$W/serve" 2>&1 &
	_sp=$!
	within 5 sh -c "ip netns exec $LAB_PREFIX-$2 ss -ltn | grep -q :7000"
	ns "$1" python3 "$TOP/regress/lab/xfer.py" send "$3" 7000 "$W/file" &&
	wait "$_sp" && cmp "$W/file" "$W/got"
}
# addresses that a capture of the TUN saw, other than those of the wire
names_inside() {
	sleep 0.3
	tcpdump -n -r "$W/tun.pcap" 2>/dev/null |
	    sed -n 's/^.* IP6\{0,1\} \([^ ]*\) > \([^ :]*[^ ]*\): .*/\1 \2/p' |
	    tr ' ' '\n' | grep -v '^172\.30\.[12]\.' |
	    grep -v '^fd00:30:[12]::' | grep -v '^f[ef]' | grep -vx '::' | sort -u | head -5
}
status_says() {
	ctl ga status secgw-vpn >"$W/status" 2>&1
	cat "$W/status"
	grep -qF "$1" "$W/status"
}
verify_right() {
	ctl ga verify -f "$W/ga.conf" >"$W/v" 2>&1
	cat "$W/v"
	grep -q 'from the LAN for the tunnel passes' "$W/v" &&
	    grep -q 'this host sends into the tunnel passes' "$W/v" &&
	    grep -q 'out of the tunnel for the LAN passes' "$W/v" &&
	    grep -q 'knows 10.0.5.0/24 as 172.30.1.0/24' "$W/v" &&
	    ! grep -q FAIL "$W/v"
}
# gateway A with traffic for the other office before it, meanwhile, after it
start_under_load() {
	rm -f "$W/ready" "$W/notify"
	capture "$W/start.pcap" ga wan -U -Q out || die "no capture"
	stream_start
	sleep 1
	python3 - "$W/notify" >"$W/ready" <<'P' &
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while b"READY=1" not in s.recv(256):
    pass
print("%.6f" % time.time())
P
	_np=$!
	within 10 test -S "$W/notify" || die "no socket for systemd's words"
	NOTIFY_SOCKET=$W/notify
	export NOTIFY_SOCKET
	gw_start ga
	unset NOTIFY_SOCKET
	gw_start gb
	within 90 test -s "$W/ready" || kill "$_np"
	wait "$_np"
}
# packets of the tunnel that left gateway A in the clear: before, after ready
clear_then() {
	tcpdump -tt -n -r "$W/start.pcap" 'udp dst port 9 or udp src port 9' \
	    2>/dev/null | awk -v t="$(cat "$W/ready")" '
	    { n[$1 > t]++; if ($1 > t && !told++) print "#", $0 }
	    END { print n[0] + 0, n[1] + 0 }'
}
stream_start() {
	ip netns exec "$LAB_PREFIX-pa" python3 "$TOP/regress/lab/stream.py" \
	    10.0.5.7,172.30.2.7 fd00:5::8,fd00:30:2::8 >"$W/stream" 2>&1 &
	STREAM=$!
	within 10 grep -q ready "$W/stream"
}
stream_stop() { # what was lost: $LOST
	kill "$STREAM"
	wait "$STREAM"
	LOST=$(awk 'END { print $1 " sent, " $1 - $2 " lost" }' "$W/stream")
}
# all rules and connections of gateway A gone at once, ours and the admin's
flush_all() {
	case $MASK in
	native) ns ga sh -c "nft flush ruleset; conntrack -F" ;;
	*)	ns ga sh -c "iptables-$MASK -t nat -F; ip6tables-$MASK -t nat -F
		    nft flush ruleset; conntrack -F" ;;
	esac >/dev/null 2>&1
}
# our own translation alone
drop_netmap() {
	for _t in iptables ip6tables; do
		ns ga "$_t-$MASK" -w 5 -t nat -S |
		    sed -n '/NETMAP/s/^-A/-D/p' >"$W/netmap"
		test -s "$W/netmap" || return 1
		while read -r _r; do
			# shellcheck disable=SC2086
			eval "ns ga $_t-$MASK -w 5 -t nat $_r" || return 1
		done <"$W/netmap"
	done
}
ours() {
	grep -v '^\*\|^COMMIT\|^:\|^table ip6\{0,1\} \(mangle\|nat\|filter\|raw\) \|^	chain\|^		type\|^	*}$\|^$'
}
wire_all() {
	if [ $PLANE = xfrm ]; then
		capture_stop
		ok "$KIND: nothing in the clear left gateway A" \
		    wire "$W/wire.pcap" esp
		sed -n 's/^/# wire: /p' "$W/tap.out"
		return
	fi
	lab_wire
}
MASK=legacy
# OVERLAP_KINDS: only these
for KIND in ${OVERLAP_KINDS:-nft iptables-legacy iptables-nft}; do
	case $KIND in
	nft) FW=nft MASK=native ;;
	*) FW=iptables MASK=${KIND#iptables-}
		have "iptables-$MASK" || {
			skip "$KIND" "no iptables-$MASK"
			continue
		} ;;
	esac
	offices_up
	hide $MASK || die "no masquerade ($MASK)"
	# a router before s2sd, too: what leaves then shows that it can
	ns ga sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	snapshot ga | ours >"$W/ga.before"
	serve_start || die "no servers"
	for g in ga gb; do
		office_conf $g $FW
	done
	start_under_load
	ok "$KIND: ready" test -s "$W/ready"
	ok "$KIND: up" gw_wait_up 60 ga gb
	stream_stop
	note "$KIND: start: $LOST"
	capture_stop
	clear_then >"$W/clear"
	note "$KIND: in the clear before and after ready: $(cat "$W/clear")"
	ok "$KIND: before it was started the packets left in the clear" \
	    grep -q '^[1-9][0-9]* [0-9]*$' "$W/clear"
	ok "$KIND: none has since it said that it is ready" \
	    grep -q ' 0$' "$W/clear"
	outside || die "no capture"
	[ $PLANE = xfrm ] || capture "$W/tun.pcap" ga s2s0 -U ||
	    die "no capture of the TUN"
	ok "$KIND: office 1 to office 2, host by host: TCP, UDP, ICMP" \
	    within 10 flows_right pa
	ok "$KIND: office 2 to office 1" within 5 flows_right pb
	ok "$KIND: gateway 1's own packets arrive as 172.30.1.1" own_flows ga
	ok "$KIND: gateway 2's own packets arrive as 172.30.2.1" own_flows gb
	ok "$KIND: a gateway answers under its name of the wire" \
	    ping4 pb 172.30.1.1 2
	file_of 32
	ok "$KIND: 2 MB over TCP" send_file pa pb 172.30.2.7
	is "$KIND: ... from 10.0.5.7 under its name of the wire" \
	    "$(sed 's/,.*//' "$W/serve")" "from 172.30.1.7"
	ok "$KIND: 2 MB over TCP in IPv6" send_file pa pb fd00:30:2::7 fd00:5::7

	# an ICMP error names what the host itself sent
	ns pa ip route flush cache
	ns pa ping -c 1 -W 2 -M do -s 1460 172.30.2.7 >"$W/mtu" 2>&1
	ok "$KIND: a packet too long: the host learns the MTU" \
	    grep -q 'From .*mtu = 14[34]' "$W/mtu"
	ns pa python3 - 172.30.2.7 >"$W/port" 2>&1 <<'P'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(3)
s.connect((sys.argv[1], 4))
s.send(b"x")
try:
    s.recv(9)
except ConnectionRefusedError:
    print("refused")
P
	is "$KIND: a closed port of a host of the other office: refused" \
	    "$(cat "$W/port")" "refused"

	ok "$KIND: status names both networks" \
	    status_says '172.30.1.0/24 (10.0.5.0/24)'
	if [ $PLANE != xfrm ]; then
		ok "$KIND: verify: packets come out translated" verify_right
		ctl ga verify -f "$W/ga.conf" --path 10.0.5.7 172.30.2.7 \
		    >"$W/path" 2>&1
		is "$KIND: ... and draws it" "$?" 0
	fi

	[ $PLANE = xfrm ] ||
	    is "$KIND: only the names of the wire are inside the tunnel" \
	    "$(names_inside)" ""
	# an admin at work
	case $MASK in
	native) ns ga nft flush ruleset; hide native ga ;;
	*) ns ga "iptables-$MASK" -t nat -F; ns ga "ip6tables-$MASK" -t nat -F
		hide $MASK ga ;;
	esac
	ok "$KIND: the admin flushed and set the rules again" \
	    within 10 flows_right pa
	ok "$KIND: ... and from office 2" within 10 flows_right pb
	stream_start
	for _i in 1 2 3 4 5; do
		sleep 0.7
		flush_all
	done
	sleep 1
	stream_stop
	note "$KIND: five flushes of all rules: $LOST"
	hide $MASK ga
	ok "$KIND: ... and it is right again" within 10 flows_right pa
	if [ "$FW" = iptables ]; then
		stream_start
		sleep 0.5
		ok "$KIND: somebody deletes our translation" drop_netmap
		ns ga conntrack -F >/dev/null 2>&1
		ok "$KIND: ... it comes back" within 10 flows_right pa
		stream_stop
		note "$KIND: meanwhile: $LOST"
		ok "$KIND: ... and the log says so" \
		    grep -q 'iptables.*put back' "$W/ga.log"
	fi
	wire_all
	is "$KIND: status for programs names both networks" "$(js ga \
	    '" ".join(m["wire"] + "=" + m["here"] for m in t["translated"])')" \
	    "172.30.1.0/24=10.0.5.0/24 fd00:30:1::/64=fd00:5::/64"
	for g in ga gb; do
		gw_stop $g
		gw_lift $g
	done
	serve_stop
	# empty chains are what iptables itself leaves
	snapshot ga | ours >"$W/ga.after"
	ok "$KIND: nothing of ours is left" \
	    diff -u "$W/ga.before" "$W/ga.after"
	topo_down
done
tap_end
