# unit tests: host
HOST_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/host
check_PROGRAMS += test_host
TESTS += test_host
test_host_SOURCES = regress/unit/test_host.c \
	regress/unit/host_rig.c regress/unit/host_rig.h \
	regress/unit/sel.h
test_host_CPPFLAGS = $(HOST_CPPFLAGS)
test_host_LDADD = libexec.a libhost.a librole.a libcommon.a libcompat.a \
	$(UNIT_LIBS) $(BSD_LIBS)
EXTRA_DIST += regress/unit/golden/iptables-4 regress/unit/golden/iptables-6 \
	regress/unit/golden/iptables-block regress/unit/golden/iptables-clear \
	regress/unit/golden/iptables-filter \
	regress/unit/golden/iptables-filter-esp
check_PROGRAMS += test_map
TESTS += test_map
test_map_SOURCES = regress/unit/test_map.c \
	regress/unit/host_rig.c regress/unit/host_rig.h \
	regress/unit/sel.h
test_map_CPPFLAGS = $(HOST_CPPFLAGS)
test_map_LDADD = libexec.a libhost.a librole.a libcommon.a libcompat.a \
	$(UNIT_LIBS) $(BSD_LIBS)

check_PROGRAMS += test_pf
TESTS += test_pf regress/unit/test_pf_grammar.sh
test_pf_SOURCES = regress/unit/test_pf.c
test_pf_CPPFLAGS = $(HOST_CPPFLAGS)
test_pf_LDADD = libexec.a libhost.a librole.a libcommon.a libcompat.a \
	$(UNIT_LIBS) $(BSD_LIBS)
EXTRA_DIST += regress/unit/golden/pf-new-rules regress/unit/golden/pf-new-block \
	regress/unit/golden/pf-old-rules regress/unit/golden/pf-old-block \
	regress/unit/pfctl.py regress/unit/test_pf_grammar.sh
if OS_LINUX
check_PROGRAMS += test_host_linux test_iptables regress/lab/hostctl \
	regress/lab/hostfail
TESTS += test_host_linux test_iptables
check_PROGRAMS += test_accept
TESTS += test_accept
test_accept_SOURCES = regress/unit/test_accept.c
test_accept_CPPFLAGS = $(HOST_CPPFLAGS)
test_accept_LDADD = libhostos.a libhost.a librole.a libcommon.a \
	libcompat.a $(UNIT_LIBS) $(BSD_LIBS)
test_iptables_SOURCES = regress/unit/test_iptables.c
test_iptables_CPPFLAGS = $(HOST_CPPFLAGS)
test_iptables_LDADD = libexec.a libhostos.a libhost.a librole.a libcommon.a \
	libcompat.a $(UNIT_LIBS) $(BSD_LIBS)
test_host_linux_SOURCES = regress/unit/test_host_linux.c \
	regress/unit/sel.h
test_host_linux_CPPFLAGS = $(HOST_CPPFLAGS)
test_host_linux_LDADD = libhostos.a libhost.a librole.a libcommon.a \
	libcompat.a $(UNIT_LIBS) $(BSD_LIBS)
regress_lab_hostctl_SOURCES = regress/lab/hostctl.c daemon/host/exec_run.c
regress_lab_hostctl_CPPFLAGS = $(HOST_CPPFLAGS)
regress_lab_hostctl_LDADD = libexec.a libhostos.a libhost.a $(ROLE_LIBS)
regress_lab_hostfail_SOURCES = regress/lab/hostfail.c regress/lab/nlfail.c \
	regress/lab/nlfail.h regress/lab/nlstate.c
regress_lab_hostfail_CPPFLAGS = $(HOST_CPPFLAGS)
regress_lab_hostfail_LDADD = libhostos.a libhost.a $(ROLE_LIBS)
EXTRA_DIST += regress/lab/host.sh regress/lab/refusals.sh regress/lab/traces.sh regress/lab/saved.sh regress/lab/noowner.c
endif
