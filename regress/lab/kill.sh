#!/bin/sh
# SPDX-License-Identifier: ISC
# kill.sh: kill -9 of each process under traffic; seconds without it.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

lab_two "$(masq_kind)"
gw_start ga
gw_start gb
ok "up" gw_wait_up 15 ga gb
ok "ping passes" ping4 pa 10.1.4.2

roles() { # "role pid" of all that run at ga
	pgrep -P "$(gw_pid ga)" -l | sed -n 's/^\([0-9]*\) s2sd-/\1 /p' |
	    awk '{ print $2, $1 }' | sort
}
gap() { # the longest time between two answers in $W/ping, in seconds
	sed -n 's/^\[\([0-9.]*\)\].*bytes from.*/\1/p' "$W/ping" | awk '
	NR > 1 && $1 - last > max { max = $1 - last }
	{ last = $1 }
	END { if (NR < 2) print 999; else printf "%.2f\n", max }'
}
came_back() { # role old-pid
	_np=$(gw_role ga "$1")
	[ -n "$_np" ] && [ "$_np" != "$2" ]
}
# (ping by itself, not `ns ... &': that would be a shell, which ignores INT)
# role: kill it; limit in seconds for the gap
kill_one() {
	roles >"$W/roles.before"
	_pid=$(gw_role ga "$1")
	[ -n "$_pid" ] || { ok "s2sd-$1 runs" false; return; }
	ping_start pa -D -i 0.02 -W 1 10.1.4.2
	sleep 1
	kill -9 "$_pid"
	ok "s2sd-$1: started again after kill -9" within 5 came_back "$1" "$_pid"
	sleep $(($3 * SLOW))
	ping_stop
	below "s2sd-$1: seconds without traffic" "$(gap)" $(($2 * SLOW))
	note "$(grep transmitted "$W/ping")"
	roles >"$W/roles.after"
	ok "s2sd-$1: the others keep running" sh -c "
		grep -v '^$1 ' $W/roles.before >$W/a
		grep -v '^$1 ' $W/roles.after >$W/b
		diff $W/a $W/b"
	ok "s2sd-$1: up again" gw_wait_up 20 ga gb
	ok "s2sd-$1: ping from PC-A" ping4 pa 10.1.4.2
	ok "s2sd-$1: ping from PC-B" ping4 pb 10.1.3.2
}
#        role limit watch
kill_one ctl  2     2
kill_one host 2     3
kill_one net  2     4
kill_one sad  2     4
kill_one keys 2     4
kill_one ike  3     8
plane_is_kernel || kill_one esp  5     8

# --- and after all that the machine still renews keys ---
_old=$(spis ga)
new_spis() { _n=$(spis ga); [ -n "$_n" ] && [ "$_n" != "$_old" ]; }
ctl ga rekey secgw-vpn child >/dev/null 2>&1
ok "a renewal of keys works after all these deaths" within 15 new_spis

# --- the parent ---
roles >"$W/roles.before"
ping_start pa -D -i 0.02 -W 1 10.1.4.2
sleep 0.5
kill -9 "$(gw_pid ga)"
sleep 1
all_gone() {
	while read -r _r _p; do
		ended "$_p" || { echo "s2sd-$_r still runs"; return 1; }
	done <"$W/roles.before"
}
ok "parent killed: all roles are gone after a second" all_gone
ok "... the block stays: no ping passes" not ping4 pa 10.1.4.2
rm -f "$W/ga.pid"
_t=$(now_s)
gw_start ga
ok "... started again: up within 5 seconds" gw_wait_up 5 ga
note "seconds from the new start to up: $(since "$_t")"
ok "... ping from PC-A" ping4 pa 10.1.4.2
ok "... ping from PC-B" ping4 pb 10.1.3.2
ping_stop

# --- a start at once, while the old life is still ending ---
_bad=0
for _i in 1 2 3 4 5 6 7 8 9 10; do
	_p=$(gw_pid ga)
	kill -9 "$_p"
	gw_start ga
	gw_wait_up 15 ga || _bad=$((_bad + 1))
done
is "ten times kill -9 and at once a start: failed" "$_bad" 0
ok "... no port was found taken" not grep -q 'port .* is taken' "$W/ga.log"

# --- and the other end finds out by itself ---
kill -9 "$(gw_pid gb)"
within 5 gw_gone gb
rm -f "$W/gb.pid"
gw_start gb
ok "the same at B: up within 5 seconds" gw_wait_up 5 gb
ok "... ping from PC-A" within 5 ping4 pa 10.1.4.2
lab_wire
tap_end
