/* SPDX-License-Identifier: ISC */

/* bypass_linux.c: a policy "allow", both ways, on the socket (XFRM). */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "bypass.h"

/*
 * Who understands such policies is a module (xfrm_user) that a socket of its
 * family loads; without it there is no policy to be exempted from.
 */
static int
loaded(void)
{
	int	 fd;

	if ((fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	    NETLINK_XFRM)) == -1) {
		errno = EOPNOTSUPP;
		return (-1);
	}
	(void)close(fd);
	return (0);
}

int
bypass_policy(int fd, int af)
{
	struct xfrm_userpolicy_info	 p;
	int				 dir;

	if (loaded() == -1)
		return (-1);
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
