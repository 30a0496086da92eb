# fuzz targets of daemon/common
check_PROGRAMS += fuzz_msg fuzz_tunnel
TESTS += fuzz_msg fuzz_tunnel
fuzz_msg_SOURCES = %D%/fuzz_msg.c $(FUZZ_MAIN)
fuzz_msg_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_msg_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_msg_LDADD = libcommon.a $(BSD_LIBS)
fuzz_tunnel_SOURCES = %D%/fuzz_tunnel.c $(FUZZ_MAIN)
fuzz_tunnel_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_tunnel_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_tunnel_LDADD = libcommon.a $(BSD_LIBS)
EXTRA_DIST += %D%/corpus
