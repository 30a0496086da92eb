#!/bin/sh
# SPDX-License-Identifier: ISC
# procs.sh: each process has what its row says and nothing else; what it may
# do to the others; starts that must fail.  TAP.  LAB_NOFILTER=1: the programs
# were built with sanitizers, so without the system call filter.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

lab_two "$(masq_kind)"
gw_start ga
gw_start gb
ok "up" gw_wait_up 15 ga gb
ROLES="net ike keys sad esp host ctl"
locked() { python3 "$TOP/regress/lab/procs.py" "$1" "$(gw_role ga "$1")" \
    ${LAB_NOFILTER:+nofilter}; }

for _r in $ROLES; do
	ok "s2sd-$_r: ids, rights, root, limits, descriptors" locked $_r
done
for _r in conf exec; do
	is "s2sd-$_r does not run" "$(gw_role ga $_r)" ""
done
# the same after another life
for _r in $ROLES; do
	_pid=$(gw_role ga $_r)
	kill -9 "$_pid"
	again() { _n=$(gw_role ga $_r) && [ -n "$_n" ] && [ "$_n" != "$_pid" ]; }
	within 5 again
done
# locked in only when it has said HELLO, which status waits for
ok "up after all of them were killed" gw_wait_up 20 ga
for _r in $ROLES; do
	ok "s2sd-$_r: the same in its second life" within 3 locked $_r
done

# esp's keys, ike's SAs and keys' secrets were lost one after the other
ok "... and traffic passes" within 20 ping4 pa 10.1.4.2

# --- can one of its user end another?  Without our filter and Landlock. ---
as() { # user command...
	_u=$1
	shift
	setpriv --reuid "$_u" --regid "$_u" --clear-groups \
	    --bounding-set -all --inh-caps -all --no-new-privs "$@"
}
user_of() { ps -o user:16= -p "$1" | tr -d ' '; }
for _u in _s2sd _s2sdkey _s2sdesp _s2sdsys; do
	_got= _should=
	for _r in $ROLES; do
		_p=$(gw_role ga $_r)
		[ "$(user_of "$_p")" != $_u ] || _should="$_should $_r"
		! as $_u sh -c "kill -0 $_p" 2>/dev/null || _got="$_got $_r"
	done
	is "$_u can signal its own and no others" "$_got" "$_should"
	ok "$_u cannot signal s2sd" not as $_u sh -c "kill -0 $(gw_pid ga)"
done
ok "_s2sd cannot look into s2sd-ike" not as _s2sd head -c 1 \
    "/proc/$(gw_role ga ike)/maps"

# --- what the parser of strangers' octets could call at all ---
LIBEXEC=$S2SD_INST/libexec/s2sd
imports() {
	nm -D --undefined-only "$LIBEXEC/s2sd-$1" |
	    awk '{ sub("@.*", "", $NF); print $NF }' | sort -u
}
if have nm; then
	is "s2sd-ike imports no socket, open, exec, bind, connect" \
	    "$(imports ike | grep -xE 'socket|(f|fd)?open(at|64|at64)?|creat|exec.*|posix_spawn.*|system|popen|bind|connect|listen|accept4?' | tr '\n' ' ')" ""
	ok "... and this list is not empty" sh -c "nm -D --undefined-only \
	    $LIBEXEC/s2sd-ike | grep -q recvmsg"
else
	skip "imports of s2sd-ike" "no nm"
fi

# --- started by hand ---
by_hand() {
	"$LIBEXEC/s2sd-$1" 1 x run </dev/null >"$W/hand" 2>&1
	[ $? -eq 1 ] && grep -q 'only s2sd starts' "$W/hand"
}
for _r in $ROLES; do
	ok "s2sd-$_r by hand: says that only s2sd starts it" by_hand $_r
done

# --- starts that must fail, and leave nothing ---
fails() { # text command...
	_text=$1
	shift
	if timeout 20 "$@" >"$W/fails" 2>&1; then
		echo "succeeded"
		return 1
	fi
	cat "$W/fails"
	grep -q "$_text" "$W/fails"
}
cp "$W/ga.conf" "$W/other.conf"
ok "started twice: said, with the process" fails \
    "runs already (process $(gw_pid ga)" \
    ip netns exec "$LAB_PREFIX-ga" "$S2SD" -d -f "$W/ga.conf" -s "$W/ga.sock"
ok "-u while it runs: said, with what to do" fails "s2sctl stop" \
    ip netns exec "$LAB_PREFIX-ga" "$S2SD" -u -f "$W/ga.conf" -s "$W/ga.sock"
ok "status -w of a tunnel that is not there ends" fails "no tunnel" \
    ip netns exec "$LAB_PREFIX-ga" "$S2SCTL" -s "$W/ga.sock" status -w nope
ok "port taken: said" fails "UDP port 500 is taken" \
    ip netns exec "$LAB_PREFIX-ga" "$S2SD" -d -f "$W/other.conf" \
    -s "$W/other.sock"
ok "... in the background too, with the exit status" fails \
    "UDP port 500 is taken" ip netns exec "$LAB_PREFIX-ga" "$S2SD" \
    -f "$W/other.conf" -s "$W/other.sock"
ok "without CAP_NET_ADMIN: said" fails "CAP_NET_ADMIN" \
    ip netns exec "$LAB_PREFIX-pa" setpriv --bounding-set -net_admin \
    --inh-caps -net_admin "$S2SD" -d -f "$W/other.conf" -s "$W/other.sock"
ok "not root: said" fails "needs root" setpriv --reuid _s2sd \
    --regid _s2sd --clear-groups "$S2SD" -d -f "$W/other.conf" -s "$W/other.sock"
ok "no file: said" fails "none.conf" \
    ip netns exec "$LAB_PREFIX-pa" "$S2SD" -d -f "$W/none.conf" \
    -s "$W/other.sock"
nsip pa tuntap add dev s2s0 mode tun
ok "s2s0 is there already: said" fails "s2s0 exists already" \
    ip netns exec "$LAB_PREFIX-pa" "$S2SD" -d -f "$W/other.conf" \
    -s "$W/other.sock"
nsip pa tuntap del dev s2s0 mode tun
nothing_left() {
	for _f in sock pid alive; do
		[ ! -e "$W/other.$_f" ] || { ls -l "$W"/other.*; return 1; }
	done
	_left=$(ip netns pids "$LAB_PREFIX-pa")
	[ -z "$_left" ] || { echo "processes: $_left"; return 1; }
}
ok "... and nothing is left of any of them" within 3 nothing_left
ok "ga was not disturbed" within 20 ping4 pa 10.1.4.2

# --- looking at a file ---
ok "s2sd -n: says nothing to a good file, and 0" sh -c \
    "out=\$($S2SD -n -f $W/ga.conf 2>&1) && [ -z \"\$out\" ]"
ok "s2sd -nv: prints it, and 0" sh -c \
    "$S2SD -nv -f $W/ga.conf 2>/dev/null >$W/nv && grep -q secgw-vpn $W/nv"
echo 'tunnel' >"$W/bad.conf"
ok "s2sd -n of a bad file: file:line, and 1" fails 'bad.conf:[0-9]' \
    "$S2SD" -n -f "$W/bad.conf"

# --- a frame that none of ours sends: its sender ends, nobody else ---
forge() { # from to-number kind [type]
	_from=$(gw_role ga "$1")
	_before=$(for _r in $ROLES; do
		[ $_r = "$1" ] || gw_role ga $_r
	done)
	python3 "$TOP/regress/lab/forge.py" "$_from" "$2" "$3" ${4:-} ||
	    return 1
	again() { _n=$(gw_role ga "$1") && [ -n "$_n" ] && [ "$_n" != "$2" ]; }
	within 30 again "$1" "$_from" || { echo "not ended"; return 1; }
	_after=$(for _r in $ROLES; do
		[ $_r = "$1" ] || gw_role ga $_r
	done)
	[ "$_before" = "$_after" ] || { echo "others ended too"; return 1; }
	gw_alive ga
}
# by number: M_HELLO 101 M_CF_GLOBAL 201 M_NET_RECV 301 M_NET_SEND 302 M_K_START
# 401 M_S_PAIR 501 M_S_DELETE 503 M_E_DELETE 603 M_H_UP 701 M_C_UP 803
# (few for each sender: after each death it waits longer for its next life)
ok "unknown type, net to ike" forge net 6 unknown
ok "longer than any frame, net to ike" forge net 6 huge 0x301
ok "of another sender, esp to net" forge esp 5 foreign 0x302
ok "length that is a lie, ike to net" forge ike 5 liar 0x302
ok "shorter than a header, ctl to net" forge ctl 5 stump
ok "too short, ike to keys" forge ike 7 short 0x401
ok "of another sender, keys to sad" forge keys 8 foreign 0x503
ok "too short, keys to sad" forge keys 8 short 0x501
ok "too long, sad to esp" forge sad 9 long 0x603
ok "too short, sad to host" forge sad 10 short 0x701
ok "too long, ctl to ike" forge ctl 6 long 0x803
ok "unknown type, ike to s2sd" forge ike 3 unknown
ok "HELLO twice, host to s2sd" forge host 3 foreign 0x101
ok "of another sender, esp to s2sd" forge esp 3 foreign 0x201
ok "... and after all that traffic passes" within 30 ping4 pa 10.1.4.2

# --- a reload that must change nothing ---
pids() { for _r in $ROLES; do gw_role ga $_r; done; }
_pids=$(pids)
gw_settled ga
_spis=$(spis ga)
cp "$W/ga.conf" "$W/ga.good"
echo 'tunnel "secgw-vpn" { nonsense }' >>"$W/ga.conf"
ok "bad file: reload says why" fails "ga.conf:" \
    ip netns exec "$LAB_PREFIX-ga" "$S2SCTL" -s "$W/ga.sock" reload
kill -HUP "$(gw_pid ga)"
sleep 1
is "... same processes" "$(pids)" "$_pids"
is "... same keys" "$(spis ga)" "$_spis"
ok "... ping passes" ping4 pa 10.1.4.2
cp "$W/ga.good" "$W/ga.conf"
ok "good file again: reload" ctl ga reload
is "... an unchanged tunnel keeps its keys" "$(spis ga)" "$_spis"

# --- who was looking on hears what has become of whom ---
watch() { # gw: what it says
	ns "$1" "$S2SCTL" -s "$W/$1.sock" log -f >"$W/watch" 2>&1 &
	echo $! >"$W/watch.pid"
	# the log of an s2sd-ctl that is new is empty
	within 20 watching "$1"
}
watching() { ctl "$1" reload && test -s "$W/watch"; }
heard() { # sentence
	within 20 ended "$(cat "$W/watch.pid")" && grep -q "$1" "$W/watch" ||
	    { tail -3 "$W/watch"; return 1; }
}
ok "log -f" watch gb
kill -9 "$(gw_role gb ctl)"
ok "... s2sd-ctl killed: it says that s2sd goes on" heard "s2sd goes on"
ok "log -f of the next s2sd-ctl" watch gb
ours() { # gw: tables and routes of ours
	ns "$1" nft list tables | grep s2sd
	nsip "$1" route show table all | grep s2s
	ls "$W/$1.pid" 2>/dev/null
}
ok "s2sctl stop" ctl gb stop
is "... nothing is left when it returns" "$(ours gb)" ""
ok "... and log -f says that s2sd has stopped" heard "has stopped"

# --- the end ---
gw_stop ga
ok "stopped: socket and pid file are gone" sh -c \
    "! ls $W/ga.sock $W/ga.pid $W/ga.alive 2>/dev/null"
ok "... what belongs into the tunnel stays blocked" not ping4 pa 10.1.4.2
ok "s2sd -u lifts the block" gw_lift ga
ok "no sanitizer had to speak" not grep -E \
    'Sanitizer|runtime error' "$W/ga.log" "$W/gb.log"
lab_wire
tap_end
