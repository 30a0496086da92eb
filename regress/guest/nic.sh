#!/bin/sh
# SPDX-License-Identifier: ISC
# nic.sh: ESP by a network card (netdevsim): keys that it takes, and keys that it refuses
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/guest/lib.sh"
guest_begin

[ -f /s2sd/nic/netdevsim.ko ] || {
	skip "ESP by a network card" "no netdevsim could be built"
	tap_end
}
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
load() { # module...: kmod is insmod by that name
	ln -sf /usr/sbin/modprobe "$W/insmod"
	for _m in "$@"; do
		"$W/insmod" "/s2sd/nic/$_m.ko" || return 1
	done
}
CARD=/sys/kernel/debug/netdevsim/netdevsim7/ports/0/ipsec
GCM="ikesa enc aes-256-gcm prf hmac-sha2-256 group curve25519
	childsa enc aes-256-gcm group curve25519 noesn"
CBC="ikesa enc aes-256-gcm prf hmac-sha2-256 group curve25519
	childsa enc aes-256 auth hmac-sha2-256 group curve25519 noesn"

# The card has no wire: what it is to send leaves by ga's old device `under',
# and what comes in there is as if the card had received it.  ESP, which the
# card sends itself, ends in it as long as `card_wire all' is not said.
card_up() {
	ip netns exec "$LAB_PREFIX-ga" sh -c \
	    'echo "7 1" >/sys/bus/netdevsim/new_device' || return 1
	within 10 card_dev || return 1
	_dev=$(card_dev)
	_mac=$(nsip ga -o link show wan | sed 's/.*ether \([0-9a-f:]*\).*/\1/')
	nsip ga link set wan down && nsip ga link set wan name under &&
	    nsip ga addr flush dev under && nsip ga link set under up &&
	    nsip ga link set "$_dev" down &&
	    nsip ga link set "$_dev" name wan &&
	    nsip ga link set wan address "$_mac" arp on &&
	    nsip ga link set wan up &&
	    lab_addr ga wan 192.168.1.3/24 &&
	    nsip ga route replace default via 192.168.1.4 &&
	    ns ga tc qdisc add dev wan clsact &&
	    ns ga tc qdisc add dev under clsact &&
	    ns ga tc filter add dev under ingress matchall \
	    action mirred ingress redirect dev wan && card_wire no
}
card_dev() {
	ns ga ls /sys/bus/netdevsim/devices/netdevsim7/net | grep .
}
card_wire() { # all: ESP too
	ns ga tc filter del dev wan egress 2>/dev/null
	[ "$1" = all ] || ns ga tc filter add dev wan egress protocol ip \
	    prio 1 u32 match ip protocol 50 0xff action ok || return 1
	ns ga tc filter add dev wan egress prio 2 protocol all matchall \
	    action mirred egress redirect dev under
}
card_down() {
	echo 7 >/sys/bus/netdevsim/del_device
}
# of the card's list: how many SAs, how many packets it was to encrypt
card_sas() { sed -n 's/^SA count=\([0-9]*\).*/\1/p' "$CARD"; }
card_tx() { sed -n 's/.*tx=\([0-9]*\)$/\1/p' "$CARD" | head -1; }
card_holds() { [ "$(card_sas)" = "$1" ]; }
# the SPIs, in one line, as the kernel and as the card has them
kernel_spis() {
	nsip ga xfrm state | sed -n 's/.*spi 0x\([0-9a-f]*\).*/\1/p' | sort |
	    tr '\n' ' '
}
card_spis() {
	sed -n 's/.*spi=0x\([0-9a-f]*\).*/\1/p' "$CARD" | sort | tr '\n' ' '
}
on_card() { nsip ga xfrm state | grep -c 'crypto offload'; }
both_start() { # BODY
	gw_conf ga "set gateway" "$1"
	gw_conf gb "set gateway" "$1"
	: >"$W/ga.log"
	: >"$W/gb.log"
	gw_start gb
	gw_start ga
}
both_stop() {
	for _g in ga gb; do
		gw_stop $_g
		gw_lift $_g
	done
}
both_ways() { ping4 pa 10.1.4.2 2 && ping4 pb 10.1.3.2 2; }
not_seen() { ! nsip ga xfrm state | grep -q offload; }
quiet() { # nothing louder than one word of the refusal
	grep -c 'does not take these keys' "$W/ga.log"
}

ok "the card's module is loaded" load psample netdevsim
topo_up || die "no topology"
masq native ga || die "no masquerade"
ok "a card that takes ESP is ga's outer device" card_up
[ "$TAP_BAD" = 0 ] || tap_end
ok "... and says so" eval 'ns ga ethtool -k wan | grep -q "esp-hw-offload: on"'

# --- it takes the keys ---
both_start "$GCM"
ok "gcm: up" gw_wait_up 60 ga gb
[ "$TAP_BAD" = 0 ] || tap_end
ok "gcm: two SAs are in the card" within 10 card_holds 2
is "gcm: they are the kernel's, which calls both its card's" \
    "$(card_spis)/$(on_card)" "$(kernel_spis)/2"
is "gcm: said once" "$(grep -c 'network card encrypts' "$W/ga.log")" 1
_tx=$(card_tx)
ns pa ping -q -c 4 -i 0.2 -W 1 10.1.4.2 >/dev/null 2>&1
ok "gcm: four packets went to the card to be encrypted" \
    test "$(($(card_tx) - _tx))" -ge 4
card_wire all
capture "$W/under.pcap" ga under -Q out || die "no capture"
ok "gcm: with a wire behind it traffic passes both ways" both_ways
_old=$(card_spis)
ctl ga rekey secgw-vpn child >/dev/null
ok "gcm: after a renewal there are others in the card" within 20 \
    eval 'card_holds 2 && fresh "$_old" "$(card_spis)"'
is "gcm: ... the kernel's" "$(card_spis)" "$(kernel_spis)"
ok "gcm: ... traffic" both_ways
_p=$(gw_role ga sad)
kill -9 "$_p"
ok "gcm: s2sd-sad killed: traffic again" within 15 both_ways
ok "gcm: ... two in the card, the kernel's" within 15 \
    eval 'card_holds 2 && [ "$(card_spis)" = "$(kernel_spis)" ]'
gw_stop ga
is "gcm: after the stop none is in the card" "$(card_sas)" 0
gw_lift ga
both_stop

# --- it refuses: not its algorithm ---
both_start "$CBC"
ok "cbc: up" gw_wait_up 60 ga gb
is "cbc: none is in the card" "$(card_sas)" 0
ok "cbc: the kernel has both for itself" not_seen
is "cbc: said once" "$(quiet)" 1
ok "cbc: traffic both ways" both_ways
_old=$(kernel_spis)
ctl ga rekey secgw-vpn child >/dev/null
ok "cbc: renewed" within 20 eval 'fresh "$_old" "$(kernel_spis)"'
ok "cbc: ... traffic" both_ways
is "cbc: ... and not said again" "$(quiet)" 1
both_stop
capture_stop
ok "nothing in the clear left" wire "$W/under.pcap" esp
card_down
topo_down

tap_end
