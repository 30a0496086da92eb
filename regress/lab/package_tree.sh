# SPDX-License-Identifier: ISC
# package_tree.sh: the Debian package in a tree of Debian's that has nothing
# but what every Debian has.  Sourced by package.sh, which has built $deb.

# mirror: where apt has this release from, as it is configured here
mirror() {
	apt-get indextargets --format '$(CREATED_BY) $(COMPONENT) $(CODENAME) $(REPO_URI)' 2>/dev/null |
	    awk -v c="$1" '$1 == "Packages" && $2 == "main" && $3 == c {
		print $4; exit }'
}
# in_tree SCRIPT: as root in it, in a network of its own if $TREE_NET is set:
# with 192.0.2.1 outside and 10.1.3.1 inside
in_tree() {
	# shellcheck disable=SC2016
	unshare -m ${TREE_NET:+-n} sh -c '
		mount --make-rprivate / &&
		mount -t proc proc "$1/proc" &&
		mount -t tmpfs tmpfs "$1/run" &&
		mount --rbind /dev "$1/dev" &&
		cp "$2" "$1/run/s2sd.deb" || exit 1
		[ -z "$4" ] || {
			ip link set lo up &&
			ip link add wan type veth peer name far &&
			ip link add lan type veth peer name pc &&
			ip addr add 192.0.2.1/24 dev wan &&
			ip addr add 10.1.3.1/24 dev lan || exit 1
			for d in wan far lan pc; do ip link set $d up; done
		}
		exec env -u LC_ALL DEBIAN_FRONTEND=noninteractive chroot "$1" \
		    sh -c "$3"' sh "$W/tree" "$deb" "$1" "${TREE_NET:-}" \
	    >"$W/in_tree" 2>&1 || { cat "$W/in_tree"; return 1; }
	cat "$W/in_tree"
}
# tree_is: every name in it with kind, mode, owner, and the octets of what is
# an admin's; not what apt and dpkg remember
tree_is() {
	( cd "$W/tree" && find . -xdev \( -path ./proc -o -path ./run -o \
	    -path ./dev -o -path ./tmp -o -path ./var/cache -o \
	    -path ./var/log -o -path ./var/lib/apt -o -path ./var/lib/dpkg \
	    -o -name 'passwd-' -o -name 'group-' -o -name 'shadow-' \
	    -o -name 'gshadow-' -o -name .pwd.lock -o -name ld.so.cache \) \
	    -prune -o -printf '%P %y %m %U %G %l\n' | sort
	find etc -type f ! -name '*-' ! -name ld.so.cache ! -name .pwd.lock \
	    -exec cksum {} + | sort -k3 )
}

clean_tree() {
	_suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	_from=$(mirror "$_suite")
	if ! have debootstrap; then
		skip "in a clean tree" "debootstrap is not installed"
		return
	elif [ -z "$_from" ]; then
		skip "in a clean tree" "apt has no Debian here"
		return
	fi
	_t=$(now_s)
	if ! timeout 240 debootstrap --variant=minbase "$_suite" "$W/tree" \
	    "$_from" >"$W/bootstrap" 2>&1 </dev/null ||
	    ! in_tree 'apt-get update -q' >"$W/update"; then
		tail -2 "$W/bootstrap" | sed 's,//[^/ ]*/,//.../,; s/^/# /'
		skip "in a clean tree" "its packages cannot be fetched"
		return
	fi
	note "a tree of $_suite: $(since "$_t") s"
	tree_is >"$W/tree.before"
	_t=$(now_s)
	ok "tree: apt installs it with what it needs" in_tree '
		apt-get install -q -y --no-install-recommends /run/s2sd.deb'
	ok "tree: nothing that it needs is missing" in_tree '
		for f in /usr/sbin/s2sd /usr/sbin/s2sctl /usr/libexec/s2sd/*; do
			! ldd "$f" | grep "not found" || exit 1
		done
		for u in _s2sd _s2sdkey _s2sdesp _s2sdsys; do
			getent passwd $u || exit 1
		done'
	( umask 077
	cat >"$W/tree/etc/s2sd.conf" <<'C'
set gateway
tunnel "office" {
	local 192.0.2.1 peer 192.0.2.2
	from 10.1.3.0/24 to 10.1.4.0/24
	psk "0123456789abcdefghijklmnopqrstuvwxyz"
}
C
	)
	ok "tree: s2sd -n takes a configuration" in_tree 's2sd -n'
	# beside a package documentation may be left out
	install -m 600 "$TOP/etc/s2sd.conf.example" "$W/tree/root/example"
	ok "tree: and the example" in_tree 's2sd -n -f /root/example'
	rm -f "$W/tree/root/example"
	TREE_NET=1
	ok "tree: it starts, says how it is, goes on over an upgrade, stops" \
	    in_tree '
		s2sd || exit 1
		s2sctl status; s2sctl status -j >/run/j
		grep -q "\"name\": *\"office\"" /run/j || exit 1
		pid=$(cat /run/s2sd.pid)
		dpkg -i /run/s2sd.deb || exit 1
		[ "$(cat /run/s2sd.pid)" = "$pid" ] && kill -0 $pid || exit 1
		s2sctl status -j | grep -q office || exit 1
		s2sctl stop && test ! -e /run/s2sd.pid'
	TREE_NET=
	ok "tree: after an upgrade the configuration is as it was" in_tree '
		grep -q office /etc/s2sd.conf && s2sd -n'
	# the file belongs to the admin, not to the package
	rm -f "$W/tree/etc/s2sd.conf"
	ok "tree: purge" in_tree 'apt-get purge -q -y s2sd &&
	    apt-get autoremove -q -y --purge'
	tree_is >"$W/tree.after"
	ok "tree: files and users are as before the installation" \
	    diff "$W/tree.before" "$W/tree.after"
	note "installation, start, upgrade, purge: $(since "$_t") s"
}
