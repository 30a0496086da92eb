#!/bin/sh
# SPDX-License-Identifier: ISC
# matrix.sh: s2sd beside other daemons, row by row; words choose the rows
#
#	matrix			all rows
#	matrix:WORD,...		those that have all these words
#	matrix:cover,WORD,...	of these, every value of each column with every peer
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

PLANES=$(planes | grep -v userland)
V1=
( umask 077; echo 'tunnel "try" ikev1 { local 192.168.1.3 peer 192.168.1.4
	from 10.1.3.0/24 to 10.1.4.0/24 psk "a secret that nobody uses" }' \
    >"$W/v1.conf" )
! "$S2SD" -n -f "$W/v1.conf" >/dev/null 2>&1 || V1=1

# can PEER, PLANE, IKE, SUITE do this together?
sensible() {
	case $PLANE:$SUITE in
	pfkey:gcm|pfkey:chacha|pfkey:sha256) return 1 ;;
	esac
	case $PEER:$SUITE in
	openiked:sha1|openiked:sha512) ;;
	openiked:*) return 1 ;;
	esac
	case $PEER:$IKE in
	openiked:1) return 1 ;;
	esac
	case $IKE:$SUITE in
	1:chacha) return 1 ;;
	esac
	# in the place of HMAC-SHA-256 where that is cut wrongly
	case $PLANE:$PEER:$SUITE in
	pfkey:*|*:openiked:*) ;;
	*:sha512) return 1 ;;
	esac
}
all_rows() {
	for PLANE in $PLANES; do
	for PEER in strongswan libreswan openiked s2sd; do
	for NAT in none nat; do
	for SIDE in init resp; do
	for IKE in 2 ${V1:+1}; do
	for SUITE in gcm sha1 sha256 sha512 chacha; do
		! sensible || echo "$PLANE $PEER v$IKE $SUITE $NAT $SIDE"
	done; done; done; done; done; done
}
# cover: as few rows as bring each plane, version, suite and NAT with a side
# together with each peer, and NAT and suite with each plane; the row that brings most comes first
cover() {
	awk '
	function new(i,   j, n) {
		for (j = 1; j <= nf[i]; j++)
			n += !(f[i, j] in seen)
		return n
	}
	{ line[NR] = $0; nf[NR] = 7
		f[NR, 1] = $2 " " $1; f[NR, 2] = $2 " " $3
		f[NR, 3] = $2 " " $4; f[NR, 4] = $2 " " $5 " " $6
		f[NR, 5] = $1 " " $4
		f[NR, 6] = $2 " " $1 " " $3
		f[NR, 7] = $1 " " $5 " " $6 }
	END { for (;;) {
		best = 0
		for (i = 1; i <= NR; i++)
			if (new(i) > best) { best = new(i); k = i }
		if (best == 0) exit
		print line[k]
		for (j = 1; j <= nf[k]; j++) seen[f[k, j]] = 1
	} }' | sort -s -k1,1r -k5,6
}
chosen() {
	case ${1:-} in
	cover)
		shift
		with "$@" | cover ;;
	*) with "$@" ;;
	esac
}
with() {
	all_rows | awk -v want="$*" '{ n = split(want, w, " "); ok = 1
		for (i = 1; i <= n; i++)
			if (index(" " $0 " ", " " w[i] " ") == 0) ok = 0
		if (ok) print }'
}

both_ways() { ping4 pa 10.1.4.2 2 && ping4 pb 10.1.3.2 2; }
# good WHAT COMMAND...: a test; the row ends with the first that fails
good() {
	_gw=$1 _gb=$TAP_BAD
	shift
	ok "$ROW: $_gw" "$@"
	[ "$TAP_BAD" = "$_gb" ]
}
row_begin() {
	if [ "$SIDE" = init ]; then
		good "the peer starts" peer_start &&
		    good "s2sd starts" near_start
	else
		good "s2sd starts" near_start &&
		    good "the peer starts" peer_start || return 1
		peer_initiate &
	fi
}
row_tests() {
	row_begin && good "up" within 150 near_up &&
	good "traffic both ways" within 10 both_ways &&
	good "s2sd renews the child SA" row_rekey near child &&
	if [ "$PEER" = openiked ]; then
		OLD=$(near_spis)
		good "the peer renews the child SA by its time" \
		    within 40 new_child && good "... traffic" both_ways
	else
		good "the peer renews the child SA" row_rekey far child
	fi &&
	case $PEER:$IKE in
	openiked:*|libreswan:1) ;;	# they have no command for it
	*) good "the peer renews the IKE SA" row_rekey far ike ;;
	esac &&
	good "s2sd renews the IKE SA" row_rekey near ike
}
# the topology stays for the next row where that wants the same
TOPO=
row_ground() {
	_topo=none
	[ "$NAT" = none ] || _topo=nat:$SIDE
	[ "$TOPO" = "$_topo" ] && return
	[ -z "$TOPO" ] || topo_down
	TOPO=$_topo
	row_topo
}
row() {
	row_addresses
	row_ground && outer_capture || die "no topology"
	_bad=$TAP_BAD
	row_tests || peer_says
	near_stop
	peer_stop
	outer_wire "$ROW" esp 192.168.2.4 192.168.2.1 192.168.1.1
	[ "$NAT" = none ] || ns r conntrack -F >/dev/null 2>&1
	[ "$TAP_BAD" = "$_bad" ] || { topo_down; TOPO=; }
}

IKED_LIFE=25
chosen "$@" >"$W/rows"
note "$(wc -l <"$W/rows") rows"
while read -r PLANE PEER IKE SUITE NAT SIDE <&3; do
	ROW="$PLANE $PEER $IKE $SUITE $NAT $SIDE"
	IKE=${IKE#v}
	_t0=$(now_s)
	row
	note "$ROW: $(since "$_t0") s"
done 3<"$W/rows"
[ -z "$TOPO" ] || topo_down
rm -f "$W/ga.log" "$W/gb.log"
tap_end
