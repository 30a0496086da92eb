/* SPDX-License-Identifier: ISC */

/* xfrm_read.c: what Linux' XFRM answers and reports. */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "xfrm_int.h"

static int
addr_of(uint16_t af, const xfrm_address_t *x, uint16_t port, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	a->af = af == AF_INET ? 4 : af == AF_INET6 ? 6 : 0;
	if (a->af == 0)
		return (-1);
	memcpy(a->a, x, addr_len(a->af));
	a->port = port;
	return (0);
}

static int
ours(uint32_t reqid)
{
	return ((reqid & XM_REQID_MASK) == XM_REQID &&
	    (reqid & ~XM_REQID_MASK) != 0);
}

/* 1 + the CPU, or 0: none, or beyond what we hand out. */
static uint16_t
cpu_of(struct rd r)
{
	uint32_t	 cpu;

	if (nl_get32(nl_find(r, XA_SA_PCPU), &cpu) == -1 || cpu >= CPUS_MAX)
		return (0);
	return ((uint16_t)(cpu + 1));
}

static void
attrs(struct rd r, struct xfrm_sa_got *g)
{
	struct xfrm_replay_state_esn	 esn;
	struct xfrm_encap_tmpl		 e;
	struct rd			 v;

	v = nl_find(r, XFRMA_ENCAP);
	if (v.n >= sizeof(e) && rd_copy(&v, &e, sizeof(e)) == 0) {
		g->udp = 1;
		g->src.port = ntohs(e.encap_sport);
		g->dst.port = ntohs(e.encap_dport);
	}
	v = nl_find(r, XFRMA_REPLAY_ESN_VAL);
	if (v.n >= sizeof(esn) && rd_copy(&v, &esn, sizeof(esn)) == 0)
		g->replay = esn.replay_window;
	v = nl_find(r, XFRMA_LASTUSED);
	if (rd_copy(&v, &g->lastused, sizeof(g->lastused)))
		g->lastused = 0;
	g->cpu = cpu_of(r);
}

static uint64_t
limit(uint64_t v)
{
	return (v == XFRM_INF ? 0 : v);
}

/* An SA of ours: NEWSA, and what an EXPIRE begins with. */
static int
sa_info(const struct xfrm_usersa_info *u, struct xfrm_sa_got *g)
{
	if (u->sel.user != XM_USER || !ours(u->reqid) || u->id.spi == 0)
		return (0);
	memset(g, 0, sizeof(*g));
	memcpy(&g->note, &u->sel.saddr, 16);
	memcpy((uint8_t *)&g->note + 16, &u->sel.daddr, 16);
	if (g->note.magic != XM_MAGIC ||
	    (g->note.way != XW_IN && g->note.way != XW_OUT))
		return (0);
	if (addr_of(u->family, &u->saddr, 500, &g->src) == -1 ||
	    addr_of(u->family, &u->id.daddr, 500, &g->dst) == -1)
		return (-1);
	g->spi = ntohl(u->id.spi);
	g->reqid = u->reqid;
	g->proto = u->id.proto;
	g->transport = u->mode == XFRM_MODE_TRANSPORT;
	g->esn = (u->flags & XFRM_STATE_ESN) != 0;
	g->softbytes = limit(u->lft.soft_byte_limit);
	g->hardbytes = limit(u->lft.hard_byte_limit);
	g->life = u->lft.hard_add_expires_seconds;
	g->bytes = u->curlft.bytes;
	g->packets = u->curlft.packets;
	g->bad_auth = u->stats.integrity_failed;
	g->bad_replay = (uint64_t)u->stats.replay + u->stats.replay_window;
	return (1);
}

int
xfrm_get_sa(struct rd r, struct xfrm_sa_got *g)
{
	struct xfrm_usersa_info	 u;
	int			 rv;

	if (rd_copy(&r, &u, sizeof(u)))
		return (-1);
	if ((rv = sa_info(&u, g)) == 1)
		attrs(r, g);
	return (rv);
}

int
xfrm_get_pol(struct rd r, struct xpol *p)
{
	struct xfrm_userpolicy_info	 u;
	struct xfrm_user_tmpl		 t;
	struct rd			 v;

	if (rd_copy(&r, &u, sizeof(u)))
		return (-1);
	if (u.sel.user != XM_USER || u.priority < XM_PRIO_LEAST ||
	    u.priority > XM_PRIO_MOST || u.dir >= XFRM_POLICY_MAX)
		return (0);
	memset(p, 0, sizeof(*p));
	p->sel = u.sel;
	p->dir = u.dir;
	p->prio = u.priority;
	v = nl_find(r, XFRMA_TMPL);
	if (rd_copy(&v, &t, sizeof(t)))
		return (-1);
	p->reqid = t.reqid;
	if (nl_get32(nl_find(r, XA_IF_ID), &p->if_id) == -1)
		p->if_id = 0;
	p->transport = t.mode == XFRM_MODE_TRANSPORT;
	p->ah = t.id.proto == IPPROTO_AH;
	if (addr_of(t.family, &t.saddr, 0, &p->src) == -1 ||
	    addr_of(t.family, &t.id.daddr, 0, &p->dst) == -1)
		return (-1);
	return (1);
}

int
xfrm_get_expire(struct rd r, struct xfrm_event *e)
{
	struct xfrm_user_expire	 x;
	struct xfrm_sa_got	 g;
	int			 rv;

	/* the structure may be padded at its end */
	if (rd_copy(&r, &x, offsetof(struct xfrm_user_expire, hard) + 1))
		return (-1);
	if ((rv = sa_info(&x.state, &g)) != 1)
		return (rv);
	memset(e, 0, sizeof(*e));
	e->spi = g.spi;
	e->reqid = g.reqid;
	e->hard = x.hard != 0;
	e->src = g.src;
	e->dst = g.dst;
	return (1);
}

int
xfrm_get_acquire(struct rd r, struct xfrm_event *e)
{
	struct xfrm_user_acquire a;
	struct xfrm_user_tmpl	 t;
	struct rd		 v;

	if (rd_copy(&r, &a, sizeof(a)))
		return (-1);
	if (a.policy.sel.user != XM_USER)
		return (0);
	v = nl_find(r, XFRMA_TMPL);
	if (rd_copy(&v, &t, sizeof(t)))
		return (-1);
	memset(e, 0, sizeof(*e));
	e->reqid = t.reqid;
	e->ipproto = a.sel.proto;
	if (!ours(t.reqid))
		return (0);
	if (addr_of(a.sel.family, &a.sel.saddr, ntohs(a.sel.sport),
	    &e->src) == -1 || addr_of(a.sel.family, &a.sel.daddr,
	    ntohs(a.sel.dport), &e->dst) == -1)
		return (-1);
	return (1);
}

int
xfrm_get_mapping(struct rd r, struct xfrm_event *e)
{
	struct xfrm_user_mapping	 m;

	if (rd_copy(&r, &m, sizeof(m)))
		return (-1);
	if (!ours(m.reqid))
		return (0);
	memset(e, 0, sizeof(*e));
	e->spi = ntohl(m.id.spi);
	e->reqid = m.reqid;
	if (addr_of(m.id.family, &m.new_saddr, ntohs(m.new_sport),
	    &e->src) == -1 ||
	    addr_of(m.id.family, &m.id.daddr, 0, &e->dst) == -1)
		return (-1);
	return (1);
}

static int
get_key(struct rd v, size_t head, struct keyoct *k)
{
	struct xfrm_algo	 a;	/* how all three of them begin */
	struct rd		 r = v;

	memset(k, 0, sizeof(*k));
	if (v.n == 0)
		return (0);
	if (rd_copy(&v, &a, sizeof(a)) || rd_skip(&r, head) ||
	    a.alg_key_len / 8 > sizeof(k->d) || a.alg_key_len / 8 > r.n)
		return (-1);
	k->len = (uint16_t)(a.alg_key_len / 8);
	return (rd_copy(&r, k->d, k->len) ? -1 : 0);
}

int
xfrm_get_keys(struct rd r, struct keyoct *e, struct keyoct *a)
{
	struct rd	 aead;

	if (rd_skip(&r, sizeof(struct xfrm_usersa_info)))
		return (-1);
	if ((aead = nl_find(r, XFRMA_ALG_AEAD)).n > 0) {
		memset(a, 0, sizeof(*a));
		return (get_key(aead, sizeof(struct xfrm_algo_aead), e));
	}
	return (get_key(nl_find(r, XFRMA_ALG_CRYPT), sizeof(struct xfrm_algo),
	    e) || get_key(nl_find(r, XFRMA_ALG_AUTH_TRUNC),
	    sizeof(struct xfrm_algo_auth), a) ? -1 : 0);
}
