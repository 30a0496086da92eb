#!/bin/sh
# SPDX-License-Identifier: ISC
# errors.sh: what goes wrong, and what s2sd says then.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
lab_script
lab_two "$(masq_kind)"

# --- a typo ---
cp "$W/ga.conf" "$W/good.conf"
sed -i 's/	from 10/	form 10/' "$W/ga.conf"
ok "a typo: s2sd -n fails" not ns ga "$S2SD" -n -f "$W/ga.conf"
ns ga "$S2SD" -n -f "$W/ga.conf" >"$W/out" 2>&1
sed 's/^/# /' "$W/out"
ok "... and names file and line" grep -q 'ga\.conf:4' "$W/out"
ok "... and s2sd does not start" not timeout 10 \
    ip netns exec "$LAB_PREFIX-ga" "$S2SD" -d -f "$W/ga.conf" \
    -s "$W/ga.sock"
sed 's/riest4ever"/riest4ever"\n	childsa enc aes-512/' "$W/good.conf" \
    >"$W/ga.conf"
ns ga "$S2SD" -n -f "$W/ga.conf" >"$W/out" 2>&1
ok "an unknown algorithm: the nearest names are shown" \
    grep -q 'aes-' "$W/out"
sed 's/^/# /' "$W/out"
cp "$W/good.conf" "$W/ga.conf"
chmod 644 "$W/ga.conf"
ok "a file with a secret that others may read is refused" \
    not ns ga "$S2SD" -n -f "$W/ga.conf"
chmod 600 "$W/ga.conf"
ok "the good file: s2sd -n is silent and 0" sh -c \
    "o=\$(ip netns exec $LAB_PREFIX-ga $S2SD -n -f $W/ga.conf 2>&1) &&
    [ -z \"\$o\" ]"
ns ga "$S2SD" -nv -f "$W/ga.conf" >"$W/nv.conf" 2>/dev/null
ok "s2sd -nv prints the effective configuration" \
    grep -q secgw-vpn "$W/nv.conf"

# --- a control socket that cannot be ---
cp "$W/good.conf" "$W/precious"
ns ga timeout 10 "$S2SD" -d -f "$W/ga.conf" -s "$W/precious" >"$W/out" 2>&1
ok "-s with the name of a file that is no socket is refused" \
    grep -q 'no socket' "$W/out"
ok "... and the file stays" cmp -s "$W/good.conf" "$W/precious"
ns ga timeout 10 "$S2SD" -d -f "$W/ga.conf" -s "$W/nowhere/s" >"$W/out" 2>&1
ok "-s below a folder that is missing: says so" \
    grep -q 'folder is missing' "$W/out"
ns ga "$S2SD" -u -s "$W/other.sock"

# --- a peer that is not there ---
gw_start ga
within 10 test -S "$W/ga.sock"
sleep 2
ctl ga status >"$W/out" 2>&1
is "no peer: exit status of s2sctl status" "$?" 1
sed 's/^/# /' "$W/out"
says() { ctl ga status 2>&1 | grep -qiE "$1"; }
ok "no peer: status gives a reason" \
    within 20 says 'no answer|unreachable|nothing listens'

# --- the same instance twice ---
timeout 10 ip netns exec "$LAB_PREFIX-ga" "$S2SD" -d -f "$W/ga.conf" \
    -s "$W/ga.sock" >"$W/out" 2>&1
_rc=$?
ok "a second s2sd on the same socket ends at once" \
    test $_rc -ne 0 -a $_rc -ne 124
sed 's/^/# /' "$W/out"
ok "... and says why" grep -qiE 'already|running' "$W/out"
ok "... and the first keeps running" gw_alive ga
is "... and answers" "$(js ga 't["name"]')" secgw-vpn

ok "s2sd -b while it runs has nothing to do" ns ga "$S2SD" -b \
    -f "$W/ga.conf" -s "$W/ga.sock"
ok "... and leaves it alone" gw_alive ga

# --- two secrets ---
PSK=quite-another-secret
gw_conf gb
gw_start gb
ok "wrong secret: A gives the reason auth-psk" within 20 sh -c \
    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock status -j |
    grep -q '\"auth-psk\"'"
ctl ga status 2>&1 | sed 's/^/# A: /'
ctl gb status 2>&1 | sed 's/^/# B: /'
ok "wrong secret: status speaks of the secret" says secret
ok "wrong secret: nothing passes" not ping4 pa 10.1.4.2
ok "no secret in any log" not grep -e riest4ever -e quite-another-secret \
    "$W/ga.log" "$W/gb.log"
PSK=riest4ever
gw_conf gb
ok "the secret corrected: reload" ctl gb reload
ok "... and it comes up by itself" gw_wait_up 70 ga gb
ok "... and carries traffic" ping4 pa 10.1.4.2

ok "reload tells the warnings of the file" sh -c \
    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock reload |
    grep -q 'ga.conf:.*the secret has 10 octets'"

# --- s2sd-keys ends while the file is bad: what runs goes on ---
cp "$W/ga.conf" "$W/good.conf"
sed -i 's/	psk "/	psq "/' "$W/ga.conf"
gw_settled ga
_old=$(spis ga)
_p=$(gw_role ga keys)
ping_start pa -q -i 0.05 -W 2 10.1.4.2
kill -9 "$_p"
keys_back() { _np=$(gw_role ga keys); [ -n "$_np" ] && [ "$_np" != "$_p" ]; }
ok "bad file, s2sd-keys killed: it comes back" within 5 keys_back
first_line() { ctl ga status 2>&1 | head -1; }
says_missing() { first_line | grep -q 'SECRETS ARE MISSING'; }
ok "... status says so in its first line" within 10 says_missing
ctl ga status 2>&1 | sed 's/^/# A: /'
is "... and status -j" "$(js ga '[p["lacks_secrets"] for p in
    d["daemon"]["processes"] if p["name"] == "s2sd-keys"]')" "[True]"
ctl ga reload >"$W/out" 2>&1
ok "... and the answer to a reload" grep -q 's2sd-keys was started anew' \
    "$W/out"
sed 's/^/# /' "$W/out"
_np=$(gw_role ga keys)
sleep 3
is "... s2sd-keys stays" "$(gw_role ga keys)" "$_np"
ping_stop
below "... pings lost" "$(awk '/transmitted/ { print $1 - $4 }' \
    "$W/ping")" 0
is "... the SAs stay" "$(spis ga)" "$_old"
cp "$W/good.conf" "$W/ga.conf"
ok "a good file again: reload" ctl ga reload
ok "... status is content" not says_missing
ctl ga rekey secgw-vpn child >/dev/null 2>&1
renewed() { _n=$(spis ga); [ -n "$_n" ] && [ "$_n" != "$_old" ]; }
ok "... new keys within the time of a new try" within 70 renewed

# --- counters: every process answers, and none dies of it ---
ok "s2sctl stats" sh -c "ip netns exec $LAB_PREFIX-ga \
    $S2SCTL -s $W/ga.sock stats >$W/out"
for p in s2sd s2sd-net s2sd-ike s2sd-keys s2sd-sad \
    $(plane_is_kernel || echo s2sd-esp); do
	ok "... has counters of $p" grep -q "^$p " "$W/out"
done
ok "... and s2sd-ctl lives on" not grep -q 's2sd-ctl ended' "$W/ga.log"

ok "a secret that cannot be written is no success" \
    not sh -c "$S2SCTL genpsk >/dev/full"

# --- networks that do not agree ---
sed -i 's,to 10.1.3.0/24,to 10.1.99.0/24,' "$W/gb.conf"
ok "other networks at B: reload" ctl gb reload
ok "... A gives the reason selectors" within 70 sh -c \
    "ip netns exec $LAB_PREFIX-ga $S2SCTL -s $W/ga.sock status -j |
    grep -q '\"selectors\"'"
ctl ga status 2>&1 | sed 's/^/# A: /'

# --- no daemon ---
gw_stop ga
ctl ga status >"$W/out" 2>&1
is "no daemon: exit status of s2sctl status" "$?" 2
sed 's/^/# /' "$W/out"
ok "no daemon: s2sctl says so" grep -qi 'not running' "$W/out"
lab_wire
tap_end
