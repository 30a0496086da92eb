/* SPDX-License-Identifier: ISC */

/* sock.h: the UDP sockets of s2sd-net, and the system's control messages. */

#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <sys/socket.h>

#include "net.h"

enum { SOCK_BURST = 32, SOCK_CONTROL = 256 };

/*
 * Read up to SOCK_BURST datagrams of that descriptor (one of FD_UDP*) and
 * hand them to the library.
 */
void	 sock_read(int fd, void *self, uint64_t now);
/* net_output of net.h; arg is not used. */
int	 sock_write(void *arg, const struct addr *local,
	    const struct addr *remote, const uint8_t *p, size_t n);
/* What the network said of packets that we sent. */
void	 sock_errors(int fd, void *self, uint64_t now);

/* --- cmsg_*.c, one for each family of systems --- */

/* Ask for what sock_errors reads. */
void	 cmsg_setup(int fd, int v6);
/* The local address of a datagram that came in: 0, or -1 if it is not told. */
int	 cmsg_local(struct msghdr *, struct addr *local) WUR;
/* Say from which of our addresses it is to go; fills msg_control. */
void	 cmsg_source(struct msghdr *, const struct addr *local);
/* One report: 1 and the far end and errno; 0: none that matters; -1: no more. */
int	 cmsg_error(int fd, struct addr *remote, int *err) WUR;

#endif /* NET_SOCK_H */
