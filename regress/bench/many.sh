#!/bin/sh
# SPDX-License-Identifier: ISC
# many.sh: CPU time of each process while many tunnels come up at once, from
# its start on.  usage: sudo sh regress/bench/many.sh [tunnels ...]
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
need_root
_l=$(lab_lacks)
[ -z "$_l" ] || die "this machine lacks $_l"
lab_begin
lab_programs
users_make

# gw n here there net-here net-there flag
file() {
	( umask 077
	awk -v n="$2" -v h="$3" -v t="$4" -v f="$5" -v g="$6" -v x="$7" '
	BEGIN { print "set gateway"
	for (i = 0; i < n; i++)
		printf "tunnel \"t%d\" { local 192.168.1.%d peer 192.168.1.%d " \
		    "srcid \"%s%d.example\" dstid \"%s%d.example\" %s " \
		    "from 10.%d.%d.0/24 to 10.%d.%d.0/24 " \
		    "psk \"a-secret-of-good-length-%d\" }\n", i, h, t,
		    h == 3 ? "a" : "b", i, h == 3 ? "b" : "a", i, x,
		    f + int(i / 250), i % 250, g + int(i / 250), i % 250, i
	}' >"$W/$1.conf" )
}
ups() { ctl "$1" status -j 2>/dev/null | grep -o '"state":"up"\|"state": "up"' | wc -l; }
all_up() { [ "$(ups ga)" -eq "$1" ] && [ "$(ups gb)" -eq "$1" ]; }

for n in ${*:-1 50 200}; do
	topo_up || die "no topology"
	masq "$(masq_kind)"
	file ga "$n" 3 4 100 110 ""
	file gb "$n" 4 3 110 100 passive
	gw_start gb
	gw_start ga
	_t=$(now_s)
	within 120 all_up "$n" || die "$(ups ga) of $n tunnels came up"
	_up=$(since "$_t")
	sleep 2
	echo "$n tunnels up after $_up s; milliseconds of CPU since the start:"
	for g in ga gb; do
		printf "%s" "$g"
		for r in net ike keys sad esp host ctl; do
			printf "  %s %s" $r "$(awk '{ printf "%.0f",
			    $1 / 1000000 }' \
			    "/proc/$(gw_role $g $r)/schedstat")"
		done
		echo
	done
	gw_stop ga
	gw_stop gb
	gw_lift ga
	gw_lift gb
	topo_down
done
