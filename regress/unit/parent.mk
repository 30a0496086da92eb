# unit tests of daemon/parent, of the table of processes and of the sandbox
check_PROGRAMS += test_reload test_restart test_proc
TESTS += test_reload test_restart test_proc
test_reload_SOURCES = %D%/test_reload.c %D%/reload_rig.c %D%/reload_rig.h
test_reload_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS) -I$(top_srcdir)/daemon/parent
test_reload_LDADD = libparent.a libcommon.a $(UNIT_LIBS) $(BSD_LIBS)
test_restart_SOURCES = %D%/test_restart.c
test_restart_CPPFLAGS = $(test_reload_CPPFLAGS)
test_restart_LDADD = $(test_reload_LDADD)
test_proc_SOURCES = %D%/test_proc.c
test_proc_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_proc_LDADD = libcommon.a $(UNIT_LIBS) $(BSD_LIBS)
if OS_LINUX
check_PROGRAMS += test_sandbox
TESTS += test_sandbox
test_sandbox_SOURCES = %D%/test_sandbox.c
test_sandbox_CPPFLAGS = $(UNIT_CPPFLAGS) $(CMOCKA_CFLAGS)
test_sandbox_LDADD = libcompat.a libcommon.a $(UNIT_LIBS) $(BSD_LIBS) \
	$(SECCOMP_LIBS) -lpthread
endif
EXTRA_DIST += regress/lab/procs.sh regress/lab/procs.py regress/lab/forge.py \
	regress/bsd-syntax
