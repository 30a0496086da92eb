/* SPDX-License-Identifier: ISC */

/* net_int.h: the parts of libnet among themselves. */

#ifndef NET_INT_H
#define NET_INT_H

#include "net.h"

/* --- net_spi.c: the SPIs that s2sd-ike announced --- */

/* Flags of the IKE header, RFC 7296 section 3.1. */
enum { F_INITIATOR = 0x08, F_RESPONSE = 0x20 };

enum { SPI_ROOM_MIN = 64, SPI_MAX = 1 << 17 };

struct spi_set {
	uint64_t	*v;		/* open addressing; 0: free */
	size_t		 room, n;	/* room is a power of two */
};
int	 spi_has(const struct spi_set *, uint64_t);
int	 spi_add(struct spi_set *, uint64_t) WUR;	/* -1: full */
void	 spi_del(struct spi_set *, uint64_t);
void	 spi_clear(struct spi_set *);

/* --- net_src.c: what each source may still do --- */

enum {
	SRC_SETS = 2048, SRC_WAYS = 4,
	SRC_RATE = 20, SRC_BURST = 5,	/* IKE_SA_INIT a second */
	SRC_OTHER_RATE = 20, SRC_OTHER_BURST = 20, /* of no SA that we know */
	ANY_RATE = 1000			/* of the latter from all together */
};

/* Tokens in thousandths: a rate of n a second adds n each millisecond. */
struct bucket {
	uint64_t	 at;		/* ms */
	uint32_t	 milli;
};
/* Take one token: 1, or 0 if there is none.  A zeroed bucket is full. */
int	 bucket_take(struct bucket *, uint32_t rate, uint32_t burst,
	    uint64_t now);

struct src {
	uint64_t	 key[2];	/* address; IPv6: the first 64 bits */
	uint8_t		 af;		/* 0: free */
	uint64_t	 used;		/* ms */
	struct bucket	 init, other;
	uint64_t	 version_at;	/* last passed on with a version > 2 */
	uint64_t	 v1_at;		/* last passed on as IKEv1 */
};
struct src_tab {
	uint8_t		 secret[16];	/* of the hash */
	struct src	 s[SRC_SETS][SRC_WAYS];
};
/* The record of that source; an old one makes place if there is none. */
struct src *src_get(struct src_tab *, const struct addr *, uint64_t now);

/* --- net_cookie.c: cookies without state, RFC 7296 section 2.6 --- */

enum {
	COOKIE_LEN = 33,		/* low octet of the minute, then a MAC */
	COOKIE_REPLY = 28 + 8 + COOKIE_LEN,
	COOKIE_SECRET = 32
};

struct cookie_jar {
	uint8_t		 secret[2][COOKIE_SECRET];
	uint64_t	 gen[2];	/* which two minutes each is for */
};
/* Renew what is too old; call before the two below. */
void	 cookie_tick(struct cookie_jar *, const struct role_io *,
	    uint64_t now);
int	 cookie_make(const struct cookie_jar *, const struct addr *remote,
	    const uint8_t *spi_i, uint64_t now, uint8_t *out) WUR;
/*
 * Does this IKE_SA_INIT request begin with a cookie?  Only its fixed place
 * behind the header is looked at.  1: a valid one; 0: none; -1: another.
 */
int	 cookie_check(const struct cookie_jar *, const struct addr *remote,
	    struct rd msg, uint64_t now);
/* The answer that demands one, COOKIE_REPLY octets. */
int	 cookie_reply(const struct cookie_jar *, const struct addr *remote,
	    struct rd msg, uint64_t now, uint8_t *out) WUR;

/* --- net_peer.c: the addresses of configured peers --- */

struct peer_row {
	struct addr	 a;
	uint32_t	 tunnel;
	uint8_t		 v1;		/* TUN_IKEV1 */
};
struct peer_tab {
	struct peer_row	*v;		/* by address */
	size_t		 n;
};
/* Made anew from all that is in force; -1: no memory, the old one stays. */
int	 peer_load(struct peer_tab *, const struct conf *) WUR;
/* The tunnel that has this address as a peer, or 0. */
uint32_t peer_tunnel(const struct peer_tab *, const struct addr *);
/* Has any tunnel with that peer IKEv1? */
int	 peer_v1(const struct peer_tab *, const struct addr *);

/* --- the whole --- */

struct net_state {
	const struct role_io	*io;
	const struct conf	*conf;		/* NULL before the first */
	net_output		*out;
	void			*out_arg;
	struct spi_set		 ours;
	struct peer_tab		 peers;
	struct cookie_jar	 jar;
	struct src_tab		*src;
	struct bucket		 any, errors;
	int			 cookies;	/* ike wants them from all */
	uint64_t		 count[NC_MAX];
};

/* Send and count: 0 or an errno. */
int	 net_transmit(struct net_state *, const struct addr *local,
	    const struct addr *remote, const uint8_t *p, size_t n);
void	 net_input_ike(struct net_state *, const struct addr *local,
	    const struct addr *remote, struct rd msg, uint64_t now);

#endif /* NET_INT_H */
