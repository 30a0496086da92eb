#!/bin/sh
# SPDX-License-Identifier: ISC
# refusals.sh: the kernel refuses s2sd-host one request after the other.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script nothing

HB=$(dirname "${S2SD_INST:-$TOP/build/lab/inst}")
[ -f "$HB/Makefile" ] || build "$TOP/build/lab" >&2 || die "the build failed"
make -s -C "$HB" regress/lab/hostfail >"$W/make.log" 2>&1 || {
	cat "$W/make.log" >&2
	die "no hostfail"
}
LAB_NS=ga
ip netns add "$LAB_PREFIX-ga" || die "no namespace"
nsip ga link set lo up
nsip ga link add lan type veth peer name lan1
nsip ga link add wan type veth peer name wan1
nsip ga link set lan1 up
nsip ga link set wan1 up
nsip ga addr add 10.1.3.1/24 dev lan
nsip ga addr add 192.168.1.3/24 dev wan
nsip ga link set lan up
nsip ga link set wan up
nsip ga route add default via 192.168.1.4
# what is not ours, by names and numbers that look like ours
ns ga nft -f - <<N
table ip s2sd-foreign { chain c { type nat hook postrouting priority 100;
	ip saddr 10.1.3.0/24 masquerade comment "foreign"
	}
}
N
nsip ga route add 10.99.0.0/16 dev lan table 21036 proto 83 metric 7
nsip ga rule add pref 219 from 10.99.0.0/16 lookup 21036
nsip ga xfrm policy add src 10.98.0.0/16 dst 10.1.4.0/24 dir out \
    action block priority 1395786752
INO=$(ns ga stat -L -c %i /proc/self/ns/net)
ip netns exec "$LAB_PREFIX-ga" "$HB/regress/lab/hostfail" \
    10.1.3.0/24 10.1.4.0/24 192.168.1.3 192.168.1.4 2>"$W/err"
_rc=$?
sed 's/^/# /' "$W/err"
rm -f /run/s2sd/host."$INO" /var/run/s2sd/host."$INO"
exit $_rc
