/* SPDX-License-Identifier: ISC */

/*
 * net.h: s2sd-net as a library: what becomes of each datagram that arrives
 * on UDP 500 and 4500, and of each that s2sd-ike wants sent.  It owns no
 * socket; main.c and sock.c move the octets.
 */

#ifndef NET_H
#define NET_H

#include "reason.h"
#include "role.h"

extern const struct role role_net;

/*
 * Where datagrams go.  `p' is complete (with the non-ESP marker on 4500);
 * local.af 0: any of our addresses; local.port says from which of our two
 * ports.  Returns 0 or an errno.
 */
typedef int	 net_output(void *arg, const struct addr *local,
		    const struct addr *remote, const uint8_t *p, size_t n);
void	 net_set_output(void *self, net_output *, void *arg);

/*
 * net_input: a datagram that came in, whole, as it was in UDP.
 * local.port (500 or 4500) tells how it is to be read.
 */
void	 net_input(void *self, const struct addr *local,
	    const struct addr *remote, const uint8_t *p, size_t n,
	    uint64_t now);
/* The socket could not deliver it whole: longer than NET_DGRAM_MAX. */
void	 net_input_long(void *self);
/* The network reported (ICMP) that `remote' cannot be reached. */
void	 net_unreachable(void *self, const struct addr *remote, int err,
	    uint64_t now);

enum {
	NET_MARKER = 4,		/* non-ESP marker, RFC 3948 section 2.2 */
	NET_DGRAM_MAX = 16000,	/* what a frame to s2sd-ike carries */
	NET_NEW_MAX = 10000,	/* from somebody whom we do not know yet */
	NET_PORT_IKE = 500, NET_PORT_NATT = 4500
};

/* One for each fate of a datagram; net_count_names has their names. */
enum net_count {
	NC_RECEIVED, NC_KEEPALIVE, NC_SHORT, NC_NOT_IKE, NC_LONG, NC_BAD_LEN,
	NC_BAD_SPI, NC_BAD_VERSION, NC_IKEV1, NC_BAD_HEADER, NC_BAD_EXCH,
	NC_REFLECTED, NC_UNKNOWN, NC_QUEUE_FULL, NC_LIMITED, NC_COOKIE_SENT,
	NC_COOKIE_GOOD, NC_COOKIE_BAD, NC_TO_IKE_KNOWN, NC_TO_IKE_NEW,
	NC_SENT, NC_SEND_ERROR, NC_SEND_BUSY, NC_UNREACHABLE, NC_MAX
};
extern const char *const net_count_names[NC_MAX];
uint64_t net_counter(const void *self, enum net_count);

#endif /* NET_H */
