/* SPDX-License-Identifier: ISC */

/* frames.c: frames between the parent and its children. */

#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <event2/event.h>

#include "parent.h"

/* The struct of a body: aligned for all of them. */
union body {
	uint64_t	 align;
	uint8_t		 room[MSG_STRUCT_MAX];
};

struct reader {
	struct parent	*p;
	enum proc	 who;
};

static struct reader	readers[PROC_MAX];

void
frames_send(struct parent *p, enum proc to, const struct ipc_hdr *h,
    const void *body, size_t len)
{
	struct child	*c = &p->child[to];

	if (c->chan == NULL)
		return;
	if (ipc_chan_send(c->chan, h, body, len, -1) == -1)
		spawn_end(p, to, "does not read what it is sent");
	if (ipc_chan_waiting(c->chan))
		(void)event_add(c->wr, NULL);
}

void
frames_body(struct parent *p, enum proc to, uint32_t type, uint32_t req,
    const void *body)
{
	const struct msg_desc	*d = msg_desc(type);
	struct ipc_hdr		 h;
	struct wr		 w;
	uint8_t			 buf[2048];

	w = wr_of(buf, sizeof(buf));
	if (d == NULL || (d->nf > 0 && msg_put(d, &w, body) == -1))
		return;
	memset(&h, 0, sizeof(h));
	h.type = type;
	h.req = req;
	frames_send(p, to, &h, buf, w.n);
}

void
frames_proc(struct parent *p, enum proc who)
{
	const struct child	*c = &p->child[who];
	struct m_c_proc		 m;
	struct m_c_file		 f;

	if (!p->child[PROC_CTL].up || who == PROC_CONF)
		return;
	memset(&m, 0, sizeof(m));
	m.proc = (uint8_t)who;
	m.up = who == PROC_PARENT || c->up;
	m.lacks = who == PROC_KEYS && p->lacks;
	m.pid = (uint32_t)(who == PROC_PARENT ? getpid() : c->pid);
	m.restarts = c->life.count;
	m.since = c->since;
	frames_body(p, PROC_CTL, M_C_PROC, 0, &m);
	if (who != PROC_PARENT)
		return;
	memset(&f, 0, sizeof(f));
	(void)strlcpy(f.path, p->file, sizeof(f.path));
	frames_body(p, PROC_CTL, M_C_FILE, 0, &f);
}

/* --- what children say --- */

static int
hello(struct parent *p, enum proc from, const struct m_hello *m)
{
	if (p->child[from].up)
		return (-1);
	if (strcmp(m->build, s2sd_build) != 0) {
		parent_log(p, LOG_ERR, "%s is of another build (%s, not %s): "
		    "upgraded? restart s2sd", proc_name(from), m->build,
		    s2sd_build);
		spawn_end(p, from, "of another build");
		return (0);
	}
	p->child[from].up = 1;
	run_hello(p, from, m->note);
	return (0);
}

static int
accused(struct parent *p, enum proc from, const struct m_accuse *m)
{
	if (m->proc == PROC_PARENT || m->proc >= PROC_MAX ||
	    !(proc_rows[from].links & PB(m->proc)))
		return (-1);
	p->n_accused++;
	parent_log(p, LOG_ERR, "%s sent %s a frame that none of ours sends "
	    "(type 0x%x: %s): ended", proc_name((enum proc)m->proc),
	    proc_name(from), m->type, m->why);
	spawn_end(p, (enum proc)m->proc, "sent nonsense");
	return (0);
}

static int
stats(struct parent *p, uint32_t req)
{
	const struct { const char *name; uint64_t v; } all[] = {
		{ "reloads", p->n_reload }, { "reloads-refused", p->n_refused },
		{ "processes-accused", p->n_accused }
	};
	struct m_stats	 m;
	struct wr	 w;
	uint8_t		 buf[256];
	size_t		 i;

	w = wr_of(buf, sizeof(buf));
	for (i = 0; i < nitems(all); i++) {
		wr_sub16(&w, rd_of(all[i].name, strlen(all[i].name)));
		wr_u64(&w, all[i].v);
	}
	if (wr_end(&w) == -1)
		return (0);
	m.rest = rd_of(buf, w.n);
	frames_body(p, PROC_CTL, M_STATS, req, &m);
	return (0);
}

/* The system's log was started anew: s2sd-ctl cannot reach it by itself. */
static int
log_again(struct parent *p, const struct m_fd *m)
{
	struct child	*c = &p->child[PROC_CTL];
	struct ipc_hdr	 h;
	uint8_t		 what = FD_SYSLOG;

	if (m->what != FD_SYSLOG)
		return (-1);
	if (p->debug || fds_syslog(p) == -1)
		return (0);		/* it asks again when it has more */
	memset(&h, 0, sizeof(h));
	h.type = M_FD;
	if (ipc_chan_send(c->chan, &h, &what, 1, p->syslog) == 0 &&
	    ipc_chan_waiting(c->chan))
		(void)event_add(c->wr, NULL);
	return (0);
}

static int
handle(struct parent *p, const struct ipc_msg *m, const void *body)
{
	struct m_c_done	 done;

	if (m->from != PROC_CONF && !p->child[m->from].up &&
	    m->h.type != M_HELLO)
		return (-1);
	switch (m->h.type) {
	case M_HELLO:
		return (hello(p, m->from, body));
	case M_ACCUSE:
		return (accused(p, m->from, body));
	case M_FD:
		return (log_again(p, body));
	case M_STATS_Q:
		return (stats(p, m->h.req));
	case M_H_EXEC:
		if (m->from != PROC_HOST)
			return (-1);
		run_exec(p);
		return (0);
	case M_C_RELOAD:
		run_reload(p, m->h.req);
		return (0);
	case M_C_STOP:
		memset(&done, 0, sizeof(done));
		frames_body(p, PROC_CTL, M_C_DONE, m->h.req, &done);
		run_stop(p, 1);
		return (0);
	default:
		return (reload_frame(p->reload, m, body, run_now()));
	}
}

/* Type, sender, length and content are of the table, or the sender ends. */
static int
take(struct parent *p, const struct ipc_msg *m)
{
	const struct msg_desc	*d;
	union body		 body;
	size_t			 min, max;

	if ((d = msg_desc(m->h.type)) == NULL || !(d->from & PB(m->from)) ||
	    !(d->to & PB(PROC_PARENT)) || d->size > sizeof(body))
		return (-1);
	msg_bounds(d, &min, &max);
	if (m->h.len < min || m->h.len > max ||
	    msg_get(d, rd_of(m->d, m->h.len), body.room) == -1)
		return (-1);
	return (handle(p, m, body.room));
}

static void
nonsense(struct parent *p, enum proc who, uint32_t type)
{
	parent_log(p, LOG_ERR, "%s sent s2sd a frame that none of ours sends "
	    "(type 0x%x): ended", proc_name(who), type);
	p->n_accused++;
	(void)event_del(p->child[who].rd);
	spawn_end(p, who, "sent nonsense");
}

/* Returns 0 when there is nothing more to read. */
static int
one(struct parent *p, enum proc who)
{
	static uint8_t	 buf[IPC_FRAME_MAX];
	struct child	*c = &p->child[who];
	struct ipc_msg	 m;

	if (c->chan == NULL)
		return (0);
	switch (ipc_chan_recv(c->chan, buf, &m)) {
	case 1:
		if (take(p, &m) == -1) {
			nonsense(p, who, m.h.type);
			return (0);
		}
		return (1);
	case -2:
		nonsense(p, who, 0);
		return (0);
	default:
		return (0);	/* -1 cannot be: we hold the other end too */
	}
}

void
frames_drain(struct parent *p, enum proc who)
{
	while (one(p, who))
		;
}

static void
on_read(int fd, short what, void *arg)
{
	struct reader	*r = arg;
	int		 n;

	(void)fd;
	(void)what;
	for (n = 0; n < IPC_BURST && one(r->p, r->who); n++)
		;
	run_timer(r->p);
}

static void
on_write(int fd, short what, void *arg)
{
	struct reader	*r = arg;
	struct child	*c = &r->p->child[r->who];

	(void)fd;
	(void)what;
	if (ipc_chan_flush(c->chan) == 1)
		(void)event_add(c->wr, NULL);
	else
		reload_room(r->p->reload, r->who);
}

/* --- the parent's own ends --- */

int
frames_open(struct parent *p, enum proc who)
{
	struct child	*c = &p->child[who];
	struct reader	*r = &readers[who];
	int		 fd;

	r->p = p;
	r->who = who;
	if ((fd = fcntl(p->ends[PROC_PARENT][who], F_DUPFD_CLOEXEC,
	    p->ends[PROC_PARENT][who])) == -1)
		return (-1);
	if ((c->chan = ipc_chan_new(fd, PROC_PARENT, who)) == NULL) {
		(void)close(fd);
		return (-1);
	}
	ipc_chan_epoch(c->chan, 1, c->life.epoch);
	c->rd = event_new(p->base, fd, EV_READ | EV_PERSIST, on_read, r);
	c->wr = event_new(p->base, fd, EV_WRITE, on_write, r);
	if (c->rd == NULL || c->wr == NULL || event_add(c->rd, NULL) == -1) {
		frames_close(p, who);
		return (-1);
	}
	return (0);
}

void
frames_close(struct parent *p, enum proc who)
{
	struct child	*c = &p->child[who];

	if (c->rd != NULL)
		event_free(c->rd);
	if (c->wr != NULL)
		event_free(c->wr);
	c->rd = c->wr = NULL;
	ipc_chan_free(c->chan);
	c->chan = NULL;
}
