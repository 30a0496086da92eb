/* SPDX-License-Identifier: ISC */

/*
 * udpencap_kame.c: an option of the socket on FreeBSD and NetBSD.  Its number
 * differs, so it is the header's.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/udp.h>

#include "udpencap.h"

int
udp_encap(int fd)
{
	int	 v = UDP_ENCAP_ESPINUDP;

	return (setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &v, sizeof(v)));
}
