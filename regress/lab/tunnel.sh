#!/bin/sh
# SPDX-License-Identifier: ISC
# tunnel.sh: what one tunnel does, claim by claim.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script
LAB_V6=1

lab_two "$(masq_kind)"
capture "$W/lan.pcap" pb lan || die "no capture"
snapshot ga >"$W/ga.before"
snapshot gb >"$W/gb.before"

# --- it comes up ---
_t=$(now_s)
gw_start ga
gw_start gb
ok "both ends say up within 10 seconds" gw_wait_up 10 ga gb
note "seconds from start to up: $(since "$_t")"

ok "the log says which data plane was chosen" \
    grep -qi "$LAB_PLANE" "$W/ga.log"

# --- traffic ---
ok "ping from PC-A to PC-B" ping4 pa 10.1.4.2
ok "ping from PC-B to PC-A" ping4 pb 10.1.3.2
ok "IPv6 inside: ping from PC-A to PC-B" ping4 pa fd00:4::2
ok "IPv6 inside: ping from PC-B to PC-A" ping4 pb fd00:3::2
ok "the gateway's own packets, source given: A to PC-B" \
    ns ga ping -q -c 2 -W 2 -I 10.1.3.1 10.1.4.2
ok "the gateway's own packets, no source given: A to PC-B" \
    ping4 ga 10.1.4.2 2
ok "the gateway's own packets, no source given: B to PC-A" \
    ping4 gb 10.1.3.2 2
ok "IPv6, the gateway's own packets: A to PC-B" ping4 ga fd00:4::2 2
file_of 32
ok "2 MB over TCP from PC-A to PC-B" copy_file pb pa 10.1.4.2
is "PC-B saw the source address of PC-A" \
    "$(sed 's/,.*//' "$W/serve")" "from 10.1.3.2"
ok "2 MB over TCP from PC-B to PC-A" copy_file pa pb 10.1.3.2
is "PC-A saw the source address of PC-B" \
    "$(sed 's/,.*//' "$W/serve")" "from 10.1.4.2"
ok "2 MB over TCP in IPv6 from PC-A to PC-B" copy_file pb pa fd00:4::2
is "PC-B saw the IPv6 address of PC-A" \
    "$(sed 's/,.*//' "$W/serve")" "from fd00:3::2"

# --- MTU: 1500 - 20 IP - 8 UDP - 8 ESP - 8 IV - 16 ICV - 2 = 1438 ---
OVER=62
! plane_is_kernel || OVER=54			# no UDP
M=$((1500 - OVER))
flush_pmtu() {
	for _n in pa pb; do
		nsip $_n route flush cache
		nsip $_n -6 route flush cache
	done 2>/dev/null
}
flush_pmtu
ns pa ping -c 1 -W 2 -M do -s $((M + 1 - 28)) 10.1.4.2 >"$W/mtu" 2>&1
ok "a forwarded packet of $((M + 1)) with DF: fragmentation needed, MTU $M" \
    grep -q "From 10\.1\.3\.1 .*mtu = $M)" "$W/mtu"
flush_pmtu
ok "a packet of $M with DF passes" \
    ns pa ping -q -c 2 -i 0.2 -W 2 -M do -s $((M - 28)) 10.1.4.2
ok "... and from PC-B" \
    ns pb ping -q -c 2 -i 0.2 -W 2 -M do -s $((M - 28)) 10.1.3.2
flush_pmtu
ns pa ping -c 1 -W 2 -M do -s $((M + 1 - 48)) fd00:4::2 >"$W/mtu" 2>&1
ok "an IPv6 packet of $((M + 1)): packet too big, MTU $M" \
    grep -qi "From fd00:3::1.*mtu[ =]*$M" "$W/mtu"
flush_pmtu
ok "an IPv6 packet of $M passes" \
    ns pa ping -q -c 2 -i 0.2 -W 2 -M do -s $((M - 48)) fd00:4::2
for n in pa pb; do
	ns $n nft -f - <<E
table inet lab {
chain in {
	type filter hook input priority 0;
	icmp type destination-unreachable drop
	icmpv6 type packet-too-big drop
}
}
E
done
flush_pmtu
ok "all ICMP errors lost: 2 MB over TCP to PC-B" copy_file pb pa 10.1.4.2
ok "all ICMP errors lost: 2 MB over TCP to PC-A" copy_file pa pb 10.1.3.2
ok "all ICMP errors lost: 2 MB over TCP in IPv6" copy_file pb pa fd00:4::2
for n in pa pb; do ns $n nft delete table inet lab; done
mss() { # source: greatest MSS in its SYNs on PC-B's cable
	tcpdump -n -r "$W/lan.pcap" "src $1 and tcp port 7000" 2>/dev/null |
	    sed -n 's/.*Flags \[S.*mss \([0-9]*\).*/\1/p' | sort -n |
	    tail -1
}
below "MSS in the SYNs of IPv4" "$(mss 10.1.3.2)" $((M - 40))
below "MSS in the SYNs of IPv6" "$(mss fd00:3::2)" $((M - 60))

# --- s2sctl ---
rekeyed() { # gw old
	_new=$(spis "$1")
	[ -n "$_new" ] && [ "$_new" != "$2" ] && gw_up "$1"
}
gw_settled ga
for k in child ike; do
	_old=$(spis ga)
	_oldi=$(js ga 't["ikesa"]["established"]')
	ns pa ping -q -i 0.02 -c 150 -W 2 10.1.4.2 >"$W/ping" 2>&1 &
	_pp=$!
	sleep 0.5
	sleep 0.6
	ok "s2sctl rekey secgw-vpn $k" ctl ga rekey secgw-vpn $k
	if [ $k = child ]; then
		ok "... the SPIs are new" within 5 rekeyed ga "$_old"
	else
		ike_new() { [ "$(js ga 't["ikesa"]["established"]')" != \
		    "$_oldi" ]; }
		ok "... the IKE SA is new" within 5 ike_new
		is "... the child SAs are the old ones" "$(spis ga)" "$_old"
	fi
	wait $_pp
	_l=$(awk '/transmitted/ { print $1 - $4 }' "$W/ping")
	below "... pings lost of 150" "$_l" 0
done
_old=$(spis ga)
cp "$W/ga.conf" "$W/good.conf"
sed -i 's/	from 10/	form 10/' "$W/ga.conf"
ok "reload of a file with a typo is refused" not ctl ga reload
ctl ga reload >"$W/out" 2>&1
ok "... and names the line" grep -q 'ga\.conf:4' "$W/out"
is "... and changes nothing" "$(spis ga)" "$_old"

# --- numbers of a tunnel: no new negotiation ---
cp "$W/good.conf" "$W/ga.conf"
sed -i 's/^}/	mtu 1400\n	max-mss 1200\n	dpd 7\n}/
    s/^	psk/	lifetime 20m\n&/' "$W/ga.conf"
ns pa ping -q -i 0.01 -c 100 -W 2 10.1.4.2 >"$W/ping" 2>&1 &
_pp=$!
sleep 0.2
ok "reload with another mtu, maxmss, dpd and lifetime" ctl ga reload
wait $_pp
below "... pings lost of 100" \
    "$(awk '/transmitted/ { print $1 - $4 }' "$W/ping")" 0
is "... the tunnel keeps its SPIs" "$(spis ga)" "$_old"
ok "... status has the new MTU" within 5 sh -c \
    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock status secgw-vpn |
    grep -q 'MTU $((1400 - OVER))'"
route_mtu() {
	nsip ga route show table all |
	    grep -q "10.1.4.0/24.*mtu $((1400 - OVER))"
}
ok "... the route has it" within 5 route_mtu
file_of 1
ok "... TCP passes" copy_file pb pa 10.1.4.2
mss_now() { # of the last SYN
	tcpdump -n -r "$W/lan.pcap" "src 10.1.3.2 and tcp port 7000" \
	    2>/dev/null | sed -n 's/.*Flags \[S.*mss \([0-9]*\).*/\1/p' |
	    tail -1
}
mss_is() { [ "$(mss_now)" = 1200 ]; }
ok "... and the MSS of its SYNs is the new one" within 5 mss_is
cp "$W/good.conf" "$W/ga.conf"
cat >>"$W/ga.conf" <<E
tunnel "second" {
	local 192.168.1.3 peer 192.168.1.77
	from 10.1.3.0/24 to 10.77.0.0/24
	psk "another-secret-of-good-length"
}
E
ok "reload of a file with one more tunnel" ctl ga reload
is "... the new one is there" "$(js ga 't["name"]' second)" second
is "... the old one keeps its SPIs" "$(spis ga)" "$_old"
ok "... and carries traffic" ping4 pa 10.1.4.2
cp "$W/good.conf" "$W/ga.conf"
ok "reload without it, by SIGHUP" kill -HUP "$(gw_pid ga)"
no_second() { [ "$(js ga 't' second)" = None ]; }
within 5 no_second
is "... it is gone" "$(js ga 't' second)" None
is "... the old one keeps its SPIs" "$(spis ga)" "$_old"
ok "s2sctl down secgw-vpn" ctl ga down secgw-vpn
not_up() { ! gw_up ga; }
ok "... it is down" within 5 not_up
ok "... nothing passes from PC-A" not ping4 pa 10.1.4.2
ok "... nothing passes from PC-B" not ping4 pb 10.1.3.2
ok "s2sctl up secgw-vpn" ctl ga up secgw-vpn
ok "... it is up" gw_wait_up 10 ga gb
ok "... ping passes" ping4 pa 10.1.4.2
ok "s2sctl log says something of the tunnel" sh -c \
    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock log |
    grep -q secgw-vpn"
ok "s2sctl status of an unknown tunnel fails" not ctl ga status nowhere

# --- the wire, before we put clear packets on it ourselves ---
lab_wire

# --- who is on the WAN cannot put packets into the LAN ---
_mac=$(nsip ga -o link show wan | sed 's/.*ether \([0-9a-f:]*\).*/\1/')
reaches() { # source destination: does an injected packet reach PC-A?
	rm -f "$W/in.pcap"
	capture "$W/in.pcap" pa lan "udp port 9007" || return 1
	ns gb python3 "$TOP/regress/lab/inject.py" wan "$1" "$2" 9007 "$_mac"
	capture_stop
	[ "$(tcpdump -n -r "$W/in.pcap" 2>/dev/null | grep -c 9007)" -gt 0 ]
}
reaches4() { reaches 10.1.4.2 10.1.3.2; }
reaches6() { reaches fd00:4::2 fd00:3::2; }
ok "clear packet from the WAN, tunnel up: stopped" not reaches4
ok "clear IPv6 packet from the WAN, tunnel up: stopped" not reaches6

# --- nor does anybody talk to our IKE from inside the tunnel ---
ike_answers() { # ns address port: does that address answer to IKE 3.0?
	ns "$1" python3 - "$2" "$3" <<-'PY'
	import os, socket, sys
	s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else
	    socket.AF_INET, socket.SOCK_DGRAM)
	s.settimeout(1.5)
	m = os.urandom(8) + bytes(8) + bytes([33, 0x30, 34, 8]) + bytes(4) + \
	    (36).to_bytes(4, "big") + bytes(8)
	s.connect((sys.argv[1], int(sys.argv[2])))
	s.send((bytes(4) if sys.argv[2] == "4500" else b"") + m)
	try:
	    s.recv(2000)
	except OSError:
	    sys.exit(1)
	PY
}
# Its answers pass the tunnel by: they would be seen on the WAN.
ike_loops() { # address port
	rm -f "$W/in.pcap"
	capture "$W/in.pcap" gb wan "udp and host $1" || return 0
	ike_answers pb "$1" "$2" && return 0
	capture_stop
	[ "$(tcpdump -n -r "$W/in.pcap" 2>/dev/null | wc -l)" -gt 0 ]
}
for p in 500 4500; do
	ok "IKE on port $p answers on the WAN" ike_answers gb 192.168.1.3 $p
	ok "... and on the LAN" ike_answers pa 10.1.3.1 $p
	ok "... and on the LAN in IPv6" ike_answers pa fd00:3::1 $p
	ok "... not to who is in the tunnel" not ike_loops 10.1.3.1 $p
	ok "... nor in IPv6" not ike_loops fd00:3::1 $p
done

ctl ga down secgw-vpn >/dev/null 2>&1
ok "clear packet from the WAN, tunnel down: stopped" not reaches4
ok "clear IPv6 packet from the WAN, tunnel down: stopped" not reaches6
gw_stop ga
ns ga sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ok "clear packet from the WAN, s2sd ended: stopped" not reaches4
ok "clear IPv6 packet from the WAN, s2sd ended: stopped" not reaches6
gw_lift ga
ok "after s2sd -u it passes (so the tests above can fail)" reaches4
ok "after s2sd -u IPv6 passes too" reaches6
ok "s2sd -b sets the block and ends" timeout 10 \
    ip netns exec "$LAB_PREFIX-ga" "$S2SD" -b -f "$W/ga.conf" -s "$W/ga.sock"
ok "... clear packet from the WAN: stopped" not reaches4
ok "... clear IPv6 packet from the WAN: stopped" not reaches6
ok "s2sd -u lifts it" gw_lift ga
ns ga sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0

# --- nothing stays ---
gw_stop gb
gw_lift gb
for g in ga gb; do
	snapshot $g >"$W/$g.after"
	ok "$g is as before s2sd" diff -u "$W/$g.before" "$W/$g.after"
done
tap_end
