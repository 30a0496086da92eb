#!/bin/sh
# SPDX-License-Identifier: ISC
# saved.sh: a ruleset that was saved while s2sd ran, and is loaded at boot:
# it loads, s2sd takes over what it has of ours, and `s2sd -u' removes it.  Then
# a kernel without owned tables.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script
LAB_V6=1

# Without counters, and without the owner: what has one goes with nft(8).
nft_list() { ns "$1" nft -s list ruleset | sed -e 's/ # progname.*//' -e '/flags owner/,+1d'; }
load() { ns "$1" nft -f "$2" 2>"$W/err" || { cat "$W/err" >&2; false; }; }
owned() { ns ga nft list table ip s2sd | grep -q 'flags owner'; }
jumps() { ns ga nft list chain inet filter "$1" | grep -c 'comment "s2sd"'; }
both_up() { gw_wait_up 60 ga gb && within 20 ping4 pa 10.1.4.2; }
boot() { rm -f /run/s2sd/host."$INO" /var/run/s2sd/host."$INO"; }

admin() {
	ns ga nft -f - <<E2
table inet filter {
	chain input { type filter hook input priority 0; policy drop
		ct state established,related accept
	}
	chain forward { type filter hook forward priority 0; policy drop
		ct state established,related accept
	}
}
E2
}
conf() { # firewall, and options of `set gateway'
	gw_conf ga "set gateway $2
set firewall $1
block from 10.1.3.0/24 to 10.9.0.0/16"
	[ -n "$2" ] || return 0
	cat >>"$W/ga.conf" <<E2
tunnel "same" {
	local 192.168.1.3 peer 192.168.1.9
	from 172.30.1.0/24 (10.0.5.0/24) to 172.30.2.0/24
	from fd00:30:1::/64 (fd00:5::/64) to fd00:30:2::/64
	max-mss 1234
	psk "another one of $PSK"
}
E2
}

topo_up || die "no topology"
INO=$(ns ga stat -L -c %i /proc/self/ns/net)
gw_conf gb
gw_start gb

# --- nftables ---
admin
conf nft "{
	firewall
}"
nft_list ga >"$W/before"
gw_start ga
ok "nft: up" both_up || {
	tap_end
	exit
}
ok "nft: the accepts are there" within 10 eval '[ "$(jumps forward)" = 1 ]'
ns ga nft list ruleset >"$W/raw.nft"
nft_list ga >"$W/saved.nft"
for want in 'maxseg size set 1234' 'prefix to' 's2sd-block' 's2sd-forward' \
    'table ip6 s2sd ' '@denied'; do
	ok "nft: the listing has $want" grep -q -- "$want" "$W/raw.nft"
done
ok "nft: what lists loads" load pa "$W/raw.nft"
ns pa nft flush ruleset
ok "nft: ... without the owner, too" load pa "$W/saved.nft"
nft_list pa >"$W/again.nft"
ok "nft: ... and is the same" diff "$W/saved.nft" "$W/again.nft"
ns pa nft flush ruleset
gw_stop ga
gw_lift ga
nft_list ga >"$W/now"
ok "nft: stopped and lifted: as before" diff "$W/before" "$W/now"

ns ga nft flush ruleset
boot
ok "nft: loaded at boot" load ga "$W/saved.nft"
ctl ga verify -f "$W/ga.conf" >"$W/v" 2>&1
ok "nft: verify: ours stand without s2sd" \
    grep -q 'WARN .*rules of s2sd stand' "$W/v"
ok "nft: ... and the command" grep -q 's2sd -u' "$W/v"
gw_start ga
ok "nft: started over them: up" both_up
ok "nft: ... the table is the daemon's" within 10 owned
nft_list ga >"$W/again.nft"
sort "$W/saved.nft" >"$W/a"
sort "$W/again.nft" >"$W/b"
ok "nft: ... every rule once" diff "$W/a" "$W/b"
gw_stop ga
gw_lift ga
ns ga nft flush ruleset
boot
load ga "$W/saved.nft"
ok "nft: loaded without s2sd: lifted" gw_lift ga
nft_list ga >"$W/now"
ok "nft: ... nothing of ours is left" diff "$W/before" "$W/now"

# --- the file, which `ip netns exec' lays over that of the host ---
ETC=/etc/netns/$LAB_PREFIX-ga
if [ -f /etc/nftables.conf ] && [ ! -e "$ETC" ]; then
	mkdir -p "$ETC"
	cp "$W/saved.nft" "$ETC/nftables.conf"
	ctl ga verify -f "$W/ga.conf" >"$W/v" 2>&1
	rm -r "$ETC"
	ok "file: verify says that it holds ours" \
	    grep -q 'WARN .*/etc/nftables.conf holds rules of s2sd' "$W/v"
	cp "$W/saved.nft" "$W/copy.nft"
	sed -n "s#^ *fix:  *\(sed .*\) /etc/nftables.conf\$#\1 $W/copy.nft#p" \
	    "$W/v" >"$W/fix"
	ok "file: ... with a command" test -s "$W/fix"
	sh "$W/fix"
	ok "file: ... that takes it all out" not grep -q s2sd "$W/copy.nft"
	ok "file: ... what is left loads" load pa "$W/copy.nft"
	nft_list pa >"$W/now"
	ok "file: ... and is the admin's" diff -B "$W/before" "$W/now"
	ns pa nft flush ruleset
else
	echo "# no /etc/nftables.conf here: the rows of the file are left out"
fi

# --- iptables ---
ipt_save() { # kind file
	for _f in ip ip6; do
		ns ga "${_f}tables-$1-save" 2>/dev/null |
		    sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]/[0:0]/' >"$2.$_f"
	done
}
ipt_load() { # kind file
	for _f in ip ip6; do
		ns ga "${_f}tables-$1-restore" <"$2.$_f" || return 1
	done
}
ipt_flush() { # kind
	for _f in ip ip6; do
		for _t in nat mangle raw filter; do
			ns ga ${_f}tables-$1 -t $_t -F 2>/dev/null
			ns ga ${_f}tables-$1 -t $_t -X 2>/dev/null
		done
	done
	true
}
kept() { grep -h -e '^-A' -e '^:S2SD' "$1.ip" "$1.ip6" | sort; }

for k in legacy nft; do
	ns ga iptables-$k -t nat -S >/dev/null 2>&1 || continue
	ns ga nft flush ruleset
	ipt_flush legacy
	boot
	ns ga iptables-$k -t nat -A POSTROUTING -s 10.1.3.0/24 -o wan \
	    -j MASQUERADE
	ipt_save $k "$W/before"
	conf iptables ""
	gw_start ga
	ok "iptables-$k: up" both_up || break
	ipt_save $k "$W/saved"
	is "iptables-$k: one jump in POSTROUTING" \
	    "$(grep -c -e '-A POSTROUTING -j S2SD$' "$W/saved.ip")" 1
	gw_stop ga
	gw_lift ga
	for fw in iptables nft; do
		boot
		ok "iptables-$k: loaded at boot" ipt_load $k "$W/saved"
		conf $fw ""
		gw_start ga
		ok "iptables-$k: started over them with $fw: up" both_up
		if [ $fw = iptables ]; then
			_want=$W/saved
		else
			_want=$W/before
		fi
		kept "$_want" >"$W/a"
		settled() { ipt_save $k "$W/now"; kept "$W/now" >"$W/b"
			cmp -s "$W/a" "$W/b"; }
		ok "iptables-$k: ... one set of chains" within 10 settled
		settled || diff "$W/a" "$W/b" | sed 's/^/# /'
		gw_stop ga
		gw_lift ga
	done
	boot
	ipt_load $k "$W/saved"
	ok "iptables-$k: loaded without s2sd: lifted" gw_lift ga
	kept "$W/before" >"$W/a"
	ok "iptables-$k: ... nothing of ours is left" settled
	settled || diff "$W/a" "$W/b" | sed 's/^/# /'
done
gw_stop gb

# --- a kernel without owned tables: plain ones, guarded ---
HB=$(dirname "$S2SD_INST")
if make -s -C "$HB" regress/lab/hostctl >"$W/make.log" 2>&1 &&
    cc -shared -fPIC -o "$W/noowner.so" "$TOP/regress/lab/noowner.c"; then
	ns ga nft flush ruleset
	ipt_flush legacy
	boot
	run() {
		rm -f "$W/in"
		mkfifo "$W/in"
		ip netns exec "$LAB_PREFIX-ga" env LD_PRELOAD="$W/noowner.so" \
		    "$HB/regress/lab/hostctl" run -f nft 10.1.3.0/24 \
		    10.1.4.0/24 192.168.1.3 192.168.1.4 <"$W/in" \
		    >"$W/out" 2>"$W/err" &
		HC=$!
		exec 8>"$W/in"
		within 10 grep -q ready "$W/out"
	}
	end() {
		[ "$1" != -9 ] || kill -9 $HC
		exec 8>&-
		wait $HC 2>/dev/null
	}
	table() { ns ga nft list table ip s2sd >/dev/null 2>&1; }
	full() { table && nft_list ga >"$W/now" && cmp -s "$W/plain" "$W/now"; }
	none() { [ "$(ns ga nft list ruleset | grep -c s2sd)" = 0 ]; }
	ok "no owner: starts" run
	ok "no owner: a table" within 5 table
	ok "no owner: ... a plain one" not owned
	nft_list ga >"$W/plain"
	ns ga nft delete table ip s2sd
	ok "no owner: deleted: back" within 5 full
	ns ga nft flush ruleset
	ok "no owner: flushed: back" within 5 full
	end -9
	ok "no owner: killed: it stays" full
	ok "no owner: ... starts over it" run
	ok "no owner: ... the same, once" within 5 full
	end
	ok "no owner: ended: the table goes" not table
	ok "no owner: ... the block stays" \
	    ns ga nft list table ip s2sd-block
	run
	end -9
	ns ga "$HB/regress/lab/hostctl" unblock
	ok "no owner: killed and lifted where there are owners: nothing stays" none
	run
	end -9
	ns ga env LD_PRELOAD="$W/noowner.so" "$HB/regress/lab/hostctl" unblock
	ok "no owner: killed and lifted: nothing stays" none
else
	skip "no owner" "no hostctl or compiler here"
fi
tap_end
