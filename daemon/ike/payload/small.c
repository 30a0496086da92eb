/* SPDX-License-Identifier: ISC */

/*
 * small.c: the payloads with a short body: Key Exchange, Nonce,
 * Identification, Authentication, Notify, Delete.
 */

#include "payload.h"

int
pld_ke(struct rd b, uint16_t *group, struct rd *ke, const char **why)
{
	*why = "KE: short";
	if (rd_u16(&b, group) || rd_skip(&b, 2))
		return (-1);
	*why = "KE: length";
	if (b.n == 0 || b.n > ALG_DHMAX)
		return (-1);
	*ke = b;
	return (0);
}

int
pld_nonce(struct rd b, const char **why)
{
	*why = "Nonce: length";
	return (b.n < NONCE_MIN || b.n > NONCE_MAX_ ? -1 : 0);
}

int
pld_id(struct rd b, struct ident *id, const char **why)
{
	memset(id, 0, sizeof(*id));
	*why = "ID: short";
	if (rd_u8(&b, &id->type) || rd_skip(&b, 3))
		return (-1);
	*why = "ID: length";
	if (b.n == 0 || b.n > ID_MAX)
		return (-1);
	id->len = (uint16_t)b.n;
	return (rd_copy(&b, id->d, b.n));
}

int
pld_auth(struct rd b, uint8_t *method, struct rd *auth, const char **why)
{
	*why = "AUTH: short";
	if (rd_u8(&b, method) || rd_skip(&b, 3) || b.n == 0)
		return (-1);
	*auth = b;
	return (0);
}

int
pld_notify(struct rd b, struct pld_notify *n, const char **why)
{
	uint8_t	 spilen;

	*why = "Notify: short";
	if (rd_u8(&b, &n->proto) || rd_u8(&b, &spilen) ||
	    rd_u16(&b, &n->type) || rd_sub(&b, spilen, &n->spi))
		return (-1);
	n->data = b;
	return (0);
}

int
pld_delete(struct rd b, struct pld_delete *d, const char **why)
{
	*why = "Delete: short";
	if (rd_u8(&b, &d->proto) || rd_u8(&b, &d->spilen) ||
	    rd_u16(&b, &d->n))
		return (-1);
	*why = "Delete: SPI size";
	if (d->spilen != (d->proto == PROTO_IKE ? 0 : 4))
		return (-1);
	*why = "Delete: number of SPIs";
	if (rd_sub(&b, (size_t)d->n * d->spilen, &d->spis))
		return (-1);
	return (rd_end(&b));
}

void
pld_ke_put(struct pld_out *o, const struct alg *dh, struct rd ke)
{
	pld_begin(o, PLD_KE);
	wr_u16(&o->w, dh->id);
	wr_u16(&o->w, 0);
	wr_put(&o->w, ke.p, ke.n);
	pld_end(o);
}

void
pld_raw_put(struct pld_out *o, uint8_t type, struct rd body)
{
	pld_begin(o, type);
	wr_put(&o->w, body.p, body.n);
	pld_end(o);
}

void
pld_auth_put(struct pld_out *o, uint8_t method, struct rd auth)
{
	pld_begin(o, PLD_AUTH);
	wr_u8(&o->w, method);
	wr_zero(&o->w, 3);
	wr_put(&o->w, auth.p, auth.n);
	pld_end(o);
}

void
pld_id_put(struct pld_out *o, uint8_t type, const struct ident *id)
{
	pld_begin(o, type);
	wr_u8(&o->w, id->type);
	wr_zero(&o->w, 3);
	wr_put(&o->w, id->d, id->len);
	pld_end(o);
}

void
pld_notify_put(struct pld_out *o, uint8_t proto, uint32_t spi, uint16_t type,
    struct rd data)
{
	pld_begin(o, PLD_NOTIFY);
	wr_u8(&o->w, proto);
	wr_u8(&o->w, spi != 0 ? 4 : 0);
	wr_u16(&o->w, type);
	if (spi != 0)
		wr_u32(&o->w, spi);
	wr_put(&o->w, data.p, data.n);
	pld_end(o);
}

void
pld_delete_put(struct pld_out *o, uint8_t proto, const uint32_t *spi,
    size_t n)
{
	size_t	 i;

	pld_begin(o, PLD_DELETE);
	wr_u8(&o->w, n == 0 ? PROTO_IKE : proto);
	wr_u8(&o->w, n == 0 ? 0 : 4);
	wr_u16(&o->w, (uint16_t)n);
	for (i = 0; i < n; i++)
		wr_u32(&o->w, spi[i]);
	pld_end(o);
}
