#!/bin/sh
# SPDX-License-Identifier: ISC
# percpu.sh: SAs of single CPUs (RFC 9611), where the guest's kernel has them
# (S2SD_GUEST_SUITE), and nothing of it where it has not
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

# from NS CPU TARGET [COUNT]: a ping whose packets that CPU handles all the way
from() {
	ns "$1" taskset -c "$2" ping -q -c "${4:-3}" -i 0.05 -W 2 "$3"
}
# cpus GW: the CPUs of its child SAs, `-' is all, sorted
cpus() {
	js "$1" '" ".join(sorted("-" if c["cpu"] is None else str(c["cpu"])
	    for c in t["childsas"]))'
}
# sent GW CPU: packets by the SA of that CPU
sent() {
	js "$1" 'sum(c["out"]["packets"] for c in t["childsas"]
	    if c["cpu"] == '"$2"')'
}
now_cpus() { [ "$(cpus "$1")" = "$2" ]; }
# lossless WHAT COMMAND...: both CPUs send while that goes on
lossless() {
	_w=$1
	shift
	for _c in 0 1; do
		ip netns exec "$LAB_PREFIX-pa" taskset -c $_c ping -i 0.02 \
		    -c 300 -q -W 2 10.1.4.2 >"$W/ping.$_c" 2>&1 &
		eval "_p$_c=$!"
	done
	sleep 0.5
	"$@"
	wait "$_p0" "$_p1"
	is "$_w: no packet of either CPU lost" \
	    "$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' \
	    "$W/ping.0" "$W/ping.1" | tr '\n' ' ')" "0 0 "
}
renew() { # gw what
	_old=$(spis ga)
	ctl "$1" rekey secgw-vpn "$2" >/dev/null || return 1
	[ "$2" = ike ] || within 20 eval 'fresh "$_old" "$(spis ga)"'
}
end() {
	for _g in ga gb; do
		gw_stop $_g
		gw_lift $_g
	done
}
start() { # [flags of gb]
	for _g in ga gb; do
		gw_conf $_g "set gateway" "	per-cpu"
	done
	[ -z "${1:-}" ] || gw_conf gb
	gw_start ga
	gw_start gb
	ok "up" gw_wait_up 60 ga gb
}

topo_up || die "no topology"
for g in ga gb; do
	masq native $g || die "no masquerade"
done
outer_capture || die "no capture"
start
if within 10 now_cpus ga "- 0 1"; then
	ok "each CPU has an SA of its own" true
	is "so it has at the other end" "$(cpus gb)" "- 0 1"
	for _c in 0 1; do
		_was=$(sent ga 0)/$(sent ga 1)
		ok "CPU $_c sends" from pa $_c 10.1.4.2 20
		[ $_c = 0 ] && _is=$(($(sent ga 0) - 20))/$(sent ga 1) ||
		    _is=$(sent ga 0)/$(($(sent ga 1) - 20))
		is "by its own SA alone" "$_is" "$_was"
	done
	ok "the other direction" from pb 1 10.1.3.2 10
	for _g in ga gb; do
		lossless "traffic keys renewed by $_g" renew $_g child
		is "... the same CPUs" "$(cpus ga)/$(cpus gb)" "- 0 1/- 0 1"
		lossless "session keys renewed by $_g" renew $_g ike
	done
	_was=$(spis ga)
	kill -9 "$(gw_role ga sad)"
	ok "s2sd-sad killed: both CPUs send" eval \
	    'from pa 0 10.1.4.2 && from pa 1 10.1.4.2'
	ok "... the same SAs" within 30 eval '[ "$(spis ga)" = "$_was" ]'
	lossless "... and they are renewed" renew ga child
	is "eight SAs or less are in the kernel" "$(nsip ga xfrm state |
	    grep -c 'proto esp' | awk '{ print ($1 <= 8) }')" 1
	kill -9 "$(gw_pid ga)"
	ok "all of it killed" within 20 gw_gone ga
	rm -f "$W/ga.pid"
	gw_start ga
	ok "up again" gw_wait_up 60 ga gb
	ok "both CPUs send" eval 'from pa 0 10.1.4.2 && from pa 1 10.1.4.2'
	ok "... and have their SAs" within 40 now_cpus ga "- 0 1"
	end
	is "nothing of ours is left" \
	    "$(nsip ga xfrm state | grep -c 'proto esp')" 0
	start plain
	ok "an end without the word" from pa 0 10.1.4.2
	ok "... one SA at both" within 30 eval \
	    '[ "$(cpus ga)/$(cpus gb)" = -/- ]'
else
	is "this kernel has no such SAs: one, and quietly" \
	    "$(cpus ga) $(cpus gb) $(grep -ci 'cpu' "$W/ga.log")" "- - 0"
	ok "both CPUs send" eval 'from pa 0 10.1.4.2 && from pa 1 10.1.4.2'
fi
end
outer_wire "all of this" esp
topo_down
tap_end
