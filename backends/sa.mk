# SA backends.  Those without I/O are part of libsad; a program gets its
# system's list and what the list names.
noinst_LIBRARIES += libsabackends.a
libsabackends_a_SOURCES = %D%/sa/list.h %D%/sa/pfkey.c %D%/sa/sa.h
if OS_LINUX
libsabackends_a_SOURCES += %D%/sa/list_linux.c %D%/sa/xfrm.c \
	%D%/sa/xfrm_alg.c %D%/sa/xfrm_event.c %D%/sa/xfrm_int.h \
	%D%/sa/xfrm_mark.h %D%/sa/xfrm_msg.c %D%/sa/xfrm_open.c \
	%D%/sa/xfrm_pol.c %D%/sa/xfrm_query.c %D%/sa/xfrm_read.c \
	%D%/sa/xfrm_sel.c %D%/sa/xfrm_stock.c %D%/sa/xfrm_talk.c \
	%D%/host/nl.c %D%/host/nl.h
EXTRA_DIST += %D%/sa/list_other.c
else
libsabackends_a_SOURCES += %D%/sa/list_other.c
EXTRA_DIST += %D%/sa/list_linux.c
endif
