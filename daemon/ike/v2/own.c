/* SPDX-License-Identifier: ISC */

/*
 * own.c: what the exchanges that we begin have in common: s2sd-keys makes a
 * key pair and a nonce, and another pair if the peer wants another group.
 */

#include "v2.h"

enum { RESTARTS = 2,			/* for a group (R17) */
    LATER_MS = 10000, TEMP_MS = 1000, TEMP_MORE = 9000 };

/* CSTART or RSTART: a key pair of own.dh (NULL: none) and a nonce. */
void
ike2_ask_pair(struct ike *ike, struct sa *sa, uint32_t type, enum wait w)
{
	struct m_k_cstart	 k;

	k.handle = sa->handle;
	k.dh = sa->own.dh != NULL ? sa->own.dh->num : 0;
	ike_sa_wait(ike, sa, w);
	if (role_send(ike->io, PROC_KEYS, type, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike2_lost(ike, sa);
}

/* The answer, stored; the handle goes to *handle. */
int
ike2_got_pair(struct sa *sa, uint8_t err, uint32_t from, uint32_t *handle,
    struct rd nonce, struct rd ke)
{
	sa->ans.kerr = err;
	if (err != KERR_OK)
		return (0);
	*handle = from;
	if (ike_buf_set(&sa->own.nonce, nonce) ||
	    ike_buf_set(&sa->own.ke, ke))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

static int
offered(const struct prop *p, size_t n, uint16_t dh)
{
	size_t	 i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < p[i].ndh; j++)
			if (p[i].dh[j] == dh)
				return (1);
	return (0);
}

/*
 * The peer wants group `id' (INVALID_KE_PAYLOAD): 0 and own.dh is it; -1 if
 * we did not offer it or asked often enough; 1 if it was tried before.
 */
int
ike2_other_group(struct own_req *o, const struct prop *p, size_t n,
    uint16_t id)
{
	const struct alg	*a = alg_wire(ALG_DH, id, 0);
	size_t			 i;

	if (a == NULL || !alg_usable(a) || a == o->dh ||
	    o->restarts >= RESTARTS || !offered(p, n, a->num))
		return (-1);
	for (i = 0; i < o->restarts; i++)
		if (o->tried[i] == a->num)
			return (1);
	o->tried[o->restarts++] = a->num;
	o->dh = a;
	return (0);
}

/* The same for CREATE_CHILD_SA: 0 and s2sd-keys is asked, or -1. */
int
ike2_again_group(struct ike *ike, struct sa *sa, const struct msg2 *m,
    const struct prop *p, size_t n, uint32_t type, enum wait w)
{
	struct pld_notify	 no;
	uint16_t		 id;

	if (!ike2_has_notify(m, N_INVALID_KE, &no) || rd_u16(&no.data, &id) ||
	    rd_end(&no.data) || ike2_other_group(&sa->own, p, n, id) != 0)
		return (-1);
	ike_close_handle(ike, sa->tun, sa->own.chandle);
	sa->own.chandle = 0;
	ike2_ask_pair(ike, sa, type, w);
	return (0);
}

/* TEMPORARY_FAILURE: in a moment again (2.25). */
void
ike2_temporary(struct ike *ike, struct sa *sa)
{
	ike_sa_again(ike, sa, TEMP_MS + ike_random_below(ike, TEMP_MORE));
}

/* A renewal failed: when to try it again. */
uint64_t
ike2_later(struct ike *ike)
{
	return (ike->now + LATER_MS + ike_random_below(ike, LATER_MS));
}
