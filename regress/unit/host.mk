# unit tests: host
if OS_LINUX
check_PROGRAMS += regress/lab/hostctl
regress_lab_hostctl_SOURCES = regress/lab/hostctl.c daemon/host/exec_run.c
regress_lab_hostctl_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/daemon/host
regress_lab_hostctl_LDADD = libexec.a libhostos.a libhost.a $(ROLE_LIBS)
endif
