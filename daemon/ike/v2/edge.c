/* SPDX-License-Identifier: ISC */

/*
 * edge.c: the two tables of the IKEv2 machine, and the two functions that
 * walk them.  What fits no row never reaches a handler.
 */

#include "v2.h"

#define B(t)	PLDBIT(PLD_##t)
#define INIT	(B(SA) | B(KE) | B(NONCE))
#define AUTH_Q	(B(IDI) | B(AUTH) | B(SA) | B(TSI) | B(TSR))
#define CHILD	(B(SA) | B(NONCE) | B(TSI) | B(TSR))
#define MISC	(B(NOTIFY) | B(VID))
#define CERTS	(B(CERT) | B(CERTREQ))

/*
 * The peer's messages, RFC 7296 sections 1.2 to 1.4.  First match wins, so
 * that within one state and message the row that needs more stands above.
 */
const struct ike2_edge ike2_edges[] = {
/* from		exchange  resp	SK	must have	may have
	handler			to */
 { S_NONE,	X_INIT,	  0,	0,	INIT,		MISC,
	ike2_init_req,		S_INIT_R },
 { S_INIT_I,	X_INIT,	  1,	0,	INIT,		MISC | B(CERTREQ),
	ike2_init_rsp,		S_AUTH_I },
 { S_INIT_I,	X_INIT,	  1,	0,	B(NOTIFY),	0,
	ike2_init_again,	S_INIT_I },	/* COOKIE, INVALID_KE, errors */
 { S_AUTH_I,	X_INIT,	  1,	0,	INIT,		MISC | B(CERTREQ),
	ike2_init_second,	S_AUTH_I },	/* who was the real one? */

 { S_INIT_R,	X_AUTH,	  0,	1,	AUTH_Q,		MISC | CERTS | B(IDR),
	ike2_auth_req,		S_UP },
 { S_INIT_R,	X_AUTH,	  0,	1,	0,		0,
	ike2_auth_odd,		S_LINGER },	/* EAP, no child: refused */
 { S_AUTH_I,	X_AUTH,	  1,	1,	B(IDR) | B(AUTH),
	MISC | CERTS | B(SA) | B(TSI) | B(TSR),
	ike2_auth_rsp,		S_UP },
 { S_AUTH_I,	X_AUTH,	  1,	1,	B(NOTIFY),	B(VID),
	ike2_auth_refused,	S_DEAD },

 { S_UP,	X_CHILD,  0,	1,	CHILD,		B(KE) | MISC,
	ike2_child_req,		S_UP },
 { S_UP,	X_CHILD,  0,	1,	INIT,		MISC,
	ike2_rekey_req,		S_UP },
 { S_UP,	X_CHILD,  1,	1,	CHILD,		B(KE) | MISC,
	ike2_child_rsp,		S_UP },
 { S_UP,	X_CHILD,  1,	1,	INIT,		MISC,
	ike2_rekey_rsp,		S_UP },
 { S_UP,	X_CHILD,  1,	1,	B(NOTIFY),	B(VID),
	ike2_child_refused,	S_UP },
 { S_UP,	X_INFO,	  0,	1,	0,		MISC | B(DELETE),
	ike2_info_req,		S_UP },
 { S_UP,	X_INFO,	  1,	1,	0,		MISC | B(DELETE),
	ike2_info_rsp,		S_UP },

 { S_CLOSING,	X_CHILD,  0,	1,	0,		0,
	ike2_child_closing,	S_CLOSING },
 { S_CLOSING,	X_INFO,	  0,	1,	0,		MISC | B(DELETE),
	ike2_info_req,		S_CLOSING },
 { S_CLOSING,	X_INFO,	  1,	1,	0,		MISC | B(DELETE),
	ike2_info_rsp,		S_DEAD },
};
const size_t ike2_nedges = nitems(ike2_edges);

/* Answers.  Where two processes must answer, either may be first. */
const struct ike2_answer ike2_answers[] = {
/* waits for	answer		stored by	then waits for	goes on */
 { W_START,	M_K_STARTED,	ike2_started,	W_NONE,	ike2_started_done },
 { W_KEYED,	M_K_KEYED_R,	ike2_keyed,	W_NONE,	ike2_keyed_done },
 { W_AUTH_I,	M_K_AUTH_R,	ike2_auth_k,	W_AUTH_I_S, ike2_auth_i_done },
 { W_AUTH_I,	M_S_DONE,	ike2_store_s,	W_AUTH_I_K, ike2_auth_i_done },
 { W_AUTH_I_K,	M_K_AUTH_R,	ike2_auth_k,	W_NONE,	ike2_auth_i_done },
 { W_AUTH_I_S,	M_S_DONE,	ike2_store_s,	W_NONE,	ike2_auth_i_done },

 { W_START_R,	M_K_STARTED_R,	ike2_started_r,	W_NONE,	ike2_started_r_done },
 { W_AUTH_R,	M_K_AUTH_R,	ike2_auth_k,	W_AUTH_R_S, ike2_auth_r_done },
 { W_AUTH_R,	M_S_DONE,	ike2_store_s,	W_AUTH_R_K, ike2_auth_r_done },
 { W_AUTH_R_K,	M_K_AUTH_R,	ike2_auth_k,	W_NONE,	ike2_auth_r_done },
 { W_AUTH_R_S,	M_S_DONE,	ike2_store_s,	W_NONE,	ike2_auth_r_done },

 { W_CSTART,	M_K_CSTARTED,	ike2_cstarted,	W_NONE,	ike2_cstarted_done },
 { W_CHILD_I,	M_K_CHILD_R,	ike2_child_k,	W_CHILD_I_S, ike2_child_i_done },
 { W_CHILD_I,	M_S_DONE,	ike2_store_s,	W_CHILD_I_K, ike2_child_i_done },
 { W_CHILD_I_K,	M_K_CHILD_R,	ike2_child_k,	W_NONE,	ike2_child_i_done },
 { W_CHILD_I_S,	M_S_DONE,	ike2_store_s,	W_NONE,	ike2_child_i_done },
 { W_CHILD_R,	M_K_CHILD_R,	ike2_child_k,	W_CHILD_R_S, ike2_child_r_done },
 { W_CHILD_R,	M_S_DONE,	ike2_store_s,	W_CHILD_R_K, ike2_child_r_done },
 { W_CHILD_R_K,	M_K_CHILD_R,	ike2_child_k,	W_NONE,	ike2_child_r_done },
 { W_CHILD_R_S,	M_S_DONE,	ike2_store_s,	W_NONE,	ike2_child_r_done },

 { W_RSTART,	M_K_RSTARTED,	ike2_rstarted,	W_NONE,	ike2_rstarted_done },
 { W_REKEY_I,	M_K_REKEYED,	ike2_rekeyed,	W_NONE,	ike2_rekey_i_done },
 { W_REKEY_R,	M_K_REKEYED,	ike2_rekeyed,	W_NONE,	ike2_rekey_r_done },
};
const size_t ike2_nanswers = nitems(ike2_answers);

const struct ike_proto ike_v2 = {
	.major = 2,
	.recv = ike2_recv,
	.dial = ike2_dial,
	.answer = ike2_answer,
	.lost = ike2_lost,
	.next = ike2_next,
	.timeout = ike2_timeout,
};

int
ike2_step(struct ike *ike, struct sa *sa, struct msg2 *m, int sealed)
{
	const struct ike2_edge	*e;
	enum state		 from = sa != NULL ? sa->state : S_NONE;
	int			 resp = !!(m->h.flags & HDR_R);

	for (e = ike2_edges; e < ike2_edges + ike2_nedges; e++)
		if (e->from == from && e->exch == m->h.exch &&
		    e->resp == resp && e->sealed == sealed &&
		    (m->p.have & e->need) == e->need)
			break;
	if (e == ike2_edges + ike2_nedges) {
		ike->count[CNT_BAD_STATE]++;
		return (-1);
	}
	m->see = e->need | e->may;	/* the handler cannot see the rest */
	if (e->fn(ike, sa, m) == STEP_OK && sa != NULL && sa->state == from)
		sa->state = e->to;
	return (0);
}

void
ike2_answer(struct ike *ike, struct sa *sa, uint32_t type, const void *body)
{
	const struct ike2_answer	*a;

	for (a = ike2_answers; a < ike2_answers + ike2_nanswers; a++)
		if (a->from == sa->wait && a->type == type)
			break;
	if (a == ike2_answers + ike2_nanswers) {
		ike->count[CNT_STALE]++;
		return;
	}
	if (a->fn(ike, sa, body) == 0 && a->to != W_NONE) {
		ike_sa_wait(ike, sa, a->to);
		return;
	}
	ike_sa_wait(ike, sa, W_NONE);
	a->done(ike, sa);
	ike2_held(ike, sa);
	ike2_next(ike, sa);
}

const struct pld *
ike2_pld(const struct msg2 *m, uint8_t type)
{
	return (m->see & PLDBIT(type) ? pld_find(&m->p, type) : NULL);
}

struct rd
ike2_body(const struct msg2 *m, uint8_t type)
{
	const struct pld	*p = ike2_pld(m, type);

	return (p != NULL ? p->b : rd_of(NULL, 0));
}

int
ike2_notify(const struct msg2 *m, size_t *i, struct pld_notify *n)
{
	const char	*why;

	if (!(m->see & B(NOTIFY)))
		return (0);
	for (; *i < m->p.n; (*i)++)
		if (m->p.p[*i].type == PLD_NOTIFY &&
		    pld_notify(m->p.p[*i].b, n, &why) == 0) {
			(*i)++;
			return (1);
		}
	return (0);
}

int
ike2_has_notify(const struct msg2 *m, uint16_t type, struct pld_notify *n)
{
	size_t	 i = 0;

	while (ike2_notify(m, &i, n))
		if (n->type == type)
			return (1);
	return (0);
}

uint16_t
ike2_error(const struct msg2 *m)
{
	struct pld_notify	 n;
	size_t			 i = 0;

	while (ike2_notify(m, &i, &n))
		if (n.type != 0 && n.type <= N_ERROR_MAX)
			return (n.type);
	return (0);
}

/* What the peer calls itself: the first vendor ID that is text. */
void
ike2_vendor(struct sa *sa, const struct msg2 *m)
{
	size_t	 i, j;
	struct rd b;

	for (i = 0; i < m->p.n && sa->vendor[0] == '\0'; i++) {
		if (m->p.p[i].type != PLD_VID)
			continue;
		b = m->p.p[i].b;
		for (j = 0; j < b.n && j < sizeof(sa->vendor); j++)
			if (b.p[j] < ' ' || b.p[j] > 126)
				break;
		if (j >= 4 && (j == b.n || j == sizeof(sa->vendor)))
			ike_printable(sa->vendor, sizeof(sa->vendor), b);
	}
}
