#!/bin/sh
# SPDX-License-Identifier: ISC
# frontends.sh: gateway A's filter is made by the real ufw, firewalld and
# docker: verify names the tool and prints its own commands, those commands
# let the tunnel through, and what the tool does to its rules under traffic
# costs nothing and leaks nothing.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/lab/fronts.sh"
lab_script
_why=$(fr_unpack) || { echo "1..0 # SKIP $_why"; exit 0; }
trap 'fr_end; lab_end' EXIT

# TCP, UDP and ICMP: ufw lets echo requests through by itself.
flows() {
	ns pa python3 "$TOP/regress/lab/flows.py" ask 3 10.1.3.2,10.1.4.2 \
	    >"$W/flows" 2>&1
	cat "$W/flows"
	test ! -s "$W/flows"
}
both_ways() { flows && ping4 pb 10.1.3.2 2; }
V() { ctl ga verify -j -f "$W/ga.conf" >"$W/v.json" 2>"$W/v.err"; }
# Has s2sd-host taken its exemption away?  A reload does not wait for it.
unexempt() {
	! ns ga nft list set ip s2sd pairs 2>/dev/null | grep -q elements
}
# The commands that verify prints for what fails, one a line.
fixes() {
	python3 - "$W/v.json" <<-'E'
	import json, sys
	seen = []
	def walk(o):
	    if isinstance(o, dict):
	        if str(o.get("result")).lower() == "fail" and o.get("fix"):
	            seen.extend(o["fix"].split("\n"))
	        for v in o.values():
	            walk(v)
	    elif isinstance(o, list):
	        for v in o:
	            walk(v)
	walk(json.load(open(sys.argv[1])))
	for l in dict.fromkeys(seen):
	    print(l)
	E
}
# Do as verify says until nothing fails: at most four times.
obey() {
	: >"$W/obeyed"
	for _i in 1 2 3 4; do
		V
		fixes >"$W/fixes"
		[ -s "$W/fixes" ] || return 0
		cat "$W/fixes" >>"$W/obeyed"
		while read -r _c; do
			fr sh -c "$_c" </dev/null || return 1
		done <"$W/fixes"
	done
	V
	fixes >"$W/fixes"
	[ ! -s "$W/fixes" ]
}
stream() { # for as long as PROBES last: 50 packets a second, both ways
	for d in "pa 10.1.4.2" "pb 10.1.3.2"; do
		set -- $d
		ip netns exec "$LAB_PREFIX-$1" ping -n -D -i 0.02 -c 200 -W 1 \
		    "$2" >"$W/ping.$1" 2>&1 &
		eval "P_$1=$!"
	done
}
lost() { # pa|pb: packets lost; the longest gap in milliseconds
	awk '/icmp_seq=/ { split($1, a, /[][]/); t = a[2] + 0
		if (n++ && t - last > gap) gap = t - last; last = t }
	    END { printf "%d %d\n", 200 - n, gap * 1000 }' "$W/ping.$1"
}

topo_up || die "no topology"
fr_begin || die "no root for the tools: $(cat "$W/fr.err")"
lab_capture || die "no capture"
ip netns exec "$LAB_PREFIX-pb" python3 "$TOP/regress/lab/flows.py" \
    serve 10.1.4.2 >"$W/serve" 2>&1 &
SERVE=$!
gw_conf gb
gw_start gb
for TOOL in ufw firewalld docker; do
	case $TOOL in
	ufw) word='ufw route allow' ;;
	firewalld) word='firewall-cmd --permanent --zone=trusted' ;;
	docker) word='iptables -I DOCKER-USER' ;;
	esac
	ok "$TOOL: it makes its rules" ${TOOL}_begin
	gw_conf ga "set gateway { firewall }"
	[ $TOOL != docker ] || gw_conf ga
	gw_start ga
	ok "$TOOL: up, as we speak first" gw_wait_up 30 ga gb
	[ $TOOL = docker ] || ok "$TOOL: nothing is added, the log names it" \
	    within 10 grep -q "the filter is that of $TOOL" "$W/ga.log"
	ok "$TOOL: its filter drops what is forwarded" \
	    not flows
	ok "$TOOL: doing as verify says ends all its failures" obey
	sed "s/^/# $TOOL: /" "$W/obeyed"
	ok "$TOOL: in its own words" grep -q -e "^$word" "$W/obeyed"
	ok "$TOOL: traffic passes, both ways" both_ways
	stream
	sleep 1
	_t=$(now_s)
	${TOOL}_reload >"$W/event" 2>&1
	_took=$(since "$_t")
	wait "$P_pa" "$P_pb"
	_a=$(lost pa) _b=$(lost pb)
	note "$TOOL: its reload took $_took s: lost ${_a% *} and ${_b% *}" \
	    "of 200, longest silence ${_a#* } and ${_b#* } ms"
	ok "$TOOL: its reload: little is lost" test "${_a% *}" -le 100 \
	    -a "${_b% *}" -le 100
	ok "$TOOL: its reload: new flows pass" within 5 both_ways
	gw_conf ga "set gateway" "nat-exempt no"
	ctl ga reload >/dev/null
	ok "$TOOL: the exemption goes with \`nat-exempt no'" within 10 unexempt
	ns ga conntrack -F >/dev/null 2>&1
	V
	# firewalld masquerades nothing between two sources of one zone
	if [ $TOOL = firewalld ]; then
		ok "$TOOL: without the exemption: as verify says, it passes" \
		    flows
		# new IKE of the peer is refused: its entry went just now
		is "$TOOL: ... and verify says so" \
		    "$(fixes | grep -v add-service=ipsec)" ""
	else
		ok "$TOOL: without the exemption flows are rewritten" \
		    not flows
		ok "$TOOL: ... and verify names the MASQUERADE" \
		    grep -qi masq "$W/v.json"
	fi
	gw_stop ga
	gw_lift ga
	${TOOL}_end >/dev/null 2>&1
	ns ga nft flush ruleset
done
gw_stop gb
kill "$SERVE"
wait "$SERVE" 2>/dev/null
lab_wire
tap_end
