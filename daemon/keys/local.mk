# s2sd-keys: secrets, DH, key schedule, AUTH.
noinst_LIBRARIES += libkeys.a
libkeys_a_SOURCES = \
	%D%/keys.c %D%/keys.h %D%/keys_self.h %D%/sa.c %D%/exch.c \
	%D%/auth.c %D%/auth.h %D%/init.c %D%/init.h %D%/kdf.c %D%/kdf.h \
	%D%/dh.c %D%/dh.h %D%/handle.c %D%/handle.h \
	%D%/secrets.c %D%/secrets.h
if IKEV1
libkeys_a_SOURCES += %D%/sa1.c %D%/exch1.c %D%/kdf1.c %D%/kdf1.h
else
libkeys_a_SOURCES += %D%/v1_off.c
endif
pkglibexec_PROGRAMS += s2sd-keys
s2sd_keys_SOURCES = %D%/main.c
s2sd_keys_LDADD = libkeys.a $(CRYPT_LIBS) $(ROLE_LIBS)
