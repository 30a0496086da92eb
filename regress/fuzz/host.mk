# fuzz targets: host, exec
check_PROGRAMS += fuzz_host_exec
TESTS += fuzz_host_exec
HOST_FUZZ_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/daemon/host
HOST_FUZZ_LIBS = libhost.a libcommon.a libcompat.a $(BSD_LIBS)
fuzz_host_exec_SOURCES = %D%/fuzz_host_exec.c $(FUZZ_MAIN)
fuzz_host_exec_CPPFLAGS = $(HOST_FUZZ_CPPFLAGS)
fuzz_host_exec_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_host_exec_LDADD = libexec.a $(HOST_FUZZ_LIBS)
check_PROGRAMS += fuzz_host_saved
TESTS += fuzz_host_saved
fuzz_host_saved_SOURCES = %D%/fuzz_host_saved.c $(FUZZ_MAIN)
fuzz_host_saved_CPPFLAGS = $(HOST_FUZZ_CPPFLAGS)
fuzz_host_saved_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_host_saved_LDADD = libexecbsd.a $(HOST_FUZZ_LIBS)
EXTRA_DIST += %D%/corpus/host_saved/both
EXTRA_DIST += %D%/corpus/host_exec/load %D%/corpus/host_exec/save \
	%D%/corpus/host_netlink/conntrack %D%/corpus/host_netlink/policies \
	%D%/corpus/host_netlink/routes %D%/corpus/host_netlink/rules \
	%D%/corpus/host_netlink/addresses %D%/corpus/host_sysctl/both
if OS_LINUX
check_PROGRAMS += fuzz_host_netlink fuzz_host_sysctl
TESTS += fuzz_host_netlink fuzz_host_sysctl
fuzz_host_netlink_SOURCES = %D%/fuzz_host_netlink.c $(FUZZ_MAIN)
fuzz_host_netlink_CPPFLAGS = $(HOST_FUZZ_CPPFLAGS)
fuzz_host_netlink_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_host_netlink_LDADD = libhostos.a $(HOST_FUZZ_LIBS)
fuzz_host_sysctl_SOURCES = %D%/fuzz_host_sysctl.c $(FUZZ_MAIN)
fuzz_host_sysctl_CPPFLAGS = $(HOST_FUZZ_CPPFLAGS)
fuzz_host_sysctl_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
fuzz_host_sysctl_LDADD = libhostos.a $(HOST_FUZZ_LIBS)
endif
