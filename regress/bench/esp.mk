noinst_PROGRAMS += bench_esp
bench_esp_SOURCES = %D%/bench_esp.c regress/unit/espkit.c regress/unit/espkit.h
bench_esp_CPPFLAGS = $(UNIT_CPPFLAGS)
bench_esp_LDADD = libesp.a $(CRYPT_LIBS) libcompat.a $(BSD_LIBS)
