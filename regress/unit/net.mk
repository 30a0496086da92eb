# unit tests: net, ctl
check_PROGRAMS += test_net
TESTS += test_net
test_net_SOURCES = regress/unit/test_net.c
test_net_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/net
test_net_LDADD = libnet.a $(CRYPT_LIBS) librole.a libcommon.a libcompat.a \
	$(BSD_LIBS) $(UNIT_LIBS)
