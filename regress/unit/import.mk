# unit tests of daemon/ctl/import
check_PROGRAMS += test_import
TESTS += test_import
test_import_SOURCES = %D%/test_import.c
test_import_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/daemon/ctl/import
test_import_LDADD = libimport.a libcommon.a $(UNIT_LIBS) $(BSD_LIBS)
