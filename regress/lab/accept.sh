#!/bin/sh
# SPDX-License-Identifier: ISC
# accept.sh: `set gateway { firewall }' against filters that drop everything:
# where one chain decides the tunnel and what is in it pass, whoever flushes,
# and nothing of it stays; where several decide nothing is added.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

# A filter that lets nothing new in and nothing through, made by that tool.
deny() {
	case $1 in
	legacy|nft)
		for c in INPUT FORWARD; do
			ns ga "iptables-$1" -A $c -m conntrack --ctstate \
			    ESTABLISHED,RELATED -j ACCEPT
			ns ga "iptables-$1" -P $c DROP
		done ;;
	*)	ns ga nft -f "$W/deny.native"
		[ "$1" = native ] || ns ga nft -f "$W/deny.second" ;;
	esac
}
theirs() { # what is there but ours, without counters
	ns ga nft -s list ruleset | sed '/^table ip6* s2sd/,/^}/d'
	ns ga iptables-legacy-save 2>/dev/null |
	    sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//'
}
has_ours() { # kind: our jumps are the first rules
	case $1 in
	legacy|nft)
		ns ga "iptables-$1" -S FORWARD | sed -n 2p |
		    grep -q -e '-j S2SD-FORWARD' &&
		ns ga "iptables-$1" -S INPUT | sed -n 2p |
		    grep -q -e '-j S2SD-INPUT' ;;
	*)	ns ga nft list chain inet filter forward |
		    grep -A1 policy | grep -q 'jump s2sd-forward comment "s2sd"' ;;
	esac
}
flush() {
	case $1 in
	legacy|nft) ns ga "iptables-$1" -F ;;
	*)	ns ga nft -f "$W/reload.native" ;;
	esac
}
recovery() { # milliseconds until our accepts are there again
	_t=$(now_s)
	within 5 has_ours "$1" || { echo none; return; }
	awk -v a="$_t" -v b="$(now_s)" \
	    'BEGIN { printf "%d", (b - a) * 1000 }'
}
clean() {
	ns ga nft flush ruleset
	for c in INPUT FORWARD; do ns ga iptables-legacy -P $c ACCEPT; done
	ns ga iptables-legacy -F
	ns ga iptables-legacy -X 2>/dev/null
}
both_ways() {
	ping4 pa 10.1.4.2 2 && ping4 pb 10.1.3.2 2 &&
	    ping4 pa fd00:4::2 2 && ping4 pb fd00:3::2 2
}
nothing_of_ours() {
	not grep -q -e '"s2sd"' -e 's2sd-forward' -e 's2sd-input' \
	    -e S2SD-FORWARD -e S2SD-INPUT <<E
$(ns ga nft list ruleset; ns ga iptables-legacy-save)
E
}
end_all() { # kill -9 of the daemon and of what could still undo
	p=$(gw_pid ga)
	x=$(gw_role ga exec) h=$(gw_role ga host)
	kill -STOP "$p"			# or it starts them again first
	# shellcheck disable=SC2086
	kill -9 $x $h "$p"
	wait "$p" 2>/dev/null
	rm -f "$W/ga.pid"
	[ -z "$h" ] || within 5 ended "$h"
}

topo_up || die "no topology"
LAB_V6=1
cat >"$W/deny.native" <<E
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		meta l4proto ipv6-icmp accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
	}
}
E
cat >"$W/deny.second" <<E
table inet mine {
	chain through {
		type filter hook forward priority 5;
		ip daddr 10.1.4.9 drop
	}
}
E
{ echo "flush ruleset"; cat "$W/deny.native"; } >"$W/reload.native"
gw_conf gb
gw_start gb
for KIND in legacy nft native; do
	clean
	deny $KIND
	theirs >"$W/before"
	gw_conf ga "set gateway { firewall }"
	gw_start ga
	ok "$KIND: up" gw_wait_up 30 ga gb
	ok "$KIND: our accepts stand first" within 5 has_ours $KIND
	ok "$KIND: traffic passes, both ways" both_ways
	ok "$KIND: the gateway itself does not answer from outside" \
	    not ping4 pb 10.1.3.1 1
	flush $KIND
	ms=$(recovery $KIND)
	below "$KIND: flushed by somebody, back after milliseconds" "$ms" 1000
	[ $KIND = native ] || deny $KIND
	ok "$KIND: and new flows pass" both_ways
	kill -9 "$(gw_role ga host)"
	ok "$KIND: kill -9 of s2sd-host: another" within 10 gw_role ga host
	ok "$KIND: ours stands first" within 5 has_ours $KIND
	gw_conf ga "set gateway { no firewall }"
	ctl ga reload >/dev/null
	ok "$KIND: a reload without the word: all away" \
	    within 5 nothing_of_ours
	clean
	deny $KIND
	gw_conf ga "set gateway { firewall }"
	ctl ga reload >/dev/null
	ok "$KIND: with it: there again" within 5 has_ours $KIND
	if [ $KIND = nft ]; then
		gw_stop ga
		ok "$KIND: stopped: all away" within 5 nothing_of_ours
		gw_lift ga
	else
		end_all
		# what s2sd-exec had started may still hold the lock of xtables
		ok "$KIND: kill -9 of all: our accepts stay" \
		    within 5 has_ours $KIND
		gw_lift ga
		ok "$KIND: and go with -u" within 5 nothing_of_ours
	fi
	theirs >"$W/after"
	ok "$KIND: the filter is as it was" diff "$W/before" "$W/after"
done
clean
deny two
theirs >"$W/before"
gw_conf ga "set gateway { firewall }"
gw_start ga
ok "two chains: the log says so" within 10 grep -q \
    'more than one chain decides about forwarded packets' "$W/ga.log"
ok "two chains: forward is left alone" not has_ours two
gw_stop ga
gw_lift ga
theirs >"$W/after"
ok "two chains: as it was" diff "$W/before" "$W/after"
gw_stop gb
tap_end
