/* SPDX-License-Identifier: ISC */

/*
 * host_be.h: what the system around the filter must look like: routes into
 * the TUN, the policies of the block, sysctls, connection tracking.
 * Declarative like the firewall: apply() makes it so, whatever was there.
 */

#ifndef HOST_BE_H
#define HOST_BE_H

#include "../fw/fw.h"
#include "tunnel.h"

/* The device of a tunnel with `interface'. */
struct host_if {
	uint8_t		 kind;		/* enum tun_ifkind; IF_NONE: none */
	uint32_t	 unit;
};
struct host_ifc {
	struct host_if	 i;
	struct net	 addr;		/* with host bits; af 0: none */
	uint16_t	 mtu;
};

struct host_route {
	struct net	 dst;
	struct addr	 src;		/* inside address of ours, or af 0 */
	struct addr	 via;		/* kernel ESP: the peer, or af 0: as the
					   default route goes */
	uint16_t	 mtu;		/* 0: the device's */
	uint8_t		 leak;		/* nothing stands behind it */
	uint8_t		 down;		/* only what stands behind it */
	uint32_t	 metric;
	struct host_if	 dev;		/* by that one; or IF_NONE */
};

/* IPsec policies of the way out; the better priority comes first. */
enum host_polkind {
	HOST_PASS,	/* src to dst on any device */
	HOST_VIA,	/* only on the device `dev' */
	HOST_SELF,	/* an IPv6 address of ours to what is routed to such a
			   device while its tunnel is up: the kernel looks
			   before it knows the device */
	HOST_OWN,	/* an IPv6 address of ours: the firewall's block looks
			   at the device, the kernel's policies cannot */
	HOST_TUN,	/* only on our TUN */
	HOST_BLOCK,	/* nowhere else */
	HOST_WIDE,	/* kernel ESP: nor from any other address, which a NAT
			   that is not exempted would put there */
	HOST_DENY	/* never: before all others */
};
struct host_pol {
	struct net	 src, dst;
	uint8_t		 kind;		/* enum host_polkind */
	struct host_if	 dev;		/* HOST_VIA; else IF_NONE */
};

struct host_bypass {
	struct net	 from, to;	/* from.a.af 0: whatever the source */
};

struct host_want {
	struct host_route	*route;		/* sorted, unique: dst, metric, dev */
	size_t			 nroute;
	struct host_pol		*pol;		/* sorted, unique */
	size_t			 npol;
	struct host_bypass	*bypass;	/* the main table decides */
	size_t			 nbypass;
	struct addr		*peer;		/* covered by a route above */
	size_t			 npeer;
	struct host_ifc		*ifc;		/* no two of one number */
	size_t			 nifc;
	struct net		*home;		/* networks here: what comes out of
						   a tunnel for them must not leave
						   by a default route */
	size_t			 nhome;
	uint16_t		 mtu;		/* of the TUN; 0: leave it */
	uint32_t		 gateway;	/* enum gw_flag */
	uint8_t			 ipv6;		/* a tunnel has IPv6 inside */
	uint8_t			 kernel;	/* ESP is the kernel's: no TUN, the
						   policies block the way in, too */
	uint8_t			 own;		/* the firewall's block is in place:
						   HOST_OWN may be there */
	uint8_t			 routes_only;	/* the rest is as it was when last
						   applied, a moment ago */
	uint8_t			 hold;		/* the exemption is missing: nothing
						   may enter the TUN */
};

#define HOST_ADDRS_BAD	SIZE_MAX
enum { HOST_REQ = 0x7fffffff };	/* of a host backend, not of a firewall */

struct host_env {
	void	*arg;
	void	(*log)(void *arg, int level, const char *text);
	/* A record to s2sd-exec, where only root may do it (BSD); or NULL. */
	int	(*run)(void *arg, uint32_t req, uint8_t what,
		    const void *rest, size_t n);
};

struct host_backend {
	const char *name;
	/* As root.  NULL and why. */
	void	*(*open)(const struct host_env *, char *why, size_t);
	/* The policies alone: what holds without a TUN, too. */
	int	 (*block)(void *, const struct host_want *, char *why, size_t);
	int	 (*apply)(void *, const struct host_want *, char *why, size_t);
	/* Routes and sysctls as they were; with `block' the policies, too. */
	int	 (*clear)(void *, int block);
	/* No policies here: the firewall has to drop by output device. */
	int	 (*outdrop)(void *);
	/* Our own addresses: how many, or HOST_ADDRS_BAD and errno. */
	size_t	 (*addrs)(void *, struct addr *, size_t max);
	/* Connections of the sets FW_EXEMPT and FW_OUTER that carry a NAT
	 * made earlier are forgotten: how many, or -1 and errno. */
	int	 (*purge)(void *, const struct fw_rules *);
	/* Kernel ESP: fn for each remote network to which a packet with a
	 * source of no tunnel was blocked since the last call: how many, or
	 * -1 and errno.  NULL: never known. */
	int	 (*stray)(void *, void (*fn)(void *arg, const struct net *to),
		    void *arg);
	/* Readable when an address came or went, or -1; changed: 1 if so. */
	int	 (*fd)(void *);
	int	 (*changed)(void *);
	/* Remember that the iptables variant (a bit each) has our chains. */
	void	 (*mark)(void *, uint32_t variants);
	uint32_t (*marked)(void *);
	void	 (*close)(void *);
};

extern const struct host_backend host_null, host_linux, host_bsd;

/* In the order of the kernel's tables: kind, source, destination. */
int	 host_pol_cmp(const void *, const void *);
int	 host_route_cmp(const void *, const void *);

#endif /* HOST_BE_H */
