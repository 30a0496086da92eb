# fuzz targets of s2sd-keys
check_PROGRAMS += fuzz_keys_init fuzz_keys_ipc
TESTS += fuzz_keys_init fuzz_keys_ipc
fuzz_keys_init_SOURCES = %D%/fuzz_keys_init.c $(FUZZ_MAIN)
fuzz_keys_init_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_keys_init_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_keys_init_LDADD = libkeys.a $(CRYPT_LIBS) $(BSD_LIBS)
fuzz_keys_ipc_SOURCES = %D%/fuzz_keys_ipc.c regress/unit/keys_rig.c \
	regress/unit/keys_rig.h regress/unit/keys_hs.c regress/unit/keys_hs.h \
	regress/unit/keys_hs1.c regress/unit/keys_hs1.h \
	$(FUZZ_MAIN)
fuzz_keys_ipc_CPPFLAGS = $(FUZZ_CPPFLAGS) -DWITH_IKEV1=$(WITH_IKEV1)
fuzz_keys_ipc_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_keys_ipc_LDADD = libkeys.a $(CRYPT_LIBS) $(BSD_LIBS)
