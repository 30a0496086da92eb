# SPDX-License-Identifier: ISC
# s2sd_probes.m4: which files of compat/ and backends/ this system takes, by
# what its headers declare and never by its name.  Nothing here needs to link
# or run, so that regress/bsd-configure tries it with the headers alone.
AC_DEFUN([S2SD_PROBES], [
# XFRM, nf_tables and routes by netlink
AC_CHECK_HEADERS([linux/xfrm.h linux/netlink.h linux/rtnetlink.h],
	[], [], [#include <sys/socket.h>])
s2sd_netlink=yes
AS_IF([test x$ac_cv_header_linux_xfrm_h$ac_cv_header_linux_rtnetlink_h != xyesyes],
	[s2sd_netlink=no])
# recvmmsg, struct in6_pktinfo and the like; strnvis as OpenBSD has it
AS_IF([test $s2sd_netlink = yes],
	[SYS_CPPFLAGS="-D_GNU_SOURCE -DLIBBSD_OPENBSD_VIS"])

# The dialect of PF_KEY: OpenBSD has flows; the family of KAME has policy
# requests, and among these FreeBSD alone a window of its own, Linux alone a
# request of 16 octets, NetBSD flags of a policy.
AC_CHECK_HEADERS([net/pfkeyv2.h linux/pfkeyv2.h], [], [],
	[#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>])
s2sd_pfkey_h="#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#ifdef HAVE_NET_PFKEYV2_H
#include <net/pfkeyv2.h>
#endif
#ifdef HAVE_LINUX_PFKEYV2_H
#include <linux/pfkeyv2.h>
#endif"
AC_CHECK_DECLS([SADB_X_ADDFLOW, SADB_X_EXT_FLOW_TYPE, SADB_X_SPDADD],
	[], [], [$s2sd_pfkey_h])
AC_CHECK_TYPES([struct sadb_x_ipsecrequest, struct sadb_x_sa_replay], [], [],
	[$s2sd_pfkey_h])
AC_CHECK_MEMBERS([struct sadb_x_ipsecrequest.sadb_x_ipsecrequest_reserved2,
	struct sadb_x_policy.sadb_x_policy_flags], [], [], [$s2sd_pfkey_h])
AS_IF([test x$ac_cv_have_decl_SADB_X_ADDFLOW$ac_cv_have_decl_SADB_X_EXT_FLOW_TYPE = xyesyes],
	[s2sd_pfkey=OPENBSD],
	[test x$ac_cv_have_decl_SADB_X_SPDADD$ac_cv_type_struct_sadb_x_ipsecrequest != xyesyes],
	[s2sd_pfkey=none],
	[test x$ac_cv_type_struct_sadb_x_sa_replay = xyes], [s2sd_pfkey=FREEBSD],
	[test x$ac_cv_member_struct_sadb_x_ipsecrequest_sadb_x_ipsecrequest_reserved2 = xyes],
	[s2sd_pfkey=LINUX],
	[test x$ac_cv_member_struct_sadb_x_policy_sadb_x_policy_flags = xyes],
	[s2sd_pfkey=NETBSD], [s2sd_pfkey=none])
AS_IF([test $s2sd_pfkey = none], [AC_MSG_ERROR([no header of PF_KEY whose
dialect s2sd speaks: net/pfkeyv2.h or linux/pfkeyv2.h])])
AC_DEFINE_UNQUOTED([PFKEY_SYSTEM], [PK_SYS_$s2sd_pfkey], [the dialect of PF_KEY here])
AC_DEFINE_UNQUOTED([PFKEY_CAPS], [PK_CAPS_$s2sd_pfkey], [and what it can do])
# which script of rc.d: their contracts differ as the dialects do
os=`echo $s2sd_pfkey | tr A-Z a-z`
AC_SUBST([os])

s2sd_in_h="#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>"
# our sockets beside the policies; ESP in UDP by an option of the socket
AC_CHECK_DECLS([IP_ESP_TRANS_LEVEL, IP_IPSEC_POLICY], [], [], [$s2sd_in_h])
AC_CHECK_DECLS([UDP_ENCAP], [], [], [$s2sd_in_h
#include <netinet/udp.h>])
# the header of a route message; whether a TUN is asked for its header
AC_CHECK_MEMBERS([struct rt_msghdr.rtm_hdrlen], [], [], [$s2sd_in_h
#include <net/route.h>])
AC_CHECK_DECLS([TUNSIFHEAD], [], [], [#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <net/if_tun.h>])
AC_CHECK_DECLS([cap_enter], [], [], [#include <sys/types.h>
#include <sys/capsicum.h>])
AC_CHECK_DECLS([pledge, setresgid], [], [], [#include <sys/types.h>
#include <unistd.h>])
AC_CHECK_DECLS([explicit_bzero, explicit_memset], [], [], [#include <string.h>
#ifdef HAVE_STRINGS_H
#include <strings.h>
#endif])
# NetBSD has it by another name: compat/explicit_bzero.c
AS_IF([test x$ac_cv_have_decl_explicit_bzero$ac_cv_have_decl_explicit_memset = xnoyes],
	[SYS_CPPFLAGS="$SYS_CPPFLAGS -include \$(top_srcdir)/compat/explicit_bzero.h"
	s2sd_memset=yes], [s2sd_memset=no])

AM_CONDITIONAL([OS_LINUX], [test $s2sd_netlink = yes])
AM_CONDITIONAL([PFKEY_FLOWS], [test $s2sd_pfkey = OPENBSD])
AM_CONDITIONAL([SOCK_LEVELS], [test x$ac_cv_have_decl_IP_ESP_TRANS_LEVEL = xyes])
AM_CONDITIONAL([SOCK_ENCAP], [test x$ac_cv_have_decl_UDP_ENCAP = xyes])
AM_CONDITIONAL([ROUTE_HDRLEN], [test x$ac_cv_member_struct_rt_msghdr_rtm_hdrlen = xyes])
AM_CONDITIONAL([TUN_ASKED], [test x$ac_cv_have_decl_TUNSIFHEAD = xyes])
AM_CONDITIONAL([PLEDGE], [test x$ac_cv_have_decl_pledge = xyes])
AM_CONDITIONAL([CAPSICUM], [test x$ac_cv_have_decl_cap_enter = xyes])
AM_CONDITIONAL([SETRESGID], [test x$ac_cv_have_decl_setresgid = xyes])
AM_CONDITIONAL([NO_EXPLICIT_BZERO], [test $s2sd_memset = yes])
])
