# SPDX-License-Identifier: ISC
# lib.sh: what demo, check and the lab scripts share: packages, the build, four
# network namespaces with two gateways, the capture and its check, TAP.
# POSIX sh; sourced, never run.  The caller sets TOP to the source folder.

PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
unset S2SD_NODROP CDPATH

# --- packages ------------------------------------------------------------

PKG_BUILD="gcc libc6-dev make autoconf automake pkg-config bison libssl-dev
libevent-dev libbsd-dev libjansson-dev
libnftables-dev libseccomp-dev"
PKG_LAB="iproute2 iptables nftables conntrack tcpdump python3 iputils-ping
procps"
PKG_TEST="libcmocka-dev clang mandoc xz-utils file ccache systemd util-linux
debhelper dpkg-dev lintian rpm debootstrap"
PKG_GUEST="qemu-system-x86 cpio zstd kmod iperf3 jq strace iproute2 iptables
nftables tcpdump python3 iputils-ping procps passwd
openssl"
# unpacked beside the system, never installed
PKG_PEER="libstrongswan libstrongswan-standard-plugins
libstrongswan-extra-plugins strongswan-libcharon strongswan-charon
libcharon-extra-plugins strongswan-swanctl"

have() { command -v "$1" >/dev/null 2>&1; }
apt_here() { have apt-get && have dpkg-query; }
pkg_there() {
	dpkg-query -W -f '${Status}' "$1" 2>/dev/null |
	    grep -q 'install ok installed'
}

# The library that -fsanitize=fuzzer and -fsanitize=address of clang need.
pkg_clang_rt() {
	apt-cache show clang 2>/dev/null |
	    sed -n 's/^Depends:.*clang-\([0-9][0-9]*\).*/libclang-rt-\1-dev/p' |
	    head -1
}

# pkg_install PACKAGE...: with apt; elsewhere say what is missing.
pkg_install() {
	_missing=
	if apt_here; then
		for _p in "$@"; do
			pkg_there "$_p" || _missing="$_missing $_p"
		done
		[ -n "$_missing" ] || return 0
		echo "installing:$_missing"
		DEBIAN_FRONTEND=noninteractive
		export DEBIAN_FRONTEND
		# shellcheck disable=SC2086
		apt-get install -y -q --no-install-recommends $_missing \
		    </dev/null >"$PKG_LOG" 2>&1 || {
			apt-get update -q </dev/null >>"$PKG_LOG" 2>&1 &&
			apt-get install -y -q --no-install-recommends \
			    $_missing </dev/null >>"$PKG_LOG" 2>&1
		} || {
			tail -20 "$PKG_LOG" >&2
			die "apt-get could not install:$_missing"
		}
		return 0
	fi
	for _p in cc make autoconf automake pkg-config yacc ip nft tcpdump \
	    python3 ping sysctl; do
		have "$_p" || _missing="$_missing $_p"
	done
	for _p in libcrypto libevent_core libbsd-overlay jansson \
	    libnftables libseccomp; do
		pkg-config --exists "$_p" 2>/dev/null ||
		    _missing="$_missing $_p(headers)"
	done
	[ -z "$_missing" ] ||
	    die "please install what is missing here:$_missing"
}
PKG_LOG=${TMPDIR:-/tmp}/s2sd-packages.$$

# --- small things --------------------------------------------------------

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

need_root() {
	[ "$(id -u)" -eq 0 ] || die "this needs root (namespaces, TUN," \
	    "users): run it with sudo"
}

# What this machine lacks for the lab, or nothing.
lab_lacks() {
	[ "$(id -u)" -eq 0 ] || { echo "root"; return; }
	[ -c /dev/net/tun ] || { echo "/dev/net/tun"; return; }
	( : <>/dev/net/tun ) 2>/dev/null ||
	    { echo "the right to open /dev/net/tun"; return; }
	ip netns add "s2sd$$-try" 2>/dev/null ||
	    { echo "the right to make network namespaces"; return; }
	ip netns del "s2sd$$-try"
}

now_s() { date +%s.%N; }
# since T: seconds since that now_s, two digits
since() { awk -v a="$1" -v b="$(now_s)" 'BEGIN { printf "%.2f", b - a }'; }

# within SECONDS COMMAND...: repeat it until it succeeds; S2SD_SLOW in the
# environment is how many times slower this machine is than one of iron
SLOW=${S2SD_SLOW:-1}
within() {
	_until=$(($(date +%s) + $1 * SLOW))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$_until" ] || return 1
		sleep 0.1
	done
}

# Has that process ended (a zombie has)?
ended() {
	case $(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" \
	    2>/dev/null) in
	""|Z*|X*) return 0 ;;
	esac
	return 1
}

# --- the build -----------------------------------------------------------

# The compiler, through a cache if there is one: most files of the second
# build are those of the first, but for the folder they lie in.
compiler() {
	if [ -z "${CC:-}" ] && have ccache && have gcc; then
		CCACHE_BASEDIR=$TOP CCACHE_NOHASHDIR=1 CC="ccache gcc"
		export CC CCACHE_BASEDIR CCACHE_NOHASHDIR
	fi
}

# build DIR [configure's options]: configure, make and install into DIR/inst.
# Everything the daemon uses lies below DIR, so the host's /etc and /usr stay
# as they are.
build() {
	_b=$1
	shift
	compiler
	mkdir -p "$_b"
	_b=$(cd "$_b" && pwd)
	if [ ! -x "$TOP/configure" ] ||
	    [ -n "$(find "$TOP/configure.ac" "$TOP/Makefile.am" \
	    "$TOP"/daemon "$TOP"/regress "$TOP"/etc "$TOP"/compat \
	    "$TOP"/backends \( -name '*.mk' -o -name '*.a[cm]' \) \
	    -newer "$TOP/configure" 2>/dev/null | head -1)" ]; then
		with_lock /tmp/bootstrap.lock "$TOP/bootstrap" || return 1
	fi
	if [ ! -f "$_b/Makefile" ] ||
	    [ "$TOP/configure" -nt "$_b/config.status" ]; then
		( cd "$_b" && "$TOP/configure" -q --prefix="$_b/inst" \
		    --sysconfdir="$_b/inst/etc" \
		    --runstatedir="$_b/inst/run" "$@" ) || return 1
	fi
	( cd "$_b" && make -s -j"$(cpus)" &&
	    make -s install >/dev/null && mkdir -p inst/run )
}
cpus() { nproc 2>/dev/null || echo 1; }
with_lock() {
	_l=$1
	shift
	if have flock; then flock "$_l" "$@"; else "$@"; fi
}

# After a build by root: what it made belongs to who called sudo.
give_back() {
	[ -n "${SUDO_UID:-}" ] || return 0
	for _f in build build-aux autom4te.cache configure configure~ \
	    aclocal.m4 config.h.in config.h.in~ Makefile.in; do
		[ ! -e "$TOP/$_f" ] ||
		    chown -R "$SUDO_UID:${SUDO_GID:-0}" "$TOP/$_f"
	done
}

# The four users; remembered, so that users_drop removes what we made.
users_make() {
	USERS_MADE=
	for _u in _s2sd _s2sdkey _s2sdesp _s2sdsys; do
		id "$_u" >/dev/null 2>&1 || USERS_MADE="$USERS_MADE $_u"
	done
	EMPTY_MADE=
	[ -d /var/empty/s2sd ] || EMPTY_MADE=/var/empty/s2sd
	[ -d /var/empty ] || EMPTY_MADE="$EMPTY_MADE /var/empty"
	sh "$TOP/etc/users.sh" >/dev/null || die "etc/users.sh failed"
}
USERS_MADE= EMPTY_MADE=
users_drop() {
	for _u in $USERS_MADE; do
		userdel "$_u" 2>/dev/null
	done
	for _u in $USERS_MADE; do
		getent group "$_u" >/dev/null && groupdel "$_u"
	done
	# shellcheck disable=SC2086
	[ -z "$EMPTY_MADE" ] || rmdir $EMPTY_MADE
	USERS_MADE= EMPTY_MADE=
}

# --- namespaces ----------------------------------------------------------
#
#  pa 10.1.3.2 -- 10.1.3.1 ga 192.168.1.3 -- 192.168.1.4 gb 10.1.4.1 -- 10.1.4.2 pb
#
# and the same in IPv6: fd00:3::, fd00:4::, outside fd00:1::3 and fd00:1::4.
# Each is called s2sd<pid>-<name>, so runs do not meet; devices are `lan' and
# `wan' everywhere.

LAB_NS="pa ga gb pb"
LAB_ID=${LAB_ID:-$$}
LAB_PREFIX=s2sd$LAB_ID

ns() {
	_n=$1
	shift
	ip netns exec "$LAB_PREFIX-$_n" "$@"
}
nsip() {
	_n=$1
	shift
	ip -n "$LAB_PREFIX-$_n" "$@"
}

# Namespaces and folders of a run that was killed: their pid is gone.
lab_stale() {
	ip netns list 2>/dev/null | sed -n \
	    's/^\(s2sd\([0-9][0-9]*\)-[a-z]*\)\( .*\)*$/\2 \1/p' |
	    while read -r _pid _name; do
		[ -d "/proc/$_pid" ] || ns_remove "$_name"
	done
	for _d in /tmp/s2sd-lab.*; do
		_pid=${_d#/tmp/s2sd-lab.}
		case $_pid in
		*[!0-9]*|"") continue ;;
		esac
		[ -d "/proc/$_pid" ] || rm -rf "$_d"
	done
}

# End what still runs in one of our namespaces, then remove it.
ns_remove() {
	for _p in $(ip netns pids "$1" 2>/dev/null); do
		kill -9 "$_p" 2>/dev/null
	done
	ip netns del "$1" 2>/dev/null
}

lab_link() {	# nsA devA nsB devB
	ip link add "$2" netns "$LAB_PREFIX-$1" type veth \
	    peer name "$4" netns "$LAB_PREFIX-$3" &&
	nsip "$1" link set "$2" up && nsip "$3" link set "$4" up
}
lab_addr() {	# ns dev address...
	_an=$1 _ad=$2
	shift 2
	for _a in "$@"; do
		case $_a in
		*:*) nsip "$_an" addr add "$_a" dev "$_ad" nodad ;;
		*) nsip "$_an" addr add "$_a" dev "$_ad" ;;
		esac || return 1
	done
}

# A fresh topology; no s2sd in it yet, forwarding as an admin leaves it.
topo_up() {
	for _n in $LAB_NS; do
		ip netns add "$LAB_PREFIX-$_n" || return 1
		nsip "$_n" link set lo up
		ns "$_n" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
		    net.ipv6.conf.default.accept_ra=0 2>/dev/null
	done
	lab_link pa lan ga lan && lab_link ga wan gb wan &&
	lab_link gb lan pb lan || return 1
	lab_addr pa lan 10.1.3.2/24 fd00:3::2/64 &&
	lab_addr ga lan 10.1.3.1/24 fd00:3::1/64 &&
	lab_addr ga wan 192.168.1.3/24 fd00:1::3/64 &&
	lab_addr gb wan 192.168.1.4/24 fd00:1::4/64 &&
	lab_addr gb lan 10.1.4.1/24 fd00:4::1/64 &&
	lab_addr pb lan 10.1.4.2/24 fd00:4::2/64 || return 1
	nsip pa route add default via 10.1.3.1
	nsip pb route add default via 10.1.4.1
	nsip pa -6 route add default via fd00:3::1
	nsip pb -6 route add default via fd00:4::1
	# where an admin's router would have a default route, each gateway
	# has the other one: what leaks must be seen on the wire
	nsip ga route add default via 192.168.1.4
	nsip gb route add default via 192.168.1.3
	nsip ga -6 route add default via fd00:1::4
	nsip gb -6 route add default via fd00:1::3
}
topo_down() {
	for _n in $LAB_NS; do
		ns_remove "$LAB_PREFIX-$_n"
	done
}

# masq legacy|nft|native [ga|gb]: the rule that hides the LAN behind the WAN.
# legacy and nft are the two variants of iptables, native is an nft table.
masq() {
	for _g in ${2:-ga gb}; do
		_l=10.1.3.0/24
		[ "$_g" = ga ] || _l=10.1.4.0/24
		case $1 in
		native)
			ns "$_g" nft -f - <<E
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		ip saddr $_l masquerade
	}
}
E
			;;
		*)
			ns "$_g" "iptables-$1" -t nat -A POSTROUTING \
			    -s "$_l" -j MASQUERADE ;;
		esac || return 1
	done
}
# The variant an admin of this machine would have used.
masq_kind() {
	if ns ga iptables-legacy -t nat -S >/dev/null 2>&1; then
		echo legacy
	else
		echo nft
	fi
}

# Everything s2sd could have changed in a namespace, in a comparable form.
snapshot() {
	snapshot_host "$1"
	nsip "$1" xfrm policy
	nsip "$1" xfrm state
}
# ... but for the kernel's IPsec
snapshot_host() {
	ns "$1" nft -s list ruleset 2>/dev/null
	for _f in ip ip6; do
		for _t in $(ns "$1" cat "/proc/net/${_f}_tables_names" \
		    2>/dev/null | sort); do
			ns "$1" ${_f}tables-legacy-save -t "$_t" 2>/dev/null |
			    sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//'
		done
		true
	done
	ns "$1" sysctl -a 2>/dev/null |
	    grep -E '^net\.ipv[46]\.(ip_forward|conf\.)' | grep -v 'stable_sec'
	nsip "$1" rule
	nsip "$1" -6 rule
	nsip "$1" route show table all | sed 's/ expires [0-9]*sec//' | sort
	nsip "$1" -6 route show table all | sed 's/ expires [0-9]*sec//' |
	    sort
	nsip "$1" -o link | sed 's/ qlen.*//; s/@if[0-9]*//; s/state [A-Z]*//'
}

# --- the capture ---------------------------------------------------------

# capture FILE NS DEV [filter]: from now until capture_stop; pid on CAP_PIDS
CAP_PIDS=
capture() {
	_cf=$1 _cn=$2 _cd=$3
	shift 3
	ip netns exec "$LAB_PREFIX-$_cn" tcpdump -i "$_cd" -n -p -s 160 -Z root \
	    -B 65536 --immediate-mode -w "$_cf" "$@" 2>"$_cf.err" &
	CAP_PIDS="$CAP_PIDS $!"
	within 60 grep -q 'listening on' "$_cf.err"
}
capture_stop() {
	sleep 0.3
	for _p in $CAP_PIDS; do
		kill -INT "$_p" 2>/dev/null
		wait "$_p" 2>/dev/null
	done
	CAP_PIDS=
}
# wire FILE [option]: what crossed, by kind; fails on anything else
wire() { python3 "$TOP/regress/lab/wire.py" "$@"; }

# --- gateways ------------------------------------------------------------

# S2SD_PLANE in the environment: which data plane the labs ask for; without it
# what s2sd takes by itself, which they expect to be the one in userland
LAB_PLANE=${S2SD_PLANE:-userland}
case $LAB_PLANE in
userland) LAB_ESP= ;;
*) LAB_ESP=esp ;;
esac
plane_is_kernel() { [ -n "$LAB_ESP" ]; }

# gw_conf ga|gb [lines before the tunnel] [lines in it]: the first example
# of s2sd.conf(5) for ga, its mirror for gb; with LAB_V6 set also IPv6 inside.
gw_conf() {
	_c=$1 _head=${2:-set gateway} _body=${3:-}
	if [ "$1" = ga ]; then
		set -- 192.168.1.3 192.168.1.4 10.1.3.0/24 10.1.4.0/24 \
		    fd00:3::/64 fd00:4::/64
	else
		set -- 192.168.1.4 192.168.1.3 10.1.4.0/24 10.1.3.0/24 \
		    fd00:4::/64 fd00:3::/64
	fi
	( umask 077
	{
		echo "$_head"
		echo 'tunnel "secgw-vpn" {'
		echo "	local $1 peer $2"
		echo "	from $3 to $4"
		[ -z "${LAB_V6:-}" ] || echo "	from $5 to $6"
		echo "	psk \"$PSK\""
		[ -z "$_body" ] || echo "	$_body"
		echo '}'
		case $_head in
		*"set backend"*) ;;
		*) [ -z "${S2SD_PLANE:-}" ] || echo "set backend $S2SD_PLANE" ;;
		esac
	} >"$W/$_c.conf" )
}
PSK=riest4ever

# gw_start ga|gb: the daemon in the foreground, its log in $W/<gw>.log
gw_start() {
	# a session of its own: the terminal's signals are not for it
	setsid ip netns exec "$LAB_PREFIX-$1" \
	    env ${LAB_PRELOAD:+LD_PRELOAD="$LAB_PRELOAD"} \
	    "$S2SD" -d -f "$W/$1.conf" \
	    -s "$W/$1.sock" >>"$W/$1.log" 2>&1 </dev/null &
	eval "PID_$1=$!"
	echo "$!" >"$W/$1.pid"
}
gw_pid() { cat "$W/$1.pid" 2>/dev/null; }
gw_role() { # gw role: pid of that role
	pgrep -P "$(gw_pid "$1")" -x "s2sd-$2" | head -1
}
gw_alive() { ! ended "$(gw_pid "$1")"; }
gw_gone() { ended "$(gw_pid "$1")"; }
gw_up() { [ "$(js "$1" 't["state"]' 2>/dev/null)" = up ]; }
gw_wait_up() { # seconds gw...
	_s=$1
	shift
	for _g in "$@"; do
		within "$_s" gw_up "$_g" || return 1
	done
}
gw_stop() { # gw: SIGTERM; the block stays
	_p=$(gw_pid "$1")
	[ -n "$_p" ] || return 0
	kill "$_p" 2>/dev/null
	within 10 gw_gone "$1" || kill -9 "$_p" 2>/dev/null
	wait "$_p" 2>/dev/null
	rm -f "$W/$1.pid"
}
gw_lift() { # gw: what is left of the block goes
	ns "$1" "$S2SD" -u -f "$W/$1.conf" -s "$W/$1.sock"
}
ctl() {
	_g=$1
	shift
	ns "$_g" "$S2SCTL" -s "$W/$_g.sock" "$@"
}

# What `s2sctl status -j' says of the tunnel: jq-like in one line of python;
# t is the tunnel's object, d the whole document.
js() { # gw expression [tunnel]
	ctl "$1" status -j | python3 -c '
import json, sys
d = json.load(sys.stdin)
t = [x for x in d["tunnels"] if x["name"] == sys.argv[2]]
t = t[0] if t else None
print(eval(sys.argv[1]))' "$2" "${3:-secgw-vpn}"
}
spis() { # gw [tunnel]
	js "$1" '" ".join(sorted(c["in"]["spi"] + "/" + c["out"]["spi"]
	    for c in t["childsas"]))' "${2:-secgw-vpn}"
}
# gw_settled gw: one child SA; where both ends have dialled two for a moment
gw_settled() { within 30 one_child "$1"; }
one_child() { [ "$(spis "$1" | wc -w)" = 1 ]; }
ping4() { # ns target [count]
	ns "$1" ping -q -c "${3:-3}" -i 0.2 -W 2 "$2"
}
# ping_start ns arguments...: in the background, into a new $W/ping; not by
# ns(), whose subshell would be what $! names
ping_start() {
	_n=$1
	shift
	rm -f "$W/ping"
	ip netns exec "$LAB_PREFIX-$_n" ping "$@" >"$W/ping" 2>&1 &
	PING_PID=$!
}
ping_stop() {
	kill -INT "$PING_PID" 2>/dev/null
	within 3 ended "$PING_PID" || kill -9 "$PING_PID"
	wait "$PING_PID" 2>/dev/null
}
copy_file() { # server client address: $W/file, what the server saw in $W/serve
	ns "$1" python3 "$TOP/regress/lab/xfer.py" serve "$3" 7000 \
	    "$W/got" >"$W/serve" 2>&1 &
	_sp=$!
	within 5 sh -c "ip netns exec $LAB_PREFIX-$1 ss -ltn | grep -q :7000"
	ns "$2" python3 "$TOP/regress/lab/xfer.py" send "$3" 7000 "$W/file" &&
	wait "$_sp" && cmp "$W/file" "$W/got"
}
file_of() { # 64 KiB blocks
	dd if=/dev/urandom of="$W/file" bs=64k count="$1" 2>/dev/null
}

# --- a run ---------------------------------------------------------------

# lab_begin: work folder, stale runs away, cleanup on every way out.
lab_begin() {
	lab_stale
	W=/tmp/s2sd-lab.$LAB_ID
	rm -rf "$W"
	( umask 077 && mkdir "$W" ) || die "cannot make $W"
	trap lab_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}
lab_end() {
	_rc=$?
	trap - EXIT INT TERM HUP
	for _g in ga gb; do
		[ ! -f "$W/$_g.pid" ] || gw_stop "$_g"
	done
	capture_stop 2>/dev/null
	topo_down
	users_drop
	[ "$_rc" -eq 0 ] || [ -z "${LAB_KEEPLOG:-}" ] ||
	    cp -r "$W" "$LAB_KEEPLOG" 2>/dev/null
	rm -rf "$W"
	rm -f "$PKG_LOG"
	exit "$_rc"
}

# Which programs: S2SD_INST, or build/lab/inst, built if need be.
lab_programs() {
	if [ -z "${S2SD_INST:-}" ]; then
		S2SD_INST=$TOP/build/lab/inst
		build "$TOP/build/lab" >&2 || die "the build failed"
	fi
	S2SD=$S2SD_INST/sbin/s2sd
	S2SCTL=$S2SD_INST/sbin/s2sctl
	[ -x "$S2SD" ] || die "no $S2SD"
}

# --- TAP -----------------------------------------------------------------

TAP_N=0
TAP_BAD=0
# ok DESCRIPTION COMMAND...
ok() {
	_what=$1
	shift
	TAP_N=$((TAP_N + 1))
	if "$@" >"$W/tap.out" 2>&1; then
		echo "ok $TAP_N - $_what"
	else
		TAP_BAD=$((TAP_BAD + 1))
		echo "not ok $TAP_N - $_what"
		sed 's/^/#   /' "$W/tap.out" | tail -15
	fi
}
# is DESCRIPTION GOT WANTED
is() {
	TAP_N=$((TAP_N + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $TAP_N - $1"
	else
		TAP_BAD=$((TAP_BAD + 1))
		echo "not ok $TAP_N - $1"
		echo "#   got:    $2"
		echo "#   wanted: $3"
	fi
}
# below DESCRIPTION NUMBER LIMIT
below() {
	ok "$1: $2 (limit $3)" awk -v a="$2" -v b="$3" \
	    'BEGIN { exit !(a != "" && a + 0 <= b + 0) }'
}
skip() { # DESCRIPTION REASON
	TAP_N=$((TAP_N + 1))
	echo "ok $TAP_N - $1 # SKIP $2"
}
note() { echo "# $*"; }
not() { ! "$@"; }
# Logs of both gateways, for who has to find out why.
show_logs() {
	for _g in ga gb; do
		[ ! -f "$W/$_g.log" ] ||
		    sed "s/^/#   $_g: /" "$W/$_g.log" | tail -"${1:-25}"
	done
}
tap_end() {
	[ "$TAP_BAD" -eq 0 ] || show_logs
	echo "1..$TAP_N"
	[ "$TAP_BAD" -eq 0 ]
	exit
}

# matrix with|without [PLANE] [REGEX]: with or without the exemption, each of the
# rulesets (that fit), what verify of gateway A says beside real flows: a row each
matrix() {
	RULESETS="${3:-}" python3 "$TOP/regress/lab/matrix.py" "$LAB_PREFIX" \
	    "$S2SCTL" "$W/ga.sock" "$W/ga.conf" "$1" \
	    "$TOP/regress/lab/rulesets" ${2:+"$2"} 2>"$W/matrix.err" |
	    tee "$W/matrix" | sed 's/^/# /'
	while IFS='	' read -r _res _rule _why; do
		case $_res in
		skip) skip "$1 the exemption: $_rule" "$_why" ;;
		*) is "$1 the exemption: $_rule" "$_res ($_why)" \
		    "ok ($_why)" ;;
		esac
	done <"$W/matrix"
	sed 's/^/# /' "$W/matrix.err"
	note "$1 the exemption: $(grep -c 'agree:' "$W/matrix") of" \
	    "$(grep -c '	' "$W/matrix") agree with real flows"
	sed -n 's/^\([a-z]*\)	\(.*\)	\(differ\|unsure\): \(.*\)/# \3: \2: \4/p' \
	    "$W/matrix"
}

# lab_script: what every regress/lab/*.sh begins with.
lab_script() {
	_l=$(lab_lacks)
	if [ -n "$_l" ]; then
		echo "1..0 # SKIP this machine lacks $_l"
		exit 0
	fi
	lab_begin
	[ -n "${1:-}" ] || {
		lab_programs
		users_make
	}
}
# Both gateways with the first example, masqueraded, captured, up.
lab_two() { # kind-of-masquerade
	topo_up || die "no topology"
	masq "$1" || die "no masquerade ($1)"
	lab_capture || die "no capture"
	gw_conf ga
	gw_conf gb
}
# What crosses; of a kernel's ESP what leaves either gateway: the device shows
# also the inside of what it takes out of a tunnel.
lab_capture() {
	if plane_is_kernel; then
		capture "$W/wire.pcap" ga wan -Q out &&
		    capture "$W/wire-b.pcap" gb wan -Q out
	else
		capture "$W/wire.pcap" ga wan
	fi
}
# The one check that ends every run with a capture.
lab_wire() {
	capture_stop
	ok "nothing but IKE and ESP crossed the wire" lab_crossed
	sed -n 's/^/# wire: /p' "$W/tap.out"
}
lab_crossed() {
	# shellcheck disable=SC2086
	wire "$W/wire.pcap" $LAB_ESP || return 1
	! plane_is_kernel || wire "$W/wire-b.pcap" $LAB_ESP
}
