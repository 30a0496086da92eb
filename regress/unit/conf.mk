# unit tests of daemon/conf
check_PROGRAMS += test_conf
TESTS += test_conf
test_conf_SOURCES = %D%/test_conf.c
test_conf_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/daemon/conf
test_conf_LDADD = libconf.a libcommon.a $(UNIT_LIBS) $(BSD_LIBS)
EXTRA_test_conf_DEPENDENCIES = s2sd-conf
# s2sd.conf(5) against the parser and the table of algorithms
check_PROGRAMS += test_manual
TESTS += test_manual
test_manual_SOURCES = %D%/test_manual.c
test_manual_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/daemon/conf
test_manual_LDADD = libconf.a libcommon.a $(UNIT_LIBS) $(BSD_LIBS)
