/* SPDX-License-Identifier: ISC */

/*
 * edge.c: the two tables of the IKEv1 machine, and the two functions that
 * walk them.  What fits no row never reaches a handler; there is no row for
 * aggressive mode, XAUTH or mode config, and no code.
 */

#include "v1.h"

#define B(t)	PLD1BIT(PLD1_##t)
#define KEYS	(B(KE) | B(NONCE))
#define ODDS	(B(VID) | B(CERTREQ))
#define QM	(B(HASH) | B(SA) | B(NONCE) | B(ID))
#define MISC	(B(VID) | B(NOTIFY) | B(NATOA))

/*
 * The peer's messages, RFC 2409 sections 5.4 and 5.5, RFC 2408 section 4.8.
 * First match wins.  Where another process is asked the state is entered
 * when it has answered.
 */
const struct ike1_edge ike1_edges[] = {
/* from		exchange  enc	must have	may have
	handler		to */
 { ST1_NONE,	X1_MAIN,  0,	B(SA),		B(VID),
	ike1_mm1,	ST1_MM2 },
 { ST1_MM1,	X1_MAIN,  0,	B(SA),		B(VID),
	ike1_mm2,	ST1_MM3 },
 { ST1_MM2,	X1_MAIN,  0,	KEYS,		B(NATD) | ODDS,
	ike1_mm3,	ST1_MM4 },
 { ST1_MM3,	X1_MAIN,  0,	KEYS,		B(NATD) | ODDS,
	ike1_mm4,	ST1_MM5 },
 { ST1_MM4,	X1_MAIN,  1,	B(ID) | B(HASH), MISC | B(CERTREQ),
	ike1_mm5,	ST1_UP },
 { ST1_MM5,	X1_MAIN,  1,	B(ID) | B(HASH), MISC | B(CERTREQ),
	ike1_mm6,	ST1_UP },

 { ST1_Q0,	X1_QUICK, 1,	QM,		MISC | B(KE),
	ike1_qm1,	ST1_Q2 },
 { ST1_Q1,	X1_QUICK, 1,	QM,		MISC | B(KE),
	ike1_qm2,	ST1_QEND },
 { ST1_Q2,	X1_QUICK, 1,	B(HASH),	MISC,
	ike1_qm3,	ST1_QEND },

 { ST1_UP,	X1_INFO,  1,	B(HASH) | B(NOTIFY), B(DELETE) | B(VID),
	ike1_info,	ST1_UP },
 { ST1_UP,	X1_INFO,  1,	B(HASH) | B(DELETE), B(VID),
	ike1_info,	ST1_UP },

 /* not protected: remembered for people, changes nothing (R18) */
 { ST1_MM1,	X1_INFO,  0,	B(NOTIFY),	0,
	ike1_hint,	ST1_MM1 },
 { ST1_MM3,	X1_INFO,  0,	B(NOTIFY),	0,
	ike1_hint,	ST1_MM3 },
 { ST1_MM5,	X1_INFO,  0,	B(NOTIFY),	0,
	ike1_hint,	ST1_MM5 },
};
const size_t ike1_nedges = nitems(ike1_edges);

/* Answers.  Where two processes must answer, either may be first. */
const struct ike1_answer ike1_answers[] = {
/* waits for	answer		stored by	then waits for	goes on */
 { W_START,	M_K_STARTED,	ike1_started,	W_NONE,	ike1_started_done },
 { W_KEYED,	M_K1_KEYED_R,	ike1_keyed,	W_NONE,	ike1_keyed_done },
 { W_AUTH_I_K,	M_K1_AUTH_R,	ike1_auth,	W_NONE,	ike1_auth_i_done },
 { W_START_R,	M_K1_STARTED_R,	ike1_started_r,	W_NONE,	ike1_started_r_done },
 { W_AUTH_R_K,	M_K1_AUTH_R,	ike1_auth,	W_NONE,	ike1_auth_r_done },

 { W_CSTART,	M_K_CSTARTED,	ike1_cstarted,	W_NONE,	ike1_cstarted_done },
 { W_CHILD_I,	M_K_CHILD_R,	ike1_child_k,	W_CHILD_I_S, ike1_child_i_done },
 { W_CHILD_I,	M_S_DONE,	ike1_child_s,	W_CHILD_I_K, ike1_child_i_done },
 { W_CHILD_I_K,	M_K_CHILD_R,	ike1_child_k,	W_NONE,	ike1_child_i_done },
 { W_CHILD_I_S,	M_S_DONE,	ike1_child_s,	W_NONE,	ike1_child_i_done },
 { W_CHILD_R,	M_K_CHILD_R,	ike1_child_k,	W_CHILD_R_S, ike1_child_r_done },
 { W_CHILD_R,	M_S_DONE,	ike1_child_s,	W_CHILD_R_K, ike1_child_r_done },
 { W_CHILD_R_K,	M_K_CHILD_R,	ike1_child_k,	W_NONE,	ike1_child_r_done },
 { W_CHILD_R_S,	M_S_DONE,	ike1_child_s,	W_NONE,	ike1_child_r_done },
};
const size_t ike1_nanswers = nitems(ike1_answers);

const struct ike_proto ike_v1 = {
	.major = 1,
	.recv = ike1_recv,
	.dial = ike1_dial,
	.answer = ike1_answer,
	.lost = ike1_lost,
	.next = ike1_next,
	.timeout = ike1_timeout,
	.repeat = ike1_repeat,
	.bye = ike1_bye,
	.stop = ike1_stop,
	.wipe = ike1_wipe,
};

/* The state that this exchange is in. */
static uint8_t *
where(struct sa *sa, struct msg1 *m, uint8_t *none)
{
	*none = ST1_NONE;
	if (sa == NULL)
		return (none);
	if (m->h.exch != X1_QUICK)
		return (&sa->v1->st);
	if (m->q != NULL)
		return (&m->q->st);
	*none = sa->v1->st == ST1_UP ? ST1_Q0 : ST1_MAX;
	return (none);
}

int
ike1_step(struct ike *ike, struct sa *sa, struct msg1 *m, int sealed)
{
	const struct ike1_edge	*e;
	uint8_t			 none, *st = where(sa, m, &none), from = *st;

	for (e = ike1_edges; e < ike1_edges + ike1_nedges; e++)
		if (e->from == from && e->exch == m->h.exch &&
		    e->sealed == sealed && (m->p.have & e->need) == e->need)
			break;
	if (e == ike1_edges + ike1_nedges) {
		ike->count[CNT_BAD_STATE]++;
		return (-1);
	}
	m->see = e->need | e->may;	/* the handler cannot see the rest */
	/* STEP1_OK: nothing is waited for, and the exchange is still there */
	if (e->fn(ike, sa, m) == STEP1_OK)
		*st = e->to;
	return (0);
}

void
ike1_answer(struct ike *ike, struct sa *sa, uint32_t type, const void *body)
{
	const struct ike1_answer	*a;

	for (a = ike1_answers; a < ike1_answers + ike1_nanswers; a++)
		if (a->from == sa->wait && a->type == type)
			break;
	if (a == ike1_answers + ike1_nanswers) {
		ike->count[CNT_STALE]++;
		return;
	}
	if (a->fn(ike, sa, body) == 0 && a->to != W_NONE) {
		ike_sa_wait(ike, sa, a->to);
		return;
	}
	ike_sa_wait(ike, sa, W_NONE);
	a->done(ike, sa);
	ike1_held(ike, sa);
	ike1_next(ike, sa);
}

const struct pld1 *
ike1_pld(const struct msg1 *m, uint8_t type)
{
	return (m->see & PLD1BIT(type) ? pld1_find(&m->p, type) : NULL);
}

struct rd
ike1_body(const struct msg1 *m, uint8_t type)
{
	const struct pld1	*p = ike1_pld(m, type);

	return (p != NULL ? p->b : rd_of(NULL, 0));
}

int
ike1_notify(const struct msg1 *m, size_t *i, struct pld1_notify *n)
{
	const char	*why;

	if (!(m->see & B(NOTIFY)))
		return (0);
	for (; *i < m->p.n; (*i)++)
		if (m->p.p[*i].type == PLD1_NOTIFY &&
		    pld1_notify(m->p.p[*i].b, n, &why) == 0) {
			(*i)++;
			return (1);
		}
	return (0);
}
