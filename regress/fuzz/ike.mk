# fuzz targets of the engine
EXTRA_DIST += %D%/ike_seeds.py %D%/ike1_seeds.py
IKE_FZ = %D%/ike_fz.c %D%/ike_fz.h $(FUZZ_MAIN)
IKE_FZ_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/ike
check_PROGRAMS += fuzz_ike_datagram fuzz_ike_inner fuzz_ike_payload
TESTS += fuzz_ike_datagram fuzz_ike_inner fuzz_ike_payload
fuzz_ike_datagram_SOURCES = %D%/fuzz_ike_datagram.c $(IKE_FZ)
fuzz_ike_datagram_CPPFLAGS = $(IKE_FZ_CPPFLAGS)
fuzz_ike_datagram_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_ike_datagram_LDADD = libike.a $(CRYPT_LIBS) $(BSD_LIBS)
fuzz_ike_inner_SOURCES = %D%/fuzz_ike_inner.c $(IKE_FZ)
fuzz_ike_inner_CPPFLAGS = $(IKE_FZ_CPPFLAGS)
fuzz_ike_inner_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_ike_inner_LDADD = libike.a $(CRYPT_LIBS) $(BSD_LIBS)
fuzz_ike_payload_SOURCES = %D%/fuzz_ike_payload.c $(FUZZ_MAIN)
fuzz_ike_payload_CPPFLAGS = $(IKE_FZ_CPPFLAGS)
fuzz_ike_payload_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_ike_payload_LDADD = libike.a $(CRYPT_LIBS) $(BSD_LIBS)

if IKEV1
check_PROGRAMS += fuzz_ike1_datagram fuzz_ike1_inner fuzz_ike1_session
TESTS += fuzz_ike1_datagram fuzz_ike1_inner fuzz_ike1_session
IKE1_FZ = $(IKE_FZ) %D%/ike1_fz.c %D%/ike1_fz.h
fuzz_ike1_datagram_SOURCES = %D%/fuzz_ike1_datagram.c $(IKE1_FZ)
fuzz_ike1_datagram_CPPFLAGS = $(IKE_FZ_CPPFLAGS)
fuzz_ike1_datagram_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_ike1_datagram_LDADD = libike.a $(CRYPT_LIBS) $(BSD_LIBS)
fuzz_ike1_inner_SOURCES = %D%/fuzz_ike1_inner.c $(IKE1_FZ)
fuzz_ike1_inner_CPPFLAGS = $(IKE_FZ_CPPFLAGS)
fuzz_ike1_inner_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_ike1_inner_LDADD = libike.a $(CRYPT_LIBS) $(BSD_LIBS)
fuzz_ike1_session_SOURCES = %D%/fuzz_ike1_session.c $(IKE1_FZ)
fuzz_ike1_session_CPPFLAGS = $(IKE_FZ_CPPFLAGS)
fuzz_ike1_session_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_ike1_session_LDADD = libike.a $(CRYPT_LIBS) $(BSD_LIBS)
endif
