# What differs between systems: one file for each, picked here by what
# compat/s2sd_probes.m4 found.
noinst_LIBRARIES += libcompat.a
libcompat_a_SOURCES = %D%/bypass.h %D%/notify.c %D%/notify.h %D%/privdrop.h
if OS_LINUX
libcompat_a_SOURCES += %D%/bypass_linux.c %D%/privdrop_linux.c %D%/sandbox_linux.c %D%/sandbox_linux.h
else
if SOCK_LEVELS
libcompat_a_SOURCES += %D%/bypass_openbsd.c
else
libcompat_a_SOURCES += %D%/bypass_kame.c
endif
if SOCK_ENCAP
libcompat_a_SOURCES += %D%/udpencap_kame.c
else
libcompat_a_SOURCES += %D%/udpencap_openbsd.c
endif
if ROUTE_HDRLEN
libcompat_a_SOURCES += %D%/rtmsg_openbsd.c
else
libcompat_a_SOURCES += %D%/rtmsg_kame.c
endif
if TUN_ASKED
libcompat_a_SOURCES += %D%/tunhead_kame.c
else
libcompat_a_SOURCES += %D%/tunhead_openbsd.c
endif
if SETRESGID
libcompat_a_SOURCES += %D%/privdrop_bsd.c
else
libcompat_a_SOURCES += %D%/privdrop_netbsd.c
endif
if NO_EXPLICIT_BZERO
libcompat_a_SOURCES += %D%/explicit_bzero.c
endif
if PLEDGE
libcompat_a_SOURCES += %D%/sandbox_openbsd.c
else
if CAPSICUM
libcompat_a_SOURCES += %D%/sandbox_freebsd.c
else
libcompat_a_SOURCES += %D%/sandbox_none.c
endif
endif
endif
EXTRA_DIST += %D%/bypass_linux.c %D%/bypass_openbsd.c %D%/bypass_kame.c \
	 %D%/privdrop_linux.c %D%/sandbox_linux.c %D%/sandbox_linux.h \
	%D%/privdrop_bsd.c %D%/sandbox_openbsd.c %D%/sandbox_freebsd.c \
	%D%/privdrop_netbsd.c %D%/sandbox_none.c %D%/explicit_bzero.c \
	%D%/explicit_bzero.h %D%/rtmsg.h %D%/rtmsg_kame.c %D%/rtmsg_openbsd.c %D%/sendsrc.h \
	%D%/tunhead.h %D%/tunhead_kame.c %D%/tunhead_openbsd.c \
	%D%/udpencap.h %D%/udpencap_kame.c %D%/udpencap_openbsd.c
