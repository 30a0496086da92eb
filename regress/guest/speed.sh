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
# middle FILE: the medians of the rates and of the CPU in it
middle() {
	echo "$(cut -d' ' -f1 "$1" | half) $(cut -d' ' -f2 "$1" | half)"
}
half() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] + 0 }'; }
# exempt add|delete: what an admin of a masquerading gateway does for strongSwan
exempt() {
	for _g in ga gb; do
		if [ "$1" = add ]; then
			ns $_g nft insert rule ip nat postrouting \
			    rt ipsec exists accept
		else
			ns $_g nft delete table ip nat && masq native $_g
		fi || return 1
	done
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
	exempt add || return 1
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
	exempt delete
}

# order_WHO rekey|down|up: by that daemon's own control program, at ga
order_s2sd() {
	case $1 in
	rekey) near_rekey child ;;
	*) ctl ga "$1" secgw-vpn ;;
	esac
}
order_strongswan() {
	case $1 in
	rekey) peer_rekey child ;;
	down) strongswan_ctl --terminate --ike s2s ;;
	up) peer_initiate ;;
	esac
}
# requests WHAT COMMAND...: netlink requests at ga until 6 s after that, which
# is when the old SAs of a rekey are gone
requests() {
	_rw=$1
	shift
	key_watch ga "$W/nl" || return
	"$@" >/dev/null 2>&1
	sleep 6
	_rn=$(key_watched "$W/nl")
	note "netlink requests, $who, $_rw: $_rn"
	echo "$_rw $(echo "$_rn" | sed 's/.*(//; s/).*//' | tr ',' '\n' |
	    awk '$1 !~ /^get/ { n += $2 } END { print n + 0 }')" \
	    >>"$W/$who.requests"
}
xfrm_of() { # WHO WHAT
	sed -n "s/^$2 //p" "$W/$1.requests"
}

topo_up && masq native || die "no topology"
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
		ok "round $round, $who: up" with_$who
		ns pa ping -q -c 2 -i 0.2 10.1.4.2 >/dev/null 2>&1
		ok "round $round, $who: load" load
		echo "$MBIT $CPU" >>"$W/$who.speed"
		[ "$round" != 1 ] || {
			requests rekey order_$who rekey
			requests down order_$who down
			requests up order_$who up
			ok "$who: up again" within 20 \
			    ns pa ping -q -c 1 -W 1 10.1.4.2
		}
		without_$who
	done
done
ours=$(middle "$W/s2sd.speed")
theirs=$(middle "$W/strongswan.speed")
for who in s2sd strongswan; do
	note "$who: medians $(middle "$W/$who.speed" |
	    sed 's/ / Mbit\/s, /') jiffies for 100 MB; all: $(tr '\n' ';' \
	    <"$W/$who.speed")"
done
for what in up rekey down; do
	_n=$(xfrm_of s2sd $what)
	ok "XFRM requests that change something, $what: ${_n:-none}" \
	    test "${_n:-0}" -gt 0 -a "${_n:-99}" -le "$(xfrm_of strongswan $what)"
done
# the kernel does the same work for both; where the clock counts instructions
# there is no noise in it but that of TCP, elsewhere all of this machine's
MAY=5
[ -n "${S2SD_GUEST_ICOUNT:-}" ] || MAY=30
ok "not slower by more than $MAY %: $ours beside $theirs" sh -c \
    "set -- $ours $theirs; [ \$((\$1 * 100)) -ge \$((\$3 * (100 - $MAY))) ]"
ok "not more CPU by more than $MAY %" sh -c \
    "set -- $ours $theirs; [ \$((\$2 * 100)) -le \$((\$4 * (100 + $MAY))) ]"
tap_end
