# unit tests of the engine
IKE_RIG = %D%/ike_rig.c %D%/ike_rig.h
IKE_RIG_LIBS = libike.a libkeys.a $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)
IKE_TEST_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS) \
	-I$(top_srcdir)/daemon/ike -I$(top_srcdir)/daemon/keys

check_PROGRAMS += test_ike_pair
TESTS += test_ike_pair
test_ike_pair_SOURCES = %D%/test_ike_pair.c $(IKE_RIG)
test_ike_pair_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike_pair_LDADD = $(IKE_RIG_LIBS)

check_PROGRAMS += test_ike_life
TESTS += test_ike_life
test_ike_life_SOURCES = %D%/test_ike_life.c $(IKE_RIG)
test_ike_life_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike_life_LDADD = $(IKE_RIG_LIBS)

check_PROGRAMS += test_ike_percpu
TESTS += test_ike_percpu
test_ike_percpu_SOURCES = %D%/test_ike_percpu.c $(IKE_RIG)
test_ike_percpu_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike_percpu_LDADD = $(IKE_RIG_LIBS)

check_PROGRAMS += test_ike_payload test_ike_edges
TESTS += test_ike_payload test_ike_edges
test_ike_payload_SOURCES = %D%/test_ike_payload.c
test_ike_payload_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike_payload_LDADD = libike.a $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)
test_ike_edges_SOURCES = %D%/test_ike_edges.c
test_ike_edges_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike_edges_LDADD = libike.a $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)

check_PROGRAMS += test_ike_bad
TESTS += test_ike_bad
test_ike_bad_SOURCES = %D%/test_ike_bad.c $(IKE_RIG)
test_ike_bad_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike_bad_LDADD = $(IKE_RIG_LIBS)

check_PROGRAMS += test_ike_rows
TESTS += test_ike_rows
test_ike_rows_SOURCES = %D%/test_ike_rows.c $(IKE_RIG)
test_ike_rows_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike_rows_LDADD = $(IKE_RIG_LIBS)

if IKEV1
check_PROGRAMS += test_ike1_payload
TESTS += test_ike1_payload
test_ike1_payload_SOURCES = %D%/test_ike1_payload.c
test_ike1_payload_CPPFLAGS = $(IKE_TEST_CPPFLAGS)
test_ike1_payload_LDADD = libike.a $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)
check_PROGRAMS += test_ike1_rows
TESTS += test_ike1_rows
test_ike1_rows_SOURCES = %D%/test_ike1_rows.c $(IKE_RIG)
test_ike1_rows_CPPFLAGS = $(IKE_TEST_CPPFLAGS) \
	-DSRCDIR=\"$(abs_top_srcdir)\"
test_ike1_rows_LDADD = $(IKE_RIG_LIBS)
endif
