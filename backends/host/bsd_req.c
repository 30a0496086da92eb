/* SPDX-License-Identifier: ISC */

/* bsd_req.c: the records between s2sd-host and s2sd-exec on the BSDs. */

#include "bsd_req.h"

void
bsd_route_put(struct wr *w, const struct bsd_route *r)
{
	net_put(w, &r->dst);
	addr_put(w, &r->src);
	wr_u16(w, r->mtu);
	wr_u8(w, r->kind);
	wr_u32(w, r->unit);
}

int
bsd_route_get(struct rd b, struct bsd_route *r)
{
	if (net_get(&b, &r->dst) || addr_get(&b, &r->src) ||
	    rd_u16(&b, &r->mtu) || rd_u8(&b, &r->kind) ||
	    rd_u32(&b, &r->unit) || rd_end(&b))
		return (-1);
	if (r->kind >= BSD_NKIND || r->dst.a.af == 0 || r->src.port != 0 ||
	    (r->src.af != 0 && r->src.af != r->dst.a.af))
		return (-1);
	return ((r->kind == BSD_VIA || r->kind == BSD_VIALEAK) ==
	    (r->unit != 0) ? 0 : -1);
}

void
bsd_device_put(struct wr *w, const struct bsd_device *d)
{
	wr_u32(w, d->unit);
	addr_put(w, &d->addr.a);
	wr_u8(w, d->addr.plen);
	wr_u16(w, d->mtu);
}

/* Not net_get: an address on a device has host bits. */
int
bsd_device_get(struct rd b, struct bsd_device *d)
{
	memset(d, 0, sizeof(*d));
	if (rd_u32(&b, &d->unit) || addr_get(&b, &d->addr.a) ||
	    rd_u8(&b, &d->addr.plen) || rd_u16(&b, &d->mtu) || rd_end(&b))
		return (-1);
	if (d->unit == 0 || d->unit > INT32_MAX || d->addr.a.port != 0 ||
	    d->mtu < BSD_MTU_MIN)
		return (-1);
	return (d->addr.a.af == 0 ? (d->addr.plen == 0 ? 0 : -1) :
	    d->addr.plen > 0 && d->addr.plen <= 8 * addr_len(d->addr.a.af) ?
	    0 : -1);
}

int
bsd_route_of(const struct host_want *w, size_t i, struct bsd_route *r)
{
	const struct host_route	*h = &w->route[i], *use = NULL;
	size_t			 k;

	memset(r, 0, sizeof(*r));
	if (i > 0 && net_eq(&h->dst, &w->route[i - 1].dst))
		return (0);
	/* sorted: all of one network stand together, the least metric first */
	for (k = i; k < w->nroute && net_eq(&h->dst, &w->route[k].dst); k++)
		if (use == NULL && !w->route[k].down &&
		    (w->route[k].dev.kind != IF_NONE || !w->kernel))
			use = &w->route[k];
	if (use == NULL && h->dev.kind == IF_NONE && !h->down)
		return (0);
	r->dst = h->dst;
	r->kind = BSD_REJECT;
	if (w->hold && use != NULL && use->leak)
		return (0);
	if (w->hold || use == NULL)
		return (1);
	r->src = use->src;
	r->mtu = use->mtu;
	r->kind = use->leak ? BSD_LEAK : BSD_TUN;
	if (use->dev.kind != IF_NONE) {
		r->kind = use->leak ? BSD_VIALEAK : BSD_VIA;
		r->unit = use->dev.unit;
		if (r->mtu != 0 && r->mtu < BSD_MTU_MIN)
			r->mtu = BSD_MTU_MIN;
	}
	return (1);
}

void
bsd_other_end(const struct net *n, struct addr *a)
{
	size_t	 last = addr_len(n->a.af) - 1;
	uint8_t	 left = (uint8_t)(8 * addr_len(n->a.af) - n->plen);

	memset(a, 0, sizeof(*a));
	if (n->a.af == 0 || (left != 1 && (left != 2 ||
	    (n->a.a[last] & 3) % 3 == 0)))
		return;
	*a = n->a;
	a->port = 0;
	a->a[last] ^= left == 1 ? 1 : 3;
}

void
bsd_switch_put(struct wr *w, const struct bsd_switch *s)
{
	wr_u8(w, s->which);
	wr_u8(w, s->value);
}

int
bsd_switch_get(struct rd b, struct bsd_switch *s)
{
	if (rd_u8(&b, &s->which) || rd_u8(&b, &s->value) || rd_end(&b))
		return (-1);
	return (s->which < BSD_NCTL && s->value <= 1 ? 0 : -1);
}
