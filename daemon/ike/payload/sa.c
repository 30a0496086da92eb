/* SPDX-License-Identifier: ISC */

/*
 * sa.c: Security Association payload: proposals and transforms, read and
 * written, RFC 7296 sections 3.3.1 to 3.3.5.
 *
 * proposal:	last (0/2) | 0 | length(2) | number | protocol | SPI size |
 *		number of transforms | SPI | transforms
 * transform:	last (0/3) | 0 | length(2) | type | 0 | id(2) | attributes
 */

#include "payload.h"

enum { ATTR_KEYLEN = 14, ATTR_TV = 0x8000 };

/* Attributes of one transform: Key Length, and whether there are others. */
static int
attributes(struct rd b, struct pld_transform *t, const char **why)
{
	struct rd	 v;
	uint16_t	 type, len;

	*why = "SA: attribute";
	while (b.n > 0) {
		if (rd_u16(&b, &type) || rd_u16(&b, &len))
			return (-1);
		if (type == (ATTR_KEYLEN | ATTR_TV)) {
			if (t->bits != 0 || len == 0)
				return (-1);
			t->bits = len;
			continue;
		}
		t->odd = 1;		/* 3.3.6: then not acceptable */
		if (!(type & ATTR_TV) && rd_sub(&b, len, &v))
			return (-1);
	}
	return (0);
}

static int
transforms(struct rd b, struct pld_prop *p, uint8_t count, const char **why)
{
	struct pld_transform	*t;
	struct rd		 s;
	uint16_t		 len;
	uint8_t			 more;

	*why = "SA: number of transforms";
	if (count > PLD_TRANSFORMS)
		return (-1);
	for (; p->nt < count; p->nt++) {
		t = &p->t[p->nt];
		memset(t, 0, sizeof(*t));
		*why = "SA: transform";
		if (rd_u8(&b, &more) || rd_skip(&b, 1) || rd_u16(&b, &len) ||
		    len < 8 || rd_sub(&b, len - 4u, &s))
			return (-1);
		if (more != (p->nt + 1 == count ? 0 : 3))
			return (-1);
		if (rd_u8(&s, &t->type) || rd_skip(&s, 1) ||
		    rd_u16(&s, &t->id) || attributes(s, t, why))
			return (-1);
	}
	*why = "SA: octets behind the last transform";
	return (rd_end(&b));
}

static int
proposal(struct rd *b, struct pld_prop *p, uint8_t *more, const char **why)
{
	struct rd	 s;
	uint16_t	 len;
	uint8_t		 count;

	memset(p, 0, sizeof(*p));
	*why = "SA: proposal";
	if (rd_u8(b, more) || rd_skip(b, 1) || rd_u16(b, &len) || len < 8 ||
	    rd_sub(b, len - 4u, &s))
		return (-1);
	if (*more != 0 && *more != 2)
		return (-1);
	if (rd_u8(&s, &p->num) || rd_u8(&s, &p->proto) ||
	    rd_u8(&s, &p->spilen) || rd_u8(&s, &count))
		return (-1);
	*why = "SA: SPI";
	if (p->spilen > sizeof(p->spi)) {
		if (rd_skip(&s, p->spilen))	/* N029: matches nothing */
			return (-1);
	} else if (rd_copy(&s, p->spi, p->spilen))
		return (-1);
	return (transforms(s, p, count, why));
}

int
pld_sa(struct rd b, struct pld_sa *sa, const char **why)
{
	uint8_t	 more = 2;

	for (sa->n = 0; more != 0; sa->n++) {
		*why = "SA: too many proposals";
		if (sa->n == PLD_PROPS)
			return (-1);
		if (proposal(&b, &sa->p[sa->n], &more, why))
			return (-1);
	}
	*why = "SA: octets behind the last proposal";
	return (rd_end(&b));
}

/* One transform; the length of its proposal is still open. */
static void
transform_put(struct wr *w, uint8_t type, uint16_t id, uint16_t bits,
    size_t *last)
{
	*last = w->n;
	wr_u8(w, 3);
	wr_u8(w, 0);
	wr_u16(w, bits != 0 ? 12 : 8);
	wr_u8(w, type);
	wr_u8(w, 0);
	wr_u16(w, id);
	if (bits != 0) {
		wr_u16(w, ATTR_KEYLEN | ATTR_TV);
		wr_u16(w, bits);
	}
}

static uint8_t
list_put(struct wr *w, uint8_t type, const uint16_t *num, size_t n,
    size_t *last)
{
	const struct alg	*a;
	size_t			 i;
	uint8_t			 count = 0;

	for (i = 0; i < n; i++) {
		if (num[i] == 0) {	/* DH "none" */
			transform_put(w, type, 0, 0, last);
			count++;
		} else if ((a = alg_num(num[i])) != NULL && alg_usable(a)) {
			transform_put(w, type, a->id, a->bits, last);
			count++;
		}
	}
	return (count);
}

/* A child without a cipher is one of AH. */
static uint8_t
proto_of(int use, int cipher)
{
	return (use == SA_IKE ? PROTO_IKE : cipher ? PROTO_ESP : PROTO_AH);
}

/* Head of a proposal; *at is its length field. */
static void
prop_begin(struct wr *w, int last, uint8_t proto, uint8_t num, uint64_t spi,
    size_t spilen, size_t *at)
{
	wr_u8(w, last ? 0 : 2);
	wr_u8(w, 0);
	*at = wr_len16_begin(w);
	wr_u8(w, num);
	wr_u8(w, proto);
	wr_u8(w, (uint8_t)spilen);
	wr_u8(w, 0);			/* number of transforms: prop_end */
	if (spilen == 8)
		wr_u64(w, spi);
	else if (spilen == 4)
		wr_u32(w, (uint32_t)spi);
}

static void
prop_end(struct wr *w, size_t at, uint8_t count, size_t last)
{
	if (!w->bad) {
		w->p[at + 5] = count;
		w->p[last] = 0;
	}
	wr_len16_end(w, at, 4);
}

void
pld_sa_offer(struct pld_out *o, int use, const struct prop *p, size_t n,
    uint64_t spi, size_t spilen, int esn)
{
	struct wr	*w = &o->w;
	size_t		 i, j, at, last = 0;
	uint8_t		 c;

	pld_begin(o, PLD_SA);
	for (i = 0; i < n; i++) {
		prop_begin(w, i + 1 == n, proto_of(use, p[i].nencr > 0),
		    (uint8_t)(i + 1), spi, spilen, &at);
		c = list_put(w, ALG_ENCR, p[i].encr, p[i].nencr, &last);
		if (use == SA_IKE)
			c += list_put(w, ALG_PRF, p[i].prf, p[i].nprf, &last);
		c += list_put(w, ALG_INTEG, p[i].integ, p[i].ninteg, &last);
		if (use != SA_CHILD)
			c += list_put(w, ALG_DH, p[i].dh, p[i].ndh, &last);
		for (j = 0; use != SA_IKE && j < p[i].nesn; j++)
			if (esn || p[i].esn[j] == 0) {
				transform_put(w, ALG_ESN, p[i].esn[j], 0,
				    &last);
				c++;
			}
		prop_end(w, at, c, last);
	}
	pld_end(o);
}

void
pld_sa_answer(struct pld_out *o, int use, uint8_t num, const struct algs *a,
    uint64_t spi, size_t spilen)
{
	struct wr	*w = &o->w;
	size_t		 at, last = 0;
	uint8_t		 c = 0;

	pld_begin(o, PLD_SA);
	prop_begin(w, 1, proto_of(use, a->encr != NULL), num, spi, spilen,
	    &at);
	if (a->encr != NULL)
		transform_put(w, ALG_ENCR, a->encr->id, a->encr->bits, &last),
		    c++;
	if (use == SA_IKE)
		transform_put(w, ALG_PRF, a->prf->id, 0, &last), c++;
	if (a->integ != NULL)
		transform_put(w, ALG_INTEG, a->integ->id, 0, &last), c++;
	if (use != SA_CHILD && a->dh != NULL)
		transform_put(w, ALG_DH, a->dh->id, 0, &last), c++;
	if (use != SA_IKE)
		transform_put(w, ALG_ESN, a->esn, 0, &last), c++;
	prop_end(w, at, c, last);
	pld_end(o);
}
