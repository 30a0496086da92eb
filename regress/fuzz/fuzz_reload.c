/* SPDX-License-Identifier: ISC */

/*
 * fuzz_reload.c: frames as the parent gets them, between births, deaths and
 * time, into the reload machine.  One event is an octet what and an octet
 * who; a frame follows as a 16 bit length and its octets, header first.
 *
 * Beside memory it watches three promises: nobody is told NEW or GONE of a
 * generation that he was not given whole; while s2sd-conf runs no second
 * one is started; done() comes once for each beginning.
 */

#include <stdint.h>
#include <stdlib.h>

#include "reload.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum what { UP, DOWN, START, TIME, ROOM, EXIT_OK, EXIT_BAD, DRAIN, FULL, FRAME };

struct world {
	struct reload	*r;
	uint32_t	 whole[PROC_MAX];	/* generation that was END'ed */
	uint32_t	 up;
	int		 conf, full;
	unsigned int	 begun, done;
};

/* The struct of a body: aligned for all of them. */
union body {
	uint64_t	 align;
	uint8_t		 room[MSG_STRUCT_MAX];
};

static void
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct world	*w = arg;

	if ((unsigned int)to >= PROC_MAX || len > IPC_BODY_MAX ||
	    (len > 0 && body == NULL) || !(w->up & PB(to)))
		abort();
	if (h->type == M_CONF_BEGIN)
		w->whole[to] = 0;
	if (h->type == M_CONF_END)
		w->whole[to] = h->gen;
	if ((h->type == M_CONF_NEW || h->type == M_CONF_GONE) &&
	    w->whole[to] != h->gen)
		abort();
}

static int
io_room(void *arg, enum proc to)
{
	struct world	*w = arg;

	(void)to;
	return (!w->full);
}

static int
io_conf_start(void *arg, const char *mode, uint32_t gen)
{
	struct world	*w = arg;

	if (w->conf || mode == NULL || gen == 0)
		abort();
	w->conf = 1;
	return (0);
}

static void
io_conf_stop(void *arg)
{
	struct world	*w = arg;

	if (!w->conf)
		abort();
	w->conf = 0;
}

static void
io_fail(void *arg, enum proc who, const char *why)
{
	struct world	*w = arg;

	if (why == NULL || !(w->up & PB(who)))
		abort();
}

static void
io_ready(void *arg, enum proc who)
{
	struct world	*w = arg;

	if (!reload_is_ready(w->r, who))
		abort();
}

static void
io_done(void *arg, int err, const char *text)
{
	struct world	*w = arg;

	if ((err && text[0] == '\0') || ++w->done > w->begun)
		abort();
}

static void
io_lacks(void *arg, int on)
{
	(void)arg;
	(void)on;
}

static void
io_error(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

static void
io_global(void *arg, struct global *g)
{
	(void)arg;
	g->verbose = 1;
}

/* It sent nonsense: the parent ends it, and hears of its death. */
static void
ended(struct world *w, enum proc p, uint64_t now)
{
	if (p == PROC_CONF && w->conf) {
		w->conf = 0;
		reload_conf_exit(w->r, 0, now);
	} else if (w->up & PB(p)) {
		w->up &= ~PB(p);
		reload_down(w->r, p, now);
	}
}

/* What frames.c does with it before the machine sees it. */
static void
frame(struct world *w, enum proc from, struct rd r, uint64_t now)
{
	const struct msg_desc	*d;
	struct ipc_msg		 m;
	union body		 body;
	size_t			 min, max;

	/* a channel is read only while there is somebody at its end */
	if (from != PROC_CONF && !(w->up & PB(from)))
		return;
	memset(&m, 0, sizeof(m));
	m.from = from;
	m.fd = -1;
	if (ipc_hdr_get(&r, &m.h) || m.h.len != r.n ||
	    (d = msg_desc(m.h.type)) == NULL || !(d->from & PB(from)) ||
	    !(d->to & PB(PROC_PARENT)) || d->size > sizeof(body))
		return;
	msg_bounds(d, &min, &max);
	if (m.h.len < min || m.h.len > max || msg_get(d, r, body.room) == -1)
		return;
	switch (m.h.type) {
	case M_HELLO:
	case M_ACCUSE:
	case M_FD:
	case M_STATS_Q:
	case M_C_RELOAD:
	case M_C_STOP:
		return;
	default:
		if (reload_frame(w->r, &m, body.room, now) == -1)
			ended(w, from, now);
	}
}

static void
up(struct world *w, enum proc p, uint64_t now)
{
	if (p == PROC_PARENT || p == PROC_CONF || w->up & PB(p))
		return;
	w->up |= PB(p);
	w->whole[p] = 0;
	reload_up(w->r, p, now);
}

static void
event(struct world *w, uint8_t what, enum proc p, struct rd *in, uint64_t *now)
{
	struct rd	 f;
	uint16_t	 ms;

	switch (what) {
	case UP:
		up(w, p, *now);
		break;
	case DOWN:
		if (w->up & PB(p)) {
			w->up &= ~PB(p);
			reload_down(w->r, p, *now);
		}
		break;
	case START:
		w->begun++;
		reload_start(w->r, *now);
		break;
	case TIME:
		if (rd_u16(in, &ms) == 0)
			*now += ms;
		(void)reload_tick(w->r, *now);
		break;
	case ROOM:
	case FULL:
		w->full = what == FULL;
		if (w->up & PB(p))
			reload_room(w->r, p);
		break;
	case EXIT_OK:
	case EXIT_BAD:
		if (w->conf) {
			w->conf = 0;
			reload_conf_exit(w->r, what == EXIT_OK, *now);
		}
		break;
	case DRAIN:
		w->begun++;
		(void)reload_drain(w->r, PB(p), *now);
		break;
	default:
		if (rd_sub16(in, &f) == 0)
			frame(w, p, f, *now);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct world		 w;
	struct reload_io	 io;
	struct rd		 in = rd_of(p, n);
	uint64_t		 now = 1;
	uint8_t			 what, who;

	memset(&w, 0, sizeof(w));
	io.arg = &w;
	io.send = io_send;
	io.room = io_room;
	io.conf_start = io_conf_start;
	io.conf_stop = io_conf_stop;
	io.fail = io_fail;
	io.ready = io_ready;
	io.done = io_done;
	io.error = io.warn = io_error;
	io.lacks = io_lacks;
	io.global = io_global;
	if ((w.r = reload_new(&io, "run")) == NULL)
		return (0);
	while (rd_u8(&in, &what) == 0 && rd_u8(&in, &who) == 0)
		event(&w, what, (enum proc)(who % PROC_MAX), &in, &now);
	reload_free(w.r);
	return (0);
}
