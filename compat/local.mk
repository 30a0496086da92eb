# What differs between systems: one file for each, picked here.
noinst_LIBRARIES += libcompat.a
libcompat_a_SOURCES = %D%/bypass.h %D%/notify.c %D%/notify.h %D%/privdrop.h
if OS_LINUX
libcompat_a_SOURCES += %D%/bypass_linux.c %D%/privdrop_linux.c %D%/sandbox_linux.c %D%/sandbox_linux.h
endif
if OS_OPENBSD
libcompat_a_SOURCES += %D%/bypass_openbsd.c %D%/privdrop_bsd.c \
	%D%/rtmsg_openbsd.c %D%/sandbox_openbsd.c %D%/tunhead_openbsd.c \
	%D%/udpencap_openbsd.c
endif
if OS_FREEBSD
libcompat_a_SOURCES += %D%/bypass_kame.c %D%/privdrop_bsd.c \
	%D%/rtmsg_kame.c %D%/sandbox_freebsd.c %D%/tunhead_kame.c \
	%D%/udpencap_kame.c
endif
if OS_NETBSD
libcompat_a_SOURCES += %D%/bypass_kame.c %D%/explicit_bzero.c \
	%D%/privdrop_netbsd.c %D%/rtmsg_kame.c %D%/sandbox_none.c \
	%D%/tunhead_kame.c %D%/udpencap_kame.c
endif
EXTRA_DIST += %D%/bypass_linux.c %D%/bypass_openbsd.c %D%/bypass_kame.c \
	 %D%/privdrop_linux.c %D%/sandbox_linux.c %D%/sandbox_linux.h \
	%D%/privdrop_bsd.c %D%/sandbox_openbsd.c %D%/sandbox_freebsd.c \
	%D%/privdrop_netbsd.c %D%/sandbox_none.c %D%/explicit_bzero.c \
	%D%/explicit_bzero.h %D%/rtmsg.h %D%/rtmsg_kame.c %D%/rtmsg_openbsd.c %D%/sendsrc.h \
	%D%/tunhead.h %D%/tunhead_kame.c %D%/tunhead_openbsd.c \
	%D%/udpencap.h %D%/udpencap_kame.c %D%/udpencap_openbsd.c
