/* SPDX-License-Identifier: ISC */

/*
 * choose.c: what both sides agree on, RFC 7296 sections 2.7 and 3.3.6.
 *
 * A set is complete or refused (R16): IKE needs cipher, PRF, group and,
 * without an AEAD, integrity; a child needs cipher, ESN and, without an
 * AEAD, integrity; one of AH integrity and ESN alone.  Key lengths are equal exactly.
 */

#include "payload.h"

/* Of that type in the offer: how many. */
static size_t
count(const struct pld_prop *p, uint8_t type)
{
	size_t	 i, n = 0;

	for (i = 0; i < p->nt; i++)
		if (p->t[i].type == type)
			n++;
	return (n);
}

static int
has(const struct pld_prop *p, uint8_t type, uint16_t id, uint16_t bits)
{
	const struct pld_transform	*t;

	for (t = p->t; t < p->t + p->nt; t++)
		if (t->type == type && t->id == id && t->bits == bits &&
		    !t->odd)
			return (1);
	return (0);
}

/* The first of our list that the offer has too, or NULL. */
static const struct alg *
first(const struct pld_prop *p, uint8_t type, const uint16_t *num, size_t n,
    int aead)
{
	const struct alg	*a;
	size_t			 i;

	for (i = 0; i < n; i++) {
		if ((a = alg_num(num[i])) == NULL || !alg_usable(a))
			continue;
		if (type == ALG_ENCR && !!(a->flags & ALG_AEAD) != aead)
			continue;
		if (has(p, type, a->id, a->bits))
			return (a);
	}
	return (NULL);
}

/* A transform type that we do not know makes a proposal unacceptable. */
static int
known(const struct pld_prop *p, int use)
{
	size_t	 i;

	for (i = 0; i < p->nt; i++)
		if (p->t[i].type < ALG_ENCR || p->t[i].type > ALG_ESN ||
		    (use == SA_IKE && p->t[i].type == ALG_ESN) ||
		    (use != SA_IKE && p->t[i].type == ALG_PRF))
			return (0);
	return (1);
}

/* Group: the one of the KE payload if both like it, else our preference. */
static int
group(const struct pld_prop *p, const struct prop *m, int use, uint16_t ke,
    struct algs *a)
{
	const struct alg	*k;
	size_t			 i;

	a->dh = NULL;
	if (use == SA_CHILD)
		return (0);
	k = ke != 0 ? alg_wire(ALG_DH, ke, 0) : NULL;
	for (i = 0; k != NULL && i < m->ndh; i++)
		if (m->dh[i] == k->num && alg_usable(k) &&
		    has(p, ALG_DH, k->id, 0)) {
			a->dh = k;
			return (0);
		}
	if ((a->dh = first(p, ALG_DH, m->dh, m->ndh, 0)) != NULL)
		return (0);
	if (use == SA_IKE)
		return (-1);
	/* no PFS: if we allow it and the offer does */
	if (count(p, ALG_DH) != 0 && !has(p, ALG_DH, 0, 0))
		return (-1);
	for (i = 0; i < m->ndh; i++)
		if (m->dh[i] == 0)
			return (0);
	return (m->ndh == 0 ? 0 : -1);
}

static int
esn_of(const struct pld_prop *p, const struct prop *m, int esn, struct algs *a)
{
	size_t	 i;

	for (i = 0; i < m->nesn; i++)
		if ((esn || m->esn[i] == 0) &&
		    has(p, ALG_ESN, m->esn[i], 0)) {
			a->esn = m->esn[i];
			return (0);
		}
	return (-1);
}

/* One of theirs against one of ours, AEAD or not. */
static int
match(const struct pld_prop *p, const struct prop *m, int use, uint16_t ke,
    int esn, int aead, struct algs *a)
{
	memset(a, 0, sizeof(*a));
	if (p->proto == PROTO_AH) {
		if (aead || count(p, ALG_ENCR) != 0)
			return (-1);
	} else if ((a->encr = first(p, ALG_ENCR, m->encr, m->nencr,
	    aead)) == NULL)
		return (-1);
	if (aead) {
		if (count(p, ALG_INTEG) != 0 && !has(p, ALG_INTEG, 0, 0))
			return (-1);
	} else if ((a->integ = first(p, ALG_INTEG, m->integ, m->ninteg,
	    0)) == NULL)
		return (-1);
	if (use == SA_IKE) {
		if ((a->prf = first(p, ALG_PRF, m->prf, m->nprf, 0)) == NULL)
			return (-1);
	} else if (esn_of(p, m, esn, a))
		return (-1);
	return (group(p, m, use, ke, a));
}

/* Protocol and SPI are as they must be?  Ours is of AH without a cipher. */
static int
framed(const struct pld_prop *p, const struct prop *m, int use)
{
	if (use != SA_IKE)
		return (p->proto == (m->nencr > 0 ? PROTO_ESP : PROTO_AH) &&
		    p->spilen == 4);
	return (p->proto == PROTO_IKE && (p->spilen == 0 || p->spilen == 8));
}

static void
fill(const struct pld_prop *p, struct pld_choice *c)
{
	size_t	 i;

	c->num = p->num;
	c->spi = 0;
	for (i = 0; i < p->spilen; i++)
		c->spi = c->spi << 8 | p->spi[i];
}

int
pld_choose(const struct pld_sa *sa, int use, const struct prop *mine, size_t n,
    uint16_t ke, int esn, struct pld_choice *c)
{
	const struct pld_prop	*p;
	const struct prop	*m;

	for (m = mine; m < mine + n; m++)
		for (p = sa->p; p < sa->p + sa->n; p++) {
			/* 3.3.1: numbered from 1 in steps of 1 */
			if (p->num != p - sa->p + 1 || !framed(p, m, use) ||
			    !known(p, use))
				continue;
			if (match(p, m, use, ke, esn, 1, &c->a) &&
			    match(p, m, use, ke, esn, 0, &c->a))
				continue;
			fill(p, c);
			return (0);
		}
	return (-1);
}

int
pld_accept(const struct pld_sa *sa, int use, const struct prop *mine, size_t n,
    int esn, struct pld_choice *c)
{
	const struct pld_prop	*p = &sa->p[0];
	size_t			 want;

	if (sa->n != 1 || p->num < 1 || p->num > n ||
	    !framed(p, &mine[p->num - 1], use) || !known(p, use))
		return (-1);
	if (match(p, &mine[p->num - 1], use, 0, esn, 1, &c->a) &&
	    match(p, &mine[p->num - 1], use, 0, esn, 0, &c->a))
		return (-1);
	/* exactly one of each type, and nothing beside them (N030) */
	/* cipher; PRF or ESN; group */
	want = 1u + (c->a.encr != NULL) + (c->a.dh != NULL);
	if (c->a.integ != NULL || has(p, ALG_INTEG, 0, 0))
		want++;
	if (c->a.dh == NULL && has(p, ALG_DH, 0, 0))
		want++;
	if (p->nt != want)
		return (-1);
	fill(p, c);
	return (0);
}

uint8_t
pld_proto(const struct pld_sa *sa)
{
	size_t	 i;

	for (i = 1; i < sa->n; i++)
		if (sa->p[i].proto != sa->p[0].proto)
			return (PROTO_NONE);
	return (sa->n > 0 ? sa->p[0].proto : PROTO_NONE);
}
