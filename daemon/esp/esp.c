/* SPDX-License-Identifier: ISC */

/* esp.c: s2sd-esp as a role: requests of s2sd-sad, reports to it. */

#include <stdlib.h>
#include <strings.h>

#include "local.h"

/* Elements of M_E_COUNTERS in one frame; a frame with fewer is the last. */
enum { COUNT_PART = 200, COUNT_WIRE = 80 };

static const char *const count_names[EC_MAX] = {
	[EC_OUT_BAD] = "out-not-ip",
	[EC_OUT_POLICY] = "out-no-tunnel",
	[EC_OUT_REWRITE] = "out-source-rewritten",
	[EC_OUT_DOWN] = "out-tunnel-down",
	[EC_OUT_LOOP] = "out-loop",
	[EC_OUT_TOOBIG] = "out-too-big",
	[EC_OUT_SEQ] = "out-sequence-end",
	[EC_OUT_LIMIT] = "out-limit",
	[EC_OUT_CRYPT] = "out-crypto",
	[EC_IN_SPI] = "in-unknown-spi",
	[EC_IN_SHORT] = "in-length",
	[EC_IN_REPLAY] = "in-replay",
	[EC_IN_AUTH] = "in-auth",
	[EC_IN_PAD] = "in-padding",
	[EC_IN_NEXT] = "in-next-header",
	[EC_IN_INNER] = "in-inner",
	[EC_IN_POLICY] = "in-selector",
	[EC_IN_LOOP] = "in-loop",
	[EC_IN_ECN] = "in-ecn",
	[EC_IN_LIMIT] = "in-limit",
	[EC_IN_DUMMY] = "in-dummy",
	[EC_IN_KEEPALIVE] = "in-keepalive",
	[EC_IN_IKE] = "in-ike",
	[EC_ICMP] = "icmp-sent",
	[EC_ICMP_RATE] = "icmp-rate",
	[EC_HELD] = "held",
	[EC_ACQUIRE] = "acquire",
	[EC_OUT] = "out",
	[EC_IN] = "in",
};

const char *
esp_count_name(enum esp_count c)
{
	return (count_names[c]);
}

uint64_t
esp_count(const void *self, enum esp_count c)
{
	const struct esp	*e = self;

	return (e->count[c]);
}

void
esp_on_held(void *self, void (*fn)(void *), void *arg)
{
	struct esp	*e = self;

	e->on_held = fn;
	e->on_held_arg = arg;
}

/* --- tunnels --- */

static size_t
tun_place(const struct esp *e, uint32_t id)
{
	size_t	 lo = 0, hi = e->ntun, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (e->tun[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

struct esp_tun *
esp_tun_find(const struct esp *e, uint32_t id)
{
	size_t	 i = tun_place(e, id);

	return (i < e->ntun && e->tun[i]->id == id ? e->tun[i] : NULL);
}

static void
tun_free(struct esp *e, struct esp_tun *t)
{
	while (t->sas != NULL)
		esp_sa_del(e, t->sas);
	free(t->held);
	free(t);
}

/* The tunnel's record for t, old or new; put behind those in list. */
static int
tun_take(struct esp *e, struct esp_tun **list, size_t *n,
    const struct tunnel *t)
{
	struct esp_tun	*et;

	if ((et = esp_tun_find(e, t->id)) == NULL) {
		if ((et = calloc(1, sizeof(*et))) == NULL)
			return (-1);
		et->id = t->id;
	}
	et->t = t;
	et->keep = 1;
	list[(*n)++] = et;
	return (0);
}

/* Both sets in the order of ids, the newer record of each tunnel. */
static int
tuns_merge(struct esp *e, struct esp_tun **list, size_t *n,
    const struct conf_set *a, const struct conf_set *b)
{
	size_t	 i = 0, j = 0, nb = b == NULL ? 0 : b->n;
	int	 rv = 0;

	while (rv == 0 && (i < a->n || j < nb)) {
		if (j < nb && (i == a->n || b->t[j]->id < a->t[i]->id)) {
			rv = tun_take(e, list, n, b->t[j++]);
			continue;
		}
		if (j < nb && b->t[j]->id == a->t[i]->id)
			j++;
		rv = tun_take(e, list, n, a->t[i++]);
	}
	return (rv);
}

/*
 * Between the rounds of a reload both sets carry traffic; after it those
 * of `now'.  Without memory everything stays as it was, and -1.
 */
static int
tuns_build(struct esp *e, const struct conf_set *a, const struct conf_set *b)
{
	struct esp_tun	**list;
	size_t		  i, n = 0;

	list = calloc(a->n + (b == NULL ? 0 : b->n) + 1, sizeof(*list));
	if (list == NULL)
		return (-1);
	for (i = 0; i < e->ntun; i++)
		e->tun[i]->keep = 0;
	if (tuns_merge(e, list, &n, a, b) == -1 ||
	    esp_policy_build(&e->pol, list, n) == -1) {
		for (i = 0; i < n; i++)
			if (esp_tun_find(e, list[i]->id) == NULL)
				free(list[i]);
		free(list);
		return (-1);
	}
	for (i = 0; i < e->ntun; i++)
		if (!e->tun[i]->keep)
			tun_free(e, e->tun[i]);
	free(e->tun);
	e->tun = list;
	e->ntun = n;
	return (0);
}

static int
esp_added(void *self, const struct conf *c, uint64_t now)
{
	struct esp	*e = self;
	size_t		 i;

	(void)now;
	if (tuns_build(e, c->now, c->old) == -1)
		return (-1);
	for (i = 0; i < e->ntun; i++)
		if (conf_was(c, e->tun[i]->id) != NULL)
			esp_sa_mtu(e->tun[i]);
	return (0);
}

static int
esp_removed(void *self, const struct conf *c, uint64_t now)
{
	(void)now;
	return (tuns_build(self, c->now, NULL));
}

/* --- requests of s2sd-sad --- */

static int
on_pair(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_e_pair	*p = body;
	struct m_e_done	 d;
	struct selpair	 pair[SELPAIR_MAX];
	struct rd	 r = p->pairs;
	size_t		 n;
	struct esp	*e = self;

	(void)now;
	if (selpairs_get(&r, pair, nitems(pair), &n) == -1 || rd_end(&r) == -1)
		return (-1);
	memset(&d, 0, sizeof(d));
	d.child = p->child;
	d.err = (uint8_t)esp_sa_add(e, m->h.tunnel, p, pair, n);
	(void)role_send(e->io, PROC_SAD, M_E_DONE, 0, m->h.req, m->h.tunnel,
	    &d);
	return (0);
}

/* The pair, if it is one of the tunnel that the request names. */
static struct esp_sa *
named(const struct esp *e, const struct ipc_msg *m, uint32_t child)
{
	struct esp_sa	*sa;

	if ((sa = esp_sa_child(e, child)) == NULL ||
	    sa->tun->id != m->h.tunnel)
		return (NULL);
	return (sa);
}

static void
answer(const struct esp *e, const struct ipc_msg *m, uint32_t child, int err)
{
	struct m_e_done	 d;

	if (m->h.req == 0)
		return;
	memset(&d, 0, sizeof(d));
	d.child = child;
	d.err = (uint8_t)err;
	(void)role_send(e->io, PROC_SAD, M_E_DONE, 0, m->h.req, m->h.tunnel,
	    &d);
}

static int
on_delete(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_s_delete	*d = body;
	struct esp_sa		*sa;

	(void)now;
	if ((sa = named(self, m, d->child)) != NULL)
		esp_sa_del(self, sa);
	answer(self, m, d->child, SERR_OK);	/* unknown is success */
	return (0);
}

static int
on_move(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_s_move	*v = body;
	struct esp_sa	*sa;
	int		 err = SERR_OK;

	(void)now;
	if ((sa = named(self, m, v->child)) == NULL)
		err = SERR_SPI;
	else if (v->local.af == 0 || v->local.af != v->remote.af ||
	    v->remote.port == 0)
		err = SERR_ADDRESS;
	else {
		sa->local = v->local;
		sa->remote = v->remote;
		sa->moved_at = 0;
	}
	answer(self, m, v->child, err);
	return (0);
}

static uint64_t
age(uint64_t last, uint64_t now)
{
	if (last == 0)
		return (UINT64_MAX);
	return (now > last ? now - last : 0);
}

/* Counters gathered into one frame after the other. */
struct counting {
	struct esp	*e;
	uint32_t	 req, tunnel;
	size_t		 n;
	struct wr	 w;
	uint8_t		 buf[COUNT_PART * COUNT_WIRE];
};

static void
count_flush(struct counting *k)
{
	struct m_s_counters	 c;

	c.rest = rd_of(k->buf, k->w.n);
	(void)role_send(k->e->io, PROC_SAD, M_E_COUNTERS, 0, k->req,
	    k->tunnel, &c);
	k->n = 0;
	k->w = wr_of(k->buf, sizeof(k->buf));
}

static void
count_tun(struct counting *k, const struct esp_tun *t, uint64_t now)
{
	struct esp_sa	*sa;
	struct sa_count	 c;

	for (sa = t->sas; sa != NULL; sa = sa->next_tun) {
		c = sa->c;
		c.in_age = age(sa->in_last, now);
		c.out_age = age(sa->out_last, now);
		sa_count_put(&k->w, &c);
		if (++k->n == COUNT_PART)
			count_flush(k);
	}
}

static int
on_query(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct counting	 k;
	struct esp_tun	*t;
	size_t		 i;

	(void)body;
	k.e = self;
	k.req = m->h.req;
	k.tunnel = m->h.tunnel;
	k.n = 0;
	k.w = wr_of(k.buf, sizeof(k.buf));
	if (m->h.tunnel != 0) {
		if ((t = esp_tun_find(k.e, m->h.tunnel)) != NULL)
			count_tun(&k, t, now);
	} else
		for (i = 0; i < k.e->ntun; i++)
			count_tun(&k, k.e->tun[i], now);
	count_flush(&k);
	return (0);
}

/* The list, many pairs in a frame, so that no queue overflows. */
struct listing {
	struct esp	*e;
	uint32_t	 req;
	uint16_t	 part;
	struct wr	 w;
	uint8_t		 buf[SA_LISTED_PART * SA_LISTED_WIRE];
};

static void
list_flush(struct listing *k)
{
	struct m_e_listed	 l;

	if (k->w.n == 0)
		return;
	l.part = k->part++;
	l.rest = rd_of(k->buf, k->w.n);
	/* one that does not go out is missed by its number */
	(void)role_send(k->e->io, PROC_SAD, M_E_LISTED, 0, k->req, 0, &l);
	k->w = wr_of(k->buf, sizeof(k->buf));
}

static int
on_list(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_e_list_end	 end;
	struct sa_listed	 l;
	struct esp_sa		*sa;
	struct listing		 k;
	size_t			 i;

	(void)body;
	(void)now;
	k.e = self;
	k.req = m->h.req;
	k.part = 0;
	k.w = wr_of(k.buf, sizeof(k.buf));
	for (i = 0; i < k.e->ntun; i++)
		for (sa = k.e->tun[i]->sas; sa != NULL; sa = sa->next_tun) {
			l.tunnel = k.e->tun[i]->id;
			l.child = sa->child;
			l.spi_in = sa->spi_in;
			l.spi_out = sa->spi_out;
			sa_listed_put(&k.w, &l);
			if (k.w.n == sizeof(k.buf))
				list_flush(&k);
		}
	list_flush(&k);
	end.parts = k.part;
	(void)role_send(k.e->io, PROC_SAD, M_E_LIST_END, 0, m->h.req, 0, &end);
	return (0);
}

static const struct role_rule rules[] = {
	{ M_E_PAIR,	PB(PROC_SAD),	on_pair },
	{ M_E_DELETE,	PB(PROC_SAD),	on_delete },
	{ M_E_MOVE,	PB(PROC_SAD),	on_move },
	{ M_E_QUERY,	PB(PROC_SAD),	on_query },
	{ M_E_LIST,	PB(PROC_SAD),	on_list },
};

static void *
esp_new(const struct role_io *io)
{
	struct esp	*e;

	if ((e = calloc(1, sizeof(*e))) != NULL) {
		e->io = io;
		e->icmp_left = 100;
	}
	return (e);
}

static void
esp_free(void *self)
{
	struct esp	*e = self;
	size_t		 i;

	e->on_held = NULL;
	for (i = 0; i < e->ntun; i++)
		tun_free(e, e->tun[i]);
	free(e->tun);
	esp_policy_clear(&e->pol);
	explicit_bzero(e->iv, sizeof(e->iv));
	free(e);
}

static uint64_t
esp_tick(void *self, uint64_t now)
{
	(void)self;
	(void)now;
	return (DUE_NEVER);
}

static size_t
esp_counters(void *self, struct role_counter *out, size_t max)
{
	struct esp	*e = self;
	size_t		 i;

	for (i = 0; i < EC_MAX && i < max; i++) {
		out[i].name = count_names[i];
		out[i].value = e->count[i];
	}
	return (i);
}

const struct role role_esp = {
	.id = PROC_ESP,
	.rules = rules,
	.nrules = nitems(rules),
	.new = esp_new,
	.free = esp_free,
	.tick = esp_tick,
	.added = esp_added,
	.removed = esp_removed,
	.counters = esp_counters,
};
