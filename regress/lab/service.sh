#!/bin/sh
# SPDX-License-Identifier: ISC
# service.sh: s2sd as a service: under what the systemd unit allows, and by
# the rc.d scripts under the contract of their rc.subr.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script

PLACES="s,@sbindir@,$S2SD_INST/sbin,g; s,@sysconfdir@,$W/etc,g
s,@runstatedir@,$W/run,g"
mkdir -p "$W/etc" "$W/run"
for u in s2sd s2sd-block; do
	sed "$PLACES" "$TOP/etc/systemd/$u.service.in" >"$W/$u.service"
done
unit() { sed -n "s/^$1=//p" "$W/s2sd.service"; }

# as hostctl in host.sh: made in the folder that the programs come from
CONFINE=$(dirname "$S2SD_INST")/regress/service/confine
[ ! -f "$(dirname "$S2SD_INST")/Makefile" ] ||
    make -s -C "$(dirname "$S2SD_INST")" regress/service/confine >"$W/make" 2>&1

# --- the unit ---
if have systemd-analyze; then
	systemd-analyze verify "$W/s2sd.service" "$W/s2sd-block.service" 2>&1 |
	    grep -v "Command 'man" >"$W/verify"
	ok "systemd-analyze verify finds nothing" test ! -s "$W/verify"
	score=$(systemd-analyze security --offline=yes "$W/s2sd.service" |
	    sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
	below "systemd-analyze security" "$score" 4.5
	systemd-analyze syscall-filter >"$W/groups" 2>/dev/null
else
	skip "systemd-analyze" "not installed"
	skip "systemd-analyze security" "not installed"
fi

# every name of a group, groups in it too
calls() {
	for _w in "$@"; do
		case $_w in
		@*) calls $(awk -v g="$_w" '$1 == g && !/^ / { on = 1; next }
		    /^[^ ]/ { on = 0 } on && $1 !~ /^#/ { print $1 }' \
		    "$W/groups") ;;
		*) echo "$_w" ;;
		esac
	done
}
topo_up || die "no topology"
masq "$(masq_kind)"
gw_conf ga
gw_conf gb
gw_start gb
if [ -s "$W/groups" ] && [ -x "$CONFINE" ] &&
    have setpriv && have unshare; then
	# shellcheck disable=SC2046
	calls $(unit SystemCallFilter) | sort -u >"$W/calls"
	caps=$(unit CapabilityBoundingSet | tr 'A-Z' 'a-z' |
	    sed 's/cap_/+/g; s/ /,/g')
	python3 "$TOP/regress/service/notified.py" "$W/notify" "$W/notified" &
	notified=$!
	within 5 test -S "$W/notify"
	cat >"$W/confined" <<E
mount --make-rprivate / &&
mount --bind "$W" "$W" && mount --bind "$S2SD_INST/run" "$S2SD_INST/run" &&
mount -o remount,bind,ro / &&
! touch /etc/s2sd-probe 2>/dev/null &&
NOTIFY_SOCKET=$W/notify exec setpriv --no-new-privs \\
    --bounding-set=-all,$caps \\
    "$CONFINE" "$W/calls" \\
    "$S2SD" -d -f "$W/ga.conf" -s "$W/ga.sock"
E
	setsid ip netns exec "$LAB_PREFIX-ga" unshare -m sh "$W/confined" \
	    >>"$W/ga.log" 2>&1 </dev/null &
	echo $! >"$W/ga.pid"
	ok "under the unit's calls, capabilities and mounts: up" \
	    gw_wait_up 15 ga gb
	ok "... ping" ping4 pa 10.1.4.2
	ok "... READY was said" grep -q '^READY=1' "$W/notified"
	ok "... reload" ctl ga reload
	ok "... no call was refused that matters" \
	    not grep -i 'not permitted\|cannot' "$W/ga.log"
	kill "$(gw_role ga ike)"
	ok "... a role that died comes back" gw_wait_up 40 ga gb
	gw_stop ga
	wait $notified
	ok "... STOPPING was said" grep -q '^STOPPING=1' "$W/notified"
	gw_lift ga
else
	skip "under the unit's restrictions" \
	    "no systemd-analyze, setpriv, unshare or confine"
fi

# --- rc.d ---
gw_conf ga
cp "$W/ga.conf" "$W/etc/s2sd.conf"
chmod 600 "$W/etc/s2sd.conf"
# the programs, in the namespace of gateway A
mkdir -p "$W/sbin"
for p in s2sd s2sctl; do
	cat >"$W/sbin/$p" <<E
#!/bin/sh
echo "$p \$*" >>"$W/called"
exec ip netns exec $LAB_PREFIX-ga "$S2SD_INST/sbin/$p" \\
    -s "$W/run/s2sd.sock" $([ $p = s2sctl ] || echo "-f $W/etc/s2sd.conf") "\$@"
E
	chmod +x "$W/sbin/$p"
done
for os in openbsd freebsd netbsd; do
	case $os in
	openbsd) subr=rc.openbsd was=/etc/rc.d/rc.subr ;;
	*) subr=rc.freebsd was=/etc/rc.subr ;;
	esac
	sed "s,@sbindir@,$W/sbin,g; s,@sysconfdir@,$W/etc,g
	    s,@runstatedir@,$W/run,g; s,\$_rc_subr_loaded ,,
	    s,$was,$TOP/regress/service/$subr," "$TOP/etc/rc.d/s2sd.$os" \
	    >"$W/rc.$os"
	rc() { RC_REAL="^$S2SD -s $W/run/" RC_CONF=$W/rc.conf sh "$W/rc.$os" "$@"; }
	: >"$W/rc.conf"
	[ $os = openbsd ] || {
		ok "$os: not enabled: start does nothing" not rc start
		echo "s2sd_enable=YES s2sd=YES" >"$W/rc.conf"
	}
	ok "$os: configtest" rc configtest
	echo 'tunnel {' >"$W/etc/s2sd.conf"
	ok "$os: a bad file: configtest says no" not rc configtest
	ok "$os: a bad file: start says no" not rc start
	cp "$W/ga.conf" "$W/etc/s2sd.conf"
	: >"$W/called"
	ok "$os: start" rc start
	ok "$os: tunnel up" within 15 sh -c "ip netns exec $LAB_PREFIX-ga \
	    $S2SCTL -s $W/run/s2sd.sock status | grep -q 'tunnel, up'"
	ok "$os: the file was tested before it was used" \
	    sh -c "head -1 '$W/called' | grep -q -- '-n'"
	[ $os = openbsd ] || {
		ok "$os: restart" rc restart
		echo 'tunnel {' >"$W/etc/s2sd.conf"
		ok "$os: a bad file: restart says no" not rc restart
		cp "$W/ga.conf" "$W/etc/s2sd.conf"
	}
	[ $os = openbsd ] && st=check || st=status
	ok "$os: $st" rc $st
	ok "$os: reload" rc reload
	ok "$os: reload asks the daemon" grep -q '^s2sctl reload' "$W/called"
	ok "$os: stop" rc stop
	ok "$os: it is gone" within 10 sh -c "! test -e '$W/run/s2sd.sock'"
	within 5 not rc $st
	[ -f "$TOP/etc/rc.d/s2sd_block.$os" ] || continue
	ns ga "$S2SD" -u -f "$W/etc/s2sd.conf" -s "$W/run/s2sd.sock"
	sed "s,@sbindir@,$W/sbin,g; s,@sysconfdir@,$W/etc,g
	    s,\$_rc_subr_loaded ,,; s,$was,$TOP/regress/service/$subr," \
	    "$TOP/etc/rc.d/s2sd_block.$os" >"$W/rcb.$os"
	rcb() { RC_CONF=$W/rc.conf sh "$W/rcb.$os" "$@"; }
	ok "$os: the early block is before the network" sh -c "
		grep -q '^# PROVIDE: s2sd_block' '$W/rcb.$os' &&
		grep -q '^# BEFORE: net' '$W/rcb.$os'"
	: >"$W/called"
	ok "$os: ... start" rcb start
	ok "$os: ... sets the block" grep -q '^s2sd -b' "$W/called"
	ok "$os: ... stop leaves it" rcb stop
	mv "$W/etc/s2sd.conf" "$W/etc/away"
	ok "$os: ... without a configuration it says so" not rcb start
	mv "$W/etc/away" "$W/etc/s2sd.conf"
	: >"$W/rc.conf"
	ok "$os: ... and is not run unless enabled" not rcb start
done
ns ga "$S2SD" -u -f "$W/etc/s2sd.conf" -s "$W/run/s2sd.sock"
gw_stop gb
tap_end
