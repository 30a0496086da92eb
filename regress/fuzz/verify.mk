# fuzz target: s2sd-verify
EXTRA_DIST += %D%/corpus/verify/event %D%/corpus/verify/listing \
	%D%/corpus/verify/save
if OS_LINUX
check_PROGRAMS += fuzz_verify
TESTS += fuzz_verify
fuzz_verify_SOURCES = %D%/fuzz_verify.c $(FUZZ_MAIN)
fuzz_verify_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/verify
fuzz_verify_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_verify_LDADD = libverify.a libhostos.a libhost.a libcommon.a \
	libcompat.a $(BSD_LIBS)
endif
