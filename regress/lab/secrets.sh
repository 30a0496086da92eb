#!/bin/sh
# SPDX-License-Identifier: ISC
# secrets.sh: who holds a secret in memory, and what rights who has.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script
PSK=memory-scan-needle-$$-x
lab_two "$(masq_kind)"
# one cipher with a key schedule that can be recognised, for both kinds of SA
for g in ga gb; do
	sed -i 's/^}/	ikesa enc aes-256-gcm prf hmac-sha2-256 group curve25519\
	childsa enc aes-256-gcm group curve25519\
}/' "$W/$g.conf"
	gw_start $g
done
ok "up" gw_wait_up 15 ga gb
ok "ping passes" ping4 pa 10.1.4.2

ROLES="net ike keys sad esp host ctl"
who="s2sd:$(gw_pid ga)"
for r in $ROLES; do
	p=$(gw_role ga $r)
	[ -n "$p" ] && who="$who $r:$p"
done
note "processes: $who"
# names of the processes with a count; the `keys N' of the first line is not one
holders() { awk 'NR > 1 && $2 > 0 { print $1 }' "$1" | tr '\n' ' '; }
text_holders() { awk '$2 > 0 { print $1 }' "$1" | tr '\n' ' '; }

# shellcheck disable=SC2086
python3 "$TOP/regress/lab/memscan.py" text "$PSK" $who >"$W/psk"
is "the shared secret lies in s2sd-keys and nowhere else" \
    "$(text_holders "$W/psk")" "keys "
# shellcheck disable=SC2086
python3 "$TOP/regress/lab/memscan.py" aes esp $who >"$W/esp"
_n=$(sed -n '1s/keys //p' "$W/esp")
ok "the keys of the live child SA are found in s2sd-esp ($_n)" \
    test "${_n:-0}" -ge 2
is "... and in no other process" "$(holders "$W/esp")" "esp "
# shellcheck disable=SC2086
python3 "$TOP/regress/lab/memscan.py" aes ike $who >"$W/ike"
_n=$(sed -n '1s/keys //p' "$W/ike")
ok "the keys that seal IKE are found in s2sd-ike ($_n)" \
    test "${_n:-0}" -ge 2
is "... and in no other process" "$(holders "$W/ike")" "ike "
ctl ga rekey secgw-vpn child >/dev/null 2>&1
sleep 2
# shellcheck disable=SC2086
python3 "$TOP/regress/lab/memscan.py" aes esp $who >"$W/esp2"
is "after a renewal: the child keys in no other process" \
    "$(holders "$W/esp2")" "esp "

# --- rights: the row of each role ---
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
# role user capabilities groups
rights() {
	_p=$(gw_role ga "$1")
	[ -n "$_p" ] || { ok "s2sd-$1 runs" false; return; }
	_uid=$(id -u "$2") _gid=$(id -g "$2")
	is "s2sd-$1: uid" "$(field "$_p" Uid)" "$_uid	$_uid	$_uid	$_uid"
	is "s2sd-$1: gid" "$(field "$_p" Gid)" "$_gid	$_gid	$_gid	$_gid"
	is "s2sd-$1: groups" "$(field "$_p" Groups | tr -d ' ')" "$_gid"
	is "s2sd-$1: capabilities" "$(field "$_p" CapPrm) $(field "$_p" \
	    CapEff) $(field "$_p" CapInh)" "$3 $3 0000000000000000"
	is "s2sd-$1: bounding and ambient set" \
	    "$(field "$_p" CapBnd) $(field "$_p" CapAmb)" \
	    "0000000000000000 0000000000000000"
	is "s2sd-$1: no new privileges" "$(field "$_p" NoNewPrivs)" 1
	is "s2sd-$1: seccomp filter" "$(field "$_p" Seccomp)" 2
	is "s2sd-$1: root folder" "$(readlink "/proc/$_p/root")" \
	    /var/empty/s2sd
	is "s2sd-$1: no core dump" "$(sed -n \
	    's/^Max core file size *\([0-9a-z]*\) *\([0-9a-z]*\).*/\1 \2/p' \
	    "/proc/$_p/limits")" "0 0"
}
none=0000000000000000
admin=0000000000001000
rights net _s2sd $none
rights ike _s2sd $none
rights keys _s2sdkey $none
rights sad _s2sdsys $admin
rights esp _s2sdesp $none
rights host _s2sdsys $admin
rights ctl _s2sd $none

# Descriptors: only kinds that the role's row knows.
# A file of /proc/net is "deleted" once somebody looks it up again.
kinds() { # pid: kinds of its descriptors, each once
	for _f in /proc/"$1"/fd/*; do
		readlink "$_f"
	done | sed -e 's/^socket:.*/socket/' -e 's/^anon_inode:\[*//' \
	    -e 's/\]$//' -e 's/^pipe:.*/pipe/' -e 's/ (deleted)$//' | sort -u | tr '\n' ' '
}
for r in $ROLES; do
	_p=$(gw_role ga $r)
	[ -n "$_p" ] || continue
	note "s2sd-$r: $(kinds "$_p")"
	case $r in
	esp) _allow='socket|eventpoll|eventfd|pipe|timerfd|/dev/null|/dev/net/tun' ;;
	host) _allow='socket|eventpoll|eventfd|pipe|timerfd|/dev/null|inotify'
		_allow="$_allow|/proc/sys/net/.*|/proc/[0-9]*/net/(ip6?_tables_names|xfrm_stat)"
		# the file of old sysctls, one for each network namespace
		_allow="$_allow|.*/run/s2sd/host\.[0-9]*" ;;
	*) _allow='socket|eventpoll|eventfd|pipe|timerfd|/dev/null' ;;
	esac
	_odd=$(kinds "$_p" | tr ' ' '\n' | grep -vxE "$_allow|.*/ga\.(log|alive)|" |
	    tr '\n' ' ')
	is "s2sd-$r: no descriptor of another kind" "$_odd" ""
done
inet() { # pid: inet sockets it holds
	for _f in /proc/"$1"/fd/*; do
		readlink "$_f"
	done | sed -n 's/^socket:\[\(.*\)\]/\1/p' >"$W/inodes"
	ns ga cat /proc/net/udp /proc/net/udp6 /proc/net/tcp /proc/net/tcp6 \
	    /proc/net/raw /proc/net/raw6 | awk '{ print $10 }' |
	    grep -cxFf "$W/inodes"
}
for r in ike keys sad host ctl; do
	is "s2sd-$r: holds no socket to the network" \
	    "$(inet "$(gw_role ga $r)")" 0
done
ok "s2sd-net: holds sockets to the network (so the test above can fail)" \
    test "$(inet "$(gw_role ga net)")" -gt 0

# Nobody may signal a process of another user.
if have setpriv; then
	for u in _s2sd _s2sdkey _s2sdesp _s2sdsys; do
		for r in $ROLES; do
			_p=$(gw_role ga $r)
			[ "$(field "$_p" Uid | cut -f1)" != "$(id -u $u)" ] ||
			    continue
			ok "$u cannot signal s2sd-$r" not setpriv \
			    --reuid "$u" --regid "$(id -g $u)" \
			    --clear-groups kill -0 "$_p"
		done
	done
else
	skip "signals between users" "no setpriv"
fi
lab_wire
tap_end
