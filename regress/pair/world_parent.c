/* SPDX-License-Identifier: ISC */

/*
 * world_parent.c: the parent's part of a world: configuration in two rounds,
 * a role that dies and comes back, and what s2sd-ctl is told.
 */

#include <stdio.h>
#include <stdlib.h>

#include "world_int.h"

/* Round 1 in this order, round 2 in reverse: DESIGN.md section 2. */
static const enum proc order[] = {
	PROC_SAD, PROC_ESP, PROC_KEYS, PROC_NET, PROC_IKE
};

static void
say(struct gw *g, enum proc to, uint32_t type, uint32_t tunnel,
    const void *body)
{
	(void)world_frame(g, PROC_PARENT, to, type, 0, tunnel, body);
}

static void
secrets(struct gw *g)
{
	struct m_cf_secret	 s;
	size_t			 i;

	for (i = 0; i < g->nt; i++) {
		if (g->psk[i][0] == '\0')
			continue;
		memset(&s, 0, sizeof(s));
		memcpy(s.name, g->t[i].name, sizeof(s.name));
		s.psk = rd_of(g->psk[i], strlen(g->psk[i]));
		(void)world_frame(g, PROC_CONF, PROC_KEYS, M_CF_SECRET, 0, 0,
		    &s);
	}
	(void)world_frame(g, PROC_CONF, PROC_KEYS, M_CF_SECRET_END, 0, 0, NULL);
}

static void
records(struct gw *g, enum proc to)
{
	struct m_conf	 m;
	struct global	 glob;
	uint8_t		 b[IPC_BODY_MAX];
	struct wr	 w = wr_of(b, sizeof(b));
	size_t		 i;

	memset(&glob, 0, sizeof(glob));
	global_put(&w, &glob);
	m.rest = rd_of(b, w.n);
	say(g, to, M_CONF_BEGIN, 0, &m);
	for (i = 0; i < g->nt; i++) {
		w = wr_of(b, sizeof(b));
		tunnel_put(&w, &g->t[i]);
		m.rest = rd_of(b, w.n);
		say(g, to, M_CONF_TUNNEL, g->t[i].id, &m);
	}
	say(g, to, M_CONF_END, 0, NULL);
}

/* An unchanged tunnel keeps its id; any other gets a new one. */
static void
give_ids(struct gw *g, struct tunnel *t, size_t n)
{
	struct tunnel	 a, b;
	size_t		 i, j;

	for (i = 0; i < n; i++) {
		a = t[i];
		a.id = 0;
		t[i].id = 0;
		for (j = 0; j < g->nt; j++) {
			b = g->t[j];
			b.id = 0;
			if (memcmp(&a, &b, sizeof(a)) == 0)
				t[i].id = g->t[j].id;
		}
		if (t[i].id == 0)
			t[i].id = g->next_id++;
	}
}

enum { STEP_IDLE, STEP_PREPARE, STEP_NEW, STEP_GONE };

static void
ask_all(struct gw *g, uint32_t type)
{
	size_t	 i;

	g->waiting = W_ROLES;
	if (type == M_CONF_GONE)
		for (i = nitems(order); i > 0; i--)
			say(g, order[i - 1], type, 0, NULL);
	else
		for (i = 0; i < nitems(order); i++)
			say(g, order[i], type, 0, NULL);
}

void
world_conf(struct gw *g, const struct tunnel *t, const char *const *psk,
    size_t n)
{
	struct tunnel	 next[W_TUNNELS];
	size_t		 i;

	if (n > W_TUNNELS)
		abort();
	memset(next, 0, sizeof(next));
	memcpy(next, t, n * sizeof(*t));
	give_ids(g, next, n);
	memcpy(g->t, next, sizeof(g->t));
	g->nt = n;
	g->gen++;
	for (i = 0; i < n; i++)
		(void)snprintf(g->psk[i], sizeof(g->psk[i]), "%s", psk[i]);
	secrets(g);
	g->step = STEP_PREPARE;
	g->waiting = W_ROLES;
	for (i = 0; i < nitems(order); i++)
		records(g, order[i]);
}

/* A role that came back: the configuration in force, then GO. */
static void
join(struct gw *g, enum proc p)
{
	g->joining |= PB(p);
	if (p == PROC_KEYS)
		secrets(g);
	records(g, p);
}

static void
joined(struct gw *g, enum proc from, uint32_t type)
{
	if (type == M_CONF_READY) {
		say(g, from, M_CONF_NEW, 0, NULL);
		say(g, from, M_CONF_GONE, 0, NULL);
		say(g, from, M_GO, 0, NULL);
		g->joining &= ~PB(from);
	}
}

static void
advance(struct gw *g)
{
	size_t	 i;

	if (g->step == STEP_PREPARE) {
		g->step = STEP_NEW;
		ask_all(g, M_CONF_NEW);
	} else if (g->step == STEP_NEW) {
		g->step = STEP_GONE;
		ask_all(g, M_CONF_GONE);
	} else if (g->step == STEP_GONE) {
		g->step = STEP_IDLE;
		if (g->gen > 1)
			return;
		for (i = 0; i < nitems(order); i++)
			say(g, order[i], M_GO, 0, NULL);
	}
}

void
world_parent_frame(struct gw *g, enum proc from, const struct ipc_hdr *h,
    const uint8_t *d, size_t n)
{
	struct m_text	 t;

	if (h->type == M_CONF_REFUSED) {
		g->refused++;
		if (msg_get(msg_desc(h->type), rd_of(d, n), &t) == 0)
			(void)snprintf(g->last_log, sizeof(g->last_log),
			    "%s: %.400s", proc_name(from), t.text);
		return;
	}
	if (h->type != M_CONF_READY && h->type != M_CONF_DONE)
		return;
	if (g->joining & PB(from)) {
		joined(g, from, h->type);
		return;
	}
	if (h->gen != g->gen || !(g->waiting & PB(from)))
		return;
	g->waiting &= ~PB(from);
	if (g->waiting == 0)
		advance(g);
}

static void
role_log_line(void *arg, int level, uint32_t tunnel, int reason,
    const char *text)
{
	struct slot	*s = arg;

	(void)reason;
	(void)snprintf(s->gw->last_log, sizeof(s->gw->last_log), "%.500s", text);
	if (getenv("WORLD_LOG") != NULL)
		fprintf(stderr, "%10.3f gw%zu %-9s <%d> t%u %s\n",
		    (double)(s->gw->w->now - 1000000) / 1000, s->gw->n,
		    proc_name(s->p), level, tunnel, text);
}

void
world_restart(struct gw *g, enum proc p)
{
	struct m_died	 d;
	int		 q;

	g->io[p].arg = &g->slot[p];
	g->io[p].send = world_role_send;
	g->io[p].log = role_log_line;
	g->io[p].random = world_role_random;
	g->epoch[p]++;
	g->due[p] = 0;
	if (conf_init(&g->conf[p]) == -1 ||
	    (g->self[p] = world_role(p)->new(&g->io[p])) == NULL)
		abort();
	if (p == PROC_NET)
		net_set_output(g->self[p], world_net_output, g);
	if (p == PROC_ESP)
		esp_on_held(g->self[p], world_held, g);
	if (g->epoch[p] == 1)
		return;			/* the start, not a restart */
	for (q = 0; q < PROC_MAX; q++)
		g->min_epoch[p][q] = g->epoch[q];
	d.proc = (uint8_t)p;
	d.epoch = g->epoch[p];
	for (q = 0; q < PROC_MAX; q++)
		if (W_ROLES & PB(q) && (enum proc)q != p)
			say(g, (enum proc)q, M_DIED, 0, &d);
	/* In the middle of a load: it is part of what is asked again. */
	join(g, p);
	if (g->waiting & PB(p)) {
		g->waiting &= ~PB(p);
		if (g->waiting == 0)
			advance(g);
	}
}

void
world_kill(struct gw *g, enum proc p, uint64_t after)
{
	if (g->self[p] == NULL)
		return;
	world_role(p)->free(g->self[p]);
	g->self[p] = NULL;
	conf_clear(&g->conf[p]);
	g->due[p] = 0;
	world_later(g->w, g->w->now + after, EV_RESTART, g, p, p, NULL, NULL,
	    NULL, NULL, 0);
}

/* --- what s2sd-ctl would know --- */

static struct seen *
seen_of(struct gw *g, uint32_t id)
{
	struct seen	*s;
	size_t		 i;

	for (s = g->seen; s < g->seen + g->nseen; s++)
		if (s->id == id)
			return (s);
	if (g->nseen == nitems(g->seen))
		abort();
	s = &g->seen[g->nseen++];
	s->id = id;
	for (i = 0; i < g->nt; i++)
		if (g->t[i].id == id)
			memcpy(s->name, g->t[i].name, sizeof(s->name));
	return (s);
}

static void
child_seen(struct seen *s, const struct m_c_child *c)
{
	size_t	 i;

	for (i = 0; i < s->nchild && s->child[i] != c->child; i++)
		;
	if (c->up) {
		if (i == nitems(s->child))
			abort();
		s->child[i] = c->child;
		s->spi_in[i] = c->spi_in;
		s->spi_out[i] = c->spi_out;
		if (i == s->nchild)
			s->nchild++;
	} else if (i < s->nchild) {
		s->nchild--;
		s->child[i] = s->child[s->nchild];
		s->spi_in[i] = s->spi_in[s->nchild];
		s->spi_out[i] = s->spi_out[s->nchild];
	}
}

void
world_ctl_frame(struct gw *g, const struct ipc_hdr *h, const uint8_t *d,
    size_t n)
{
	union { struct m_c_state st; struct m_c_child c; } b;
	struct seen	*s;
	int		 was, is;

	if (h->type != M_C_STATE && h->type != M_C_CHILD)
		return;
	if (msg_get(msg_desc(h->type), rd_of(d, n), &b) == -1)
		abort();
	s = seen_of(g, h->tunnel);
	if (h->type == M_C_CHILD) {
		child_seen(s, &b.c);
		return;
	}
	was = s->st.state == TS_UP || s->st.state == TS_REKEYING;
	is = b.st.state == TS_UP || b.st.state == TS_REKEYING;
	s->ups += !was && is;
	s->downs += was && !is;
	s->st = b.st;
}

struct seen *
world_seen(struct gw *g, const char *name)
{
	struct seen	*s, *found = NULL;

	for (s = g->seen; s < g->seen + g->nseen; s++)
		if (strcmp(s->name, name) == 0)
			found = s;		/* the newest of that name */
	return (found);
}

int
world_is_up(struct gw *g, const char *name)
{
	struct seen	*s = world_seen(g, name);

	return (s != NULL && (s->st.state == TS_UP ||
	    s->st.state == TS_REKEYING) && s->nchild > 0);
}

void
world_tunnel(struct tunnel *t, const char *name, const struct gw *a,
    const struct gw *b, const char *local, const char *remote)
{
	static const uint16_t	 encr[] = { 1, 2, 3 }, prfs[] = { 20, 21, 22 };
	static const uint16_t	 dh[] = { 40, 41, 42 };
	struct net		 l, r;

	memset(t, 0, sizeof(*t));
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	t->flags = TUN_ACTIVE;
	t->local = a->outer;
	t->peer[0] = b->public.af != 0 ? b->public : b->outer;
	t->local.port = t->peer[0].port = 500;
	t->npeer = 1;
	ident_addr(&a->outer, &t->srcid);
	ident_addr(&b->outer, &t->dstid);
	if (net_parse(local, &l) == -1 || net_parse(remote, &r) == -1)
		abort();
	sel_from_net(&l, 0, 0, 65535, &t->pair[0].local);
	sel_from_net(&r, 0, 0, 65535, &t->pair[0].remote);
	t->npair = 1;
	t->nike = t->nchild = 1;
	memcpy(t->ike[0].encr, encr, sizeof(encr));
	memcpy(t->ike[0].prf, prfs, sizeof(prfs));
	memcpy(t->ike[0].dh, dh, sizeof(dh));
	t->ike[0].nencr = t->ike[0].nprf = t->ike[0].ndh = 3;
	t->child[0] = t->ike[0];
	t->child[0].nprf = 0;
	memset(t->child[0].prf, 0, sizeof(t->child[0].prf));
	t->child[0].nesn = 2;
	t->child[0].esn[0] = 1;
	t->ikelife = 28800;
	t->life = 3600;
	t->dpd = 30;
	t->replay = 4096;
}
