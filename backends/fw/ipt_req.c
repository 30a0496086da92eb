/* SPDX-License-Identifier: ISC */

/* ipt_req.c: the records that s2sd-host sends to s2sd-exec. */

#include <stdlib.h>

#include "ipt.h"

const struct ipt_row ipt_rows[IPT_NROWS] = {
	{ "nat",	"POSTROUTING",	"S2SD",		0, 0 },
	{ "nat",	"INPUT",	"S2SD",		0, 0 },
	{ "nat",	"PREROUTING",	"S2SD-DNAT",	0, 0 },
	{ "nat",	"OUTPUT",	"S2SD-DNAT",	0, 0 },
	{ "mangle",	"FORWARD",	"S2SD",		0, 0 },
	{ "raw",	"PREROUTING",	"S2SD-BLOCK",	IPT_BLOCK, 0 },
	{ "mangle",	"POSTROUTING",	"S2SD-BLOCK",	IPT_BLOCK, 1 },
	{ "filter",	"FORWARD",	"S2SD-FORWARD",	IPT_FILTER, 0 },
	{ "filter",	"INPUT",	"S2SD-INPUT",	IPT_FILTER, 0 },
};

void
ipt_op_put(struct wr *w, const struct ipt_op *o)
{
	wr_u8(w, o->variant);
	wr_u8(w, o->af);
	wr_u8(w, o->block);
	wr_u8(w, o->outdrop);
	wr_u8(w, o->tun);
}

int
ipt_op_get(struct rd r, struct ipt_op *o)
{
	if (rd_u8(&r, &o->variant) || rd_u8(&r, &o->af) ||
	    rd_u8(&r, &o->block) || rd_u8(&r, &o->outdrop) ||
	    rd_u8(&r, &o->tun) || rd_end(&r))
		return (-1);
	if ((o->variant != IPT_LEGACY && o->variant != IPT_NFT) ||
	    (o->af != 4 && o->af != 6) || o->block >= IPT_NKINDS ||
	    o->outdrop > 1 || o->tun > 1)
		return (-1);
	return (0);
}

/* Body: verdict u8, family u8, then for each pair four addresses, u16, and of
 * FW_MAP the network on the wire, whose prefix length is the u16. */
size_t
ipt_add_put(struct wr *w, enum fw_verdict v, uint8_t af,
    const struct fw_pair *p, size_t n)
{
	size_t	 len = addr_len(af), i;
	int	 map = v == FW_MAP;

	wr_u8(w, (uint8_t)v);
	wr_u8(w, af);
	for (i = 0; i < n && w->n + (map ? 5 : 4) * len + 2 <= w->max;
	    i++) {
		wr_put(w, p[i].llo, len);
		wr_put(w, p[i].lhi, len);
		wr_put(w, p[i].rlo, len);
		wr_put(w, p[i].rhi, len);
		wr_u16(w, p[i].val);
		if (map)
			wr_put(w, p[i].to, len);
	}
	return (i);
}

int
ipt_records(const struct fw_env *env, const struct fw_rules *rs)
{
	const struct fw_rule	*r;
	struct wr		 w;
	uint8_t			 body[IPT_ADD_MAX];
	size_t			 v, f, i;

	if (env->run(env->arg, 0, IPT_BEGIN, NULL, 0) == -1)
		return (-1);
	for (v = 0; v < FW_NVERDICT; v++)
		for (f = 0; f < 2; f++) {
			r = &rs->r[v][f];
			for (i = 0; i < r->n; ) {
				w = wr_of(body, sizeof(body));
				i += ipt_add_put(&w, (enum fw_verdict)v,
				    r->af, r->p + i, r->n - i);
				if (env->run(env->arg, 0, IPT_ADD, body,
				    w.n) == -1)
					return (-1);
			}
		}
	return (0);
}

static int
map_get(struct rd *r, uint8_t af, uint16_t plen, struct net *n)
{
	struct sel	 s;

	memset(n, 0, sizeof(*n));
	n->a.af = af;
	n->plen = (uint8_t)plen;
	if (plen > 8 * addr_len(af) || rd_copy(r, n->a.a, addr_len(af)))
		return (-1);
	/* no bit may be set behind the prefix */
	sel_from_net(n, 0, 0, UINT16_MAX, &s);
	return (memcmp(s.lo, n->a.a, sizeof(s.lo)) == 0 ? 0 : -1);
}

int
ipt_add_get(struct rd r, struct fw_rules *rs)
{
	struct sel	 l, s;
	struct net	 to;
	uint16_t	 val;
	uint8_t		 v, af;
	size_t		 len;

	if (rd_u8(&r, &v) || rd_u8(&r, &af) || v >= FW_NVERDICT ||
	    (af != 4 && af != 6))
		return (-1);
	len = addr_len(af);
	memset(&l, 0, sizeof(l));
	memset(&s, 0, sizeof(s));
	l.af = s.af = af;
	while (r.n > 0) {
		if (rd_copy(&r, l.lo, len) || rd_copy(&r, l.hi, len) ||
		    rd_copy(&r, s.lo, len) || rd_copy(&r, s.hi, len) ||
		    rd_u16(&r, &val) || memcmp(l.lo, l.hi, len) > 0 ||
		    memcmp(s.lo, s.hi, len) > 0 ||
		    rs->r[v][af == 6].n >= IPT_RECS ||
		    (v == FW_MSS || v == FW_MAP) != (val != 0))
			return (-1);
		if (v == FW_MAP ? map_get(&r, af, val, &to) == -1 ||
		    fw_add_map(rs, &l, &s, &to) == -1 :
		    fw_add(rs, v, &l, &s, val) == -1)
			return (-1);
	}
	return (0);
}
