#!/bin/sh
# SPDX-License-Identifier: ISC
# peer_strongswan.sh: s2sd on gateway A, strongSwan 5.9 on gateway B.  TAP.
# NEAR=strongswan runs strongSwan on both: the check of this script itself.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/lab/strongswan.sh"
NEAR=${NEAR:-s2sd}

if [ "$NEAR" = s2sd ]; then lab_script; else lab_script none; fi
_why=$(ss_unpack) || { echo "1..0 # SKIP $_why"; exit 0; }
SS_TREE=$TOP/build/peer/root

# The near end in one set of words, whoever it is.
near_start() { # [secret]
	if [ "$NEAR" = s2sd ]; then
		PSK=${1:-$PSK_RIGHT}
		gw_conf ga
		PSK=$PSK_RIGHT
		[ -z "${NEAR_PASSIVE:-}" ] ||
		    sed -i 's/^tunnel "[^"]*"/& passive/' "$W/ga.conf"
		gw_start ga
		within 10 test -S "$W/ga.sock"
	else
		ss_config ga "${1:-$PSK_RIGHT}" "" "" \
		    "${NEAR_PASSIVE:-start}"
		ss_start ga
	fi
}
near_stop() {
	if [ "$NEAR" = s2sd ]; then
		gw_stop ga
		gw_lift ga
	else
		ss_stop ga
	fi
}
near_up() {
	if [ "$NEAR" = s2sd ]; then
		gw_up ga
	else
		ss_ctl ga --list-sas | grep -q INSTALLED
	fi
}
near_rekey() { # ike|child
	if [ "$NEAR" = s2sd ]; then
		ctl ga rekey secgw-vpn "$1"
	elif [ "$1" = ike ]; then
		ss_ctl ga --rekey --ike s2s
	else
		ss_ctl ga --rekey --child net
	fi
}
far_up() { ss_ctl gb --list-sas | grep -q INSTALLED; }
ping_out() { ns pa ping -q -c 3 -i 0.2 -W 2 10.1.4.2; }
ping_back() { ns pb ping -q -c 3 -i 0.2 -W 2 10.1.3.2; }
changed() { # command old: does the command print something else, not nothing?
	_new=$($1)
	[ -n "$_new" ] && [ "$_new" != "$2" ]
}
far_spis() { ss_spis gb; }
far_ike() { ss_ike gb; }
one_ike() { [ "$(far_ike | wc -l)" -eq 1 ]; }
lost() { # file: how many pings of the running ping got no answer
	sed -n 's/.* \([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p
	s/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$1" |
	    awk '{ print $1 - $2; exit }'
}

rekey_check() { # who what
	_old_spi=$(far_spis)
	_old_ike=$(far_ike)
	ns pa ping -q -i 0.05 -c 80 -W 2 10.1.4.2 >"$W/ping" 2>&1 &
	_pp=$!
	sleep 0.5
	case $1 in
	near) near_rekey "$2" >"$W/rk" 2>&1 ;;
	far) if [ "$2" = ike ]; then
		ss_ctl gb --rekey --ike s2s >"$W/rk" 2>&1
	else
		ss_ctl gb --rekey --child net >"$W/rk" 2>&1
	fi ;;
	esac
	if [ "$2" = ike ]; then
		ok "$2 SA renewed by the $1 end: the SPIs are new" \
		    within 8 changed far_ike "$_old_ike"
		ok "... and one IKE SA is left" within 8 one_ike
	else
		ok "$2 SA renewed by the $1 end: the SPIs are new" \
		    within 8 changed far_spis "$_old_spi"
	fi
	wait "$_pp"
	below "... and pings lost meanwhile" "$(lost "$W/ping")" 1
}

PSK_RIGHT=$PSK
topo_up || die "no topology"
for g in ga gb; do
	ns $g sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
	    net.ipv4.conf.default.rp_filter=0
done
capture "$W/wire.pcap" ga wan || die "no capture"
note "near end: $NEAR; far end: strongSwan of $(cd "$TOP/build/peer/debs" &&
    echo strongswan-charon_*.deb)"

# 1. the near end begins
ss_config gb
ok "strongSwan starts" ss_start gb
_t=$(now_s)
ok "the near end starts" near_start
ok "up, begun by the near end" within 15 near_up
note "seconds from start to up: $(since "$_t")"
ok "up at the far end too" within 5 far_up
ok "ping from PC-A to PC-B" ping_out
ok "ping from PC-B to PC-A" ping_back
dd if=/dev/urandom of="$W/file" bs=64k count=16 2>/dev/null
for way in "pb pa 10.1.4.2" "pa pb 10.1.3.2"; do
	# shellcheck disable=SC2086
	set -- $way
	ns "$1" python3 "$TOP/regress/lab/xfer.py" serve "$3" 7000 "$W/got" \
	    >"$W/serve" 2>&1 &
	_sp=$!
	sleep 0.4
	ok "1 MB over TCP to $3" ns "$2" python3 "$TOP/regress/lab/xfer.py" \
	    send "$3" 7000 "$W/file"
	wait "$_sp"
	note "$(cat "$W/serve")"
done
rekey_check near child
rekey_check far child
rekey_check near ike
rekey_check far ike
ok "ping after all renewals" ping_out
ok "ping back after all renewals" ping_back
near_stop

# 2. the far end begins
ss_stop gb
NEAR_PASSIVE=none
ss_config gb
ok "the near end waits" near_start
ok "strongSwan starts again" ss_start gb
ss_ctl gb --initiate --child net --timeout 10 >"$W/init" 2>&1
ok "up, begun by the far end" within 10 near_up
ok "ping from PC-A to PC-B" ping_out
ok "ping from PC-B to PC-A" ping_back
near_stop
ss_stop gb

# 3. another cipher suite: CBC with a separate MAC
NEAR_PASSIVE=
ss_config gb "$PSK_RIGHT" aes256-sha256-modp2048 aes128-sha256-modp2048
ok "strongSwan starts with AES-CBC, HMAC-SHA-256, MODP 2048" ss_start gb
ok "the near end starts" near_start
if [ "$NEAR" = s2sd ]; then
	ok "it is not up with what is offered by default" \
	    not within 4 near_up
	near_stop
	sed -i 's/^}/	ikesa enc aes-256 auth hmac-sha2-256 group modp2048\
	childsa enc aes-128 auth hmac-sha2-256 group modp2048\
}/' "$W/ga.conf"
	gw_start ga
	ok "up with ikesa and childsa lines" within 15 near_up
	ok "ping from PC-A to PC-B" ping_out
	ok "ping from PC-B to PC-A" ping_back
fi
near_stop
ss_stop gb

# 4. another secret at the far end
ss_config gb "not-the-same-secret"
ok "strongSwan starts with another secret" ss_start gb
ok "the near end starts" near_start
sleep 3
ok "it does not come up" not near_up
if [ "$NEAR" = s2sd ]; then
	ctl ga status >"$W/status" 2>&1
	sed 's/^/# /' "$W/status"
	ok "s2sctl status says that the secrets differ" \
	    grep -qi secret "$W/status"
	ok "s2sctl status -j says auth-psk" sh -c \
	    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock status -j |
	    grep -q '\"auth-psk\"'"
fi
near_stop
ss_stop gb
lab_wire
tap_end
