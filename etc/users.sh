#!/bin/sh
# SPDX-License-Identifier: ISC
# users.sh: the four users of s2sd, each with a group of its own name, and
# the empty directory its processes are locked into.  Run as root, at install;
# does nothing that is done already.  Four, because a process may stop and
# limit another of its own user.
set -eu

add() { # name, what for
	if getent passwd "$1" >/dev/null 2>&1 || id "$1" >/dev/null 2>&1; then
		return
	fi
	if command -v useradd >/dev/null 2>&1; then
		useradd -r -U -d /var/empty/s2sd -M -s "$nologin" -c "$2" "$1"
	elif command -v adduser >/dev/null 2>&1; then	# busybox
		addgroup -S "$1" 2>/dev/null || true
		adduser -S -D -H -h /var/empty/s2sd -s "$nologin" -G "$1" \
		    -g "$2" "$1"
	elif command -v pw >/dev/null 2>&1; then	# FreeBSD
		pw groupadd "$1"
		pw useradd "$1" -g "$1" -d /var/empty/s2sd -s "$nologin" -c "$2"
	else
		echo "users.sh: neither useradd, adduser nor pw: make user" \
		    "and group $1 by hand" >&2
		exit 1
	fi
	echo "user $1 made ($2)"
}

nologin=/usr/sbin/nologin
[ -x $nologin ] || nologin=/sbin/nologin
[ -x $nologin ] || nologin=/bin/false

add _s2sd	"s2sd network, IKE and control"
add _s2sdkey	"s2sd secrets"
add _s2sdesp	"s2sd traffic"
add _s2sdsys	"s2sd kernel and firewall"

mkdir -p /var/empty/s2sd
chown 0:0 /var/empty /var/empty/s2sd
chmod 755 /var/empty/s2sd
