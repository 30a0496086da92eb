/* SPDX-License-Identifier: ISC */

/* ike_fz.c: an engine for fuzz targets; see ike_fz.h. */

#include <stdio.h>
#include <stdlib.h>

#include "ike_fz.h"

static void
io_random(void *arg, void *buf, size_t n)
{
	struct fz	*f = arg;
	uint8_t		*p = buf;

	while (n-- > 0) {
		f->seed ^= f->seed << 13;
		f->seed ^= f->seed >> 17;
		f->seed ^= f->seed << 5;
		*p++ = (uint8_t)(f->seed >> 11);
	}
}

static void
io_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	(void)arg;
	(void)level;
	(void)tunnel;
	(void)reason;
	if (strlen(text) >= TEXT_MAX)
		abort();
}

static void
later(struct fz *f, enum proc from, uint32_t type, const struct ipc_hdr *to,
    const void *body)
{
	struct wr	 w;

	if (f->tail - f->head == nitems(f->q))
		return;
	w = wr_of(f->q[f->tail % nitems(f->q)].d, sizeof(f->q[0].d));
	if (msg_put(msg_desc(type), &w, body))
		abort();
	f->q[f->tail % nitems(f->q)].from = from;
	f->q[f->tail % nitems(f->q)].h = *to;
	f->q[f->tail % nitems(f->q)].h.type = type;
	f->q[f->tail % nitems(f->q)].n = w.n;
	f->tail++;
}

static const uint8_t	junk[ALG_DHMAX];

static void
keyoct(struct keyoct *ei, struct keyoct *er, struct keyoct *ai,
    struct keyoct *ar, uint16_t encr, uint16_t integ)
{
	const struct alg	*e = alg_num(encr), *i = alg_num(integ);

	memset(ei, 0, sizeof(*ei));
	memset(ai, 0, sizeof(*ai));
	ei->len = (uint16_t)(e->keylen + e->saltlen);
	ai->len = i != NULL ? i->keylen : 0;
	*er = *ei;
	*ar = *ai;
}

static struct rd
ke_of(uint16_t dh)
{
	const struct alg	*a = alg_num(dh);

	return (rd_of(junk, a != NULL ? a->keylen : 0));
}

static void
done(struct fz *f, const struct ipc_hdr *h, struct rd enc)
{
	struct m_sa	 sa;
	struct m_s_done	 d;

	if (enc.n == 0 || msg_get(msg_desc_sa(), enc, &sa))
		return;
	memset(&d, 0, sizeof(d));
	d.child = sa.child;
	d.spi_in = sa.spi_in != 0 ? sa.spi_in : 0x1000 + sa.child % 10000;
	later(f, PROC_SAD, M_S_DONE, h, &d);
}

static void
start_r(struct fz *f, const struct ipc_hdr *h, const struct m_k_start_r *b)
{
	struct m_k_started_r	 r;

	memset(&r, 0, sizeof(r));
	r.err = f->no;
	r.handle = ++f->handle;
	r.nonce = rd_of(junk, NONCE_LEN);
	r.ke = ke_of(b->dh);
	keyoct(&r.ei, &r.er, &r.ai, &r.ar, b->encr, b->integ);
	later(f, PROC_KEYS, M_K_STARTED_R, h, &r);
}

static void
keyed(struct fz *f, const struct ipc_hdr *h, const struct m_k_keyed *b)
{
	struct m_k_keyed_r	 r;

	memset(&r, 0, sizeof(r));
	r.handle = b->handle;
	r.err = f->no;
	r.id = rd_of("\2\0\0\0a", 5);
	r.method = AUTH_PSK;
	r.auth = rd_of(junk, 32);
	keyoct(&r.ei, &r.er, &r.ai, &r.ar, b->encr, b->integ);
	later(f, PROC_KEYS, M_K_KEYED_R, h, &r);
}

static void
auth(struct fz *f, const struct ipc_hdr *h, const struct m_k_auth *b)
{
	struct m_k_auth_r	 r;

	memset(&r, 0, sizeof(r));
	r.handle = b->handle;
	r.err = f->no;
	r.id = rd_of("\2\0\0\0a", 5);
	r.method = AUTH_PSK;
	r.auth = rd_of(junk, 32);
	if (f->no == KERR_OK && b->encr != 0)
		done(f, h, b->sa);
	later(f, PROC_KEYS, M_K_AUTH_R, h, &r);
}

static void
child(struct fz *f, const struct ipc_hdr *h, const struct m_k_child *b)
{
	struct m_k_child_r	 r;

	memset(&r, 0, sizeof(r));
	r.handle = b->handle;
	r.err = f->no;
	r.nonce = rd_of(junk, NONCE_LEN);
	r.ke = ke_of(b->dh);
	if (f->no == KERR_OK)
		done(f, h, b->sa);
	later(f, PROC_KEYS, M_K_CHILD_R, h, &r);
}

static void
rekey(struct fz *f, const struct ipc_hdr *h, const struct m_k_rekey *b)
{
	struct m_k_started_r	 r;

	memset(&r, 0, sizeof(r));
	r.err = f->no;
	r.handle = b->newhandle != 0 ? b->newhandle : ++f->handle;
	r.nonce = rd_of(junk, NONCE_LEN);
	r.ke = ke_of(b->dh);
	keyoct(&r.ei, &r.er, &r.ai, &r.ar, b->encr, b->integ);
	later(f, PROC_KEYS, M_K_REKEYED, h, &r);
}

static void
start(struct fz *f, const struct ipc_hdr *h, uint16_t dh)
{
	struct m_k_started	 s;
	struct m_k_cstarted	 c;

	memset(&s, 0, sizeof(s));
	memset(&c, 0, sizeof(c));
	s.err = c.err = f->no;
	s.handle = c.chandle = ++f->handle;
	s.nonce = c.nonce = rd_of(junk, NONCE_LEN);
	s.ke = c.ke = ke_of(dh);
	if (h->type == M_K_CSTART)
		later(f, PROC_KEYS, M_K_CSTARTED, h, &c);
	else
		later(f, PROC_KEYS, h->type == M_K_START ? M_K_STARTED :
		    M_K_RSTARTED, h, &s);
}

/* ---- IKEv1 ---- */

static void
keyoct1(struct keyoct *a, struct keyoct *e, uint16_t prf, uint16_t encr)
{
	memset(a, 0, sizeof(*a));
	memset(e, 0, sizeof(*e));
	a->len = alg_num(prf)->outlen;
	e->len = alg_num(encr)->keylen;
}

static void
start1_r(struct fz *f, const struct ipc_hdr *h, const struct m_k1_start_r *b)
{
	struct m_k1_started_r	 r;

	memset(&r, 0, sizeof(r));
	r.err = f->no;
	r.handle = ++f->handle;
	r.nonce = rd_of(junk, NONCE_LEN);
	r.ke = ke_of(b->dh);
	keyoct1(&r.a, &r.e, b->prf, b->encr);
	later(f, PROC_KEYS, M_K1_STARTED_R, h, &r);
}

static void
keyed1(struct fz *f, const struct ipc_hdr *h, const struct m_k1_keyed *b)
{
	struct m_k1_keyed_r	 r;

	memset(&r, 0, sizeof(r));
	r.handle = b->handle;
	r.err = f->no;
	r.id = rd_of("\2\0\0\0a", 5);
	r.hash = rd_of(junk, alg_num(b->prf)->outlen);
	keyoct1(&r.a, &r.e, b->prf, b->encr);
	later(f, PROC_KEYS, M_K1_KEYED_R, h, &r);
}

static void
auth1(struct fz *f, const struct ipc_hdr *h, const struct m_k1_auth *b)
{
	struct m_k1_auth_r	 r;

	memset(&r, 0, sizeof(r));
	r.handle = b->handle;
	r.err = f->no;
	r.id = rd_of("\2\0\0\0a", 5);
	r.hash = b->hash;
	later(f, PROC_KEYS, M_K1_AUTH_R, h, &r);
}

static void
child1(struct fz *f, const struct ipc_hdr *h, const struct m_k1_child *b)
{
	struct m_k_child_r	 r;

	memset(&r, 0, sizeof(r));
	r.handle = b->handle;
	r.err = f->no;
	r.nonce = rd_of(junk, NONCE_LEN);
	r.ke = ke_of(b->dh);
	if (f->no == KERR_OK)
		done(f, h, b->sa);
	later(f, PROC_KEYS, M_K_CHILD_R, h, &r);
}

static int
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t n)
{
	struct fz	*f = arg;
	union {
		uint8_t			 room[MSG_STRUCT_MAX];
		uint64_t		 align;
		struct m_k_start	 s;
		struct m_k_cstart	 c;
	} b;

	/* what goes out is decodable, whatever came in */
	if (msg_get(msg_desc(h->type), rd_of(body, n), &b) ||
	    !(msg_desc(h->type)->to & PB(to)))
		abort();
	switch (h->type) {
	case M_K_START:
		start(f, h, b.s.dh);
		break;
	case M_K_CSTART:
	case M_K_RSTART:
		start(f, h, b.c.dh);
		break;
	case M_K_START_R:
		start_r(f, h, (void *)&b);
		break;
	case M_K_KEYED:
		keyed(f, h, (void *)&b);
		break;
	case M_K_AUTH:
		auth(f, h, (void *)&b);
		break;
	case M_K_CHILD:
		child(f, h, (void *)&b);
		break;
	case M_K_REKEY:
		rekey(f, h, (void *)&b);
		break;
	case M_K1_START_R:
		start1_r(f, h, (void *)&b);
		break;
	case M_K1_KEYED:
		keyed1(f, h, (void *)&b);
		break;
	case M_K1_AUTH:
		auth1(f, h, (void *)&b);
		break;
	case M_K1_CHILD:
		child1(f, h, (void *)&b);
		break;
	}
	return (0);
}

static void
frame(struct fz *f, enum proc from, const struct ipc_hdr *h, const void *d,
    size_t n)
{
	struct ipc_msg	 m;
	uint8_t		 copy[6000];

	if (n > sizeof(copy))
		return;
	memcpy(copy, d, n);
	memset(&m, 0, sizeof(m));
	m.h = *h;
	m.h.len = (uint32_t)n;
	m.from = from;
	m.d = copy;
	m.fd = -1;
	if (role_dispatch(&role_ike, f->ike, &f->conf, &f->io, &m, f->now))
		abort();		/* never the fault of a neighbour */
	f->due = role_ike.tick(f->ike, f->now);
}

void
fz_frame(struct fz *f, enum proc from, const struct ipc_hdr *h,
    const void *d, size_t n)
{
	frame(f, from, h, d, n);
	fz_answers(f);
}

void
fz_answers(struct fz *f)
{
	int	 i;

	for (i = 0; f->head != f->tail && i < 1000; i++, f->head++)
		frame(f, f->q[f->head % nitems(f->q)].from,
		    &f->q[f->head % nitems(f->q)].h,
		    f->q[f->head % nitems(f->q)].d,
		    f->q[f->head % nitems(f->q)].n);
}

void
fz_later(struct fz *f, uint64_t ms)
{
	uint64_t	 end = f->now + ms;

	while (f->due <= end) {
		if (f->due > f->now)
			f->now = f->due;
		f->due = role_ike.tick(f->ike, f->now);
		if (f->due <= f->now)
			abort();
		fz_answers(f);
	}
	f->now = end;
}

static void
name_id(struct ident *id, const char *s)
{
	id->type = IDT_FQDN;
	id->len = (uint16_t)strlen(s);
	memcpy(id->d, s, id->len);
}

/* What s2sd-conf would let stand with `ikev1'. */
static void
old_way(struct tunnel *t)
{
	static const uint16_t	 encr[] = { 4, 6 }, dh[] = { 41, 40 };
	struct prop		*p = &t->ike[0];

	memset(p->encr, 0, sizeof(p->encr));
	memset(p->dh, 0, sizeof(p->dh));
	memset(p->integ, 0, sizeof(p->integ));
	memcpy(p->encr, encr, sizeof(encr));
	memcpy(p->dh, dh, sizeof(dh));
	p->nencr = p->ndh = 2;
	p->ninteg = 0;
	p = &t->child[0];
	memset(p->dh, 0, sizeof(p->dh));
	memcpy(p->dh, dh, sizeof(dh));
	p->ndh = 3;			/* or none */
	p->esn[0] = p->esn[1] = 0;
	p->nesn = 1;
}

static void
tunnel(struct fz *f, struct tunnel *t, uint32_t id)
{
	size_t	 n, i, k;
	const struct alg *a = alg_rows(&n);
	struct prop	*p[2] = { &t->ike[0], &t->child[0] };

	memset(t, 0, sizeof(*t));
	t->id = id;
	(void)snprintf(t->name, sizeof(t->name), "t%u", id);
	t->local = f->us;
	t->peer[0] = f->peer;
	t->npeer = 1;
	if (id == 2) {
		t->npeer = 0;
		t->flags = TUN_PEERANY | TUN_SEPARATE;
	}
	if (id == 3) {
		t->peer[0] = f->old;
		t->flags = TUN_IKEV1 | TUN_SEPARATE;
	}
	name_id(&t->srcid, "a");
	name_id(&t->dstid, id == 1 ? "b" : "c");
	for (i = 0; i < 3; i++) {
		t->pair[i].local.af = t->pair[i].remote.af = 4;
		memcpy(t->pair[i].local.lo, "\12\1\0\0", 4);
		memcpy(t->pair[i].local.hi, "\12\1\377\377", 4);
		t->pair[i].local.lo[2] = (uint8_t)i;
		memcpy(t->pair[i].remote.lo, "\12\2\0\0", 4);
		memcpy(t->pair[i].remote.hi, "\12\2\377\377", 4);
		t->pair[i].local.port_hi = t->pair[i].remote.port_hi = 65535;
	}
	t->npair = 3;
	t->nike = t->nchild = 1;
	for (k = 0; k < 2; k++) {
		p[k]->nencr = p[k]->nprf = p[k]->ninteg = 0;
		for (i = 0; i < n; i++) {
			if (a[i].flags & ALG_WEAK)
				continue;
			if (a[i].type == ALG_ENCR && p[k]->nencr < 6)
				p[k]->encr[p[k]->nencr++] = a[i].num;
			if (a[i].type == ALG_PRF && k == 0)
				p[k]->prf[p[k]->nprf++] = a[i].num;
			if (a[i].type == ALG_INTEG)
				p[k]->integ[p[k]->ninteg++] = a[i].num;
			if (a[i].type == ALG_DH && p[k]->ndh < 8)
				p[k]->dh[p[k]->ndh++] = a[i].num;
		}
		p[k]->nesn = 2;
		p[k]->esn[0] = 1;
	}
	if (id == 3)
		old_way(t);
	t->ikelife = 3600;
	t->life = 1200;
	t->dpd = 30;
	t->replay = 64;
}

static void
caps(struct fz *f)
{
	struct m_s_caps	 m;
	struct ipc_hdr	 h;
	struct wr	 w;
	uint8_t		 b[1024];

	memset(&m, 0, sizeof(m));
	memset(&h, 0, sizeof(h));
	m.esn = 1;
	h.type = M_S_CAPS;
	w = wr_of(b, sizeof(b));
	if (msg_put(msg_desc(M_S_CAPS), &w, &m))
		abort();
	frame(f, PROC_SAD, &h, b, w.n);
}

void
fz_init(struct fz *f)
{
	static struct tunnel	 t;
	struct global		 g;
	uint32_t		 id;

	memset(f, 0, sizeof(*f));
	memset(&g, 0, sizeof(g));
	f->seed = 0x2545f491;
	f->now = 100000;
	f->due = DUE_NEVER;
	f->io.arg = f;
	f->io.send = io_send;
	f->io.log = io_log;
	f->io.random = io_random;
	if (addr_parse("192.0.2.1", &f->us) ||
	    addr_parse("192.0.2.2", &f->peer) ||
	    addr_parse("192.0.2.3", &f->old) ||
	    addr_parse("198.51.100.9", &f->other))
		abort();
	f->us.port = f->peer.port = f->other.port = f->old.port = 500;
	if (conf_init(&f->conf) || conf_begin(&f->conf, 1, &g) ||
	    (f->ike = role_ike.new(&f->io)) == NULL)
		abort();
	for (id = 1; id <= 3; id++) {
		tunnel(f, &t, id);
		if (conf_add(&f->conf, &t))
			abort();
	}
	conf_commit_new(&f->conf);
	role_ike.added(f->ike, &f->conf, f->now);
	conf_commit_gone(&f->conf);
	role_ike.go(f->ike, f->now);
	caps(f);			/* it begins when it knows them */
	if (!f->ike->going)
		abort();
}

void
fz_free(struct fz *f)
{
	role_ike.free(f->ike);
	conf_clear(&f->conf);
}

void
fz_datagram(struct fz *f, const struct addr *from, uint8_t flags,
    const void *p, size_t n)
{
	struct m_net_dgram	 m;
	struct ipc_hdr		 h;
	struct wr		 w;
	uint8_t			 b[6000];

	if (n > 5500)
		return;
	memset(&m, 0, sizeof(m));
	memset(&h, 0, sizeof(h));
	m.local = f->us;
	m.remote = *from;
	if (flags & NETF_4500)
		m.local.port = m.remote.port = 4500;
	m.flags = flags;
	m.rest = rd_of(p, n);
	w = wr_of(b, sizeof(b));
	if (msg_put(msg_desc(M_NET_RECV), &w, &m))
		abort();
	h.type = M_NET_RECV;
	frame(f, PROC_NET, &h, b, w.n);
}

struct sa *
fz_sa(struct fz *f, int init)
{
	struct sa	*sa, *best = NULL;
	uint32_t	 i;

	for (i = 0; i < f->ike->nslot; i++)
		if ((sa = f->ike->slot[i]) != NULL && sa->init == init &&
		    sa->state != S_NEXT && (best == NULL ||
		    (best->state != S_UP && sa->state == S_UP)))
			best = sa;
	return (best);
}

void
fz_inner(struct fz *f, struct sa *sa, uint8_t exch, int resp, uint8_t first,
    const void *p, size_t n)
{
	struct m_net_dgram	 d;
	struct msg2		 m;

	if (sa->wait != W_NONE || sa->seal == NULL)
		return;
	memset(&d, 0, sizeof(d));
	memset(&m.h, 0, sizeof(m.h));
	d.local = sa->local;
	d.remote = sa->remote;
	d.flags = sa->float_ ? NETF_4500 : 0;
	d.rest = rd_of(p, n);
	m.d = &d;
	m.h.spi_i = sa->spi_i;
	m.h.spi_r = sa->spi_r;
	m.h.exch = exch;
	m.h.major = 2;
	m.h.flags = (uint8_t)((sa->init ? 0 : HDR_I) | (resp ? HDR_R : 0));
	m.h.mid = resp ? sa->own.mid : sa->mid_in;
	if (resp && !sa->own.sent)
		return;			/* exch.c would have dropped it */
	f->ike->now = f->now;
	ike2_inner(f->ike, sa, &m, rd_of(p, n), first);
	f->due = role_ike.tick(f->ike, f->now);
}

/* ---- to a state ---- */

static void
sa_init(struct fz *f, struct sa *sa)
{
	const struct prop	*p = &f->conf.now->t[0]->ike[0];
	struct pld_out		 o;
	struct ike_hdr		 h;
	struct algs		 a;
	uint8_t			 b[2000];

	memset(&h, 0, sizeof(h));
	memset(&a, 0, sizeof(a));
	h.exch = X_INIT;
	h.spi_i = sa != NULL ? sa->spi_i : 0x1122334455667788;
	h.spi_r = sa != NULL ? 0x99aabbccddeeff00 : 0;
	h.flags = sa != NULL ? HDR_R : HDR_I;
	a.encr = alg_num(p->encr[0]);
	a.prf = alg_num(p->prf[0]);
	a.dh = alg_num(p->dh[0]);
	pld_start(&o, b, sizeof(b), &h);
	pld_sa_answer(&o, SA_IKE, 1, &a, 0, 0);
	pld_ke_put(&o, a.dh, ke_of(a.dh->num));
	pld_raw_put(&o, PLD_NONCE, rd_of("0123456789abcdef", 16));
	if (pld_done(&o))
		abort();
	fz_datagram(f, &f->peer, 0, o.w.p, o.w.n);
	fz_answers(f);
}

static void
sa_auth(struct fz *f, struct sa *sa)
{
	const struct tunnel	*t = f->conf.now->t[0];
	struct pld_out		 o;
	struct ike_hdr		 h;
	struct algs		 a;
	uint8_t			 b[2000];

	memset(&h, 0, sizeof(h));
	memset(&a, 0, sizeof(a));
	a.encr = alg_num(t->child[0].encr[0]);
	pld_start(&o, b, sizeof(b), &h);
	pld_raw_put(&o, sa->init ? PLD_IDR : PLD_IDI,
	    rd_of("\2\0\0\0b", 5));
	pld_auth_put(&o, AUTH_PSK, rd_of(junk, 32));
	pld_sa_answer(&o, SA_CHILD, 1, &a, 0x12345678, 4);
	ike2_ts_put(&o, t->pair, t->npair, sa->init);
	if (pld_done(&o))
		abort();
	fz_inner(f, sa, X_AUTH, sa->init, b[16], b + HDR_LEN,
	    o.w.n - HDR_LEN);
	fz_answers(f);
}

struct sa *
fz_reach(struct fz *f, enum state s)
{
	struct ipc_hdr	 h;
	struct sa	*sa;
	int		 init = s == S_INIT_I || s == S_AUTH_I;

	memset(&h, 0, sizeof(h));
	if (init) {
		h.type = M_C_UP;
		h.tunnel = 1;
		frame(f, PROC_CTL, &h, "", 0);
		fz_answers(f);
		if ((sa = fz_sa(f, 1)) == NULL || s == S_INIT_I)
			return (sa);
		sa_init(f, sa);
		return (fz_sa(f, 1));
	}
	sa_init(f, NULL);
	if ((sa = fz_sa(f, 0)) == NULL || s == S_INIT_R)
		return (sa);
	sa_auth(f, sa);
	return (fz_sa(f, 0));
}
