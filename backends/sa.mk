# SA backends.  Those without I/O are part of libsad; a program gets its
# system's list and what the list names.
noinst_LIBRARIES += libsabackends.a
libsabackends_a_SOURCES = %D%/sa/list.h %D%/sa/sa.h
if OS_LINUX
libsabackends_a_SOURCES += %D%/sa/list_linux.c %D%/sa/xfrm.c \
	%D%/sa/xfrm_alg.c %D%/sa/xfrm_event.c %D%/sa/xfrm_int.h \
	%D%/sa/xfrm_cpu.c %D%/sa/xfrm_mark.h %D%/sa/xfrm_move.c %D%/sa/xfrm_msg.c %D%/sa/xfrm_nic.c \
	%D%/sa/xfrm_open.c \
	%D%/sa/xfrm_pol.c %D%/sa/xfrm_query.c %D%/sa/xfrm_read.c \
	%D%/sa/xfrm_sel.c %D%/sa/xfrm_stock.c %D%/sa/xfrm_talk.c \
	%D%/host/nl.c %D%/host/nl.h %D%/sa/pfkey_sys_linux.c
EXTRA_DIST += %D%/sa/list_other.c
else
libsabackends_a_SOURCES += %D%/sa/list_other.c
EXTRA_DIST += %D%/sa/list_linux.c %D%/sa/pfkey_sys_linux.c
if PFKEY_FLOWS
libsabackends_a_SOURCES += %D%/sa/pfkey_sys_openbsd.c
else
libsabackends_a_SOURCES += %D%/sa/pfkey_sys_kame.c
endif
endif
EXTRA_DIST += %D%/sa/pfkey_sys_kame.c %D%/sa/pfkey_sys_openbsd.c

# PF_KEYv2 but for the socket: every dialect is built on every system, the
# kernels' numbers need no header of theirs.
noinst_LIBRARIES += libpfkey.a libpfkeyalg.a
libpfkeyalg_a_SOURCES = %D%/sa/pfkey_alg.c %D%/sa/pfkey_alg.h
libpfkey_a_SOURCES = %D%/sa/pfkey.c %D%/sa/pfkey.h %D%/sa/pfkey_found.c \
	%D%/sa/pfkey_int.h %D%/sa/pfkey_io.c %D%/sa/pfkey_job.c \
	%D%/sa/pfkey_kame.c %D%/sa/pfkey_msg.c %D%/sa/pfkey_once.c \
	%D%/sa/pfkey_openbsd.c \
	%D%/sa/pfkey_pol.c
