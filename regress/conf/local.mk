# regress/conf: pairs of NAME.in and NAME.ok, and hostile files.
check_PROGRAMS += cfprint
cfprint_SOURCES = %D%/cfprint.c
cfprint_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemon/conf
cfprint_LDADD = libconf.a libcommon.a $(BSD_LIBS)
TESTS += %D%/run
EXTRA_DIST += %D%/run %D%/pairs
