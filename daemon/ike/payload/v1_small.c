/* SPDX-License-Identifier: ISC */

/*
 * v1_small.c: the small payloads of IKEv1: Identification (RFC 2407 4.6.2),
 * Nonce, Notify, Delete (RFC 2408 3.13 to 3.15), the vendors' Fragment.
 */

#include "v1.h"

enum {
	ID_ADDR4 = 1, ID_FQDN = 2, ID_USER = 3, ID_NET4 = 4, ID_ADDR6 = 5,
	ID_NET6 = 6, ID_RANGE4 = 7, ID_RANGE6 = 8, ID_KEYID = 11,
	DOI_IPSEC = 1, UDP = 17, PORT_500 = 500, PORT_4500 = 4500
};

/* type | protocol | port(2) | data.  RFC 2407: 0/0 or UDP and our port. */
int
pld1_id(struct rd b, struct ident *id, const char **why)
{
	uint16_t	 port;
	uint8_t		 proto;

	memset(id, 0, sizeof(*id));
	*why = "ID: header";
	if (rd_u8(&b, &id->type) || rd_u8(&b, &proto) || rd_u16(&b, &port))
		return (-1);
	*why = "ID: protocol or port";
	if ((proto != 0 && proto != UDP) || (port != 0 && port != PORT_500 &&
	    port != PORT_4500))
		return (-1);
	*why = "ID: type";
	switch (id->type) {
	case ID_ADDR4:
		if (b.n != 4)
			return (-1);
		break;
	case ID_ADDR6:
		if (b.n != 16)
			return (-1);
		break;
	case ID_FQDN:
	case ID_USER:
	case ID_KEYID:
		break;
	default:
		return (-1);
	}
	*why = "ID: length";
	if (b.n == 0 || b.n > ID_MAX)
		return (-1);
	id->len = (uint16_t)b.n;
	return (rd_copy(&b, id->d, b.n));
}

/* An address and a mask, which must be ones and then zeroes. */
static int
net_sel(struct rd b, size_t alen, struct sel *s)
{
	uint8_t	 mask[16];
	size_t	 i;
	int	 ended = 0, bit;

	if (rd_copy(&b, s->lo, alen) || rd_copy(&b, mask, alen) || rd_end(&b))
		return (-1);
	for (i = 0; i < alen * 8; i++) {
		bit = mask[i / 8] >> (7 - i % 8) & 1;
		if (bit && ended)
			return (-1);
		ended |= !bit;
	}
	for (i = 0; i < alen; i++) {
		s->lo[i] &= mask[i];
		s->hi[i] = (uint8_t)(s->lo[i] | (mask[i] ^ 0xff));
	}
	return (0);
}

int
pld1_sel(struct rd b, struct sel *s, const char **why)
{
	size_t	 alen;
	uint8_t	 type;
	int	 bad = -1;

	memset(s, 0, sizeof(*s));
	*why = "ID of a network: header";
	if (rd_u8(&b, &type) || rd_u8(&b, &s->ipproto) ||
	    rd_u16(&b, &s->port_lo))
		return (-1);
	s->port_hi = s->port_lo != 0 ? s->port_lo : 65535;
	s->af = type == ID_ADDR6 || type == ID_NET6 || type == ID_RANGE6 ?
	    6 : 4;
	alen = addr_len(s->af);
	*why = "ID of a network: body";
	switch (type) {
	case ID_ADDR4:
	case ID_ADDR6:
		bad = rd_copy(&b, s->lo, alen) || rd_end(&b);
		memcpy(s->hi, s->lo, sizeof(s->hi));
		break;
	case ID_NET4:
	case ID_NET6:
		bad = net_sel(b, alen, s);
		break;
	case ID_RANGE4:
	case ID_RANGE6:
		bad = rd_copy(&b, s->lo, alen) || rd_copy(&b, s->hi, alen) ||
		    rd_end(&b) || memcmp(s->lo, s->hi, alen) > 0;
		break;
	}
	return (bad ? -1 : 0);
}

int
pld1_sel_put(struct pld1_out *o, const struct sel *s)
{
	struct net	 n;
	size_t		 alen = addr_len(s->af);
	uint8_t		 mask[16];
	size_t		 i;
	int		 is_net = sel_to_net(s, &n) == 0, six = s->af == 6;

	if (s->port_lo != s->port_hi && !(s->port_lo == 0 &&
	    s->port_hi == 65535))
		return (-1);		/* one port or all, RFC 2407 4.6.2 */
	pld1_begin(o, PLD1_ID, 0);
	if (is_net && n.plen == alen * 8)
		wr_u8(&o->w, six ? ID_ADDR6 : ID_ADDR4);
	else if (is_net)
		wr_u8(&o->w, six ? ID_NET6 : ID_NET4);
	else
		wr_u8(&o->w, six ? ID_RANGE6 : ID_RANGE4);
	wr_u8(&o->w, s->ipproto);
	wr_u16(&o->w, s->port_lo == s->port_hi ? s->port_lo : 0);
	wr_put(&o->w, s->lo, alen);
	for (i = 0; i < alen; i++)
		mask[i] = (uint8_t)~(s->lo[i] ^ s->hi[i]);
	if (!is_net)
		wr_put(&o->w, s->hi, alen);
	else if (n.plen != alen * 8)
		wr_put(&o->w, mask, alen);
	pld1_end(o);
	return (0);
}

int
pld1_nonce(struct rd b, const char **why)
{
	*why = "nonce: length";
	return (b.n < NONCE1_MIN || b.n > NONCE_MAX_ ? -1 : 0);
}

/* DOI(4) | protocol | SPI size | type(2) | SPI | data */
int
pld1_notify(struct rd b, struct pld1_notify *n, const char **why)
{
	uint32_t	 doi;
	uint8_t		 spilen;

	*why = "notify";
	if (rd_u32(&b, &doi) || rd_u8(&b, &n->proto) || rd_u8(&b, &spilen) ||
	    rd_u16(&b, &n->type) || rd_sub(&b, spilen, &n->spi))
		return (-1);
	n->data = b;
	return (doi <= DOI_IPSEC ? 0 : -1);
}

void
pld1_notify_put(struct pld1_out *o, uint8_t proto, struct rd spi,
    uint16_t type, struct rd data)
{
	pld1_begin(o, PLD1_NOTIFY, 0);
	wr_u32(&o->w, DOI_IPSEC);
	wr_u8(&o->w, proto);
	wr_u8(&o->w, (uint8_t)spi.n);
	wr_u16(&o->w, type);
	wr_put(&o->w, spi.p, spi.n);
	wr_put(&o->w, data.p, data.n);
	pld1_end(o);
}

/* DOI(4) | protocol | SPI size | number(2) | SPIs */
int
pld1_delete(struct rd b, struct pld1_delete *d, const char **why)
{
	uint32_t	 doi;

	*why = "delete";
	if (rd_u32(&b, &doi) || rd_u8(&b, &d->proto) ||
	    rd_u8(&b, &d->spilen) || rd_u16(&b, &d->n) ||
	    rd_sub(&b, (size_t)d->spilen * d->n, &d->spis) || rd_end(&b))
		return (-1);
	*why = "delete: DOI or SPI size";
	if (doi > DOI_IPSEC)
		return (-1);
	switch (d->proto) {
	case PROTO1_ISAKMP:
		return (d->spilen == COOKIES1 ? 0 : -1);
	case PROTO1_AH:
	case PROTO1_ESP:
		return (d->spilen == 4 ? 0 : -1);
	default:
		return (0);
	}
}

void
pld1_delete_put(struct pld1_out *o, uint8_t proto, struct rd spi)
{
	pld1_begin(o, PLD1_DELETE, 0);
	wr_u32(&o->w, DOI_IPSEC);
	wr_u8(&o->w, proto);
	wr_u8(&o->w, (uint8_t)spi.n);
	wr_u16(&o->w, 1);
	wr_put(&o->w, spi.p, spi.n);
	pld1_end(o);
}

/* id(2) | number | flags (1: the last one) | a part of a whole message */
int
pld1_frag(struct rd b, struct pld1_frag *f, const char **why)
{
	uint8_t	 flags;

	*why = "fragment";
	if (rd_u16(&b, &f->id) || rd_u8(&b, &f->num) || rd_u8(&b, &flags) ||
	    b.n == 0 || f->num == 0)
		return (-1);
	f->last = flags & 1;
	f->data = b;
	return (0);
}
