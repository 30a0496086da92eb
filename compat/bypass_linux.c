/* SPDX-License-Identifier: ISC */

/* bypass_linux.c: a policy "allow", both ways, on the socket (XFRM). */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/xfrm.h>

#include "bypass.h"

int
bypass_policy(int fd, int af)
{
	struct xfrm_userpolicy_info	 p;
	int				 dir;

	for (dir = XFRM_POLICY_IN; dir <= XFRM_POLICY_OUT; dir++) {
		memset(&p, 0, sizeof(p));
		p.sel.family = (unsigned short)af;
		p.dir = (unsigned char)dir;
		p.action = XFRM_POLICY_ALLOW;
		if (setsockopt(fd, af == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		    af == AF_INET ? IP_XFRM_POLICY : IPV6_XFRM_POLICY,
		    &p, sizeof(p)) == -1)
			return (-1);
	}
	return (0);
}
