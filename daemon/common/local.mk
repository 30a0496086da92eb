# What every process uses.
noinst_LIBRARIES += libcommon.a libcrypt.a librole.a
libcommon_a_SOURCES = \
	%D%/addr.c %D%/addr.h %D%/alg.c %D%/alg.h %D%/conf.c %D%/conf.h \
	%D%/ipc.c %D%/ipc.h %D%/msg.c %D%/msg.h %D%/proc.c %D%/proc.h \
	%D%/near.c %D%/near.h %D%/reason.c %D%/reason.h %D%/role.c \
	%D%/role.h %D%/tunnel.c %D%/tunnel.h %D%/wire.h
# libcrypto's users only
libcrypt_a_SOURCES = %D%/crypt.c %D%/crypt.h %D%/crypt_dh.c %D%/crypt_dh.h \
	%D%/crypt_warm.c
# the event loop of a role's process
librole_a_SOURCES = %D%/role_main.c %D%/proc_start.c
# a role's program links these, in this order
ROLE_LIBS = librole.a libcommon.a libcompat.a $(EVENT_LIBS) $(BSD_LIBS) $(SECCOMP_LIBS)
CRYPT_LIBS = libcrypt.a libcommon.a $(CRYPTO_LIBS)
