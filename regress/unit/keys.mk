# unit tests of the ciphers and of s2sd-keys
EXTRA_DIST += \
	regress/vectors/README regress/vectors/convert.py \
	regress/vectors/aes_cbc.txt regress/vectors/aes_gcm_esp.txt \
	regress/vectors/chacha_rfc7634.txt regress/vectors/dh.txt \
	regress/vectors/hmac_rfc.txt regress/vectors/ikev2_kdf.txt \
	regress/vectors/ikev1_psk.txt regress/vectors/tdes_cbc.txt \
	regress/vectors/modp.txt regress/vectors/wycheproof_chacha.txt \
	regress/vectors/wycheproof_gcm.txt regress/vectors/wycheproof_hmac.txt \
	regress/vectors/wycheproof_p256.txt \
	regress/vectors/wycheproof_x25519.txt regress/vectors/x25519_low.txt

check_PROGRAMS += test_crypt test_dh test_kdf
TESTS += test_crypt test_dh test_kdf
KEYS_TEST_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)

test_crypt_SOURCES = %D%/test_crypt.c %D%/vec.c %D%/vec.h
test_crypt_CPPFLAGS = $(KEYS_TEST_CPPFLAGS)
test_crypt_LDADD = $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)

test_dh_SOURCES = %D%/test_dh.c %D%/vec.c %D%/vec.h
test_dh_CPPFLAGS = $(KEYS_TEST_CPPFLAGS)
test_dh_LDADD = $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)

test_kdf_SOURCES = %D%/test_kdf.c %D%/vec.c %D%/vec.h
test_kdf_CPPFLAGS = $(KEYS_TEST_CPPFLAGS)
test_kdf_LDADD = libkeys.a $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)

if IKEV1
check_PROGRAMS += test_kdf1
TESTS += test_kdf1
endif
test_kdf1_SOURCES = %D%/test_kdf1.c %D%/vec.c %D%/vec.h
test_kdf1_CPPFLAGS = $(KEYS_TEST_CPPFLAGS)
test_kdf1_LDADD = libkeys.a $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)

KEYS_RIG = %D%/keys_rig.c %D%/keys_rig.h %D%/keys_hs.c %D%/keys_hs.h
KEYS_RIG_LIBS = libkeys.a $(CRYPT_LIBS) $(UNIT_LIBS) $(BSD_LIBS)
check_PROGRAMS += test_keys
TESTS += test_keys
test_keys_SOURCES = %D%/test_keys.c $(KEYS_RIG)
test_keys_CPPFLAGS = $(KEYS_TEST_CPPFLAGS)
test_keys_LDADD = $(KEYS_RIG_LIBS)

if IKEV1
check_PROGRAMS += test_keys1
TESTS += test_keys1
endif
test_keys1_SOURCES = %D%/test_keys1.c %D%/keys_hs1.c %D%/keys_hs1.h \
	$(KEYS_RIG)
test_keys1_CPPFLAGS = $(KEYS_TEST_CPPFLAGS)
test_keys1_LDADD = $(KEYS_RIG_LIBS)

check_PROGRAMS += test_keys_walk
TESTS += test_keys_walk
test_keys_walk_SOURCES = %D%/test_keys_walk.c %D%/keys_hs1.c \
	%D%/keys_hs1.h $(KEYS_RIG)
if !IKEV1
test_keys_walk_SOURCES += daemon/keys/kdf1.c
endif
test_keys_walk_CPPFLAGS = $(KEYS_TEST_CPPFLAGS) -DWITH_IKEV1=$(WITH_IKEV1)
test_keys_walk_LDADD = $(KEYS_RIG_LIBS)

check_PROGRAMS += test_keys_role test_keys_broken
TESTS += test_keys_role test_keys_broken
test_keys_role_SOURCES = %D%/test_keys_role.c $(KEYS_RIG)
test_keys_role_CPPFLAGS = $(KEYS_TEST_CPPFLAGS)
test_keys_role_LDADD = $(KEYS_RIG_LIBS)
# the role's calls of prf and ct_equal go to the test
test_keys_broken_SOURCES = %D%/test_keys_broken.c %D%/keys_hs1.c \
	%D%/keys_hs1.h $(KEYS_RIG)
test_keys_broken_CPPFLAGS = $(KEYS_TEST_CPPFLAGS) -DWITH_IKEV1=$(WITH_IKEV1)
test_keys_broken_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=prf -Wl,--wrap=ct_equal
test_keys_broken_LDADD = $(KEYS_RIG_LIBS)
