# s2sd-esp: the userland data plane.
noinst_LIBRARIES += libesp.a
libesp_a_SOURCES = %D%/esp.c %D%/esp.h %D%/icmp.c %D%/in.c %D%/inner.c \
	%D%/local.h %D%/out.c %D%/policy.c %D%/replay.c %D%/sa.c
pkglibexec_PROGRAMS += s2sd-esp
s2sd_esp_SOURCES = %D%/main.c %D%/plane.c %D%/plane.h
EXTRA_s2sd_esp_SOURCES = %D%/dgram_linux.c %D%/dgram_bsd.c
if OS_LINUX
s2sd_esp_SOURCES += %D%/dgram_linux.c
else
s2sd_esp_SOURCES += %D%/dgram_bsd.c
endif
s2sd_esp_LDADD = libesp.a $(CRYPT_LIBS) $(ROLE_LIBS)
