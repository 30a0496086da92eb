#!/bin/sh
# SPDX-License-Identifier: ISC
# traces.sh: what s2sd leaves on a host, by each packet filter: alive, dead in
# parts, stopped, and lifted.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

# ours SNAPSHOT: without the block, and without what cannot be compared: tables
# that iptables has made for a moment stay, empty
without_block() {
	awk '
	/^table [a-z0-9]* s2sd-block / { skip = 1 }
	!skip && /^src .* dst / { held = $0; mine = 0; next }
	held != "" && /priority 13957[0-9]*/ { held = ""; mine = 1; next }
	held != "" { print held; held = "" }
	mine && /^\t/ { next }
	{ mine = 0 }
	!skip { print }
	skip && /^}/ { skip = 0 }' "$1" | awk '
	/^table ip6? (nat|filter|mangle|raw|security) [{]$/ { t = $0; next }
	/^$/ || /^[*]/ || /^:[A-Z]* ACCEPT/ || /^COMMIT/ { next }
	/^}/ && t != "" { t = ""; next }
	/^\tchain / { c = $0; h = ""; next }
	c != "" && h == "" && /hook .* policy accept;$/ { h = $0; next }
	c != "" && /^\t}/ { c = ""; next }
	t != "" { print t; t = "" }
	c != "" { print c; if (h != "") print h; c = "" }
	{ print }'
}
rules() { # what the packet filter has, as the admin sees it
	ns ga nft -s list ruleset 2>/dev/null | sed 's/ # progname.*//' | sort
	ns ga iptables-legacy-save 2>/dev/null | sed -e '/^#/d' -e 's/\[[0-9:]*\]//'
}
lost() { awk '/transmitted/ { print $1 - $4 }' "$W/ping"; }
host_back() { _h=$(gw_role ga host); [ -n "$_h" ] && [ "$_h" != "$_old" ]; }
no_roles() { [ -z "$(ip netns pids "$LAB_PREFIX-ga" | xargs -r ps -o comm= -p | grep s2sd)" ]; }
same() { # WHAT BEFORE: the host now
	snapshot ga >"$W/now"
	without_block "$W/now" >"$W/now.f"
	without_block "$2" >"$W/was.f"
	ok "$1" diff "$W/was.f" "$W/now.f"
}

filter() { # firewall, what the admin has
	_fw=$1
	ns ga nft flush ruleset
	ns ga iptables-legacy -t nat -F 2>/dev/null
	masq "$2" ga
	snapshot ga >"$W/before"
	gw_conf ga "set gateway
set firewall $_fw"
	gw_start ga
	ok "$_fw beside $2: up" gw_wait_up 40 ga gb
	ok "$_fw beside $2: ping passes" within 10 ping4 pa 10.1.4.2
	# --- s2sd-host dies: no gap, and the rules are the same ---
	rules >"$W/rules"
	_old=$(gw_role ga host)
	ping_start pa -q -i 0.05 -W 2 10.1.4.2
	kill -9 "$_old"
	ok "$_fw beside $2: s2sd-host killed: it comes back" within 20 host_back
	sleep 1
	ping_stop
	# the last one may still be on its way
	below "$_fw beside $2: ... packets lost" "$(lost)" 1
	rules >"$W/rules.now"
	ok "$_fw beside $2: ... the rules are the same" \
	    diff "$W/rules" "$W/rules.now"
	ok "$_fw beside $2: ... new flows keep their source" ping4 pa 10.1.4.2
	# --- the parent dies, then everything at once ---
	for _dead in parent all; do
		ping_start pa -q -i 0.05 -W 1 10.1.4.2
		case $_dead in
		parent) kill -9 "$(gw_pid ga)" ;;
		all) for _p in $(pgrep -P "$(gw_pid ga)") $(gw_pid ga); do
			kill -9 "$_p"
		done ;;
		esac
		ok "$_fw beside $2: $_dead killed: nothing is left running" \
		    within 20 no_roles
		ping_stop
		ok "$_fw beside $2: ... nothing passes" not ping4 pa 10.1.4.2 1
		ok "$_fw beside $2: ... nor the other way" \
		    not ping4 pb 10.1.3.2 1
		[ "$_fw" != nft ] || ok "$_fw beside $2: ... the table went" \
		    not ns ga nft list table ip s2sd
		gw_start ga
		ok "$_fw beside $2: ... started: up" gw_wait_up 60 ga
		ok "$_fw beside $2: ... ping passes" \
		    within 20 ping4 pa 10.1.4.2
	done
	# --- stopped, and lifted ---
	gw_stop ga
	same "$_fw beside $2: stopped: the block and no more" "$W/before"
	ok "$_fw beside $2: ... nothing passes" not ping4 pa 10.1.4.2 1
	ok "$_fw beside $2: ... nor the other way" not ping4 pb 10.1.3.2 1
	ctl ga verify -f "$W/ga.conf" >"$W/v" 2>&1
	ok "$_fw beside $2: ... verify says so, and the command" \
	    grep -q 'clear: s2sd -u' "$W/v"
	ok "$_fw beside $2: lifted" gw_lift ga
	snapshot ga >"$W/now"
	without_block "$W/now" >"$W/now.f"
	without_block "$W/before" >"$W/was.f"
	ok "$_fw beside $2: ... the host is as before" \
	    diff "$W/was.f" "$W/now.f"
	is "$_fw beside $2: ... and nothing of the block is left" \
	    "$(grep -c -e s2sd -e 'priority 13957' "$W/now")" 0
}

topo_up || die "no topology"
gw_conf gb
gw_start gb
kinds="native"
! ns ga iptables-nft -t nat -S >/dev/null 2>&1 || kinds="$kinds nft"
! ns ga iptables-legacy -t nat -S >/dev/null 2>&1 || kinds="$kinds legacy"

filter nft native
for k in $kinds; do
	[ "$k" = native ] || filter iptables "$k"
done
gw_stop gb
tap_end
