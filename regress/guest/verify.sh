#!/bin/sh
# SPDX-License-Identifier: ISC
# verify.sh: rulesets on a gateway with kernel ESP, what verify says beside real flows
#
#	verify			both passes, all rulesets of regress/lab/rulesets
#	verify:with,REGEX	one pass, and of the rulesets those that fit
#	verify:cover		both passes, a few rulesets of each kind
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

FLOWS_LIMIT=2
export FLOWS_LIMIT

topo_up || die "no topology"
nsip pa addr add 10.1.3.200/24 dev lan
LAB_V6=1
gw_conf ga
gw_conf gb
for n in pa pb; do
	case $n in
	pa) a="10.1.3.2 fd00:3::2" ;;
	pb) a="10.1.4.2 fd00:4::2" ;;
	esac
	# shellcheck disable=SC2086
	ip netns exec "$LAB_PREFIX-$n" python3 "$TOP/regress/lab/flows.py" \
	    serve $a >"$W/serve.$n" 2>&1 &
done
gw_start ga
gw_start gb
ok "up" gw_wait_up 60 ga gb
is "by the kernel" "$(js ga 'd["daemon"]["backend"]')" xfrm
within 30 grep -q ready "$W/serve.pa" "$W/serve.pb"
COVER='^no rule$|^legacy MASQUERADE -s$|^MASQUERADE -o wan$|^-m policy|^nft masq.*later|both networks accepted$|^nft forward policy drop$|^IPv6: masquerade, iptables'
case ${1:-} in
cover) set -- "" "$COVER" ;;
esac
case ${1:-with} in
with) matrix with xfrm "${2:-}" ;;
esac
case ${1:-without} in
without)
	gw_stop ga
	gw_lift ga
	gw_conf ga "set gateway" "nat-exempt no"
	gw_start ga
	ok "nat-exempt no: up" gw_wait_up 60 ga
	matrix without xfrm "${2:-}" ;;
esac
gw_stop ga
gw_stop gb
tap_end
