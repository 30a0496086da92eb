# fuzz targets of daemon/conf
check_PROGRAMS += fuzz_conf
TESTS += fuzz_conf
fuzz_conf_SOURCES = %D%/fuzz_conf.c $(FUZZ_MAIN)
fuzz_conf_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/conf
fuzz_conf_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_conf_LDADD = libconf.a libcommon.a $(BSD_LIBS)
EXTRA_DIST += %D%/conf.dict
