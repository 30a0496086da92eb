#!/bin/sh
# SPDX-License-Identifier: ISC
# system.sh: what the system does to s2sd: descriptors, addresses, carriers, an upgrade.  TAP.
# Bad-input matrix N088, N114, N117, N118, N120, N121, N127.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script
lab_two "$(masq_kind)"

# --- N114: no descriptors ---
for _lim in 12 40; do
	ns ga sh -c "ulimit -n $_lim; exec timeout 20 $S2SD -d -f $W/ga.conf \
	    -s $W/ga.sock" >"$W/out" 2>&1
	is "a limit of $_lim descriptors: s2sd does not start" "$?" 1
	sed 's/^/# /' "$W/out" | head -5
	ok "... and says why" grep -q 'too few descriptors' "$W/out"
done
ns ga "$S2SD" -u -f "$W/ga.conf" -s "$W/ga.sock"

# --- N120: no random numbers yet ---
cc -shared -fPIC -o "$W/slow.so" "$TOP/regress/lab/slowrandom.c" ||
    die "no compiler"
chmod 755 "$W"
SLOWRANDOM=$W/booted
export SLOWRANDOM
LAB_PRELOAD=$W/slow.so
gw_start ga
LAB_PRELOAD=
waits() { grep -q "waiting for the system's random numbers" "$W/ga.log"; }
ok "no random numbers yet: s2sd waits and says so" within 10 waits
ports() { ns ga ss -Hlun | grep -qE ':(500|4500) '; }
sleep 1
ok "... no port is open" not ports
touch "$SLOWRANDOM"
unset SLOWRANDOM
ok "... it begins when there are some" within 15 ports
gw_stop ga
ns ga "$S2SD" -u -f "$W/ga.conf" -s "$W/ga.sock"

# --- N117: nowhere to write the old values of sysctls; N118: a deaf log ---
# the log goes into a pipe of a page that nobody reads
mkfifo "$W/deaf"
python3 - "$W/deaf" <<'E' &
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, 1031, 4096)             # F_SETPIPE_SZ
time.sleep(300)
E
READER=$!
sleep 0.5
gw_start gb
# without the old values nothing is changed, so it forwards by itself here
ns ga sysctl -qw net.ipv4.ip_forward=1
for _kind in ro size=4k,nr_inodes=1; do
	# a file system of its own, in the mount namespace of this process
	setsid ip netns exec "$LAB_PREFIX-ga" sh -c "
		mount -t tmpfs -o $_kind none $S2SD_INST/run &&
		exec $S2SD -d -f $W/ga.conf -s $W/ga.sock" \
	    >"$W/deaf" 2>&1 </dev/null &
	echo "$!" >"$W/ga.pid"
	ok "nowhere to write ($_kind) and a deaf log: up" gw_wait_up 20 ga
	ok "... ping passes" within 10 ping4 pa 10.1.4.2
	# more lines than the pipe holds
	_bad=0
	for _i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		ctl ga rekey secgw-vpn child >/dev/null 2>&1 ||
		    _bad=$((_bad + 1))
		sleep 0.2
	done
	is "... renewals that failed" "$_bad" 0
	ctl ga log >"$W/out" 2>&1
	is "... warnings about it, in the log that s2sd keeps" \
	    "$(grep -c 'cannot be saved' "$W/out")" 1
	ok "... ping passes" ping4 pa 10.1.4.2
	gw_stop ga
	ns ga "$S2SD" -u -f "$W/ga.conf" -s "$W/ga.sock"
done
gw_stop gb
kill "$READER"
wait "$READER" 2>/dev/null

# --- N127: an upgrade under a running daemon ---
cp -r "$S2SD_INST/libexec" "$W/libexec"
S2SD_LIBEXEC=$(dirname "$(find "$W/libexec" -name s2sd-net | head -1)")
export S2SD_LIBEXEC
gw_start ga
unset S2SD_LIBEXEC
gw_start gb
ok "up" gw_wait_up 15 ga gb
ok "ping passes" ping4 pa 10.1.4.2
_lib=$(dirname "$(find "$W/libexec" -name s2sd-net | head -1)")
cp "$_lib/s2sd-net" "$W/net.old"
# another build: one character of the number that s2sd compares is changed
python3 - "$_lib/s2sd-net" "$(tr '\0' '\n' <"/proc/$(gw_role ga net)/cmdline" |
    sed -n 3p)" <<'E' >"$W/out" 2>&1
import sys
d = open(sys.argv[1], "rb").read()
old = sys.argv[2].encode()
new = old[:-1] + (b"0" if old[-1:] != b"0" else b"1")
assert d.count(old) >= 1, "no build number in it"
open(sys.argv[1] + ".new", "wb").write(d.replace(old, new))
E
ok "a program of another build" test -s "$_lib/s2sd-net.new"
chmod 755 "$_lib/s2sd-net.new"
mv "$_lib/s2sd-net.new" "$_lib/s2sd-net"
ping_start pa -q -i 0.05 -W 1 10.1.4.2
kill -9 "$(gw_role ga net)"
said() { grep -q "s2sd-net is of another build" "$W/ga.log"; }
ok "s2sd-net of another build is not taken, and s2sd says what to do" \
    within 15 said
note "$(grep -m1 'another build' "$W/ga.log")"
sleep 1
ping_stop
is "... packets pass meanwhile: per cent lost" \
    "$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$W/ping")" 0
cp "$W/net.old" "$_lib/s2sd-net.new"
mv "$_lib/s2sd-net.new" "$_lib/s2sd-net"
net_runs() { ctl ga rekey secgw-vpn child && [ "$(spis ga)" != "$_old" ]; }
_old=$(spis ga)
ok "... the right one is: keys are renewed" within 60 net_runs
ok "ping passes" within 10 ping4 pa 10.1.4.2

# --- N121: addresses and carriers come and go ---
within 10 ping4 pa 10.1.4.2
gw_settled ga
before=$(spis ga)
for _i in 1 2 3 4 5 6 7 8 9 10; do
	nsip ga addr del 192.168.1.3/24 dev wan
	nsip ga addr add 192.168.1.3/24 dev wan
	nsip ga route replace default via 192.168.1.4
done
ok "ten times the address away and there again: ping passes" \
    within 10 ping4 pa 10.1.4.2
_i=0
while [ "$_i" -lt 100 ]; do
	nsip gb link set wan down
	nsip gb link set wan up
	_i=$((_i + 1))
done
nsip gb route replace default via 192.168.1.3
ok "a hundred times the carrier: ping from PC-A" within 10 ping4 pa 10.1.4.2
ok "... from PC-B" within 10 ping4 pb 10.1.3.2
is "... over the same SAs" "$(spis ga)" "$before"

# --- N088: the TUN goes down, and away ---
_tun=$(nsip ga -o link show type tun | sed -n 's/^[0-9]*: \([^:@]*\).*/\1/p')
nsip ga link set "$_tun" down
ok "the tunnel device is down: nothing passes" not ping4 pa 10.1.4.2 1
nsip ga link set "$_tun" up
ok "... and up again: ping passes" within 15 ping4 pa 10.1.4.2
nsip ga link del "$_tun"
ok "the tunnel device is taken away: nothing passes" \
    not ping4 pa 10.1.4.2 1
gone() { grep -q 'took it away; no packet passes' "$W/ga.log"; }
ok "... and s2sd says so, and what to do" within 10 gone
gw_stop ga
gw_start ga
ok "... restarted: ping passes" within 40 ping4 pa 10.1.4.2
ok "... from PC-B" within 10 ping4 pb 10.1.3.2
lab_wire
tap_end
