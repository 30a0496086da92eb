# fuzz target of daemon/ctl/import
check_PROGRAMS += fuzz_import
TESTS += fuzz_import
fuzz_import_SOURCES = %D%/fuzz_import.c $(FUZZ_MAIN)
fuzz_import_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/conf \
	-I$(top_srcdir)/daemon/ctl/import
fuzz_import_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_import_LDADD = libimport.a libconf.a libcommon.a $(BSD_LIBS)
EXTRA_DIST += %D%/import.dict
