/* SPDX-License-Identifier: ISC */

/* udpencap.h: ESP in UDP that comes to a socket is the kernel's. */

#ifndef UDPENCAP_H
#define UDPENCAP_H

/* 0, or -1 and errno. */
int	 udp_encap(int fd);

#endif /* UDPENCAP_H */
