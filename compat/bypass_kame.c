/* SPDX-License-Identifier: ISC */

/* bypass_kame.c: FreeBSD and NetBSD: an sadb_x_policy on the socket. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <net/pfkeyv2.h>
#include <netipsec/ipsec.h>

#include <string.h>

#include "bypass.h"

int
bypass_policy(int fd, int af)
{
	struct sadb_x_policy	 p;
	int			 dir;

	for (dir = IPSEC_DIR_INBOUND; dir <= IPSEC_DIR_OUTBOUND; dir++) {
		memset(&p, 0, sizeof(p));
		p.sadb_x_policy_len = sizeof(p) / 8;	/* counted in 64 bits */
		p.sadb_x_policy_exttype = SADB_X_EXT_POLICY;
		p.sadb_x_policy_type = IPSEC_POLICY_BYPASS;
		p.sadb_x_policy_dir = (uint8_t)dir;
		if (setsockopt(fd, af == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		    af == AF_INET ? IP_IPSEC_POLICY : IPV6_IPSEC_POLICY,
		    &p, sizeof(p)) == -1)
			return (-1);
	}
	return (0);
}
