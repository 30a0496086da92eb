# unit tests: net, ctl
check_PROGRAMS += test_net
TESTS += test_net
test_net_SOURCES = regress/unit/test_net.c
test_net_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/net
test_net_LDADD = libnet.a $(CRYPT_LIBS) librole.a libcommon.a libcompat.a \
	$(BSD_LIBS) $(UNIT_LIBS)
check_PROGRAMS += test_ctl
TESTS += test_ctl
test_ctl_SOURCES = regress/unit/test_ctl.c
test_ctl_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/ctl
test_ctl_LDADD = libctl.a libcommon.a libcompat.a $(BSD_LIBS) $(UNIT_LIBS)
check_PROGRAMS += test_s2sctl
TESTS += test_s2sctl regress/unit/test_schema.sh regress/unit/test_pages.sh
test_s2sctl_SOURCES = regress/unit/test_s2sctl.c daemon/ctl/s2sctl_io.c
test_s2sctl_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/ctl \
	$(JANSSON_CFLAGS)
test_s2sctl_LDADD = libs2sctl.a libcommon.a libcompat.a $(JANSSON_LIBS) \
	$(BSD_LIBS) $(UNIT_LIBS)
EXTRA_DIST += regress/unit/test_pages.sh regress/unit/test_schema.sh regress/unit/status
check_PROGRAMS += test_net_sock test_ctl_sock
TESTS += test_net_sock test_ctl_sock
test_net_sock_SOURCES = regress/unit/test_net_sock.c daemon/net/sock.c
if OS_LINUX
test_net_sock_SOURCES += daemon/net/cmsg_linux.c
else
test_net_sock_SOURCES += daemon/net/cmsg_bsd.c
endif
test_net_sock_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/net
test_net_sock_LDADD = libnet.a $(CRYPT_LIBS) libcommon.a libcompat.a \
	$(BSD_LIBS) $(UNIT_LIBS)
test_ctl_sock_SOURCES = regress/unit/test_ctl_sock.c daemon/ctl/sock.c
test_ctl_sock_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/ctl
test_ctl_sock_LDADD = libctl.a libcommon.a libcompat.a $(EVENT_LIBS) \
	$(BSD_LIBS) $(UNIT_LIBS)
