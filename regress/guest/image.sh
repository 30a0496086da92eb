# SPDX-License-Identifier: ISC
# image.sh: what the guest boots: a kernel and two archives that the kernel
# unpacks over each other.  `base' holds modules, tools and the peers and is
# made again only when what goes into it changes; `top' holds s2sd and the
# scenarios.  Sourced after lib.sh; everything lies in $G.

G=${S2SD_GUEST_DIR:-$TOP/build/guest}${S2SD_GUEST_SUITE:+.$S2SD_GUEST_SUITE}
LIBDIR=/usr/lib/x86_64-linux-gnu

# Programs of this machine that the guest has too; those of a second line
# only where they are installed.
GUEST_PROGRAMS="sh bash cat cp mv rm ln ls mkdir rmdir mktemp chmod chown touch
stat mknod head tail cut sort uniq tr wc tee seq sleep date dd cmp diff od env test
expr printf true false echo basename dirname readlink realpath sha256sum id
timeout nohup kill uname nproc sed grep awk find xargs ps pgrep sysctl mount
umount unshare setsid flock getent useradd userdel groupadd groupdel ip ss tc
bridge nft iptables-legacy iptables-nft iptables-legacy-save iptables-nft-save
ip6tables-legacy ip6tables-nft ip6tables-legacy-save ip6tables-nft-save
iptables-legacy-restore iptables-nft-restore ip6tables-legacy-restore
ip6tables-nft-restore
iptables iptables-save ip6tables ip6tables-save ping tcpdump python3 modprobe
openssl
jq iperf3 strace conntrack ethtool nsenter taskset"
GUEST_OPTIONAL="jq iperf3 strace conntrack ethtool nsenter taskset"

# Folders of the kernel package's modules, and single ones.
GUEST_MODULES="crypto arch/x86/crypto lib net/ipv4 net/ipv6 net/xfrm net/key
net/netfilter net/sched net/bridge net/packet net/core net/802 net/llc
drivers/net/veth drivers/net/tun drivers/net/dummy drivers/net/ifb
drivers/net/nlmon"

# Unpacked beside the system.  The libraries that only they need are fetched
# with them; libnss opens some of its own at run time, so it is always taken.
GUEST_PEERS="$PKG_PEER libreswan openiked"
GUEST_LIBS="libnss3 libnss3-tools libnspr4"

# guest_lacks: what this machine has not, or nothing
guest_lacks() {
	[ "$(uname -m)" = x86_64 ] ||
	    { echo "a guest kernel for $(uname -m)"; return; }
	for _p in qemu-system-x86_64 cpio zstd depmod ldd; do
		have "$_p" || { echo "$_p"; return; }
	done
	apt_here && have dpkg-deb || {
		echo "apt to fetch a kernel with"
		return
	}
	suite >"${TMPDIR:-/tmp}/s2sd-suite.$$" 2>&1 ||
	    echo "the suite $S2SD_GUEST_SUITE of Debian"
	rm -f "${TMPDIR:-/tmp}/s2sd-suite.$$"
}

# fetch: the packages, into $G/debs, once
fetch() {
	[ ! -f "$G/debs/done" ] || return 0
	rm -rf "$G/debs" && mkdir -p "$G/debs/partial" || return 1
	fetch_all || { apt-get update -q && fetch_all; } || return 1
	touch "$G/debs/done"
}
fetch_all() (
	cd "$G/debs" || exit 1
	fetch_kernel || exit 1
	# shellcheck disable=SC2086
	apt-get download -q $GUEST_PEERS $GUEST_LIBS || exit 1
	# their libraries; the peers conflict, so one at a time
	for _p in libreswan openiked strongswan-charon strongswan-swanctl \
	    libcharon-extra-plugins libstrongswan-extra-plugins; do
		apt-get install -d -q -y --no-install-recommends \
		    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
		    -o Dir::Cache::archives="$G/debs" "$_p" || exit 1
	done
)

# suite: _o is how apt gets at $S2SD_GUEST_SUITE, from where this machine has
# its own packages
suite() {
	_o=
	[ -n "${S2SD_GUEST_SUITE:-}" ] || return 0
	mkdir -p "$G/apt/lists/partial" || return 1
	_uri=$(apt-get indextargets --format '$(REPO_URI)' \
	    'Created-By: Packages' | grep -v -e security | head -1)
	echo "deb $_uri $S2SD_GUEST_SUITE main" >"$G/apt/list"
	_o="-o Dir::Etc::SourceList=$G/apt/list
	    -o Dir::Etc::SourceParts=/dev/null
	    -o Dir::State::Lists=$G/apt/lists
	    -o APT::Sandbox::User=root"
	# shellcheck disable=SC2086
	apt-get $_o update -q --error-on=any
}
# fetch_kernel: the cloud kernel; new ones come in several packages
fetch_kernel() {
	suite || return 1
	# shellcheck disable=SC2086
	_k=$(apt-cache $_o depends --recurse --no-pre-depends \
	    --no-recommends --no-suggests --no-conflicts --no-breaks \
	    --no-replaces --no-enhances linux-image-cloud-amd64 2>/dev/null |
	    grep -E '^linux-(image|binary|modules)-[0-9]' | sort -u)
	[ -n "$_k" ] || return 1
	# shellcheck disable=SC2086
	apt-get $_o download -q $_k
}

# libs ROOT FILE...: the shared libraries of these programs which ROOT lacks
libs() {
	_lr=$1
	shift
	LD_LIBRARY_PATH=$_lr$LIBDIR:$_lr/usr/lib/ipsec:$_lr/usr/lib/ipsec/plugins \
	    ldd "$@" 2>/dev/null | sed -n \
	    -e 's/.*=> \(\/[^ ]*\) .*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' |
	    sort -u | while read -r _l; do
		case $_l in
		"$_lr"/*) continue ;;
		esac
		# /lib is a link there, and the archives must not replace it
		_d=/usr/${_l#/usr/}
		[ ! -e "$G/base$_d" ] && [ ! -e "$_lr$_d" ] || continue
		mkdir -p "$_lr$(dirname "$_d")" && cp -L "$_l" "$_lr$_d"
	done
}
elves() { # dir...: files that may be programs or libraries
	find "$@" -type f \( -perm -100 -o -name '*.so*' \) \
	    ! -name '*.py' ! -name '*.sh'
}
pack() { # dir file
	( cd "$1" && find . | cpio -o -H newc -R 0:0 --quiet ) |
	    zstd -q -3 -T0 -f -o "$2.new" && mv "$2.new" "$2"
}

# What base is made of, as one line: another line, another base.
base_is() {
	{
		cat "$TOP/regress/guest/image.sh"
		ls "$G/debs"
		dpkg-query -W
	} | sha256sum
}

# base: $G/base.cpio and $G/vmlinuz
base() {
	_is=$(base_is)
	[ "$(cat "$G/base.is" 2>/dev/null)" != "$_is" ] || return 0
	_r=$G/base
	rm -rf "$_r" "$G/base.is"
	mkdir -p "$_r/usr/bin" "$_r/usr/sbin" "$_r/usr/lib" "$_r/usr/lib64" &&
	    ( cd "$_r" && mkdir -p proc sys dev run tmp root etc var/log &&
	    ln -s usr/bin usr/sbin usr/lib usr/lib64 . && ln -s ../run var/run
	) || return 1
	base_peers && base_programs && base_python && base_modules &&
	    base_etc || return 1
	libs "$_r" $(elves "$_r")
	pack "$_r" "$G/base.cpio" && echo "$_is" >"$G/base.is"
}
base_peers() {
	for _d in "$G"/debs/*.deb; do
		case $_d in
		*/linux-*|*/initramfs-*|*/perl*|*/debconf*|*/bind9-*|\
		*systemd*|*udev*|*/*-dev_*|*/dns-root*) continue ;;
		esac
		dpkg-deb --fsys-tarfile "$_d" | tar -x --keep-directory-symlink \
		    --no-same-owner --exclude='./usr/share/*' \
		    --exclude='./usr/include/*' \
		    --exclude='./lib/systemd/*' -C "$_r" || return 1
	done
	# what the peers load by name
	for _f in "$LIBDIR/ossl-modules/legacy.so" "$LIBDIR/libgcc_s.so.1"; do
		_h=$_f
		[ -e "$_h" ] || _h=/lib${_f#/usr/lib}
		[ ! -e "$_h" ] || { mkdir -p "$_r$(dirname "$_f")" &&
		    cp -L "$_h" "$_r$_f"; }
	done
}
base_programs() {
	for _p in $GUEST_PROGRAMS; do
		if _f=$(PATH=/usr/bin:/usr/sbin:/bin:/sbin command -v "$_p") &&
		    [ -x "$_f" ]; then :
		elif _f=$(PATH=/usr/bin:/usr/sbin:/bin:/sbin which "$_p"); then :
		else
			case " $GUEST_OPTIONAL " in
			*" $_p "*) continue ;;
			esac
			echo "no $_p on this machine"
			return 1
		fi
		# where it is here: some are looked for by their path
		case $_f in
		*/sbin/*) _f2=$_r/usr/sbin/$_p ;;
		*) _f2=$_r/usr/bin/$_p ;;
		esac
		[ -e "$_f2" ] || cp -L "$_f" "$_f2"
	done
	mkdir -p "$_r$LIBDIR" && cp -r "$LIBDIR/xtables" "$_r$LIBDIR/"
}
base_python() {
	_v=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
	mkdir -p "$_r/usr/lib/$_v" && ( cd "/usr/lib/$_v" && tar -c \
	    --exclude=./test --exclude=./idlelib --exclude=./lib2to3 \
	    --exclude=./ensurepip --exclude=./tkinter --exclude=./distutils \
	    --exclude=./pydoc_data --exclude='./config-*' --exclude=./unittest \
	    --exclude=./turtledemo . ) | tar -x -C "$_r/usr/lib/$_v"
}
base_modules() {
	_k=$G/kernel
	rm -rf "$_k" && mkdir -p "$_k" || return 1
	for _f in "$G"/debs/linux-*.deb; do
		dpkg-deb -x "$_f" "$_k" || return 1
	done
	cp "$_k"/boot/vmlinuz-* "$G/vmlinuz" 2>/dev/null ||
	    cp "$_k"/usr/lib/modules/*/vmlinuz "$G/vmlinuz" || return 1
	for _d in "$_k/lib/modules" "$_k/usr/lib/modules"; do
		[ ! -d "$_d" ] || break
	done
	_v=$(ls "$_d")
	mkdir -p "$_r/usr/lib/modules/$_v/kernel"
	cp "$_d/$_v"/modules.builtin* "$_d/$_v/modules.order" \
	    "$_r/usr/lib/modules/$_v/"
	for _m in $GUEST_MODULES; do
		for _f in "$_d/$_v/kernel/$_m" "$_d/$_v/kernel/$_m".ko*; do
			[ -e "$_f" ] || continue
			( cd "$_d/$_v/kernel" && tar -c "${_f#"$_d/$_v/kernel/"}" ) |
			    tar -x -C "$_r/usr/lib/modules/$_v/kernel"
		done
	done
	rm -rf "$_k"
	depmod -b "$_r/usr" "$_v" 2>/dev/null || depmod -b "$_r" "$_v"
}
base_etc() {
	for _f in /etc/protocols /etc/services /etc/login.defs; do
		[ ! -f "$_f" ] || cp "$_f" "$_r/etc/"
	done
	printf '%s\n' root:x:0:0::/root:/bin/sh \
	    nobody:x:65534:65534::/:/bin/false \
	    tcpdump:x:902:902::/:/bin/false \
	    _iked:x:901:901::/var/lib/openiked/empty:/bin/false \
	    >"$_r/etc/passwd" &&
	printf '%s\n' root:x:0: nogroup:x:65534: tcpdump:x:902: _iked:x:901: \
	    >"$_r/etc/group" &&
	printf '%s\n' 'passwd: files' 'group: files' 'protocols: files' \
	    'services: files' >"$_r/etc/nsswitch.conf"
}

# top DIR SCENARIO...: $DIR/top.cpio: the daemon where it was installed, our
# scripts under /s2sd, the names of what is to be run
top() {
	_w=$1
	shift
	_r=$_w/top
	mkdir -p "$_r$S2SD_INST" "$_r/s2sd/regress" "$_r/s2sd/etc" &&
	cp -r "$S2SD_INST/." "$_r$S2SD_INST/" &&
	cp -r "$TOP/regress/lib.sh" "$TOP/regress/lab" "$TOP/regress/guest" \
	    "$_r/s2sd/regress/" &&
	cp "$TOP/etc/users.sh" "$_r/s2sd/etc/" &&
	cp "$TOP/regress/guest/init" "$_r/init" && chmod 755 "$_r/init" ||
	    return 1
	# tests that need that kernel, where cmocka is there to build them
	_b=$(dirname "$S2SD_INST")
	for _p in test_afkey; do
		[ ! -f "$_b/Makefile" ] ||
		    make -s -C "$_b" "$_p" >/dev/null 2>&1
		[ ! -x "$_b/$_p" ] || cp "$_b/$_p" "$_r/s2sd/"
	done
	printf '%s\n' "$@" >"$_r/s2sd/scenarios"
	printf '%s\n' "S2SD_INST=$S2SD_INST" \
	    "S2SD_GUEST_ICOUNT=${S2SD_GUEST_ICOUNT:-}" >"$_r/s2sd/environment"
	libs "$_r" $(elves "$_r$S2SD_INST" "$_r/s2sd")
	pack "$_r" "$_w/top.cpio"
}
