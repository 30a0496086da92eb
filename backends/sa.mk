# SA backends.  Those without I/O are part of libsad; a program gets its
# system's list and what the list names.
noinst_LIBRARIES += libsabackends.a
libsabackends_a_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS)
libsabackends_a_SOURCES = %D%/sa/list.h %D%/sa/pfkey.c %D%/sa/sa.h
if OS_LINUX
libsabackends_a_SOURCES += %D%/sa/list_linux.c %D%/sa/xfrm.c
EXTRA_DIST += %D%/sa/list_other.c
else
libsabackends_a_SOURCES += %D%/sa/list_other.c
EXTRA_DIST += %D%/sa/list_linux.c %D%/sa/xfrm.c
endif
