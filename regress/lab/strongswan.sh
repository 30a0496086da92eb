# SPDX-License-Identifier: ISC
# strongswan.sh: strongSwan's charon with its ESP in userland (kernel-libipsec)
# as the other gateway.  Sourced after lib.sh.  The packages are unpacked beside
# the system and run in a chroot of a private mount namespace: nothing is
# installed, nothing of the host's /etc or /run is used.

# ss_unpack: into build/peer/root once; says what is missing and fails.
ss_unpack() {
	SS_TREE=$TOP/build/peer/root
	[ ! -x "$SS_TREE/usr/lib/ipsec/charon" ] || return 0
	apt_here && have dpkg-deb ||
	    { echo "no apt to fetch strongSwan's packages with"; return 1; }
	mkdir -p "$TOP/build/peer/debs"
	# shellcheck disable=SC2086
	( cd "$TOP/build/peer/debs" && rm -f ./*.deb &&
	    { apt-get download -q $PKG_PEER || {
		apt-get update -q && apt-get download -q $PKG_PEER; }; } ) \
	    >"$TOP/build/peer/log" 2>&1 </dev/null ||
	    { echo "strongSwan's packages cannot be fetched"; return 1; }
	mkdir -p "$SS_TREE"
	for _d in "$TOP"/build/peer/debs/*.deb; do
		dpkg-deb -x "$_d" "$SS_TREE" ||
		    { echo "cannot unpack $_d"; return 1; }
	done
}

SS_EXEC=
# The script that a charon or swanctl is started by: mounts, then chroot.
ss_enter() { # gw command...
	_g=$1
	shift
	$SS_EXEC ip netns exec "$LAB_PREFIX-$_g" unshare -m sh -c '
		R=$1
		shift
		mount --make-rprivate / &&
		for d in /usr/lib/*-linux-gnu* /usr/lib64 /usr/bin /dev /proc
		do
			[ -d "$d" ] || continue
			mkdir -p "$R$d"
			mount --rbind "$d" "$R$d" || exit 1
		done
		exec chroot "$R" "$@"' sh "$W/ss-$_g" "$@"
}

# ss_config gw [secret] [ike-proposal] [esp-proposal] [start_action]
ss_config() {
	_r=$W/ss-$1
	mkdir -p "$_r"
	[ -d "$_r/usr" ] || cp -r "$SS_TREE/." "$_r/"
	for _d in lib lib64 bin sbin; do
		[ -e "$_r/$_d" ] || ln -s "usr/$_d" "$_r/$_d"
	done
	mkdir -p "$_r/run" "$_r/tmp" "$_r/var/run" "$_r/etc"
	if [ "$1" = ga ]; then
		_me=192.168.1.3 _you=192.168.1.4
		_my=10.1.3.0/24 _your=10.1.4.0/24
	else
		_me=192.168.1.4 _you=192.168.1.3
		_my=10.1.4.0/24 _your=10.1.3.0/24
	fi
	cat >"$_r/etc/strongswan.conf" <<E
charon {
	load = random nonce openssl kdf aes sha1 sha2 hmac gcm chapoly curve25519 kernel-libipsec kernel-netlink socket-default vici
	install_virtual_ip = no
	make_before_break = yes
	plugins { vici { socket = unix:///run/vici } }
	filelog { log { path = /log
		default = 1
		ike_name = yes
		flush_line = yes } }
	syslog { daemon { default = -1 } }
}
swanctl { load = random nonce openssl }
E
	cat >"$_r/etc/swanctl.conf" <<E
connections { s2s {
	version = 2
	local_addrs = $_me
	remote_addrs = $_you
	proposals = ${3:-aes256gcm16-prfsha384-x25519,aes256-sha256-ecp256}
	encap = yes
	mobike = no
	dpd_delay = 30s
	local { auth = psk
		id = $_me }
	remote { auth = psk
		id = $_you }
	children { net {
		local_ts = $_my
		remote_ts = $_your
		esp_proposals = ${4:-aes256gcm16-x25519,aes256-sha256-ecp256}
		start_action = ${5:-none}
	} }
} }
secrets { ike {
	id-1 = $_me
	id-2 = $_you
	secret = "${2:-$PSK}" } }
E
	chmod 600 "$_r/etc/swanctl.conf"
}
ss_start() { # gw
	# exec, so that the pid is charon's
	( SS_EXEC=exec; ss_enter "$1" /usr/lib/ipsec/charon ) \
	    >"$W/ss-$1/out" 2>&1 </dev/null &
	echo $! >"$W/ss-$1.pid"
	within 10 test -S "$W/ss-$1/run/vici" || return 1
	within 10 ss_ctl "$1" --load-all --file /etc/swanctl.conf
}
ss_ctl() { # gw swanctl's arguments
	_sg=$1
	shift
	ss_enter "$_sg" /usr/sbin/swanctl "$@" --uri unix:///run/vici
}
ss_stop() { # gw
	_p=$(cat "$W/ss-$1.pid" 2>/dev/null)
	[ -n "$_p" ] || return 0
	kill "$_p" 2>/dev/null
	within 5 ended "$_p" || kill -9 "$_p"
	wait "$_p" 2>/dev/null
	rm -f "$W/ss-$1.pid" "$W/ss-$1/run/vici"
}
# ss_spis gw: the SPIs of its child SAs; ss_ike gw: of its IKE SA
ss_spis() {
	ss_ctl "$1" --list-sas 2>/dev/null |
	    sed -n 's/^ *\(in\|out\)  *\([0-9a-f]*\).*/\1=\2/p' | sort
}
ss_ike() {
	ss_ctl "$1" --list-sas 2>/dev/null |
	    sed -n 's/.*IKEv2, \([0-9a-f]*_i\)\*\{0,1\} \([0-9a-f]*_r\).*/\1 \2/p' |
	    sort
}
