# fuzz targets: esp, sad
check_PROGRAMS += fuzz_esp_in fuzz_esp_out fuzz_sad_ipc
TESTS += fuzz_esp_in fuzz_esp_out fuzz_sad_ipc
ESP_FUZZ_KIT = regress/unit/espkit.c regress/unit/espkit.h $(FUZZ_MAIN)
ESP_FUZZ_LIBS = libsad.a libesp.a $(CRYPT_LIBS) libcompat.a $(BSD_LIBS)
fuzz_esp_in_SOURCES = %D%/fuzz_esp_in.c $(ESP_FUZZ_KIT)
fuzz_esp_in_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_esp_in_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_esp_in_LDADD = $(ESP_FUZZ_LIBS)
fuzz_esp_out_SOURCES = %D%/fuzz_esp_out.c $(ESP_FUZZ_KIT)
fuzz_esp_out_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_esp_out_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_esp_out_LDADD = $(ESP_FUZZ_LIBS)
fuzz_sad_ipc_SOURCES = %D%/fuzz_sad_ipc.c $(ESP_FUZZ_KIT)
fuzz_sad_ipc_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_sad_ipc_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_sad_ipc_LDADD = $(ESP_FUZZ_LIBS)
check_PROGRAMS += fuzz_pfkey
TESTS += fuzz_pfkey
fuzz_pfkey_SOURCES = %D%/fuzz_pfkey.c $(ESP_FUZZ_KIT)
fuzz_pfkey_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_pfkey_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_pfkey_LDADD = libpfkey.a libpfkeyalg.a $(ESP_FUZZ_LIBS)
if OS_LINUX
check_PROGRAMS += fuzz_xfrm
TESTS += fuzz_xfrm
fuzz_xfrm_SOURCES = %D%/fuzz_xfrm.c $(FUZZ_MAIN)
fuzz_xfrm_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_xfrm_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_xfrm_LDADD = libsabackends.a $(ESP_FUZZ_LIBS)
endif
EXTRA_DIST += %D%/corpus/xfrm/events %D%/corpus/xfrm/stock \
	%D%/corpus/xfrm/strange
