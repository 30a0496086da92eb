# fuzz targets: net, ctl
check_PROGRAMS += fuzz_net
TESTS += fuzz_net
fuzz_net_SOURCES = regress/fuzz/fuzz_net.c $(FUZZ_MAIN)
fuzz_net_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/net
fuzz_net_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_net_LDADD = libnet.a $(CRYPT_LIBS) librole.a libcommon.a libcompat.a $(BSD_LIBS)
check_PROGRAMS += fuzz_ctl fuzz_s2sctl
TESTS += fuzz_ctl fuzz_s2sctl
fuzz_ctl_SOURCES = regress/fuzz/fuzz_ctl.c $(FUZZ_MAIN)
fuzz_ctl_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/ctl
fuzz_ctl_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_ctl_LDADD = libctl.a libcommon.a libcompat.a $(BSD_LIBS)
fuzz_s2sctl_SOURCES = regress/fuzz/fuzz_s2sctl.c $(FUZZ_MAIN)
fuzz_s2sctl_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/ctl
fuzz_s2sctl_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_s2sctl_LDADD = libs2sctl.a libcommon.a libcompat.a $(JANSSON_LIBS) $(BSD_LIBS)
