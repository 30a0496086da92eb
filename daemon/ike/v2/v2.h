/* SPDX-License-Identifier: ISC */

/*
 * v2.h: IKEv2, RFC 7296, as two tables (edge.c): what may come from the
 * peer in which state, and what may come from s2sd-keys and s2sd-sad in
 * which wait.  The handlers are in one file for each exchange.
 */

#ifndef V2_H
#define V2_H

#include "../engine.h"

/* A message on its way through the machine. */
struct msg2 {
	struct ike_hdr		 h;
	const struct m_net_dgram *d;
	struct plds		 p;
	uint32_t		 see;	/* PLDBIT()s that the row allows */
};

enum step { STEP_DROP, STEP_OK, STEP_WAIT };

/* One row of the protocol. */
struct ike2_edge {
	uint8_t		 from;		/* enum state */
	uint8_t		 exch;
	uint8_t		 resp;		/* 1: a response */
	uint8_t		 sealed;	/* came inside SK */
	uint32_t	 need, may;	/* PLDBIT() */
	enum step	(*fn)(struct ike *, struct sa *, struct msg2 *);
	uint8_t		 to;		/* after STEP_OK */
};

/*
 * One row of the answers: fn stores it and says whether more is to come
 * (0), or that this was the last one whatever the row says (1).  When
 * nothing is missing, done goes on with the exchange.
 */
struct ike2_answer {
	uint8_t		 from;		/* enum wait */
	uint32_t	 type;
	int		(*fn)(struct ike *, struct sa *, const void *);
	uint8_t		 to;		/* W_NONE: nothing is missing */
	void		(*done)(struct ike *, struct sa *);
};

extern const struct ike2_edge	ike2_edges[];
extern const size_t		ike2_nedges;
extern const struct ike2_answer	ike2_answers[];
extern const size_t		ike2_nanswers;

/* ---- edge.c ---- */

/* Find the row and run it; -1: no row. */
int	 ike2_step(struct ike *, struct sa *, struct msg2 *, int sealed);
void	 ike2_answer(struct ike *, struct sa *, uint32_t type, const void *);
/* A payload that the row allows, or NULL; the body, or an empty view. */
const struct pld *ike2_pld(const struct msg2 *, uint8_t type);
struct rd ike2_body(const struct msg2 *, uint8_t type);
/* The next Notify payload that parses; start with *i = 0. */
int	 ike2_notify(const struct msg2 *, size_t *i, struct pld_notify *);
int	 ike2_has_notify(const struct msg2 *, uint16_t type,
	    struct pld_notify *);
/* The first error notify, or 0. */
uint16_t ike2_error(const struct msg2 *);
void	 ike2_vendor(struct sa *, const struct msg2 *);

/* ---- exch.c ---- */

void	 ike2_recv(struct ike *, const struct m_net_dgram *,
	    const struct ike_hdr *);
/* What comes after SK was opened: `first' is the first inner type. */
void	 ike2_inner(struct ike *, struct sa *, struct msg2 *, struct rd inner,
	    uint8_t first);
/* Begin and send a protected request. */
void	 ike2_begin(struct ike *, struct sa *, struct pld_out *, uint8_t exch);
void	 ike2_request(struct ike *, struct sa *, enum own, struct pld_out *);
/* Begin and send the answer to sa->peer; kept for repetition. */
void	 ike2_begin_reply(struct ike *, struct sa *, struct pld_out *);
void	 ike2_reply(struct ike *, struct sa *, struct pld_out *);
/* An answer that is one notify. */
void	 ike2_reply_notify(struct ike *, struct sa *, uint16_t type,
	    struct rd data);
void	 ike2_next(struct ike *, struct sa *);
void	 ike2_held(struct ike *, struct sa *);
void	 ike2_timeout(struct ike *, struct sa *);
void	 ike2_lost(struct ike *, struct sa *);
int	 ike2_keys(struct sa *, const struct keyoct *ai,
	    const struct keyoct *ar, const struct keyoct *ei,
	    const struct keyoct *er);

/* ---- own.c ---- */

void	 ike2_ask_pair(struct ike *, struct sa *, uint32_t type, enum wait);
int	 ike2_got_pair(struct sa *, uint8_t err, uint32_t from,
	    uint32_t *handle, struct rd nonce, struct rd ke);
int	 ike2_other_group(struct own_req *, const struct prop *, size_t,
	    uint16_t id);
int	 ike2_again_group(struct ike *, struct sa *, const struct msg2 *,
	    const struct prop *, size_t, uint32_t type, enum wait);
void	 ike2_temporary(struct ike *, struct sa *);
uint64_t ike2_later(struct ike *);

/* ---- init.c, init_r.c ---- */

void	 ike2_dial(struct ike *, struct sa *);
void	 ike2_init_recv(struct ike *, struct msg2 *);
enum step ike2_init_req(struct ike *, struct sa *, struct msg2 *);
enum step ike2_init_rsp(struct ike *, struct sa *, struct msg2 *);
enum step ike2_init_again(struct ike *, struct sa *, struct msg2 *);
enum step ike2_init_second(struct ike *, struct sa *, struct msg2 *);
void	 ike2_init_resume(struct ike *, struct sa *);
/* Is there an answer of another IKE SA of the peer left to try? */
int	 ike2_init_other(struct sa *);
void	 ike2_init_candidate(struct ike *, struct sa *);
int	 ike2_started(struct ike *, struct sa *, const void *);
int	 ike2_started_r(struct ike *, struct sa *, const void *);
void	 ike2_started_done(struct ike *, struct sa *);
void	 ike2_started_r_done(struct ike *, struct sa *);
/* Eight octets, network order. */
void	 ike2_spi(uint64_t, uint8_t *);
/* The first group of a list that works here, or NULL ("none"). */
const struct alg *ike2_group(const struct prop *);

/* ---- auth.c, auth_r.c ---- */

#define IKE_VENDOR	"s2sd"		/* our vendor ID, only inside SK */

/* Ask s2sd-keys whether the peer's AUTH is right, and for c's keys. */
void	 ike2_ask_auth(struct ike *, struct sa *, struct msg2 *, uint8_t id,
	    uint8_t method, struct rd auth, struct child *, enum wait);

int	 ike2_keyed(struct ike *, struct sa *, const void *);
void	 ike2_keyed_done(struct ike *, struct sa *);
enum step ike2_auth_req(struct ike *, struct sa *, struct msg2 *);
enum step ike2_auth_odd(struct ike *, struct sa *, struct msg2 *);
enum step ike2_auth_rsp(struct ike *, struct sa *, struct msg2 *);
enum step ike2_auth_refused(struct ike *, struct sa *, struct msg2 *);
int	 ike2_auth_k(struct ike *, struct sa *, const void *);
int	 ike2_store_s(struct ike *, struct sa *, const void *);
void	 ike2_auth_i_done(struct ike *, struct sa *);
void	 ike2_auth_r_done(struct ike *, struct sa *);
/* Both s2sd-keys and s2sd-sad will answer. */
void	 ike2_answers_begin(struct sa *);
/* The child will not be: only if s2sd-sad has it, it must be deleted. */
void	 ike2_child_unmade(const struct sa *, struct child *);

/* ---- child.c, child_r.c ---- */

void	 ike2_child_start(struct ike *, struct sa *, struct child *old);
/* One more beside `base', for that CPU. */
void	 ike2_child_beside(struct ike *, struct sa *, const struct child *base,
	    uint16_t cpu);
/* SA_RESOURCE_INFO, if c has company (RFC 9611 section 4). */
void	 ike2_cpu_put(struct pld_out *, const struct child *);
/* Our first offer of a child of all CPUs: may others be beside it?  The
 * answer said the same. */
void	 ike2_cpu_offer(struct ike *, const struct tunnel *, struct child *);
void	 ike2_cpu_answer(const struct msg2 *, struct child *);
uint16_t ike2_cpu_asked(struct ike *, struct sa *, const struct msg2 *,
	    struct child *, const struct child *old);
int	 ike2_cstarted(struct ike *, struct sa *, const void *);
void	 ike2_cstarted_done(struct ike *, struct sa *);
enum step ike2_child_req(struct ike *, struct sa *, struct msg2 *);
enum step ike2_child_rsp(struct ike *, struct sa *, struct msg2 *);
enum step ike2_child_refused(struct ike *, struct sa *, struct msg2 *);
enum step ike2_child_closing(struct ike *, struct sa *, struct msg2 *);
int	 ike2_child_k(struct ike *, struct sa *, const void *);
void	 ike2_child_i_done(struct ike *, struct sa *);
void	 ike2_child_r_done(struct ike *, struct sa *);
/* Our child did not come about: forget it, try again later. */
void	 ike2_child_fail(struct ike *, struct sa *, int reason,
	    const char *detail);
/* The same when the peer has the child already: it is deleted there. */
void	 ike2_child_give_up(struct ike *, struct sa *, int reason,
	    const char *detail);
/* Two ends made a child for the same networks at once: one goes. */
void	 ike2_child_twins(struct ike *, struct sa *, struct child *);
int	 ike2_esn(const struct ike *);
uint8_t	 ike2_proto(const struct child *);	/* PROTO_ESP or PROTO_AH */
int	 ike2_lower(struct rd, struct rd);
/* Keep the lower nonce of an exchange for a collision (2.8.1). */
void	 ike2_keep_low(struct low *, struct rd ni, struct rd nr);
int	 ike2_loses(const struct low *, const struct low *);

/* ---- rekey.c ---- */

void	 ike2_rekey_start(struct ike *, struct sa *);
int	 ike2_rstarted(struct ike *, struct sa *, const void *);
void	 ike2_rstarted_done(struct ike *, struct sa *);
enum step ike2_rekey_req(struct ike *, struct sa *, struct msg2 *);
enum step ike2_rekey_rsp(struct ike *, struct sa *, struct msg2 *);
void	 ike2_rekey_refused(struct ike *, struct sa *, struct msg2 *,
	    uint16_t type);
int	 ike2_rekeyed(struct ike *, struct sa *, const void *);
void	 ike2_rekey_i_done(struct ike *, struct sa *);
void	 ike2_rekey_r_done(struct ike *, struct sa *);
void	 ike2_rekey_fail(struct ike *, struct sa *);

/* ---- info.c ---- */

void	 ike2_delete_ike(struct ike *, struct sa *);
void	 ike2_delete_child(struct ike *, struct sa *, struct child *);
void	 ike2_live(struct ike *, struct sa *);
enum step ike2_info_req(struct ike *, struct sa *, struct msg2 *);
enum step ike2_info_rsp(struct ike *, struct sa *, struct msg2 *);

/* ---- natt.c ---- */

void	 ike2_nat_put(struct ike *, struct pld_out *, uint64_t spi_i,
	    uint64_t spi_r, const struct addr *local,
	    const struct addr *remote, int forced);
void	 ike2_nat_read(struct sa *, const struct msg2 *);
/* Go to port 4500 if there is a NAT or one is pretended. */
void	 ike2_float(struct sa *, int forced);

/* ---- select.c ---- */

/* What of mine is inside both lists; at most SELPAIR_MAX pairs. */
size_t	 ike2_narrow(const struct selpair *mine, size_t n,
	    const struct sel *local, size_t nl, const struct sel *remote,
	    size_t nr, struct selpair *out);
/* The same with the pairs of a tunnel: all, or one of them. */
size_t	 ike2_narrow_tun(const struct tun *, const struct sel *local,
	    size_t nl, const struct sel *remote, size_t nr,
	    struct selpair *out);
/* Both TS payloads for those pairs; init: TSi is our side. */
void	 ike2_mode_put(struct pld_out *, const struct tunnel *);
int	 ike2_mode_ok(const struct msg2 *, const struct tunnel *,
	    int responder);
void	 ike2_ts_put(struct pld_out *, const struct selpair *, size_t n,
	    int init);
/* Parse both TS payloads of a message; init: TSi is our side. */
int	 ike2_ts_get(const struct msg2 *, int init, struct sel *local,
	    size_t *nl, struct sel *remote, size_t *nr);

#endif /* V2_H */
