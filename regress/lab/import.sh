#!/bin/sh
# SPDX-License-Identifier: ISC
# import.sh: an openswan gateway becomes s2sd from its own two files, and the
# other end, strongSwan, is configured by s2sctl peer-config.  Both gateways
# masquerade their LAN.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/lab/strongswan.sh"
lab_script
_why=$(ss_unpack) || { echo "1..0 # SKIP $_why"; exit 0; }
SS_TREE=$TOP/build/peer/root
PAIRS=$TOP/regress/import/pairs

# strongSwan's old configuration needs its starter, which is one more package:
# unpacked into the tree of gateway B alone.
starter_fetch() {
	STARTER=$(ls "$TOP"/build/peer/debs/strongswan-starter_*.deb \
	    2>/dev/null | head -1)
	[ -z "$STARTER" ] || return 0
	( cd "$TOP/build/peer/debs" && { apt-get download -q \
	    strongswan-starter || { apt-get update -q &&
	    apt-get download -q strongswan-starter; }; } ) \
	    >"$W/apt" 2>&1 </dev/null || return 1
	STARTER=$(ls "$TOP"/build/peer/debs/strongswan-starter_*.deb)
}
starter_unpack() {
	dpkg-deb --fsys-tarfile "$STARTER" | tar -xf - -C "$W/ss-gb" ./usr
}
starter_fetch || {
	echo "1..0 # SKIP strongSwan's starter cannot be fetched"
	exit 0
}

# What `s2sctl peer-config' printed becomes the two files of gateway B.
far_config() { # text
	_r=$W/ss-gb
	sed '/^### .*secrets/,$d' "$1" >"$_r/etc/ipsec.conf"
	( umask 077; sed '1,/^### .*secrets/d' "$1" >"$_r/etc/ipsec.secrets" )
	mkdir -p "$_r/etc/ipsec.d/private"
	sed -i 's/^\(	load = .*\) vici$/\1 vici stroke des md5/' \
	    "$_r/etc/strongswan.conf"
	rm -f "$_r/etc/swanctl.conf" "$_r"/var/run/*.pid "$_r"/run/*.pid
	: >"$_r/log"
}
far_start() {
	( SS_EXEC=exec; ss_enter gb /usr/lib/ipsec/starter --nofork ) \
	    >"$W/ss-gb/out" 2>&1 </dev/null &
	echo $! >"$W/ss-gb.pid"
	within 15 test -S "$W/ss-gb/run/vici" || return 1
	within 10 sh -c "grep -q 'added configuration' '$W/ss-gb/log'"
}
# its charon is a child of the starter, which takes it along
far_stop() {
	ss_stop gb
	within 5 sh -c "! ip netns pids $LAB_PREFIX-gb | xargs -r -I{} cat \
	    /proc/{}/comm 2>/dev/null | grep -q charon"
}
far_up() { ss_ctl gb --list-sas | grep -q INSTALLED; }
far_version() { ss_ctl gb --list-sas | sed -n 's/.*\(IKEv[12]\).*/\1/p' | head -1; }

# The two files that stand in regress/import/pairs, on gateway A.
near_config() { # sed script for ipsec.conf
	( umask 077
	sed "$1" "$PAIRS/seed.in" >"$W/ipsec.conf"
	cp "$PAIRS/seed.secrets" "$W/ipsec.secrets"
	rm -f "$W"/secgw-vpn.psk
	ns ga "$S2SCTL" import -k "$W" "$W/ipsec.conf" "$W/ipsec.secrets" \
	    >"$W/ga.conf" 2>"$W/remarks" )
}

check() { # title, sed script, version, [sed script for the far end]
	kind=$(masq_kind)
	topo_up || die "no topology"
	masq "$kind"
	# The admin of B has found this out by himself.  On A nobody has.
	ns gb "iptables-$kind" -t nat -I POSTROUTING -s 10.1.4.0/24 \
	    -d 10.1.3.0/24 -j ACCEPT
	ns gb sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
	    net.ipv4.conf.default.rp_filter=0
	ss_config gb
	ok "$1: strongSwan's starter" starter_unpack
	near_config "$2"
	is "$1: import carries all over" "$(sed -n '/carried over/p' \
	    "$W/remarks")" "1 tunnel carried over, 0 refused, 0 lines lost"
	ok "$1: s2sd -n takes it" ns ga "$S2SD" -n -f "$W/ga.conf"
	# PC-A's gateway as it was left: nothing but its MASQUERADE
	is "$1: forwarding is off on A" \
	    "$(ns ga sysctl -n net.ipv4.ip_forward)" 0
	( umask 077; ns ga "$S2SCTL" peer-config -p secgw-vpn --for \
	    strongswan -f "$W/ga.conf" >"$W/far.txt" 2>"$W/far.err" )
	ok "$1: peer-config for strongSwan" test -s "$W/far.txt"
	[ -z "${4:-}" ] || sed -i "$4" "$W/far.txt"
	far_config "$W/far.txt"
	ok "$1: strongSwan takes it" far_start
	capture "$W/wire.pcap" ga wan || die "no capture"
	_t=$(now_s)
	gw_start ga
	ok "$1: up" gw_wait_up 20 ga
	note "seconds from start to up: $(since "$_t")"
	ok "$1: up at the far end" within 5 far_up
	is "$1: the IKE version" "$(far_version)" "$3"
	ok "$1: ping from PC-A to PC-B" ping4 pa 10.1.4.2
	ok "$1: ping from PC-B to PC-A" ping4 pb 10.1.3.2
	file_of 16
	ok "$1: 1 MB over TCP from PC-A to PC-B" copy_file pb pa 10.1.4.2
	is "$1: ... its source is PC-A's, in spite of MASQUERADE" \
	    "$(sed 's/,.*//' "$W/serve")" "from 10.1.3.2"
	ok "$1: 1 MB over TCP from PC-B to PC-A" copy_file pa pb 10.1.3.2
	is "$1: ... its source is PC-B's" \
	    "$(sed 's/,.*//' "$W/serve")" "from 10.1.4.2"
	is "$1: forwarding is on at A, without a word" \
	    "$(ns ga sysctl -n net.ipv4.ip_forward)" 1
	is "$1: redirects are off" \
	    "$(ns ga sysctl -n net.ipv4.conf.all.send_redirects)" 0
	capture_stop
	wire "$W/wire.pcap" >"$W/wire" 2>&1
	_rc=$?
	sed 's/^/# /' "$W/wire"
	is "$1: nothing crossed in the clear" $_rc 0
	[ "$TAP_BAD" -eq 0 ] || tail -20 "$W/ss-gb/log" "$W/ga.log" |
	    sed 's/^/# /'
	gw_stop ga
	gw_lift ga
	far_stop
	rm -rf "$W/ss-gb" "$W/ga.log"
	topo_down
}

check "the seed as it is" '' IKEv1
check "3des, md5 and modp1024" 's/^\(	ike=\).*/\13des-md5;modp1024/
s/^\(	phase2alg=\).*/\13des-sha1;modp1024/' IKEv1
# openswan offers two groups then, and expects the one that was taken
# in quick mode too
check "no group, and the far end has the second" \
    's/;modp2048//' IKEv1 's/[a-z0-9]*-[a-z0-9]*-modp1536,//'
check "with ikev2=insist" '/^conn/a\	ikev2=insist' IKEv2
tap_end
