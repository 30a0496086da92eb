/* SPDX-License-Identifier: ISC */

/*
 * hdr.c: the IKE header and the chain of payloads, read and written,
 * RFC 7296 sections 3.1 and 3.2.
 */

#include "payload.h"

/* Types that may stand in a message once only. */
#define ONCE								\
	(PLDBIT(PLD_SA) | PLDBIT(PLD_KE) | PLDBIT(PLD_IDI) |		\
	 PLDBIT(PLD_IDR) | PLDBIT(PLD_AUTH) | PLDBIT(PLD_NONCE) |	\
	 PLDBIT(PLD_TSI) | PLDBIT(PLD_TSR) | PLDBIT(PLD_SK) |		\
	 PLDBIT(PLD_CP) | PLDBIT(PLD_EAP))

/*
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |                  IKE SA Initiator's SPI (8 octets)            |
 * |                  IKE SA Responder's SPI (8 octets)            |
 * |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |
 * |                          Message ID                           |
 * |                            Length                             |
 */
int
pld_hdr(struct rd *r, struct ike_hdr *h, const char **why)
{
	uint8_t		 v;

	*why = "header: short";
	if (rd_u64(r, &h->spi_i) || rd_u64(r, &h->spi_r) ||
	    rd_u8(r, &h->np) || rd_u8(r, &v) || rd_u8(r, &h->exch) ||
	    rd_u8(r, &h->flags) || rd_u32(r, &h->mid) || rd_u32(r, &h->len))
		return (-1);
	h->major = v >> 4;
	h->minor = v & 15;
	*why = "header: length";
	if (h->len < HDR_LEN || h->len - HDR_LEN != r->n)
		return (-1);
	return (0);
}

static void
note(struct plds *out, uint8_t type, int critical)
{
	uint32_t	 bit;

	if (type < PLD_SA || type >= PLD_END_) {
		if (critical && out->critical == 0)
			out->critical = type;
		return;
	}
	bit = PLDBIT(type);
	if (out->have & bit & ONCE && out->twice == 0)
		out->twice = type;
	out->have |= bit;
}

int
pld_walk(struct rd r, uint8_t first, struct plds *out, const char **why)
{
	struct pld	*p;
	uint16_t	 len;
	uint8_t		 type, next, bits;

	memset(out, 0, sizeof(*out));
	for (type = first; type != PLD_NONE; type = next) {
		*why = "chain: too many payloads";
		if (out->n == PLD_MAX)
			return (-1);
		p = &out->p[out->n++];
		p->type = type;
		*why = "chain: payload length";
		if (rd_u8(&r, &next) || rd_u8(&r, &bits) || rd_u16(&r, &len) ||
		    len < GEN_LEN || rd_sub(&r, len - GEN_LEN, &p->b))
			return (-1);
		note(out, type, bits & 0x80);
		if (type == PLD_SK) {		/* 3.14: it is the last one */
			out->inner = next;
			break;
		}
	}
	*why = "chain: octets behind the last payload";
	return (rd_end(&r));
}

const struct pld *
pld_find(const struct plds *ps, uint8_t type)
{
	size_t	 i;

	for (i = 0; i < ps->n; i++)
		if (ps->p[i].type == type)
			return (&ps->p[i]);
	return (NULL);
}

void
pld_start(struct pld_out *o, uint8_t *buf, size_t max, const struct ike_hdr *h)
{
	memset(o, 0, sizeof(*o));
	o->w = wr_of(buf, max);
	wr_u64(&o->w, h->spi_i);
	wr_u64(&o->w, h->spi_r);
	o->np = o->w.n;
	wr_u8(&o->w, PLD_NONE);
	wr_u8(&o->w, 0x20);		/* version 2.0 */
	wr_u8(&o->w, h->exch);
	wr_u8(&o->w, h->flags);
	wr_u32(&o->w, h->mid);
	wr_u32(&o->w, 0);		/* pld_done */
}

void
pld_begin(struct pld_out *o, uint8_t type)
{
	if (!o->w.bad)
		o->w.p[o->np] = type;
	o->np = o->w.n;
	wr_u8(&o->w, PLD_NONE);
	wr_u8(&o->w, 0);
	o->len = wr_len16_begin(&o->w);
}

void
pld_end(struct pld_out *o)
{
	/* the length counts the two octets in front of it and itself */
	wr_len16_end(&o->w, o->len, GEN_LEN);
}

int
pld_done(struct pld_out *o)
{
	struct wr	 w;

	if (wr_end(&o->w))
		return (-1);
	w = wr_of(o->w.p + HDR_LEN - 4, 4);
	wr_u32(&w, (uint32_t)o->w.n);
	return (0);
}
