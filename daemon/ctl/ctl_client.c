/* SPDX-License-Identifier: ISC */

/*
 * ctl_client.c: the clients of the control socket.  A client is a place in
 * its answer, not a buffer: the next part is made when it can take it, so a
 * slow reader costs one frame and nobody waits for it.
 */

#include <stdio.h>

#include "ctl_int.h"

enum {
	COUNTERS_WAIT = 200, COUNTERS_FRESH = 200,	/* ms */
	STATS_WAIT = 400, DONE_WAIT = 30000,
	PARTS = 256			/* of one client in one go */
};

static void	 pump(struct ctl_state *, struct client *, uint64_t);

static int
number(const struct ctl_state *s, const struct client *c)
{
	return ((int)(c - s->cl));
}

static void
drop(struct ctl_state *s, struct client *c)
{
	int	 i = number(s, c);

	c->state = CL_FREE;
	c->nout = 0;
	if (s->out.close != NULL)
		s->out.close(s->out.arg, i);
}

static void
finish(struct client *c, int err, const char *text)
{
	memset(&c->done, 0, sizeof(c->done));
	c->done.err = (uint8_t)err;
	(void)snprintf(c->done.text, sizeof(c->done.text), "%s", text);
	c->state = CL_END;
}

/* --- the parts; 1: one was made, 0: none now, look at the state again --- */

static int
make(struct client *c, uint32_t type, const void *body)
{
	struct wr	 w = wr_of(c->out, sizeof(c->out));

	if (u_put(&w, type, c->ureq, body) == -1)
		return (0);		/* too long for a frame: left out */
	c->nout = w.n;
	return (1);
}

static int
make_proc(struct ctl_state *s, struct client *c)
{
	const struct m_c_proc	*p;

	while (c->k < PROC_MAX) {
		p = &s->snap.proc[c->k++];
		if (p->since != 0 || p->pid != 0)
			return (make(c, M_U_PROC, p));
	}
	c->state = CL_TUNNELS;
	return (0);
}

static int
make_tunnel(struct ctl_state *s, struct client *c, uint64_t now)
{
	const struct sc_tunnel	*t;
	const struct tunnel	*conf;
	struct m_u_tunnel	 u;
	uint8_t			 views[SNAP_VIEWS];

	t = c->one != 0 && c->tunnel == 0 ? snap_find(&s->snap, c->one) :
	    c->one != 0 ? NULL : snap_next(&s->snap, c->tunnel);
	if (t == NULL) {
		finish(c, UERR_OK, "");
		return (0);
	}
	c->tunnel = t->id;
	c->k = 0;
	if ((conf = conf_find(s->conf, t->id)) == NULL)
		return (0);
	c->state = CL_CHILDREN;
	snap_tunnel(t, conf, now, &u, views);
	return (make(c, M_U_TUNNEL, &u));
}

static int
make_child(struct ctl_state *s, struct client *c)
{
	const struct sc_tunnel	*t = snap_find(&s->snap, c->tunnel);
	const struct sc_child	*ch = t == NULL ? NULL : t->child;
	struct m_u_child	 u;
	size_t			 i;

	for (i = 0; i < c->k && ch != NULL; i++)
		ch = ch->next;
	if (ch == NULL) {
		c->state = CL_TUNNELS;
		return (0);
	}
	c->k++;
	snap_child_part(ch, &u);
	return (make(c, M_U_CHILD, &u));
}

/* c->k is where the next counter of c->proc begins. */
static int
make_count(struct ctl_state *s, struct client *c)
{
	struct m_u_count	 u;
	struct stats		*st;
	struct rd		 r, name;

	for (; c->proc < PROC_MAX; c->proc++, c->k = 0) {
		st = &s->stats[c->proc];
		if (st->req != c->req || c->k >= st->n)
			continue;
		r = rd_of(st->d + c->k, st->n - c->k);
		memset(&u, 0, sizeof(u));
		if (rd_sub16(&r, &name) || rd_u64(&r, &u.value) ||
		    name.n >= sizeof(u.name))
			continue;	/* h_stats let no such thing in */
		c->k = st->n - r.n;
		u.proc = c->proc;
		memcpy(u.name, name.p, name.n);
		return (make(c, M_U_COUNT, &u));
	}
	finish(c, UERR_OK, "");
	return (0);
}

static int
make_line(struct ctl_state *s, struct client *c, uint64_t now)
{
	const struct line	*l;
	struct m_u_line		 u;
	char			 lost[64];

	memset(&u, 0, sizeof(u));
	if ((l = ring_get(&s->ring, c->seq)) == NULL) {
		if (c->follow)
			c->state = CL_FOLLOW;
		else
			finish(c, UERR_OK, "");
		return (0);
	}
	u.now = now;
	u.at = l->at;
	if (l->seq > c->seq) {		/* it read too slowly */
		(void)snprintf(lost, sizeof(lost), "(%llu lines are gone)",
		    (unsigned long long)(l->seq - c->seq));
		c->seq = l->seq;
		u.proc = PROC_CTL;
		u.level = 4;		/* LOG_WARNING */
		u.text = rd_of(lost, strlen(lost));
		return (make(c, M_U_LINE, &u));
	}
	c->seq = l->seq + 1;
	u.seq = l->seq;
	u.level = l->level;
	u.proc = l->proc;
	u.reason = l->reason;
	memcpy(u.tunnel, l->tunnel, sizeof(u.tunnel));
	u.text = rd_of(l->text, l->n);
	return (make(c, M_U_LINE, &u));
}

static int
part(struct ctl_state *s, struct client *c, uint64_t now)
{
	struct m_u_head	 h;

	switch (c->state) {
	case CL_HEAD:
		snap_head(&s->snap, s->conf, now, &h);
		if (c->one != 0)
			h.ntunnel = 1;
		c->state = CL_PROCS;
		c->k = 0;
		return (make(c, M_U_HEAD, &h));
	case CL_PROCS:
		return (make_proc(s, c));
	case CL_TUNNELS:
		return (make_tunnel(s, c, now));
	case CL_CHILDREN:
		return (make_child(s, c));
	case CL_COUNTS:
		return (make_count(s, c));
	case CL_LINES:
		return (make_line(s, c, now));
	case CL_END:
		c->state = CL_IDLE;
		c->due = now + CTL_PATIENCE;
		return (make(c, M_U_DONE, &c->done));
	default:
		return (0);
	}
}

static int
makes_parts(const struct client *c)
{
	return (c->state >= CL_HEAD && c->state != CL_FOLLOW);
}

/* Send what can be sent now; the rest when there is room or it is our turn. */
static void
pump(struct ctl_state *s, struct client *c, uint64_t now)
{
	int	 n, rv;

	for (n = 0; n < PARTS; n++) {
		while (c->nout == 0 && makes_parts(c))
			(void)part(s, c, now);
		if (c->nout == 0)
			break;
		if (s->out.send == NULL)
			return;
		rv = s->out.send(s->out.arg, number(s, c), c->out, c->nout);
		if (rv == -1) {
			drop(s, c);
			return;
		}
		if (rv == 0)
			return;		/* due says how long we wait */
		c->nout = 0;
		c->due = now + CTL_PATIENCE;
	}
	if (c->state == CL_IDLE && c->last && c->nout == 0)
		drop(s, c);
	else if (c->state == CL_FOLLOW && c->nout == 0)
		c->due = DUE_NEVER;
}

/* --- requests --- */

static const struct tunnel *
named(struct ctl_state *s, struct client *c, const char *name)
{
	const struct tunnel	*t = s->conf == NULL ? NULL :
				    conf_find_name(s->conf, name);
	char			 vis[4 * NAME_MAX_ + 1], why[TEXT_MAX];

	if (t != NULL)
		return (t);
	(void)ctl_vis(name, vis, sizeof(vis));
	(void)snprintf(why, sizeof(why), "there is no tunnel \"%s\": "
	    "`s2sctl status' lists them", vis);
	finish(c, UERR_NOTUNNEL, why);
	return (NULL);
}

/* Hand a request on; its M_C_DONE finds the way back by our number. */
static void
ask(struct ctl_state *s, struct client *c, enum proc to, uint32_t type,
    uint32_t tunnel, const void *body, uint64_t now)
{
	char	 why[TEXT_MAX];

	c->req = ++s->req;
	c->proc = (uint8_t)to;
	c->state = CL_DONE;
	c->due = now + DONE_WAIT;
	if (role_send(s->io, to, type, 0, c->req, tunnel, body) == 0)
		return;
	(void)snprintf(why, sizeof(why), "%s cannot be reached: try again",
	    proc_name(to));
	finish(c, UERR_BUSY, why);
}

static void
r_status(struct ctl_state *s, struct client *c, const char *name,
    uint64_t now)
{
	const struct tunnel	*t;

	c->one = c->tunnel = 0;
	c->state = CL_HEAD;
	if (name[0] != '\0') {
		if ((t = named(s, c, name)) == NULL)
			return;
		c->one = t->id;
	}
	c->asked = now < COUNTERS_FRESH ? 0 : now - COUNTERS_FRESH;
	if (snap_counted(&s->snap, c->asked))
		return;
	if (s->counters_at == 0 || s->counters_at + COUNTERS_FRESH <= now) {
		s->counters_at = now;
		(void)role_send(s->io, PROC_SAD, M_S_QUERY, 0, ++s->req, 0,
		    NULL);
	}
	c->state = CL_COUNTERS;
	c->due = now + COUNTERS_WAIT;
}

static void
r_stats(struct ctl_state *s, struct client *c, uint64_t now)
{
	int	 p;

	c->req = ++s->req;
	c->proc = 0;
	c->k = 0;
	c->state = CL_STATS;
	c->due = now + STATS_WAIT;
	for (p = 0; p < PROC_MAX; p++)
		if (proc_rows[PROC_CTL].links & PB(p))
			(void)role_send(s->io, (enum proc)p, M_STATS_Q, 0,
			    c->req, 0, NULL);
}

static void
r_log(struct ctl_state *s, struct client *c, const struct m_u_log *m)
{
	uint64_t	 n = m->lines == 0 || m->lines > CTL_LINES ?
			    CTL_LINES : m->lines;

	c->seq = s->ring.next > n ? s->ring.next - n : 1;
	c->follow = m->follow;
	c->state = CL_LINES;
}

static void
request(struct ctl_state *s, struct client *c, uint32_t type,
    const void *body, uint64_t now)
{
	const struct m_u_name	*name = body;
	const struct m_u_rekey	*rekey = body;
	const struct tunnel	*t;
	struct m_c_rekey	 r;

	if (!c->root && type != M_U_STATUS && type != M_U_LOG &&
	    type != M_U_STATS) {
		finish(c, UERR_PERM, "only root may do that");
		return;
	}
	switch (type) {
	case M_U_STATUS:
		r_status(s, c, name->name, now);
		break;
	case M_U_UP:
	case M_U_DOWN:
		if ((t = named(s, c, name->name)) != NULL)
			ask(s, c, PROC_IKE, type == M_U_UP ? M_C_UP : M_C_DOWN,
			    t->id, NULL, now);
		break;
	case M_U_REKEY:
		if (rekey->what > 1)
			finish(c, UERR_SYNTAX, "rekey: child or ike");
		else if ((t = named(s, c, rekey->name)) != NULL) {
			r.what = rekey->what;
			ask(s, c, PROC_IKE, M_C_REKEY, t->id, &r, now);
		}
		break;
	case M_U_RELOAD:
	case M_U_STOP:
		ask(s, c, PROC_PARENT, type == M_U_STOP ? M_C_STOP :
		    M_C_RELOAD, 0, NULL, now);
		break;
	case M_U_LOG:
		r_log(s, c, body);
		break;
	case M_U_STATS:
		r_stats(s, c, now);
		break;
	default:
		finish(c, UERR_UNKNOWN, "no such request");
	}
}

/* Why is this no request?  The header at least must be one. */
static void
bad_request(struct client *c, struct rd r)
{
	struct ipc_hdr	 h;

	c->last = 1;
	c->ureq = 0;
	if (ipc_hdr_get(&r, &h) == -1 || h.len != r.n) {
		finish(c, UERR_SYNTAX, "not a request");
		return;
	}
	c->ureq = h.req;
	if (h.epoch != CTL_VERSION)
		finish(c, UERR_VERSION, "this s2sctl is of another version "
		    "than s2sd: restart s2sd");
	else if (u_desc(h.type) == NULL)
		finish(c, UERR_UNKNOWN, "no such request");
	else
		finish(c, UERR_SYNTAX, "malformed request");
}

void
ctl_client_input(void *self, int client, const uint8_t *p, size_t n,
    uint64_t now)
{
	struct ctl_state *s = self;
	struct client	*c = &s->cl[client];
	struct ipc_hdr	 h;
	union {
		uint64_t align;
		uint8_t	 room[MSG_STRUCT_MAX];
	} body;

	if (c->state == CL_FREE)
		return;
	if (c->state != CL_IDLE || c->nout > 0 || c->last) {
		drop(s, c);		/* one thing at a time */
		return;
	}
	c->due = now + CTL_PATIENCE;
	if (n > CTL_REQUEST_MAX || u_get(rd_of(p, n), &h, body.room) == -1)
		bad_request(c, rd_of(p, n));
	else {
		c->ureq = h.req;
		request(s, c, h.type, body.room, now);
	}
	pump(s, c, now);
}

/* --- coming and going --- */

int
ctl_client_open(void *self, uint32_t uid, uint64_t now, uint8_t *no,
    size_t *n)
{
	struct ctl_state *s = self;
	struct m_u_done	 d;
	struct client	*c;
	struct wr	 w = wr_of(no, CTL_NO_MAX);
	int		 i, group;

	*n = 0;
	memset(&d, 0, sizeof(d));
	group = s->conf != NULL && s->conf->now->g.group[0] != '\0';
	/* the first places are root's alone: nobody can lock him out */
	for (i = uid == 0 ? 0 : CTL_ROOT; i < CTL_CLIENTS; i++)
		if (s->cl[i].state == CL_FREE)
			break;
	if (i < CTL_CLIENTS && (uid == 0 || group)) {
		c = &s->cl[i];
		c->state = CL_IDLE;
		c->root = uid == 0;
		c->last = 0;
		c->nout = 0;
		c->due = now + CTL_PATIENCE;
		return (i);
	}
	s->refused++;
	d.err = i == CTL_CLIENTS ? UERR_BUSY : UERR_PERM;
	(void)snprintf(d.text, sizeof(d.text), "%s", i == CTL_CLIENTS ?
	    "too many clients at once: try again" :
	    "only root may ask (or the group of `set control group')");
	if (u_put(&w, M_U_DONE, 0, &d) == 0)
		*n = w.n;
	return (-1);
}

void
ctl_client_writable(void *self, int client, uint64_t now)
{
	struct ctl_state *s = self;

	if (s->cl[client].state != CL_FREE)
		pump(s, &s->cl[client], now);
}

int
ctl_client_waits(const void *self, int client)
{
	const struct ctl_state	*s = self;

	return (s->cl[client].state != CL_FREE && s->cl[client].nout > 0);
}

void
ctl_client_gone(void *self, int client)
{
	struct ctl_state *s = self;

	s->cl[client].state = CL_FREE;
	s->cl[client].nout = 0;
}

/* --- what others bring --- */

static int
stats_complete(const struct ctl_state *s, uint32_t req)
{
	int	 p;

	for (p = PROC_PARENT + 1; p < PROC_MAX; p++)
		if (proc_rows[PROC_CTL].links & PB(p) && s->snap.proc[p].up &&
		    s->stats[p].req != req)
			return (0);
	return (1);
}

void
client_wake(struct ctl_state *s, enum cl_state state, uint64_t now)
{
	struct client	*c;

	for (c = s->cl; c < s->cl + CTL_CLIENTS; c++) {
		if (c->state != state)
			continue;
		if (state == CL_COUNTERS && snap_counted(&s->snap, c->asked))
			c->state = CL_HEAD;
		else if (state == CL_STATS && stats_complete(s, c->req))
			c->state = CL_COUNTS;
		else if (state == CL_FOLLOW) {
			c->state = CL_LINES;
			c->due = now + CTL_PATIENCE;
		} else
			continue;
		pump(s, c, now);
	}
}

/* Text of several lines, each made harmless. */
static void
vis_lines(const char *text, char *out, size_t max)
{
	char	 one[TEXT_MAX];
	size_t	 n = 0, len;

	out[0] = '\0';
	for (; n + 1 < max; text += len + 1) {
		len = strcspn(text, "\n");
		(void)snprintf(one, sizeof(one), "%.*s", (int)len, text);
		n += ctl_vis(one, out + n, max - n);
		if (text[len] == '\0' || n + 2 > max)
			return;
		out[n++] = '\n';
		out[n] = '\0';
	}
}

void
client_done(struct ctl_state *s, uint32_t req, int err, const char *text,
    uint64_t now)
{
	struct client	*c;
	char		 vis[TEXT_MAX];

	for (c = s->cl; c < s->cl + CTL_CLIENTS; c++)
		if (c->state == CL_DONE && c->req == req) {
			vis_lines(text, vis, sizeof(vis));
			finish(c, err, vis);
			pump(s, c, now);
			return;
		}
}

void
client_fail(struct ctl_state *s, enum proc who, uint64_t now)
{
	struct client	*c;
	char		 why[TEXT_MAX];

	(void)snprintf(why, sizeof(why), "%s was started anew just now: try "
	    "again", proc_name(who));
	for (c = s->cl; c < s->cl + CTL_CLIENTS; c++)
		if (c->state == CL_DONE && c->proc == who) {
			finish(c, UERR_BUSY, why);
			pump(s, c, now);
		}
}

static void
overdue(struct ctl_state *s, struct client *c, uint64_t now)
{
	switch (c->state) {
	case CL_COUNTERS:		/* those that we have, then */
		c->state = CL_HEAD;
		break;
	case CL_STATS:
		c->state = CL_COUNTS;
		break;
	case CL_DONE:
		finish(c, UERR_TIMEOUT, "no answer: see s2sctl log");
		break;
	default:
		drop(s, c);
		return;
	}
	c->due = now + CTL_PATIENCE;
	pump(s, c, now);
}

uint64_t
client_tick(struct ctl_state *s, uint64_t now)
{
	struct client	*c;
	uint64_t	 next = DUE_NEVER;

	for (c = s->cl; c < s->cl + CTL_CLIENTS; c++) {
		if (c->state == CL_FREE)
			continue;
		if (c->due <= now)
			overdue(s, c, now);
		else if (makes_parts(c) && c->nout == 0)
			pump(s, c, now);	/* had its share last time */
		if (c->state == CL_FREE)
			continue;
		if (makes_parts(c) && c->nout == 0)
			return (now);
		if (c->due < next)
			next = c->due;
	}
	return (next);
}
