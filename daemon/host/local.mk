# s2sd-host and s2sd-exec
noinst_LIBRARIES += libhost.a libexec.a
libhost_a_SOURCES = %D%/block.c %D%/host.h %D%/role.c %D%/rules.c %D%/rules.h \
	backends/fw/accept.h backends/fw/fw.h backends/fw/fw_set.c backends/fw/ipt.h \
	backends/fw/ipt_req.c backends/fw/null.c backends/fw/pf.c \
	backends/fw/pf.h backends/fw/pf_req.c \
	backends/host/host_be.h backends/host/null.c backends/host/want.c
libexec_a_SOURCES = %D%/exec.c %D%/exec.h \
	backends/fw/ipt_text.c backends/fw/pf_text.c \
	backends/fw/textbuf.c backends/fw/textbuf.h daemon/host/exec_pf.c
# s2sd-exec of the BSDs: its decisions are built and tested everywhere
noinst_LIBRARIES += libexecbsd.a
libexecbsd_a_SOURCES = %D%/exec_bsd.c %D%/exec_bsd.h \
	backends/host/bsd_req.c backends/host/bsd_req.h \
	backends/host/bsd_saved.c backends/host/bsd_saved.h
pkglibexec_PROGRAMS += s2sd-host s2sd-exec
EXTRA_s2sd_host_SOURCES = %D%/main.c %D%/main_bsd.c
EXTRA_s2sd_exec_SOURCES = %D%/exec_main.c %D%/exec_run.c %D%/exec_main_bsd.c
s2sd_host_LDADD = libhostos.a libhost.a libexecbsd.a $(HOST_PFKEY) $(ROLE_LIBS)
s2sd_exec_LDADD = libexecbsd.a libexec.a libhostos.a libhost.a $(ROLE_LIBS)
if OS_LINUX
HOST_PFKEY =
s2sd_host_SOURCES = %D%/main.c
s2sd_exec_SOURCES = %D%/exec_main.c %D%/exec_run.c
else
HOST_PFKEY = libsabackends.a libsad.a libpfkey.a libpfkeyalg.a
s2sd_host_SOURCES = %D%/main_bsd.c
s2sd_exec_SOURCES = %D%/exec_main_bsd.c %D%/exec_run.c
endif
