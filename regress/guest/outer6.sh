#!/bin/sh
# SPDX-License-Identifier: ISC
# outer6.sh: IPv6 between the gateways, both families inside, ESP of the kernel
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin
LAB_V6=1

for plane in ${*:-xfrm}; do
	plane_conf "$plane" >/dev/null || {
		skip "$plane: IPv6 outside" "not here"
		continue
	}
	topo_up && masq "$(masq_kind)" || die "no topology"
	outer_capture || die "no capture"
	_body=
	[ "$plane" != pfkey ] ||
	    _body="childsa enc aes-256 auth hmac-sha1 group modp2048"
	for g in ga gb; do
		gw_conf $g "set gateway
$(plane_conf "$plane")" "$_body"
		sed -i 's/192\.168\.1\.\([34]\)/fd00:1::\1/g' "$W/$g.conf"
		gw_start $g
	done
	ok "$plane: up" gw_wait_up 150 ga gb
	ok "$plane: it is this plane" \
	    grep -q "SA backend: $plane" "$W/ga.log"
	ok "$plane: the SAs are between IPv6 addresses" \
	    sh -c "ip -n $LAB_PREFIX-ga xfrm state | grep -q '^src fd00:1::3 dst fd00:1::4'"
	ok "$plane: ping from PC-A to PC-B" ping4 pa 10.1.4.2
	ok "$plane: ping from PC-B to PC-A" ping4 pb 10.1.3.2
	ok "$plane: IPv6 inside: from PC-A to PC-B" ping4 pa fd00:4::2
	ok "$plane: IPv6 inside: from PC-B to PC-A" ping4 pb fd00:3::2
	file_of 4
	ok "$plane: TCP from PC-A to PC-B" copy_file pb pa 10.1.4.2
	_was=$(spi_of ga)
	ok "$plane: new keys" ctl ga rekey secgw-vpn child
	ok "$plane: ... ping" within 10 ping4 pa fd00:4::2
	ok "$plane: ... the old SAs go" within 30 \
	    eval 'fresh "$_was" "$(spi_of ga)"'
	for g in ga gb; do
		slow_stop $g
		gw_lift $g
	done
	outer_wire "$plane" esp
	topo_down
done
tap_end
