/* SPDX-License-Identifier: ISC */

/*
 * ike_rig.h: two gateways on a virtual clock: role_ike and role_keys of
 * each, a small s2sd-sad that installs nothing and remembers everything, and
 * a wire that a test can lose messages on.
 */

#ifndef IKE_RIG_H
#define IKE_RIG_H

#include "role.h"

enum { WIRE_MAX = 512, FRAME_ROOM = 4096, PAIRS_MAX = 64, WIRE_MS = 10,
    LOG_LINES = 400 };

struct rig;

/* A pair of SAs as s2sd-sad got it. */
struct rig_pair {
	struct m_s_pair	 keys;
	struct m_sa	 sa;		/* spi_in filled in */
	uint32_t	 tunnel;
	struct selpair	 pair[SELPAIR_MAX];
	size_t		 npair;
	uint8_t		 live;
};

struct rig_gw {
	struct rig	*rig;
	int		 i;		/* 0 or 1 */
	struct role_io	 io_ike, io_keys;
	void		*ike, *keys;
	struct conf	 c_ike, c_keys;
	struct tunnel	 t[3];		/* what rig_load gave it */
	size_t		 nt;
	const char	*psk;
	uint64_t	 due;
	uint32_t	 spi;		/* last one that the sad drew */
	struct rig_pair	 p[PAIRS_MAX];	/* all that were ever installed */
	size_t		 np;
	uint16_t	 cpus;		/* that can have SAs of their own */
	uint8_t		 sad_refuses;	/* enum serr */
	uint8_t		 sad_slow;	/* the answer comes before keys' one: 0,
					   or never: 1 */
	struct m_c_state st[4];		/* last word to s2sd-ctl, by tunnel id */
	unsigned int	 state_frames;
	unsigned int	 between;	/* frames ike-net, ike-keys, ike-sad,
					   keys-sad, as DESIGN.md counts them */
	unsigned int	 announced;	/* NETF_SPI: SPIs that net learnt so */
	unsigned int	 spis, cookies, cookie_on, done, done_err;
	unsigned int	 deletes, moves, keeps, queries;
	uint64_t	 in_age;	/* what the counters say */
	uint8_t		 answer_queries;
};

struct rig_msg {
	uint64_t	 at;
	int		 to;		/* gateway */
	struct addr	 from, dst;
	uint8_t		 flags;
	size_t		 n;
	uint8_t		*d;
};

/* What happened on the wire, for the tests. */
struct rig_seen {
	int		 from;
	uint8_t		 exch, flags, np;
	uint32_t	 mid;
	uint16_t	 sport, dport;
	size_t		 n;
	int		 dropped;
	uint64_t	 at;
};

struct rig_frame {
	struct rig_frame *next;
	int		 gw;
	enum proc	 from, to;
	struct ipc_hdr	 h;
	uint8_t		 d[];
};

struct rig {
	uint64_t	 now;
	uint32_t	 seed;
	struct rig_gw	 gw[2];
	struct rig_frame *first, **last;
	struct rig_msg	 wire[WIRE_MAX];
	size_t		 nwire;
	struct rig_seen	 seen[WIRE_MAX * 8];
	size_t		 nseen;
	/* 1: lose it; may change it */
	int		(*drop)(struct rig *, int from, uint8_t *, size_t *,
			    size_t nth);
	size_t		 lose[4];	/* numbers of messages to lose, from 1 */
	int		 silent;	/* bit: that gateway is not heard */
	struct addr	 addr[2];
	/* A NAT in front of gateway 0: its packets come from here. */
	struct addr	 nat;
	char		 log[LOG_LINES][200];
	size_t		 nlog;
	int		 bad;		/* a handler said -1 */
};

void	 rig_init(struct rig *, uint32_t seed);
void	 rig_clear(struct rig *);
/* The tunnel of gateway i: peers by address, one pair, all defaults. */
void	 rig_tunnel_of(const struct rig *, int i, struct tunnel *);
/* Give both their configuration (generation 1) and secrets. */
void	 rig_load(struct rig *, int i, const struct tunnel *, size_t n,
	    const char *psk);
void	 rig_go(struct rig *, int i);
/* Everything that happens until then. */
void	 rig_run(struct rig *, uint64_t ms);
/* Until both have a live pair for tunnel 1, at most so long: 1 or 0. */
int	 rig_until_up(struct rig *, uint64_t ms);
size_t	 rig_live(const struct rig_gw *);
/* Live pairs of both match key by key, SPI by SPI: 1 or 0. */
int	 rig_match(const struct rig *);
void	 rig_frame(struct rig *, int gw, enum proc from, enum proc to,
	    uint32_t type, uint32_t req, uint32_t tunnel, const void *body);
/* `s2sctl rekey' of tunnel 1 there: ike 1 its IKE SA, 0 its children. */
void	 rig_rekey(struct rig *, int gw, uint8_t ike);
/* A datagram as if it had come from there. */
void	 rig_datagram(struct rig *, int to, const struct addr *from,
	    uint8_t flags, const void *, size_t);
/* That process of a gateway dies and is started anew. */
void	 rig_died(struct rig *, int gw, enum proc);
uint64_t rig_count(struct rig *, int gw, const char *name);
int	 rig_logged(const struct rig *, const char *);
/* Messages of that exchange seen from that gateway. */
size_t	 rig_sent(const struct rig *, int from, uint8_t exch, int resp);

#endif /* IKE_RIG_H */
