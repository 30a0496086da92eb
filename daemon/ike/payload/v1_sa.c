/* SPDX-License-Identifier: ISC */

/*
 * v1_sa.c: Security Association payload of IKEv1, read, RFC 2408 sections
 * 3.4 to 3.6; attributes by RFC 2409 appendix A and RFC 2407 section 4.5.
 *
 * SA:		DOI(4) | situation(4) | proposals
 * proposal:	next (0/2) | 0 | length(2) | number | protocol | SPI size |
 *		number of transforms | SPI | transforms
 * transform:	next (0/3) | 0 | length(2) | number | id | 0(2) | attributes
 * attribute:	1 type(15) | value(2)	or	0 type(15) | length(2) | value
 */

#include "v1.h"

enum { DOI_IPSEC = 1, SIT_IDENTITY = 1, ATTR_TV = 0x8000 };
enum { LIFE_SECONDS = 1, LIFE_KBYTES = 2 };
enum { ATTR_MAX = 32 };		/* of one transform */

/* One attribute; a value that needs more than 32 bits is 2^32 - 1. */
static int
attribute(struct rd *b, uint16_t *type, uint32_t *value, const char **why)
{
	struct rd	 v;
	uint16_t	 len;
	uint8_t		 o;

	*why = "SA: attribute";
	if (rd_u16(b, type) || rd_u16(b, &len))
		return (-1);
	if (*type & ATTR_TV) {
		*type &= (uint16_t)~ATTR_TV;
		*value = len;
		return (0);
	}
	if (rd_sub(b, len, &v))
		return (-1);
	for (*value = 0; rd_u8(&v, &o) == 0;)
		*value = *value > UINT32_MAX >> 8 ? UINT32_MAX :
		    *value << 8 | o;
	return (0);
}

/* A life time is a type, then a duration (RFC 2407 4.5). */
static void
duration(struct pld1_trans *t, uint16_t *kind, uint32_t value)
{
	if (*kind == LIFE_SECONDS && t->secs == 0)
		t->secs = value;
	else if (*kind == LIFE_KBYTES && t->kbytes == 0)
		t->kbytes = value;
	else
		t->odd = 1;
	*kind = 0;
}

static void
once(struct pld1_trans *t, uint16_t *field, uint32_t value)
{
	if (*field != 0 || value == 0 || value > 0xffff)
		t->odd = 1;
	else
		*field = (uint16_t)value;
}

static void
phase1(struct pld1_trans *t, uint16_t type, uint32_t v, uint16_t *kind)
{
	switch (type) {
	case 1:
		once(t, &t->encr, v);
		break;
	case 2:
		once(t, &t->hash, v);
		break;
	case 3:
		once(t, &t->auth, v);
		break;
	case 4:
		once(t, &t->group, v);
		break;
	case 11:
		once(t, kind, v);
		break;
	case 12:
		duration(t, kind, v);
		break;
	case 14:
		once(t, &t->bits, v);
		break;
	default:
		t->odd = 1;
	}
}

static void
phase2(struct pld1_trans *t, uint16_t type, uint32_t v, uint16_t *kind)
{
	switch (type) {
	case 1:
		once(t, kind, v);
		break;
	case 2:
		duration(t, kind, v);
		break;
	case 3:
		once(t, &t->group, v);
		break;
	case 4:
		once(t, &t->mode, v);
		break;
	case 5:
		once(t, &t->integ, v);
		break;
	case 6:
		once(t, &t->bits, v);
		break;
	default:
		t->odd = 1;
	}
}

static int
attributes(struct rd b, int phase, struct pld1_trans *t, const char **why)
{
	uint32_t	 value;
	uint16_t	 type, kind = 0;
	int		 n = 0;

	t->attrs = b;
	while (b.n > 0) {
		if (n++ == ATTR_MAX || attribute(&b, &type, &value, why))
			return (-1);
		if (phase == 1)
			phase1(t, type, value, &kind);
		else
			phase2(t, type, value, &kind);
	}
	return (0);
}

int
pld1_life(struct rd b, uint32_t *secs, uint32_t *kbytes)
{
	struct pld1_trans	 t;
	const char		*why;

	memset(&t, 0, sizeof(t));
	if (attributes(b, 2, &t, &why) || t.odd)
		return (-1);
	*secs = t.secs;
	*kbytes = t.kbytes;
	return (0);
}

static int
transforms(struct rd b, int phase, struct pld1_sa *sa, uint8_t count,
    const char **why)
{
	struct pld1_trans	*t;
	struct rd		 s;
	uint16_t		 len;
	uint8_t			 next = 3, i;

	for (i = 0; i < count; i++) {
		*why = "SA: too many transforms";
		if (sa->nt == PLD1_TRANS)
			return (-1);
		t = &sa->t[sa->nt++];
		memset(t, 0, sizeof(*t));
		t->prop = (uint8_t)(sa->np - 1);
		*why = "SA: transform";
		if (rd_u8(&b, &next) || rd_skip(&b, 1) || rd_u16(&b, &len) ||
		    len < 8 || rd_sub(&b, len - 4u, &s) ||
		    next != (i + 1 == count ? 0 : 3) ||
		    rd_u8(&s, &t->num) || rd_u8(&s, &t->id) || rd_skip(&s, 2))
			return (-1);
		if (attributes(s, phase, t, why))
			return (-1);
	}
	*why = "SA: octets behind the last transform";
	return (rd_end(&b));
}

static int
proposal(struct rd *b, int phase, struct pld1_sa *sa, uint8_t *next,
    const char **why)
{
	struct pld1_prop	*p;
	struct rd		 s;
	uint16_t		 len;
	uint8_t			 count;

	*why = "SA: too many proposals";
	if (sa->np == PLD1_PROPS)
		return (-1);
	p = &sa->p[sa->np++];
	memset(p, 0, sizeof(*p));
	*why = "SA: proposal";
	if (rd_u8(b, next) || rd_skip(b, 1) || rd_u16(b, &len) || len < 8 ||
	    rd_sub(b, len - 4u, &s) || (*next != 0 && *next != 2) ||
	    rd_u8(&s, &p->num) || rd_u8(&s, &p->proto) ||
	    rd_u8(&s, &p->spilen) || rd_u8(&s, &count))
		return (-1);
	*why = "SA: SPI";
	if (p->spilen > sizeof(p->spi) ? rd_skip(&s, p->spilen) :
	    rd_copy(&s, p->spi, p->spilen))
		return (-1);
	return (transforms(s, phase, sa, count, why));
}

int
pld1_sa(struct rd b, int phase, struct pld1_sa *sa, const char **why)
{
	uint32_t	 doi, situation;
	uint8_t		 next = 2;

	sa->np = sa->nt = 0;
	*why = "SA: DOI or situation";
	if (rd_u32(&b, &doi) || rd_u32(&b, &situation) || doi != DOI_IPSEC ||
	    situation != SIT_IDENTITY)
		return (-1);
	while (next != 0)
		if (proposal(&b, phase, sa, &next, why))
			return (-1);
	*why = "SA: octets behind the last proposal";
	return (rd_end(&b));
}
