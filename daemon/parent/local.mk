# s2sd itself: starts the rest, keeps every descriptor, reloads.
noinst_LIBRARIES += libparent.a
libparent_a_SOURCES = %D%/reload.c %D%/reload.h %D%/restart.c %D%/restart.h \
	%D%/set.c %D%/set.h
sbin_PROGRAMS += s2sd
s2sd_SOURCES = %D%/main.c %D%/parent.h %D%/run.c %D%/spawn.c %D%/fds.c \
	%D%/frames.c %D%/rio.c %D%/end.c
EXTRA_s2sd_SOURCES = %D%/sys_linux.c %D%/sys_bsd.c
if OS_LINUX
s2sd_SOURCES += %D%/sys_linux.c
else
s2sd_SOURCES += %D%/sys_bsd.c
endif
s2sd_LDADD = libparent.a libcommon.a libcompat.a $(EVENT_LIBS) $(BSD_LIBS) $(SECCOMP_LIBS)
dist_man_MANS += %D%/s2sd.8

# Frames between the processes are understood by one build only: one
# checksum over what they agree on.
BUILT_SOURCES += build_id.h
CLEANFILES += build_id.h
build_id_in = $(top_srcdir)/daemon/common/msg.h $(top_srcdir)/daemon/common/msg.c \
	$(top_srcdir)/daemon/common/ipc.h $(top_srcdir)/daemon/common/proc.h \
	$(top_srcdir)/daemon/common/proc.c $(top_srcdir)/daemon/common/tunnel.h \
	$(top_srcdir)/daemon/common/tunnel.c $(top_srcdir)/daemon/common/addr.h \
	$(top_srcdir)/daemon/common/alg.c
build_id.h: $(build_id_in)
	$(AM_V_GEN)printf '#define S2SD_BUILD "%s-%s"\n' '$(PACKAGE_VERSION)' \
	    "`cat $(build_id_in) | cksum | tr ' ' '-'`" > $@.tmp && mv $@.tmp $@
daemon/common/proc.$(OBJEXT): build_id.h
