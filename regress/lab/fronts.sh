# SPDX-License-Identifier: ISC
# fronts.sh: ufw, firewalld and docker of Debian for frontends.sh: unpacked
# beside the system, run in a mount namespace whose root is a copy of this
# system with them on top, and in the network namespace of gateway A.
# Sourced; nothing is installed, nothing of the host's /etc or /run is used.

PKG_FRONT="ufw firewalld python3-firewall python3-nftables python3-gi
python3-dbus gir1.2-glib-2.0 libgirepository-1.0-1 dbus-daemon docker.io
containerd runc libdevmapper1.02.1"

# fr_unpack: into build/peer/fronts once; says what is missing and fails.
FR_TREE=$TOP/build/peer/fronts
fr_unpack() {
	[ ! -x "$FR_TREE/usr/sbin/dockerd" ] || return 0
	apt_here && have dpkg-deb ||
	    { echo "no apt to fetch the packages with"; return 1; }
	rm -rf "$FR_TREE" "$FR_TREE.new"
	mkdir -p "$FR_TREE.debs" "$FR_TREE.new"
	# shellcheck disable=SC2086
	( cd "$FR_TREE.debs" && rm -f ./*.deb &&
	    { apt-get download -q $PKG_FRONT || {
		apt-get update -q && apt-get download -q $PKG_FRONT; }; } ) \
	    >"$TOP/build/peer/fronts.log" 2>&1 </dev/null ||
	    { echo "the packages of ufw, firewalld, docker cannot be fetched"
	      return 1; }
	for _d in "$FR_TREE".debs/*.deb; do
		dpkg-deb -x "$_d" "$FR_TREE.new" ||
		    { echo "cannot unpack $_d"; return 1; }
	done
	# /bin, /lib and /sbin are links into /usr where it will lie
	for _d in bin sbin lib lib64; do
		[ -d "$FR_TREE.new/$_d" ] || continue
		mkdir -p "$FR_TREE.new/usr/$_d"
		cp -a "$FR_TREE.new/$_d/." "$FR_TREE.new/usr/$_d/" &&
		rm -rf "${FR_TREE:?}.new/$_d"
	done
	# what the packages' scripts would do
	_f=$FR_TREE.new
	cp "$_f"/usr/share/ufw/ufw.conf "$_f/etc/ufw/"
	cp "$_f"/usr/share/ufw/iptables/*.rules "$_f/etc/ufw/"
	rm -rf "$FR_TREE.debs"
	mv "$FR_TREE.new" "$FR_TREE"
}

# fr_begin: the root; fr runs a command in it.  FR_PID holds it.
fr_begin() {
	mkdir "$W/fr" "$W/fr/work" "$W/fr/root" &&
	cp -a "$FR_TREE" "$W/fr/upper" || return 1
	nsenter --net="/run/netns/$LAB_PREFIX-ga" unshare -m \
	    --propagation private sh -c '
		mount -t overlay overlay -o \
		    "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root" &&
		mount -t proc proc "$1/root/proc" &&
		mount -t sysfs sysfs "$1/root/sys" &&
		mount --rbind /sys/fs/cgroup "$1/root/sys/fs/cgroup" &&
		mount --rbind /dev "$1/root/dev" &&
		for d in run tmp var/lib; do
			mount -t tmpfs tmpfs "$1/root/$d" || exit 1
		done
		mkdir -p "$1/root/run/dbus" "$1/root/run/docker" \
		    "$1/root/run/lock" "$1/root/var/lib/docker" \
		    "$1/root/var/lib/dbus"
		: >"$1/ready"
		exec sleep 600' sh "$W/fr" 2>"$W/fr.err" &
	FR_PID=$!
	within 30 test -e "$W/fr/ready"
}
fr() {
	nsenter -t "$FR_PID" -m --net="/run/netns/$LAB_PREFIX-ga" env -i \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
	    chroot "$W/fr/root" "$@"
}
fr_bg() { # file for the log, command: a daemon; its pid is on FR_KIDS
	_l=$1
	shift
	nsenter -t "$FR_PID" -m --net="/run/netns/$LAB_PREFIX-ga" env -i \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
	    chroot "$W/fr/root" "$@" >"$W/$_l.log" 2>&1 &
	FR_KID=$!
	FR_KIDS="$FR_KIDS $!"
}
FR_KIDS= FR_PID=
fr_end_kids() {
	for _p in $FR_KIDS; do kill "$_p" 2>/dev/null; done
	for _p in $FR_KIDS; do
		within 15 ended "$_p" || kill -9 "$_p" 2>/dev/null
		wait "$_p" 2>/dev/null
	done
	FR_KIDS=
}
# What dockerd started has left its parent; by its root it is known.
fr_end() {
	fr_end_kids
	for _p in /proc/[0-9]*; do
		[ "$(readlink "$_p/root")" != "$W/fr/root" ] ||
		    kill -9 "${_p#/proc/}" 2>/dev/null
	done
	[ -z "$FR_PID" ] || kill "$FR_PID" 2>/dev/null
	wait "$FR_PID" 2>/dev/null
	FR_PID=
}

# --- the tools -------------------------------------------------------------

ufw_begin() {
	# an ordinary gateway: its LAN behind its WAN, as ufw's manual has it
	cat >>"$W/fr/upper/etc/ufw/before.rules" <<-E
	*nat
	:POSTROUTING ACCEPT [0:0]
	-F POSTROUTING
	-A POSTROUTING -s 10.1.3.0/24 -j MASQUERADE
	COMMIT
	E
	fr ufw --force enable
}
ufw_reload() { fr ufw reload; }
ufw_end() { fr ufw --force disable; }

firewalld_begin() {
	cat >"$W/fr/root.bus" <<-E
	<busconfig><type>system</type>
	<listen>unix:path=/run/dbus/system_bus_socket</listen>
	<auth>EXTERNAL</auth><policy context="default"><allow user="*"/>
	<allow own="*"/><allow send_type="method_call"/>
	<allow send_destination="*"/><allow receive_sender="*"/></policy>
	</busconfig>
	E
	fr sh -c 'cat >/run/bus.conf' <"$W/fr/root.bus"
	fr_bg bus dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile
	within 10 fr test -S /run/dbus/system_bus_socket || return 1
	fr_bg firewalld firewalld --nofork --nopid
	within 60 fr firewall-cmd --state &&
	fr firewall-cmd --permanent --add-masquerade &&
	fr firewall-cmd --reload
}
firewalld_reload() { fr firewall-cmd --reload; }
firewalld_end() { fr_end_kids; }

docker_run() {
	fr_bg docker dockerd --data-root /var/lib/docker --exec-root \
	    /run/docker -H unix:///run/docker.sock --pidfile \
	    /run/dockerd.pid --storage-driver vfs --bridge none
	within 60 fr docker -H unix:///run/docker.sock version
}
docker_begin() {
	# it drops what is forwarded if it had to switch forwarding on itself
	ns ga sysctl -qw net.ipv4.ip_forward=0
	docker_run && fr docker -H unix:///run/docker.sock network create \
	    --subnet 172.30.0.0/24 one &&
	fr iptables -t nat -A POSTROUTING -s 10.1.3.0/24 -j MASQUERADE
}
docker_reload() { # a restart, and another network
	kill "$FR_KID"
	within 20 ended "$FR_KID"
	docker_run
	fr docker -H unix:///run/docker.sock network create \
	    --subnet "172.30.$((DOCKER_N += 1)).0/24" "n$DOCKER_N"
}
DOCKER_N=0
docker_end() { fr_end_kids; }
