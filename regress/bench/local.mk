# see regress/local.mk
include regress/bench/esp.mk
# measured by hand: make bench_crypt && ./bench_crypt
EXTRA_PROGRAMS = bench_crypt
CLEANFILES += bench_crypt
bench_crypt_SOURCES = %D%/bench_crypt.c
bench_crypt_CPPFLAGS = $(AM_CPPFLAGS)
bench_crypt_LDADD = $(CRYPT_LIBS) $(BSD_LIBS)
