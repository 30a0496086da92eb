/* SPDX-License-Identifier: ISC */

/*
 * tunnel.h: what the configuration says about one tunnel, and about the
 * daemon as a whole, without secrets.  s2sd-conf writes these records, the
 * parent hands them on, every role keeps its own copy.  They are never
 * edited: a reload replaces them (conf.h).
 */

#ifndef TUNNEL_H
#define TUNNEL_H

#include "addr.h"
#include "alg.h"

enum { NAME_MAX_ = 64, ID_MAX = 256, PEER_MAX = 4, PATH_MAX_ = 256,
    MAP_MAX = 32, ROUTE_MAX = 16, IF_STRLEN = 16,
    CPUS_MAX = 256 /* that have SAs of their own */ };

/* Identification payload types, RFC 7296 section 3.5. */
enum id_type {
	IDT_NONE = 0, IDT_IPV4 = 1, IDT_FQDN = 2, IDT_USER = 3,
	IDT_IPV6 = 5, IDT_KEYID = 11
};

/* Compared by type and value, whole (ident_eq). */
struct ident {
	uint8_t		 type;		/* enum id_type */
	uint16_t	 len;
	uint8_t		 d[ID_MAX];	/* address octets, or text without NUL */
};

enum tun_flag {
	TUN_ACTIVE	= 1 << 0,	/* we start it, and again for ever */
	TUN_ONDEMAND	= 1 << 1,	/* started by the first packet */
	TUN_DISABLED	= 1 << 2,
	TUN_NATT	= 1 << 3,	/* always in UDP */
	TUN_WEAK	= 1 << 4,	/* `allow weak' */
	TUN_LEAK	= 1 << 5,	/* `leak yes': no block while down */
	TUN_NATKEEP	= 1 << 6,	/* `nat-exempt no' */
	TUN_SEPARATE	= 1 << 7,	/* one child for each pair */
	TUN_PEERANY	= 1 << 8,	/* `peer any' */
	TUN_PEERNAME	= 1 << 9,	/* `peer' is a name (later: s2sd-dns) */
	TUN_TRANSPORT	= 1 << 10,	/* between the gateways themselves */
	TUN_IKEV1	= 1 << 11,	/* `ikev1': main and quick mode */
	TUN_AH		= 1 << 12,	/* `ah': RFC 4302 in place of ESP; its
					   child proposals have no encr */
	TUN_PERCPU	= 1 << 13	/* `per-cpu': RFC 9611, where the kernel
					   has SAs of one CPU */
};

enum { MSS_AUTO = 0, MSS_NO = 0xffff };

/* `interface': the device that a tunnel has to itself. */
enum tun_ifkind { IF_NONE, IF_XFRM, IF_IPSEC, IF_SEC, IF_KINDS };

struct tunroute {			/* `route' */
	struct net	 to;
	uint32_t	 metric;
};
enum { METRIC_DEFAULT = 1024 };

struct tunnel {
	uint32_t	 id;		/* from the parent; stable, never reused */
	char		 name[NAME_MAX_];
	uint32_t	 flags;		/* enum tun_flag; neither ACTIVE nor
					   ONDEMAND: passive */
	struct addr	 local;		/* af 0: any of ours; port 500 default */
	struct addr	 peer[PEER_MAX];/* in failover order; port 500 default */
	uint8_t		 npeer;		/* 0 with TUN_PEERANY */
	struct ident	 srcid, dstid;	/* always filled in by s2sd-conf */
	struct addr	 source;	/* inside address for our own packets, or af 0 */
	uint8_t		 npair;		/* 1.. */
	uint8_t		 nmap;		/* translations, behind the pairs */
	struct prop	 ike[PROP_MAX], child[PROP_MAX];
	uint8_t		 nike, nchild;	/* 1.. */
	uint8_t		 ifkind;	/* enum tun_ifkind */
	uint8_t		 nroute;	/* `route's: tunnel_route() */
	uint32_t	 ifunit;	/* the number in its name, 1..; on Linux its
					   if_id, too.  0: no interface */
	struct net	 ifaddr;	/* with host bits; af 0: no address */
	/* --- from here on: soft (tunnel_soft_eq) --- */
	uint32_t	 ikelife;	/* seconds */
	uint32_t	 life;		/* seconds */
	uint64_t	 lifebytes;	/* octets, 0: no limit */
	uint32_t	 dpd;		/* seconds, 0: off */
	uint16_t	 mtu;		/* of the outer path; 0: of the device (1500) */
	uint16_t	 maxmss;	/* MSS_AUTO, MSS_NO or a value */
	uint32_t	 replay;	/* window in packets */
	/*
	 * Not soft; last, as it is by far the longest: a copy ends behind what
	 * there is (tunnel_size), and is never copied whole.  First the npair
	 * pairs, as they are on the wire; then nmap translations `from A (B)':
	 * local is A on the wire, remote is B behind this gateway, both one
	 * prefix of the same length.  A translation holds for every pair whose
	 * local network is A.  Behind those the nroute routes: tunnel_route().
	 */
	struct selpair	 pair[SELPAIR_MAX + MAP_MAX];
	uint8_t		 room[ROUTE_MAX * sizeof(struct tunroute)];
};

/* `set gateway' and the other `set' words. */
enum gw_flag {
	GW_ON		= 1 << 0,	/* `set gateway' stands in the file */
	GW_FORWARDING	= 1 << 1,
	GW_REDIRECTS	= 1 << 2,	/* switch redirects off */
	GW_RPFILTER	= 1 << 3,	/* loose on our own device */
	GW_FIREWALL	= 1 << 4,	/* accepts where one chain decides */
	GW_NATEXEMPT	= 1 << 5,
	GW_MSS		= 1 << 6
};
enum be_choice { BE_AUTO, BE_XFRM, BE_PFKEY, BE_USERLAND };
enum fw_choice { FW_AUTO, FW_NFT, FW_IPTABLES, FW_PF, FW_NONE };

struct global {
	uint32_t	 gateway;	/* enum gw_flag */
	uint8_t		 backend;	/* enum be_choice */
	uint8_t		 firewall;	/* enum fw_choice */
	uint8_t		 verbose;	/* `set log verbose' */
	uint8_t		 decouple;	/* `set decouple': install nothing (tests) */
	struct addr	 listen;	/* `set listen on', or af 0 */
	char		 group[NAME_MAX_]; /* control group, or "" */
	struct net	 bypass[32], bypass_to[32]; /* `bypass from A to B' */
	uint8_t		 nbypass;
	struct net	 block[32], block_to[32];   /* `block from A to B' */
	uint8_t		 nblock;
};

/* Octets of a record up to its last pair, translation or route. */
size_t	 tunnel_size(const struct tunnel *);
/* What local network A is translated from: `local' A, `remote' B; or NULL. */
const struct selpair *tunnel_map(const struct tunnel *, const struct sel *a);
/*
 * The local end of a pair as it is behind this gateway: B if it is
 * translated, with the pair's protocol and ports; else as it stands.
 */
struct sel tunnel_here(const struct tunnel *, const struct selpair *);
/* The i-th of its nroute routes. */
void	 tunnel_route(const struct tunnel *, uint8_t i, struct tunroute *);
/* One more, in a whole record whose pairs are complete: 0, or -1: no room. */
int	 tunnel_route_add(struct tunnel *, const struct tunroute *) WUR;
/* "xfrm1", or "" without one; len >= IF_STRLEN.  Returns the buffer. */
const char *tunnel_ifname(const struct tunnel *, char *, size_t);
/* Number of the device by which translated networks are routed (XFRM). */
enum { IF_UNIT_MAP = 21298 };
/* "xfrm1" to kind and number: 0, or -1 if it is no such name. */
int	 if_parse(const char *, uint8_t *kind, uint32_t *unit) WUR;
const char *if_str(uint8_t kind, uint32_t unit, char *, size_t);

/*
 * Codecs of the IPC.  tunnel_put leaves out the id (it travels in the frame
 * header) and writes the name first, in NAME_MAX_ octets, zero-padded, so
 * that the parent can tell tunnels apart without reading the rest.  Two
 * records are the same configuration if and only if their octets are equal,
 * and the same tunnel (it keeps its id and its SAs) if all but the last
 * TUNNEL_SOFT octets are: what stands there can change without a new
 * negotiation.  Lifetimes and the replay window count from the next renewal
 * of keys, the rest at once.
 * tunnel_get checks every count, enum and range, refuses what s2sd-conf
 * would not have written, and sets id to 0.
 */
enum { TUNNEL_WIRE_MAX = 15000, TUNNEL_SOFT = 28 };
void	 tunnel_put(struct wr *, const struct tunnel *);
int	 tunnel_get(struct rd, struct tunnel *) WUR;
void	 global_put(struct wr *, const struct global *);
int	 global_get(struct rd, struct global *) WUR;

/* Are the soft fields the same? */
int	 tunnel_soft_eq(const struct tunnel *, const struct tunnel *);

int	 ident_eq(const struct ident *, const struct ident *);
void	 ident_put(struct wr *, const struct ident *);
int	 ident_get(struct rd *, struct ident *) WUR;
/* The identity that is this address. */
void	 ident_addr(const struct addr *, struct ident *);
/* "192.0.2.1", "gw.example.org", "user@host", keyid as 0x...; vis'd. */
const char *ident_str(const struct ident *, char *, size_t);

/* Inner MTU of a tunnel: outer path MTU less what ESP (in UDP) adds, RFC 4303;
 * encr NULL: what AH adds, RFC 4302. */
unsigned int tunnel_mtu(unsigned int outer, uint8_t outer_af, int udp,
	    const struct alg *encr, const struct alg *integ);
/* MTU of the path between the gateways: as written, or that of Ethernet. */
unsigned int tunnel_outer(const struct tunnel *);

#endif /* TUNNEL_H */
