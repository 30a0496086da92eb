/* SPDX-License-Identifier: ISC */

/* local.h: what the files of the data plane share among themselves. */

#ifndef ESP_LOCAL_H
#define ESP_LOCAL_H

#include "crypt.h"
#include "esp.h"

/* --- inner.c: what a selector looks at, of one inner packet --- */

enum { FRAG_NONE, FRAG_FIRST, FRAG_LATER };

struct esp_flow {
	struct addr	 src, dst;	/* ports set if has_ports */
	uint8_t		 v;		/* 4 or 6 */
	uint8_t		 ipproto;	/* behind all extension headers */
	uint8_t		 has_ports;
	uint8_t		 frag;		/* FRAG_ */
	uint8_t		 df;		/* must not be cut: IPv6, or DF */
	uint8_t		 tos;		/* DSCP and ECN */
	uint8_t		 icmp_error;	/* an ICMP error: never answered */
	size_t		 len;		/* by its own header, <= octets given */
	size_t		 l4;		/* offset of what ipproto names */
};

/* Parse the inner packet b: 0, or -1 if it is not one we would carry. */
int	 esp_inner(struct rd b, struct esp_flow *) WUR;
/* Does the flow lie in the pair?  out: from local to remote; else back. */
int	 esp_flow_in(const struct selpair *, const struct esp_flow *, int out);
/* Internet checksum over n octets, starting from sum; folded, inverted. */
uint16_t esp_cksum(const uint8_t *, size_t n, uint32_t sum);
/* Write ECN bits into the inner header (IPv4 checksum kept right). */
void	 esp_set_ecn(uint8_t *ip, uint8_t ecn);

/* --- replay.c: RFC 4303 section 3.4.3 and appendix A --- */

enum { REPLAY_MAX = 4096, REPLAY_WORDS = 2 * REPLAY_MAX / 64 };

struct esp_replay {
	uint64_t	 top;		/* highest authenticated; 0: none */
	uint32_t	 win;		/* packets, 1..REPLAY_MAX */
	uint8_t		 esn;
	uint64_t	 bits[REPLAY_WORDS];	/* ring, bit = seq mod size */
};

void	 esp_replay_init(struct esp_replay *, uint32_t win, int esn);
/* The 64 bit number that these low 32 bits stand for: 0, or -1. */
int	 esp_replay_guess(const struct esp_replay *, uint32_t low,
	    uint64_t *seq) WUR;
/* New and not behind the window: 0, or -1. */
int	 esp_replay_check(const struct esp_replay *, uint64_t seq) WUR;
/* Mark it; only after the ICV. */
void	 esp_replay_mark(struct esp_replay *, uint64_t seq);

/* --- sa.c: the pairs --- */

struct esp_tun;

struct esp_sa {
	struct esp_sa	*next_spi;	/* hash chain by spi_in */
	struct esp_sa	*next_child;	/* hash chain by child */
	struct esp_sa	*next_tun;	/* of one tunnel, newest first */
	struct esp_tun	*tun;
	uint32_t	 child, replaces, spi_in, spi_out;
	const struct alg *encr, *integ;
	struct crypt	*in, *out;
	uint64_t	 seq;		/* last one used for sending */
	uint64_t	 seq_soft, seq_max;
	uint8_t		 esn, active;	/* active: used for sending */
	uint8_t		 waits;		/* for what it replaces to go */
	uint8_t		 soft_said, hard_said;
	uint16_t	 mtu;
	uint8_t		 ivlen, icvlen, blocklen;
	struct addr	 local, remote;
	uint64_t	 softbytes, hardbytes;
	uint64_t	 moved_at;	/* last M_E_MOVED, ms */
	struct sa_count	 c;
	uint64_t	 in_last, out_last;	/* ms, 0: never */
	struct esp_replay rp;
	size_t		 npair;
	struct selpair	 pair[];
};

struct esp_tun {			/* one for each configured tunnel */
	uint32_t	 id;
	const struct tunnel *t;		/* in the role's configuration */
	struct esp_sa	*sas;
	uint64_t	 acquired_at, told_at;	/* ms, 0: never */
	uint8_t		*held;		/* one packet that waits, or NULL */
	size_t		 nheld;
	uint8_t		 keep;		/* mark of a rebuild */
};

/* --- policy.c: from a flow to its tunnel --- */

struct pol_entry;
struct pol_tuple { uint8_t v, rplen, lplen; };

struct esp_policy {
	struct pol_entry *e;
	size_t		 n;
	int32_t		*bucket;	/* index into e, -1: none */
	size_t		 mask;		/* buckets less one */
	struct pol_tuple *tuple;	/* longest prefixes first */
	size_t		 ntuple;
};

/* Make anew from the tunnels; 0, or -1 (no memory: the old one stays). */
int	 esp_policy_build(struct esp_policy *, struct esp_tun **, size_t n) WUR;
void	 esp_policy_clear(struct esp_policy *);
/* The tunnel of an outgoing flow, longest prefixes first, or NULL. */
struct esp_tun *esp_policy_find(const struct esp_policy *,
	    const struct esp_flow *);
/* A tunnel whose remote side alone fits, or NULL. */
struct esp_tun *esp_policy_remote(const struct esp_policy *,
	    const struct esp_flow *);

/* --- the instance --- */

enum { SA_BUCKETS = 4096, IV_POOL = 1024 };

struct esp {
	const struct role_io *io;
	struct esp_tun	**tun;		/* ordered by id */
	size_t		 ntun;
	struct esp_policy pol;
	struct esp_sa	*by_spi[SA_BUCKETS], *by_child[SA_BUCKETS];
	size_t		 nsa;
	uint64_t	 count[EC_MAX];
	uint8_t		 iv[IV_POOL];	/* random octets not yet used */
	size_t		 niv;
	uint64_t	 icmp_at;	/* ms, token bucket of ICMP */
	uint32_t	 icmp_left;
	size_t		 nheld, nready;	/* tunnels with a packet; those up */
	void		(*on_held)(void *);
	void		*on_held_arg;
};

struct esp_sa *esp_sa_spi(const struct esp *, uint32_t spi_in);
struct esp_sa *esp_sa_child(const struct esp *, uint32_t child);
/* 0 and the pair installed, or an enum serr. */
int	 esp_sa_add(struct esp *, uint32_t tunnel, const struct m_e_pair *,
	    const struct selpair *, size_t n);
void	 esp_sa_del(struct esp *, struct esp_sa *);
/* The tunnel's MTU was changed: that of its SAs follows. */
void	 esp_sa_mtu(struct esp_tun *);
/* Use it for sending from now on, and what it replaces no longer. */
void	 esp_sa_activate(struct esp *, struct esp_sa *);
/* The pair that sends this flow of a tunnel, or NULL. */
struct esp_sa *esp_sa_for(const struct esp_tun *, const struct esp_flow *);
struct esp_tun *esp_tun_find(const struct esp *, uint32_t id);
/* Count octets; 0, or -1 if the hard limit is reached.  Reports both. */
int	 esp_sa_account(struct esp *, struct esp_sa *, size_t n) WUR;

/* Report that a limit is reached, once for each kind. */
void	 esp_sa_expire(struct esp *, struct esp_sa *, int hard);

/* --- icmp.c --- */

/* Turn the too long packet into the ICMP answer to it: 1, or 0 (dropped). */
int	 esp_icmp_toobig(struct esp *, struct esp_pkt *,
	    const struct esp_flow *, unsigned int mtu, uint64_t now);

#endif /* ESP_LOCAL_H */
