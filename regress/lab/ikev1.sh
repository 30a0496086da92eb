#!/bin/sh
# SPDX-License-Identifier: ISC
# ikev1.sh: IKEv1 with a shared secret: s2sd on gateway A, strongSwan 5.9 on
# gateway B.  Both roles, two pairs of networks, renewals of both phases by
# either end, a dead and a rebooted peer on either side, what old peers still
# ask for, what goes wrong and the sentence that `explain' has for it, NAT
# between.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/lab/strongswan.sh"
LAB_NS="$LAB_NS nr"
lab_script
_why=$(ss_unpack) || { echo "1..0 # SKIP $_why"; exit 0; }
SS_TREE=$TOP/build/peer/root
T=secgw-vpn
PARTS=${PARTS:-first second pairs old nat}

# --- the near end ---

# near_conf [flags] [lines]: what an import of openswan's files would print
near_conf() {
	( umask 077
	{
		echo 'set gateway'
		echo "tunnel \"$T\" ${1-ikev1} {"
		echo "	local ${NEAR_ADDR:-192.168.1.3} peer 192.168.1.4"
		echo "	srcid 192.168.1.3 dstid 192.168.1.4"
		echo "	from 10.1.3.0/24 to 10.1.4.0/24"
		echo "	psk \"$PSK\""
		echo "	dpd 2s"
		[ -z "${2:-}" ] || printf '\t%s\n' "$2"
		echo '}'
	} >"$W/ga.conf" )
}
OLD="ikesa enc aes-256 auth hmac-sha1 group modp2048
childsa enc aes-256 auth hmac-sha1 group modp2048"
near_start() { # flags lines
	near_conf "$@"
	gw_start ga
	within 10 test -S "$W/ga.sock"
}
near_stop() {
	gw_stop ga
	gw_lift ga
}
near_up() { gw_up ga; }
near_down() { not gw_up ga; }

# --- the far end ---

# far_conf key=value...: secret, ike, esp, start, my, your, two (a second pair),
# version
far_conf() {
	secret=$PSK ike=aes256-sha1-modp2048 esp=aes256-sha1-modp2048
	start=none my=10.1.4.0/24 your=10.1.3.0/24 two='' version=1
	for _kv in "$@"; do
		eval "${_kv%%=*}=\${_kv#*=}"
	done
	ss_config gb "$secret" "$ike" "$esp" "$start"
	sed -i -e 's/^	load = .*/	load = random nonce openssl kdf aes des md5 sha1 sha2 hmac gcm gmp kernel-libipsec kernel-netlink socket-default vici/' \
	    "$W/ss-gb/etc/strongswan.conf"
	_two=
	[ -z "$two" ] || _two="net2 {
		local_ts = $my
		remote_ts = 10.5.3.0/24
		esp_proposals = $esp
		start_action = $start
	}"
	cat >"$W/ss-gb/etc/swanctl.conf" <<C
connections { s2s {
	version = $version
	local_addrs = 192.168.1.4
	remote_addrs = 192.168.1.3
	proposals = $ike
	encap = yes
	mobike = no
	dpd_delay = 2s
	dpd_timeout = 6s
	local { auth = psk
		id = 192.168.1.4 }
	remote { auth = psk
		id = 192.168.1.3 }
	children {
	net {
		local_ts = $my
		remote_ts = $your
		esp_proposals = $esp
		start_action = $start
		dpd_action = clear
	}
	$_two
	}
} }
secrets { ike {
	id-1 = 192.168.1.4
	id-2 = 192.168.1.3
	secret = "$secret" } }
C
	chmod 600 "$W/ss-gb/etc/swanctl.conf"
	: >"$W/ss-gb/log"
}
far_start() {
	far_conf "$@"
	ss_start gb
}
far_list() { ss_ctl gb --list-sas 2>/dev/null; }
far_up() { far_list | grep -q INSTALLED; }
far_spis() { ss_spis gb; }
far_ike() {
	far_list | sed -n \
	    's/.*ESTABLISHED, IKEv1, \([0-9a-f]*_i\)\*\{0,1\} \([0-9a-f]*_r\).*/\1 \2/p' |
	    sort
}
one_ike() { [ "$(far_ike | wc -l)" -eq 1 ]; }
children() { [ "$(far_list | grep -c 'INSTALLED, TUNNEL')" -eq "$1" ]; }
near_children() { [ "$(js ga 'len(t["childsas"])')" -eq "$1" ]; }
changed() { # command old: does the command print something else, not nothing?
	_new=$($1)
	[ -n "$_new" ] && [ "$_new" != "$2" ]
}
far_kill() { # without a word to its peer
	_p=$(cat "$W/ss-gb.pid")
	kill -9 "$_p"
	wait "$_p" 2>/dev/null
	rm -f "$W/ss-gb.pid" "$W/ss-gb/run/vici"
	nsip gb link del ipsec0 2>/dev/null
	true
}

# --- what is looked at ---

both_up() {
	within 20 near_up && within 5 far_up
}
ping_out() { ping4 pa 10.1.4.2; }
ping_back() { ping4 pb 10.1.3.2; }
pings() { # after what
	ok "$1: ping from PC-A to PC-B" ping_out
	ok "$1: ping from PC-B to PC-A" ping_back
}
lost() { # how many pings of $W/ping got no answer
	sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' \
	    "$W/ping" | awk '{ print $1 - $2; exit }'
}
renew() { # who what
	_old_spi=$(far_spis)
	_old_ike=$(far_ike)
	ip netns exec "$LAB_PREFIX-pa" ping -q -i 0.05 -c 60 -W 2 10.1.4.2 \
	    >"$W/ping" 2>&1 &
	_pp=$!
	sleep 0.5
	case $1$2 in
	near*) ctl ga rekey "$T" "$2" ;;
	farike) ss_ctl gb --rekey --ike s2s ;;
	farchild) ss_ctl gb --rekey --child net ;;
	esac >"$W/rk" 2>&1
	if [ "$2" = ike ]; then
		ok "phase 1 renewed by the $1 end: the cookies are new" \
		    within 15 changed far_ike "$_old_ike"
		ok "... and one IKE SA is left at the far end" \
		    within 30 one_ike
	else
		ok "phase 2 renewed by the $1 end: the SPIs are new" \
		    within 15 changed far_spis "$_old_spi"
		ok "... and one child is left at the far end" \
		    within 30 children 1
		ok "... and at the near end" within 30 near_children 1
	fi
	wait "$_pp"
	below "... and pings lost meanwhile" "$(lost)" 2
}
# explains REASON-ID WORDS...: status -j has the reason, explain the words
explains() {
	_id=$1
	shift
	ok "... status -j says $_id" within 25 sh -c \
	    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock status -j |
	    grep -q '\"$_id\"'"
	ctl ga explain "$T" >"$W/explain" 2>&1
	sed 's/^/#   explain: /' "$W/explain"
	tr -s ' \n' ' ' <"$W/explain" >"$W/explain.1"
	for _w in "$@"; do
		ok "... explain says: $_w" grep -qF -- "$_w" "$W/explain.1"
	done
}
far_why() { # what strongSwan says, if a test failed
	[ "$TAP_BAD" -eq "${_bad_before:-0}" ] ||
	    tail -25 "$W/ss-gb/log" | sed 's/^/#   far: /'
	_bad_before=$TAP_BAD
}
all_stop() {
	far_why
	near_stop
	ss_stop gb
}

# the near end begins, with what s2sd offers by default
part_first() {
	ok "strongSwan starts (aes256-sha1-modp2048)" far_start
	_t=$(now_s)
	ok "the near end starts" near_start
	ok "up, begun by the near end" both_up
	note "seconds from start to up: $(since "$_t")"
	ok "the far end calls it IKEv1" one_ike
	ok "status shows IKEv1" sh -c \
	    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock status $T |
	    grep -q IKEv1"
	is "status -j says so too" "$(js ga 't["ike"]')" 1
	pings "begun by the near end"
	file_of 16
	ok "1 MB over TCP to PC-B" copy_file pb pa 10.1.4.2
	ok "1 MB over TCP to PC-A" copy_file pa pb 10.1.3.2
	renew near child
	renew far child
	renew near ike
	renew far ike
	renew near child
	pings "after all renewals"
	ctl ga explain "$T" >"$W/explain" 2>&1
	ok "explain has nothing to say" grep -q "nothing is wrong" "$W/explain"

	# the near end stops: the far end is told
	ctl ga down "$T" >/dev/null 2>&1
	ok "s2sctl down: the far end knows at once" within 5 not far_up
	ctl ga up "$T" >/dev/null 2>&1
	ok "s2sctl up" both_up
	all_stop
}

# the far end begins
part_second() {
	ok "the near end waits" near_start "ikev1 passive" "$OLD"
	ok "strongSwan starts" far_start
	ss_ctl gb --initiate --child net --timeout 10 >"$W/init" 2>&1
	ok "up, begun by the far end" both_up
	pings "begun by the far end"
	renew far child
	renew near child
	renew far ike
	renew near ike
	pings "after renewals, begun by the far end"
	far_kill
	ok "strongSwan starts again after a kill" ss_start gb
	ss_ctl gb --initiate --child net --timeout 10 >"$W/init" 2>&1
	ok "begun again by the rebooted far end" both_up
	ok "... one IKE SA at the near end's word" near_up
	pings "after the reboot of the far end that begins"
	ss_ctl gb --terminate --ike s2s --timeout 5 >"$W/term" 2>&1
	ok "the far end closes: the near end knows at once" within 5 near_down
	all_stop
}

# two pairs of networks: a phase 2 for each
part_pairs() {
	ok "strongSwan starts with two pairs" far_start two=1
	ok "the near end starts" near_start ikev1 "from 10.5.3.0/24 to 10.1.4.0/24"
	ok "up" both_up
	ok "two children at the far end" within 10 children 2
	ok "two children at the near end" within 10 near_children 2
	ok "ping through the first" ns pa ping -q -c 3 -i 0.2 -W 2 -I 10.1.3.2 10.1.4.2
	ok "ping through the second" ns pa ping -q -c 3 -i 0.2 -W 2 -I 10.5.3.2 10.1.4.2
	ok "ping back through the second" ping4 pb 10.5.3.2
	ctl ga rekey "$T" child >/dev/null 2>&1
	sleep 3
	ok "two children after a renewal" within 10 children 2
	ok "... both carry packets" sh -c "
		ip netns exec $LAB_PREFIX-pa ping -q -c 3 -i 0.2 -W 2 -I 10.1.3.2 10.1.4.2 &&
		ip netns exec $LAB_PREFIX-pa ping -q -c 3 -i 0.2 -W 2 -I 10.5.3.2 10.1.4.2"
	all_stop
}

# what old peers still ask for, and what newer ones can
part_old() {
	ok "strongSwan starts (3des-md5-modp1024, esp 3des-sha1)" far_start \
	    ike=3des-md5-modp1024 esp=3des-sha1
	ok "the near end starts" near_start ikev1 "allow weak
		ikesa enc 3des auth hmac-md5 group modp1024
		childsa enc 3des auth hmac-sha1 group none"
	ok "up with 3DES, MD5, MODP1024, no PFS" both_up
	pings "3des"
	all_stop
	ok "strongSwan starts (aes256-sha256-ecp256, esp aes128gcm16)" far_start \
	    ike=aes256-sha256-ecp256 esp=aes128gcm16-ecp256
	ok "the near end starts" near_start ikev1 \
	    "childsa enc aes-128-gcm group ecp256"
	ok "up with ECP256 and AES-GCM in the child" both_up
	pings "gcm"
	all_stop
}

# either end is rebooted: it knows nothing of the other any more
part_reboot() {
	ok "strongSwan starts" far_start
	ok "the near end starts" near_start
	ok "up" both_up
	far_kill
	ok "strongSwan starts again after a kill" ss_start gb
	ok "the near end notices, some 90 seconds later" within 130 ping_out
	ok "... and is up" both_up
	pings "after the reboot of the far end"
	kill -9 "$(gw_pid ga)"
	within 5 gw_gone ga
	gw_start ga
	ok "the near end is up again after kill -9" both_up
	ok "... one IKE SA at the far end" within 15 one_ike
	pings "after the reboot of the near end"
	all_stop
}

# the far end is dead for a while
part_dead() {
	ok "strongSwan starts" far_start
	ok "the near end starts" near_start
	ok "up" both_up
	far_kill
	ok "dpd: the near end is down" within 130 near_down
	explains unreachable "The peer stopped answering" "something listens on UDP 500"
	ok "strongSwan starts again" ss_start gb
	ok "up again by itself" within 75 near_up
	pings "after death and return"
	all_stop
}

# what goes wrong
part_wrong() {
	ok "strongSwan starts with another secret" far_start secret=not-the-same-secret
	ok "the near end starts" near_start
	explains auth-psk "the shared secrets differ" "psk file \"$T.psk\""
	ok "it is not up" near_down
	all_stop
	ok "another secret, begun by the far end" far_start secret=not-the-same-secret
	ok "the near end waits" near_start "ikev1 passive"
	ss_ctl gb --initiate --child net --timeout 3 >"$W/init" 2>&1
	explains auth-psk "the shared secrets differ"
	all_stop

	ok "strongSwan starts with another proposal" far_start \
	    ike=aes128-sha384-modp3072
	ok "the near end starts" near_start
	explains no-proposal "rejects our algorithms" "ikesa enc" "one of ours: aes-256"
	all_stop

	ok "another proposal, begun by the far end" far_start \
	    ike=aes128-sha384-modp3072
	ok "the near end waits" near_start "ikev1 passive"
	ss_ctl gb --initiate --child net --timeout 3 >"$W/init" 2>&1
	explains no-proposal "It wants: aes-128 / hmac-sha2-384 / modp3072" \
	    "ikesa enc aes-128 auth hmac-sha2-384 group modp3072"
	all_stop

	ok "strongSwan starts with other networks" far_start my=10.1.4.0/25
	ok "the near end starts" near_start
	explains selectors "knows no tunnel between these networks" \
	    "now: from 10.1.3.0/24 to 10.1.4.0/24" "to the last bit of the mask"
	all_stop
	ok "other networks, begun by the far end" far_start my=10.1.4.0/25
	ok "the near end waits" near_start "ikev1 passive"
	ss_ctl gb --initiate --child net --timeout 3 >"$W/init" 2>&1
	explains selectors "knows no tunnel between these networks"
	all_stop

	ok "strongSwan speaks IKEv2 only" far_start version=2 \
	    ike=aes256-sha256-modp2048 esp=aes256-sha256
	ok "the near end starts with ikev1 and is called" near_start "ikev1 passive"
	ss_ctl gb --initiate --child net --timeout 3 >"$W/init" 2>&1
	explains ike-version "remove the word ikev1: tunnel \"$T\" {"
	all_stop
	ok "strongSwan speaks IKEv1" far_start start=none
	ok "the near end starts without ikev1 and is called" near_start passive
	ss_ctl gb --initiate --child net --timeout 3 >"$W/init" 2>&1
	explains ike-version "add the word ikev1: tunnel \"$T\" ikev1 {"
	all_stop
}

# NAT between: the near end is behind a router that masquerades
part_nat() {
	lab_wire
	nsip ga link del wan
	lab_link ga wan nr in && lab_link nr out gb wan || die "no router"
	lab_addr ga wan 10.9.0.2/24
	lab_addr nr in 10.9.0.1/24
	lab_addr nr out 192.168.1.3/24
	lab_addr gb wan 192.168.1.4/24
	nsip ga route add default via 10.9.0.1
	nsip gb route add default via 192.168.1.3
	ns nr sysctl -qw net.ipv4.ip_forward=1
	ns nr nft -f - <<'N' || die "no masquerade"
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname "out" masquerade random
	}
}
N
	capture "$W/wire.pcap" gb wan || die "no capture"
	NEAR_ADDR=10.9.0.2
	ok "NAT between: strongSwan starts" far_start
	ok "NAT between: the near end starts" near_start
	ok "NAT between: up" both_up
	is "NAT between: it is seen" "$(js ga 't["nat"]')" local
	pings "NAT between"
	renew near child
	renew far child
	renew near ike
	pings "NAT between, after renewals"
	all_stop
}

topo_up || die "no topology"
lab_addr pa lan 10.5.3.2/24
lab_addr ga lan 10.5.3.1/24
for g in ga gb; do
	ns $g sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
	    net.ipv4.conf.default.rp_filter=0
done
capture "$W/wire.pcap" ga wan || die "no capture"
note "far end: $(cd "$TOP/build/peer/debs" && echo strongswan-charon_*.deb)"

for part in $PARTS; do
	part_$part
done
lab_wire
tap_end
