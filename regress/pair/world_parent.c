/* SPDX-License-Identifier: ISC */

/*
 * world_parent.c: the parent's part of a world: its own reload machine, a
 * role that dies and comes back, and what s2sd-ctl is told.
 */

#include <stdio.h>
#include <stdlib.h>

#include "world_int.h"

static void
say(struct gw *g, enum proc to, uint32_t type, uint32_t tunnel,
    const void *body)
{
	(void)world_frame(g, PROC_PARENT, to, type, 0, tunnel, body);
}

uint32_t
world_id(const struct gw *g, const char *name)
{
	return (reload_id(g->reload, name));
}

/* --- what s2sd-conf says --- */

static void
secrets(struct gw *g, uint32_t gen)
{
	struct m_cf_secret	 s;
	size_t			 i;

	g->gen = gen;
	for (i = 0; i < g->nt; i++) {
		if (g->psk[i][0] == '\0' || (g->bad_file && g->conf_secrets))
			continue;
		memset(&s, 0, sizeof(s));
		memcpy(s.name, g->t[i].name, sizeof(s.name));
		s.psk = rd_of(g->psk[i], strlen(g->psk[i]));
		(void)world_frame(g, PROC_CONF, PROC_KEYS, M_CF_SECRET, 0, 0,
		    &s);
	}
	(void)world_frame(g, PROC_CONF, PROC_KEYS, g->bad_file ?
	    M_CF_SECRET_PART : M_CF_SECRET_END, 0, 0, NULL);
}

static void
conf_says(struct gw *g, uint32_t type, const void *body)
{
	struct ipc_msg	 m;
	int		 was;

	memset(&m, 0, sizeof(m));
	m.from = PROC_CONF;
	m.h.type = type;
	m.h.gen = g->gen;
	m.fd = -1;
	was = world_enter(g->w, WORLD_AT(g->n, PROC_PARENT));
	if (reload_frame(g->reload, &m, body, g->w->now) == -1)
		abort();
	(void)world_enter(g->w, was);
}

/* The run of s2sd-conf that io_conf_start began. */
void
world_conf_runs(struct gw *g)
{
	struct global	 glob;
	struct m_cf_end	 end;
	struct m_conf	 m;
	uint8_t		 b[IPC_BODY_MAX];
	struct wr	 w = wr_of(b, sizeof(b));
	size_t		 i;
	int		 was;

	if (g->conf_run == 0)
		return;			/* stopped */
	secrets(g, g->conf_run);
	memset(&glob, 0, sizeof(glob));
	glob.decouple = (uint8_t)g->decouple;
	if (!g->conf_secrets) {
		global_put(&w, &glob);
		m.rest = rd_of(b, w.n);
		conf_says(g, M_CF_GLOBAL, &m);
		for (i = 0; i < g->nt; i++) {
			w = wr_of(b, sizeof(b));
			tunnel_put(&w, &g->t[i]);
			m.rest = rd_of(b, w.n);
			conf_says(g, M_CF_TUNNEL, &m);
		}
		end.ntunnel = (uint32_t)g->nt;
		conf_says(g, M_CF_END, &end);
	}
	g->conf_run = 0;
	was = world_enter(g->w, WORLD_AT(g->n, PROC_PARENT));
	reload_conf_exit(g->reload, !g->bad_file, g->w->now);
	(void)world_enter(g->w, was);
}

void
world_reload(struct gw *g)
{
	int	 was = world_enter(g->w, WORLD_AT(g->n, PROC_PARENT));

	reload_start(g->reload, g->w->now);
	(void)world_enter(g->w, was);
}

/* --- the reload machine of s2sd itself, and what it wants of the world --- */

static void
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t n)
{
	struct gw	*g = arg;

	if (g->roles & PB(to))
		(void)world_role_send(&g->slot[PROC_PARENT], to, h, body, n);
}

static int
io_room(void *arg, enum proc to)
{
	(void)arg;
	(void)to;
	return (1);
}

static int
io_conf_start(void *arg, const char *mode, uint32_t gen)
{
	struct gw	*g = arg;

	g->conf_run = gen;
	g->conf_secrets = strcmp(mode, "secrets") == 0;
	world_later(g->w, g->w->now + 2, EV_CONF, g, PROC_CONF, PROC_PARENT,
	    NULL, NULL, NULL, NULL, 0);
	return (0);
}

static void
io_conf_stop(void *arg)
{
	((struct gw *)arg)->conf_run = 0;
}

static void
io_fail(void *arg, enum proc who, const char *why)
{
	struct gw	*g = arg;

	(void)snprintf(g->last_log, sizeof(g->last_log), "%s: %.400s",
	    proc_name(who), why);
	g->refused++;
	/* it may be the one whose code runs just now */
	world_later(g->w, g->w->now, EV_KILL, g, PROC_PARENT, who, NULL, NULL,
	    NULL, NULL, 0);
}

/* Everybody begins when all are ready; who comes later, at once. */
static void
io_ready(void *arg, enum proc who)
{
	struct gw	*g = arg;
	size_t		 i;

	if (g->going) {
		say(g, who, M_GO, 0, NULL);
		return;
	}
	for (i = 0; i < RELOAD_ORDER; i++)
		if (g->roles & PB(reload_order[i]) &&
		    !reload_is_ready(g->reload, reload_order[i]))
			return;
	g->going = 1;
	for (i = 0; i < RELOAD_ORDER; i++)
		if (g->roles & PB(reload_order[i]))
			say(g, reload_order[i], M_GO, 0, NULL);
}

static void
io_done(void *arg, int err, const char *text)
{
	struct gw	*g = arg;

	if (!err)
		return;
	g->refused++;
	(void)snprintf(g->last_log, sizeof(g->last_log), "%.500s", text);
	/* a process ended in the middle: the person tries again */
	world_later(g->w, g->w->now + 100, EV_RELOAD, g, PROC_CONF,
	    PROC_PARENT, NULL, NULL, NULL, NULL, 0);
}

static void
io_error(void *arg, const char *line)
{
	struct gw	*g = arg;

	(void)snprintf(g->last_log, sizeof(g->last_log), "%.500s", line);
}

static void
io_lacks(void *arg, int on)
{
	((struct gw *)arg)->lacks = on;
}

static void
io_global(void *arg, struct global *glob)
{
	(void)arg;
	(void)glob;
}

void
world_parent_new(struct gw *g)
{
	int	 p;

	g->rio.arg = g;
	g->rio.send = io_send;
	g->rio.room = io_room;
	g->rio.conf_start = io_conf_start;
	g->rio.conf_stop = io_conf_stop;
	g->rio.fail = io_fail;
	g->rio.ready = io_ready;
	g->rio.done = io_done;
	g->rio.error = g->rio.warn = io_error;
	g->rio.lacks = io_lacks;
	g->rio.global = io_global;
	if ((g->reload = reload_new(&g->rio, "run")) == NULL)
		abort();
	for (p = 0; p < PROC_MAX; p++)
		if (g->roles & PB(p))
			world_restart(g, (enum proc)p);
}

void
world_conf(struct gw *g, const struct tunnel *t, const char *const *psk,
    size_t n)
{
	size_t	 i;

	if (n > W_TUNNELS)
		abort();
	memset(g->t, 0, sizeof(g->t));
	memcpy(g->t, t, n * sizeof(*t));
	g->nt = n;
	for (i = 0; i < n; i++)
		(void)snprintf(g->psk[i], sizeof(g->psk[i]), "%s", psk[i]);
	world_reload(g);
}

void
world_parent_frame(struct gw *g, enum proc from, const struct ipc_hdr *h,
    const uint8_t *d, size_t n)
{
	const struct msg_desc	*desc = msg_desc(h->type);
	struct ipc_msg		 m;
	union { struct m_text t; struct m_hello h; struct m_accuse a; } b;
	int			 was, rv;

	if (desc == NULL || desc->size > sizeof(b) ||
	    msg_get(desc, rd_of(d, n), &b) == -1)
		abort();
	memset(&m, 0, sizeof(m));
	m.h = *h;
	m.from = from;
	m.fd = -1;
	was = world_enter(g->w, WORLD_AT(g->n, PROC_PARENT));
	rv = reload_frame(g->reload, &m, &b, g->w->now);
	(void)world_enter(g->w, was);
	if (rv == -1) {
		g->accused++;
		(void)snprintf(g->last_accused, sizeof(g->last_accused),
		    "s2sd accused %s: type %x", proc_name(from), h->type);
	}
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

/* Nobody reads what s2sd-ctl writes. */
static void
no_line(void *arg, int level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

static const struct ctl_out no_output = { .line = no_line };

void
world_restart(struct gw *g, enum proc p)
{
	int	 q, was = world_enter(g->w, -1);

	g->io[p].arg = &g->slot[p];
	g->io[p].send = world_role_send;
	g->io[p].log = role_log_line;
	g->io[p].random = world_role_random;
	g->due[p] = 0;
	if (conf_init(&g->conf[p]) == -1 ||
	    (g->self[p] = world_role(p)->new(&g->io[p])) == NULL)
		abort();
	if (p == PROC_NET)
		net_set_output(g->self[p], world_net_output, g);
	if (p == PROC_ESP)
		esp_on_held(g->self[p], world_held, g);
	if (p == PROC_HOST && g->w->opt.exec)
		world_host_pf(g);
	if (p == PROC_EXEC)
		world_exec_pf(g);
	if (p == PROC_CTL)
		ctl_set_output(g->self[p], &no_output);
	for (q = 0; q < PROC_MAX; q++)
		g->min_epoch[p][q] = g->epoch[q];
	(void)world_enter(g->w, WORLD_AT(g->n, PROC_PARENT));
	reload_up(g->reload, p, g->w->now);
	(void)world_enter(g->w, was);
}

void
world_kill(struct gw *g, enum proc p, uint64_t after)
{
	struct m_died	 d;
	size_t		 i;
	int		 was;

	if (g->self[p] == NULL)
		return;
	was = world_enter(g->w, -1);
	world_role(p)->free(g->self[p]);
	g->self[p] = NULL;
	conf_clear(&g->conf[p]);
	g->due[p] = 0;
	g->epoch[p]++;
	for (i = 0; p == PROC_IKE && i < g->nseen; i++)
		g->seen[i].nchild = 0;	/* as s2sd-ctl does: nobody reports them */
	world_empty(g, p);
	d.proc = (uint8_t)p;
	d.epoch = g->epoch[p];
	for (i = 0; i < RELOAD_ORDER; i++)
		if (g->roles & PB(reload_order[i]) && reload_order[i] != p)
			say(g, reload_order[i], M_DIED, 0, &d);
	(void)world_enter(g->w, WORLD_AT(g->n, PROC_PARENT));
	reload_down(g->reload, p, g->w->now);
	(void)world_enter(g->w, was);
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
		if (world_id(g, g->t[i].name) == id)
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
