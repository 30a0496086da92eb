# unit tests of daemon/common
check_PROGRAMS += test_common
TESTS += test_common
test_common_SOURCES = %D%/test_common.c %D%/test_addr.c %D%/test_msg.c \
	%D%/test_ipc.c %D%/test_common.h
test_common_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_common_LDADD = libcommon.a $(UNIT_LIBS) $(BSD_LIBS)
