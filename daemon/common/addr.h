/* SPDX-License-Identifier: ISC */

/*
 * addr.h: addresses, networks and traffic selectors, all of fixed size and
 * free of the system's sockaddr layout, so that they can be compared,
 * copied and sent between processes as they are.
 */

#ifndef ADDR_H
#define ADDR_H

#include <sys/socket.h>

#include "wire.h"

enum { ADDR_STRLEN = 64, SEL_STRLEN = 192 };

struct addr {
	uint8_t	 af;		/* 0 (none, "any"), 4 or 6 */
	uint8_t	 a[16];		/* network order; IPv4 uses the first four,
				   the rest is zero */
	uint16_t port;		/* host order, 0 if it does not matter */
};

struct net {
	struct addr	 a;	/* host bits zero, port 0 */
	uint8_t		 plen;	/* prefix length: 0..32 or 0..128 */
};

/* One traffic selector; ranges are inclusive at both ends. */
struct sel {
	uint8_t	 af;		/* 4 or 6 */
	uint8_t	 ipproto;	/* 0: any */
	uint16_t port_lo, port_hi;	/* host order; 0..65535 means any */
	uint8_t	 lo[16], hi[16];	/* network order */
};

/* What may pass one way through a tunnel: from `local' to `remote'. */
struct selpair {
	struct sel	 local, remote;
};

enum { SELPAIR_MAX = 64 };

/* Octets of an address of that family: 4 or 16 (0 for none). */
size_t	 addr_len(uint8_t af);
/* Compare family and address, and the port too if `port' is not 0: <0, 0, >0. */
int	 addr_cmp(const struct addr *, const struct addr *, int port);
/* Text to address ("192.0.2.1", "2001:db8::1"), no port, no names: 0 or -1. */
int	 addr_parse(const char *, struct addr *) WUR;
/* "192.0.2.1" or "192.0.2.1:500" / "[2001:db8::1]:500" if port is set and asked for. */
const char *addr_str(const struct addr *, int port, char *, size_t);
/* To and from the system's form.  addr_to_sa returns the length used. */
socklen_t addr_to_sa(const struct addr *, struct sockaddr_storage *);
int	 addr_from_sa(const struct sockaddr *, struct addr *) WUR;

/* "10.1.3.0/24"; without a slash the whole address.  -1 if host bits are set. */
int	 net_parse(const char *, struct net *) WUR;
const char *net_str(const struct net *, char *, size_t);
int	 net_has(const struct net *, const struct addr *);
/* The same family, address (host bits, too) and length?  1 or 0. */
int	 net_eq(const struct net *, const struct net *);

/* The selector that is exactly this network. */
void	 sel_from_net(const struct net *, uint8_t ipproto, uint16_t lo,
	    uint16_t hi, struct sel *);
/* That address alone, whatever its port. */
void	 sel_from_addr(const struct addr *, struct sel *);
/* If the selector is one prefix: 0 and the network; else -1. */
int	 sel_to_net(const struct sel *, struct net *) WUR;
/* Prefixes that make up its range, in order: how many (at most max). */
size_t	 sel_prefixes(const struct sel *, struct net *, size_t max);
/* Intersection of a and b in *out: 1, or 0 if there is none (*out untouched). */
int	 sel_cut(const struct sel *a, const struct sel *b, struct sel *out);
/* Is a wholly inside b? */
int	 sel_in(const struct sel *a, const struct sel *b);
int	 sel_eq(const struct sel *, const struct sel *);
/* Does this flow end (address, protocol, port in host order) lie in it? */
int	 sel_match(const struct sel *, const struct addr *, uint8_t ipproto,
	    uint16_t port);
const char *sel_str(const struct sel *, char *, size_t);

/*
 * Codecs.  The getters refuse what the type does not allow: an unknown
 * family, set octets behind an IPv4 address, a prefix length out of range,
 * an empty range.
 */
void	 addr_put(struct wr *, const struct addr *);
int	 addr_get(struct rd *, struct addr *) WUR;
void	 net_put(struct wr *, const struct net *);
int	 net_get(struct rd *, struct net *) WUR;
void	 sel_put(struct wr *, const struct sel *);
int	 sel_get(struct rd *, struct sel *) WUR;
/* A count octet, then pairs.  get: 1..max pairs, else -1. */
void	 selpairs_put(struct wr *, const struct selpair *, size_t);
int	 selpairs_get(struct rd *, struct selpair *, size_t max, size_t *n) WUR;

#endif /* ADDR_H */
