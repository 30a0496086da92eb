# fuzz targets: net, ctl
check_PROGRAMS += fuzz_net
TESTS += fuzz_net
fuzz_net_SOURCES = regress/fuzz/fuzz_net.c $(FUZZ_MAIN)
fuzz_net_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/net
fuzz_net_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_net_LDADD = libnet.a $(CRYPT_LIBS) librole.a libcommon.a libcompat.a $(BSD_LIBS)
