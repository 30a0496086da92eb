/* SPDX-License-Identifier: ISC */

/* udpencap_openbsd.c: sysctl net.inet.esp.udpencap and its port do it. */

#include "config.h"

#include "udpencap.h"

int
udp_encap(int fd)
{
	(void)fd;
	return (0);
}
