#!/bin/sh
# SPDX-License-Identifier: ISC
# topology.sh: the topology of the demo, s2sd on both sides, on every plane
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

kind=$(masq_kind)
for plane in ${*:-$(planes)}; do
	v6=1
	[ "$plane" != pfkey ] || v6=
	topo_up || die "no topology"
	masq "$kind" || die "no masquerade"
	outer_capture || die "no capture"
	snapshot ga >"$W/ga.before"
	for g in ga gb; do
		LAB_V6=$v6 gw_conf $g "set gateway
$(plane_conf "$plane")"
		gw_start $g
	done
	ok "$plane: up" gw_wait_up 150 ga gb
	ok "$plane: it is this plane" \
	    grep -q "SA backend: $plane" "$W/ga.log"
	ok "$plane: ping from PC-A to PC-B" ping4 pa 10.1.4.2
	ok "$plane: ping from PC-B to PC-A" ping4 pb 10.1.3.2
	[ -z "$v6" ] || {
		ok "$plane: IPv6 inside from PC-A to PC-B" ping4 pa fd00:4::2
		ok "$plane: IPv6 inside from PC-B to PC-A" ping4 pb fd00:3::2
	}
	file_of 8
	ok "$plane: TCP from PC-A to PC-B" copy_file pb pa 10.1.4.2
	is "$plane: its source is PC-A's" \
	    "$(sed 's/,.*//' "$W/serve")" "from 10.1.3.2"
	ok "$plane: TCP from PC-B to PC-A" copy_file pa pb 10.1.3.2
	for g in ga gb; do
		_was=$(spis $g)
		ok "$plane: s2sctl rekey child on $g" ctl $g rekey secgw-vpn child
		ok "$plane: ... the SPIs are new" within 20 \
		    eval 'fresh "$_was" "$(spis $g)"'
		ok "$plane: ... ping" ping4 pa 10.1.4.2
	done
	for g in ga gb; do
		gw_stop $g
		gw_lift $g
	done
	snapshot ga >"$W/ga.after"
	ok "$plane: nothing of ours is left" \
	    diff -u "$W/ga.before" "$W/ga.after"
	_esp=
	[ "$plane" = userland ] || _esp=esp
	# shellcheck disable=SC2086
	outer_wire "$plane" $_esp
	topo_down
done
tap_end
