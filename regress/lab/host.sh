#!/bin/sh
# SPDX-License-Identifier: ISC
# host.sh: s2sd-host and s2sd-exec without the rest, in a private network
# namespace: exemption, block, routes, sysctls, guard, kill -9, `-u'.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script nothing

if [ -z "${HOSTCTL:-}" ]; then
	HB=$(dirname "${S2SD_INST:-$TOP/build/lab/inst}")
	[ -f "$HB/Makefile" ] || build "$TOP/build/lab" >&2 ||
	    die "the build failed"
	make -s -C "$HB" regress/lab/hostctl >"$W/make.log" 2>&1 || {
		cat "$W/make.log" >&2
		die "no hostctl"
	}
	HOSTCTL=$HB/regress/lab/hostctl
fi
P=hctl$$
L=10.1.3.0/24 R=10.1.4.0/24 ME=192.168.1.3 PEER=192.168.1.4

in_a() { ip netns exec "${P}a" "$@"; }
net_down() {
	for _n in a h w; do ip netns del "$P$_n" 2>/dev/null; done
	rm -f /run/s2sd/host.$INO /var/run/s2sd/host.$INO
}
INO=none
net_up() {
	for _n in a h w; do
		ip netns add "$P$_n" || return 1
		ip -n "$P$_n" link set lo up
		ip netns exec "$P$_n" sysctl -qw \
		    net.ipv6.conf.default.disable_ipv6=0 \
		    net.ipv6.conf.default.accept_dad=0
	done
	INO=$(ip netns exec "${P}a" stat -L -c %i /proc/self/ns/net)
	ip -n "${P}a" link add lan0 type veth peer name eth0 netns "${P}h"
	ip -n "${P}a" link add eth0 type veth peer name eth0 netns "${P}w"
	ip -n "${P}a" addr add 10.1.3.1/24 dev lan0
	ip -n "${P}a" addr add fd00:3::1/64 dev lan0 nodad
	ip -n "${P}a" addr add $ME/24 dev eth0
	ip -n "${P}h" addr add 10.1.3.2/24 dev eth0
	ip -n "${P}w" addr add $PEER/24 dev eth0
	for _d in lan0 eth0; do ip -n "${P}a" link set $_d up; done
	ip -n "${P}h" link set eth0 up
	ip -n "${P}w" link set eth0 up
	ip -n "${P}a" route add default via $PEER
	ip -n "${P}h" route add default via 10.1.3.1
	ip -n "${P}w" route add 10.1.3.0/24 via $ME
	ip -n "${P}a" addr add fd00:1::3/64 dev eth0 nodad
	ip -n "${P}w" addr add fd00:1::4/64 dev eth0 nodad
	ip -n "${P}a" route add default via fd00:1::4
	in_a sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
	    net.ipv4.conf.eth0.rp_filter=0
}
# Everything that an admin can see of us.
state() {
	# tables that iptables-nft made for a moment stay, empty
	in_a nft -s list ruleset 2>/dev/null | awk '
	    /^table/ { t = $0; next }
	    /^}/ || /^\t}/ || /^$/ { next }
	    /^\tchain/ { c = $0; next }
	    /type (nat|filter|route) hook .* policy accept;$/ { next }
	    { print t, c, $0 }'
	in_a iptables-legacy-save 2>/dev/null | grep ^-A
	for _f in -4 -6; do
		ip -n "${P}a" $_f rule
		ip -n "${P}a" $_f route show table all | grep -v fe80: | sort
	done
	ip -n "${P}a" xfrm policy
	in_a sysctl net.ipv4.ip_forward net.ipv4.conf.all.send_redirects \
	    net.ipv4.conf.all.accept_redirects
}
# start ARG...: hostctl run in the background, its input on descriptor 8
start() {
	rm -f "$W/in"
	mkfifo "$W/in"
	ip netns exec "${P}a" "$HOSTCTL" run "$@" <"$W/in" >"$W/out" \
	    2>"$W/err" &
	PID=$!
	exec 8>"$W/in"
	within 10 grep -q ready "$W/out" || {
		sed 's/^/# /' "$W/err"
		return 1
	}
}
stop() {
	exec 8>&-
	wait $PID 2>/dev/null
}
kill9() {
	kill -9 $PID
	wait $PID 2>/dev/null
	exec 8>&-
}
seen() { within 3 grep -q "^tun $1 $2\$" "$W/out"; }
# send NS FROM TO: one UDP datagram with that source (need not be ours)
send() {
	ip netns exec "$P$1" python3 - "$2" "$3" "${4:-9}" <<-'PY'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.SOL_IP, 19, 1)	# IP_TRANSPARENT
	s.bind((sys.argv[1], 40000))
	try:
	    s.sendto(b"x", (sys.argv[2], int(sys.argv[3])))
	except OSError:
	    pass
	PY
}
# arrives NS: did a datagram to port 9 come in there since `listen'?
listen() {
	ip netns exec "$P$1" tcpdump -l -n -i eth0 \
	    'udp port 9 and net 10.1.0.0/16' >"$W/cap" 2>"$W/cap.err" &
	CAP=$!
	within 5 grep -q listening "$W/cap.err"
}
heard() {
	sleep 0.4
	kill $CAP
	wait $CAP 2>/dev/null
	grep -c UDP "$W/cap"
}
# own6 TO [FROM]: the gateway's own IPv6 packet: how many came to the WAN?
own6() {
	ip netns exec "${P}w" tcpdump -l -n -i eth0 \
	    'udp port 9 and (net fd00:4::/64 or net fd00:9::/64)' \
	    >"$W/cap" 2>"$W/cap.err" &
	CAP=$!
	within 5 grep -q listening "$W/cap.err"
	in_a python3 - "$1" "${2:-fd00:3::1}" <<-'PY'
	import socket, sys
	s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
	s.bind((sys.argv[2], 0))
	try:
	    s.sendto(b"x", (sys.argv[1], 9))
	except OSError:
	    pass
	PY
	heard
}
masq() {
	in_a iptables-legacy -t nat -F
	in_a iptables-legacy -t nat -A POSTROUTING -s $L -j MASQUERADE
	in_a iptables-nft -t nat -A POSTROUTING -s $L -j MASQUERADE
	in_a nft -f - <<-N
	table ip mine {
	 chain post { type nat hook postrouting priority 100
	  ip saddr $L masquerade
	 }
	}
	N
}
unmasq() {
	in_a iptables-legacy -t nat -F
	in_a iptables-nft -t nat -F
	in_a nft delete table ip mine
}

net_up || die "no namespaces"
trap 'net_down; lab_end' EXIT

# --- nftables ---
masq
state >"$W/before"
ok "nftables: applied" start $L $R $ME $PEER
send h 10.1.3.2 10.1.4.2
ok "masquerade by three tools: the source stays" seen 10.1.3.2 10.1.4.2
in_a ping -c1 -W1 10.1.4.3 >/dev/null
ok "our own packets have an address inside" seen 10.1.3.1 10.1.4.3
ok "the table survives the tools' flush" sh -c "
	ip netns exec ${P}a nft flush ruleset
	ip netns exec ${P}a nft list tables | grep -q 'ip s2sd\$'"
ok "nobody else can delete it" \
    not in_a nft delete table ip s2sd
ok "the block's table was put back" \
    within 3 sh -c "ip netns exec ${P}a nft list table ip s2sd-block |
	grep -q '10.1.3.0/24 . 10.1.4.0/24'"
ok "and the log names who did it" grep -q 'nft (pid' "$W/err"
masq 2>/dev/null
send h 10.1.3.2 10.1.4.4
ok "after it the source stays" seen 10.1.3.2 10.1.4.4

# --- connections from before ---
in_a nft delete table ip s2sd-block
kill9
in_a "$HOSTCTL" unblock
ip -n "${P}a" route add $R dev lan0
send h 10.1.3.2 10.1.4.5
ok "without s2sd a connection gets the masquerade" sh -c \
    "ip netns exec ${P}a cat /proc/net/nf_conntrack 2>/dev/null |
	grep -q 'src=10.1.3.2 dst=10.1.4.5.*dst=10.1.3.1' ||
	ip netns exec ${P}a conntrack -L 2>/dev/null |
	grep -q 'src=10.1.3.2 dst=10.1.4.5.*dst=10.1.3.1'"
ip -n "${P}a" route del $R dev lan0
start $L $R $ME $PEER
ok "it is forgotten at the start" grep -q 'with a NAT' "$W/err"
send h 10.1.3.2 10.1.4.5
ok "the same ports now keep the source" seen 10.1.3.2 10.1.4.5

# --- the block, both ways ---
listen h
echo "in 10.1.4.2 10.1.3.2" >&8
is "from the TUN to the LAN: arrives" "$(heard)" 1
listen h
send w 10.1.4.2 10.1.3.2
is "in clear from the WAN, while up: does not" "$(heard)" 0
listen w
ip -n "${P}a" rule add pref 5 lookup 77
ip -n "${P}a" route add default via $PEER dev eth0 table 77
send h 10.1.3.2 10.1.4.6
is "a rule before ours leads to the WAN: nothing leaves" "$(heard)" 0
listen w
send h 10.1.3.2 10.1.9.6
is "other networks still leave by it" "$(heard)" 1
kill9
is "kill -9: the exemption went with us" \
    "$(in_a nft list tables | grep -c 's2sd$')" 0
listen w
send h 10.1.3.2 10.1.4.7
is "kill -9: nothing leaves" "$(heard)" 0
ip -n "${P}a" route del default table 77
ip -n "${P}a" rule del pref 5
listen w
send h 10.1.3.2 10.1.4.8
send a 10.1.3.1 10.1.4.8
is "kill -9: nothing leaves by the default route" "$(heard)" 0
listen h
send w 10.1.4.2 10.1.3.2
is "kill -9: nothing comes in" "$(heard)" 0
ok "it starts again over what was left" start $L $R $ME $PEER
send h 10.1.3.2 10.1.4.9
ok "and works" seen 10.1.3.2 10.1.4.9
stop
is "after the end no rule of ours is left" \
    "$(ip -n "${P}a" rule | grep -c 21037)" 0
listen w
send h 10.1.3.2 10.1.4.10
is "after the end nothing leaves" "$(heard)" 0
in_a "$HOSTCTL" unblock
state >"$W/after"
ok "lifted: the host is as before" diff -u "$W/before" "$W/after"
listen w
send h 10.1.3.2 10.1.4.11 # leaves, masqueraded: see another source
heard >/dev/null
in_a "$HOSTCTL" block $L $R $ME $PEER
listen w
send h 10.1.3.2 10.1.4.12
is "block alone: nothing leaves" "$(heard)" 0
in_a "$HOSTCTL" unblock
state >"$W/after"
ok "block lifted: the host is as before" diff -u "$W/before" "$W/after"

# --- our own packets in IPv6: the kernel's policies see no device ---
L6=fd00:3::/64 R6=fd00:4::/64
state >"$W/before"
start $L6 $R6 $ME $PEER
is "own IPv6 packets: not in clear" "$(own6 fd00:4::2)" 0
ok "... but into the tunnel" seen fd00:3::1 fd00:4::2
is "... without a source given: not in clear" "$(own6 fd00:4::3 ::)" 0
ok "... but from our address inside" seen fd00:3::1 fd00:4::3
is "... and to other networks as ever" "$(own6 fd00:9::2)" 1
ip -n "${P}a" -6 rule add pref 5 lookup 77
ip -n "${P}a" -6 route add default via fd00:1::4 dev eth0 table 77
is "a rule before ours leads to the WAN: nothing leaves" \
    "$(own6 fd00:4::2)" 0
ip -n "${P}a" -6 rule del pref 5
ip -n "${P}a" -6 rule add pref 5 fwmark 7 lookup 77
in_a nft -f - <<-N
table ip6 mine {
 chain out { type route hook output priority -150
  ip6 daddr $R6 meta mark set 7
 }
 chain post { type nat hook postrouting priority 100
  ip6 daddr $R6 masquerade
 }
}
N
is "a mark leads to the WAN: nothing leaves" "$(own6 fd00:4::2)" 0
in_a nft delete chain ip6 mine out
ip -n "${P}a" -6 rule del pref 5
ip -n "${P}a" link del s2s0
is "the TUN deleted: nothing leaves" "$(own6 fd00:4::2)" 0
kill9
is "kill -9: nothing leaves" "$(own6 fd00:4::2)" 0
ip -n "${P}a" -6 rule add pref 5 lookup 77
is "kill -9, routes past ours, masquerade: nothing leaves" \
    "$(own6 fd00:4::2)" 0
in_a nft delete table ip6 s2sd-block
ip -n "${P}a" -6 rule del pref 5
is "kill -9, the firewall's block deleted: our routes hold it" \
    "$(own6 fd00:4::2)" 0
ip -n "${P}a" -6 rule add pref 5 lookup 77
is "without block and routes it leaves (so these can fail)" \
    "$(own6 fd00:4::2)" 1
start $L6 $R6 $ME $PEER
stop
is "after the end nothing leaves" "$(own6 fd00:4::2)" 0
in_a nft delete table ip6 s2sd-block
is "... the kernel's policies alone hold it" "$(own6 fd00:4::2)" 0
in_a "$HOSTCTL" block $L6 $R6 $ME $PEER
is "block alone: nothing leaves" "$(own6 fd00:4::2)" 0
in_a "$HOSTCTL" unblock
is "lifted: it leaves" "$(own6 fd00:4::2)" 1
ip -n "${P}a" -6 route del default table 77
ip -n "${P}a" -6 rule del pref 5
in_a nft delete table ip6 mine
state >"$W/after"
ok "lifted: the host is as before" diff -u "$W/before" "$W/after"

# --- a reload that takes everything away while we live ---
in_a nft -f - <<-N
table ip s2sd {
 chain post { type nat hook postrouting priority 90
  ip saddr 10.9.9.9 accept
 }
}
N
ok "a plain table of our name, saved by an admin, is replaced" \
    start $L $R $ME $PEER
is "by the owned one" \
    "$(in_a nft list table ip s2sd | grep -c 'owner\|10.9.9.9')" 1
echo none >&8
ok "no tunnel, no firewall: the host is as before" within 3 sh -c \
    "! ip netns exec ${P}a nft list tables | grep -q s2sd &&
	! ip -n ${P}a xfrm policy | grep -q . &&
	! ip -n ${P}a rule | grep -q 21037"
stop
in_a "$HOSTCTL" unblock

# --- sysctls ---
in_a sysctl -qw net.ipv4.ip_forward=0
state >"$W/before"
start -g $L $R $ME $PEER
is "set gateway: forwarding is on" \
    "$(in_a sysctl -n net.ipv4.ip_forward)" 1
kill9
is "kill -9: it stays" "$(in_a sysctl -n net.ipv4.ip_forward)" 1
start -g $L $R $ME $PEER
stop
is "the next end puts the oldest value back" \
    "$(in_a sysctl -n net.ipv4.ip_forward)" 0
in_a "$HOSTCTL" unblock
state >"$W/after"
ok "the host is as before" diff -u "$W/before" "$W/after"
in_a sysctl -qw net.ipv4.ip_forward=1

# --- iptables ---
unmasq
in_a nft delete table ip nat
for v in legacy nft; do
	in_a "iptables-$v" -t nat -A POSTROUTING -s $L -j MASQUERADE
done
state >"$W/before"
ok "iptables: applied" start -f iptables $L $R $ME $PEER
send h 10.1.3.2 10.1.4.2
ok "iptables, both variants masquerade: the source stays" \
    seen 10.1.3.2 10.1.4.2
in_a iptables-legacy -t nat -F
in_a iptables-legacy -t nat -A POSTROUTING -s $L -j MASQUERADE
ok "flushed by an admin: put back" within 9 sh -c \
    "ip netns exec ${P}a iptables-legacy -t nat -S POSTROUTING |
	sed -n 2p | grep -q 'j S2SD'"
kill9
in_a iptables-legacy -t nat -S | grep -q S2SD
is "kill -9: our chains stay" $? 0
ok "it starts again" start -f iptables $L $R $ME $PEER
is "and jumps once" \
    "$(in_a iptables-legacy -t nat -S POSTROUTING | grep -c S2SD)" 1
kill9
ok "nftables after that" start $L $R $ME $PEER
is "the chains left behind are gone" \
    "$(in_a iptables-legacy-save | grep -c S2SD)" 0
stop
in_a "$HOSTCTL" unblock
state >"$W/after"
ok "lifted: the host is as before" diff -u "$W/before" "$W/after"

# --- a call of iptables fails for real: nothing of it stays, all is blocked ---
exempted() { # rules of our exemption, in both variants and families
	for _v in iptables-legacy iptables-nft ip6tables-legacy ip6tables-nft
	do
		in_a $_v-save 2>/dev/null
	done | grep -c -- '-j S2SD\(-DNAT\)\?$'
}
held_back() { # that variant refuses, held by process $HOLD
	ok "$1 refuses: s2sd-host starts" start -f iptables $L $R $ME $PEER
	blocked() { grep -q "iptables-$1: .*tunnels stay blocked" "$W/err"; }
	ok "... says why, and that tunnels stay blocked" within 12 blocked "$1"
	sed -n 's/^log . \(.*iptables-.*\)/# \1/p' "$W/err"
	# (each new try may stand for a moment)
	none() { [ "$(exempted)" = 0 ]; }
	ok "... nothing of the exemption is left" within 12 none
	is "... no route into the TUN" "$(ip -n "${P}a" route show table all |
	    grep -c 'dev s2s0.*metric 1024')" 0
	listen w
	send h 10.1.3.2 10.1.4.2
	is "... nothing leaves in the clear" "$(heard)" 0
	kill $HOLD
	wait $HOLD 2>/dev/null
	again() { [ "$(exempted)" -ge 4 ]; }
	ok "... when it works again all of it is made" within 25 again
	send h 10.1.3.2 10.1.4.2
	ok "... and packets go into the TUN" seen 10.1.3.2 10.1.4.2
	stop
	in_a "$HOSTCTL" unblock
}
for v in legacy nft; do
	in_a "iptables-$v" -t nat -F
	in_a "iptables-$v" -t nat -A POSTROUTING -s $L -j MASQUERADE
done
python3 - <<-'PY' &
	import fcntl, time
	f = open("/run/xtables.lock", "a")
	fcntl.flock(f, fcntl.LOCK_EX)
	time.sleep(60)
PY
HOLD=$!
sleep 0.5
held_back legacy
in_a nft delete table ip mangle 2>/dev/null
ip netns exec "${P}a" python3 - <<-'PY' &
	import signal, subprocess, sys, time
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
	p = subprocess.Popen(["nft", "-i"], stdin=subprocess.PIPE, text=True)
	p.stdin.write("add table ip mangle { flags owner; }\n")
	p.stdin.flush()
	try:
	    time.sleep(60)
	finally:
	    p.kill()
PY
HOLD=$!
owned() { in_a nft list table ip mangle; }
if within 5 owned; then
	held_back nft
else
	skip "nft refuses" "no owned tables in this kernel"
	kill $HOLD
fi

# --- how long it takes ---
for n in 1 10000; do
	in_a "$HOSTCTL" bench -f nft -n $n $L $R $ME $PEER >/dev/null \
	    2>"$W/bench"
	note "$(grep applied "$W/bench")"
	in_a "$HOSTCTL" unblock
done
tap_end
