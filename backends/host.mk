# firewall and host backends of this system
if OS_LINUX
noinst_LIBRARIES += libhostos.a
libhostos_a_SOURCES = \
	backends/fw/accept.c backends/fw/accept_msg.c \
	backends/fw/accept_read.c backends/fw/ipt_left.c backends/fw/iptables.c backends/fw/nft.c backends/fw/nft_msg.c \
	backends/fw/nft_msg.h backends/host/linux.c backends/host/linux.h \
	backends/host/linux_ct.c backends/host/linux_link.c backends/host/linux_ifc.c \
	backends/host/linux_route.c backends/host/linux_rt.h \
	backends/host/linux_rtread.c backends/host/linux_sad.c \
	backends/host/linux_stray.c backends/host/linux_sysctl.c \
	backends/host/linux_xfrm.c \
	backends/host/nl.c backends/host/nl.h
EXTRA_DIST += backends/host/bsd.c backends/host/bsd_dev.c backends/host/bsd_rt.c
else
noinst_LIBRARIES += libhostos.a
libhostos_a_SOURCES = backends/host/bsd.c backends/host/bsd_dev.c \
	backends/host/bsd_rt.c
endif
