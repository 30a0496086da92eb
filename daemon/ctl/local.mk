# Both ends of the control socket: s2sd-ctl and s2sctl.
noinst_LIBRARIES += libctl.a libs2sctl.a
libctl_a_SOURCES = %D%/ctl.c %D%/ctl.h %D%/ctl_int.h %D%/ctl_client.c \
	%D%/ctl_log.c %D%/ctl_snap.c %D%/umsg.c %D%/umsg.h
pkglibexec_PROGRAMS += s2sd-ctl
s2sd_ctl_SOURCES = %D%/main.c %D%/sock.c %D%/sock.h
s2sd_ctl_LDADD = libctl.a $(ROLE_LIBS)
# s2sctl without its main, for the tests
libs2sctl_a_SOURCES = %D%/umsg.c %D%/umsg.h %D%/u_fields.c %D%/u_json.c \
	%D%/u_explain.c %D%/u_explain_text.c %D%/u_model.c %D%/u_text.c %D%/u_time.c %D%/u_words.c %D%/u.h
libs2sctl_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
sbin_PROGRAMS += s2sctl
s2sctl_SOURCES = %D%/s2sctl.c %D%/s2sctl_import.c %D%/s2sctl_end.c \
	%D%/s2sctl_io.c \
	%D%/s2sctl_lock.c %D%/s2sctl_peer.c %D%/s2sctl.h %D%/s2sctl_lock.h %D%/s2sctl_more.h
s2sctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/%D%/import \
	-I$(top_srcdir)/daemon/conf
s2sctl_LDADD = libs2sctl.a libimport.a libconf.a libcommon.a libcompat.a \
	$(JANSSON_LIBS) $(BSD_LIBS) $(SECCOMP_LIBS)
dist_man_MANS += %D%/s2sctl.8
# what `status -j' promises to programs
dist_pkgdata_DATA = etc/s2sctl-status.schema.json
include daemon/ctl/import/local.mk
