#!/bin/sh
# SPDX-License-Identifier: ISC
# deaths.sh: kill -9 of each process and of all, under traffic that the kernel encrypts
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

PLANE=${1:-xfrm}
if ! plane_conf "$PLANE" >/dev/null; then
	skip "kill -9" "no $PLANE here"
	tap_end
fi
# 5 s on a machine, and where the clock counts instructions; elsewhere this one
# is emulated, and may share two processors with whatever else its host does.
# What it took is printed.
MAY_BE=20
[ -z "${S2SD_GUEST_ICOUNT:-}" ] || MAY_BE=5
topo_up && masq "$(masq_kind)" || die "no topology"
outer_capture || die "no capture"
snapshot_host ga >"$W/ga.host"
snapshot ga >"$W/ga.before"
for g in gb ga; do
	gw_conf $g "set gateway
$(plane_conf "$PLANE")"
	gw_start $g
	# af_key looks for all of its algorithms each time that somebody
	# registers, and has everybody else wait
	within 60 grep -q 's2sd [0-9.]* runs' "$W/$g.log"
done
_t=$(now_s)
ok "up" gw_wait_up 60 ga gb
note "seconds from start to up: $(since "$_t")"
ok "this plane" grep -q "SA backend: $PLANE" "$W/ga.log"
ok "ping passes" ping4 pa 10.1.4.2

# roles: all that run at ga, `role pid'
roles() {
	pgrep -P "$(gw_pid ga)" -l | sed -n 's/^\([0-9]*\) s2sd-/\1 /p' |
	    awk '{ print $2, $1 }' | sort
}
came_back() { # role old-pid
	_np=$(gw_role ga "$1")
	[ -n "$_np" ] && [ "$_np" != "$2" ]
}
answers() { # of the running ping, so far
	grep -c 'bytes from' "$W/ping"
}
more() { [ "$(answers)" -gt "$1" ]; }
kill_one() { # role
	_pid=$(gw_role ga "$1")
	[ -n "$_pid" ] || { ok "s2sd-$1 runs" false; return; }
	ping_start pa -D -i 0.05 -W 1 10.1.4.2
	within 10 more 5
	kill -9 "$_pid"
	ok "s2sd-$1: started again after kill -9" within 10 came_back "$1" "$_pid"
	ok "s2sd-$1: up again" gw_wait_up 30 ga gb
	_n=$(answers)
	ok "s2sd-$1: traffic" within 5 more $((_n + 20))
	ping_stop
	below "s2sd-$1: seconds without traffic" "$(gap "$W/ping")" $MAY_BE
	note "$(grep transmitted "$W/ping")"
}
# every role that there is, whoever it may be
ALL=$(roles | cut -d' ' -f1)
note "roles: $(echo $ALL)"
for r in ctl host ike keys net sad; do
	ok "s2sd-$r is among them" eval 'echo "$ALL" | grep -qx "$r"'
done
for r in $ALL; do
	kill_one "$r"
done
_old=$(spis ga)
ctl ga rekey secgw-vpn child >/dev/null 2>&1
ok "after all these deaths new keys can be made" within 20 \
    eval 'fresh "$_old" "$(spis ga)"'

pols() { nsip ga xfrm policy | grep -c "$1"; }

# kill_more WHAT PID...: then a new start; the tunnel's clock starts with it
kill_more() {
	_kw=$1
	shift
	roles >"$W/roles"
	ping_start pa -D -i 0.05 -W 1 10.1.4.2
	within 10 more 5
	kill -9 "$@"
	while read -r _r _p; do
		within 10 ended "$_p" || echo "s2sd-$_r still runs"
	done <"$W/roles" >"$W/left"
	ok "$_kw: nothing of s2sd runs" not grep . "$W/left"
	rm -f "$W/ga.pid"
	_n=$(answers)
	_t=$(now_s)
	gw_start ga
	ok "$_kw: traffic after the new start" within 30 more $((_n + 3))
	# a flow that was tracked before needs no exemption; a new one does
	ok "$_kw: ... of a new flow" within 30 \
	    ns pa ping -q -c 1 -W 1 10.1.4.2
	_took=$(since "$_t")
	below "$_kw: seconds from the new start to traffic" "$_took" $MAY_BE
	ok "$_kw: up" gw_wait_up 30 ga gb
	ping_stop
	ok "$_kw: ping from PC-A" ping4 pa 10.1.4.2
	ok "$_kw: ping from PC-B" ping4 pb 10.1.3.2
}
kill_more "parent killed" "$(gw_pid ga)"
# shellcheck disable=SC2046
kill_more "all killed" "$(gw_pid ga)" $(roles | cut -d' ' -f2)

# --- what is left ---
gw_stop ga
# Only the block stays: policies without an SA, and whoever asks is stopped.
is "stopped: no SA is left" "$(spi_of ga)" ""
snapshot_host ga >"$W/ga.stopped"
[ "$PLANE" = userland ] || {
	ok "stopped: filter, routes, rules, sysctls are as before s2sd" \
	    diff -u "$W/ga.host" "$W/ga.stopped"
	ok "stopped: there are policies" test "$(pols 'dir ')" -gt 0
	is "stopped: all of them only block" "$(pols 'action block')" \
	    "$(pols 'dir ')"
}
ns ga sysctl -qw net.ipv4.ip_forward=1	# so that nothing else stops a packet
ok "stopped: nothing passes from PC-A" not ping4 pa 10.1.4.2
ok "stopped: nor from PC-B" not ping4 pb 10.1.3.2
ns ga sysctl -qw net.ipv4.ip_forward=0
gw_lift ga
snapshot ga >"$W/ga.after"
ok "after s2sd -u nothing of ours is left" \
    diff -u "$W/ga.before" "$W/ga.after"
gw_stop gb
gw_lift gb
outer_wire "the whole run" esp
tap_end
