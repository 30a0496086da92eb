/* SPDX-License-Identifier: ISC */

/*
 * linux_ct.c: connections that were tracked before the exemption stood keep
 * the NAT they got then.  One dump finds those between our networks and
 * between the gateways that carry a NAT, and, of translated networks, those
 * that do not carry exactly ours; only they are deleted.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include "linux.h"

/* One direction of a connection. */
struct tuple {
	uint8_t		 af, ipproto;
	const uint8_t	*src, *dst;
	uint16_t	 sport, dport;
};

static int
get16(struct rd r, uint16_t *v)
{
	return (rd_u16(&r, v) || rd_end(&r) ? -1 : 0);
}

static int
tuple_get(struct rd r, struct tuple *t)
{
	struct rd	 ip = nl_find(r, CTA_TUPLE_IP);
	struct rd	 pr = nl_find(r, CTA_TUPLE_PROTO), s, d;

	memset(t, 0, sizeof(*t));
	s = nl_find(ip, CTA_IP_V4_SRC);
	d = nl_find(ip, CTA_IP_V4_DST);
	t->af = 4;
	if (s.n == 0) {
		s = nl_find(ip, CTA_IP_V6_SRC);
		d = nl_find(ip, CTA_IP_V6_DST);
		t->af = 6;
	}
	if (s.n != addr_len(t->af) || d.n != s.n ||
	    nl_get8(nl_find(pr, CTA_PROTO_NUM), &t->ipproto) == -1)
		return (-1);
	t->src = s.p;
	t->dst = d.p;
	if (get16(nl_find(pr, CTA_PROTO_SRC_PORT), &t->sport) == -1 ||
	    get16(nl_find(pr, CTA_PROTO_DST_PORT), &t->dport) == -1)
		t->sport = t->dport = 0;	/* a protocol without ports */
	return (0);
}

static int
is_ike(const struct tuple *t)
{
	return (t->ipproto == IPPROTO_ESP || t->ipproto == IPPROTO_AH || (t->ipproto == IPPROTO_UDP &&
	    (t->sport == 500 || t->sport == 4500 || t->dport == 500 ||
	    t->dport == 4500)));
}

static int
tuple_in(const struct tuple *t, const struct fw_rules *rs)
{
	const struct fw_rule	*in = &rs->r[FW_EXEMPT][t->af == 6];
	const struct fw_rule	*out = &rs->r[FW_OUTER][t->af == 6];

	if (fw_has(in, t->src, t->dst) || fw_has(in, t->dst, t->src))
		return (1);
	return (is_ike(t) && (fw_has(out, t->src, t->dst) ||
	    fw_has(out, t->dst, t->src)));
}

static int
same(const struct tuple *t, const uint8_t *a, const uint8_t *b)
{
	return (memcmp(t->src, a, addr_len(t->af)) == 0 &&
	    memcmp(t->dst, b, addr_len(t->af)) == 0);
}

/*
 * A connection of a translated network, o as it began, p as its answers come:
 * -1 it is none, 0 it has our translation, 1 it has another or none.
 */
static int
translated(const struct tuple *o, const struct tuple *p,
    const struct fw_rules *rs)
{
	const struct fw_rule	*m = &rs->r[FW_MAP][o->af == 6];
	uint8_t			 to[16];

	if (fw_mapped(m, 0, o->src, o->dst, to))	/* began here */
		return (!same(p, o->dst, to));
	if (fw_mapped(m, 1, o->dst, o->src, to))	/* began there */
		return (!same(p, to, o->src));
	/* neither as it should begin, but a network of ours all the same */
	if (fw_mapped(m, 0, o->dst, o->src, to) ||
	    fw_mapped(m, 1, o->src, o->dst, to))
		return (1);
	return (-1);
}

int
lx_ct_match(struct rd r, const struct fw_rules *rs)
{
	struct tuple	 o, p;
	uint32_t	 status;
	int		 rv;

	if (rd_skip(&r, sizeof(struct nfgenmsg)) ||
	    tuple_get(nl_find(r, CTA_TUPLE_ORIG), &o) == -1 ||
	    tuple_get(nl_find(r, CTA_TUPLE_REPLY), &p) == -1)
		return (-1);
	if (nl_getbe32(nl_find(r, CTA_STATUS), &status) == -1)
		return (0);
	if (o.af == p.af && (rv = translated(&o, &p, rs)) != -1)
		return (rv);
	if ((status & (IPS_SRC_NAT | IPS_DST_NAT)) == 0)
		return (0);
	return (tuple_in(&o, rs) || tuple_in(&p, rs));
}

struct hits {
	const struct fw_rules	*rs;
	struct nlbuf		 b;
};

static int
dumped(void *arg, const struct nlmsg *m)
{
	struct hits	*h = arg;
	struct nfgenmsg	 g;
	struct rd	 r = m->body, orig, id;

	if (lx_ct_match(r, h->rs) != 1 || rd_copy(&r, &g, sizeof(g)))
		return (0);
	orig = nl_find(r, CTA_TUPLE_ORIG);
	id = nl_find(r, CTA_ID);
	nl_msg(&h->b, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
	    NLM_F_ACK, &g, sizeof(g));
	nl_put(&h->b, CTA_TUPLE_ORIG | NLA_F_NESTED, orig.p, orig.n);
	if (id.n > 0)
		nl_put(&h->b, CTA_ID, id.p, id.n);
	nl_end(&h->b);
	return (0);
}

int
lx_purge(struct lx *x, const struct fw_rules *rs)
{
	struct hits	 h = { .rs = rs };
	struct nlbuf	 b = { 0 };
	struct nfgenmsg	 g;
	int		 f, rv = 0;

	for (f = 0; f < 2 && rv == 0; f++) {
		if (rs->r[FW_EXEMPT][f].n + rs->r[FW_OUTER][f].n +
		    rs->r[FW_MAP][f].n == 0)
			continue;
		memset(&g, 0, sizeof(g));
		g.nfgen_family = f ? AF_INET6 : AF_INET;
		nl_msg(&b, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
		    NLM_F_DUMP, &g, sizeof(g));
		nl_end(&b);
		rv = nl_dump(&x->ct, &b, dumped, &h);
		nl_clear(&b);
	}
	if (rv == 0 && h.b.n > 0)
		rv = nl_many(&x->ct, &h.b, ENOENT, 0);
	if (rv == 0)
		rv = (int)h.b.nmsg;
	nl_clear(&h.b);
	return (rv);
}
