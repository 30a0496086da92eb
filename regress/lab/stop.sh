#!/bin/sh
# SPDX-License-Identifier: ISC
# stop.sh: each process stopped (SIGSTOP) for a while under traffic.  TAP.
# Bad-input matrix N104, N123: packets do not need the others, nothing queues
# without bound, and the SA survives.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

lab_two "$(masq_kind)"
gw_start ga
gw_start gb
ok "up" gw_wait_up 15 ga gb
ok "ping passes" ping4 pa 10.1.4.2
gw_settled ga
before=$(spis ga)

# role seconds: stop it that long; no packet is lost, the SAs stay
stop_one() {
	_pid=$(gw_role ga "$1")
	[ -n "$_pid" ] || { ok "s2sd-$1 runs" false; return; }
	ping_start pa -q -i 0.05 -W 1 10.1.4.2
	sleep 0.5
	kill -STOP "$_pid"
	sleep "$2"
	kill -CONT "$_pid"
	sleep 0.5
	ping_stop
	_lost=$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$W/ping")
	is "s2sd-$1 stopped for $2 s: per cent of packets lost" "$_lost" 0
	is "s2sd-$1: the same process goes on" "$(gw_role ga "$1")" "$_pid"
	ok "s2sd-$1: still up" gw_up ga
	is "s2sd-$1: the same SAs" "$(spis ga)" "$before"
}
for r in net ike keys sad host ctl; do
	stop_one $r 5
done
ok "the keys are renewed as before" ctl ga rekey secgw-vpn child
sleep 1
ok "... with new SPIs" test "$(spis ga)" != "$before"
ok "ping passes" ping4 pa 10.1.4.2

lab_wire
tap_end
