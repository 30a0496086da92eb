/* SPDX-License-Identifier: ISC */

/*
 * test_xfrm.c: the XFRM backend before a kernel of our own: the contract, the
 * octets of its requests, lives that follow each other, events, and answers
 * that are cut at every length.
 */

#include <arpa/inet.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../unit/espkit.h"
#include "contract.h"
#include "xfrm_kernel.h"

#define T(type)	((type) - XFRM_MSG_BASE)

struct seen {
	struct xk	 k;
	void		*be;
	struct sa_events ev;
	struct role_io	 io;
	struct tunnel	 t[2];
	uint32_t	 next;
	int		 err;
	uint32_t	 spi;
	size_t		 nnote;
	char		 note[128];
	size_t		 ndone, nlisted, nexpire, nhard, nacquire, nmoved;
	uint32_t	 child, tunnel;		/* of the last event */
	struct addr	 src, dst;
	struct sa_count	 count;
};

static void
io_random(void *arg, void *buf, size_t n)
{
	(void)arg;
	memset(buf, 7, n);
}

static void
ev_done(void *arg, uint32_t id, int err, uint32_t spi)
{
	struct seen	*s = arg;

	assert_int_equal(id, s->next);
	s->ndone++;
	s->err = err;
	s->spi = spi;
}

static void
ev_counters(void *arg, uint32_t id, const struct sa_count *c, size_t n)
{
	struct seen	*s = arg;

	(void)id;
	assert_int_equal(n, 1);
	s->count = *c;
}

static void
ev_listed(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in, uint32_t spi_out)
{
	struct seen	*s = arg;

	(void)id;
	s->nlisted++;
	s->tunnel = tunnel;
	s->child = child;
	assert_int_equal(spi_in, 0xa0000000 + child);
	assert_int_equal(spi_out, 0xb0000000 + child);
}

static void
ev_acquire(void *arg, uint32_t tunnel, const struct addr *src,
    const struct addr *dst, uint8_t ipproto)
{
	struct seen	*s = arg;

	assert_int_equal(ipproto, 1);
	s->nacquire++;
	s->tunnel = tunnel;
	s->src = *src;
	s->dst = *dst;
}

static void
ev_expire(void *arg, uint32_t tunnel, uint32_t child, int hard)
{
	struct seen	*s = arg;

	s->nexpire++;
	s->nhard += hard != 0;
	s->tunnel = tunnel;
	s->child = child;
}

static void
ev_moved(void *arg, uint32_t tunnel, uint32_t child, const struct addr *l,
    const struct addr *r)
{
	struct seen	*s = arg;

	s->nmoved++;
	s->tunnel = tunnel;
	s->child = child;
	s->src = *l;
	s->dst = *r;
}

static void
ev_lost(void *arg)
{
	(void)arg;
	fail();
}

static void
ev_note(void *arg, uint32_t tunnel, const char *text)
{
	struct seen	*s = arg;

	s->nnote++;
	s->tunnel = tunnel;
	(void)snprintf(s->note, sizeof(s->note), "%s", text);
}

/* --- the contract --- */

static void *
x_up(struct contract *c, const struct tunnel *t, size_t n,
    const struct sa_events *ev)
{
	static struct role_io	 io = { .random = io_random };
	void			*be = c->be->start(&io, ev);

	(void)t;
	(void)n;
	return (c->arg = be);
}

static void
x_pump(struct contract *c)
{
	c->be->readable(c->arg);
}

static void
x_down(struct contract *c)
{
	c->be->leave(c->arg);
	c->be->stop(c->arg);
}

static struct xk *
kernel(struct contract *c)
{
	return (((struct xfrm_sys *)c->sys)->arg);
}

/* The best policy for a packet from .9 to .9, and the SA of its reqid. */
static uint32_t
x_out(struct contract *c, const struct tunnel *t)
{
	const struct xk_pol	*p, *best = NULL;
	struct xk		*k = kernel(c);
	size_t			 i;

	for (i = 0; i < k->npol; i++) {
		p = &k->pol[i];
		if (p->u.dir == XFRM_POLICY_OUT && p->u.sel.prefixlen_s == 24 &&
		    memcmp(&p->u.sel.saddr, t->pair[0].local.lo, 3) == 0 &&
		    memcmp(&p->u.sel.daddr, t->pair[0].remote.lo, 3) == 0 &&
		    (best == NULL || p->u.priority < best->u.priority))
			best = p;
	}
	for (i = 0; best != NULL && i < k->nsa; i++)
		if (k->sa[i].u.reqid == best->t.reqid &&
		    memcmp(&k->sa[i].u.id.daddr, &best->t.id.daddr, 16) == 0)
			return (ntohl(k->sa[i].u.id.spi));
	return (0);
}

static size_t
x_stock(struct contract *c)
{
	return (kernel(c)->nsa + kernel(c)->npol);
}

static void
x_refuse(struct contract *c, int nth)
{
	kernel(c)->fail = nth != 0 ? ENOMEM : 0;
	kernel(c)->fail_at = kernel(c)->nreq + (size_t)nth;
}

static void
x_expire(struct contract *c, uint32_t spi, int hard)
{
	xk_expire(kernel(c), spi, hard);
}

/* Another daemon has another configuration: its tags differ. */
static void *
x_again(struct contract *c, const struct sa_events *ev, int other)
{
	struct xk	*k = kernel(c);
	size_t		 i;

	c->be->stop(c->arg);
	for (i = 0; other && i < k->nsa; i++)
		k->sa[i].u.sel.saddr.a6[0]++;
	return (x_up(c, NULL, 0, ev));
}

static void
test_contract(void **state)
{
	struct contract	 c = { .be = &sa_xfrm, .start = x_up, .pump = x_pump,
	    .stop = x_down, .out = x_out, .stock = x_stock,
	    .refuse = x_refuse, .expire = x_expire, .again = x_again };
	struct xk	*k;
	int		 dir;

	(void)state;
	for (dir = 0; dir < 2; dir++) {
		assert_non_null(k = malloc(sizeof(*k)));
		xk_init(k);
		k->sys.dir = (uint8_t)dir;
		c.sys = &k->sys;
		contract_run(&c);
		assert_int_equal(k->nsa + k->npol, 0);	/* nothing stays */
		xk_clear(k);
		free(k);
	}
}

/* --- a life, step by step --- */

static void
life(struct seen *s)
{
	uint32_t	 i;

	s->io.random = io_random;
	s->ev = (struct sa_events){ s, &s->k.sys, ev_done, ev_counters,
	    ev_listed, ev_acquire, ev_expire, ev_moved, ev_lost,
	    ev_note };
	assert_non_null(s->be = sa_xfrm.start(&s->io, &s->ev));
	for (i = 0; i < 2; i++) {
		sa_xfrm.policy_replace(s->be, ++s->next, &s->t[i], 1);
		assert_int_equal(s->err, SERR_OK);
	}
}

static struct seen *
born(void)
{
	struct seen	*s;

	assert_non_null(s = calloc(1, sizeof(*s)));
	xk_init(&s->k);
	kit_tunnel(&s->t[0], 7, "berlin", "192.0.2.1", "192.0.2.2",
	    "10.1.3.0/24", "10.1.4.0/24");
	kit_tunnel(&s->t[1], 8, "paris", "192.0.2.1", "192.0.2.3",
	    "fd00:3::/64", "fd00:5::/64");
	life(s);
	return (s);
}

static void
end(struct seen *s)
{
	sa_xfrm.stop(s->be);
	xk_clear(&s->k);
	free(s);
}

enum { UDP = 1, ESN = 2, INACTIVE = 4, TRANSPORT = 8 };

/* By which CPU, beside which child: of the pairs that are added next. */
static struct { uint16_t cpu; uint32_t beside; } split;

static int
add(struct seen *s, size_t t, uint32_t child, uint32_t replaces, int flags,
    const char *encr, const char *integ)
{
	struct m_e_pair	 m;
	struct sa_pair	 r;
	uint8_t		 buf[5000];

	kit_e_pair(&m, &s->t[t], child, encr, integ, 0, buf, sizeof(buf));
	memset(&r, 0, sizeof(r));
	r.tunnel = s->t[t].id;
	r.child = child;
	r.replaces = replaces;
	r.spi_in = m.spi_in;
	r.spi_out = m.spi_out;
	r.replay = 4096;
	r.encr = alg_num(m.encr);
	r.integ = m.integ != 0 ? alg_num(m.integ) : NULL;
	r.udp = (flags & UDP) != 0;
	r.esn = (flags & ESN) != 0;
	r.inactive = (flags & INACTIVE) != 0;
	r.transport = (flags & TRANSPORT) != 0;
	r.cpu = split.cpu;
	r.beside = split.beside;
	r.life = 3600;
	r.softbytes = 900000;
	r.hardbytes = 1000000;
	r.local = m.local;
	r.remote = m.remote;
	r.ein = &m.ein;
	r.ain = &m.ain;
	r.eout = &m.eout;
	r.aout = &m.aout;
	r.pair = s->t[t].pair;
	r.npair = s->t[t].npair;
	sa_xfrm.sa_install(s->be, ++s->next, &r);
	return (s->err);
}

static int
del(struct seen *s, uint32_t tunnel, uint32_t child)
{
	sa_xfrm.sa_delete(s->be, ++s->next, tunnel, child, 0xa0000000 + child);
	return (s->err);
}

static size_t
list(struct seen *s)
{
	s->nlisted = 0;
	sa_xfrm.list(s->be, ++s->next);
	assert_int_equal(s->err, SERR_OK);
	return (s->nlisted);
}

static const struct xk_pol *
pol(struct seen *s, int dir, int family)
{
	size_t	 i;

	for (i = 0; i < s->k.npol; i++)
		if (s->k.pol[i].u.dir == dir &&
		    s->k.pol[i].u.sel.family == family)
			return (&s->k.pol[i]);
	return (NULL);
}

/* Every cipher as the kernel calls it, with its truncation. */
static void
test_algs(void **state)
{
	static const struct { const char *e, *i, *name, *auth; uint32_t icv; }
	    v[] = {
		{ "aes-256-gcm", NULL, "rfc4106(gcm(aes))", "", 128 },
		{ "aes-128-gcm", NULL, "rfc4106(gcm(aes))", "", 128 },
		{ "chacha20-poly1305", NULL, "rfc7539esp(chacha20,poly1305)",
		    "", 128 },
		{ "aes-256", "hmac-sha2-256", "cbc(aes)", "hmac(sha256)", 128 },
		{ "aes-128", "hmac-sha1", "cbc(aes)", "hmac(sha1)", 96 },
		{ "aes-192", "hmac-sha2-384", "cbc(aes)", "hmac(sha384)", 192 },
		{ "aes-256", "hmac-sha2-512", "cbc(aes)", "hmac(sha512)", 256 },
	};
	struct m_e_pair	 m;
	struct xk_sa	*in, *out;
	struct seen	*s = born();
	uint8_t		 buf[5000];
	uint32_t	 i;

	(void)state;
	for (i = 0; i < nitems(v); i++) {
		assert_int_equal(add(s, 0, i + 1, 0, i & 1 ? ESN : UDP, v[i].e,
		    v[i].i), SERR_OK);
		in = xk_find(&s->k, 0xa0000001 + i);
		out = xk_find(&s->k, 0xb0000001 + i);
		assert_non_null(in);
		assert_non_null(out);
		assert_string_equal(in->alg, v[i].name);
		assert_string_equal(in->auth, v[i].auth);
		assert_int_equal(in->icv, v[i].icv);
		assert_int_equal(in->has_encap, !(i & 1));
		kit_e_pair(&m, &s->t[0], i + 1, v[i].e, v[i].i, 0, buf,
		    sizeof(buf));
		assert_memory_equal(in->key, m.ein.d, m.ein.len);
		assert_memory_equal(out->key, m.eout.d, m.eout.len);
		assert_int_equal(out->mark, S2SD_MARK);
		assert_int_equal(in->mark, 0);
		assert_int_equal(in->esn.replay_window, 4096);
		assert_int_equal(in->u.lft.hard_byte_limit, 1000000);
		assert_int_equal(in->u.lft.soft_byte_limit, 900000);
		assert_int_equal(in->u.lft.hard_add_expires_seconds, 3600);
		assert_true((in->u.lft.hard_packet_limit == XFRM_INF) ==
		    !!(i & 1));
	}
	end(s);
}

/* The whole request, octet by octet, where they do not depend on time. */
static void
test_golden(void **state)
{
	static const char	 head[] =
	    /* id: 192.0.2.1, SPI, ESP */
	    "c0000201" "000000000000000000000000" "a0000001" "32000000"
	    /* from 192.0.2.2 */
	    "c0000202" "000000000000000000000000";
	struct xfrm_usersa_info	 u;
	char			 hex[3 * sizeof(head)];
	struct seen		*s = born();
	size_t			 i;

	(void)state;
	assert_int_equal(add(s, 0, 1, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	u = xk_find(&s->k, 0xa0000001)->u;
	for (i = 0; i < 24; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", ((uint8_t *)&u.id)[i]);
	for (i = 0; i < 16; i++)
		(void)snprintf(hex + 48 + 2 * i, 3, "%02x",
		    ((uint8_t *)&u.saddr)[i]);
	assert_string_equal(hex, head);
	assert_int_equal(sizeof(u), 224);
	assert_int_equal(u.sel.user, XM_USER);
	assert_int_equal(u.reqid & XM_REQID_MASK, XM_REQID);
	assert_int_equal(ntohs(xk_find(&s->k,
	    0xa0000001)->encap.encap_sport), 4500);
	end(s);
}

/* Three policies a pair of networks, of the outer family whatever is inside. */
static void
test_policies(void **state)
{
	const struct xk_pol	*o, *i, *f;
	struct seen		*s = born();

	(void)state;
	assert_int_equal(s->k.npol, 0);
	assert_int_equal(add(s, 1, 1, 0, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->k.npol, 3);
	assert_non_null(o = pol(s, XFRM_POLICY_OUT, AF_INET6));
	assert_non_null(i = pol(s, XFRM_POLICY_IN, AF_INET6));
	assert_non_null(f = pol(s, XFRM_POLICY_FWD, AF_INET6));
	assert_int_equal(o->t.family, AF_INET);
	assert_int_equal(ntohl(o->t.id.daddr.a4), 0xc0000203);
	assert_int_equal(ntohl(o->t.saddr.a4), 0xc0000201);
	assert_int_equal(ntohl(i->t.id.daddr.a4), 0xc0000201);
	assert_int_equal(i->t.reqid, xk_find(&s->k, 0xa0000001)->u.reqid);
	assert_int_equal(f->t.reqid, i->t.reqid);
	assert_int_equal(o->t.reqid, xk_find(&s->k, 0xb0000001)->u.reqid);
	assert_int_not_equal(o->t.reqid, i->t.reqid);
	assert_in_range(o->u.priority, XM_PRIO_LEAST, XM_PRIO_MOST);
	assert_int_equal(del(s, 8, 1), SERR_OK);
	assert_int_equal(s->k.npol + s->k.nsa, 0);
	end(s);
}

/*
 * A tunnel with an interface: its number is the if_id of SAs and policies, so
 * another tunnel may have the same networks; a next life takes both over, and
 * a policy of another if_id is none of its.
 */
static void
test_interface(void **state)
{
	struct addr	 l = kit_addr("192.0.2.1", 4500);
	struct addr	 r = kit_addr("192.0.2.98", 4500);
	struct seen	*s = born();
	size_t		 i, n[2] = { 0, 0 };

	(void)state;
	s->t[0].ifkind = IF_XFRM;
	s->t[0].ifunit = 7;
	s->t[1].pair[0] = s->t[0].pair[0];
	for (i = 0; i < 2; i++) {
		sa_xfrm.policy_replace(s->be, ++s->next, &s->t[i], 1);
		assert_int_equal(s->err, SERR_OK);
	}
	assert_int_equal(add(s, 0, 1, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(add(s, 1, 2, 0, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(xk_find(&s->k, 0xa0000001)->if_id, 7);
	assert_int_equal(xk_find(&s->k, 0xb0000001)->if_id, 7);
	assert_int_equal(xk_find(&s->k, 0xa0000002)->if_id, 0);
	assert_int_equal(xk_find(&s->k, 0xb0000002)->if_id, 0);
	assert_int_equal(s->k.npol, 6);
	for (i = 0; i < s->k.npol; i++)
		n[s->k.pol[i].if_id == 7]++;
	assert_int_equal(n[1], 3);
	sa_xfrm.sa_move(s->be, ++s->next, 7, 1, &l, &r);
	assert_int_equal(s->err, SERR_OK);
	assert_int_equal(ntohl(xk_find(&s->k, 0xb0000001)->u.id.daddr.a4),
	    0xc0000262);
	assert_int_equal(s->k.npol, 6);
	sa_xfrm.stop(s->be);
	life(s);
	s->k.sys.sent = 0;
	assert_int_equal(list(s), 2);
	assert_int_equal(s->k.sys.sent, 2);
	sa_xfrm.stop(s->be);
	for (i = 0; s->k.pol[i].if_id != 7 ||
	    s->k.pol[i].u.dir != XFRM_POLICY_FWD; i++)
		;
	s->k.pol[i].if_id = 9;		/* not the tunnel's any more */
	life(s);
	assert_int_equal(list(s), 2);
	assert_int_equal(s->k.npol, 6);
	for (n[1] = 0, i = 0; i < s->k.npol; i++) {
		assert_int_not_equal(s->k.pol[i].if_id, 9);
		n[1] += s->k.pol[i].if_id == 7;
	}
	assert_int_equal(n[1], 3);
	assert_int_equal(del(s, 7, 1), SERR_OK);
	assert_int_equal(del(s, 8, 2), SERR_OK);
	assert_int_equal(s->k.npol + s->k.nsa, 0);
	end(s);
}

static void
test_transport(void **state)
{
	const struct xk_pol	*o;
	struct seen		*s = born();
	struct xk_sa		*in;

	(void)state;
	assert_int_equal(add(s, 0, 1, 0, TRANSPORT | ESN, "aes-256-gcm", NULL),
	    SERR_OK);
	assert_non_null(in = xk_find(&s->k, 0xa0000001));
	assert_int_equal(in->u.mode, XFRM_MODE_TRANSPORT);
	assert_int_equal(in->u.sel.family, AF_INET);
	assert_non_null(o = pol(s, XFRM_POLICY_OUT, AF_INET));
	assert_int_equal(o->t.mode, XFRM_MODE_TRANSPORT);
	sa_xfrm.stop(s->be);
	life(s);
	s->k.sys.sent = 0;
	assert_int_equal(list(s), 1);
	assert_int_equal(s->k.sys.sent, 2);	/* taken over as it is */
	end(s);
}

/* Selectors that are no prefix, with protocol and ports. */
static void
test_selectors(void **state)
{
	struct xpols	 l = { 0 };
	struct selpair	 p;
	struct net	 n;
	size_t		 i, all = 0;

	(void)state;
	assert_int_equal(net_parse("10.1.3.0/24", &n), 0);
	sel_from_net(&n, 6, 0, UINT16_MAX, &p.local);
	assert_int_equal(net_parse("10.1.4.0/24", &n), 0);
	sel_from_net(&n, 6, 1000, 1999, &p.remote);
	p.remote.hi[3] = 2;			/* 10.1.4.0 to .2: two prefixes */
	assert_int_equal(xfrm_pols_of(&l, &p, XW_OUT), 0);
	for (i = 0; i < l.n; i++) {
		assert_int_equal(l.p[i].sel.proto, 6);
		assert_int_equal(l.p[i].sel.sport_mask, 0);
		all += 65536 - ntohs(l.p[i].sel.dport_mask);
	}
	assert_int_equal(all, 2 * 1000);	/* each port once a prefix */
	free(l.p);
	memset(&l, 0, sizeof(l));
	/* echo requests: type 8, any code */
	p.local.ipproto = p.remote.ipproto = 1;
	p.local.port_lo = p.remote.port_lo = 0x0800;
	p.local.port_hi = p.remote.port_hi = 0x08ff;
	p.remote.hi[3] = 255;
	assert_int_equal(xfrm_pols_of(&l, &p, XW_IN | XW_OUT), 0);
	assert_int_equal(l.n, 3);
	for (i = 0; i < l.n; i++) {
		assert_int_equal(ntohs(l.p[i].sel.sport), 8);
		assert_int_equal(l.p[i].sel.sport_mask, 0xffff);
		assert_int_equal(l.p[i].sel.dport_mask, 0);
	}
	free(l.p);
}

/* The responder of a rekey sends on the old pair until that goes. */
static void
test_rekey(void **state)
{
	struct seen	*s = born();
	uint32_t	 old, fresh;

	(void)state;
	assert_int_equal(list(s), 0);
	s->k.sys.sent = 0;
	assert_int_equal(add(s, 0, 1, 0, ESN, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->k.sys.sent, 5);	/* two SAs, three policies */
	old = xk_find(&s->k, 0xb0000001)->u.reqid;
	s->k.sys.sent = 0;
	assert_int_equal(add(s, 0, 2, 1, ESN | INACTIVE, "aes-256-gcm", NULL),
	    SERR_OK);
	assert_int_equal(s->k.sys.sent, 2);	/* no policy is touched */
	fresh = xk_find(&s->k, 0xb0000002)->u.reqid;
	s->k.sys.sent = 0;
	assert_int_not_equal(old, fresh);
	assert_int_equal(pol(s, XFRM_POLICY_OUT, AF_INET)->t.reqid, old);
	assert_int_equal(xk_find(&s->k, 0xa0000002)->u.reqid,
	    xk_find(&s->k, 0xa0000001)->u.reqid);
	assert_int_equal(del(s, 7, 1), SERR_OK);
	assert_int_equal(s->k.sys.sent, 3);	/* out by the new, two away */
	assert_int_equal(pol(s, XFRM_POLICY_OUT, AF_INET)->t.reqid, fresh);
	assert_int_equal(s->k.npol, 3);
	assert_int_equal(s->k.nsa, 2);
	/* the initiator's side: at once */
	assert_int_equal(add(s, 0, 3, 2, ESN, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(pol(s, XFRM_POLICY_OUT, AF_INET)->t.reqid,
	    xk_find(&s->k, 0xb0000003)->u.reqid);
	assert_int_equal(del(s, 7, 2), SERR_OK);
	s->k.sys.sent = 0;
	assert_int_equal(del(s, 7, 3), SERR_OK);
	assert_int_equal(s->k.sys.sent, 5);	/* three policies, two SAs */
	end(s);
}

/* Killed and started again: the same configuration takes over, another one
 * sweeps up; what is not ours stays. */
static void
test_lives(void **state)
{
	struct seen	*s = born();
	struct xk_sa	 other;
	struct xk_pol	 opol;
	uint32_t	 in;

	(void)state;
	memset(&other, 0, sizeof(other));
	other.u.id.spi = htonl(0x1234);
	other.u.reqid = XM_REQID | 1;		/* even with a reqid of ours */
	other.u.family = AF_INET;
	s->k.sa[s->k.nsa++] = other;
	memset(&opol, 0, sizeof(opol));
	opol.u.priority = XM_PRIO_LEAST + 1;
	s->k.pol[s->k.npol++] = opol;
	assert_int_equal(list(s), 0);
	assert_int_equal(add(s, 0, 1, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(add(s, 0, 2, 1, UDP | INACTIVE, "aes-256", "hmac-sha1"),
	    SERR_OK);
	in = xk_find(&s->k, 0xa0000001)->u.reqid;
	sa_xfrm.stop(s->be);
	s->t[0].id = 70;			/* ids are of one life only */
	s->t[0].life++;				/* and this makes no other */
	life(s);
	s->k.sys.sent = 0;
	assert_int_equal(list(s), 2);
	assert_int_equal(s->k.sys.sent, 2);	/* two dumps, no change */
	assert_int_equal(s->tunnel, 70);
	/* the heir has the selectors of the one in use, and its turn */
	assert_int_equal(del(s, 70, 1), SERR_OK);
	assert_int_equal(pol(s, XFRM_POLICY_OUT, AF_INET)->t.reqid,
	    xk_find(&s->k, 0xb0000002)->u.reqid);
	assert_int_equal(pol(s, XFRM_POLICY_IN, AF_INET)->t.reqid, in);
	/* a half that was left in between goes */
	assert_int_equal(add(s, 1, 5, 0, 0, "aes-256-gcm", NULL), SERR_OK);
	sa_xfrm.stop(s->be);
	s->k.nsa--;
	life(s);
	assert_int_equal(list(s), 1);
	assert_int_equal(s->k.nsa, 3);
	/* the tunnel has changed: nothing of it is taken over */
	sa_xfrm.stop(s->be);
	s->t[0].flags ^= TUN_NATT;
	life(s);
	assert_int_equal(list(s), 0);
	assert_int_equal(s->k.nsa, 1);
	assert_int_equal(s->k.npol, 1);
	assert_int_equal(s->k.sa[0].u.id.spi, htonl(0x1234));
	sa_xfrm.leave(s->be);
	assert_int_equal(s->k.nsa + s->k.npol, 2);
	end(s);
}

static void
test_events(void **state)
{
	struct seen	*s = born();

	(void)state;
	assert_int_equal(add(s, 0, 1, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(add(s, 1, 2, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	xk_expire(&s->k, 0xa0000001, 0);
	sa_xfrm.readable(s->be);
	assert_int_equal(s->nexpire, 1);
	assert_int_equal(s->nhard, 0);
	assert_int_equal(s->child, 1);
	xk_expire(&s->k, 0xb0000002, 1);
	xk_mapping(&s->k, 0xa0000001, 0xc00002f0, 31000);
	sa_xfrm.readable(s->be);
	assert_int_equal(s->nhard, 1);
	assert_int_equal(s->nmoved, 1);
	assert_int_equal(s->child, 1);
	assert_int_equal(s->dst.port, 31000);
	assert_int_equal(s->dst.a[3], 0xf0);
	assert_int_equal(s->src.port, 4500);
	/* lost: what is not there any more, and what has passed its limit */
	s->nexpire = s->nhard = 0;
	assert_int_equal(del(s, 8, 2), SERR_OK);
	assert_int_equal(add(s, 0, 4, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(add(s, 1, 3, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	s->k.nsa--;				/* the outbound one */
	xk_find(&s->k, 0xb0000004)->u.curlft.bytes = 950000;
	xk_lost(&s->k);
	sa_xfrm.readable(s->be);
	assert_int_equal(s->nexpire, 2);
	assert_int_equal(s->nhard, 1);
	end(s);
}

/* On demand: a policy without an SA, and what the kernel says about it. */
static void
test_ondemand(void **state)
{
	struct seen	*s = born();

	(void)state;
	assert_int_equal(list(s), 0);
	s->t[0].flags |= TUN_ONDEMAND;
	sa_xfrm.policy_replace(s->be, ++s->next, &s->t[0], 1);
	assert_int_equal(s->k.npol, 1);
	xk_acquire(&s->k, pol(s, XFRM_POLICY_OUT, AF_INET), 0x0a010302,
	    0x0a010402);
	sa_xfrm.readable(s->be);
	assert_int_equal(s->nacquire, 1);
	assert_int_equal(s->tunnel, 7);
	assert_int_equal(s->src.a[3], 2);
	assert_int_equal(s->dst.a[2], 4);
	assert_int_equal(add(s, 0, 1, 0, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->k.npol, 3);
	assert_int_equal(pol(s, XFRM_POLICY_OUT, AF_INET)->t.reqid,
	    xk_find(&s->k, 0xb0000001)->u.reqid);
	assert_int_equal(del(s, 7, 1), SERR_OK);
	assert_int_equal(s->k.npol, 1);		/* the trap again */
	sa_xfrm.policy_delete(s->be, ++s->next, 7);
	assert_int_equal(s->k.npol, 0);
	end(s);
}

static int
add_cpu(struct seen *s, uint32_t child, uint32_t replaces, uint32_t beside,
    uint16_t cpu, int flags)
{
	int	 rv;

	split.cpu = cpu;
	split.beside = beside;
	rv = add(s, 0, child, replaces, flags, "aes-256", "hmac-sha2-256");
	split.cpu = 0;
	split.beside = 0;
	return (rv);
}

/*
 * RFC 9611: one SA of all CPUs, beside it one of CPU 0; each is renewed by
 * both ends, and keeps its CPU, its keys and its place.
 */
static void
test_cpus(void **state)
{
	const struct xk_pol	*p;
	struct m_e_pair		 m;
	struct seen		*s = born();
	uint8_t			 buf[5000];

	(void)state;
	assert_int_equal(sa_xfrm.cpus(s->be), 0);
	s->k.sys.cpus = 2;
	assert_int_equal(sa_xfrm.cpus(s->be), 2);
	assert_int_equal(list(s), 0);
	assert_int_equal(add_cpu(s, 1, 0, 1, 0, 0), SERR_OK);
	assert_non_null(p = pol(s, XFRM_POLICY_OUT, AF_INET));
	assert_int_equal(add_cpu(s, 2, 0, 1, 1, 0), SERR_OK);
	assert_int_equal(xk_find(&s->k, 0xb0000002)->cpu, 1);
	assert_int_equal(xk_find(&s->k, 0xa0000002)->cpu, 0);
	assert_int_equal(s->k.npol, 3);
	assert_int_equal(xk_out(&s->k, p, 0), 0xb0000002);
	assert_int_equal(xk_out(&s->k, p, 1), 0xb0000001);

	/* we renew: the new ones send at once */
	assert_int_equal(add_cpu(s, 3, 1, 3, 0, 0), SERR_OK);
	assert_int_equal(del(s, 7, 1), SERR_OK);
	assert_int_equal(add_cpu(s, 4, 2, 3, 1, 0), SERR_OK);
	assert_int_equal(del(s, 7, 2), SERR_OK);
	assert_int_equal(xk_out(&s->k, p, 0), 0xb0000004);
	assert_int_equal(xk_out(&s->k, p, 1), 0xb0000003);

	/* the peer renews: the old ones send until they go */
	assert_int_equal(add_cpu(s, 5, 3, 5, 0, INACTIVE), SERR_OK);
	assert_int_equal(add_cpu(s, 6, 4, 3, 1, INACTIVE), SERR_OK);
	assert_int_equal(xk_out(&s->k, p, 0), 0xb0000004);
	assert_int_equal(xk_out(&s->k, p, 1), 0xb0000003);
	assert_int_equal(del(s, 7, 3), SERR_OK);
	assert_int_equal(del(s, 7, 4), SERR_OK);
	assert_int_equal(xk_out(&s->k, p, 0), 0xb0000006);
	assert_int_equal(xk_out(&s->k, p, 1), 0xb0000005);
	kit_e_pair(&m, &s->t[0], 6, "aes-256", "hmac-sha2-256", 0, buf,
	    sizeof(buf));
	assert_memory_equal(xk_find(&s->k, 0xb0000006)->key, m.eout.d,
	    m.eout.len);
	assert_int_equal(xk_find(&s->k, 0xb0000006)->cpu, 1);
	assert_int_equal(xk_find(&s->k, 0xb0000006)->u.reqid, p->t.reqid);

	/* killed and started again: as it was */
	sa_xfrm.stop(s->be);
	s->next = 0;
	life(s);
	assert_int_equal(list(s), 2);
	assert_int_equal(s->k.nsa, 4);
	assert_int_equal(s->k.npol, 3);
	assert_non_null(p = pol(s, XFRM_POLICY_OUT, AF_INET));
	assert_int_equal(xk_out(&s->k, p, 0), 0xb0000006);
	assert_int_equal(xk_out(&s->k, p, 1), 0xb0000005);
	assert_int_equal(add_cpu(s, 7, 5, 7, 0, 0), SERR_OK);
	assert_int_equal(del(s, 7, 5), SERR_OK);
	assert_int_equal(xk_out(&s->k, p, 0), 0xb0000006);
	assert_int_equal(xk_out(&s->k, p, 1), 0xb0000007);

	/* that of all goes: the other one stays, and its policy */
	assert_int_equal(del(s, 7, 7), SERR_OK);
	assert_int_equal(xk_out(&s->k, p, 0), 0xb0000006);
	assert_int_equal(xk_out(&s->k, p, 1), 0);
	assert_int_equal(del(s, 7, 6), SERR_OK);
	assert_int_equal(s->k.nsa + s->k.npol, 0);
	end(s);
}

static void
test_move(void **state)
{
	struct addr	 l = kit_addr("192.0.2.1", 4500);
	struct addr	 r = kit_addr("192.0.2.2", 1024);
	struct seen	*s = born();
	uint32_t	 i;

	(void)state;
	assert_int_equal(add(s, 0, 1, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	sa_xfrm.sa_move(s->be, ++s->next, 7, 1, &l, &r);
	assert_int_equal(s->err, SERR_OK);
	assert_int_equal(s->k.nmsg[T(XFRM_MSG_UPDSA)], 2);
	assert_int_equal(s->k.nmsg[T(XFRM_MSG_MIGRATE)], 0);
	assert_int_equal(ntohs(xk_find(&s->k,
	    0xb0000001)->encap.encap_dport), 1024);
	assert_int_equal(ntohs(xk_find(&s->k,
	    0xa0000001)->encap.encap_sport), 1024);
	assert_int_equal(xk_find(&s->k, 0xa0000001)->u.lft.hard_byte_limit,
	    1000000);
	r = kit_addr("192.0.2.99", 2048);
	sa_xfrm.sa_move(s->be, ++s->next, 7, 1, &l, &r);
	assert_int_equal(s->err, SERR_OK);
	assert_int_equal(s->k.nmsg[T(XFRM_MSG_MIGRATE)], 2);
	assert_int_equal(s->k.npol, 3);
	assert_int_equal(ntohl(xk_find(&s->k, 0xb0000001)->u.id.daddr.a4),
	    0xc0000263);
	assert_int_equal(ntohl(xk_find(&s->k, 0xa0000001)->u.saddr.a4),
	    0xc0000263);
	assert_int_equal(ntohl(pol(s, XFRM_POLICY_FWD, AF_INET)->t.saddr.a4),
	    0xc0000263);
	assert_int_equal(del(s, 7, 1), SERR_OK);
	assert_int_equal(s->k.nsa + s->k.npol, 0);
	/* one that waits for its turn goes along; and where the kernel cannot
	 * do it, the pair is over */
	assert_int_equal(add(s, 0, 2, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(add(s, 0, 3, 2, UDP | INACTIVE, "aes-256-gcm", NULL),
	    SERR_OK);
	r = kit_addr("192.0.2.5", 2048);
	sa_xfrm.sa_move(s->be, ++s->next, 7, 2, &l, &r);
	assert_int_equal(s->err, SERR_OK);
	for (i = 0xa0000002; i <= 0xa0000003; i++)
		assert_int_equal(ntohl(xk_find(&s->k, i)->u.saddr.a4),
		    0xc0000205);
	s->k.sys.sent = 0;
	sa_xfrm.sa_move(s->be, ++s->next, 7, 3, &l, &r);
	assert_int_equal(s->err, SERR_OK);
	s->k.fail = ENOPROTOOPT;
	s->k.fail_at = s->k.nreq + 2;
	r = kit_addr("192.0.2.6", 2048);
	sa_xfrm.sa_move(s->be, ++s->next, 7, 3, &l, &r);
	assert_int_equal(s->err, SERR_BACKEND);
	assert_int_equal(s->nhard, 1);
	end(s);
}

static void
test_counters(void **state)
{
	struct seen	*s = born();
	struct xk_sa	*in;

	(void)state;
	assert_int_equal(add(s, 0, 1, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	in = xk_find(&s->k, 0xa0000001);
	in->u.curlft.bytes = 4000;
	in->u.curlft.packets = 40;
	in->u.stats.integrity_failed = 2;
	in->u.stats.replay = 3;
	sa_xfrm.sa_query(s->be, ++s->next, 7);
	assert_int_equal(s->count.in_bytes, 4000);
	assert_int_equal(s->count.in_packets, 40);
	assert_int_equal(s->count.in_age, 0);		/* seen to change */
	assert_int_equal(s->count.out_age, UINT64_MAX);
	assert_int_equal(s->count.bad_auth, 2);
	assert_int_equal(s->count.bad_replay, 3);
	s->k.mono += 5000;
	sa_xfrm.sa_query(s->be, ++s->next, 7);
	assert_int_equal(s->count.in_age, 5000);
	in->lastused = s->k.real - 3;			/* it says so itself */
	sa_xfrm.sa_query(s->be, ++s->next, 0);
	assert_int_equal(s->count.in_age, 3000);
	/* gone behind our back */
	s->k.nsa = 0;
	sa_xfrm.sa_query(s->be, ++s->next, 7);
	assert_int_equal(s->nhard, 1);
	end(s);
}

/* A request that fails half-way leaves nothing, whichever part it was. */
static void
test_undone(void **state)
{
	struct seen	*s = born();
	static const int	 errs[] = { ENOMEM, ENOBUFS, EPERM, EBUSY,
	    EEXIST };
	size_t		 at, e;
	int		 rv;

	(void)state;
	assert_int_equal(list(s), 0);
	for (e = 0; e < nitems(errs); e++)
		for (at = 1; at <= 5; at++) {
			s->k.nreq = 0;
			s->k.fail = errs[e];
			s->k.fail_at = at;
			rv = add(s, 0, 1, 0, 0, "aes-256-gcm", NULL);
			/* an SPI that is taken is said as such */
			assert_int_equal(rv, errs[e] == EEXIST && at <= 2 ?
			    SERR_SPI : SERR_BACKEND);
			assert_int_equal(s->k.nsa + s->k.npol, 0);
			s->k.fail = 0;
			assert_int_equal(add(s, 0, 1, 0, 0, "aes-256-gcm",
			    NULL), SERR_OK);
			assert_int_equal(del(s, s->t[0].id, 1), SERR_OK);
			assert_int_equal(s->k.nsa, 0);
		}
	/* an SA of somebody else's with our SPI: refused, and it stays */
	s->k.sa[0].u.id.daddr.a4 = htonl(0xc0000201);
	s->k.sa[0].u.id.spi = htonl(0xa0000001);
	s->k.sa[0].u.id.proto = 50;
	memset(&s->k.sa[0].u.id.daddr.a6[1], 0, 12);
	s->k.nsa = 1;
	assert_int_equal(add(s, 0, 1, 0, 0, "aes-256-gcm", NULL), SERR_SPI);
	assert_int_equal(s->k.nsa, 1);
	s->k.nsa = 0;
	s->k.deaf = 1;
	assert_int_equal(add(s, 0, 1, 0, 0, "aes-256-gcm", NULL), SERR_BACKEND);
	s->k.deaf = 0;
	assert_int_equal(add(s, 0, 1, 0, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->k.nsa, 2);
	assert_int_equal(s->k.npol, 3);
	end(s);
}

/* --- the network card --- */

/* Used where it is there and takes the keys, never for UDP; said once. */
static void
test_nic(void **state)
{
	struct seen	*s = born();

	(void)state;
	assert_int_equal(add(s, 0, 1, 0, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->k.nic_asked, 1);
	assert_int_equal(xk_find(&s->k, 0xa0000001)->nic, 0);
	assert_int_equal(s->nnote, 0);
	s->k.nic = 3;
	assert_int_equal(add(s, 0, 2, 1, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(xk_find(&s->k, 0xa0000002)->nic, XW_IN);
	assert_int_equal(xk_find(&s->k, 0xb0000002)->nic, XW_OUT);
	assert_int_equal(s->nnote, 1);
	assert_int_equal(s->tunnel, 7);
	assert_non_null(strstr(s->note, "card encrypts"));
	assert_int_equal(add(s, 0, 3, 2, ESN, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->nnote, 1);
	/* not in UDP: it is not even asked for */
	s->k.nic_asked = 0;
	assert_int_equal(add(s, 1, 4, 0, UDP, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->k.nic_asked, 0);
	assert_int_equal(xk_find(&s->k, 0xa0000004)->nic, 0);
	/* it does not want these: once more without, and the pair is whole */
	s->k.nic_err = EINVAL;
	assert_int_equal(add(s, 0, 5, 3, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(xk_find(&s->k, 0xa0000005)->nic, 0);
	assert_int_equal(xk_find(&s->k, 0xb0000005)->nic, 0);
	assert_int_equal(s->nnote, 2);
	assert_non_null(strstr(s->note, "kernel encrypts"));
	s->k.nic_err = EOPNOTSUPP;
	assert_int_equal(add(s, 0, 6, 5, 0, "aes-256-gcm", NULL), SERR_OK);
	assert_int_equal(s->nnote, 2);
	/* an SPI that is taken stays taken, and is asked once */
	s->k.nmsg[T(XFRM_MSG_NEWSA)] = 0;
	s->k.nic_err = 0;
	assert_int_equal(add(s, 0, 6, 5, 0, "aes-256-gcm", NULL), SERR_SPI);
	end(s);
}

/* The kernel's answers: features as a set that lists, and one with a mask. */
static size_t
features(struct nlbuf *b, int nomask, const char *name, int value)
{
	uint8_t	 genl[4] = { 11, 1, 0, 0 };
	size_t	 set, bits, bit;

	nl_msg(b, 20, 0, genl, sizeof(genl));
	nl_u32(b, 2, 5);			/* another set before */
	set = nl_nest(b, 4);
	if (nomask)
		nl_put(b, 1, NULL, 0);
	nl_u32(b, 2, 64);
	bits = nl_nest(b, 3);
	bit = nl_nest(b, 1);
	nl_u32(b, 1, 3);
	nl_str(b, 2, "tx-checksum-ip-generic");
	if (!nomask)
		nl_put(b, 3, NULL, 0);
	nl_unnest(b, bit);
	bit = nl_nest(b, 1);
	nl_str(b, 2, name);
	if (value)
		nl_put(b, 3, NULL, 0);
	nl_unnest(b, bit);
	nl_unnest(b, bits);
	nl_unnest(b, set);
	nl_end(b);
	return (b->n);
}

static int
esp(int nomask, const char *name, int value)
{
	struct nlbuf	 b = { 0 };
	struct nlmsg	 m;
	struct rd	 r;
	uint8_t		*c;
	size_t		 i;
	int		 rv;

	(void)features(&b, nomask, name, value);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	for (i = 0; i < m.body.n; i++) {
		assert_non_null(c = malloc(i > 0 ? i : 1));
		memcpy(c, m.body.p, i);
		(void)xfrm_nic_esp(rd_of(c, i));
		(void)xfrm_nic_oif(rd_of(c, i));
		(void)xfrm_nic_family(rd_of(c, i));
		free(c);
	}
	rv = xfrm_nic_esp(m.body);
	nl_clear(&b);
	return (rv);
}

static void
test_nic_read(void **state)
{
	uint8_t		 genl[4] = { 1, 2, 0, 0 }, route[12] = { 2 };
	uint16_t	 id = 0x14;
	struct nlbuf	 b = { 0 };
	struct nlmsg	 m;
	struct rd	 r;

	(void)state;
	assert_int_equal(esp(1, "esp-hw-offload", 0), 1);
	assert_int_equal(esp(0, "esp-hw-offload", 1), 1);
	assert_int_equal(esp(0, "esp-hw-offload", 0), 0);
	assert_int_equal(esp(1, "esp-tx-csum-hw-offload", 0), 0);
	assert_int_equal(esp(1, "esp-hw", 0), 0);
	nl_msg(&b, 16, 0, genl, sizeof(genl));
	nl_str(&b, 2, "ethtool");
	nl_put(&b, 1, &id, sizeof(id));
	nl_end(&b);
	nl_msg(&b, 24, 0, route, sizeof(route));
	nl_u32(&b, 4, 7);			/* RTA_OIF */
	nl_end(&b);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(xfrm_nic_family(m.body), 0x14);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(xfrm_nic_oif(m.body), 7);
	nl_clear(&b);
}

/* What this kernel really says: no card of the loop does ESP. */
static void
test_nic_here(void **state)
{
	struct addr	 lo = kit_addr("127.0.0.1", 0);
	struct xfrm_nic	 n;

	(void)state;
	xfrm_nic_open(&n);
	assert_int_equal(xfrm_nic_to(&n, &lo, &lo), 0);
	xfrm_nic_close(&n);
}

/* --- what the kernel says, cut --- */

static void
cut(const void *d, size_t n)
{
	struct xfrm_sa_got	 g;
	struct xfrm_event	 e;
	struct keyoct		 ek, ak;
	struct xpol		 p;
	uint8_t			*c;
	size_t			 i;

	for (i = 0; i <= n; i++) {
		assert_non_null(c = malloc(i > 0 ? i : 1));
		memcpy(c, d, i);
		(void)xfrm_get_sa(rd_of(c, i), &g);
		(void)xfrm_get_pol(rd_of(c, i), &p);
		(void)xfrm_get_expire(rd_of(c, i), &e);
		(void)xfrm_get_acquire(rd_of(c, i), &e);
		(void)xfrm_get_mapping(rd_of(c, i), &e);
		if (xfrm_get_keys(rd_of(c, i), &ek, &ak) == 0)
			assert_true(i >= sizeof(struct xfrm_usersa_info));
		free(c);
	}
}

static void
test_cut(void **state)
{
	struct xfrm_user_acquire a;
	struct xfrm_sa_got	 g;
	struct nlbuf		 b = { 0 };
	struct seen		*s = born();
	struct xk_sa		*in;
	struct keyoct		 ek, ak;
	struct rd		 r;
	struct nlmsg		 m;

	(void)state;
	assert_int_equal(add(s, 0, 1, 0, UDP | ESN, "aes-256-gcm", NULL),
	    SERR_OK);
	in = xk_find(&s->k, 0xa0000001);
	nl_msg(&b, XFRM_MSG_NEWSA, 0, &in->u, sizeof(in->u));
	nl_put(&b, XFRMA_ENCAP, &in->encap, sizeof(in->encap));
	nl_put(&b, XFRMA_REPLAY_ESN_VAL, &in->esn, sizeof(in->esn));
	nl_put(&b, XFRMA_ALG_AEAD, in->raw[0].d, in->raw[0].n);
	nl_u32(&b, XA_SA_PCPU, 3);
	nl_end(&b);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	assert_int_equal(xfrm_get_sa(m.body, &g), 1);
	assert_int_equal(g.udp, 1);
	assert_int_equal(g.src.port, 4500);
	assert_int_equal(g.replay, 4096);
	assert_int_equal(g.cpu, 4);
	assert_int_equal(xfrm_get_keys(m.body, &ek, &ak), 0);
	assert_int_equal(ek.len, 36);
	assert_memory_equal(ek.d, in->key, ek.len);
	assert_int_equal(ak.len, 0);
	cut(m.body.p, m.body.n);
	assert_int_equal(xfrm_get_sa(rd_of(m.body.p, 223), &g), -1);
	nl_clear(&b);
	memset(&a, 0, sizeof(a));
	a.policy.sel.user = XM_USER;
	cut(&a, sizeof(a));
	nl_msg(&b, XFRM_MSG_NEWPOLICY, 0, &s->k.pol[0].u,
	    sizeof(s->k.pol[0].u));
	nl_put(&b, XFRMA_TMPL, &s->k.pol[0].t, sizeof(s->k.pol[0].t));
	nl_end(&b);
	r = rd_of(b.d, b.n);
	assert_int_equal(nl_next(&r, &m), 1);
	cut(m.body.p, m.body.n);
	nl_clear(&b);
	xk_raw(&s->k, "\x10\0\0\0", 4);		/* no message at all */
	sa_xfrm.readable(s->be);
	assert_int_equal(s->nexpire + s->nacquire + s->nmoved, 0);
	end(s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_algs),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_interface),
		cmocka_unit_test(test_transport),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_rekey),
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_ondemand), cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_undone),
		cmocka_unit_test(test_nic),
		cmocka_unit_test(test_nic_read),
		cmocka_unit_test(test_nic_here),
		cmocka_unit_test(test_cut),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
