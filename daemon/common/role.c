/* SPDX-License-Identifier: ISC */

/* role.c: frames to the handlers of a role, and its answers to frames. */

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "role.h"

int
role_send(const struct role_io *io, enum proc to, uint32_t type, uint32_t gen,
    uint32_t req, uint32_t tunnel, const void *body)
{
	const struct msg_desc	*d;
	struct ipc_hdr		 h;
	struct wr		 w;
	uint8_t			 buf[IPC_BODY_MAX];
	int			 rv = -1;

	w = wr_of(buf, sizeof(buf));
	if ((d = msg_desc(type)) == NULL)
		return (-1);
	if (d->nf > 0 && msg_put(d, &w, body) == -1)
		goto out;
	memset(&h, 0, sizeof(h));
	h.type = type;
	h.len = (uint32_t)w.n;
	h.gen = gen;
	h.req = req;
	h.tunnel = tunnel;
	rv = io->send(io->arg, to, &h, buf, w.n);
 out:
	explicit_bzero(buf, w.n);	/* may have carried a key */
	return (rv);
}

void
role_log(const struct role_io *io, int level, uint32_t tunnel, int reason,
    const char *fmt, ...)
{
	char	 text[TEXT_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	io->log(io->arg, level, tunnel, reason, text);
}

static void
refuse(const struct role_io *io, uint32_t gen, const char *why)
{
	struct m_text	 t;

	(void)snprintf(t.text, sizeof(t.text), "%s", why);
	(void)role_send(io, PROC_PARENT, M_CONF_REFUSED, gen, 0, 0, &t);
}

/* In the middle of a change: only a new life helps. */
static int
unable(const struct role_io *io, uint32_t gen)
{
	refuse(io, gen, "out of memory while the configuration was taken up");
	return (0);
}

/* All tunnels have come: the role looks at them as a whole. */
static void
conf_end(const struct role *role, void *self, struct conf *c,
    const struct role_io *io, uint32_t gen)
{
	char	 why[TEXT_MAX];

	if (c->next == NULL || c->next->gen != gen) {
		refuse(io, gen, "the configuration did not arrive whole");
		return;
	}
	(void)snprintf(why, sizeof(why), "refused");
	if (role->check != NULL &&
	    role->check(self, c->next, why, sizeof(why)) == -1) {
		conf_abort(c);
		refuse(io, gen, why);
		return;
	}
	(void)role_send(io, PROC_PARENT, M_CONF_READY, gen, 0, 0, NULL);
}

static int
conf_begin_frame(struct conf *c, uint32_t gen, struct rd rest)
{
	struct global	 g;

	if (global_get(rest, &g) == -1)
		return (-1);
	if (conf_begin(c, gen, &g) == -1)
		conf_abort(c);		/* no memory: conf_end refuses */
	return (0);
}

static int
conf_tunnel_frame(struct conf *c, const struct ipc_hdr *h, struct rd rest)
{
	struct tunnel	 t;

	if (h->tunnel == 0 || tunnel_get(rest, &t) == -1)
		return (-1);
	t.id = h->tunnel;
	if (c->next != NULL && (c->next->gen != h->gen ||
	    conf_add(c, &t) == -1))
		conf_abort(c);
	return (0);
}

/* The frames that every role takes from the parent; 1: not one of them. */
static int
parent_frame(const struct role *role, void *self, struct conf *c,
    const struct role_io *io, const struct ipc_hdr *h, const void *body,
    uint64_t now)
{
	const struct m_conf	*mc = body;
	const struct m_died	*md = body;

	switch (h->type) {
	case M_CONF_BEGIN:
		return (conf_begin_frame(c, h->gen, mc->rest));
	case M_CONF_TUNNEL:
		return (conf_tunnel_frame(c, h, mc->rest));
	case M_CONF_END:
		conf_end(role, self, c, io, h->gen);
		return (0);
	case M_CONF_NEW:
		if (c->next == NULL || c->next->gen != h->gen)
			return (-1);
		conf_commit_new(c);
		if (role->added != NULL && role->added(self, c, now) == -1)
			return (unable(io, h->gen));
		break;
	case M_CONF_GONE:
		if (c->now->gen != h->gen)
			return (-1);
		/* what could not let go of the old set may still point to it */
		if (role->removed != NULL && role->removed(self, c, now) == -1)
			return (unable(io, h->gen));
		conf_commit_gone(c);
		break;
	case M_CONF_ABORT:
		conf_abort(c);
		return (0);
	case M_DIED:
		if (md->proc >= PROC_MAX)
			return (-1);
		if (role->died != NULL)
			role->died(self, (enum proc)md->proc, now);
		return (0);
	case M_GO:
		if (role->go != NULL)
			role->go(self, now);
		return (0);
	default:
		return (1);
	}
	(void)role_send(io, PROC_PARENT, M_CONF_DONE, h->gen, 0, 0, NULL);
	return (0);
}

static void
stats(const struct role *role, void *self, const struct role_io *io,
    uint32_t req)
{
	struct role_counter	 c[ROLE_COUNTERS_MAX];
	struct m_stats		 m;
	struct wr		 w;
	uint8_t			 buf[IPC_BODY_MAX];
	size_t			 i, n = 0;

	if (role->counters != NULL)
		n = role->counters(self, c, nitems(c));
	w = wr_of(buf, sizeof(buf));
	for (i = 0; i < n; i++) {
		wr_sub16(&w, rd_of(c[i].name, strlen(c[i].name)));
		wr_u64(&w, c[i].value);
	}
	m.rest = rd_of(buf, w.n);
	if (wr_end(&w) == 0)
		(void)role_send(io, PROC_CTL, M_STATS, 0, req, 0, &m);
}

/* The struct of a body lives here: aligned for all of them. */
union body {
	uint64_t	 align;
	uint8_t		 room[MSG_STRUCT_MAX];
};

static int
dispatch(const struct role *role, void *self, struct conf *c,
    const struct role_io *io, struct ipc_msg *m, void *body, uint64_t now)
{
	const struct role_rule	*r;
	int			 rv;

	if (m->from == PROC_PARENT && (rv = parent_frame(role, self, c, io,
	    &m->h, body, now)) != 1)
		return (rv);
	if (m->h.type == M_STATS_Q) {
		stats(role, self, io, m->h.req);
		return (0);
	}
	for (r = role->rules; r < role->rules + role->nrules; r++)
		if (r->type == m->h.type && r->from & PB(m->from))
			return (r->fn(self, m, body, now));
	return (-1);
}

int
role_dispatch(const struct role *role, void *self, struct conf *c,
    const struct role_io *io, struct ipc_msg *m, uint64_t now)
{
	const struct msg_desc	*d;
	union body		 body;
	size_t			 min, max;
	int			 rv = -1;

	if ((d = msg_desc(m->h.type)) == NULL || !(d->from & PB(m->from)) ||
	    !(d->to & PB(role->id)) || d->size > sizeof(body))
		goto out;
	msg_bounds(d, &min, &max);
	if (m->h.len < min || m->h.len > max)
		goto out;
	if (msg_get(d, rd_of(m->d, m->h.len), body.room) == 0)
		rv = dispatch(role, self, c, io, m, body.room, now);
	explicit_bzero(body.room, d->size);
 out:
	explicit_bzero(m->d, m->h.len);
	return (rv);
}
