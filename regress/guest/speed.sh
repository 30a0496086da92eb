#!/bin/sh
# SPDX-License-Identifier: ISC
# speed.sh: XFRM by s2sd beside XFRM by strongSwan: throughput, CPU, netlink requests
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

have iperf3 && have jq || { skip "speed" "no iperf3 or jq"; tap_end; }
plane_conf xfrm >/dev/null || { skip "speed" "no XFRM here"; tap_end; }
PLANE=xfrm IKE=2 SUITE=gcm NAT=none SIDE=init
SECONDS_EACH=${1:-4}

# load: $MBIT and $CPU (jiffies for each 100 MB), PC-A to PC-B by TCP
load() {
	ip netns exec "$LAB_PREFIX-pb" iperf3 -s -1 -B 10.1.4.2 \
	    >"$W/iperf.s" 2>&1 &
	_sp=$!
	within 10 sh -c "ip netns exec $LAB_PREFIX-pb ss -ltn | grep -q :5201"
	_c0=$(cpu)
	ns pa iperf3 -J -c 10.1.4.2 -t "$SECONDS_EACH" >"$W/iperf" 2>&1 || {
		kill "$_sp"
		return 1
	}
	_c1=$(cpu)
	wait "$_sp"
	MBIT=$(jq -r '.end.sum_received.bits_per_second / 1e6 | floor' \
	    "$W/iperf")
	CPU=$(jq -r --argjson j $((_c1 - _c0)) \
	    '$j * 1e8 / .end.sum_received.bytes | floor' "$W/iperf")
}
best() { # file: the greatest rate and the least CPU in it
	awk '{ if ($1 > r) r = $1; if (!c || $2 < c) c = $2 }
		END { print r + 0, c + 0 }' "$1"
}
with_s2sd() {
	row_addresses
	PEER=s2sd
	peer_at gb
	peer_start && near_start && within 40 near_up
}
without_s2sd() {
	near_stop
	peer_stop
}
with_strongswan() {
	PEER=strongswan
	peer_at gb
	row_addresses
	peer_start || return 1
	peer_at ga
	ME=192.168.1.4 YOU=192.168.1.3 SEEN_ME=192.168.1.4
	peer_start && within 10 peer_initiate && within 20 peer_up
}
without_strongswan() {
	for _g in ga gb; do
		peer_at $_g
		peer_stop
	done
}

topo_up || die "no topology"
for g in ga gb; do
	ns $g sysctl -qw net.ipv4.ip_forward=1
done
ok "plain forwarding" load
note "plain: $MBIT Mbit/s, $CPU jiffies for 100 MB"
plain=$MBIT

: >"$W/s2sd.speed"
: >"$W/strongswan.speed"
for round in 1 2 3; do
	for who in s2sd strongswan; do
		[ "$round" != 1 ] || key_watch ga "$W/nl.$who"
		ok "round $round, $who: up" with_$who
		ns pa ping -q -c 2 -i 0.2 10.1.4.2 >/dev/null 2>&1
		if [ "$round" = 1 ]; then
			note "netlink, $who, start and up: $(key_watched "$W/nl.$who")"
			key_watch ga "$W/nl.$who"
			case $who in
			s2sd) near_rekey child ;;
			*) peer_rekey child ;;
			esac >/dev/null 2>&1
			sleep 6
			note "netlink, $who, new child keys: $(key_watched "$W/nl.$who")"
		fi
		ok "round $round, $who: load" load
		echo "$MBIT $CPU" >>"$W/$who.speed"
		[ "$round" != 1 ] || key_watch ga "$W/nl.$who"
		without_$who
		[ "$round" != 1 ] ||
		    note "netlink, $who, stop: $(key_watched "$W/nl.$who")"
	done
done
ours=$(best "$W/s2sd.speed")
theirs=$(best "$W/strongswan.speed")
for who in s2sd strongswan; do
	note "$who: $(best "$W/$who.speed" |
	    sed 's/ / Mbit\/s, /') jiffies for 100 MB; all: $(tr '\n' ';' \
	    <"$W/$who.speed")"
done
# the kernel does the same work for both; what differs is this machine's noise
ok "not slower: $ours beside $theirs" sh -c \
    "set -- $ours $theirs; [ \$((\$1 * 100)) -ge \$((\$3 * 70)) ]"
ok "not more CPU" sh -c \
    "set -- $ours $theirs; [ \$((\$2 * 100)) -le \$((\$4 * 140)) ]"
tap_end
