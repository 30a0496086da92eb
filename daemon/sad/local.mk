# s2sd-sad: the key installer, with the backends that need no I/O.
noinst_LIBRARIES += libsad.a
libsad_a_SOURCES = %D%/check.c %D%/entry.c %D%/local.h %D%/ops.c %D%/recon.c %D%/sad.c \
	%D%/sad.h backends/sa/null.c backends/sa/sa.h backends/sa/userland.c
pkglibexec_PROGRAMS += s2sd-sad
s2sd_sad_SOURCES = %D%/main.c
s2sd_sad_LDADD = libsad.a libsabackends.a libpfkey.a libpfkeyalg.a \
	$(ROLE_LIBS)
