/* SPDX-License-Identifier: ISC */

/* ctl.c: s2sd-ctl as a role: the frames that the others send it. */

#include <stdio.h>
#include <stdlib.h>

#include "ctl_int.h"

static int
h_log(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;
	const struct m_log	*l = body;
	struct sc_tunnel	*t;

	if (l->level > 7 || l->reason >= R_MAX)
		return (-1);
	if ((m->from == PROC_ESP || m->from == PROC_HOST) &&
	    l->reason == R_NAT_REWRITE &&
	    (t = snap_find(&s->snap, m->h.tunnel)) != NULL)
		t->rewritten = now;
	ctl_log(self, m->from, l->level, m->h.tunnel, l->reason, l->text, now);
	return (0);
}

void
ctl_log(void *self, enum proc from, int level, uint32_t tunnel, int reason,
    const char *text, uint64_t now)
{
	struct ctl_state	*s = self;
	const struct tunnel	*t;
	const struct line	*kept;
	struct line		 l;

	memset(&l, 0, sizeof(l));
	l.at = now;
	l.level = (uint8_t)level;
	l.proc = (uint8_t)from;
	l.reason = (uint16_t)reason;
	t = tunnel == 0 || s->conf == NULL ? NULL : conf_find(s->conf, tunnel);
	if (t != NULL)
		memcpy(l.tunnel, t->name, sizeof(l.tunnel));
	if (ring_add(&s->ring, &l, text) == -1) {
		s->lost++;
		return;
	}
	kept = ring_get(&s->ring, s->ring.next - 1);
	if (s->out.line != NULL)
		s->out.line(s->out.arg, level, kept->text);
	client_wake(s, CL_FOLLOW, now);
}

static int
h_state(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;
	const struct m_c_state	*st = body;
	struct sc_tunnel	*t;

	(void)now;
	if (st->state > TS_OFF || st->reason >= R_MAX || st->after >= R_MAX)
		return (-1);
	if ((t = snap_find(&s->snap, m->h.tunnel)) != NULL)
		snap_state(t, st);
	return (0);
}

static int
h_child(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;
	struct sc_tunnel	*t;

	(void)now;
	if ((t = snap_find(&s->snap, m->h.tunnel)) == NULL)
		return (0);
	return (snap_child(t, body));
}

static int
h_counters(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;
	const struct m_s_counters *c = body;

	(void)m;
	if (snap_counters(&s->snap, c->rest, now) == -1)
		return (-1);
	client_wake(s, CL_COUNTERS, now);
	return (0);
}

static int
h_caps(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;

	(void)m;
	(void)now;
	s->snap.caps = *(const struct m_s_caps *)body;
	return (0);
}

static int
h_proc(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;
	const struct m_c_proc	*p = body;

	(void)m;
	(void)now;
	if (p->proc >= PROC_MAX || p->up > 1 || p->lacks > 1)
		return (-1);
	s->snap.proc[p->proc] = *p;
	return (0);
}

static int
h_file(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;

	(void)m;
	(void)now;
	s->snap.file = *(struct m_c_file *)body;
	return (0);
}

static int
h_done(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	const struct m_c_done	*d = body;

	client_done(self, m->h.req, d->err == 0 ? UERR_OK : UERR_REFUSED,
	    d->text, now);
	return (0);
}

static int
h_stats(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ctl_state	*s = self;
	const struct m_stats	*st = body;
	struct stats		*to = &s->stats[m->from];
	struct rd		 r = st->rest, name;
	uint64_t		 v;
	uint8_t			*copy;
	size_t			 i;

	while (r.n > 0) {
		if (rd_sub16(&r, &name) || rd_u64(&r, &v) || name.n == 0 ||
		    name.n >= 64)
			return (-1);
		for (i = 0; i < name.n; i++)
			if (name.p[i] <= ' ' || name.p[i] >= 0x7f)
				return (-1);
	}
	if ((copy = malloc(st->rest.n + 1)) == NULL)
		return (0);
	memcpy(copy, st->rest.p, st->rest.n);
	free(to->d);
	to->d = copy;
	to->n = st->rest.n;
	to->req = m->h.req;
	client_wake(s, CL_STATS, now);
	return (0);
}

#define ANYBODY	(~0u)		/* msg.c says who may */

static const struct role_rule rules[] = {
	{ M_LOG,	ANYBODY,		h_log },
	{ M_STATS,	ANYBODY,		h_stats },
	{ M_C_STATE,	PB(PROC_IKE),		h_state },
	{ M_C_CHILD,	PB(PROC_IKE),		h_child },
	{ M_S_COUNTERS,	PB(PROC_SAD),		h_counters },
	{ M_S_CAPS,	PB(PROC_SAD),		h_caps },
	{ M_C_PROC,	PB(PROC_PARENT),	h_proc },
	{ M_C_FILE,	PB(PROC_PARENT),	h_file },
	{ M_C_DONE,	PB(PROC_IKE) | PB(PROC_PARENT), h_done },
};

/* --- the role --- */

static void *
ctl_new(const struct role_io *io)
{
	struct ctl_state	*s;

	if ((s = calloc(1, sizeof(*s))) != NULL)
		s->io = io;
	return (s);
}

static void
ctl_free(void *self)
{
	struct ctl_state	*s = self;
	int			 p;

	if (s == NULL)
		return;
	for (p = 0; p < PROC_MAX; p++)
		free(s->stats[p].d);
	ring_clear(&s->ring);
	snap_clear(&s->snap);
	free(s);
}

void
ctl_set_output(void *self, const struct ctl_out *out)
{
	struct ctl_state	*s = self;

	s->out = *out;
}

static uint64_t
ctl_tick(void *self, uint64_t now)
{
	return (client_tick(self, now));
}

static void
ctl_died(void *self, enum proc who, uint64_t now)
{
	struct ctl_state	*s = self;

	/* its next life does not know the children of this one: those that
	 * it still has are said again */
	if (who == PROC_IKE)
		snap_orphans(&s->snap);
	client_fail(self, who, now);
}

static int
ctl_added(void *self, const struct conf *c, uint64_t now)
{
	struct ctl_state	*s = self;
	size_t			 i;

	s->conf = c;
	for (i = 0; i < c->now->n; i++)
		if (snap_add(&s->snap, c->now->t[i]->id, now) == -1)
			return (-1);
	return (0);
}

static int
ctl_removed(void *self, const struct conf *c, uint64_t now)
{
	struct ctl_state	*s = self;
	size_t			 i;

	(void)now;
	for (i = 0; c->old != NULL && i < c->old->n; i++)
		if (conf_set_find(c->now, c->old->t[i]->id) == NULL)
			snap_del(&s->snap, c->old->t[i]->id);
	return (0);
}

const struct role role_ctl = {
	.id = PROC_CTL,
	.rules = rules,
	.nrules = nitems(rules),
	.new = ctl_new,
	.free = ctl_free,
	.tick = ctl_tick,
	.died = ctl_died,
	.added = ctl_added,
	.removed = ctl_removed,
};
