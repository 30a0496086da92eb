# fuzz targets: parent
check_PROGRAMS += fuzz_reload
TESTS += fuzz_reload
fuzz_reload_SOURCES = %D%/fuzz_reload.c $(FUZZ_MAIN)
fuzz_reload_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/parent
fuzz_reload_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_reload_LDADD = libparent.a libcommon.a $(BSD_LIBS)
