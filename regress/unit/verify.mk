# unit tests: s2sd-verify
if OS_LINUX
check_PROGRAMS += test_verify
TESTS += test_verify
test_verify_SOURCES = regress/unit/test_verify.c regress/unit/sel.h
test_verify_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/verify \
	-I$(top_srcdir)/daemon/conf -I$(top_srcdir)/daemon/ctl
test_verify_LDADD = libverify.a libs2sctl.a libconf.a libhostos.a libhost.a \
	libcommon.a libcompat.a $(UNIT_LIBS) $(JANSSON_LIBS) $(BSD_LIBS)
endif
