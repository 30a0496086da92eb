/* SPDX-License-Identifier: ISC */

/*
 * engine.h: what the files of the engine share: the objects (tunnel, IKE SA,
 * child SA), their indexes, the timers.  Nothing outside daemon/ike and its
 * tests includes this.
 *
 * Owners.  struct ike owns everything.  A tunnel is freed when the
 * configuration has lost it; an IKE SA or child that ends leaves all indexes
 * at once and is freed by ike_reap() when the event is over, so a pointer
 * is good until the handler returns.  Other processes get (slot, generation)
 * handles, never pointers.
 */

#ifndef ENGINE_H
#define ENGINE_H

#include "ike.h"
#include "payload/payload.h"
#include "reason.h"

struct ike;
struct ike1;			/* v1/v1.h */
struct sa;
struct tun;

/* ---- index.c: hash of 64 bit keys; several objects may have one key ---- */

struct node {
	uint64_t	 key;
	void		*obj;		/* NULL: not in a map */
	struct node	*next;		/* also to walk equal keys: ike_map_next */
};

struct map {
	struct node	**b;
	size_t		 nb, n;
};

/* Before anything is put: 0 or -1. */
int	 ike_map_init(struct map *) WUR;
void	 ike_map_put(struct map *, struct node *, uint64_t key, void *obj);
void	 ike_map_del(struct map *, struct node *);
struct node *ike_map_get(const struct map *, uint64_t key);
struct node *ike_map_next(const struct node *);
void	 ike_map_free(struct map *);
uint64_t ike_hash(uint64_t seed, const void *, size_t);

/* ---- timer.c: a binary heap ---- */

struct timer {
	uint64_t	 due;
	size_t		 pos;		/* 1 + place in the heap; 0: not set */
	void		(*fn)(struct ike *, void *arg, uint64_t now);
	void		*arg;
};

struct heap {
	struct timer	**t;
	size_t		 n, room;
	size_t		 made;		/* timers that may be set; <= room */
};

/* Room for n more timers, 0 or -1; and n fewer. */
int	 ike_timer_more(struct ike *, size_t n) WUR;
void	 ike_timer_less(struct ike *, size_t n);
void	 ike_timer_init(struct timer *, void (*)(struct ike *, void *,
	    uint64_t), void *);
void	 ike_timer_set(struct ike *, struct timer *, uint64_t due);
void	 ike_timer_off(struct ike *, struct timer *);
/* Run what is due; the next due time or DUE_NEVER. */
uint64_t ike_timer_run(struct ike *, uint64_t now);

/* ---- buf.c: octets that we own ---- */

struct buf {
	uint8_t		*p;
	size_t		 n;
};

int	 ike_buf_set(struct buf *, struct rd) WUR;	/* replaces, copies */
void	 ike_buf_free(struct buf *);			/* wipes */
#define BUF_RD(b)	rd_of((b)->p, (b)->n)

/* ---- counters ---- */

enum count {
	CNT_RECV, CNT_SENT, CNT_BAD_HEADER, CNT_BAD_VERSION, CNT_BAD_SPI,
	CNT_BAD_PAYLOAD, CNT_BAD_ICV, CNT_BAD_MID, CNT_BAD_STATE, CNT_BAD_ADDR,
	CNT_REFLECTED, CNT_REPLAYED, CNT_RETRANSMIT, CNT_HALF_FULL,
	CNT_NO_TUNNEL, CNT_UNPROTECTED, CNT_HELD, CNT_HELD_FULL, CNT_STALE,
	CNT_KEYS_BUSY, CNT_SA_INIT, CNT_SA_RESP, CNT_CHILD, CNT_SECOND,
	CNT_NO_MEMORY, CNT_BAD_FRAG, CNT_MAX
};

/* ---- the objects ---- */

/* Where an IKE SA stands; the first column of the edge table. */
enum state {
	S_NONE,			/* no IKE SA: an IKE_SA_INIT request */
	S_INIT_I,		/* initiator, until IKE_SA_INIT is answered */
	S_AUTH_I,		/* initiator, until IKE_AUTH is answered */
	S_INIT_R,		/* responder, until IKE_AUTH came */
	S_NEXT,			/* being made by a rekey; no message for it */
	S_UP,
	S_CLOSING,		/* up, but DELETE is on its way */
	S_LINGER,		/* over; repeats its last answer for a while */
	S_DEAD,
	S_MAX
};

/* What answer of another process an IKE SA waits for; K: only s2sd-keys is
 * missing, S: only s2sd-sad. */
enum wait {
	W_NONE,
	W_START, W_KEYED, W_AUTH_I, W_AUTH_I_K, W_AUTH_I_S,
	W_START_R, W_AUTH_R, W_AUTH_R_K, W_AUTH_R_S,
	W_CSTART, W_CHILD_I, W_CHILD_I_K, W_CHILD_I_S,
	W_CHILD_R, W_CHILD_R_K, W_CHILD_R_S,
	W_RSTART, W_REKEY_I, W_REKEY_R,
	W_MAX
};

/* Our own request, window 1. */
enum own {
	O_NONE, O_INIT, O_AUTH, O_NEW, O_REKEY, O_IKE, O_DELCHILD, O_DELETE,
	O_LIVE
};

/* What an IKE SA is to do as soon as it may; level-triggered. */
enum want {
	WANT_DELETE = 1, WANT_IKE = 2, WANT_NEW = 4, WANT_LIVE = 8
};

enum { CAND_MAX = 3 };

enum cstate {
	C_NEW,			/* being negotiated */
	C_UP,
	C_OLD,			/* replaced, or to be deleted */
	C_DEAD
};

/* The beginning of a nonce: enough to tell which of two is lower. */
struct low {
	uint8_t		 n;		/* 0: none */
	uint8_t		 d[NONCE_LEN];
};

struct child {
	struct child	*next;		/* of the same IKE SA */
	struct sa	*sa;
	struct tun	*tun;
	uint32_t	 num;		/* ours, for s2sd-sad */
	struct node	 by_num;
	enum cstate	 state;
	uint8_t		 init;		/* we made it */
	uint8_t		 want_rekey, want_del;
	uint8_t		 lost;		/* its SAs are gone, only we have it */
	uint8_t		 udp, shown;	/* shown: s2sd-ctl knows it */
	uint32_t	 spi_in, spi_out;
	uint32_t	 replaces;	/* number of its predecessor, or 0 */
	uint32_t	 beside;	/* percpu.c: its own number: others may be
					   beside it; or which it is beside */
	uint16_t	 cpu;		/* 1 + the CPU that sends by it, 0: all */
	uint8_t		 alone;		/* the peer makes none beside it */
	uint64_t	 want_cpu[CPUS_MAX / 64];	/* that wait for their own */
	struct algs	 a;
	uint16_t	 mtu;
	struct selpair	*pair;
	size_t		 npair;
	struct low	 low;		/* lower of the two nonces (2.8.1) */
	uint32_t	 life;		/* seconds agreed on, 0: the tunnel's */
	uint64_t	 kbytes;	/* the same, of traffic */
	uint8_t		 dying;		/* the peer has forgotten it (IKEv1) */
	uint8_t		 ready;		/* C_NEW, but s2sd-sad has it (IKEv1) */
	uint64_t	 born, rekey_at, dies_at;	/* ms */
	struct timer	 timer;		/* the sooner of the two */
};

/* Answers of an exchange that waits for two processes. */
struct answers {
	uint8_t		 kerr, serr;
	uint32_t	 spi_in;
	uint16_t	 mtu;
	uint8_t		 method;
	struct buf	 id, auth, nonce, ke;
};

/* The peer's request that is being worked on. */
struct peer_req {
	uint8_t		 exch;
	struct addr	 local, remote;	/* where the answer goes */
	uint8_t		 flags;		/* NETF_ */
	struct child	*child;		/* being made, or NULL */
	uint16_t	 refused;	/* notify instead of a child, or 0 */
	uint8_t		 num;		/* proposal number */
	struct sa	*other;		/* IKE rekey: the new SA */
	struct algs	 a;
	struct buf	 nonce;		/* the peer's */
};

struct own_req {
	enum own	 kind;
	uint8_t		 sent;		/* on the wire, not answered */
	uint32_t	 mid;
	struct buf	 msg;
	uint64_t	 at;		/* first sent */
	unsigned int	 repeats;
	struct child	*child;		/* being made */
	uint32_t	 old;		/* number of the child it replaces */
	uint32_t	 del;		/* number of the child being deleted */
	uint32_t	 chandle;	/* of s2sd-keys */
	struct sa	*other;		/* the new IKE SA of a rekey */
	struct sa	*rival;		/* the peer's new IKE SA of a rekey that
					   crossed ours */
	const struct alg *dh;		/* group that we sent a KE for */
	uint8_t		 restarts;	/* for another group */
	uint16_t	 tried[4];	/* groups asked for so far */
	struct buf	 nonce, ke, cookie;
	uint8_t		 cookies;	/* restarts for a cookie */
};

struct sa {
	struct sa	*next;		/* of the same tunnel, or dead list */
	const struct ike_proto *proto;
	struct ike1	*v1;		/* what only IKEv1 has, or NULL */
	struct tun	*tun;		/* NULL: responder before IKE_AUTH */
	uint32_t	 slot, gen;	/* gen: requests to others */
	enum state	 state;
	enum wait	 wait;
	uint8_t		 init;		/* original initiator */
	uint8_t		 want;
	uint8_t		 stuck;		/* its window will not move again */
	uint8_t		 doomed;	/* a fresh IKE SA is to replace it */
	uint8_t		 replaced;	/* its children belong to another */
	uint8_t		 half;		/* counted as half-open */
	uint8_t		 peer_ic;	/* the peer sent it */
	uint8_t		 tmpfail;	/* TEMPORARY_FAILUREs in a row */
	uint64_t	 spi_i, spi_r;
	uint64_t	 mine;		/* the one of them that is ours */
	struct node	 by_spi, by_init, by_src;
	struct addr	 local, remote;
	struct addr	 from;		/* of the IKE_SA_INIT request */
	struct addr	 asked_local, asked_remote;	/* before the move to
							   port 4500 */
	uint8_t		 asked_float;
	uint8_t		 num;		/* proposal chosen as responder */
	uint8_t		 forced;	/* UDP in any case */
	uint8_t		 float_;	/* on port 4500 */
	uint8_t		 udp;		/* children in UDP */
	uint8_t		 nat_here, nat_there, nat_known;
	uint32_t	 handle;	/* of s2sd-keys, 0: none (any more) */
	struct algs	 a;
	struct crypt	*seal, *open;
	uint64_t	 iv;		/* counter, AEAD */
	uint32_t	 mid_out, mid_in;	/* next to send, next to come */
	struct own_req	 own;
	struct peer_req	 peer;
	struct answers	 ans;
	struct buf	 reply;		/* our last answer */
	uint8_t		 reply_flags;
	uint8_t		 digest[20];	/* of the request that it answers */
	struct buf	 held;		/* one request that waits */
	struct m_net_dgram held_from;
	struct buf	 init_i, init_r;	/* until IKE_AUTH is done */
	struct low	 low;		/* lower nonce of the rekey that made it */
	/* Other answers to our IKE_SA_INIT: who was first need not have been
	 * the peer (N043). */
	struct buf	 cand[CAND_MAX];
	uint8_t		 ncand, doubt;
	struct m_net_dgram cand_from;
	int		 reason;	/* remembered, told at the time-out */
	char		 detail[128];
	struct child	*children;
	uint64_t	 begun;		/* its first message */
	uint64_t	 born;		/* begun, then up since */
	uint64_t	 rekey_at, dies_at, last_in, half_since, asked;
	uint32_t	 rtt;
	uint32_t	 repeats;	/* all retransmissions */
	char		 vendor[64];
	struct timer	 t_own;		/* retransmission */
	struct timer	 t_life;	/* half-open end; rekey, hard end */
	struct timer	 t_live;	/* liveness */
	struct timer	 t_nat;		/* NAT keepalive */
	struct timer	 t_wait;	/* an answer that does not come */
	struct timer	 t_next;	/* what could not be done at once */
};

struct tun {
	struct node	 by_id, by_ident, by_addr[PEER_MAX];
	struct tun	*next;		/* all */
	struct tun	*any_next;	/* ike.any */
	const struct tunnel *t;		/* in the configuration in force */
	uint32_t	 id;
	struct sa	*sas;
	struct sa	*dial;		/* our attempt, not yet up */
	uint8_t		 down;		/* by hand */
	uint8_t		 asked;		/* UP by hand or an acquire */
	uint8_t		 gone;		/* left the configuration */
	uint8_t		 orphan;	/* SAs of our former life are there */
	uint8_t		 peer_i;	/* peer[] in use */
	uint8_t		 of_child;	/* the reason is about the child */
	uint16_t	 after;		/* why it had to be made again */
	uint16_t	 no_next;	/* why no IKE SA replaces a doomed one */
	uint8_t		 was_up;
	uint32_t	 tries;
	uint32_t	 backoff;	/* seconds */
	uint32_t	 cback;		/* the same for children */
	uint64_t	 since;
	uint8_t		 state;		/* enum tstate */
	int		 reason;
	char		 detail[128];
	uint64_t	 shown;		/* hash of what s2sd-ctl was told */
	uint64_t	 version_at;	/* when ike-version was said last */
	uint64_t	 offered_at;	/* and what the peer offers */
	struct timer	 t_dial;	/* next attempt */
	struct timer	 t_child;	/* next try for what no child covers */
	struct timer	 t_double;	/* look at two IKE SAs again */
	struct timer	 t_cpu;		/* look for CPUs without a child */
};

struct half {			/* an address with half-open IKE SAs */
	struct node	 n;
	struct addr	 a;
	unsigned int	 count;
};

enum { PORT_IKE = 500, PORT_NATT = 4500 };

enum {
	SLOT_MAX = 65535, HALF_ALL = 1024, HALF_SRC = 4, COOKIE_ON = 64,
	COOKIE_OFF = 32, COOKIE_MS = 10000, HALF_MS = 30000,
	HALF_TOTAL_MS = 120000, HALF_V1 = 4 /* struct sa.half */, LINGER_MS = 30000, WAIT_MS = 10000,
	RETX_FIRST = 500, RETX_CAP = 8000, RETX_MAX = 14,
	RETX_SILENT = 3,	/* then a person is told, 3.5 s */
	RETX_DOUBT = 2,		/* repeats of IKE_AUTH while there is another
				   IKE_SA_INIT answer to try */
	RETX_FORGED = 6,	/* and once there was one */
	 KEEPALIVE_MS = 20000,
	BACKOFF_MAX = 60, OPEN_KEYS = 48, OPEN_MAX = 60, VERSION_SLOTS = 256
};

struct ike {
	const struct role_io *io;
	const struct conf *conf;
	uint64_t	 seed;
	uint64_t	 now;		/* of the event at hand */
	uint8_t		 told;		/* all roles are ready */
	uint8_t		 going;		/* ... and so are we */
	struct heap	 heap;
	struct map	 by_spi, by_init, by_num, by_src;
	struct map	 tun_id, tun_ident, tun_addr;
	struct map	 contact;	/* identity pairs that had an IKE SA */
	struct tun	*tuns, *any;	/* any: see tun.c */
	struct tun	*gone;		/* until their last IKE SA is closed */
	size_t		 ntun;
	struct sa	**slot;
	uint32_t	 nslot, nused, free_hint;
	struct sa	*dead;
	struct child	*dead_child;
	uint32_t	 next_child;
	unsigned int	 half, halfsrc;	/* half-open; of unproven sources */
	unsigned int	 half1;		/* half-open, IKEv1 */
	unsigned int	 open_keys;	/* requests that wait for s2sd-keys */
	uint8_t		 cookies;
	uint64_t	 cookie_low;	/* below COOKIE_OFF since */
	uint64_t	 version_at[VERSION_SLOTS];
	uint64_t	 log_at;
	unsigned int	 log_n;
	struct m_s_caps	 caps;
	uint8_t		 have_caps;
	uint32_t	 tell_net;	/* slot being told again */
	struct tun	*tell_tun;
	struct tun	*tell_sad;	/* children that a new s2sd-sad asks for */
	uint8_t		 telling_sad;	/* ... and the end of them */
	struct timer	 t_half, t_tell;
	uint64_t	 count[CNT_MAX];
	uint8_t		 in[MSG_MAX + 512];	/* the datagram at hand */
	uint8_t		 out[MSG_MAX + 512];
	struct pld_sa	 offer;		/* scratch of the handler at hand */
	struct plds	 outer;
};

/* One version of IKE.  ike.c looks at the major version once; after that an
 * IKE SA knows whose it is. */
struct ike_proto {
	uint8_t		 major;
	/* A datagram with a good header. */
	void		(*recv)(struct ike *, const struct m_net_dgram *,
			    const struct ike_hdr *);
	/* Begin an IKE SA that we initiate: s2sd-keys is asked first. */
	void		(*dial)(struct ike *, struct sa *);
	/* An answer of s2sd-keys or s2sd-sad that belongs to this IKE SA. */
	void		(*answer)(struct ike *, struct sa *, uint32_t type,
			    const void *body);
	/* What it waits for will not come. */
	void		(*lost)(struct ike *, struct sa *);
	/* Look for something to do. */
	void		(*next)(struct ike *, struct sa *);
	/* No answer to our request, RETX_MAX repeats. */
	void		(*timeout)(struct ike *, struct sa *);

	/* The rest may be NULL. */

	/* Send the request at hand, once more if own.repeats; NULL: as it is. */
	void		(*repeat)(struct ike *, struct sa *);
	/* The peer is about to lose this IKE SA and its children by our will. */
	void		(*bye)(struct ike *, struct sa *);
	/* It leaves all indexes: stop what the version has of timers; and, when
	 * the event is over: free what it has of memory. */
	void		(*stop)(struct ike *, struct sa *);
	void		(*wipe)(struct ike *, struct sa *);
};

extern const struct ike_proto	ike_v1, ike_v2;

/* ---- proto.c, or proto_v2.c in a build without IKEv1 ---- */

/* Of that major version, or NULL. */
const struct ike_proto *ike_proto(uint8_t major);
/* The one that this tunnel speaks; NULL: not in this build. */
const struct ike_proto *ike_proto_of(const struct tunnel *);

/* ---- offered.c ---- */

/*
 * What a peer offered in vain: each row once, then said of its tunnels that
 * are down.
 */
struct ike_offered {
	const struct alg *a[3][8];	/* ciphers, hashes, groups */
	size_t		  n[3];
};
void	 ike_offered_add(struct ike_offered *, const struct alg *);
void	 ike_offered_say(struct ike *, const struct addr *, int version,
	    const struct ike_offered *);

/* ---- version.c ---- */

/*
 * The peer at that address speaks another version than its tunnels: say so,
 * rarely, with the line to change.  Nothing is proved by it.
 */
void	 ike_other_version(struct ike *, const struct addr *, uint8_t major);
/* The same as answer to the first message of an attempt of ours. */
void	 ike_other_answer(struct ike *, struct sa *, const struct addr *,
	    uint8_t major);

/* ---- frames.c ---- */

enum { IKE_NRULES = 25 };
extern const struct role_rule	ike_rules[IKE_NRULES];

/* ---- sa.c, sa_timer.c ---- */

enum { SA_TIMERS = 6, TUN_TIMERS = 4 };
void	 ike_sa_timers(struct sa *);
struct sa *ike_sa_new(struct ike *, const struct ike_proto *, int init);
void	 ike_sa_announce(struct ike *, const struct sa *);
/* Into the tunnel's list. */
void	 ike_sa_join(struct sa *, struct tun *);
/* Out of everything; children too. */
void	 ike_sa_free(struct ike *, struct sa *);
void	 ike_sa_wait(struct ike *, struct sa *, enum wait);
struct sa *ike_sa_req(struct ike *, uint32_t req);
uint32_t ike_sa_reqid(const struct sa *);
void	 ike_sa_spi(struct ike *, struct sa *, uint64_t);
void	 ike_sa_up(struct ike *, struct sa *);
void	 ike_sa_lives(struct ike *, struct sa *);
void	 ike_sa_half(struct ike *, struct sa *);
void	 ike_sa_progress(struct ike *, struct sa *);
/* Over, but repeat the last answer for a while. */
/* Look again for something to do, ms from now. */
void	 ike_sa_again(struct ike *, struct sa *, uint64_t ms);
void	 ike_sa_linger(struct ike *, struct sa *);
void	 ike_sa_doom(struct ike *, struct sa *, uint64_t at);
void	 ike_own_clear(struct ike *, struct sa *);
void	 ike_send(struct ike *, const struct addr *local,
	    const struct addr *remote, uint8_t flags, struct rd msg);
/* How long after that many repeats until the next; 10 % jitter. */
uint64_t ike_retx_wait(struct ike *, unsigned int repeats);
/* Our request goes out for the first time: repeat it until it is answered. */
void	 ike_own_send(struct ike *, struct sa *, struct rd msg);
uint64_t ike_margin(struct ike *, uint64_t life_ms);
void	 ike_close_handle(struct ike *, struct tun *, uint32_t handle);
void	 ike_reap(struct ike *);
uint64_t ike_random64(struct ike *);
uint32_t ike_random_below(struct ike *, uint32_t);

/* ---- verdict.c ---- */

/* The reason that goes with a verdict of s2sd-keys. */
int	 ike_reason_of(uint8_t kerr);
/* What s2sd-sad did not like, for people. */
const char *ike_serr(uint8_t);

/* ---- natt.c ---- */

/* Must everything go in UDP?  Then we say that a NAT is in front of us. */
int	 ike_forced(const struct ike *, const struct tun *);
/*
 * The tunnel has AH, which protects the addresses of its packets, and a NAT
 * changes them: which ones, in words; NULL: all is well.
 */
const char *ike_ah_nat(const struct sa *, const struct tunnel *);
/* As responder: whose initiator may well stop here and say nothing. */
void	 ike_hint_ah(struct ike *, const struct sa *, struct tun *);
/* The peer speaks of the other one of ESP and AH: in words, or NULL. */
const char *ike_esp_ah(const struct tunnel *, uint8_t proto);
/* Follow the peer, if this tunnel's peer may move. */
void	 ike_follow(struct ike *, struct sa *, const struct m_net_dgram *);

/* ---- percpu.c: SAs of single CPUs, RFC 9611 ---- */

/* May this tunnel have them, here? */
int	 ike_percpu(const struct ike *, const struct tunnel *);
/* The child of all CPUs of this IKE SA with these pairs that others may be
 * beside, or NULL. */
struct child *ike_cpu_base(const struct sa *, const struct selpair *,
	    size_t n);
/* 1 + the first CPU that has no child beside `base', or 0. */
uint16_t ike_cpu_free(const struct ike *, const struct child *base);
/* A timer of a tunnel: a child for every CPU that has none. */
void	 ike_cpu_fill(struct ike *, void *tun, uint64_t now);
/* The child of this IKE SA that is to get one beside it, or NULL; and for
 * which CPU, 1 + its number, which is not wanted any more then. */
struct child *ike_cpu_wanted(const struct sa *);
uint16_t ike_cpu_take(struct child *base);
void	 ike_cpu_again(struct ike *, const struct child *);
/* The peer makes none: not asked again before the keys are renewed. */
void	 ike_cpu_refused(struct ike *, const struct child *, int reason,
	    const char *detail);
/* c takes the place of `old': the same CPU, the same company. */
void	 ike_cpu_heir(struct child *c, const struct child *old);
/* Do that in a while. */
void	 ike_cpu_later(struct ike *, struct tun *);
/* c has come up. */
void	 ike_cpu_up(struct ike *, struct child *c);

/* ---- half.c ---- */

/* May this source have one more?  proven: cookie, or a configured peer. */
int	 ike_half_room(struct ike *, const struct addr *, int proven);
void	 ike_half_add(struct ike *, struct sa *, int proven);
void	 ike_half_del(struct ike *, struct sa *);
void	 ike_half_tick(struct ike *, void *, uint64_t);

/* ---- child.c ---- */

struct child *ike_child_new(struct ike *, struct sa *, int init);
int	 ike_child_pairs(struct child *, const struct selpair *, size_t);
/* Has it these pairs, in this order?  1 or 0. */
int	 ike_child_has(const struct child *, const struct selpair *, size_t);
void	 ike_child_up(struct ike *, struct child *);
/* Tell s2sd-sad to delete it (if it has it), out of all lists. */
void	 ike_child_free(struct ike *, struct child *);
struct child *ike_child_find(struct ike *, uint32_t num);
struct child *ike_child_out(struct sa *, uint32_t spi_out);
void	 ike_child_move(struct sa *from, struct sa *to);
/* The struct m_sa for s2sd-sad, encoded into room. */
int	 ike_child_ah(const struct child *);	/* AH, not ESP */
struct rd ike_child_msa(struct ike *, struct child *, int inactive,
	    uint8_t *room, size_t max);
/* Live children of the tunnel, without those that are being replaced. */
size_t	 ike_child_count(const struct tun *);

/* ---- tun.c, tun_up.c ---- */

/* Is it ours to bring up? */
int	 ike_tun_ours(const struct tun *);
/* When to try again; *s is the last back-off in seconds, grows. */
uint64_t ike_tun_backoff(struct ike *, uint32_t *s);
void	 ike_tun_double(struct ike *, void *tun, uint64_t now);
void	 ike_tun_child_due(struct ike *, void *tun, uint64_t now);

int	 ike_tun_add(struct ike *, const struct tunnel *);
/* Its record was replaced by one that differs in soft fields (tunnel.h). */
void	 ike_tun_soft(struct ike *, struct tun *);
void	 ike_tun_remove(struct ike *, struct tun *);
void	 ike_tun_go(struct ike *, struct tun *);
struct tun *ike_tun_find(struct ike *, uint32_t id);
struct tun *ike_tun_next_addr(struct ike *, const struct addr *, struct node **);
int	 ike_tun_peer(const struct tun *, const struct addr *);
struct sa *ike_tun_sa(const struct tun *);		/* an IKE SA that is up */
struct sa *ike_tun_doomed(const struct tun *);	/* to be replaced by a fresh one */
void	 ike_tun_want(struct ike *, struct tun *);	/* dial if it should be up */
void	 ike_tun_dial(struct ike *, void *tun, uint64_t now);
void	 ike_tun_failed(struct ike *, struct sa *, int reason,
	    const char *detail);
void	 ike_tun_lost(struct ike *, struct tun *, int reason,
	    const char *detail);
void	 ike_tun_sa_up(struct ike *, struct tun *, struct sa *);
void	 ike_tun_child_up(struct ike *, struct tun *, struct child *);
void	 ike_tun_child_failed(struct ike *, struct tun *, int reason,
	    const char *detail);
/* Pairs of the configuration that no live child covers: count; *out up to
 * SELPAIR_MAX of them. */
size_t	 ike_tun_uncovered(const struct tun *, struct selpair *out);
uint64_t ike_ident_key(struct ike *, const struct tunnel *);
int	 ike_tun_down(struct ike *, struct tun *);
int	 ike_tun_up(struct ike *, struct tun *, const char **why);
int	 ike_tun_rekey(struct ike *, struct tun *, int ike);

/* ---- ike.c ---- */

void	 ike_begin(struct ike *);

/* ---- report.c ---- */

void	 ike_report(struct ike *, struct tun *);
void	 ike_report_child(struct ike *, struct child *, int up);
void	 ike_reason(struct ike *, struct tun *, int reason, const char *detail);
/* A line about what strangers sent; limited (R5). */
void	 ike_noise(struct ike *, const struct addr *, const char *what);
void	 ike_tell(struct ike *, void *, uint64_t);
/* Printable text, at most max - 1 octets. */
void	 ike_printable(char *, size_t max, struct rd);
uint32_t ike_gen(const struct ike *);

#endif /* ENGINE_H */
