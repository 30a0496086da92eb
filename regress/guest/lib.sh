# SPDX-License-Identifier: ISC
# guest/lib.sh: what scenarios in the guest share beyond regress/lib.sh: the
# planes, a NAT between the gateways, counters of the kernel.  Sourced after it.

. "$TOP/regress/guest/peers.sh"

# guest_begin: instead of lab_script
guest_begin() {
	lab_begin
	lab_programs
	users_make
	LAB_NS="pa ga gb pb r"
	peer_at gb
}

# plane_conf NAME: the line that asks for that plane; nothing where it is what
# s2sd takes by itself.  Fails where it cannot be had.
plane_conf() {
	[ -f "$W/plane.$1" ] || { plane_try "$1" >"$W/plane.$1"
	    echo $? >"$W/plane.$1.rc"; }
	cat "$W/plane.$1"
	return "$(cat "$W/plane.$1.rc")"
}
plane_try() {
	( umask 077
	cat >"$W/plane.conf" <<E
set backend $1
tunnel "try" { local 192.168.1.3 peer 192.168.1.4
	from 10.1.3.0/24 to 10.1.4.0/24 psk "a secret that nobody uses" }
E
	)
	if "$S2SD" -n -f "$W/plane.conf" >"$W/plane.out" 2>&1; then
		head -1 "$W/plane.conf"
	elif [ "$1" != xfrm ]; then
		return 1
	fi
}
# planes: all of them that it can
planes() {
	for _pl in xfrm pfkey userland; do
		! plane_conf "$_pl" >/dev/null || echo "$_pl"
	done
}

# outer_capture: what leaves either gateway.  Not what comes in: of a packet
# that the kernel has taken out of a tunnel the device shows the inside too.
outer_capture() {
	for _g in ga gb; do
		capture "$W/$_g.pcap" $_g wan -U -Q out || return 1
	done
}
# outer_wire WHAT [esp] [gateway...]: the check of that, one test
outer_wire() {
	_ow=$1
	shift
	capture_stop
	ok "$_ow: nothing in the clear left a gateway" outer_both "$@"
	sed -n 's/^/# wire: /p' "$W/tap.out"
}
outer_both() {
	wire "$W/ga.pcap" "$@" && wire "$W/gb.pcap" "$@"
}

# topo_nat ga|gb: as topo_up, but with a router `r' between the gateways that
# hides that one: 192.168.1.3 -- 192.168.1.1 r 192.168.2.1 -- 192.168.2.4
topo_nat() {
	for _n in $LAB_NS; do
		ip netns add "$LAB_PREFIX-$_n" || return 1
		nsip "$_n" link set lo up
		ns "$_n" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	done
	lab_link pa lan ga lan && lab_link ga wan r wa &&
	lab_link r wb gb wan && lab_link gb lan pb lan &&
	lab_addr pa lan 10.1.3.2/24 && lab_addr ga lan 10.1.3.1/24 &&
	lab_addr ga wan 192.168.1.3/24 && lab_addr r wa 192.168.1.1/24 &&
	lab_addr r wb 192.168.2.1/24 && lab_addr gb wan 192.168.2.4/24 &&
	lab_addr gb lan 10.1.4.1/24 && lab_addr pb lan 10.1.4.2/24 || return 1
	nsip pa route add default via 10.1.3.1
	nsip pb route add default via 10.1.4.1
	nsip ga route add default via 192.168.1.1
	nsip gb route add default via 192.168.2.1
	ns r sysctl -qw net.ipv4.ip_forward=1
	_dev=wb _from=192.168.1.3
	[ "$1" = ga ] || _dev=wa _from=192.168.2.4
	ns r nft -f - <<E
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname $_dev ip saddr $_from masquerade
	}
}
E
}

# spi_of NS: the SPIs of the kernel's SAs there, in one line
spi_of() {
	nsip "$1" xfrm state | sed -n 's/.*proto [a-z]* spi \(0x[0-9a-f]*\).*/\1/p' |
	    sort | tr '\n' ' '
}
# fresh OLD NEW: are there new SPIs, and is none of the old ones?
fresh() {
	[ -n "$2" ] || return 1
	for _o in $1; do
		case " $2" in
		*" $_o "*) return 1 ;;
		esac
	done
}

# gap FILE: the longest time between two answers of a ping -D there, in seconds
gap() {
	sed -n 's/^\[\([0-9.]*\)\].*bytes from.*/\1/p' "$1" | awk '
	NR > 1 && $1 - last > max { max = $1 - last }
	{ last = $1 }
	END { if (NR < 2) print 999; else printf "%.2f\n", max }'
}

# key_watch NS FILE: from now until key_watched, all netlink of that namespace
key_watch() {
	nsip "$1" link add nlmon0 type nlmon 2>/dev/null
	nsip "$1" link set nlmon0 up
	capture "$2" "$1" nlmon0 -s 0 || return 1
	KEY_PID=${CAP_PIDS##* }
}
# key_watched FILE: ends it; what programs asked, by kind, in one line
key_watched() {
	sleep 0.3
	kill -INT "$KEY_PID"
	wait "$KEY_PID"
	CAP_PIDS=${CAP_PIDS% "$KEY_PID"}
	python3 "$TOP/regress/guest/nlcount.py" "$1"
}

# cpu: jiffies that this machine has worked, all processors
cpu() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }
