#!/bin/sh
# SPDX-License-Identifier: ISC
# handshake.sh: CPU time of a handshake by role, as the kernel's scheduler
# counts it (/proc/PID/schedstat).  usage: sudo sh regress/bench/handshake.sh [n]
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
need_root
_l=$(lab_lacks)
[ -z "$_l" ] || die "this machine lacks $_l"
N=${1:-30}
lab_begin
lab_programs
users_make
lab_two "$(masq_kind)"
gw_start ga
gw_start gb
gw_wait_up 15 ga gb || die "the tunnel does not come up"

cpu() { # ns of each process of both ends: "gw role microseconds"
	for _g in ga gb; do
		for _r in net ike keys sad esp host ctl; do
			_p=$(gw_role $_g $_r)
			[ -z "$_p" ] || echo "$_g $_r $(awk \
			    '{ print int($1 / 1000) }' "/proc/$_p/schedstat")"
		done
		echo "$_g s2sd $(awk '{ print int($1 / 1000) }' \
		    "/proc/$(gw_pid $_g)/schedstat")"
	done
}
down() { ! gw_up ga; }
sleep 1
# what the processes use in that time without handshakes
cpu >"$W/idle0"
_t=$(now_s)
sleep 3
cpu >"$W/idle1"
_idle=$(since "$_t")
cpu >"$W/run0"
_t=$(now_s)
i=0
while [ $i -lt "$N" ]; do
	ctl ga down secgw-vpn >/dev/null
	within 5 down
	ctl ga up secgw-vpn >/dev/null
	gw_wait_up 10 ga || die "no tunnel after $i handshakes"
	i=$((i + 1))
done
cpu >"$W/run1"
_run=$(since "$_t")
echo "$N handshakes (down, up, both by s2sctl) in $_run s;" \
    "microseconds of CPU for each, idle time taken off:"
paste -d' ' "$W/idle0" "$W/idle1" "$W/run0" "$W/run1" |
    awk -v n="$N" -v idle="$_idle" -v run="$_run" '
{ rate = ($6 - $3) / idle; used = ($12 - $9 - rate * run) / n
  name = $2 == "s2sd" ? "s2sd" : "s2sd-" $2
  if (used < 0) used = 0
  if ($1 == "ga") a[name] = used; else b[name] = used
  if ($1 == "ga") order[++m] = name
  sa += $1 == "ga" ? used : 0; sb += $1 == "gb" ? used : 0 }
END { printf "%-12s %10s %10s\n", "", "initiator", "responder"
  for (i = 1; i <= m; i++)
	printf "%-12s %10.0f %10.0f\n", order[i], a[order[i]], b[order[i]]
  printf "%-12s %10.0f %10.0f\n", "sum", sa, sb }'
