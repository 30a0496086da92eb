# s2sd-net: the UDP sockets
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = %D%/net.c %D%/net.h %D%/net_int.h %D%/net_cookie.c \
	%D%/net_input.c %D%/net_peer.c %D%/net_spi.c %D%/net_src.c
pkglibexec_PROGRAMS += s2sd-net
s2sd_net_SOURCES = %D%/main.c %D%/sock.c %D%/sock.h
EXTRA_s2sd_net_SOURCES = %D%/cmsg_linux.c %D%/cmsg_bsd.c
if OS_LINUX
s2sd_net_SOURCES += %D%/cmsg_linux.c
else
s2sd_net_SOURCES += %D%/cmsg_bsd.c
endif
s2sd_net_LDADD = libnet.a $(CRYPT_LIBS) $(ROLE_LIBS)
