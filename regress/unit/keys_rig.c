/* SPDX-License-Identifier: ISC */

/* keys_rig.c: an s2sd-keys driven by frames; see keys_rig.h. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "keys_rig.h"

uint32_t
rig_rand(uint32_t *seed)
{
	/* xorshift, Marsaglia 2003 */
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return (*seed);
}

static int
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct rig	*r = arg;

	if (r->full)
		return (-1);
	if (h->type == M_S_PAIR)
		r->pairs++;
	if (r->nout == RIG_OUT)
		errx(1, "rig: more answers than any request has");
	r->out[r->nout].to = to;
	r->out[r->nout].h = *h;
	r->out[r->nout].h.len = (uint32_t)len;
	if (len > 0)
		memcpy(r->out[r->nout].d, body, len);
	r->nout++;
	return (0);
}

static void
io_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	struct rig	*r = arg;

	(void)level;
	(void)tunnel;
	(void)reason;
	if (text[0] == '\0')
		errx(1, "rig: empty log line");
	r->logs++;
}

static void
io_random(void *arg, void *buf, size_t n)
{
	struct rig	*r = arg;
	uint8_t		*p = buf;

	while (n-- > 0)
		*p++ = (uint8_t)(rig_rand(&r->seed) >> 11);
}

void
rig_new(struct rig *r, uint32_t seed)
{
	memset(r, 0, sizeof(*r));
	r->seed = seed != 0 ? seed : 1;
	r->now = 1000;
	r->io.arg = r;
	r->io.send = io_send;
	r->io.log = io_log;
	r->io.random = io_random;
	if (conf_init(&r->c) || (r->self = role_keys.new(&r->io)) == NULL)
		errx(1, "rig: no memory");
}

void
rig_free(struct rig *r)
{
	role_keys.free(r->self);
	conf_clear(&r->c);
	explicit_bzero(r, sizeof(*r));
}

static void
fqdn(struct ident *id, const char *text)
{
	id->type = IDT_FQDN;
	id->len = (uint16_t)strlen(text);
	memcpy(id->d, text, id->len);
}

static void
props(struct tunnel *t)
{
	struct prop	*p;

	t->nike = t->nchild = 2;
	p = &t->ike[0];			/* AEAD */
	p->nencr = p->nprf = 1;
	p->encr[0] = A_GCM;
	p->prf[0] = A_PRF;
	p->ndh = 2;
	p->dh[0] = A_X25519;
	p->dh[1] = A_P256;
	p = &t->ike[1];
	p->nencr = p->nprf = p->ninteg = p->ndh = 1;
	p->encr[0] = A_CBC;
	p->prf[0] = A_PRF512;
	p->integ[0] = A_INTEG;
	p->dh[0] = A_X25519;
	p = &t->child[0];
	p->nencr = 1;
	p->encr[0] = A_GCM;
	p->ndh = 2;
	p->dh[0] = A_X25519;
	p->dh[1] = 0;
	p = &t->child[1];
	p->nencr = p->ninteg = 1;
	p->encr[0] = A_CBC;
	p->integ[0] = A_INTEG;
	p->ndh = 1;
	p->dh[0] = 0;
}

void
rig_tunnel(struct tunnel *t, uint32_t id, const char *name, const char *srcid,
    const char *dstid)
{
	struct net	 l, r;

	memset(t, 0, sizeof(*t));
	t->id = id;
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	t->flags = TUN_ACTIVE;
	if (addr_parse("192.168.1.4", &t->peer[0]) ||
	    net_parse("10.1.3.0/24", &l) || net_parse("10.1.4.0/24", &r))
		errx(1, "rig: address");
	t->peer[0].port = 500;
	t->npeer = 1;
	fqdn(&t->srcid, srcid);
	fqdn(&t->dstid, dstid);
	sel_from_net(&l, 0, 0, 65535, &t->pair[0].local);
	sel_from_net(&r, 0, 0, 65535, &t->pair[0].remote);
	t->npair = 1;
	props(t);
	t->ikelife = 28800;
	t->life = 3600;
	t->dpd = 30;
	t->replay = 4096;
}

/* --- frames in --- */

static int
frame(struct rig *r, enum proc from, uint32_t type, uint32_t gen,
    uint32_t tunnel, const void *d, size_t n)
{
	struct ipc_msg	 m;
	uint8_t		*copy;
	int		 rv;

	memset(&m, 0, sizeof(m));
	/* exact size: the sanitizer sees a read beyond */
	if ((copy = malloc(n > 0 ? n : 1)) == NULL)
		errx(1, "rig: no memory");
	if (n > 0)
		memcpy(copy, d, n);
	m.h.type = type;
	m.h.len = (uint32_t)n;
	m.h.gen = gen;
	m.h.req = ++r->req;
	m.h.tunnel = tunnel;
	m.from = from;
	m.d = copy;
	m.fd = -1;
	r->nout = 0;
	rv = role_dispatch(&role_keys, r->self, &r->c, &r->io, &m, r->now);
	free(copy);
	(void)rig_tick(r, r->now);
	return (rv);
}

int
rig_raw(struct rig *r, enum proc from, uint32_t type, uint32_t tunnel,
    const void *d, size_t n)
{
	return (frame(r, from, type, r->c.now->gen, tunnel, d, n));
}

static int
send_gen(struct rig *r, enum proc from, uint32_t type, uint32_t gen,
    uint32_t tunnel, const void *body)
{
	struct wr	 w;
	uint8_t		 buf[IPC_BODY_MAX];
	int		 rv;

	w = wr_of(buf, sizeof(buf));
	if (msg_put(msg_desc(type), &w, body))
		errx(1, "rig: %s does not fit", msg_desc(type)->name);
	rv = frame(r, from, type, gen, tunnel, buf, w.n);
	explicit_bzero(buf, w.n);
	return (rv);
}

int
rig_send(struct rig *r, enum proc from, uint32_t type, uint32_t tunnel,
    const void *body)
{
	return (send_gen(r, from, type, r->c.now->gen, tunnel, body));
}

int
rig_answer(struct rig *r, uint32_t type, void *body)
{
	const struct msg_desc	*d = msg_desc(type);
	size_t			 i;

	for (i = 0; i < r->nout; i++) {
		if (r->out[i].h.type != type)
			continue;
		if (!(d->to & PB(r->out[i].to)) || (body != NULL &&
		    msg_get(d, rd_of(r->out[i].d, r->out[i].h.len), body)))
			errx(1, "rig: bad %s", d->name);
		return (1);
	}
	return (0);
}

uint64_t
rig_tick(struct rig *r, uint64_t now)
{
	r->now = now;
	return (role_keys.tick(r->self, now));
}

/* --- configuration --- */

int
rig_secret(struct rig *r, uint32_t gen, const char *name, const char *psk)
{
	struct m_cf_secret	 s;

	memset(&s, 0, sizeof(s));
	(void)snprintf(s.name, sizeof(s.name), "%s", name);
	s.psk = rd_of(psk, strlen(psk));
	return (send_gen(r, PROC_CONF, M_CF_SECRET, gen, 0, &s));
}

int
rig_commit(struct rig *r, uint32_t gen, const struct tunnel *t, size_t n)
{
	struct global	 g;
	struct m_conf	 c;
	struct wr	 w;
	uint8_t		 buf[TUNNEL_WIRE_MAX];
	size_t		 i;

	memset(&g, 0, sizeof(g));
	w = wr_of(buf, sizeof(buf));
	global_put(&w, &g);
	c.rest = rd_of(buf, w.n);
	if (send_gen(r, PROC_PARENT, M_CONF_BEGIN, gen, 0, &c))
		errx(1, "rig: CONF_BEGIN");
	for (i = 0; i < n; i++) {
		w = wr_of(buf, sizeof(buf));
		tunnel_put(&w, &t[i]);
		c.rest = rd_of(buf, w.n);
		if (send_gen(r, PROC_PARENT, M_CONF_TUNNEL, gen, t[i].id, &c))
			errx(1, "rig: CONF_TUNNEL");
	}
	if (send_gen(r, PROC_PARENT, M_CONF_END, gen, 0, NULL) ||
	    !rig_answer(r, M_CONF_READY, NULL))
		return (-1);
	if (send_gen(r, PROC_PARENT, M_CONF_NEW, gen, 0, NULL) ||
	    send_gen(r, PROC_PARENT, M_CONF_GONE, gen, 0, NULL))
		errx(1, "rig: commit");
	return (0);
}

int
rig_part(struct rig *r, uint32_t gen)
{
	return (send_gen(r, PROC_CONF, M_CF_SECRET_PART, gen, 0, NULL));
}

int
rig_conf(struct rig *r, uint32_t gen, const struct tunnel *t,
    const char *const *secret, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (secret[i] != NULL && rig_secret(r, gen, t[i].name,
		    secret[i]))
			return (-1);
	if (send_gen(r, PROC_CONF, M_CF_SECRET_END, gen, 0, NULL) ||
	    !rig_answer(r, M_K_SECRETS, NULL))
		return (-1);
	return (rig_commit(r, gen, t, n));
}

/* --- IKE_SA_INIT --- */

static void
payload(struct wr *w, uint8_t next, struct rd body)
{
	wr_u8(w, next);
	wr_u8(w, 0);
	wr_u16(w, (uint16_t)(body.n + 4));
	wr_put(w, body.p, body.n);
}

size_t
rig_init_make(const struct rig_init *m, uint8_t *buf, size_t max)
{
	static const uint8_t	 sa[] = { 0, 0, 0, 8, 1, 1, 0, 0 };
	struct wr		 w, len;
	uint8_t			 ke[4 + ALG_DHMAX];

	w = wr_of(buf, max);
	wr_put(&w, m->spi_i, 8);
	wr_put(&w, m->spi_r, 8);
	wr_u8(&w, 33);			/* SA */
	wr_u8(&w, 0x20);
	wr_u8(&w, 34);			/* IKE_SA_INIT */
	wr_u8(&w, m->response ? 0x20 : 0x08);
	wr_u32(&w, 0);
	wr_u32(&w, 0);
	payload(&w, 34, rd_of(sa, sizeof(sa)));
	len = wr_of(ke, sizeof(ke));
	wr_u16(&len, m->group);
	wr_u16(&len, 0);
	wr_put(&len, m->ke.p, m->ke.n);
	payload(&w, 40, rd_of(ke, len.n));
	payload(&w, 0, m->nonce);
	if (wr_end(&w) || wr_end(&len))
		errx(1, "rig: IKE_SA_INIT does not fit");
	len = wr_of(buf + 24, 4);
	wr_u32(&len, (uint32_t)w.n);
	return (w.n);
}
