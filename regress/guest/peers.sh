# SPDX-License-Identifier: ISC
# peers.sh: the other gateway, of four kinds, configured from one row: what
# each daemon calls the same thing, and how it is started, asked and stopped.
# Sourced by guest/lib.sh.
#
# A row, as variables:
#	PEER	strongswan, libreswan, openiked, s2sd
#	PLANE	of ours: xfrm, pfkey, userland
#	IKE	2, 1
#	SUITE	gcm, sha1, sha256, sha512, chacha
#	NAT	none, or nat: a router hides who begins
#	SIDE	init: ours begins; resp: the other does
# and where it is not the usual:
#	MODE	transport: between the gateways themselves
#	INNER, OUTER	6: networks, gateways of IPv6
#	NEAR_FLAG	our flag instead of active or passive
#	PROTO	ah: of SUITE only the hash
# Ours is ga, the other gb.  The peer's files lie in $PD, which is its /run; a
# mount namespace of its own keeps them apart.  peer_at sets where it is.

PEER_SECRET="a secret of both, for the tests"

# peer_at GW: that gateway is the peer from here on
peer_at() {
	P_GW=$1
	PD=$W/peer-$1
}
# nets GW: its network and the other one
nets() {
	if [ "${INNER:-4}" = 6 ]; then
		set -- "$1" fd00:3::/64 fd00:4::/64
	else
		set -- "$1" 10.1.3.0/24 10.1.4.0/24
	fi
	if [ "$1" = ga ]; then echo "$2 $3"; else echo "$3 $2"; fi
}
own_net() { nets "$1" | cut -d' ' -f1; }
far_net() { nets "$1" | cut -d' ' -f2; }

# row_addresses: ME, YOU: the gateways' own; SEEN_ME, SEEN_YOU: by which the
# other end sees them
row_addresses() {
	ME=192.168.1.3 YOU=192.168.1.4
	[ "${OUTER:-4}" = 4 ] || ME=fd00:1::3 YOU=fd00:1::4
	[ "$NAT" = none ] || YOU=192.168.2.4
	SEEN_ME=$ME SEEN_YOU=$YOU
	[ "$NAT" = none ] || case $SIDE in
	init) SEEN_ME=192.168.2.1 ;;
	resp) SEEN_YOU=192.168.1.1 ;;
	esac
}
row_topo() {
	case $NAT:$SIDE in
	none:*) topo_up ;;
	*:init) topo_nat ga ;;
	*) topo_nat gb ;;
	esac || return 1
	# the other daemons leave that to the admin
	ns gb sysctl -qw net.ipv4.ip_forward=1
	[ "${INNER:-4}" = 4 ] || ns gb sysctl -qw net.ipv6.conf.all.forwarding=1
}

# --- ours ---------------------------------------------------------------

s2sd_suite() {
	case $IKE:$SUITE in
	2:gcm|2:chacha)
		echo "	ikesa enc aes-256-gcm prf hmac-sha2-256 group curve25519" ;;
	*:gcm) echo "	ikesa enc aes-256 auth hmac-sha2-256 group modp2048" ;;
	*:sha1) echo "	ikesa enc aes-256 auth hmac-sha1 group modp2048" ;;
	*:sha256) echo "	ikesa enc aes-256 auth hmac-sha2-256 group ecp256" ;;
	*:sha512) echo "	ikesa enc aes-256 auth hmac-sha2-512 group ecp384" ;;
	esac
	case $SUITE in
	gcm) echo "	childsa enc aes-256-gcm group $(s2sd_pfs)" ;;
	chacha) echo "	childsa enc chacha20-poly1305 group $(s2sd_pfs)" ;;
	sha1) echo "	childsa enc aes-256 auth hmac-sha1 group modp2048" ;;
	sha256) echo "	childsa enc aes-256 auth hmac-sha2-256 group $(s2sd_pfs)" ;;
	sha512) echo "	childsa enc aes-256 auth hmac-sha2-512 group $(s2sd_pfs)" ;;
	esac
}
# the group of a child: libreswan has no curve for that in IKEv1 ("ESP DH
# algorithm 'dh20' is not supported by IKEv1")
s2sd_pfs() {
	case $PEER:$IKE:$SUITE in
	libreswan:1:*|*:1:gcm) echo modp2048 ;;
	*:sha256) echo ecp256 ;;
	*:sha512) echo ecp384 ;;
	*) echo curve25519 ;;
	esac
}
# hash_alone: where the child is of AH, without its cipher
hash_alone() {
	if [ "${PROTO:-esp}" = ah ]; then
		sed 's/childsa enc [^ ]* /childsa /'
	else
		cat
	fi
}
# s2sd_conf GW PLANE FLAG OWN SEEN-PEER PEER-ID: $W/GW.conf
s2sd_conf() {
	_flag=$3 _from="from $(own_net "$1") to $(far_net "$1")"
	[ "$IKE" = 2 ] || _flag="$_flag ikev1"
	[ "${PROTO:-esp}" = esp ] || _flag="$_flag $PROTO"
	[ "${MODE:-tunnel}" = tunnel ] || _flag="$_flag $MODE" _from=
	( umask 077
	cat >"$W/$1.conf" <<E
set gateway
$(plane_conf "$2")
tunnel "secgw-vpn" $_flag {
	local $4 peer $5
	srcid $4 dstid $6
	$_from
	psk "$PEER_SECRET"
$(s2sd_suite | hash_alone)
}
E
	)
}
# slow_stop GW: gw_stop, with the time that a loaded machine takes
slow_stop() {
	kill "$(gw_pid "$1")" 2>/dev/null
	within 40 gw_gone "$1"
	gw_stop "$1"
}
near_start() {
	_f=active
	[ "$SIDE" = init ] || _f=passive
	_f=${NEAR_FLAG:-$_f}
	s2sd_conf ga "$PLANE" $_f "$ME" "$SEEN_YOU" "$YOU"
	: >"$W/ga.log"
	gw_start ga
	# the first to ask af_key waits for all its ciphers
	within 180 near_runs
}
near_runs() { grep -q 's2sd [0-9.]* runs' "$W/ga.log"; }
s2sd_up() {
	ctl "$1" status 2>/dev/null |
	    awk '$1 == "secgw-vpn" && $2 == "up" { f = 1 } END { exit !f }'
}
near_up() { s2sd_up ga; }
near_rekey() { ctl ga rekey secgw-vpn "$1"; }
near_stop() {
	slow_stop ga
	gw_lift ga
}
# near_spis: of the child SAs, as our log tells them last: in and out
near_spis() {
	sed -n 's/.*traffic keys [a-z]*: .*SPI in \([0-9a-f]*\) out \([0-9a-f]*\).*/\1 \2/p' \
	    "$W/ga.log" | tail -1
}
new_child() { [ -n "$(near_spis)" ] && [ "$(near_spis)" != "$OLD" ]; }
new_ike() { [ "$(near_ikes)" -gt "$OLD" ]; }
# row_rekey near|far child|ike: there are new ones, and both_ways passes
row_rekey() {
	if [ "$2" = ike ]; then OLD=$(near_ikes); else OLD=$(near_spis); fi
	case $1 in
	near) near_rekey "$2" ;;
	far) peer_rekey "$2" ;;
	esac
	within 20 "new_$2" && both_ways
}
# near_ikes: how many IKE SAs ours has made or renewed
near_ikes() { grep -cE 'IKE SA (made|renewed)' "$W/ga.log"; }

# --- a peer's program ---------------------------------------------------

# peer_in COMMAND...: over there, with $W/peer as its /run
peer_in() {
	ip netns exec "$LAB_PREFIX-$P_GW" sh -c 'mount --bind "$1" /run
		shift; exec "$@"' sh "$PD" "$@"
}
peer_bg() {
	ip netns exec "$LAB_PREFIX-$P_GW" sh -c 'mount --bind "$1" /run
		shift; exec "$@"' sh "$PD" "$@" >>"$PD.out" 2>&1 &
	echo $! >"$PD.pid"
}
# peer_within SECONDS COMMAND...: within, but not longer than the peer lives
peer_within() {
	_pw=$1
	shift
	within "$_pw" peer_or_dead "$@" && ! ended "$(cat "$PD.pid")"
}
peer_or_dead() { ended "$(cat "$PD.pid")" || "$@"; }
peer_start() {
	rm -rf "$PD" && mkdir -p "$PD"
	: >"$PD.out"
	: >"$PD.log"
	"${PEER}_start"
}
peer_stop() {
	[ "$PEER" != s2sd ] || { s2sd_stop; return; }
	_p=$(cat "$PD.pid" 2>/dev/null)
	[ -n "$_p" ] || return 0
	kill "$_p" 2>/dev/null
	within 10 ended "$_p" || kill -9 "$_p"
	wait "$_p" 2>/dev/null
	rm -f "$PD.pid"
	nsip "$P_GW" xfrm state flush
	nsip "$P_GW" xfrm policy flush
}
peer_initiate() { "${PEER}_initiate" >>"$PD.out" 2>&1; }
peer_rekey() { "${PEER}_rekey" "$1" >>"$PD.out" 2>&1; }
peer_up() { [ "$(spi_of "$P_GW" | wc -w)" -ge 2 ]; }
# what it has to say for itself
peer_says() {
	for _f in "$PD.out" "$PD.log" "$W/ga.log"; do
		sed "s/^/#   ${_f##*/}: /" "$_f" 2>/dev/null |
		    grep -v 'Landlock\|set gateway' | tail -n "${1:-25}"
	done
}

# --- strongSwan, kernel-netlink -----------------------------------------

strongswan_suite() { # ike|esp
	case $1:$IKE:$SUITE in
	ike:2:gcm|ike:2:chacha) echo aes256gcm16-prfsha256-x25519 ;;
	ike:1:gcm|ike:1:chacha) echo aes256-sha256-modp2048 ;;
	esp:2:gcm) echo aes256gcm16-x25519 ;;
	esp:1:gcm) echo aes256gcm16-modp2048 ;;
	esp:*:chacha) echo chacha20poly1305-x25519 ;;
	*:*:sha1) echo aes256-sha1-modp2048 ;;
	*:*:sha256) echo aes256-sha256-ecp256 ;;
	*:*:sha512) echo aes256-sha512-ecp384 ;;
	esac
}
strongswan_start() {
	cat >"$PD/strongswan.conf" <<E
charon {
	load = random nonce openssl kdf aes sha1 sha2 hmac gcm chapoly curve25519 kernel-netlink socket-default vici
	plugins { vici { socket = unix:///run/vici } }
	filelog { log { path = $PD.log
		default = 1
		flush_line = yes } }
	syslog { daemon { default = -1 } }
}
swanctl { load = random nonce openssl }
E
	cat >"$PD/swanctl.conf" <<E
connections { s2s {
	version = $IKE
	local_addrs = $YOU
	remote_addrs = $SEEN_ME
	proposals = $(strongswan_suite ike)
	mobike = no
	local { auth = psk
		id = $YOU }
	remote { auth = psk
		id = $ME }
	children { net {
		mode = ${MODE:-tunnel}
		$(strongswan_nets)
		$(strongswan_child)
	} }
} }
secrets { ike {
	id-1 = $YOU
	id-2 = $ME
	secret = "$PEER_SECRET" } }
E
	peer_bg env STRONGSWAN_CONF="$PD/strongswan.conf" \
	    /usr/lib/ipsec/charon
	peer_within 90 test -S "$PD/vici" &&
	within 30 strongswan_ctl --load-all --file /run/swanctl.conf
}
strongswan_child() {
	if [ "${PROTO:-esp}" = ah ]; then
		echo "ah_proposals = $(strongswan_suite esp | sed 's/^[^-]*-//')"
	else
		echo "esp_proposals = $(strongswan_suite esp)"
	fi
}
strongswan_nets() {
	[ "${MODE:-tunnel}" = tunnel ] || return 0
	echo "local_ts = $(own_net "$P_GW")"
	echo "		remote_ts = $(far_net "$P_GW")"
}
strongswan_ctl() {
	peer_in env STRONGSWAN_CONF="$PD/strongswan.conf" \
	    /usr/sbin/swanctl "$@" --uri unix:///run/vici
}
strongswan_initiate() { strongswan_ctl --initiate --child net --timeout 20; }
strongswan_rekey() {
	if [ "$1" = ike ]; then
		strongswan_ctl --rekey --ike s2s
	else
		strongswan_ctl --rekey --child net
	fi
}

# --- libreswan, pluto ---------------------------------------------------

libreswan_suite() { # ike|esp
	case $1:$IKE:$SUITE in
	ike:2:gcm|ike:2:chacha) echo "aes_gcm256-sha2_256;dh31" ;;
	ike:1:gcm|ike:1:chacha) echo "aes256-sha2_256;modp2048" ;;
	esp:2:gcm) echo "aes_gcm256;dh31" ;;
	esp:1:gcm) echo "aes_gcm256;modp2048" ;;
	esp:1:sha256) echo "aes256-sha2_256;modp2048" ;;
	esp:1:sha512) echo "aes256-sha2_512;modp2048" ;;
	esp:*:chacha) echo "chacha20_poly1305;dh31" ;;
	*:*:sha1) echo "aes256-sha1;modp2048" ;;
	*:*:sha256) echo "aes256-sha2_256;dh19" ;;
	*:*:sha512) echo "aes256-sha2_512;dh20" ;;
	esac
}
libreswan_start() {
	_v=insist
	[ "$IKE" = 2 ] || _v=no
	cat >"$PD/ipsec.conf" <<E
config setup
	logfile=$PD.log
	dnssec-enable=no
	ikev1-policy=accept

conn s2s
	authby=secret
	auto=add
	type=${MODE:-tunnel}
	hostaddrfamily=ipv${OUTER:-4}
	ikev2=$_v
	ike=$(libreswan_suite ike)
$(libreswan_child)
	left=$YOU
	leftid=$YOU
	leftupdown=%disabled
	leftnexthop=$(libreswan_hop)
	right=$SEEN_ME
	rightid=$ME
$(libreswan_nets)
E
	( umask 077
	echo "$YOU $ME : PSK \"$PEER_SECRET\"" >"$PD/ipsec.secrets" )
	mkdir -p "$PD/pluto" "$PD/nss" /etc/ipsec.d
	[ -d /tmp/nss ] || { mkdir /tmp/nss &&
	    certutil -N -d sql:/tmp/nss --empty-password; } >>"$PD.out" 2>&1
	cp /tmp/nss/* "$PD/nss/"
	peer_bg /usr/libexec/ipsec/pluto --nofork --config /run/ipsec.conf \
	    --secretsfile /run/ipsec.secrets --nssdir /run/nss \
	    --rundir /run/pluto --logfile "$PD.log" --no-dnssec
	# it looks at every algorithm of NSS and of the kernel before it listens
	peer_within 180 libreswan_ctl --status &&
	within 30 libreswan_ctl --listen &&
	within 30 libreswan_ctl --rereadsecrets &&
	peer_in /usr/libexec/ipsec/addconn --config /run/ipsec.conf \
	    --ctlsocket /run/pluto/pluto.ctl s2s
}
libreswan_child() {
	if [ "${PROTO:-esp}" = ah ]; then
		echo "	phase2=ah"
		echo "	phase2alg=$(libreswan_suite esp | sed 's/^[^-]*-//')"
	else
		echo "	esp=$(libreswan_suite esp)"
	fi
}
libreswan_nets() {
	[ "${MODE:-tunnel}" = tunnel ] || return 0
	echo "	leftsubnet=$(own_net "$P_GW")"
	echo "	rightsubnet=$(far_net "$P_GW")"
}
libreswan_hop() { [ "$NAT" = none ] && echo "$ME" || echo 192.168.2.1; }
libreswan_ctl() {
	peer_in timeout 20 /usr/libexec/ipsec/whack \
	    --ctlsocket /run/pluto/pluto.ctl "$@"
}
libreswan_initiate() { libreswan_ctl --name s2s --initiate; }
libreswan_rekey() {
	case $IKE:$1 in
	1:child) libreswan_initiate ;;	# one more quick mode
	*:ike) libreswan_ctl --name s2s --rekey-ike ;;
	*) libreswan_ctl --name s2s --rekey-ipsec ;;
	esac
}

# --- OpenIKED, PF_KEY: no AEAD there, and HMAC-SHA-256 cut to 96 bits ----

openiked_suite() {
	case $SUITE in
	sha1) echo "ikesa enc aes-256 auth hmac-sha1 prf hmac-sha1 group modp2048 childsa enc aes-256 auth hmac-sha1 group modp2048" ;;
	sha512) echo "ikesa enc aes-256 auth hmac-sha2-512 prf hmac-sha2-512 group ecp384 childsa enc aes-256 auth hmac-sha2-512 group ecp384" ;;
	esac
}
openiked_start() {
	_m=passive
	# it has no command for a new key: its keys are short-lived instead
	[ "$SIDE" = init ] || _m=active
	( umask 077
	cat >"$PD/iked.conf" <<E
set nomobike
ikev2 "s2s" $_m esp from $(own_net "$P_GW") to $(far_net "$P_GW") local $YOU peer $SEEN_ME $(openiked_suite) srcid $YOU dstid $ME lifetime ${IKED_LIFE:-3h} psk "$PEER_SECRET"
E
	)
	mkdir -p /etc/iked/private /var/lib/openiked/empty
	[ -f /etc/iked/private/local.key ] || openssl ecparam -genkey -noout \
	    -name prime256v1 -out /etc/iked/private/local.key 2>/dev/null
	peer_bg /usr/sbin/iked -d -v -f /run/iked.conf
	# it drops what it has when it reads its policies, some time after
	peer_within 60 test -S "$PD/iked.sock" &&
	within 30 grep -q '^ikev2 "s2s"' "$PD.out" && sleep 3
}
openiked_initiate() { :; }
openiked_rekey() { return 1; }

# --- s2sd ---------------------------------------------------------------

s2sd_start() {
	_f=active
	[ "$SIDE" = resp ] || _f=passive
	s2sd_conf gb "${FAR_PLANE:-$PLANE}" $_f "$YOU" "$SEEN_ME" "$ME"
	: >"$W/gb.log"
	gw_start gb
	within 60 grep -q 's2sd [0-9.]* runs' "$W/gb.log"
}
s2sd_stop() {
	slow_stop gb
	gw_lift gb
}
s2sd_initiate() { :; }
s2sd_rekey() { ctl gb rekey secgw-vpn "$1"; }
