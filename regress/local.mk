# Tests.  Each area has a fragment of its own in unit/ and fuzz/.
UNIT_LIBS = $(CMOCKA_LIBS)
UNIT_CPPFLAGS = $(AM_CPPFLAGS) -DSRCDIR='"$(abs_top_srcdir)"' -DBUILDDIR='"$(abs_top_builddir)"'
if HAVE_CMOCKA
include regress/unit/common.mk
include regress/unit/keys.mk
include regress/unit/ike.mk
include regress/unit/esp.mk
include regress/unit/host.mk
include regress/unit/conf.mk
include regress/unit/import.mk
include regress/unit/net.mk
include regress/unit/parent.mk
include regress/unit/verify.mk
include regress/pair/local.mk
endif
# DESIGN.md has a line for each file
EXTRA_DIST += %D%/design
if HAVE_CMOCKA
TESTS += %D%/design
endif
include regress/conf/local.mk
include regress/import/local.mk
include regress/fuzz/local.mk
include regress/bench/local.mk

# What needs root and namespaces, or more than one build: not `make check'.
EXTRA_DIST += regress/check regress/coverage regress/demo regress/figures regress/lib.sh \
	regress/lab/errors.sh regress/lab/ikev1.sh regress/lab/ikev1_wrong.sh \
	regress/lab/import.sh regress/lab/inject.py regress/lab/kill.sh \
	regress/lab/loss.sh regress/lab/nofilter.sh regress/lab/refuse.c \
	regress/lab/memscan.py regress/lab/nat.sh \
	regress/lab/outer6.sh regress/lab/peer_strongswan.sh \
	regress/lab/points.sh regress/lab/system.sh \
	regress/lab/slowrandom.c \
	regress/lab/secrets.sh regress/lab/stop.sh regress/lab/strongswan.sh \
	regress/lab/flows.py regress/lab/matrix.py regress/lab/rulesets \
	regress/lab/stream.py \
	regress/lab/verify.sh \
	regress/lab/tunnel.sh regress/lab/wire.py regress/lab/xfer.py \
	regress/bench/handshake.sh regress/bench/many.sh regress/bench/tcp.sh \
	regress/guest/image.sh regress/guest/init regress/guest/lib.sh \
	regress/guest/ah.sh regress/guest/deaths.sh regress/guest/iface.sh \
	regress/guest/masq.sh regress/guest/matrix.sh regress/guest/modes.sh \
	regress/guest/netdevsim regress/guest/nic.sh \
	regress/guest/nlcount.py regress/guest/outer6.sh \
	regress/guest/peers.sh regress/guest/pfkey.sh regress/guest/run \
	regress/guest/speed.sh regress/guest/topology.sh regress/guest/verify.sh regress/guest/xfrm.sh
if OS_LINUX
check_PROGRAMS += regress/service/confine
regress_service_confine_SOURCES = %D%/service/confine.c
regress_service_confine_CPPFLAGS = $(AM_CPPFLAGS)
regress_service_confine_LDADD = $(SECCOMP_LIBS)
endif
EXTRA_DIST += regress/lab/accept.sh regress/lab/frontends.sh regress/lab/fronts.sh
EXTRA_DIST += regress/lab/guard.sh regress/lab/start.sh regress/lab/overlap.sh regress/lab/package.sh \
	regress/lab/package_tree.sh regress/lab/service.sh \
	regress/service/notified.py regress/service/rc.freebsd \
	regress/service/rc.openbsd
