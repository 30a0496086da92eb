/* SPDX-License-Identifier: ISC */

/* v1_hdr.c: the chain of IKEv1 payloads, read and written, RFC 2408 3.2. */

#include "v1.h"

/* Types that may stand in a message once only. */
#define ONCE								\
	(PLD1BIT(PLD1_SA) | PLD1BIT(PLD1_KE) | PLD1BIT(PLD1_HASH) |	\
	 PLD1BIT(PLD1_NONCE) | PLD1BIT(PLD1_FRAG))

enum { PAD_MAX = 255 };

/* Numbers of the network; where there are two, the second is the drafts'. */
static const struct {
	uint8_t	 wire, type;
} numbers[] = {
	{ 1, PLD1_SA }, { 4, PLD1_KE }, { 5, PLD1_ID }, { 6, PLD1_CERT },
	{ 7, PLD1_CERTREQ }, { 8, PLD1_HASH }, { 9, PLD1_SIG },
	{ 10, PLD1_NONCE }, { 11, PLD1_NOTIFY }, { 12, PLD1_DELETE },
	{ 13, PLD1_VID }, { 20, PLD1_NATD }, { 21, PLD1_NATOA },
	{ 130, PLD1_NATD }, { 131, PLD1_NATOA }, { 132, PLD1_FRAG }
};

static uint8_t
from_wire(uint8_t wire)
{
	size_t	 i;

	for (i = 0; i < nitems(numbers); i++)
		if (numbers[i].wire == wire)
			return (numbers[i].type);
	return (PLD1_OTHER);
}

static uint8_t
to_wire(uint8_t type, int draft)
{
	uint8_t	 wire = 0;
	size_t	 i;

	for (i = 0; i < nitems(numbers); i++)
		if (numbers[i].type == type && (wire == 0 || draft))
			wire = numbers[i].wire;
	return (wire);
}

int
pld1_walk(struct rd r, uint8_t first, int padded, struct plds1 *out,
    const char **why)
{
	const uint8_t	*behind = NULL;
	struct pld1	*p;
	uint32_t	 bit;
	uint16_t	 len;
	uint8_t		 type, next;

	memset(out, 0, sizeof(*out));
	for (type = first; type != 0; type = next) {
		*why = "chain: too many payloads";
		if (out->n == PLD_MAX)
			return (-1);
		p = &out->p[out->n++];
		p->type = from_wire(type);
		*why = "chain: payload length";
		if (rd_u8(&r, &next) || rd_skip(&r, 1) || rd_u16(&r, &len) ||
		    len < GEN_LEN || rd_sub(&r, len - GEN_LEN, &p->b))
			return (-1);
		bit = PLD1BIT(p->type);
		if (out->have & bit & ONCE && out->twice == 0)
			out->twice = p->type;
		out->have |= bit;
		if (out->n == 1)
			behind = r.p;
		out->rest = rd_of(behind, (size_t)(r.p - behind));
	}
	*why = "chain: octets behind the last payload";
	return (padded ? (r.n <= PAD_MAX ? 0 : -1) : rd_end(&r));
}

const struct pld1 *
pld1_nth(const struct plds1 *ps, uint8_t type, size_t n)
{
	size_t	 i;

	for (i = 0; i < ps->n; i++)
		if (ps->p[i].type == type && n-- == 0)
			return (&ps->p[i]);
	return (NULL);
}

const struct pld1 *
pld1_find(const struct plds1 *ps, uint8_t type)
{
	return (pld1_nth(ps, type, 0));
}

void
pld1_start(struct pld1_out *o, uint8_t *buf, size_t max,
    const struct ike_hdr *h)
{
	memset(o, 0, sizeof(*o));
	o->w = wr_of(buf, max);
	wr_u64(&o->w, h->spi_i);
	wr_u64(&o->w, h->spi_r);
	o->np = o->w.n;
	wr_u8(&o->w, 0);
	wr_u8(&o->w, 0x10);		/* version 1.0 */
	wr_u8(&o->w, h->exch);
	wr_u8(&o->w, h->flags);
	wr_u32(&o->w, h->mid);
	wr_u32(&o->w, 0);		/* pld1_done */
}

void
pld1_begin(struct pld1_out *o, uint8_t type, int draft)
{
	if (!o->w.bad)
		o->w.p[o->np] = to_wire(type, draft);
	o->np = o->w.n;
	wr_u8(&o->w, 0);
	wr_u8(&o->w, 0);
	o->len = wr_len16_begin(&o->w);
}

void
pld1_end(struct pld1_out *o)
{
	wr_len16_end(&o->w, o->len, GEN_LEN);
	if (o->body == 0)
		o->body = o->w.n;
}

void
pld1_raw_put(struct pld1_out *o, uint8_t type, struct rd body)
{
	pld1_begin(o, type, 0);
	wr_put(&o->w, body.p, body.n);
	pld1_end(o);
}

int
pld1_done(struct pld1_out *o)
{
	struct wr	 w;

	if (wr_end(&o->w))
		return (-1);
	w = wr_of(o->w.p + HDR_LEN - 4, 4);
	wr_u32(&w, (uint32_t)o->w.n);
	return (0);
}
