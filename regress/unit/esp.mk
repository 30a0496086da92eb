# unit tests: esp, sad, backends
check_PROGRAMS += test_replay test_esp test_esp_in
TESTS += test_replay test_esp test_esp_in
test_replay_SOURCES = %D%/test_replay.c
test_replay_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_replay_LDADD = libesp.a $(UNIT_LIBS)
test_esp_SOURCES = %D%/test_esp.c %D%/espkit.c %D%/espkit.h
test_esp_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_esp_LDADD = libesp.a $(CRYPT_LIBS) libcompat.a $(BSD_LIBS) $(UNIT_LIBS)
test_esp_in_SOURCES = %D%/test_esp_in.c %D%/espkit.c %D%/espkit.h
test_esp_in_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_esp_in_LDADD = libesp.a $(CRYPT_LIBS) libcompat.a $(BSD_LIBS) $(UNIT_LIBS)
# every backend against the same contract
check_PROGRAMS += test_backends
TESTS += test_backends
test_backends_SOURCES = regress/backend/test_backends.c \
	regress/backend/contract.c regress/backend/contract.h \
	%D%/espkit.c %D%/espkit.h
test_backends_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_backends_LDADD = libsad.a libesp.a $(CRYPT_LIBS) libcompat.a \
	$(BSD_LIBS) $(UNIT_LIBS)
check_PROGRAMS += test_sad
TESTS += test_sad
test_sad_SOURCES = %D%/test_sad.c %D%/espkit.c %D%/espkit.h
test_sad_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_sad_LDADD = libsad.a libesp.a $(CRYPT_LIBS) libcompat.a \
	$(BSD_LIBS) $(UNIT_LIBS)
# two processes s2sd-esp joined over the loopback
check_PROGRAMS += test_plane
TESTS += test_plane
test_plane_SOURCES = %D%/test_plane.c %D%/espkit.c %D%/espkit.h
test_plane_CPPFLAGS = $(UNIT_CPPFLAGS)
test_plane_LDADD = libesp.a $(CRYPT_LIBS) libcompat.a $(BSD_LIBS)
test_plane_DEPENDENCIES = s2sd-esp
# PF_KEY: every dialect on a kernel that is as strict as its own
PFKEY_KIT = regress/backend/mock_pfkey.c regress/backend/mock_pfkey.h \
	regress/backend/mock_ops.c regress/backend/mock_int.h \
	regress/backend/pfkey_rig.c regress/backend/pfkey_rig.h
check_PROGRAMS += test_pfkey
TESTS += test_pfkey
test_pfkey_SOURCES = regress/backend/test_pfkey.c $(PFKEY_KIT) \
	regress/backend/contract.c regress/backend/contract.h \
	%D%/espkit.c %D%/espkit.h
test_pfkey_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_pfkey_LDADD = libpfkey.a libpfkeyalg.a libesp.a $(CRYPT_LIBS) \
	libcompat.a $(BSD_LIBS) $(UNIT_LIBS)
check_PROGRAMS += test_pfkey_rules
TESTS += test_pfkey_rules
test_pfkey_rules_SOURCES = regress/backend/test_pfkey_rules.c $(PFKEY_KIT) \
	regress/backend/contract.h %D%/espkit.c %D%/espkit.h
test_pfkey_rules_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_pfkey_rules_LDADD = libpfkey.a libpfkeyalg.a libesp.a $(CRYPT_LIBS) \
	libcompat.a $(BSD_LIBS) $(UNIT_LIBS)
check_PROGRAMS += test_pfkey_msg
TESTS += test_pfkey_msg
test_pfkey_msg_SOURCES = regress/backend/test_pfkey_msg.c $(PFKEY_KIT) \
	regress/backend/contract.h %D%/espkit.c %D%/espkit.h
test_pfkey_msg_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_pfkey_msg_LDADD = libpfkey.a libpfkeyalg.a libesp.a $(CRYPT_LIBS) \
	libcompat.a $(BSD_LIBS) $(UNIT_LIBS)
# XFRM before a kernel of our own
if OS_LINUX
check_PROGRAMS += test_xfrm
TESTS += test_xfrm
test_xfrm_SOURCES = regress/backend/test_xfrm.c \
	regress/backend/contract.c regress/backend/contract.h \
	regress/backend/xfrm_kernel.c regress/backend/xfrm_kernel.h \
	%D%/espkit.c %D%/espkit.h
test_xfrm_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_xfrm_LDADD = libsabackends.a libsad.a libesp.a $(CRYPT_LIBS) libcompat.a \
	$(BSD_LIBS) $(UNIT_LIBS)
endif
if OS_LINUX
# root and a kernel with af_key: regress/guest/pfkey.sh runs it
check_PROGRAMS += test_afkey
test_afkey_SOURCES = regress/backend/test_afkey.c \
	regress/backend/contract.c regress/backend/contract.h \
	backends/sa/pfkey_sys_linux.c %D%/espkit.c %D%/espkit.h
test_afkey_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_afkey_LDADD = libpfkey.a libpfkeyalg.a libesp.a $(CRYPT_LIBS) \
	libcompat.a $(BSD_LIBS) $(UNIT_LIBS)
endif
check_PROGRAMS += test_exec_bsd
TESTS += test_exec_bsd
test_exec_bsd_SOURCES = %D%/test_exec_bsd.c %D%/espkit.c %D%/espkit.h
test_exec_bsd_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_exec_bsd_LDADD = libexecbsd.a libexec.a libhost.a libesp.a $(CRYPT_LIBS) libcompat.a \
	$(BSD_LIBS) $(UNIT_LIBS)
