#!/bin/sh
# SPDX-License-Identifier: ISC
# outer6.sh: IPv6 between the gateways, both families inside.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script
LAB_V6=1

lab_two "$(masq_kind)"
for g in ga gb; do
	sed -i 's/192\.168\.1\.\([34]\)/fd00:1::\1/g' "$W/$g.conf"
	gw_start $g
done
ok "up" gw_wait_up 10 ga gb
ok "ping from PC-A to PC-B" ping4 pa 10.1.4.2
ok "ping from PC-B to PC-A" ping4 pb 10.1.3.2
ok "IPv6 inside: ping from PC-A to PC-B" ping4 pa fd00:4::2
ok "IPv6 inside: ping from PC-B to PC-A" ping4 pb fd00:3::2
file_of 16
ok "1 MB over TCP from PC-A to PC-B" copy_file pb pa 10.1.4.2
ok "1 MB over TCP from PC-B to PC-A" copy_file pa pb 10.1.3.2
# 1500 - 40 IPv6 - 8 UDP - 8 ESP - 8 IV - 16 ICV = 1420, less 2
M=1418
! plane_is_kernel || M=1426			# no UDP
ns pa ping -c 1 -W 2 -M do -s $((M + 1 - 28)) 10.1.4.2 >"$W/mtu" 2>&1
ok "a forwarded packet of $((M + 1)) with DF: fragmentation needed, MTU $M" \
    grep -q "From 10\.1\.3\.1 .*mtu = $M)" "$W/mtu"
nsip pa route flush cache
ok "a packet of $M with DF passes" \
    ns pa ping -q -c 2 -i 0.2 -W 2 -M do -s $((M - 28)) 10.1.4.2
lab_wire
tap_end
