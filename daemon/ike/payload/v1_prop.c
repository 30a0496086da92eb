/* SPDX-License-Identifier: ISC */

/*
 * v1_prop.c: proposals of IKEv1, written and chosen from, RFC 2409 section
 * 5 and appendix A, RFC 2407 section 4.5.  Phase 1 is one proposal with a
 * transform for every combination, and so is phase 2.  Key lengths are equal
 * exactly; what is not in the tables of alg.c does not exist.  Phase 2 without a
 * cipher is AH, RFC 2407 section 4.4.3.
 */

#include "v1.h"

enum { ATTR_TV = 0x8000, DOI_IPSEC = 1, SIT_IDENTITY = 1, KEY_IKE = 1 };

static void
tv(struct wr *w, uint16_t type, uint16_t value)
{
	wr_u16(w, type | ATTR_TV);
	wr_u16(w, value);
}

/* A number in the shortest form that takes it (RFC 2408 3.3). */
static void
number(struct wr *w, uint16_t type, uint32_t value)
{
	if (value <= 0xffff) {
		tv(w, type, (uint16_t)value);
		return;
	}
	wr_u16(w, type);
	wr_u16(w, 4);
	wr_u32(w, value);
}

void
pld1_life_put(struct wr *w, uint32_t secs, uint64_t kbytes)
{
	tv(w, 1, 1);
	number(w, 2, secs);
	if (kbytes == 0)
		return;
	tv(w, 1, 2);
	number(w, 2, kbytes > UINT32_MAX ? UINT32_MAX : (uint32_t)kbytes);
}

/* ---- writing ---- */

struct offer {
	size_t	 at;		/* length field of the proposal */
	size_t	 last;		/* start of the last transform */
	size_t	 n;
};

static void
sa_begin(struct pld1_out *o, uint8_t num, uint8_t proto, uint32_t spi,
    struct offer *f)
{
	struct wr	*w = &o->w;

	memset(f, 0, sizeof(*f));
	pld1_begin(o, PLD1_SA, 0);
	wr_u32(w, DOI_IPSEC);
	wr_u32(w, SIT_IDENTITY);
	wr_u8(w, 0);
	wr_u8(w, 0);
	f->at = wr_len16_begin(w);
	wr_u8(w, num);
	wr_u8(w, proto);
	wr_u8(w, proto == PROTO1_ISAKMP ? 0 : 4);
	wr_u8(w, 0);			/* number of transforms: sa_end */
	if (proto != PROTO1_ISAKMP)
		wr_u32(w, spi);
}

static void
sa_end(struct pld1_out *o, struct offer *f)
{
	if (!o->w.bad && f->n > 0) {
		o->w.p[f->at + 5] = (uint8_t)f->n;
		o->w.p[f->last] = 0;
	}
	wr_len16_end(&o->w, f->at, 4);
	pld1_end(o);
}

static size_t
trans_begin(struct wr *w, struct offer *f, uint8_t num, uint8_t id)
{
	size_t	 at;

	f->last = w->n;
	f->n++;
	wr_u8(w, 3);
	wr_u8(w, 0);
	at = wr_len16_begin(w);
	wr_u8(w, num);
	wr_u8(w, id);
	wr_u16(w, 0);
	return (at);
}

static const struct alg *
usable(uint16_t num)
{
	const struct alg	*a = alg_num(num);

	return (a != NULL && alg_usable(a) ? a : NULL);
}

static void
one1(struct wr *w, struct offer *f, const struct alg *e, const struct alg *h,
    const struct alg *d, uint32_t secs)
{
	size_t	 at;

	at = trans_begin(w, f, (uint8_t)(f->n + 1), KEY_IKE);
	tv(w, 1, e->p1);
	if (e->bits != 0)
		tv(w, 14, e->bits);
	tv(w, 2, h->p1);
	tv(w, 4, d->p1);
	tv(w, 3, AUTH1_PSK);
	tv(w, 11, 1);
	number(w, 12, secs);
	wr_len16_end(w, at, 4);
}

/* Is that combination one of ours in phase 1? */
static int
has1(const struct alg *e, const struct alg *h, const struct alg *d)
{
	return (e != NULL && h != NULL && d != NULL && e->p1 != 0 &&
	    h->p1 != 0 && d->p1 != 0);
}

size_t
pld1_offer1(struct pld1_out *o, const struct prop *p, size_t n, uint32_t secs)
{
	const struct alg	*e, *h, *d;
	struct offer		 f;
	size_t			 i, j, k;

	sa_begin(o, 1, PROTO1_ISAKMP, 0, &f);
	for (; n > 0; n--, p++)
		for (i = 0; i < p->nencr; i++)
			for (j = 0; j < p->nprf; j++)
				for (k = 0; k < p->ndh; k++) {
					e = usable(p->encr[i]);
					h = usable(p->prf[j]);
					d = usable(p->dh[k]);
					if (has1(e, h, d) && f.n < PLD1_OFFER)
						one1(&o->w, &f, e, h, d, secs);
				}
	sa_end(o, &f);
	return (f.n);
}

/*
 * The transform of AH says the hash, too: AH_MD5 and AH_SHA are 2 and 3 where
 * the attribute has 1 and 2; from SHA2-256 on the numbers are the same.
 */
static uint8_t
ah_id(const struct alg *integ)
{
	return ((uint8_t)(integ->p2 <= 2 ? integ->p2 + 1 : integ->p2));
}

static void
one2(struct wr *w, struct offer *f, const struct alg *e, const struct alg *i,
    const struct pld1_qm *q)
{
	size_t	 at;

	if (f->n >= PLD1_OFFER)
		return;
	at = trans_begin(w, f, (uint8_t)(f->n + 1), e != NULL ?
	    (uint8_t)e->p2 : ah_id(i));
	pld1_life_put(w, q->secs, q->kbytes);
	tv(w, 4, q->mode);
	if (q->dh != NULL)
		tv(w, 3, q->dh->p1);
	if (i != NULL)
		tv(w, 5, i->p2);
	if (e != NULL && e->bits != 0)
		tv(w, 6, e->bits);
	wr_len16_end(w, at, 4);
}

/* A transform for each hash. */
static void
hashes2(struct wr *w, struct offer *f, const struct alg *e,
    const struct prop *p, const struct pld1_qm *q)
{
	const struct alg	*a;
	size_t			 i;

	for (i = 0; i < p->ninteg; i++)
		if ((a = usable(p->integ[i])) != NULL && a->p2 != 0)
			one2(w, f, e, a, q);
}

size_t
pld1_offer2(struct pld1_out *o, const struct prop *p, size_t n,
    const struct pld1_qm *q)
{
	const struct alg	*e;
	struct offer		 f;
	size_t			 i;

	sa_begin(o, 1, n > 0 && p->nencr == 0 ? PROTO1_AH : PROTO1_ESP,
	    q->spi, &f);
	for (; n > 0; n--, p++) {
		if (p->nencr == 0)
			hashes2(&o->w, &f, NULL, p, q);
		for (i = 0; i < p->nencr; i++) {
			if ((e = usable(p->encr[i])) == NULL || e->p2 == 0)
				continue;
			if (e->flags & ALG_AEAD) {
				one2(&o->w, &f, e, NULL, q);
				continue;
			}
			hashes2(&o->w, &f, e, p, q);
		}
	}
	sa_end(o, &f);
	return (f.n);
}

void
pld1_answer(struct pld1_out *o, uint8_t proto, uint32_t spi,
    const struct pld1_choice *c)
{
	struct offer	 f;
	size_t		 at;

	sa_begin(o, c->prop, proto, spi, &f);
	at = trans_begin(&o->w, &f, c->num, c->id);
	wr_put(&o->w, c->attrs.p, c->attrs.n);
	wr_len16_end(&o->w, at, 4);
	sa_end(o, &f);
}

/* ---- choosing ---- */

static int
in(uint16_t num, const uint16_t *list, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (list[i] == num)
			return (1);
	return (0);
}

/* Two proposals of one number belong together (AH and ESP): not for us. */
static int
alone(const struct pld1_sa *sa, size_t p)
{
	size_t	 i;

	for (i = 0; i < sa->np; i++)
		if (i != p && sa->p[i].num == sa->p[p].num)
			return (0);
	return (1);
}

static void
fill(const struct pld1_sa *sa, const struct pld1_trans *t,
    struct pld1_choice *c)
{
	const struct pld1_prop	*p = &sa->p[t->prop];
	size_t			 i;

	c->prop = p->num;
	c->num = t->num;
	c->id = t->id;
	c->attrs = t->attrs;
	c->secs = t->secs;
	c->kbytes = t->kbytes;
	for (c->spi = 0, i = 0; i < p->spilen && i < 4; i++)
		c->spi = c->spi << 8 | p->spi[i];
}

/* What a transform of phase 1 says: 0 and the rows, or -1. */
static int
read1(const struct pld1_sa *sa, const struct pld1_trans *t, struct algs *a)
{
	const struct pld1_prop	*p = &sa->p[t->prop];

	memset(a, 0, sizeof(*a));
	if (t->odd || p->proto != PROTO1_ISAKMP || t->id != KEY_IKE ||
	    t->auth != AUTH1_PSK || p->spilen > COOKIES1 ||
	    !alone(sa, t->prop))
		return (-1);
	a->encr = alg_v1(ALG_ENCR, 1, t->encr, t->bits);
	a->prf = alg_v1(ALG_PRF, 1, t->hash, 0);
	a->dh = alg_v1(ALG_DH, 1, t->group, 0);
	return (has1(a->encr, a->prf, a->dh) && alg_usable(a->encr) &&
	    alg_usable(a->prf) && alg_usable(a->dh) ? 0 : -1);
}

static int
ours1(const struct prop *p, const struct algs *a)
{
	return (in(a->encr->num, p->encr, p->nencr) &&
	    in(a->prf->num, p->prf, p->nprf) &&
	    in(a->dh->num, p->dh, p->ndh));
}

/* How far down our list an allowed combination stands. */
static size_t
rank1(const struct prop *p, const struct algs *a)
{
	size_t	 e, h, d;

	for (e = 0; p->encr[e] != a->encr->num; e++)
		;
	for (h = 0; p->prf[h] != a->prf->num; h++)
		;
	for (d = 0; p->dh[d] != a->dh->num; d++)
		;
	return ((e * PROP_ALGMAX + h) * PROP_ALGMAX + d);
}

int
pld1_choose1(const struct pld1_sa *sa, const struct prop *p, size_t n,
    struct pld1_choice *c)
{
	const struct pld1_trans	*t;
	struct algs		 a;
	size_t			 best = SIZE_MAX;

	for (; n > 0 && best == SIZE_MAX; n--, p++)
		for (t = sa->t; t < sa->t + sa->nt; t++) {
			if (read1(sa, t, &a) || !ours1(p, &a) ||
			    rank1(p, &a) >= best)
				continue;
			best = rank1(p, &a);
			c->a = a;
			fill(sa, t, c);
		}
	return (best == SIZE_MAX ? -1 : 0);
}

int
pld1_accept1(const struct pld1_sa *sa, const struct prop *p, size_t n,
    struct pld1_choice *c)
{
	return (sa->np == 1 && sa->nt == 1 && sa->p[0].num == 1 ?
	    pld1_choose1(sa, p, n, c) : -1);
}

static int
mode_ok(uint16_t got, uint16_t want)
{
	if (want == MODE1_TUNNEL)
		return (got == 0 || got == MODE1_TUNNEL);
	/* some say the one and mean the other */
	return (got == MODE1_UDP || got == MODE1_UDP_DRAFT);
}

/* What a transform of phase 2 says: 0 and the rows, or -1. */
static int
read2(const struct pld1_sa *sa, const struct pld1_trans *t,
    const struct pld1_qm *q, struct algs *a)
{
	const struct pld1_prop	*p = &sa->p[t->prop];

	memset(a, 0, sizeof(*a));
	if (t->odd || p->spilen != 4 || (p->proto != PROTO1_ESP &&
	    p->proto != PROTO1_AH) ||
	    !alone(sa, t->prop) || !mode_ok(t->mode, q->mode))
		return (-1);
	a->encr = p->proto == PROTO1_AH ? NULL :
	    alg_v1(ALG_ENCR, 2, t->id, t->bits);
	if (p->proto == PROTO1_ESP && (a->encr == NULL ||
	    !alg_usable(a->encr)))
		return (-1);
	if (t->group != 0 &&
	    (a->dh = alg_v1(ALG_DH, 2, t->group, 0)) == NULL)
		return (-1);
	if (a->dh != q->dh)
		return (-1);
	if (a->encr != NULL && a->encr->flags & ALG_AEAD)
		return (t->integ == 0 ? 0 : -1);
	a->integ = alg_v1(ALG_INTEG, 2, t->integ, 0);
	if (a->integ == NULL || !alg_usable(a->integ))
		return (-1);
	/* RFC 2407 section 4.5: both must say the same */
	return (a->encr != NULL || (t->id == ah_id(a->integ) &&
	    t->bits == 0) ? 0 : -1);
}

static int
ours2(const struct prop *p, const struct algs *a)
{
	return ((a->encr != NULL ? in(a->encr->num, p->encr, p->nencr) :
	    p->nencr == 0) &&
	    (a->integ == NULL || in(a->integ->num, p->integ, p->ninteg)) &&
	    (a->dh != NULL ? in(a->dh->num, p->dh, p->ndh) :
	    p->ndh == 0 || in(0, p->dh, p->ndh)));
}

static size_t
rank2(const struct prop *p, const struct algs *a)
{
	size_t	 e = 0, i = 0;

	for (; a->encr != NULL && p->encr[e] != a->encr->num; e++)
		;
	if (a->integ != NULL)
		for (; p->integ[i] != a->integ->num; i++)
			;
	return (e * PROP_ALGMAX + i);
}

int
pld1_choose2(const struct pld1_sa *sa, const struct prop *p, size_t n,
    const struct pld1_qm *q, struct pld1_choice *c)
{
	const struct pld1_trans	*t;
	struct algs		 a;
	size_t			 best = SIZE_MAX;

	for (; n > 0 && best == SIZE_MAX; n--, p++)
		for (t = sa->t; t < sa->t + sa->nt; t++) {
			if (read2(sa, t, q, &a) || !ours2(p, &a) ||
			    rank2(p, &a) >= best)
				continue;
			best = rank2(p, &a);
			c->a = a;
			fill(sa, t, c);
		}
	return (best == SIZE_MAX ? -1 : 0);
}

int
pld1_accept2(const struct pld1_sa *sa, const struct prop *p, size_t n,
    const struct pld1_qm *q, struct pld1_choice *c)
{
	return (sa->np == 1 && sa->nt == 1 && sa->p[0].num == 1 ?
	    pld1_choose2(sa, p, n, q, c) : -1);
}

uint8_t
pld1_proto(const struct pld1_sa *sa)
{
	size_t	 i;

	for (i = 1; i < sa->np; i++)
		if (sa->p[i].proto != sa->p[0].proto)
			return (0);
	return (sa->np > 0 ? sa->p[0].proto : 0);
}
