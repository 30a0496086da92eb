/* SPDX-License-Identifier: ISC */

/* espkit.c: see espkit.h. */

#include <arpa/inet.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "espkit.h"

static size_t
kit_io_waiting(void *arg, enum proc to)
{
	const struct kit	*k = arg;
	size_t			 i, n = 0;

	for (i = 0; i < k->nf; i++)
		n += k->f[i].to == to;
	return (n);
}

static int
kit_io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct kit		*k = arg;
	struct kit_frame	*f;

	if (k->deaf || k->nf == KIT_FRAMES || (k->room != 0 &&
	    kit_io_waiting(k, to) >= k->room)) {
		k->lost++;
		return (-1);
	}
	f = &k->f[k->nf++];
	f->to = to;
	f->h = *h;
	f->h.len = (uint32_t)len;
	if ((f->d = malloc(len + 1)) == NULL)
		err(1, NULL);
	if (len > 0)
		memcpy(f->d, body, len);
	return (0);
}

static void
kit_io_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	struct kit	*k = arg;

	(void)level;
	(void)tunnel;
	k->nlog++;
	if (reason != 0)
		k->reason = reason;
	(void)snprintf(k->log, sizeof(k->log), "%s", text);
}

static void
kit_io_random(void *arg, void *buf, size_t n)
{
	struct kit	*k = arg;
	uint8_t		*p = buf;

	while (n-- > 0) {
		k->seed = k->seed * 6364136223846793005ULL + 1442695040888963407ULL;
		*p++ = (uint8_t)(k->seed >> 56);
	}
}

void
kit_new(struct kit *k, const struct role *role)
{
	memset(k, 0, sizeof(*k));
	k->role = role;
	k->io.arg = k;
	k->io.send = kit_io_send;
	k->io.waiting = kit_io_waiting;
	k->io.log = kit_io_log;
	k->io.random = kit_io_random;
	k->seed = 42;
	k->now = 1000;
	if (conf_init(&k->conf) == -1 || (k->self = role->new(&k->io)) == NULL)
		errx(1, "kit_new");
}

void
kit_forget(struct kit *k)
{
	while (k->nf > 0)
		free(k->f[--k->nf].d);
}

void
kit_free(struct kit *k)
{
	k->role->free(k->self);
	conf_clear(&k->conf);
	kit_forget(k);
}

void
kit_conf_global(struct kit *k, const struct global *g, const struct tunnel *t,
    size_t n)
{
	size_t	 i;

	if (conf_begin(&k->conf, ++k->gen, g) == -1)
		errx(1, "conf_begin");
	for (i = 0; i < n; i++)
		if (conf_add(&k->conf, &t[i]) == -1)
			errx(1, "conf_add");
	conf_commit_new(&k->conf);
	k->role->added(k->self, &k->conf, k->now);
	k->role->removed(k->self, &k->conf, k->now);
	conf_commit_gone(&k->conf);
}

void
kit_conf(struct kit *k, const struct tunnel *t, size_t n)
{
	struct global	 g;

	memset(&g, 0, sizeof(g));
	kit_conf_global(k, &g, t, n);
}

int
kit_raw(struct kit *k, enum proc from, uint32_t type, uint32_t req,
    uint32_t tunnel, const uint8_t *p, size_t n)
{
	struct ipc_msg	 m;
	int		 rv;

	memset(&m, 0, sizeof(m));
	m.h.type = type;
	m.h.len = (uint32_t)n;
	m.h.req = req;
	m.h.tunnel = tunnel;
	m.from = from;
	m.fd = -1;
	if ((m.d = malloc(n + 1)) == NULL)
		err(1, NULL);
	if (n > 0)
		memcpy(m.d, p, n);
	rv = role_dispatch(k->role, k->self, &k->conf, &k->io, &m, k->now);
	if (k->role->tick != NULL)
		(void)k->role->tick(k->self, k->now);
	free(m.d);
	return (rv);
}

int
kit_send(struct kit *k, enum proc from, uint32_t type, uint32_t req,
    uint32_t tunnel, const void *body)
{
	const struct msg_desc	*d = msg_desc(type);
	uint8_t			 buf[IPC_BODY_MAX];
	struct wr		 w;

	w = wr_of(buf, sizeof(buf));
	if (d == NULL || (d->nf > 0 && msg_put(d, &w, body) == -1))
		errx(1, "kit_send: type %x", type);
	return (kit_raw(k, from, type, req, tunnel, buf, w.n));
}

int
kit_take(struct kit *k, uint32_t type, struct ipc_hdr *h, void *body)
{
	static uint8_t		 last[IPC_FRAME_MAX];
	const struct msg_desc	*d = msg_desc(type);
	size_t			 i;

	for (i = 0; i < k->nf; i++) {
		if (k->f[i].h.type != type)
			continue;
		if (h != NULL)
			*h = k->f[i].h;
		memcpy(last, k->f[i].d, k->f[i].h.len);
		if (body != NULL && msg_get(d, rd_of(last, k->f[i].h.len),
		    body) == -1)
			errx(1, "kit_take: type %x does not decode", type);
		free(k->f[i].d);
		memmove(&k->f[i], &k->f[i + 1],
		    (k->nf - i - 1) * sizeof(k->f[0]));
		k->nf--;
		return (1);
	}
	return (0);
}

size_t
kit_count(const struct kit *k, uint32_t type)
{
	size_t	 i, n = 0;

	for (i = 0; i < k->nf; i++)
		n += k->f[i].h.type == type;
	return (n);
}

void
kit_pump(struct kit *from, struct kit *to)
{
	struct kit_frame	 f;
	size_t			 i = 0;

	while (i < from->nf) {
		if (from->f[i].to != to->role->id) {
			i++;
			continue;
		}
		f = from->f[i];
		memmove(&from->f[i], &from->f[i + 1],
		    (from->nf - i - 1) * sizeof(f));
		from->nf--;
		if (kit_raw(to, from->role->id, f.h.type, f.h.req, f.h.tunnel,
		    f.d, f.h.len) == -1)
			errx(1, "kit_pump: type %x refused", f.h.type);
		free(f.d);
	}
}

struct addr
kit_addr(const char *text, uint16_t port)
{
	struct addr	 a;

	if (addr_parse(text, &a) == -1)
		errx(1, "kit_addr: %s", text);
	a.port = port;
	return (a);
}

void
kit_pair_add(struct tunnel *t, const char *lnet, const char *rnet)
{
	struct net	 l, r;

	if (net_parse(lnet, &l) == -1 || net_parse(rnet, &r) == -1)
		errx(1, "kit_pair_add: %s %s", lnet, rnet);
	sel_from_net(&l, 0, 0, 65535, &t->pair[t->npair].local);
	sel_from_net(&r, 0, 0, 65535, &t->pair[t->npair].remote);
	t->npair++;
}

static void
props(struct tunnel *t)
{
	const struct alg	*a;
	struct prop		*p;
	size_t			 i, n;

	t->nchild = 2;		/* 0: AEAD, 1: with integrity */
	a = alg_rows(&n);
	for (i = 0; i < n; i++, a++) {
		p = &t->child[a->type == ALG_INTEG || (a->type == ALG_ENCR &&
		    !(a->flags & ALG_AEAD))];
		if (a->type == ALG_ENCR)
			p->encr[p->nencr++] = a->num;
		else if (a->type == ALG_INTEG)
			p->integ[p->ninteg++] = a->num;
	}
	for (i = 0; i < 2; i++) {
		t->child[i].nesn = 2;
		t->child[i].esn[0] = 1;
	}
	t->nike = 1;
	t->ike[0] = t->child[0];
}

void
kit_tunnel(struct tunnel *t, uint32_t id, const char *name, const char *local,
    const char *remote, const char *lnet, const char *rnet)
{
	memset(t, 0, sizeof(*t));
	t->id = id;
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	t->flags = TUN_ACTIVE;
	t->local = kit_addr(local, 500);
	t->peer[0] = kit_addr(remote, 500);
	t->npeer = 1;
	ident_addr(&t->local, &t->srcid);
	ident_addr(&t->peer[0], &t->dstid);
	kit_pair_add(t, lnet, rnet);
	props(t);
	t->ikelife = 28800;
	t->life = 3600;
	t->dpd = 30;
	t->replay = 4096;
}

void
kit_key(struct keyoct *k, size_t len, uint8_t seed)
{
	size_t	 i;

	memset(k, 0, sizeof(*k));
	k->len = (uint16_t)len;
	for (i = 0; i < len; i++)
		k->d[i] = (uint8_t)(seed + i * 7);
}

void
kit_e_pair(struct m_e_pair *m, const struct tunnel *t, uint32_t child,
    const char *encr, const char *integ, int dir, uint8_t *buf, size_t size)
{
	const struct alg	*e, *i = NULL;
	struct wr		 w;
	uint8_t			 s = (uint8_t)child;

	if ((e = alg_name(ALG_ENCR, encr)) == NULL ||
	    (integ != NULL && (i = alg_name(ALG_INTEG, integ)) == NULL))
		errx(1, "kit_e_pair: %s", encr);
	memset(m, 0, sizeof(*m));
	m->child = child;
	m->spi_in = (dir ? 0xb0000000 : 0xa0000000) + child;
	m->spi_out = (dir ? 0xa0000000 : 0xb0000000) + child;
	m->replay = t->replay;
	m->encr = e->num;
	m->integ = i != NULL ? i->num : 0;
	m->local = t->local;
	m->remote = t->peer[0];
	m->local.port = m->remote.port = 4500;
	m->mtu = (uint16_t)tunnel_mtu(1500, m->local.af, 1, e, i);
	kit_key(dir ? &m->eout : &m->ein, (size_t)e->keylen + e->saltlen, s);
	kit_key(dir ? &m->ein : &m->eout, (size_t)e->keylen + e->saltlen,
	    (uint8_t)(s + 50));
	if (i != NULL) {
		kit_key(dir ? &m->aout : &m->ain, i->keylen,
		    (uint8_t)(s + 100));
		kit_key(dir ? &m->ain : &m->aout, i->keylen,
		    (uint8_t)(s + 150));
	}
	w = wr_of(buf, size);
	selpairs_put(&w, t->pair, t->npair);
	m->pairs = rd_of(buf, w.n);
}

/* --- packets --- */

static void
pkt_room(struct kit_pkt *k)
{
	memset(&k->p, 0, sizeof(k->p));
	k->p.buf = k->room;
	k->p.size = sizeof(k->room);
	k->p.off = ESP_HEADROOM;
	k->p.verdict = 0xff;
}

void
kit_fixsum(uint8_t *ip)
{
	uint16_t	 sum;

	ip[10] = ip[11] = 0;
	sum = esp_cksum(ip, (size_t)(ip[0] & 15) * 4, 0);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

void
kit_ip(struct kit_pkt *k, const char *src, const char *dst, uint8_t ipproto,
    uint16_t sport, uint16_t dport, size_t n)
{
	struct addr	 s = kit_addr(src, 0), d = kit_addr(dst, 0);
	struct wr	 w;
	size_t		 i, head;

	pkt_room(k);
	k->p.len = n;
	w = wr_of(k->room + ESP_HEADROOM, n);
	if (s.af == 4) {
		wr_u16(&w, 0x4500);
		wr_u16(&w, (uint16_t)n);
		wr_u32(&w, 0x12344000);			/* DF */
		wr_u8(&w, 64);
		wr_u8(&w, ipproto);
		wr_u16(&w, 0);
		wr_put(&w, s.a, 4);
		wr_put(&w, d.a, 4);
	} else {
		wr_u32(&w, 0x60000000);
		wr_u16(&w, (uint16_t)(n - 40));
		wr_u8(&w, ipproto);
		wr_u8(&w, 64);
		wr_put(&w, s.a, 16);
		wr_put(&w, d.a, 16);
	}
	head = w.n;
	wr_u16(&w, sport);
	wr_u16(&w, dport);
	for (i = head + 4; i < n; i++)
		wr_u8(&w, (uint8_t)i);
	if (wr_end(&w) == -1)
		errx(1, "kit_ip: too short");
	if (s.af == 4)
		kit_fixsum(k->room + ESP_HEADROOM);
}

void
kit_dgram(struct kit_pkt *k, const uint8_t *p, size_t n,
    const struct addr *local, const struct addr *remote)
{
	pkt_room(k);
	if (n > 0)
		memcpy(k->room + ESP_HEADROOM, p, n);
	k->p.len = n;
	k->p.local = *local;
	k->p.remote = *remote;
}

void
kit_seal(struct kit_pkt *k, struct esp_sa *sa, uint64_t seq,
    const uint8_t *plain, size_t n)
{
	uint8_t		 aad[12], esn[4], *head, *body;
	struct rd	 a, tail;
	struct wr	 w;
	size_t		 i;

	pkt_room(k);
	head = k->room + ESP_HEADROOM;
	body = head + 8 + sa->ivlen;
	memmove(body, plain, n);	/* which may lie in the same room */
	w = wr_of(head, 8 + (size_t)sa->ivlen);
	wr_u32(&w, sa->spi_out);
	wr_u32(&w, (uint32_t)seq);
	for (i = 0; i < sa->ivlen; i++)
		wr_u8(&w, (uint8_t)(seq >> 8 * (i % 8)));
	w = wr_of(esn, 4);
	wr_u32(&w, (uint32_t)(seq >> 32));
	w = wr_of(aad, 12);
	wr_put(&w, head, 4);
	if (sa->esn)
		wr_put(&w, esn, 4);
	wr_put(&w, head + 4, 4);
	a = rd_of(aad, sa->integ != NULL ? 8 : w.n);
	tail = rd_of(esn, sa->integ != NULL && sa->esn ? 4 : 0);
	if (sa->integ != NULL)
		a = rd_of(head, 8);
	if (crypt_seal(sa->out, a, head + 8, body, n, tail, body + n) == -1)
		errx(1, "kit_seal");
	k->p.len = 8 + (size_t)sa->ivlen + n + sa->icvlen;
	k->p.local = sa->remote;
	k->p.remote = sa->local;
}

size_t
kit_trailer(uint8_t *p, size_t n, size_t block, uint8_t next)
{
	uint8_t	 pad = 0;

	while ((n + 2) % block != 0)
		p[n++] = ++pad;
	p[n++] = pad;
	p[n++] = next;
	return (n);
}
