# s2sd-verify: is this gateway as its tunnels need it?
if OS_LINUX
noinst_LIBRARIES += libverify.a
libverify_a_SOURCES = %D%/verify.h %D%/probe.h %D%/c_probe.h %D%/path.h %D%/list.c \
	%D%/facts.c %D%/packet.c %D%/trace.c %D%/text.c %D%/judge.c \
	%D%/fix.c %D%/c_conf.c %D%/c_host.c %D%/c_saved.c %D%/c_iface.c %D%/c_kernel.c %D%/c_tunnel.c \
	%D%/what.c %D%/path.c %D%/mask.c
VERIFY_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) \
	-I$(top_srcdir)/daemon/conf -I$(top_srcdir)/daemon/ctl
libverify_a_CPPFLAGS = $(VERIFY_CPPFLAGS)
pkglibexec_PROGRAMS += s2sd-verify
s2sd_verify_SOURCES = %D%/main.c %D%/daemon.c %D%/path_run.c %D%/c_probe.c \
	%D%/ping_linux.c \
	%D%/facts_linux.c %D%/kernel_linux.c %D%/sock_linux.c %D%/probe_linux.c \
	%D%/inject_linux.c daemon/ctl/s2sctl_io.c daemon/ctl/s2sctl.h
s2sd_verify_CPPFLAGS = $(VERIFY_CPPFLAGS) $(NFTABLES_CFLAGS)
s2sd_verify_LDADD = libverify.a libs2sctl.a libconf.a libhostos.a libhost.a libsabackends.a \
	libcommon.a libcompat.a $(JANSSON_LIBS) $(NFTABLES_LIBS) $(BSD_LIBS)
endif
