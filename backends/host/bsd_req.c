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
}

int
bsd_route_get(struct rd b, struct bsd_route *r)
{
	if (net_get(&b, &r->dst) || addr_get(&b, &r->src) ||
	    rd_u16(&b, &r->mtu) || rd_u8(&b, &r->kind) || rd_end(&b))
		return (-1);
	if (r->kind >= BSD_NKIND || r->dst.a.af == 0 || r->src.port != 0 ||
	    (r->src.af != 0 && r->src.af != r->dst.a.af))
		return (-1);
	return (0);
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
