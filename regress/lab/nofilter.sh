#!/bin/sh
# SPDX-License-Identifier: ISC
# nofilter.sh: the kernel refuses the filter that shares out port 4500.  TAP.
# refuse.c stands before setsockopt(2) of s2sd alone (its children get an empty
# environment), so that s2sd-esp gets every datagram and hands IKE on.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

LAB_V6=1
cc -shared -fPIC -o "$W/refuse.so" "$TOP/regress/lab/refuse.c" ||
    die "no compiler"
chmod 755 "$W"
LAB_PRELOAD=$W/refuse.so
lab_two "$(masq_kind)"
gw_conf ga
gw_conf gb
gw_start ga
gw_start gb
ok "up" gw_wait_up 15 ga gb
for g in ga gb; do
	ok "$g: the log says that there is no filter" \
	    grep -q 'no filter on it' "$W/$g.log"
done
ok "ping from PC-A to PC-B" ping4 pa 10.1.4.2
ok "ping from PC-B to PC-A" ping4 pb 10.1.3.2
ok "IPv6 inside" ping4 pa fd00:4::2
file_of 32
ok "2 MB over TCP" copy_file pb pa 10.1.4.2
count() { # gw process counter
	ctl "$1" stats | awk -v p="s2sd-$2" -v c="$3" \
	    '$1 == p && $2 == c { print $3 }'
}
some() { [ "$(count "$@")" -gt 0 ]; }
ok "A: s2sd-esp handed IKE on" some ga esp in-ike
ok "B: s2sd-esp handed IKE on" some gb esp in-ike

# --- renewal, from both ends, under traffic ---
for g in ga gb; do
	for k in child ike; do
		_old=$(spis $g)
		_oldi=$(js $g 't["ikesa"]["established"]')
		ping_start pa -q -i 0.02 -W 2 10.1.4.2
		sleep 0.5
		ok "$g: rekey $k" ctl $g rekey secgw-vpn $k
		renewed() {
			if [ $k = child ]; then
				_n=$(spis $g)
				[ -n "$_n" ] && [ "$_n" != "$_old" ]
			else
				[ "$(js $g 't["ikesa"]["established"]')" != \
				    "$_oldi" ]
			fi
		}
		sleep 1
		ok "... it is new" within 10 renewed
		ping_stop
		below "... pings lost" \
		    "$(awk '/transmitted/ { print $1 - $4 }' "$W/ping")" 0
	done
done

# --- deaths ---
came_back() { _n=$(gw_role ga "$1"); [ -n "$_n" ] && [ "$_n" != "$2" ]; }
for r in esp net ike; do
	_p=$(gw_role ga $r)
	kill -9 "$_p"
	ok "s2sd-$r killed: started again" within 5 came_back $r "$_p"
	ok "... up" gw_wait_up 20 ga gb
	ok "... ping from PC-A" within 10 ping4 pa 10.1.4.2
done
kill -9 "$(gw_pid ga)"
gw_start ga
ok "s2sd killed, started at once: up" gw_wait_up 15 ga
ok "... ping from PC-A" ping4 pa 10.1.4.2
ok "... ping from PC-B" ping4 pb 10.1.3.2
sharers() { # may another user share the port, by either option?
	ns ga python3 - <<P
import os
import socket
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
for opt in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, opt, 1)
    try:
        s.bind(("", 4500))
        print("yes", end=" ")
    except OSError:
        print("no", end=" ")
P
}
is "may another user share port 4500" "$(sharers)" "no no "
lab_wire
tap_end
