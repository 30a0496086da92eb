/* SPDX-License-Identifier: ISC */

/*
 * v1.h: IKEv1 with a shared secret, RFC 2407 to 2409: main mode, quick mode
 * and informational exchanges, as two tables (edge.c): what may come from
 * the peer in which state, and what may come from s2sd-keys and s2sd-sad in
 * which wait.  The handlers are in a file for each role of each exchange.
 *
 * An IKE SA has one exchange of main mode and, when it is up, any number of
 * quick modes, each with its own message ID and chain of IVs (RFC 2409
 * appendix B).  Children belong to the tunnel: whichever IKE SA is up
 * looks after them.
 */

#ifndef V1_H
#define V1_H

#include "../engine.h"
#include "../payload/v1.h"

/* Which message was the last one; the first column of the table. */
enum st1 {
	ST1_NONE,		/* no IKE SA */
	ST1_MM1,		/* initiator: sent message 1 of main mode */
	ST1_MM2,		/* responder: sent message 2; and so on */
	ST1_MM3, ST1_MM4, ST1_MM5,
	ST1_UP,
	ST1_Q0,			/* a quick mode that begins */
	ST1_Q1, ST1_Q2,
	ST1_QEND,		/* over; repeats its last message */
	ST1_MAX
};

/* Ways of NAT traversal, the better the higher. */
enum natt1 { NATT1_NONE, NATT1_D02, NATT1_D02N, NATT1_D03, NATT1_RFC };

enum {
	IV1_MAX = 16, HASH1_MAX = 64, HELD1_MAX = 8, QM1_OWN = 8,
	QM1_SPARE = 8, MID1_MAX = 4096, INFO1_MAX = 128,
	HALF1_ALL = 256, HALF1_PEER = 2,	/* half-open, as responder */
	FRAG1_PARTS = 64, FRAG1_MS = 60000, FRAG1_SEND = 1200,
	FRAG1_EARLY = 10000,	/* octets before the peer is authenticated */
	QM1_LINGER = 120000
};

/* One quick mode. */
struct qm {
	struct qm	*next;
	struct sa	*sa;
	uint32_t	 mid;
	uint8_t		 init;		/* we began it */
	uint8_t		 st;		/* enum st1 */
	uint8_t		 say_life;	/* ours is the shorter one */
	uint32_t	 child;		/* number of the child being made */
	uint32_t	 chandle;	/* of s2sd-keys */
	const struct alg *dh;		/* group of our KE */
	uint8_t		 iv[IV1_MAX];	/* of the next message */
	uint8_t		 next_iv[IV1_MAX];	/* if the one at hand is good */
	struct buf	 ni, nr, ke;	/* ke: ours */
	struct buf	 idi, idr;	/* as they came */
	struct buf	 attrs;		/* of the transform, for the answer */
	struct pld1_choice c;		/* its attrs point into nothing */
	struct buf	 out;		/* our last message */
	uint8_t		 digest[20];	/* of the message that it answers */
	uint64_t	 at;		/* first sent */
	unsigned int	 repeats;
	struct timer	 t;
};

struct held1 {
	struct buf	 b;
	struct m_net_dgram d;
};

/* One message being put together. */
struct frags1 {
	uint16_t	 id;
	uint8_t		 last;		/* number of the last one, 0: unknown */
	uint8_t		 have;
	uint64_t	 since;
	size_t		 octets;
	struct buf	 part[FRAG1_PARTS];
};

/* What an IKE SA of version 1 has besides. */
struct ike1 {
	uint8_t		 st;		/* enum st1 */
	uint8_t		 natt;		/* enum natt1 */
	uint8_t		 dpd, frag;	/* the peer announced it */
	uint32_t	 guess;		/* tunnel, before its identity */
	struct buf	 sai;		/* SA payload of message 1 */
	struct buf	 kei, ker;	/* public values, for the first IV */
	struct buf	 nonce;		/* ours */
	uint8_t		 iv[IV1_MAX];	/* of the next message of main mode,
					   then its last block */
	uint8_t		 next_iv[IV1_MAX];
	struct keyoct	 a, e;		/* SKEYID_a; key made of SKEYID_e */
	uint32_t	 secs;		/* life that the peer wants, or 0 */
	uint64_t	 heard;		/* last message with a good HASH */
	struct qm	*qms, *cur;	/* cur: waits for an answer */
	struct held1	 held[HELD1_MAX];
	size_t		 nheld;
	uint32_t	*mid;		/* of quick modes, used up */
	size_t		 nmid;
	uint32_t	 info[INFO1_MAX];	/* the same, informational: a ring */
	size_t		 ninfo;
	uint32_t	 dpd_first, dpd_out, dpd_in;
	struct buf	 ack;		/* our last R-U-THERE-ACK */
	uint8_t		 ack_digest[20];
	uint16_t	 frag_id;
	struct frags1	*frags;
	uint8_t		 byes;		/* DELETE sent so often */
	struct timer	 t_old;		/* replaced children; closing */
};

/* A message on its way through the machine. */
struct msg1 {
	struct ike_hdr		 h;
	const struct m_net_dgram *d;
	struct plds1		 p;
	uint32_t		 see;	/* PLD1BIT()s that the row allows */
	struct qm		*q;
	uint8_t			 digest[20];
};

enum step1 { STEP1_DROP, STEP1_OK, STEP1_WAIT };

struct ike1_edge {
	uint8_t		 from;		/* enum st1 */
	uint8_t		 exch;
	uint8_t		 sealed;	/* came encrypted */
	uint32_t	 need, may;	/* PLD1BIT() */
	enum step1	(*fn)(struct ike *, struct sa *, struct msg1 *);
	uint8_t		 to;		/* after STEP1_OK */
};

struct ike1_answer {			/* as struct ike2_answer */
	uint8_t		 from;		/* enum wait */
	uint32_t	 type;
	int		(*fn)(struct ike *, struct sa *, const void *);
	uint8_t		 to;
	void		(*done)(struct ike *, struct sa *);
};

extern const struct ike1_edge	ike1_edges[];
extern const size_t		ike1_nedges;
extern const struct ike1_answer	ike1_answers[];
extern const size_t		ike1_nanswers;

/* ---- edge.c ---- */

/* Find the row and run it; -1: no row. */
int	 ike1_step(struct ike *, struct sa *, struct msg1 *, int sealed);
void	 ike1_answer(struct ike *, struct sa *, uint32_t type, const void *);
/* A payload that the row allows, or NULL; the body, or an empty view. */
const struct pld1 *ike1_pld(const struct msg1 *, uint8_t type);
struct rd ike1_body(const struct msg1 *, uint8_t type);
/* The next Notify payload that parses; start with *i = 0. */
int	 ike1_notify(const struct msg1 *, size_t *i, struct pld1_notify *);

/* ---- state.c ---- */

struct ike1 *ike1_new(struct ike *, struct sa *);
void	 ike1_stop(struct ike *, struct sa *);
void	 ike1_wipe(struct ike *, struct sa *);
struct qm *ike1_qm_new(struct ike *, struct sa *, int init, uint32_t mid);
struct qm *ike1_qm_find(const struct sa *, uint32_t mid);
void	 ike1_qm_free(struct ike *, struct qm *);
/* Is this message ID used up?  Use it up: 0, or -1 if there is no room. */
int	 ike1_mid_used(const struct sa *, uint32_t mid);
int	 ike1_mid_use(struct sa *, uint32_t mid);
void	 ike1_mid_again(struct sa *, uint32_t mid);
uint32_t ike1_mid_draw(struct ike *, const struct sa *);
int	 ike1_info_used(const struct sa *, uint32_t mid);
void	 ike1_info_use(struct sa *, uint32_t mid);

/* ---- seal.c ---- */

/* IV of the first encrypted message of main mode: 0 or -1. */
int	 ike1_iv_main(struct sa *);
int	 ike1_iv_phase2(const struct sa *, uint32_t mid, uint8_t *iv);
/* prf(SKEYID_a, views): prf->outlen octets. */
int	 ike1_prf_a(const struct sa *, const struct rd *, size_t, uint8_t *);
void	 ike1_begin(struct ike *, const struct sa *, struct pld1_out *,
	    uint8_t exch, uint32_t mid);
/* A HASH payload, still empty; then filled: over the message ID and, of a
 * quick mode, Ni_b (may be empty), and all that follows. */
void	 ike1_hash_begin(const struct sa *, struct pld1_out *);
int	 ike1_hash_end(const struct sa *, struct pld1_out *, uint32_t mid,
	    struct rd nonce);
int	 ike1_hash_ok(const struct sa *, const struct msg1 *, struct rd nonce);
/* HASH(3). */
int	 ike1_hash3(const struct sa *, const struct qm *, uint8_t *);
/* Pad, encrypt, set the length; iv becomes that of the next message. */
int	 ike1_seal(const struct sa *, struct pld1_out *, uint8_t *iv);
/* Decrypt the copy in ike->in; next becomes the next IV. */
int	 ike1_open(struct ike *, const struct sa *, struct rd msg,
	    const uint8_t *iv, uint8_t *next);

/* ---- recv.c ---- */

void	 ike1_recv(struct ike *, const struct m_net_dgram *,
	    const struct ike_hdr *);
void	 ike1_held(struct ike *, struct sa *);
/* A message that cannot be a replay: the peer lives, and is there. */
void	 ike1_fresh(struct ike *, struct sa *, const struct m_net_dgram *);

/* ---- frag.c ---- */

void	 ike1_send(struct ike *, struct sa *, struct rd msg);
void	 ike1_send_to(struct ike *, struct sa *, const struct m_net_dgram *,
	    struct rd msg);
/* A fragment: 1 and the whole message in *msg if it was the last that was
 * missing (the caller frees it), else 0. */
int	 ike1_frag_in(struct ike *, struct sa *, const struct m_net_dgram *,
	    struct buf *msg);
void	 ike1_frags_free(struct ike1 *);

/* ---- main_i.c, main_r.c ---- */

void	 ike1_dial(struct ike *, struct sa *);
void	 ike1_remember(struct ike *, struct sa *, int reason,
	    const char *detail);
enum step1 ike1_mm2(struct ike *, struct sa *, struct msg1 *);
enum step1 ike1_mm4(struct ike *, struct sa *, struct msg1 *);
enum step1 ike1_mm6(struct ike *, struct sa *, struct msg1 *);
int	 ike1_started(struct ike *, struct sa *, const void *);
void	 ike1_started_done(struct ike *, struct sa *);
int	 ike1_keyed(struct ike *, struct sa *, const void *);
void	 ike1_keyed_done(struct ike *, struct sa *);
int	 ike1_auth(struct ike *, struct sa *, const void *);
void	 ike1_auth_i_done(struct ike *, struct sa *);

enum step1 ike1_mm1(struct ike *, struct sa *, struct msg1 *);
enum step1 ike1_mm3(struct ike *, struct sa *, struct msg1 *);
enum step1 ike1_mm5(struct ike *, struct sa *, struct msg1 *);
int	 ike1_started_r(struct ike *, struct sa *, const void *);
void	 ike1_started_r_done(struct ike *, struct sa *);
void	 ike1_auth_r_done(struct ike *, struct sa *);
/* Message 5 that cannot be decrypted: the secrets differ. */
void	 ike1_mm5_junk(struct ike *, struct sa *);
/* The peer's ID payload and HASH, for s2sd-keys. */
void	 ike1_ask_auth(struct ike *, struct sa *, struct msg1 *, uint32_t tun,
	    enum wait);
void	 ike1_ke_put(struct pld1_out *, struct rd ke, struct rd nonce);
/* Half-open ones as responder: may there be one more for this address? */
int	 ike1_half_room(struct ike *, const struct addr *);

/* ---- second.c ---- */

/* Another answer to our message 1: 1 if it was one. */
int	 ike1_second(struct ike *, struct sa *, const struct m_net_dgram *,
	    const struct ike_hdr *);
void	 ike1_candidate(struct ike *, struct sa *);

/* ---- quick.c, quick_i.c, quick_r.c ---- */

void	 ike1_quick_start(struct ike *, struct sa *, struct child *old);
int	 ike1_cstarted(struct ike *, struct sa *, const void *);
void	 ike1_cstarted_done(struct ike *, struct sa *);
enum step1 ike1_qm2(struct ike *, struct sa *, struct msg1 *);
void	 ike1_child_i_done(struct ike *, struct sa *);
/* The networks of a quick mode as the peer has them, "its to ours"; init: we
 * began.  "" if they are none. */
void	 ike1_nets_text(const struct msg1 *, int init, char *, size_t);
/* Our quick mode did not come about. */
void	 ike1_quick_fail(struct ike *, struct qm *, int reason,
	    const char *detail);
/* The peer refused one: that with this SPI, or the only one. */
void	 ike1_quick_refused(struct ike *, struct sa *,
	    const struct pld1_notify *);

enum step1 ike1_qm1(struct ike *, struct sa *, struct msg1 *);
enum step1 ike1_qm3(struct ike *, struct sa *, struct msg1 *);
void	 ike1_child_r_done(struct ike *, struct sa *);
/* As if message 3 had come: the peer uses the new child already. */
void	 ike1_quick_implied(struct ike *, const struct child *old);

int	 ike1_child_k(struct ike *, struct sa *, const void *);
int	 ike1_child_s(struct ike *, struct sa *, const void *);
void	 ike1_ask_child(struct ike *, struct sa *, struct qm *,
	    struct child *, struct rd nonce, struct rd ke, enum wait);
void	 ike1_child_up(struct ike *, struct qm *, struct child *);
/* The quick mode of ours for that pair that has no answer yet, or NULL. */
struct qm *ike1_quick_own(const struct tun *, const struct selpair *);
uint8_t	 ike1_proto(const struct child *);	/* PROTO1_ESP or PROTO1_AH */
/* What is not the tunnel's of a phase 2 offer. */
void	 ike1_qm_terms(const struct sa *, struct pld1_qm *);
int	 ike1_life(const struct pld1_choice *, struct child *);
void	 ike1_qm_timer(struct ike *, void *, uint64_t);
void	 ike1_qm_sent(struct ike *, struct qm *, struct rd msg, int repeat);
void	 ike1_qm_end(struct ike *, struct qm *);

/* ---- info.c ---- */

enum step1 ike1_info(struct ike *, struct sa *, struct msg1 *);
enum step1 ike1_hint(struct ike *, struct sa *, struct msg1 *);
void	 ike1_send_notify(struct ike *, struct sa *, uint8_t proto,
	    struct rd spi, uint16_t type, struct rd data, struct buf *keep);
void	 ike1_send_delete(struct ike *, struct sa *, const struct child *);
void	 ike1_delete_ike(struct ike *, struct sa *);
void	 ike1_cookies(const struct sa *, uint8_t *);	/* COOKIES1 octets */

/* ---- dpd.c ---- */

void	 ike1_live(struct ike *, struct sa *);
void	 ike1_repeat(struct ike *, struct sa *);
void	 ike1_r_u_there(struct ike *, struct sa *, struct msg1 *,
	    const struct pld1_notify *);
void	 ike1_r_u_there_ack(struct ike *, struct sa *, struct msg1 *,
	    const struct pld1_notify *);

/* ---- natt.c ---- */

/* All that we know (0), or what was chosen; best as responder. */
void	 ike1_vids_put(struct pld1_out *, const struct ike1 *, int all);
void	 ike1_vids_read(struct ike *, struct sa *, const struct msg1 *);
void	 ike1_natd_put(struct ike *, struct sa *, struct pld1_out *);
void	 ike1_natd_read(struct sa *, const struct msg1 *);
void	 ike1_float(struct sa *);

/* ---- next.c ---- */

void	 ike1_next(struct ike *, struct sa *);
void	 ike1_timeout(struct ike *, struct sa *);
void	 ike1_lost(struct ike *, struct sa *);
void	 ike1_bye(struct ike *, struct sa *);
/* ---- over.c ---- */

/* Phase 1 is done. */
void	 ike1_up(struct ike *, struct sa *);
/* Its children go to another IKE SA of the tunnel that is up; anew: and are
 * to be renewed there.  1 if there is one. */
int	 ike1_hand_over(struct ike *, struct sa *, int anew);
void	 ike1_contact(struct ike *, struct sa *);
/* Ours was replaced; ours: by a quick mode that we began. */
void	 ike1_retire_child(struct ike *, struct child *, int ours);
void	 ike1_old(struct ike *, void *, uint64_t);

#endif /* V1_H */
