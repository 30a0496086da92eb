# s2sd-conf: s2sd.conf to records.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	%D%/cf.h %D%/cf_local.h %D%/lexer.c %D%/parse.y %D%/value.c \
	%D%/build.c %D%/build_net.c %D%/build_prop.c %D%/check.c \
	%D%/interface.c \
	%D%/check_be.c %D%/check_v1.c \
	backends/sa/pfkey_alg.c backends/sa/pfkey_alg.h \
	%D%/print.c %D%/error.c %D%/mem.c %D%/file.c
libconf_a_YFLAGS = -p cf_yy
# parse.c is made in the build folder
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/%D% \
	-DWITH_IKEV1=$(WITH_IKEV1)
pkglibexec_PROGRAMS += s2sd-conf
s2sd_conf_SOURCES = %D%/main.c %D%/send.c %D%/cf_send.h
s2sd_conf_LDADD = libconf.a $(ROLE_LIBS)
dist_man_MANS += %D%/s2sd.conf.5
