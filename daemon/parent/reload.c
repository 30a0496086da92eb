/* SPDX-License-Identifier: ISC */

/* reload.c: the two rounds of a configuration; see reload.h. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reload.h"
#include "set.h"

enum stage { IDLE, PARSE, PREPARE, NEW, GONE };

/* Of one process: what it has, or is being given by itself. */
enum has {
	DOWN,
	UP,		/* said HELLO, has nothing */
	SECRETS,	/* s2sd-keys: its secrets are read again */
	S_PREPARE, S_NEW, S_GONE,	/* sync: the set in force, alone */
	READY
};

enum {				/* milliseconds */
	T_PARSE = 30000, T_ANSWER = 15000, T_PART = 2000,
	/*
	 * To take up the first set of a life: PF_KEY's REGISTER looks for each
	 * cipher that the kernel could have, module by module, and who asked
	 * stands still for as long.
	 */
	T_FIRST = 120000
};

struct peer {
	enum has	 has;
	const struct set *src;		/* what is being sent, or NULL */
	size_t		 at;		/* 0: BEGIN, 1..n: tunnels, n+1: END */
	uint64_t	 deadline;	/* of a sync */
};

struct reload {
	const struct reload_io	*io;
	const char		*mode;	/* of s2sd-conf */
	int			 nosecrets;	/* nobody there to take them */
	int			 norecords;	/* it only prints them */
	enum stage		 stage;
	struct set		*now;	/* in force; NULL before the first */
	struct set		*next;	/* PARSE, PREPARE */
	uint32_t		 gen;	/* the last one given out */
	uint32_t		 next_id;
	uint32_t		 members, waiting;	/* PB() of the round */
	size_t			 step;		/* into reload_order, NEW and GONE */
	uint64_t		 deadline;
	int			 conf;		/* s2sd-conf runs */
	int			 conf_alone;	/* for s2sd-keys' secrets alone */
	int			 lacking;	/* it does not have all of them */
	int			 got_end, got_secrets, conf_ok;
	int			 again;		/* one more after this one */
	int			 drained;	/* the end: nobody gets anything */
	int			 first;		/* nothing was in force before */
	int			 busy;		/* somebody waits for done() */
	char			 text[TEXT_MAX];	/* the first errors */
	char			 warn[TEXT_MAX];	/* the first warnings */
	struct peer		 peer[PROC_MAX];
};

/*
 * Round one: what is new, in the order in which it must be there: the block
 * before the SAs, the secrets before the dialling.  Round two in reverse.
 */
const enum proc reload_order[RELOAD_ORDER] = {
	PROC_CTL, PROC_EXEC, PROC_HOST, PROC_SAD, PROC_ESP, PROC_KEYS,
	PROC_NET, PROC_IKE
};

static const char	lacking[] = "s2sd-keys was started anew while the "
    "file was bad: tunnels without a secret cannot start or renew their keys "
    "until it is corrected and reloaded";

static void	 advance(struct reload *, uint64_t);

struct reload *
reload_new(const struct reload_io *io, const char *mode)
{
	struct reload	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->io = io;
	r->mode = mode;
	r->nosecrets = strcmp(mode, "run") != 0;
	r->norecords = strcmp(mode, "print") == 0;
	r->next_id = 1;
	return (r);
}

void
reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	set_free(r->now);
	set_free(r->next);
	free(r);
}

static void
send_plain(struct reload *r, enum proc to, uint32_t type, uint32_t gen)
{
	struct ipc_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.type = type;
	h.gen = gen;
	r->io->send(r->io->arg, to, &h, NULL, 0);
}

/* As much of a set as the channel takes; the rest when there is room. */
static void
pump(struct reload *r, enum proc p)
{
	struct peer		*q = &r->peer[p];
	const struct set_rec	*rec;
	struct ipc_hdr		 h;

	while (q->src != NULL && r->io->room(r->io->arg, p)) {
		memset(&h, 0, sizeof(h));
		h.gen = q->src->gen;
		if (q->at == 0) {
			h.type = M_CONF_BEGIN;
			r->io->send(r->io->arg, p, &h, q->src->global,
			    q->src->nglobal);
		} else if (q->at <= q->src->n) {
			rec = q->src->r[q->at - 1];
			h.type = M_CONF_TUNNEL;
			h.tunnel = rec->id;
			r->io->send(r->io->arg, p, &h, rec->d, rec->n);
		} else {
			h.type = M_CONF_END;
			r->io->send(r->io->arg, p, &h, NULL, 0);
			q->src = NULL;
			break;
		}
		q->at++;
	}
}

static void
give(struct reload *r, enum proc p, const struct set *s)
{
	r->peer[p].src = s;
	r->peer[p].at = 0;
	pump(r, p);
}

/* As many whole lines as an answer holds. */
static void
add_line(char *text, const char *line)
{
	size_t	 n = strlen(text), len = strlen(line);

	if (len > 0 && n + len + 2 <= TEXT_MAX)
		(void)snprintf(text + n, TEXT_MAX - n, "%s%s",
		    n > 0 ? "\n" : "", line);
}

static void
lacks(struct reload *r, int on)
{
	if (r->lacking == on)
		return;
	r->lacking = on;
	r->io->lacks(r->io->arg, on);
}

/* --- the end of a round, good or bad --- */

static void
finish(struct reload *r, int err)
{
	r->stage = IDLE;
	r->members = r->waiting = 0;
	if (!r->busy)
		return;
	r->busy = 0;
	if (!err)
		add_line(r->text, r->warn);
	else if (r->lacking)
		add_line(r->text, lacking);
	r->warn[0] = '\0';
	r->io->done(r->io->arg, err, r->text);
}

/* The old set stands.  Everybody forgets what he got of the new one. */
static void
abandon(struct reload *r, const char *why)
{
	int	 p;

	if (why != NULL)
		(void)snprintf(r->text, sizeof(r->text), "%s", why);
	if (r->conf) {
		r->conf = 0;
		r->io->conf_stop(r->io->arg);
	}
	for (p = 0; p < PROC_MAX; p++) {
		if (r->peer[p].src == r->next)
			r->peer[p].src = NULL;
		if (r->peer[p].has == READY ||
		    (r->peer[p].has == UP && r->now == NULL))
			send_plain(r, (enum proc)p, M_CONF_ABORT,
			    r->next->gen);
	}
	set_free(r->next);
	r->next = NULL;
	finish(r, 1);
}

/* --- rounds --- */

static void
step(struct reload *r, uint64_t now)
{
	enum proc	 p;
	size_t		 i;

	for (; r->step < nitems(reload_order); r->step++) {
		i = r->stage == NEW ? r->step : nitems(reload_order) - 1 - r->step;
		p = reload_order[i];
		if (!(r->members & PB(p)))
			continue;
		r->waiting = PB(p);
		r->deadline = now + (r->first ? T_FIRST : T_ANSWER);
		send_plain(r, p, r->stage == NEW ? M_CONF_NEW : M_CONF_GONE,
		    r->now->gen);
		return;
	}
	if (r->stage == NEW) {
		r->stage = GONE;
		r->step = 0;
		step(r, now);
		return;
	}
	(void)snprintf(r->text, sizeof(r->text), "%zu tunnel%s", r->now->n,
	    r->now->n == 1 ? "" : "s");
	if (!r->drained && reload_is_ready(r, PROC_KEYS))
		lacks(r, 0);
	finish(r, 0);
}

/* All have said READY: from here on there is no way back. */
static void
commit(struct reload *r, uint64_t now)
{
	int	 p;

	/* only reload_drain comes while one is given the old set */
	for (p = 0; p < PROC_MAX; p++)
		if (r->peer[p].has > UP && r->peer[p].has < READY) {
			r->peer[p].has = UP;
			r->peer[p].src = NULL;
		}
	r->first = r->now == NULL;
	set_free(r->now);
	r->now = r->next;
	r->next = NULL;
	r->stage = NEW;
	r->step = 0;
	step(r, now);
}

static void
prepare(struct reload *r, uint32_t who, uint64_t now)
{
	int	 p;

	r->stage = PREPARE;
	r->deadline = now + T_ANSWER;
	r->members = 0;
	for (p = 0; p < PROC_MAX; p++)
		if ((who & PB(p)) && (r->peer[p].has == READY ||
		    (r->peer[p].has == UP && r->now == NULL)))
			r->members |= PB(p);
	r->waiting = r->members;
	for (p = 0; p < PROC_MAX; p++)
		if (r->members & PB(p))
			give(r, (enum proc)p, r->next);
	if (r->waiting == 0)
		commit(r, now);
}

/* Everything of s2sd-conf is here: number the tunnels and hand them out. */
static void
parsed(struct reload *r, uint64_t now)
{
	if (set_number(r->next, r->now, &r->next_id) == -1) {
		abandon(r, "the same tunnel twice, or no more tunnel numbers: "
		    "restart s2sd");
		return;
	}
	prepare(r, ~0u, now);
}

static void
parse(struct reload *r, uint64_t now)
{
	r->again = r->conf_alone = 0;
	r->text[0] = r->warn[0] = '\0';
	r->got_end = r->conf_ok = 0;
	r->got_secrets = r->nosecrets;
	if ((r->next = set_new(++r->gen)) == NULL) {
		(void)snprintf(r->text, sizeof(r->text), "out of memory");
		finish(r, 1);
		return;
	}
	r->stage = PARSE;
	r->deadline = now + T_PARSE;
	if (!r->nosecrets && r->peer[PROC_KEYS].has != READY &&
	    r->peer[PROC_KEYS].has != UP) {
		abandon(r, "s2sd-keys is not running: try again");
		return;
	}
	r->conf = 1;
	if (r->io->conf_start(r->io->arg, r->mode, r->gen) == -1) {
		r->conf = 0;
		abandon(r, "cannot start s2sd-conf");
	}
}

/* --- one process alone --- */

static void
sync_begin(struct reload *r, enum proc p, uint64_t now)
{
	struct peer	*q = &r->peer[p];

	q->deadline = now + T_ANSWER;
	q->has = S_PREPARE;
	give(r, p, r->now);
}

static void
sync_secrets(struct reload *r, uint64_t now)
{
	struct peer	*q = &r->peer[PROC_KEYS];

	if (r->conf)
		return;			/* after that one */
	r->text[0] = '\0';
	r->conf = r->conf_alone = 1;
	q->has = SECRETS;
	q->deadline = now + T_PARSE;
	if (r->io->conf_start(r->io->arg, "secrets", r->now->gen) == -1) {
		r->conf = 0;
		sync_begin(r, PROC_KEYS, now);	/* better than nothing */
	}
}

static int
syncing(const struct reload *r)
{
	int	 p;

	for (p = 0; p < PROC_MAX; p++)
		if (r->peer[p].has > UP && r->peer[p].has < READY)
			return (1);
	return (0);
}

/* What can be begun now?  Called after every event. */
static void
advance(struct reload *r, uint64_t now)
{
	int	 p;

	if (r->stage == PARSE && r->got_end && r->got_secrets && r->conf_ok)
		parsed(r, now);
	if (r->stage != IDLE || r->drained)
		return;
	if (r->now != NULL)
		for (p = 0; p < PROC_MAX; p++) {
			if (r->peer[p].has != UP)
				continue;
			if (p == PROC_KEYS)
				sync_secrets(r, now);
			else
				sync_begin(r, (enum proc)p, now);
		}
	if (r->again && !r->conf && !syncing(r)) {
		r->busy = 1;
		parse(r, now);
	}
}

/* The next step of a process that is given the set in force. */
static void
sync_next(struct reload *r, enum proc p, uint64_t now)
{
	struct peer	*q = &r->peer[p];

	q->deadline = now + T_ANSWER;
	switch (q->has) {
	case S_PREPARE:
		q->has = S_NEW;
		q->deadline = now + T_FIRST;
		send_plain(r, p, M_CONF_NEW, r->now->gen);
		return;
	case S_NEW:
		q->has = S_GONE;
		send_plain(r, p, M_CONF_GONE, r->now->gen);
		return;
	default:
		q->has = READY;
		r->io->ready(r->io->arg, p);
	}
}

/* --- what comes from outside --- */

void
reload_start(struct reload *r, uint64_t now)
{
	r->again = 1;
	advance(r, now);
}

int
reload_drain(struct reload *r, uint32_t who, uint64_t now)
{
	static const struct global	 plain;
	int				 rv = -1;

	if (r->stage == PARSE || r->stage == PREPARE)
		abandon(r, "s2sd is being stopped");
	if (r->stage != IDLE)
		return (-1);
	r->again = 0;
	r->drained = 1;
	if ((r->next = set_new(++r->gen)) != NULL)
		rv = r->now == NULL ? set_global_of(r->next, &plain) :
		    set_global(r->next, rd_of(r->now->global,
		    r->now->nglobal));
	if (rv != 0) {
		set_free(r->next);
		r->next = NULL;
		return (-1);
	}
	r->busy = 1;
	prepare(r, who, now);
	return (0);
}

void
reload_up(struct reload *r, enum proc p, uint64_t now)
{
	r->peer[p].has = UP;
	r->peer[p].src = NULL;
	advance(r, now);
}

void
reload_down(struct reload *r, enum proc p, uint64_t now)
{
	char	 why[128];
	int	 in = (r->members & PB(p)) != 0;

	r->peer[p].has = DOWN;
	r->peer[p].src = NULL;
	r->members &= ~PB(p);
	if (r->stage == PREPARE ? in : r->stage == PARSE && p == PROC_KEYS) {
		(void)snprintf(why, sizeof(why), "%s ended meanwhile: "
		    "try again", proc_name(p));
		abandon(r, why);
	} else if ((r->stage == NEW || r->stage == GONE) &&
	    r->waiting == PB(p)) {
		r->step++;
		step(r, now);
	}
	advance(r, now);
}

void
reload_room(struct reload *r, enum proc p)
{
	pump(r, p);
}

static void
conf_errors(struct reload *r)
{
	if (r->text[0] == '\0')
		(void)snprintf(r->text, sizeof(r->text),
		    "s2sd-conf ended without a reason: see the log");
}

void
reload_conf_exit(struct reload *r, int ok, uint64_t now)
{
	if (!r->conf)
		return;			/* stopped by us */
	r->conf = 0;
	if (r->stage == PARSE && ok && r->norecords) {
		set_free(r->next);
		r->next = NULL;
		finish(r, 0);
	} else if (r->stage == PARSE) {
		r->conf_ok = ok && r->got_end;
		if (!r->conf_ok) {
			conf_errors(r);
			abandon(r, NULL);
		}
	} else if (r->conf_alone) {
		lacks(r, !ok);
		if (!ok)
			r->io->error(r->io->arg, lacking);
		/* what there is may still be on its way to s2sd-keys */
		if (!ok && r->peer[PROC_KEYS].has == SECRETS)
			r->peer[PROC_KEYS].deadline = now + T_PART;
	}
	advance(r, now);
}

/* An answer to something that was given up in the meantime? */
static int
late(const struct reload *r, uint32_t gen)
{
	return (gen < r->gen || (gen == r->gen && r->stage == IDLE &&
	    (r->now == NULL || r->now->gen != gen)) ? 0 : -1);
}

/* READY, REFUSED and DONE. */
static int
answer(struct reload *r, const struct ipc_msg *m, const char *why,
    uint64_t now)
{
	struct peer	*q = &r->peer[m->from];
	uint32_t	 type = m->h.type;
	char		 line[TEXT_MAX];
	int		 round;

	round = (r->waiting & PB(m->from)) && q->src == NULL;
	if (q->has > SECRETS && q->has < READY && m->h.gen == r->now->gen &&
	    q->src == NULL && (q->has == S_PREPARE) != (type == M_CONF_DONE)) {
		if (type == M_CONF_REFUSED)
			r->io->fail(r->io->arg, m->from, why);
		else
			sync_next(r, m->from, now);
	} else if (r->stage == PREPARE && round && m->h.gen == r->next->gen &&
	    type != M_CONF_DONE) {
		r->waiting &= ~PB(m->from);
		if (type == M_CONF_REFUSED) {
			(void)snprintf(line, sizeof(line), "%s: %s",
			    proc_name(m->from), why);
			abandon(r, line);
		} else if (r->waiting == 0)
			commit(r, now);
	} else if ((r->stage == NEW || r->stage == GONE) && round &&
	    m->h.gen == r->now->gen && type == M_CONF_REFUSED) {
		/* no way back: it gets all of it in its next life */
		r->io->fail(r->io->arg, m->from, why);
	} else if ((r->stage == NEW || r->stage == GONE) && round &&
	    m->h.gen == r->now->gen && type == M_CONF_DONE) {
		if (r->stage == GONE && q->has != READY) {
			q->has = READY;
			r->io->ready(r->io->arg, m->from);
		}
		r->waiting = 0;
		r->step++;
		step(r, now);
	} else
		return (late(r, m->h.gen));
	return (0);
}

/* Of s2sd-conf's frames: whose fault is it? */
static int
taken(struct reload *r, int rv)
{
	if (rv != SET_NOMEM)
		return (rv);
	abandon(r, "out of memory: the old configuration stands");
	return (0);
}

static int
from_conf(struct reload *r, const struct ipc_msg *m, const void *body)
{
	const struct m_conf	*mc = body;
	const struct m_cf_end	*end = body;
	const struct m_text	*t = body;
	struct global		 g;

	if (!r->conf)
		return (0);		/* given up: not its fault */
	if (m->h.type == M_CF_ERROR) {
		r->io->error(r->io->arg, t->text);
		add_line(r->text, t->text);
		return (0);
	}
	if (m->h.type == M_CF_WARN) {
		r->io->warn(r->io->arg, t->text);
		add_line(r->warn, t->text);
		return (0);
	}
	if (r->stage != PARSE || r->got_end)
		return (-1);
	switch (m->h.type) {
	case M_CF_GLOBAL:
		if (r->next->global != NULL || global_get(mc->rest, &g) == -1)
			return (-1);
		r->io->global(r->io->arg, &g);
		return (taken(r, set_global_of(r->next, &g)));
	case M_CF_TUNNEL:
		if (r->next->global == NULL || r->next->n >= RELOAD_TUNNEL_MAX)
			return (-1);
		return (taken(r, set_add(r->next, mc->rest)));
	case M_CF_END:
		if (r->next->global == NULL || end->ntunnel != r->next->n)
			return (-1);
		r->got_end = 1;
		return (0);
	default:
		return (-1);
	}
}

static int
secrets(struct reload *r, uint32_t gen, uint64_t now)
{
	if (r->peer[PROC_KEYS].has == SECRETS && gen == r->now->gen) {
		sync_begin(r, PROC_KEYS, now);
		return (0);
	}
	if (r->stage == PARSE && gen == r->gen) {
		r->got_secrets = 1;
		return (0);
	}
	return (gen <= r->gen ? 0 : -1);
}

int
reload_frame(struct reload *r, const struct ipc_msg *m, const void *body,
    uint64_t now)
{
	const struct m_text	*t = body;
	int			 rv;

	switch (m->h.type) {
	case M_CONF_READY:
	case M_CONF_DONE:
		rv = answer(r, m, "", now);
		break;
	case M_CONF_REFUSED:
		rv = answer(r, m, t->text, now);
		break;
	case M_K_SECRETS:
		rv = secrets(r, m->h.gen, now);
		break;
	default:
		rv = from_conf(r, m, body);
	}
	if (rv == 0)
		advance(r, now);
	return (rv);
}

/* Nobody may let the others wait for ever. */
static void
overdue(struct reload *r, uint64_t now)
{
	uint32_t	 slow = r->waiting;
	int		 p;

	if (r->stage == PARSE)
		abandon(r, r->conf ? "s2sd-conf takes too long" :
		    "s2sd-keys does not answer");
	else if (r->stage == PREPARE)
		abandon(r, "a process does not answer: see the log");
	else
		r->deadline = now + T_ANSWER;
	for (p = 0; p < PROC_MAX; p++)
		if (slow & PB(p))
			r->io->fail(r->io->arg, (enum proc)p,
			    "does not answer");
}

uint64_t
reload_tick(struct reload *r, uint64_t now)
{
	struct peer	*q;
	uint64_t	 next = UINT64_MAX;
	int		 p;

	if (r->stage != IDLE && now >= r->deadline)
		overdue(r, now);
	for (p = 0; p < PROC_MAX; p++) {
		q = &r->peer[p];
		if (q->has <= UP || q->has == READY)
			continue;
		if (now >= q->deadline) {
			q->deadline = now + T_ANSWER;
			r->io->fail(r->io->arg, (enum proc)p,
			    "does not take its configuration");
		}
		if (q->has > UP && q->has < READY && q->deadline < next)
			next = q->deadline;
	}
	advance(r, now);
	if (r->stage != IDLE && r->deadline < next)
		next = r->deadline;
	return (next);
}

int
reload_is_ready(const struct reload *r, enum proc p)
{
	return (r->peer[p].has == READY);
}

uint32_t
reload_gen(const struct reload *r)
{
	return (r->now != NULL ? r->now->gen : 0);
}

int
reload_busy(const struct reload *r)
{
	return (r->stage != IDLE || r->again);
}

int
reload_running(const struct reload *r)
{
	return (r->stage != IDLE);
}

uint32_t
reload_id(const struct reload *r, const char *name)
{
	return (r->now != NULL ? set_id(r->now, name) : 0);
}
