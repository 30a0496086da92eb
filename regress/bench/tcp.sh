#!/bin/sh
# SPDX-License-Identifier: ISC
# tcp.sh: TCP throughput through the tunnel beside plain forwarding, in turns
# in one run; medians of three.  usage: sudo sh regress/bench/tcp.sh [seconds]
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
need_root
_l=$(lab_lacks)
[ -z "$_l" ] || die "this machine lacks $_l"
[ "$(id -u)" -ne 0 ] || ! apt_here || pkg_install iperf3
have iperf3 || die "iperf3 is missing"
SECONDS_EACH=${1:-5}
lab_begin
lab_programs
users_make

median() { sort -n | awk '{ v[NR] = $1 }
	END { if (NR) print v[int((NR + 1) / 2)] }'; }
# mbit: one run from PC-A to PC-B, Mbit/s
mbit() {
	ns pb iperf3 -s -1 -p 7010 >/dev/null 2>&1 &
	_ip=$!
	within 5 sh -c "ip netns exec $LAB_PREFIX-pb ss -ltn | grep -q :7010"
	ns pa iperf3 -c 10.1.4.2 -p 7010 -t "$SECONDS_EACH" -J \
	    >"$W/iperf.json" 2>/dev/null
	wait $_ip
	python3 -c 'import json, sys
print("%.0f" % (json.load(open(sys.argv[1]))["end"]["sum_received"]
    ["bits_per_second"] / 1e6))' "$W/iperf.json"
}
rss() { # KiB of each role
	for _r in net ike keys sad esp host ctl; do
		_p=$(gw_role ga $_r)
		[ -z "$_p" ] || printf ' %s %s' "$_r" \
		    "$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$_p/status")"
	done
	echo " s2sd $(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' \
	    "/proc/$(gw_pid ga)/status")"
}
for round in 1 2 3; do
	# plain: the same path, forwarded without a tunnel
	topo_up || die "no topology"
	for g in ga gb; do ns $g sysctl -qw net.ipv4.ip_forward=1; done
	mbit >>"$W/plain"
	topo_down
	# through s2sd, as in the demo
	topo_up || die "no topology"
	masq "$(masq_kind)"
	for g in ga gb; do
		gw_conf $g
		gw_start $g
	done
	gw_wait_up 15 ga gb || die "the tunnel does not come up"
	mbit >>"$W/tunnel"
	[ $round -ne 3 ] || rss >"$W/rss"
	for g in ga gb; do gw_stop $g; done
	topo_down
	echo "round $round: plain $(tail -1 "$W/plain") Mbit/s," \
	    "tunnel $(tail -1 "$W/tunnel") Mbit/s"
done
echo "median: plain $(median <"$W/plain") Mbit/s," \
    "tunnel $(median <"$W/tunnel") Mbit/s"
echo "memory in use (RSS, KiB):$(cat "$W/rss")"
