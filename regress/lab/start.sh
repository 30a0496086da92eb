#!/bin/sh
# SPDX-License-Identifier: ISC
# start.sh: the LAN floods the remote network while s2sd starts, is killed,
# starts again and is stopped: what leaves in the clear, and until when.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

# Each READY=1 of gateway A's daemon, with the time, into $W/ready.
python3 -u - "$W/notify" >"$W/ready" <<'P' &
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    if b"READY=1" in s.recv(4096).split(b"\n"):
        print("%.6f" % time.time())
P
LISTENER=$!
trap 'kill $LISTENER $FLOODS 2>/dev/null; lab_end' EXIT
FLOODS=
within 5 test -S "$W/notify"

start_a() {
	NOTIFY_SOCKET=$W/notify
	export NOTIFY_SOCKET
	gw_start ga
	unset NOTIFY_SOCKET
}
readies() { wc -l <"$W/ready"; }
said_ready() { [ "$(readies)" -ge "$1" ]; }
# 500 packets a second in each direction, in the name of hosts of the LANs
flood() {
	for _d in "pa 10.1.4.2" "pb 10.1.3.2"; do
		# shellcheck disable=SC2086
		set -- $_d
		ip netns exec "$LAB_PREFIX-$1" ping -q -n -i 0.002 -W 1 "$2" \
		    >/dev/null 2>&1 &
		FLOODS="$FLOODS $!"
	done
	sleep 1
}
flood_end() {
	for _p in $FLOODS; do
		kill "$_p" 2>/dev/null
		wait "$_p" 2>/dev/null
	done
	FLOODS=
}
# clear FILE [TIME]: packets from A's LAN, or to B's, that left A (from then on)
clear() {
	python3 - "$TOP/regress/lab" "$1" "${2:-0}" <<'P'
import ipaddress, sys
sys.path.insert(0, sys.argv[1])
path, since = sys.argv[2], float(sys.argv[3])
sys.argv = sys.argv[:1]
import wire
bad = last = 0
for t, frame in wire.packets(path):
    s = wire.split(frame)
    if s and t >= since and (wire.inside(s[0]) or wire.inside(s[1])):
        bad += 1
        last = t
print(bad, "%.6f" % last)
P
}
passes() { # name file
	capture_stop
	_c=$(clear "$2")
	is "$1: packets in the clear" "${_c% *}" 0
}
# A life under the flood: start, kill -9 and a start at once, a stop.
life() {
	_had=$(readies)
	start_a
	ok "$1: ready" within 20 said_ready $((_had + 1))
	_first=$(sed -n "$((_had + 1))p" "$W/ready")
	ok "$1: up" gw_wait_up 30 ga gb
	ok "$1: the flood passes" ping4 pa 10.1.4.2
	kill -9 "$(gw_pid ga)"
	sleep 1
	rm -f "$W/ga.pid"
	start_a
	ok "$1: killed and started: ready" within 20 said_ready $((_had + 2))
	ok "$1: killed and started: up" gw_wait_up 30 ga gb
	gw_stop ga
	sleep 1
}

topo_up || die "no topology"
masq "$(masq_kind)" ga || die "no masquerade"
for g in ga gb; do
	gw_conf $g
	ns $g sysctl -qw net.ipv4.ip_forward=1
done
gw_start gb
within 20 ctl gb status

# --- -b came first, as s2sd-block.service does: nothing leaves, ever ---
ok "s2sd -b" ns ga "$S2SD" -b -f "$W/ga.conf" -s "$W/ga.sock"
capture "$W/block.pcap" ga wan -Q out || die "no capture"
flood
life "after s2sd -b"
flood_end
passes "after s2sd -b: start, kill -9, start, stop" "$W/block.pcap"
gw_lift ga

# --- without it: until ready, what the host's own rules let out ---
ns ga conntrack -F >/dev/null 2>&1
ns ga sysctl -qw net.ipv4.ip_forward=1
capture "$W/bare.pcap" ga wan -Q out || die "no capture"
flood
_t=$(date +%s.%N)
life "without -b"
flood_end
capture_stop
_all=$(clear "$W/bare.pcap")
_bare=$(clear "$W/bare.pcap" "$_t")
_since=$(clear "$W/bare.pcap" "$_first")
ok "without -b: before the start the flood does leave: the test can fail" \
    test "${_all% *}" -gt "${_bare% *}"
is "without -b: packets in the clear from ready to the end" \
    "${_since% *}" 0
note "without -b: ${_all% *} packets in the clear, ${_bare% *} of them in the" \
    "$(awk -v a="$_t" -v b="${_all#* }" 'BEGIN { printf "%.0f", 1000 * (b - a) }')" \
    "ms from the start to the last; ready after" \
    "$(awk -v a="$_t" -v b="$_first" 'BEGIN { printf "%.0f", 1000 * (b - a) }')" ms
gw_lift ga
gw_stop gb
tap_end
