#!/bin/sh
# SPDX-License-Identifier: ISC
# package.sh: the Debian package is made, looked at by lintian, installed into
# a copy of this system that is thrown away, used, and purged, and into a clean
# tree of Debian with what it needs (package_tree.sh); the RPM spec and the
# ports of the BSDs name what configure asks for.  TAP.
TOP=$(cd "$(dirname "$0")/../.." && pwd)
. "$TOP/regress/lib.sh"
. "$TOP/regress/lab/package_tree.sh"
lab_script nothing

# --- Debian ---
inside() { # script: in the copy, as root there
	unshare -m sh -c '
		mount --make-rprivate / &&
		mount -t overlay overlay -o \
		    "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root" &&
		mount -t proc proc "$1/root/proc" &&
		mount -t tmpfs tmpfs "$1/root/run" &&
		mount --bind /dev "$1/root/dev" &&
		cp "$1"/deb/s2sd_*_*.deb "$1/root/run/s2sd.deb" &&
		exec chroot "$1/root" sh -c "$2"' sh "$W" "$1"
}
leftovers() { # what the copy has that the system has not
	( cd "$W/upper" && find . \( -type f -o -type l \) -printf '/%P\n' |
	    grep -v -E '^/(var/lib/dpkg/|var/log/|var/cache/|tmp/|run/)|^/etc/((passwd|group|shadow|gshadow|subuid|subgid)-?|\.pwd\.lock)$'
	find . -type d -path '*s2sd*' ! -path './var/lib/dpkg/*' \
	    ! -path './tmp/*'
	# the system itself may have the users, of another run
	for f in passwd group; do
		[ ! -f etc/$f ] || grep -v '^_s2sd' /etc/$f | diff - etc/$f
	done )
	return 0
}
if ! have dpkg-buildpackage || ! have dh; then
	skip "Debian package" "dpkg-dev or debhelper is not installed"
else
	mkdir -p "$W/deb" "$W/upper" "$W/work" "$W/root"
	# the copy that was made here has no network and no rights to lose
	ok "the package is built" env DEB_BUILD_OPTIONS="nocheck parallel=2" \
	    sh "$TOP/etc/mkdeb" "$W/deb" -b -d
	deb=$(ls "$W"/deb/s2sd_*.deb 2>/dev/null)
	ok "there is one" test -f "$deb"
	if have lintian; then
		# who makes packages of it puts his own address there
		ok "lintian finds no error" lintian --allow-root \
		    --suppress-tags bogus-mail-host \
		    --suppress-tags bogus-mail-host-in-debian-changelog \
		    --fail-on error "$W"/deb/*.changes
	else
		skip "lintian" "not installed"
	fi
	dpkg-deb -c "$deb" >"$W/list" 2>/dev/null
	for f in usr/sbin/s2sd usr/sbin/s2sctl usr/libexec/s2sd/s2sd-ike \
	    usr/libexec/s2sd/s2sd-verify lib/systemd/system/s2sd.service \
	    usr/share/man/man5/s2sd.conf.5.gz usr/lib/sysusers.d/s2sd.conf
	do
		ok "it has /$f" grep -q " ./$f\$" "$W/list"
	done
	ok "it installs, tests a configuration and prints it" inside '
		set -e
		dpkg -i /run/s2sd.deb
		for u in _s2sd _s2sdkey _s2sdesp _s2sdsys; do id $u; done
		umask 077
		cat >/etc/s2sd.conf <<E
tunnel "office" {
	local 192.0.2.1 peer 192.0.2.2
	from 10.1.3.0/24 to 10.1.4.0/24
	psk "0123456789abcdefghijklmnopqrstuvwxyz"
}
E
		s2sd -n
		s2sd -nv | grep -q office
		echo nonsense >>/etc/s2sd.conf
		! s2sd -n
		rm /etc/s2sd.conf
		s2sctl genpsk | grep -q .
		test -d /var/empty/s2sd'
	ok "it installs, and a purge leaves nothing" sh -c "
		rm -rf '$W/upper' '$W/work'
		mkdir '$W/upper' '$W/work'"
	ok "... purge" inside 'dpkg -i /run/s2sd.deb >/dev/null &&
	    dpkg -P s2sd'
	leftovers >"$W/left" 2>&1
	ok "... nothing of it is left" test ! -s "$W/left"
	sed 's/^/# left: /' "$W/left" | head -20
	[ ! -f "$deb" ] || clean_tree
fi

# --- what the others name ---
# pkg-config names that configure asks for on Linux; on the BSDs
linux=$(sed -n 's/.*PKG_CHECK_MODULES(\[[A-Z]*\], \[\([a-z_-]*\).*/\1/p' \
    "$TOP/configure.ac" | sort)
spec=$(sed -n 's/^BuildRequires:.*pkgconfig(\([a-z_-]*\)).*/\1/p' \
    "$TOP/etc/rpm/s2sd.spec.in" | sort)
is "the RPM spec asks for what configure asks for" "$(echo $spec)" \
    "$(echo $linux)"
if have rpmspec; then
	sed 's/@VERSION@/0.1.0/' "$TOP/etc/rpm/s2sd.spec.in" >"$W/s2sd.spec"
	ok "rpmspec reads it" rpmspec -P --define '_unitdir /usr/lib/systemd' \
	    --define 'systemd_post() :' --define 'systemd_preun() :' \
	    --define 'systemd_postun_with_restart() :' "$W/s2sd.spec"
else
	skip "rpmspec reads it" "rpm is not installed"
fi
for p in event_core jansson; do
	ok "FreeBSD's port names $p" grep -q "lib$p.so" \
	    "$TOP/etc/freebsd-port/Makefile.in"
	ok "OpenBSD's port names $p" grep -q "WANTLIB.*$p" \
	    "$TOP/etc/openbsd-port/Makefile.in"
done
for u in _s2sd _s2sdkey _s2sdesp _s2sdsys; do
	ok "the ports and sysusers make $u" sh -c "
		grep -q '^USERS=.*$u' '$TOP/etc/freebsd-port/Makefile.in' &&
		grep -q '^@newuser $u:' '$TOP/etc/openbsd-port/pkg/PLIST' &&
		grep -q '^u $u ' '$TOP/etc/systemd/s2sd.sysusers'"
done
# a file list is what an installation makes
lab_programs
( cd "$S2SD_INST" && find . -type f | sed 's,^\./,,' |
    grep -v '^share/doc/\|^run/\|^etc/\|^lib/' | sort ) >"$W/made"
sed 's/^@bin //' "$TOP/etc/openbsd-port/pkg/PLIST" | grep -v '/$\|^@' | sed 's,^man/,share/man/,' | sort >"$W/plist.o"
grep -v '^@\|^etc/' "$TOP/etc/freebsd-port/pkg-plist" |
    sed 's,^man/\(.*\).gz,share/man/\1,' | sort >"$W/plist.f"
for o in o f; do
	# s2sd-verify is Linux's
	ok "the port's file list ($o) is what is installed" sh -c \
	    "grep -v s2sd-verify '$W/made' | diff - '$W/plist.$o'"
done
tap_end
