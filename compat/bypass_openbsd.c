/* SPDX-License-Identifier: ISC */

/* bypass_openbsd.c: the three levels of a socket, as iked(8) has them. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include "bypass.h"

int
bypass_policy(int fd, int af)
{
	static const int v4[] = {
		IP_AUTH_LEVEL, IP_ESP_TRANS_LEVEL, IP_ESP_NETWORK_LEVEL
	};
	static const int v6[] = {
		IPV6_AUTH_LEVEL, IPV6_ESP_TRANS_LEVEL, IPV6_ESP_NETWORK_LEVEL
	};
	int		 i, level = IPSEC_LEVEL_BYPASS;

	for (i = 0; i < 3; i++)
		if (setsockopt(fd, af == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		    af == AF_INET ? v4[i] : v6[i], &level,
		    sizeof(level)) == -1)
			return (-1);
	return (0);
}
