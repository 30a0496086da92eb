/* SPDX-License-Identifier: ISC */

/* world.c: events, frames and the clock of regress/pair. */

#include <stdio.h>
#include <stdlib.h>

#include "exec.h"
#include "world_int.h"

const struct role *
world_role(enum proc p)
{
	static const struct role *const roles[PROC_MAX] = {
		[PROC_NET] = &role_net, [PROC_IKE] = &role_ike,
		[PROC_KEYS] = &role_keys, [PROC_SAD] = &role_sad,
		[PROC_ESP] = &role_esp, [PROC_HOST] = &role_host,
		[PROC_CTL] = &role_ctl, [PROC_EXEC] = &role_exec,
	};

	return (roles[p]);
}

const int *
world_inside(const struct world *w)
{
	return (&w->inside);
}

int
world_enter(struct world *w, int at)
{
	int	 was = w->inside;

	w->inside = at;
	return (was);
}

/* xorshift64*: the same numbers for the same seed on every machine. */
uint64_t
world_random(struct world *w)
{
	w->rng ^= w->rng >> 12;
	w->rng ^= w->rng << 25;
	w->rng ^= w->rng >> 27;
	return (w->rng * 0x2545f4914f6cdd1dULL);
}

unsigned int
world_percent(struct world *w)
{
	return ((unsigned int)((world_random(w) >> 33) % 100));
}

void
world_role_random(void *arg, void *buf, size_t n)
{
	struct slot	*s = arg;
	uint8_t		*p = buf;
	size_t		 i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(world_random(s->gw->w) >> 40);
}

uint64_t
world_now(const struct world *w)
{
	return (w->now);
}

uint64_t
world_events(const struct world *w)
{
	return (w->events);
}

uint64_t
world_trace(const struct world *w)
{
	return (w->trace);
}

struct gw *
world_gw(struct world *w, size_t i)
{
	return (&w->gw[i]);
}

void
world_opt_set(struct world *w, const struct world_opt *o)
{
	uint64_t	 seed = w->opt.seed;

	w->opt = *o;
	w->opt.seed = seed;
}

/* --- a heap of events: earliest first, then in the order they were made --- */

static int
sooner(const struct event *a, const struct event *b)
{
	return (a->at != b->at ? a->at < b->at : a->seq < b->seq);
}

static void
heap_push(struct world *w, struct event *e)
{
	struct event	**grown;
	size_t		  i, up;

	if (w->nheap == w->room) {
		w->room = w->room == 0 ? 1024 : w->room * 2;
		if ((grown = reallocarray(w->heap, w->room,
		    sizeof(*grown))) == NULL)
			abort();
		w->heap = grown;
	}
	for (i = w->nheap++; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!sooner(e, w->heap[up]))
			break;
		w->heap[i] = w->heap[up];
	}
	w->heap[i] = e;
}

static struct event *
heap_pop(struct world *w)
{
	struct event	*top = w->heap[0], *e;
	size_t		 i, kid;

	e = w->heap[--w->nheap];
	for (i = 0; (kid = 2 * i + 1) < w->nheap; i = kid) {
		if (kid + 1 < w->nheap && sooner(w->heap[kid + 1], w->heap[kid]))
			kid++;
		if (!sooner(w->heap[kid], e))
			break;
		w->heap[i] = w->heap[kid];
	}
	if (w->nheap > 0)
		w->heap[i] = e;
	return (top);
}

void
world_later(struct world *w, uint64_t at, int kind, struct gw *g,
    enum proc from, enum proc to, const struct ipc_hdr *h,
    const struct addr *src, const struct addr *dst, const uint8_t *p, size_t n)
{
	struct event	*e;
	int		 was = world_enter(w, -1);

	if ((e = calloc(1, sizeof(*e) + n)) == NULL)
		abort();
	e->at = at;
	e->seq = w->seq++;
	e->kind = kind;
	e->gw = g;
	e->from = from;
	e->to = to;
	if (h != NULL)
		e->h = *h;
	if (src != NULL)
		e->src = *src;
	if (dst != NULL)
		e->dst = *dst;
	e->n = n;
	if (n > 0)
		memcpy(e->d, p, n);
	heap_push(w, e);
	(void)world_enter(w, was);
}

/* Frames that the design lets fall when a queue is full. */
static int
may_drop(uint32_t type)
{
	return (type == M_NET_RECV || type == M_NET_SEND ||
	    type == M_S_ACQUIRE || type == M_E_ACQUIRE);
}

static void
send_frame(struct gw *g, enum proc from, enum proc to,
    const struct ipc_hdr *h, const void *body, size_t n)
{
	struct world	*w = g->w;
	struct ipc_hdr	 own = *h;
	uint64_t	 at = w->now;

	g->frames[from][to]++;
	if (to == PROC_PARENT) {
		world_parent_frame(g, from, h, body, n);
		return;
	}
	if (to == PROC_CTL && from == PROC_IKE)
		world_ctl_frame(g, h, body, n);
	g->host_up += to == PROC_HOST && h->type == M_H_UP;
	g->host_down += to == PROC_HOST && h->type == M_H_DOWN;
	if (may_drop(h->type) && world_percent(w) < w->opt.ipc_drop)
		return;
	if (w->opt.ipc_delay > 0)
		at += world_random(w) % (w->opt.ipc_delay + 1);
	if (at < g->last[from][to])
		at = g->last[from][to];
	g->last[from][to] = at;
	own.epoch = g->epoch[from];
	own.len = (uint32_t)n;
	world_later(w, at, EV_FRAME, g, from, to, &own, NULL, NULL, body, n);
}

int
world_role_send(void *arg, enum proc to, const struct ipc_hdr *h,
    const void *body, size_t n)
{
	struct slot	*s = arg;

	send_frame(s->gw, s->p, to, h, body, n);
	return (0);
}

int
world_frame(struct gw *g, enum proc from, enum proc to, uint32_t type,
    uint32_t req, uint32_t tunnel, const void *body)
{
	struct slot	 s = { g, from };
	struct role_io	 io = { .arg = &s, .send = world_role_send };

	return (role_send(&io, to, type, from == PROC_CONF ? g->gen :
	    reload_gen(g->reload), req, tunnel, body));
}

void
world_empty(struct gw *g, enum proc p)
{
	struct event	*e;
	size_t		 i;

	for (i = 0; i < g->w->nheap; i++) {
		e = g->w->heap[i];
		if (e->kind == EV_FRAME && e->gw == g && e->to == p)
			e->kind = EV_NONE;
	}
}

/* After anything happened to a role: let it do what is due, note the next. */
void
world_ticked(struct gw *g, enum proc p)
{
	uint64_t	 due;
	int		 was = world_enter(g->w, WORLD_AT(g->n, p));

	due = world_role(p)->tick == NULL ? DUE_NEVER :
	    world_role(p)->tick(g->self[p], g->w->now);
	(void)world_enter(g->w, was);
	if (due <= g->w->now)
		due = g->w->now + 1;
	if (due == DUE_NEVER || (g->due[p] > g->w->now && g->due[p] <= due))
		return;
	g->due[p] = due;
	world_later(g->w, due, EV_TICK, g, p, p, NULL, NULL, NULL, NULL, 0);
}

static void
frame(struct gw *g, struct event *e)
{
	const struct role	*r = world_role(e->to);
	struct ipc_msg		 m;
	int			 was, rv;

	if (r == NULL)
		return;
	/* Stays in the socket until it lives, and has a configuration. */
	if (g->self[e->to] == NULL || (g->conf[e->to].now->gen == 0 &&
	    e->from != PROC_PARENT && e->from != PROC_CONF)) {
		world_later(g->w, g->w->now + 1, EV_FRAME, g, e->from, e->to,
		    &e->h, NULL, NULL, e->d, e->n);
		return;
	}
	if (e->h.epoch < g->min_epoch[e->to][e->from])
		return;
	if (e->h.type == M_DIED && e->from == PROC_PARENT && e->n == 5)
		g->min_epoch[e->to][e->d[0]] = g->epoch[e->d[0]];
	if (getenv("WORLD_FRAMES") != NULL)
		fprintf(stderr, "%10.3f gw%zu %s > %s %s t%u r%x %zu\n",
		    (double)(g->w->now - 1000000) / 1000, g->n,
		    proc_name(e->from), proc_name(e->to),
		    msg_desc(e->h.type)->name, e->h.tunnel, e->h.req, e->n);
	memset(&m, 0, sizeof(m));
	m.h = e->h;
	m.from = e->from;
	m.d = e->d;
	m.fd = -1;
	was = world_enter(g->w, WORLD_AT(g->n, e->to));
	rv = role_dispatch(r, g->self[e->to], &g->conf[e->to],
	    &g->io[e->to], &m, g->w->now);
	(void)world_enter(g->w, was);
	if (rv == -1) {
		g->accused++;
		(void)snprintf(g->last_accused, sizeof(g->last_accused),
		    "%s accused %s: type %x", proc_name(e->to),
		    proc_name(e->from), e->h.type);
	}
	world_ticked(g, e->to);
}

int
world_step(struct world *w, uint64_t until)
{
	struct event	*e;

	if (w->nheap == 0 || w->heap[0]->at > until) {
		w->now = until;
		return (0);
	}
	e = heap_pop(w);
	if (e->at > w->now)
		w->now = e->at;
	w->events++;
	w->trace = (w->trace ^ (w->now << 8 ^ (uint64_t)e->kind ^
	    (uint64_t)e->h.type << 16 ^ e->n << 32)) * 0x100000001b3ULL;
	if (e->gw != NULL && e->gw->asleep > w->now) {
		world_later(w, e->gw->asleep, e->kind, e->gw, e->from, e->to,
		    &e->h, &e->src, &e->dst, e->d, e->n);
		free(e);
		return (1);
	}
	switch (e->kind) {
	case EV_FRAME:
		frame(e->gw, e);
		break;
	case EV_DGRAM:
		world_arrive(w, &e->src, &e->dst, e->d, e->n);
		break;
	case EV_RESTART:
		world_restart(e->gw, e->to);
		break;
	case EV_KILL:
		world_kill(e->gw, e->to, 1);
		break;
	case EV_CONF:
		world_conf_runs(e->gw);
		break;
	case EV_RELOAD:
		world_reload(e->gw);
		break;
	case EV_TICK:
		if (e->gw->self[e->to] == NULL ||
		    (e->at != e->gw->due[e->to] && e->at != e->gw->asleep))
			break;
		e->gw->due[e->to] = 0;
		world_ticked(e->gw, e->to);
		break;
	}
	free(e);
	return (1);
}

void
world_sleep(struct gw *g, uint64_t ms)
{
	g->asleep = g->w->now + ms;
}

void
world_run(struct world *w, uint64_t ms)
{
	uint64_t	 until = w->now + ms;

	while (world_step(w, until))
		;
}

int
world_until(struct world *w, int (*cond)(struct world *, void *), void *arg,
    uint64_t ms)
{
	uint64_t	 until = w->now + ms;

	while (!cond(w, arg))
		if (!world_step(w, until))
			return (cond(w, arg));
	return (1);
}

struct world *
world_new(const struct world_opt *o, size_t ngw)
{
	struct world	*w;
	struct gw	*g;
	size_t		 i;
	int		 p;

	if ((w = calloc(1, sizeof(*w))) == NULL ||
	    (w->gw = calloc(ngw, sizeof(*w->gw))) == NULL)
		abort();
	w->opt = *o;
	w->rng = o->seed * 0x9e3779b97f4a7c15ULL | 1;
	w->ngw = ngw;
	w->now = 1000000;
	w->link = 1;
	w->inside = -1;
	for (i = 0; i < ngw; i++) {
		g = &w->gw[i];
		g->n = i;
		g->w = w;
		g->roles = W_ROLES | (o->exec ? PB(PROC_EXEC) : 0);
		g->outer.af = 4;
		g->outer.a[0] = 198;
		g->outer.a[1] = 18;
		g->outer.a[2] = (uint8_t)(i >> 8);
		g->outer.a[3] = (uint8_t)i;
		for (p = 0; p < PROC_MAX; p++) {
			g->slot[p].gw = g;
			g->slot[p].p = (enum proc)p;
			g->epoch[p] = 1;
		}
		world_parent_new(g);
	}
	return (w);
}

void
world_free(struct world *w)
{
	size_t	 i;
	int	 p;

	for (i = 0; i < w->ngw; i++) {
		reload_free(w->gw[i].reload);
		for (p = 0; p < PROC_MAX; p++) {
			if (w->gw[i].self[p] == NULL)
				continue;
			world_role((enum proc)p)->free(w->gw[i].self[p]);
			conf_clear(&w->gw[i].conf[p]);
		}
	}
	for (i = 0; i < w->nheap; i++)
		free(w->heap[i]);
	free(w->heap);
	free(w->gw);
	free(w);
}
