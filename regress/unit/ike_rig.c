/* SPDX-License-Identifier: ISC */

/* ike_rig.c: two gateways in one process; see ike_rig.h. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "ike.h"
#include "ike_rig.h"
#include "keys.h"

static uint32_t
rnd(struct rig *r)
{
	/* xorshift, Marsaglia 2003 */
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 17;
	r->seed ^= r->seed << 5;
	return (r->seed);
}

static void
io_random(void *arg, void *buf, size_t n)
{
	struct rig_gw	*g = arg;
	uint8_t		*p = buf;

	while (n-- > 0)
		*p++ = (uint8_t)(rnd(g->rig) >> 11);
}

static void
io_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	struct rig_gw	*g = arg;
	struct rig	*r = g->rig;

	(void)tunnel;
	(void)reason;
	if (getenv("RIG_LOG") != NULL)
		fprintf(stderr, "%8.3f %c<%d> %s\n", (double)r->now / 1000,
		    'A' + g->i, level, text);
	if (r->nlog < LOG_LINES)
		(void)snprintf(r->log[r->nlog++], sizeof(r->log[0]), "%c %s",
		    'A' + g->i, text);
}

static void
push(struct rig_gw *g, enum proc from, enum proc to, const struct ipc_hdr *h,
    const void *body, size_t len)
{
	struct rig_frame	*f;

	if ((f = calloc(1, sizeof(*f) + len)) == NULL)
		err(1, NULL);
	f->gw = g->i;
	f->from = from;
	f->to = to;
	f->h = *h;
	f->h.len = (uint32_t)len;
	if (len > 0)
		memcpy(f->d, body, len);
	*g->rig->last = f;
	g->rig->last = &f->next;
}

static int
ike_send_(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	push(arg, PROC_IKE, to, h, b, n);
	return (0);
}

static int
keys_send_(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	push(arg, PROC_KEYS, to, h, b, n);
	return (0);
}

static void
new_keys(struct rig_gw *g)
{
	if (conf_init(&g->c_keys) ||
	    (g->keys = role_keys.new(&g->io_keys)) == NULL)
		errx(1, "rig: no memory");
}

void
rig_init(struct rig *r, uint32_t seed)
{
	struct rig_gw	*g;
	int		 i;

	memset(r, 0, sizeof(*r));
	r->seed = seed != 0 ? seed : 1;
	r->now = 100000;
	r->last = &r->first;
	if (addr_parse("192.168.1.3", &r->addr[0]) ||
	    addr_parse("192.168.1.4", &r->addr[1]))
		errx(1, "rig: address");
	for (i = 0; i < 2; i++) {
		g = &r->gw[i];
		g->rig = r;
		g->i = i;
		g->answer_queries = 1;
		g->in_age = UINT64_MAX;
		g->io_ike.arg = g->io_keys.arg = g;
		g->io_ike.send = ike_send_;
		g->io_keys.send = keys_send_;
		g->io_ike.log = g->io_keys.log = io_log;
		g->io_ike.random = g->io_keys.random = io_random;
		g->due = DUE_NEVER;
		if (conf_init(&g->c_ike) ||
		    (g->ike = role_ike.new(&g->io_ike)) == NULL)
			errx(1, "rig: no memory");
		new_keys(g);
	}
}

void
rig_clear(struct rig *r)
{
	struct rig_frame	*f;
	size_t			 i;

	for (i = 0; i < 2; i++) {
		role_ike.free(r->gw[i].ike);
		role_keys.free(r->gw[i].keys);
		conf_clear(&r->gw[i].c_ike);
		conf_clear(&r->gw[i].c_keys);
	}
	while ((f = r->first) != NULL) {
		r->first = f->next;
		free(f);
	}
	for (i = 0; i < r->nwire; i++)
		free(r->wire[i].d);
}

static uint16_t
alg(uint8_t type, const char *name)
{
	const struct alg	*a = alg_name(type, name);

	if (a == NULL)
		errx(1, "rig: no %s", name);
	return (a->num);
}

static void
name_id(struct ident *id, const char *text)
{
	id->type = IDT_FQDN;
	id->len = (uint16_t)strlen(text);
	memcpy(id->d, text, id->len);
}

void
rig_tunnel_of(const struct rig *r, int i, struct tunnel *t)
{
	static const char *const	 net[2] = { "10.1.3.0/24",
	    "10.1.4.0/24" };
	static const char *const	 id[2] = { "a.example", "b.example" };
	struct prop			*p;
	struct net			 n;

	memset(t, 0, sizeof(*t));
	t->id = 1;
	(void)snprintf(t->name, sizeof(t->name), "%s", "office");
	t->flags = TUN_ACTIVE;
	t->local = r->addr[i];
	t->local.port = 500;
	t->peer[0] = r->addr[!i];
	t->peer[0].port = 500;
	t->npeer = 1;
	name_id(&t->srcid, id[i]);
	name_id(&t->dstid, id[!i]);
	if (net_parse(net[i], &n) != 0)
		errx(1, "rig: net");
	sel_from_net(&n, 0, 0, 65535, &t->pair[0].local);
	if (net_parse(net[!i], &n) != 0)
		errx(1, "rig: net");
	sel_from_net(&n, 0, 0, 65535, &t->pair[0].remote);
	t->npair = 1;
	t->nike = t->nchild = 1;
	p = &t->ike[0];
	p->nencr = p->nprf = 1;
	p->encr[0] = alg(ALG_ENCR, "aes-256-gcm");
	p->prf[0] = alg(ALG_PRF, "hmac-sha2-256");
	p->ndh = 2;
	p->dh[0] = alg(ALG_DH, "curve25519");
	p->dh[1] = alg(ALG_DH, "ecp256");
	p = &t->child[0];
	p->nencr = 1;
	p->encr[0] = alg(ALG_ENCR, "aes-256-gcm");
	p->ndh = 2;
	p->dh[0] = alg(ALG_DH, "curve25519");
	p->dh[1] = alg(ALG_DH, "ecp256");
	p->nesn = 2;
	p->esn[0] = 1;
	p->esn[1] = 0;
	t->ikelife = 28800;
	t->life = 3600;
	t->dpd = 30;
	t->replay = 4096;
}

static void
secret(struct rig_gw *g, const struct tunnel *t, const char *psk, uint32_t gen)
{
	struct m_cf_secret	 s;
	struct ipc_hdr		 h;
	struct ipc_msg		 m;
	struct wr		 w;
	uint8_t			 b[2048];

	memset(&h, 0, sizeof(h));
	memset(&s, 0, sizeof(s));
	memset(&m, 0, sizeof(m));
	w = wr_of(b, sizeof(b));
	h.gen = gen;
	if (t != NULL) {
		(void)snprintf(s.name, sizeof(s.name), "%s", t->name);
		s.psk = rd_of(psk, strlen(psk));
		h.type = M_CF_SECRET;
	} else
		h.type = M_CF_SECRET_END;
	if (t != NULL && msg_put(msg_desc(M_CF_SECRET), &w, &s))
		errx(1, "rig: secret");
	h.len = (uint32_t)w.n;
	m.h = h;
	m.from = PROC_CONF;
	m.d = b;
	m.fd = -1;
	if (role_dispatch(&role_keys, g->keys, &g->c_keys, &g->io_keys, &m,
	    g->rig->now))
		errx(1, "rig: secret refused");
}

/* A frame of the parent, at once. */
static void
parent(struct rig_gw *g, const struct role *role, void *self, struct conf *c,
    const struct role_io *io, uint32_t type, uint32_t gen, uint32_t tunnel,
    const void *body, size_t n)
{
	struct ipc_msg	 m;
	uint8_t		*copy;

	if ((copy = malloc(n > 0 ? n : 1)) == NULL)
		err(1, NULL);
	memset(&m, 0, sizeof(m));
	if (n > 0)
		memcpy(copy, body, n);
	m.h.type = type;
	m.h.len = (uint32_t)n;
	m.h.gen = gen;
	m.h.tunnel = tunnel;
	m.from = PROC_PARENT;
	m.d = copy;
	m.fd = -1;
	if (role_dispatch(role, self, c, io, &m, g->rig->now))
		errx(1, "rig: frame %x of the parent refused", type);
	free(copy);
}

static void
load(struct rig_gw *g, const struct role *role, void *self, struct conf *c,
    const struct role_io *io, const struct tunnel *t, size_t n, uint32_t gen)
{
	struct global	 gl;
	struct wr	 w;
	uint8_t		 b[TUNNEL_WIRE_MAX];
	size_t		 i;

	memset(&gl, 0, sizeof(gl));
	w = wr_of(b, sizeof(b));
	global_put(&w, &gl);
	parent(g, role, self, c, io, M_CONF_BEGIN, gen, 0, b, w.n);
	for (i = 0; i < n; i++) {
		w = wr_of(b, sizeof(b));
		tunnel_put(&w, &t[i]);
		parent(g, role, self, c, io, M_CONF_TUNNEL, gen, t[i].id, b,
		    w.n);
	}
	parent(g, role, self, c, io, M_CONF_END, gen, 0, NULL, 0);
	parent(g, role, self, c, io, M_CONF_NEW, gen, 0, NULL, 0);
	parent(g, role, self, c, io, M_CONF_GONE, gen, 0, NULL, 0);
}

void
rig_load(struct rig *r, int i, const struct tunnel *t, size_t n,
    const char *psk)
{
	struct rig_gw	*g = &r->gw[i];
	uint32_t	 gen = g->c_ike.now->gen + 1;
	struct m_s_caps	 caps;
	size_t		 k;

	if (n > nitems(g->t))
		errx(1, "rig: too many tunnels");
	g->nt = n;
	g->psk = psk;
	for (k = 0; k < n; k++) {
		g->t[k] = t[k];
		secret(g, &t[k], psk, gen);
	}
	secret(g, NULL, NULL, gen);
	load(g, &role_keys, g->keys, &g->c_keys, &g->io_keys, t, n, gen);
	load(g, &role_ike, g->ike, &g->c_ike, &g->io_ike, t, n, gen);
	memset(&caps, 0, sizeof(caps));
	caps.esn = 1;
	caps.replay_max = 4096;
	caps.cpus = g->cpus;
	rig_frame(r, i, PROC_SAD, PROC_IKE, M_S_CAPS, 0, 0, &caps);
	rig_run(r, 0);
}

void
rig_go(struct rig *r, int i)
{
	struct rig_gw	*g = &r->gw[i];

	parent(g, &role_ike, g->ike, &g->c_ike, &g->io_ike, M_GO, 1, 0, NULL,
	    0);
	g->due = role_ike.tick(g->ike, r->now);
}

void
rig_frame(struct rig *r, int gw, enum proc from, enum proc to, uint32_t type,
    uint32_t req, uint32_t tunnel, const void *body)
{
	struct ipc_hdr	 h;
	struct wr	 w;
	uint8_t		 b[IPC_BODY_MAX];

	memset(&h, 0, sizeof(h));
	w = wr_of(b, sizeof(b));
	if (body != NULL && msg_put(msg_desc(type), &w, body))
		errx(1, "rig: frame %x", type);
	h.type = type;
	h.req = req;
	h.tunnel = tunnel;
	push(&r->gw[gw], from, to, &h, b, w.n);
}

/* ---- the small s2sd-sad ---- */

static void
sad_pair(struct rig_gw *g, const struct rig_frame *f)
{
	struct rig_pair	*p;
	struct m_s_done	 d;
	struct rd	 r;

	if (g->np == PAIRS_MAX)
		errx(1, "rig: too many pairs");
	p = &g->p[g->np];
	memset(p, 0, sizeof(*p));
	if (msg_get(msg_desc(M_S_PAIR), rd_of(f->d, f->h.len), &p->keys) ||
	    msg_get(msg_desc_sa(), p->keys.sa, &p->sa))
		errx(1, "rig: PAIR");
	r = p->sa.pairs;
	if (selpairs_get(&r, p->pair, SELPAIR_MAX, &p->npair) || rd_end(&r))
		errx(1, "rig: pairs");
	p->keys.sa = p->sa.pairs = rd_of(NULL, 0);
	p->tunnel = f->h.tunnel;
	if (p->sa.spi_in == 0)
		p->sa.spi_in = 0x1000 + (uint32_t)g->i * 0x10000000 +
		    ++g->spi;
	memset(&d, 0, sizeof(d));
	d.child = p->sa.child;
	d.spi_in = p->sa.spi_in;
	d.err = g->sad_refuses;
	d.mtu = 1400;
	if (g->sad_refuses == SERR_OK) {
		p->live = 1;
		g->np++;
	}
	if (!g->sad_slow)
		rig_frame(g->rig, g->i, PROC_SAD, PROC_IKE, M_S_DONE,
		    f->h.req, f->h.tunnel, &d);
}

static void
sad_query(struct rig_gw *g, const struct rig_frame *f)
{
	struct m_s_counters	 m;
	struct sa_count		 c;
	struct wr		 w;
	uint8_t			 b[8192];
	size_t			 i;

	g->queries++;
	if (!g->answer_queries)
		return;
	w = wr_of(b, sizeof(b));
	for (i = 0; i < g->np; i++)
		if (g->p[i].live) {
			memset(&c, 0, sizeof(c));
			c.tunnel = g->p[i].tunnel;
			c.child = g->p[i].sa.child;
			c.in_age = g->in_age;
			c.out_age = UINT64_MAX;
			sa_count_put(&w, &c);
		}
	m.rest = rd_of(b, w.n);
	rig_frame(g->rig, g->i, PROC_SAD, PROC_IKE, M_S_COUNTERS, f->h.req,
	    f->h.tunnel, &m);
}

static void
sad(struct rig_gw *g, const struct rig_frame *f)
{
	struct m_s_delete	 d;
	size_t			 i;

	switch (f->h.type) {
	case M_S_PAIR:
		sad_pair(g, f);
		break;
	case M_S_DELETE:
		if (msg_get(msg_desc(M_S_DELETE), rd_of(f->d, f->h.len), &d))
			errx(1, "rig: DELETE");
		g->deletes++;
		for (i = 0; i < g->np; i++)
			if (g->p[i].sa.child == d.child)
				g->p[i].live = 0;
		break;
	case M_S_MOVE:
		g->moves++;
		break;
	case M_S_KEEP:
		g->keeps++;
		break;
	case M_S_QUERY:
		sad_query(g, f);
		break;
	}
}

/* ---- the wire ---- */

static void
see(struct rig *r, int from, const struct m_net_dgram *m, int dropped)
{
	struct rig_seen	*s;

	if (r->nseen == nitems(r->seen) || m->rest.n < 28)
		return;
	s = &r->seen[r->nseen++];
	s->from = from;
	s->np = m->rest.p[16];
	s->exch = m->rest.p[18];
	s->flags = m->rest.p[19];
	s->mid = (uint32_t)m->rest.p[20] << 24 | (uint32_t)m->rest.p[21] << 16
	    | (uint32_t)m->rest.p[22] << 8 | m->rest.p[23];
	s->sport = m->local.port;
	s->dport = m->remote.port;
	s->n = m->rest.n;
	s->dropped = dropped;
	s->at = r->now;
}

static void
net_send(struct rig_gw *g, const struct rig_frame *f)
{
	struct rig		*r = g->rig;
	struct m_net_dgram	 m;
	struct rig_msg		*w;
	size_t			 i, n;
	int			 drop, natted = g->i == 0 && r->nat.af != 0;

	if (msg_get(msg_desc(M_NET_SEND), rd_of(f->d, f->h.len), &m))
		errx(1, "rig: NET_SEND");
	if (m.flags & NETF_KEEPALIVE || m.rest.n == 0)
		return;
	g->announced += !!(m.flags & NETF_SPI);
	if (r->nwire == WIRE_MAX)
		errx(1, "rig: wire is full");
	w = &r->wire[r->nwire];
	w->n = n = m.rest.n;
	if ((w->d = malloc(n)) == NULL)
		err(1, NULL);
	memcpy(w->d, m.rest.p, n);
	drop = r->silent >> g->i & 1;
	for (i = 0; i < nitems(r->lose); i++)
		drop |= r->lose[i] != 0 && r->lose[i] == r->nseen + 1;
	if (r->drop != NULL)
		drop |= r->drop(r, g->i, w->d, &w->n, r->nseen + 1);
	see(r, g->i, &m, drop);
	if (drop) {
		free(w->d);
		return;
	}
	w->at = r->now + WIRE_MS;
	w->to = !g->i;
	w->from = r->addr[g->i];
	w->from.port = m.local.port;
	if (natted) {
		w->from = r->nat;
		w->from.port = (uint16_t)(m.local.port == 500 ? 1024 : 1025);
	}
	w->dst = r->addr[!g->i];
	w->dst.port = m.remote.port;
	if (w->to == 0 && r->nat.af != 0)
		w->dst.port = m.remote.port == 1024 ? 500 : 4500;
	w->flags = w->dst.port == 4500 ? NETF_4500 : 0;
	r->nwire++;
}

void
rig_rekey(struct rig *r, int gw, uint8_t ike)
{
	struct m_c_rekey	 m = { .what = ike };

	rig_frame(r, gw, PROC_CTL, PROC_IKE, M_C_REKEY, 9, 1, &m);
}

void
rig_datagram(struct rig *r, int to, const struct addr *from, uint8_t flags,
    const void *d, size_t n)
{
	struct m_net_dgram	 m;

	memset(&m, 0, sizeof(m));
	m.local = r->addr[to];
	m.local.port = flags & NETF_4500 ? 4500 : 500;
	m.remote = *from;
	m.flags = flags;
	m.rest = rd_of(d, n);
	rig_frame(r, to, PROC_NET, PROC_IKE, M_NET_RECV, 0, 0, &m);
}

static void
net(struct rig_gw *g, const struct rig_frame *f)
{
	switch (f->h.type) {
	case M_NET_SEND:
		net_send(g, f);
		break;
	case M_NET_SPI:
		g->spis++;
		break;
	case M_NET_COOKIE:
		g->cookies++;
		g->cookie_on = f->d[0];
		break;
	}
}

static void
ctl(struct rig_gw *g, const struct rig_frame *f)
{
	struct m_c_state	 s;

	switch (f->h.type) {
	case M_C_STATE:
		g->state_frames++;
		if (msg_get(msg_desc(M_C_STATE), rd_of(f->d, f->h.len), &s))
			errx(1, "rig: STATE");
		if (f->h.tunnel < nitems(g->st))
			g->st[f->h.tunnel] = s;
		break;
	case M_C_DONE:
		g->done++;
		g->done_err += f->d[0] != 0;
		break;
	}
}

/* ---- time ---- */

static void
deliver(struct rig *r, struct rig_frame *f)
{
	struct rig_gw	*g = &r->gw[f->gw];
	struct ipc_msg	 m;

	if (f->h.type != M_NET_SPI && f->h.type != M_NET_COOKIE &&
	    f->h.type != M_S_QUERY && f->h.type != M_S_COUNTERS &&
	    f->h.type != M_S_CAPS && f->h.type != M_K_CLOSE &&
	    f->to != PROC_CTL && f->to != PROC_PARENT)
		g->between++;
	memset(&m, 0, sizeof(m));
	m.h = f->h;
	m.from = f->from;
	m.d = f->d;
	m.fd = -1;
	switch (f->to) {
	case PROC_IKE:
		if (role_dispatch(&role_ike, g->ike, &g->c_ike, &g->io_ike,
		    &m, r->now))
			r->bad = 1;
		g->due = role_ike.tick(g->ike, r->now);
		break;
	case PROC_KEYS:
		if (role_dispatch(&role_keys, g->keys, &g->c_keys,
		    &g->io_keys, &m, r->now))
			r->bad = 1;
		break;
	case PROC_SAD:
		sad(g, f);
		break;
	case PROC_NET:
		net(g, f);
		break;
	case PROC_CTL:
		ctl(g, f);
		break;
	default:
		break;
	}
}

static void
frames(struct rig *r)
{
	struct rig_frame	*f;
	size_t			 guard = 0;

	while ((f = r->first) != NULL) {
		if ((r->first = f->next) == NULL)
			r->last = &r->first;
		deliver(r, f);
		free(f);
		if (++guard > 200000)
			errx(1, "rig: frames without end");
	}
}

static void
arrive(struct rig *r)
{
	struct rig_msg	 w;
	size_t		 i;

	for (i = 0; i < r->nwire;) {
		if (r->wire[i].at > r->now) {
			i++;
			continue;
		}
		w = r->wire[i];
		memmove(&r->wire[i], &r->wire[i + 1],
		    (--r->nwire - i) * sizeof(w));
		rig_datagram(r, w.to, &w.from, w.flags, w.d, w.n);
		free(w.d);
		frames(r);
	}
}

void
rig_run(struct rig *r, uint64_t ms)
{
	uint64_t	 end = r->now + ms, next;
	size_t		 i;

	for (;;) {
		frames(r);
		arrive(r);
		next = end;
		for (i = 0; i < r->nwire; i++)
			if (r->wire[i].at < next)
				next = r->wire[i].at;
		for (i = 0; i < 2; i++)
			if (r->gw[i].due < next)
				next = r->gw[i].due;
		if (next > r->now)
			r->now = next;
		for (i = 0; i < 2; i++)
			if (r->gw[i].due <= r->now) {
				r->gw[i].due = role_ike.tick(r->gw[i].ike,
				    r->now);
				if (r->gw[i].due <= r->now)
					errx(1, "rig: the clock stands still");
			}
		if (r->now >= end && r->first == NULL) {
			arrive(r);
			frames(r);
			return;
		}
	}
}

size_t
rig_live(const struct rig_gw *g)
{
	size_t	 i, n = 0;

	for (i = 0; i < g->np; i++)
		n += g->p[i].live;
	return (n);
}

int
rig_until_up(struct rig *r, uint64_t ms)
{
	uint64_t	 end = r->now + ms;

	while (r->now < end) {
		if (rig_live(&r->gw[0]) > 0 && rig_live(&r->gw[1]) > 0 &&
		    r->gw[0].st[1].state == TS_UP &&
		    r->gw[1].st[1].state == TS_UP)
			return (1);
		rig_run(r, 50);
	}
	return (0);
}

static int
keyeq(const struct keyoct *a, const struct keyoct *b)
{
	return (a->len == b->len && memcmp(a->d, b->d, a->len) == 0);
}

static int
fits(const struct rig_pair *a, const struct rig_pair *b)
{
	return (b->live && a->sa.spi_in == b->sa.spi_out &&
	    a->sa.spi_out == b->sa.spi_in && a->sa.udp == b->sa.udp &&
	    a->sa.esn == b->sa.esn && a->keys.encr == b->keys.encr &&
	    keyeq(&a->keys.ein, &b->keys.eout) &&
	    keyeq(&a->keys.ain, &b->keys.aout) &&
	    keyeq(&a->keys.eout, &b->keys.ein) &&
	    keyeq(&a->keys.aout, &b->keys.ain) && a->npair == b->npair &&
	    sel_eq(&a->pair[0].local, &b->pair[0].remote) &&
	    sel_eq(&a->pair[0].remote, &b->pair[0].local));
}

int
rig_match(const struct rig *r)
{
	const struct rig_gw	*a = &r->gw[0], *b = &r->gw[1];
	size_t			 i, j;

	if (rig_live(a) != rig_live(b) || rig_live(a) == 0)
		return (0);
	for (i = 0; i < a->np; i++) {
		if (!a->p[i].live)
			continue;
		for (j = 0; j < b->np; j++)
			if (fits(&a->p[i], &b->p[j]))
				break;
		if (j == b->np)
			return (0);
	}
	return (1);
}

void
rig_died(struct rig *r, int i, enum proc who)
{
	struct rig_gw	*g = &r->gw[i];
	struct m_died	 d;
	struct wr	 w;
	size_t		 k;
	uint8_t		 b[16];

	if (who == PROC_KEYS) {
		role_keys.free(g->keys);
		conf_clear(&g->c_keys);
		new_keys(g);
		for (k = 0; k < g->nt; k++)
			secret(g, &g->t[k], g->psk, g->c_ike.now->gen);
		secret(g, NULL, NULL, g->c_ike.now->gen);
		load(g, &role_keys, g->keys, &g->c_keys, &g->io_keys, g->t,
		    g->nt, g->c_ike.now->gen);
	}
	w = wr_of(b, sizeof(b));
	d.proc = (uint8_t)who;
	d.epoch = 2;
	if (msg_put(msg_desc(M_DIED), &w, &d))
		errx(1, "rig: DIED");
	parent(g, &role_ike, g->ike, &g->c_ike, &g->io_ike, M_DIED, 1, 0, b,
	    w.n);
	g->due = role_ike.tick(g->ike, r->now);
}

uint64_t
rig_count(struct rig *r, int gw, const char *name)
{
	struct role_counter	 c[ROLE_COUNTERS_MAX];
	size_t			 i, n;

	n = role_ike.counters(r->gw[gw].ike, c, nitems(c));
	for (i = 0; i < n; i++)
		if (strcmp(c[i].name, name) == 0)
			return (c[i].value);
	errx(1, "rig: no counter %s", name);
}

int
rig_logged(const struct rig *r, const char *s)
{
	size_t	 i;

	for (i = 0; i < r->nlog; i++)
		if (strstr(r->log[i], s) != NULL)
			return (1);
	return (0);
}

size_t
rig_sent(const struct rig *r, int from, uint8_t exch, int resp)
{
	size_t	 i, n = 0;

	for (i = 0; i < r->nseen; i++)
		n += r->seen[i].from == from && r->seen[i].exch == exch &&
		    !!(r->seen[i].flags & 0x20) == resp;
	return (n);
}
