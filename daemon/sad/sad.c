/* SPDX-License-Identifier: ISC */

/* sad.c: s2sd-sad as a role: who may ask for what, and what is done. */

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <syslog.h>

#include "local.h"
#include "reason.h"

enum { COUNT_WIRE = 80 };

/* --- choosing a backend --- */

void
sad_backends(void *self, const struct sad_choice *c, size_t n)
{
	struct sad	*s = self;

	if (n > nitems(s->choice))
		n = nitems(s->choice);
	memcpy(s->choice, c, n * sizeof(*c));
	s->nchoice = n;
}

void
sad_watch(void *self, void (*watch)(void *, int))
{
	((struct sad *)self)->watch = watch;
}

void
sad_readable(void *self, uint64_t now)
{
	struct sad	*s = self;

	s->now = now;
	if (s->be != NULL && s->be->readable != NULL)
		s->be->readable(s->bep);
}

void
sad_leave(void *self)
{
	struct sad	*s = self;

	if (s->be != NULL && s->be->leave != NULL)
		s->be->leave(s->bep);
}

static int
known(const struct sad *s, uint8_t choice)
{
	size_t	 i;

	for (i = 0; i < s->nchoice; i++)
		if (s->choice[i].be->choice == choice)
			return (1);
	return (0);
}

/* Which one a configuration gets, and why no better one; NULL and why: none. */
static const struct sad_choice *
choose(const struct sad *s, const struct global *g, char *why, size_t size)
{
	static const struct sad_choice	 null = { .be = &sa_null };
	const struct sad_choice		*c;
	size_t				 n = 0;

	if (g->decouple) {
		(void)snprintf(why, size, "`set decouple': nothing is installed");
		return (&null);
	}
	why[0] = '\0';
	for (c = s->choice; c < s->choice + s->nchoice; c++) {
		if (!c->no && (g->backend == BE_AUTO ||
		    c->be->choice == g->backend))
			return (c);
		if (!c->no)
			continue;	/* better, but not what was asked for */
		if (n < size)
			n += (size_t)snprintf(why + n, size - n, "%s%s: %s",
			    n > 0 ? "; " : "", c->be->name, c->why);
	}
	if (n == 0 || (g->backend != BE_AUTO && !known(s, g->backend)))
		(void)snprintf(why, size, "this system does not have the "
		    "backend that `set backend' names; write `set backend "
		    "auto' or `userland'");
	return (NULL);
}

/* Has the backend one cipher of the tunnel's proposals at least? */
static int
can_any(const struct sa_backend *be, const struct tunnel *t)
{
	const struct prop	*p;
	uint8_t			 i, e, k;

	if (be->can == NULL)
		return (1);
	for (i = 0; i < t->nchild; i++) {
		p = &t->child[i];
		for (k = 0; p->nencr == 0 && k < p->ninteg; k++)
			if (be->can(NULL, alg_num(p->integ[k])))
				return (1);
		for (e = 0; e < p->nencr; e++) {
			if (p->ninteg == 0 &&
			    be->can(alg_num(p->encr[e]), NULL))
				return (1);
			for (k = 0; k < p->ninteg; k++)
				if (be->can(alg_num(p->encr[e]),
				    alg_num(p->integ[k])))
					return (1);
		}
	}
	return (0);
}

static int
sad_check(void *self, const struct conf_set *next, char *why, size_t size)
{
	struct sad		*s = self;
	const struct sad_choice	*c;
	char			 text[256];
	size_t			 i;

	if ((c = choose(s, &next->g, text, sizeof(text))) == NULL) {
		(void)snprintf(why, size, "set backend: %s", text);
		return (-1);
	}
	if (s->be != NULL && s->be != c->be) {
		(void)snprintf(why, size, "set backend: %s is in use; a change "
		    "to %s needs a restart", s->be->name, c->be->name);
		return (-1);
	}
	for (i = 0; i < next->n; i++)
		if (next->t[i]->flags & TUN_TRANSPORT &&
		    !c->be->caps.transport) {
			(void)snprintf(why, size, "tunnel \"%s\": transport: "
			    "%s, which encrypts here, has tunnel mode only; "
			    "remove transport", next->t[i]->name, c->be->name);
			return (-1);
		} else if (next->t[i]->flags & TUN_AH && !c->be->caps.ah) {
			(void)snprintf(why, size, "tunnel \"%s\": ah: %s, which "
			    "protects packets here, has ESP only; remove ah, "
			    "at the other end, too", next->t[i]->name,
			    c->be->name);
			return (-1);
		} else if (next->t[i]->ifkind != IF_NONE &&
		    !c->be->caps.interface) {
			(void)snprintf(why, size, "tunnel \"%s\": interface: "
			    "%s, which encrypts here, has no devices for "
			    "tunnels; remove interface and write the networks "
			    "in from ... to ...", next->t[i]->name,
			    c->be->name);
			return (-1);
		} else if (!can_any(c->be, next->t[i])) {
			(void)snprintf(why, size, "tunnel \"%s\": childsa: "
			    "%s has none of its ciphers; write others, or "
			    "`set backend userland'", next->t[i]->name,
			    c->be->name);
			return (-1);
		}
	return (0);
}

static uint16_t
sad_cpus(const struct sad *s)
{
	return (s->be != NULL && s->bep != NULL && s->be->cpus != NULL ?
	    s->be->cpus(s->bep) : 0);
}

static void
caps(struct sad *s, enum proc to)
{
	struct m_s_caps	 m;

	if (s->be == NULL)
		return;
	memset(&m, 0, sizeof(m));
	(void)snprintf(m.name, sizeof(m.name), "%s", s->be->name);
	(void)snprintf(m.why, sizeof(m.why), "%s", s->why);
	m.udp_only = s->be->caps.udp_only;
	m.esn = s->be->caps.esn;
	m.transport = s->be->caps.transport;
	m.replay_max = s->be->caps.replay_max;
	m.cpus = sad_cpus(s);
	(void)role_send(s->io, to, M_S_CAPS, 0, 0, 0, &m);
}

static int
backend_start(struct sad *s, const struct global *g)
{
	const struct sad_choice	*c;

	if ((c = choose(s, g, s->why, sizeof(s->why))) == NULL) {
		role_log(s->io, LOG_ERR, 0, R_KERNEL,
		    "no SA backend: %s", s->why);
		return (0);
	}
	s->ev.sys = c->sys;
	if ((s->bep = c->be->start(s->io, &s->ev)) == NULL)
		return (-1);
	s->be = c->be;
	if (s->be->fd != NULL && s->watch != NULL)
		s->watch(s, s->be->fd(s->bep));
	role_log(s->io, LOG_INFO, 0, 0, "SA backend: %s%s%s", s->be->name,
	    s->why[0] != '\0' ? "; " : "", s->why);
	return (0);
}

/* --- the configuration --- */

/* What fits into its packets, and tell s2sd-host if that is something else. */
static void
entry_mtu(struct sad *s, struct sad_entry *e, const struct tunnel *t)
{
	uint16_t	 mtu;

	if (e->encr == 0 && e->integ == 0)
		return;			/* only listed: until its renewal */
	mtu = (uint16_t)tunnel_mtu(tunnel_outer(t), e->remote.af, e->udp,
	    alg_num(e->encr), alg_num(e->integ));
	if (mtu == e->mtu)
		return;
	e->mtu = mtu;
	if (e->said_up)
		sad_entry_say_up(s, e);
}

/* A tunnel's number was changed: its SAs stay. */
static void
soften(struct sad *s, const struct conf *c, const struct tunnel *t)
{
	struct sad_entry	*e;

	if (conf_was(c, t->id) == NULL)
		return;
	for (e = sad_entry_tun(s, t->id); e != NULL; e = sad_entry_next(e))
		entry_mtu(s, e, t);
}

static int
sad_added(void *self, const struct conf *c, uint64_t now)
{
	struct sad	*s = self;
	struct sad_op	*o;
	size_t		 i;

	s->now = now;
	s->conf = c;
	if (s->be == NULL && backend_start(s, &c->now->g) == -1)
		return (-1);
	for (i = 0; s->be != NULL && i < c->now->n; i++) {
		if (!conf_is_new(c, c->now->t[i]->id))
			continue;
		if ((o = sad_op_new(s, OP_OTHER, c->now->t[i]->id)) == NULL)
			return (-1);
		s->be->policy_replace(s->bep, o->id, c->now->t[i],
		    !(c->now->t[i]->flags & TUN_LEAK));
	}
	for (i = 0; i < c->now->n; i++)
		soften(s, c, c->now->t[i]);
	return (0);
}

static int
sad_removed(void *self, const struct conf *c, uint64_t now)
{
	struct sad		*s = self;
	struct sad_entry	*e;
	struct sad_op		*o;
	size_t			 i;
	uint32_t		 id;

	s->now = now;
	for (i = 0; s->be != NULL && c->old != NULL && i < c->old->n; i++) {
		id = c->old->t[i]->id;
		if (!conf_is_gone(c, id))
			continue;
		while ((e = sad_entry_tun(s, id)) != NULL)
			if (sad_remove(s, e) == -1)
				return (-1);
		if ((o = sad_op_new(s, OP_OTHER, id)) == NULL)
			return (-1);
		s->be->policy_delete(s->bep, o->id, id);
	}
	return (0);
}

/* --- requests --- */

static void
refused(struct sad *s, const struct ipc_msg *m, const struct m_sa *sa,
    int err, const char *why)
{
	const struct tunnel	*t = sad_tunnel(s, m->h.tunnel);

	s->n_refused++;
	role_log(s->io, LOG_ALERT, m->h.tunnel, 0,
	    "%s: refused to install an SA: %s", t == NULL ? "?" : t->name, why);
	sad_answer(s, m->h.req, m->h.tunnel, sa->child, 0, err, 0);
}

/* Decode and check all around the keys: an enum serr. */
static int
pair_check(struct sad *s, const struct ipc_msg *m, struct sad_pending *p,
    char *why)
{
	const struct tunnel	*t;
	struct rd		 r;
	int			 err;

	if (msg_get(msg_desc_sa(), p->m.sa, &p->sa) == -1) {
		memset(&p->sa, 0, sizeof(p->sa));
		(void)snprintf(why, TEXT_MAX, "malformed request");
		return (SERR_CONTENT);
	}
	r = p->sa.pairs;
	if (selpairs_get(&r, p->pair, nitems(p->pair), &p->npair) == -1 ||
	    rd_end(&r) == -1) {
		(void)snprintf(why, TEXT_MAX, "malformed selectors");
		return (SERR_CONTENT);
	}
	if ((t = sad_tunnel(s, m->h.tunnel)) == NULL) {
		(void)snprintf(why, TEXT_MAX, "no such tunnel");
		return (SERR_TUNNEL);
	}
	if (s->be == NULL || (s->be->caps.udp_only && !p->sa.udp) ||
	    (p->sa.transport && !s->be->caps.transport) ||
	    (p->m.encr == 0 && !s->be->caps.ah)) {
		(void)snprintf(why, TEXT_MAX, "the backend cannot do that");
		return (SERR_BACKEND);
	}
	if ((err = sad_check_sa(t, &p->sa, p->pair, p->npair, why)) == SERR_OK)
		err = sad_check_algs(t, &p->m, p->sa.esn, why);
	if (err != SERR_OK)
		return (err);
	if (s->be->can != NULL && !s->be->can(alg_num(p->m.encr),
	    p->m.integ != 0 ? alg_num(p->m.integ) : NULL)) {
		(void)snprintf(why, TEXT_MAX, "the kernel does not have the "
		    "cipher");
		return (SERR_ALG);
	}
	if ((p->sa.beside != 0 && !(t->flags & TUN_PERCPU)) ||
	    (p->sa.cpu != 0 && p->sa.beside == 0) || p->sa.cpu > sad_cpus(s)) {
		(void)snprintf(why, TEXT_MAX, "no SA of a single CPU here");
		return (SERR_CONTENT);
	}
	if (p->sa.esn && !s->be->caps.esn) {
		(void)snprintf(why, TEXT_MAX, "the kernel does not have "
		    "extended sequence numbers");
		return (SERR_ALG);
	}
	if (sad_entry_child(s, p->sa.child) != NULL) {
		(void)snprintf(why, TEXT_MAX, "child number in use");
		return (SERR_CONTENT);
	}
	if (p->sa.spi_in != 0 && sad_entry_spi(s, p->sa.spi_in) != NULL) {
		(void)snprintf(why, TEXT_MAX, "SPI in use");
		return (SERR_SPI);
	}
	return (SERR_OK);
}

/* Never longer than the configuration says. */
static void
life_cap(struct m_sa *sa, const struct tunnel *t)
{
	if (sa->life == 0 || sa->life > t->life)
		sa->life = t->life;
	if (t->lifebytes != 0 &&
	    (sa->hardbytes == 0 || sa->hardbytes > t->lifebytes))
		sa->hardbytes = t->lifebytes;
}

static void
no_memory(struct sad *s, const struct ipc_msg *m, const struct m_s_pair *p)
{
	struct m_sa	 sa;

	if (msg_get(msg_desc_sa(), p->sa, &sa) == 0)
		refused(s, m, &sa, SERR_BACKEND, "out of memory");
}

static int
on_pair(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct sad		*s = self;
	const struct tunnel	*t;
	struct sad_pending	*p;
	struct sad_entry	*e;
	char			 why[TEXT_MAX];
	int			 err;

	s->now = now;
	if ((p = calloc(1, sizeof(*p))) == NULL) {
		no_memory(s, m, body);
		return (0);
	}
	p->m = *(struct m_s_pair *)body;
	if ((err = pair_check(s, m, p, why)) != SERR_OK) {
		refused(s, m, &p->sa, err, why);
		goto out;
	}
	t = sad_tunnel(s, m->h.tunnel);
	life_cap(&p->sa, t);
	e = sad_entry_new(s, t->id, p->sa.child, p->sa.spi_in);
	if (e == NULL || sad_entry_fill(s, e, &p->sa, p->pair, p->npair,
	    (uint64_t)p->sa.life * 1000) == -1) {
		if (e != NULL)
			sad_entry_drop(s, e);
		refused(s, m, &p->sa, SERR_BACKEND, "out of memory");
		goto out;
	}
	e->ours = 1;
	e->udp = p->sa.udp;
	e->encr = p->m.encr;
	e->integ = p->m.integ;
	entry_mtu(s, e, t);
	sad_install(s, e, p, m->h.req);		/* wipes and frees p */
	return (0);
 out:
	explicit_bzero(p, sizeof(*p));
	free(p);
	return (0);
}

static struct sad_entry *
named(const struct sad *s, const struct ipc_msg *m, uint32_t child)
{
	struct sad_entry	*e = sad_entry_child(s, child);

	return (e != NULL && e->tunnel == m->h.tunnel ? e : NULL);
}

static int
on_delete(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_s_delete	*d = body;
	struct sad		*s = self;
	struct sad_entry	*e;

	s->now = now;
	if ((e = named(s, m, d->child)) == NULL ||
	    (d->spi_in != 0 && e->spi_in != d->spi_in))
		s->n_stale++;
	else
		(void)sad_remove(s, e);
	return (0);
}

static int
on_move(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_s_move		*v = body;
	struct sad		*s = self;
	const struct tunnel	*t = sad_tunnel(s, m->h.tunnel);
	struct sad_entry	*e = named(s, m, v->child);
	struct sad_op		*o;
	char			 buf[ADDR_STRLEN];

	s->now = now;
	if (t == NULL || e == NULL || !e->up) {
		s->n_stale++;
		return (0);
	}
	if (sad_check_addr(t, &v->local, &v->remote) == -1) {
		s->n_refused++;
		role_log(s->io, LOG_ALERT, t->id, 0,
		    "%s: refused to move the tunnel to %s, which is not an "
		    "address of this peer", t->name,
		    addr_str(&v->remote, 1, buf, sizeof(buf)));
		return (0);
	}
	if ((o = sad_op_new(s, OP_MOVE, t->id)) == NULL)
		return (0);
	o->child = e->child;
	o->local = v->local;
	o->remote = v->remote;
	s->be->sa_move(s->bep, o->id, t->id, e->child, &o->local, &o->remote);
	return (0);
}

static int
on_query(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_s_counters	 none;
	struct sad		*s = self;
	struct sad_op		*o;

	(void)body;
	s->now = now;
	if (s->be != NULL &&
	    (o = sad_op_new(s, OP_QUERY, m->h.tunnel)) != NULL) {
		o->asker = m->from;
		o->req = m->h.req;
		o->buf = calloc(SAD_COUNT_PART, COUNT_WIRE);
		o->w = wr_of(o->buf, o->buf == NULL ? 0 :
		    SAD_COUNT_PART * COUNT_WIRE);
		s->be->sa_query(s->bep, o->id, m->h.tunnel);
		return (0);
	}
	memset(&none, 0, sizeof(none));
	(void)role_send(s->io, m->from, M_S_COUNTERS, 0, m->h.req,
	    m->h.tunnel, &none);
	return (0);
}

/* s2sd-ike believes that it has a pair which is not there, or goes. */
static void
not_kept(struct sad *s, uint32_t tunnel, uint32_t child)
{
	struct m_s_expire	 x = { .child = child, .hard = 1 };

	(void)role_send(s->io, PROC_IKE, M_S_EXPIRE, 0, 0, tunnel, &x);
}

/* After we were started anew: s2sd-ike names a pair as its own. */
static int
on_keep(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct m_sa		*sa = body;
	struct sad		*s = self;
	const struct tunnel	*t = sad_tunnel(s, m->h.tunnel);
	struct selpair		 pair[SELPAIR_MAX];
	struct rd		 r = sa->pairs;
	struct sad_entry	*e;
	char			 why[TEXT_MAX];
	size_t			 n;

	s->now = now;
	if (selpairs_get(&r, pair, nitems(pair), &n) == -1 || rd_end(&r) == -1)
		return (-1);
	if (t == NULL || sa->spi_in == 0 ||
	    sad_check_sa(t, sa, pair, n, why) != SERR_OK) {
		s->n_refused++;
		return (0);
	}
	if ((e = sad_entry_child(s, sa->child)) != NULL ?
	    e->tunnel != t->id || e->spi_in != sa->spi_in :
	    s->list_done || sad_entry_spi(s, sa->spi_in) != NULL ||
	    (e = sad_entry_new(s, t->id, sa->child, sa->spi_in)) == NULL) {
		s->n_stale++;
		if (e == NULL)
			not_kept(s, t->id, sa->child);
		return (0);
	}
	if (e->ours)
		return (0);
	life_cap(sa, t);
	if (sad_entry_fill(s, e, sa, pair, n,
	    (uint64_t)sa->life * 1000) == -1) {
		not_kept(s, t->id, sa->child);
		(void)sad_remove(s, e);
		return (0);
	}
	e->kept = 1;
	e->orphan = 0;
	return (0);
}

static int
on_keep_end(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct sad	*s = self;

	(void)m;
	(void)body;
	s->now = now;
	s->keep_end = 1;
	sad_settle(s);
	return (0);
}

static int
on_backend(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct sad	*s = self;

	s->now = now;
	if (s->be == NULL || s->be->frame == NULL)
		return (0);
	return (s->be->frame(s->bep, m, body));
}

static const struct role_rule rules[] = {
	{ M_S_PAIR,	PB(PROC_KEYS),			on_pair },
	{ M_S_DELETE,	PB(PROC_IKE),			on_delete },
	{ M_S_MOVE,	PB(PROC_IKE),			on_move },
	{ M_S_QUERY,	PB(PROC_IKE) | PB(PROC_CTL),	on_query },
	{ M_S_KEEP,	PB(PROC_IKE),			on_keep },
	{ M_S_KEEP_END,	PB(PROC_IKE),			on_keep_end },
	{ M_E_DONE,	PB(PROC_ESP),			on_backend },
	{ M_E_COUNTERS,	PB(PROC_ESP),			on_backend },
	{ M_E_ACQUIRE,	PB(PROC_ESP),			on_backend },
	{ M_E_EXPIRE,	PB(PROC_ESP),			on_backend },
	{ M_E_MOVED,	PB(PROC_ESP),			on_backend },
	{ M_E_LISTED,	PB(PROC_ESP),			on_backend },
	{ M_E_LIST_END,	PB(PROC_ESP),			on_backend },
};

/* --- life --- */

static void *
sad_new(const struct role_io *io)
{
	static const struct sad_choice	 userland = { .be = &sa_userland };
	struct sad			*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->io = io;
	s->due = s->claim_by = s->list_at = DUE_NEVER;
	s->later_at = s->tell_at = DUE_NEVER;
	sad_events_init(s);
	sad_backends(s, &userland, 1);
	return (s);
}

static void
entry_free(struct sad *s, struct sad_entry *e)
{
	(void)s;
	free(e->pair);
	free(e);
}

static void
sad_free(void *self)
{
	struct sad	*s = self;

	sad_ops_clear(s);
	if (s->be != NULL)
		s->be->stop(s->bep);
	sad_entry_each(s, entry_free);
	free(s);
}

static void
expire_due(struct sad *s, struct sad_entry *e)
{
	if (e->expires <= s->now)
		s->ev.expire(s, e->tunnel, e->child, 1);
}

static void
orphan_unclaimed(struct sad *s, struct sad_entry *e)
{
	(void)s;
	if (e->listed && !e->kept)
		e->orphan = 1;
	e->listed = 0;
}

/* What has the backend of ours?  Once; later again if it did not work. */
static void
ask_list(struct sad *s)
{
	struct sad_op	*o;

	s->list_at = DUE_NEVER;
	if ((o = sad_op_new(s, OP_LIST, 0)) == NULL)
		s->list_at = s->now + SAD_AGAIN;
	else
		s->be->list(s->bep, o->id);
}

static uint64_t
sad_tick(void *self, uint64_t now)
{
	struct sad	*s = self;
	const uint64_t	*all[] = { &s->due, &s->claim_by, &s->list_at,
	    &s->later_at, &s->tell_at };
	uint64_t	 due = DUE_NEVER;
	size_t		 i;

	s->now = now;
	if (s->be != NULL && s->be->tick != NULL)
		due = s->be->tick(s->bep, now);
	if (s->claim_by <= now) {
		s->claim_by = DUE_NEVER;
		sad_entry_each(s, orphan_unclaimed);
		sad_say_orphans(s);
	}
	if (s->due <= now) {
		sad_entry_each(s, expire_due);
		sad_entry_due(s);
	}
	if (s->list_at <= now)
		ask_list(s);
	if (s->later_at <= now)
		sad_delete_again(s);
	if (s->tell_at <= now)
		sad_tell(s);
	for (i = 0; i < nitems(all); i++)
		if (*all[i] < due)
			due = *all[i];
	return (due);
}

static void
orphan(struct sad *s, struct sad_entry *e)
{
	(void)s;
	if (e->up)
		e->orphan = 1;
	e->listed = e->kept = 0;
}

static void
say_up(struct sad *s, struct sad_entry *e)
{
	if (e->up && e->said_up)
		sad_tell_up(s, e);
}

static void
sad_died(void *self, enum proc who, uint64_t now)
{
	struct sad	*s = self;

	s->now = now;
	if (who == PROC_IKE) {
		s->life++;	/* what it asked for, nobody waits for */
		s->claim_by = DUE_NEVER;
		sad_entry_each(s, orphan);
		caps(s, PROC_IKE);
		sad_say_orphans(s);
	} else if (who == PROC_HOST)
		sad_entry_each(s, say_up);
	else if (who == PROC_CTL)
		caps(s, PROC_CTL);
	if (s->be != NULL && s->be->died != NULL)
		s->be->died(s->bep, who);
	if (s->tell_at <= now)
		sad_tell(s);
}

static void
sad_go(void *self, uint64_t now)
{
	struct sad	*s = self;

	s->now = now;
	s->going = 1;
	caps(s, PROC_IKE);
	caps(s, PROC_CTL);
	if (s->be != NULL)
		ask_list(s);
	sad_say_orphans(s);
}

static size_t
sad_counters(void *self, struct role_counter *out, size_t max)
{
	struct sad			*s = self;
	const struct role_counter	 c[] = {
		{ "sa-installed", s->n_installed },
		{ "sa-refused", s->n_refused },
		{ "sa-expired", s->n_expired },
		{ "sa-stale", s->n_stale },
		{ "sa-now", s->nentry },
	};
	size_t				 i;

	for (i = 0; i < nitems(c) && i < max; i++)
		out[i] = c[i];
	return (i);
}

const struct role role_sad = {
	.id = PROC_SAD,
	.rules = rules,
	.nrules = nitems(rules),
	.new = sad_new,
	.free = sad_free,
	.tick = sad_tick,
	.died = sad_died,
	.check = sad_check,
	.added = sad_added,
	.removed = sad_removed,
	.go = sad_go,
	.counters = sad_counters,
};
