#!/bin/sh
# SPDX-License-Identifier: ISC
# verify.sh: does s2sctl verify say what really happens to packets?  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

topo_up || die "no topology"
nsip pa addr add 10.1.3.200/24 dev lan
LAB_V6=1
gw_conf ga
gw_conf gb
for n in pa pb; do
	case $n in
	pa) set -- 10.1.3.2 fd00:3::2 ;;
	pb) set -- 10.1.4.2 fd00:4::2 ;;
	esac
	ip netns exec "$LAB_PREFIX-$n" python3 "$TOP/regress/lab/flows.py" \
	    serve "$@" >"$W/serve.$n" 2>&1 &
done
gw_start ga
gw_start gb
ok "up" gw_wait_up 15 ga gb
within 5 grep -q ready "$W/serve.pa" "$W/serve.pb"
V() { ctl ga verify -f "$W/ga.conf" "$@" >"$W/v" 2>&1; }
V
is "without rules: warnings only (the secret is short)" $? 1
ok "without rules: nothing fails" not grep -q FAIL "$W/v"
ctl ga verify >"$W/v" 2>&1
ok "without -f: the file that s2sd runs with" grep -q "ok  *$W/ga.conf: 1 tunnel" "$W/v"
V -p
ok "-p: a host behind the peer answers, with long packets too" \
    grep -q 'packets of [0-9]* octets pass whole' "$W/v"
V --path 10.1.3.2 10.1.4.2
is "--path: it passes" $? 0
ok "--path: into the tunnel" grep -q '|  tunnel  *secgw-vpn' "$W/v"
ns ga iptables-legacy -A FORWARD -d 10.1.4.0/24 -j DROP
V --path 10.1.3.2 10.1.4.2 --svg "$W/v.svg"
is "--path: it does not pass" $? 2
ok "--path: the hook is marked" grep -q 'X  forward' "$W/v"
ok "--svg: the picture is well-formed" python3 -c '
import sys, xml.dom.minidom
d = xml.dom.minidom.parse(sys.argv[1])
assert any(r.getAttribute("stroke") == "#c01818"
    for r in d.getElementsByTagName("rect"))' "$W/v.svg"
ctl ga report -a -f "$W/ga.conf" >"$W/report"
ok "report: neither the secret nor an address is in it" \
    not grep -E "$PSK|192\.168|10\.1\.|fd00:" "$W/report"
ok "report: but the finding is" grep -q 'iptables-legacy.*FORWARD' "$W/report"
ns ga iptables-legacy -F FORWARD
snapshot ga >"$W/ga.before"
V
snapshot ga >"$W/ga.after"
ok "verify leaves the host as it was" diff "$W/ga.before" "$W/ga.after"
ok "what carries ESP is said" grep -qE 'kernel has XFRM and ESP|ESP is s2sd.s own: the kernel cannot, .*module' "$W/v"
# --- where nobody may inject: a container without the capability ---
without_bpf() {
	ns ga setpriv --bounding-set "-bpf,-sys_admin$1" "$S2SCTL" -s "$W/ga.sock" \
	    verify -f "$W/ga.conf" >"$W/v" 2>&1
}
if have setpriv && setpriv --bounding-set -bpf true 2>/dev/null; then
	masq legacy ga
	without_bpf ""
	ok "no injection: the reduced method, and it says so" grep -q \
	    'does not take probes as if received (Operation not permitted)' "$W/v"
	ok "... and what it still sees passes, by that method" \
	    grep -q 'what this host sends into the tunnel passes unchanged' "$W/v"
	without_bpf ",-net_raw"
	ok "no raw socket either: nothing is called well" \
	    not grep -q 'passes unchanged' "$W/v"
	ok "... and why is said" grep -q 'could not be sent' "$W/v"
	sed 's/^/# /' "$W/v"
	ns ga iptables-legacy -t nat -F
else
	skip "no injection: the reduced method" "no setpriv that knows CAP_BPF"
fi
# --- another IKE daemon, without a socket of its own on the ports ---
cp "$(command -v sleep)" "$W/pluto"
ip netns exec "$LAB_PREFIX-ga" "$W/pluto" 60 &
_pl=$!
V
ok "another IKE daemon is named" grep -q "pluto (pid $_pl) runs, too" "$W/v"
kill "$_pl"
wait "$_pl" 2>/dev/null
matrix with
is "no probe of verify stays in connection tracking" \
    "$(ns ga conntrack -L 2>/dev/null | grep -c 'sport=400')" 0
is "no table of verify stays" \
    "$(ns ga nft list tables | grep -c s2sd-verify)" 0
if have setpriv; then
	as_nobody() {
		! setpriv --reuid 65534 --regid 65534 --clear-groups \
		    "$S2SCTL" -s "$W/ga.sock" "$1" >"$W/v" 2>&1 &&
		    grep -q "$1 needs root" "$W/v"
	}
	ok "verify by others: refused, and said" as_nobody verify
	ok "report by others: refused, and said" as_nobody report
else
	skip "verify by others: refused, and said" "no setpriv"
	skip "report by others: refused, and said" "no setpriv"
fi
gw_stop ga
ctl ga report -f "$W/ga.conf" >"$W/report"
ok "report of a stopped s2sd: that it does not answer" \
    grep -q "does not answer on $W/ga.sock" "$W/report"
gw_lift ga
gw_conf ga "set gateway" "nat-exempt no"
gw_start ga
ok "nat-exempt no: up" gw_wait_up 15 ga
matrix without
gw_stop ga
V
is "stopped: no failure" $? 1
ok "stopped: what was not tested is named, and the block" \
    grep -q 'its block stands' "$W/v"
ok "stopped: and the command that lifts it" grep -q 'clear: s2sd -u' "$W/v"
gw_lift ga
ns ga sysctl -qw net.ipv4.ip_forward=1
masq legacy ga
V
ok "stopped and lifted: the rule is named" grep -q 'MASQUERADE' "$W/v"
gw_stop gb
tap_end
