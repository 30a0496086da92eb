/* SPDX-License-Identifier: ISC */

/*
 * exec_bsd.c: s2sd-exec on the BSDs.  Beside running pfctl (exec.c) it is told
 * a whole state and goes there from what it made before: new routes first,
 * old ones after; a switch that nobody wants any more gets its old value.
 * What it makes is remembered before it is made, for a next life.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "../../backends/host/bsd_saved.h"
#include "exec_bsd.h"

struct exec {
	const struct role_io	*io;
	void			*programs;	/* a role_exec */
	struct bsd_os		 os;
	struct bsd_saved	 next, now;	/* told; in the kernel.  old: of
						   now alone */
	int			 want[BSD_NCTL];	/* or -1 */
	int			 only_block;
	int			 own;		/* `now' was made by this life */
	uint8_t			*file;		/* as it was stored last */
	size_t			 nfile;
};

static void
no_wish(struct exec *e)
{
	size_t	 i;

	bsd_saved_free(&e->next);
	for (i = 0; i < BSD_NCTL; i++)
		e->want[i] = -1;
}

static void *
exec_new(const struct role_io *io)
{
	struct exec	*e;

	if ((e = calloc(1, sizeof(*e))) == NULL ||
	    (e->programs = role_exec.new(io)) == NULL) {
		free(e);
		return (NULL);
	}
	e->io = io;
	no_wish(e);
	bsd_saved_init(&e->now);
	return (e);
}

static void
exec_free(void *self)
{
	struct exec	*e = self;

	role_exec.free(e->programs);
	bsd_saved_free(&e->next);
	bsd_saved_free(&e->now);
	free(e->file);
	free(e);
}

void *
exec_bsd_programs(void *self)
{
	return (((struct exec *)self)->programs);
}

/* What the last life made is ours, and its old values are older than ours. */
void
exec_bsd_use(void *self, const struct bsd_os *os)
{
	struct exec	*e = self;
	uint8_t		*buf;
	size_t		 n;

	e->os = *os;
	if (os->load == NULL || (buf = malloc(BSD_SAVED_MAX)) == NULL)
		return;
	bsd_saved_free(&e->now);
	if (os->load(os->arg, buf, BSD_SAVED_MAX, &n) == -1 ||
	    bsd_saved_parse(rd_of(buf, n), &e->now) == -1)
		role_log(e->io, LOG_WARNING, 0, 0, "what an earlier s2sd "
		    "changed cannot be read below " RUNDIR "; nothing of it "
		    "is put back");
	free(buf);
}

void
exec_bsd_block_only(void *self)
{
	((struct exec *)self)->only_block = 1;
}

/* --- remembering --- */

static int
remember(struct exec *e, const struct bsd_saved *s)
{
	struct wr	 w;
	uint8_t		*buf;

	if (e->os.store == NULL)
		return (0);
	if ((buf = malloc(BSD_SAVED_MAX)) == NULL)
		return (-1);
	w = wr_of(buf, BSD_SAVED_MAX);
	if (bsd_saved_write(&w, s) == -1 ||
	    ((e->file == NULL || w.n != e->nfile ||
	    memcmp(buf, e->file, w.n) != 0) &&
	    e->os.store(e->os.arg, buf, w.n) == -1)) {
		free(buf);
		return (-1);
	}
	free(e->file);
	e->file = buf;
	e->nfile = w.n;
	return (0);
}

static const struct bsd_route *
find(const struct bsd_saved *l, const struct net *dst)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		if (net_eq(&l->r[i].dst, dst))
			return (&l->r[i]);
	return (NULL);
}

static struct bsd_device *
find_device(const struct bsd_saved *l, uint32_t unit)
{
	size_t	 i;

	for (i = 0; i < l->nd; i++)
		if (l->d[i].unit == unit)
			return (&l->d[i]);
	return (NULL);
}

/* What is refused has neither source nor MTU. */
static int
equal(const struct bsd_route *a, const struct bsd_route *b)
{
	return (a->kind == b->kind && (a->kind == BSD_REJECT ||
	    (a->mtu == b->mtu && a->unit == b->unit &&
	    addr_cmp(&a->src, &b->src, 0) == 0)));
}

/* Both states, before one becomes the other. */
static int
both(struct exec *e, struct bsd_saved *s)
{
	size_t	 i;

	bsd_saved_init(s);
	memcpy(s->old, e->now.old, sizeof(s->old));
	for (i = 0; i < e->next.n; i++)
		if (bsd_saved_add(s, &e->next.r[i]) == -1)
			return (-1);
	for (i = 0; i < e->next.nd; i++)
		if (bsd_saved_device(s, &e->next.d[i]) == -1)
			return (-1);
	for (i = 0; i < e->now.nd; i++)
		if (find_device(&e->next, e->now.d[i].unit) == NULL &&
		    s->nd < BSD_DEVICES_MAX &&
		    bsd_saved_device(s, &e->now.d[i]) == -1)
			return (-1);
	for (i = 0; i < e->now.n; i++)
		if (find(&e->next, &e->now.r[i].dst) == NULL &&
		    s->n < BSD_ROUTES_MAX &&
		    bsd_saved_add(s, &e->now.r[i]) == -1)
			return (-1);
	return (0);
}

/* The old values of what is about to change. */
static void
look(struct exec *e)
{
	int	 i, was;

	for (i = 0; i < BSD_NCTL; i++) {
		if (e->want[i] == -1 || e->now.old[i] != -1)
			continue;
		was = e->os.ctl(e->os.arg, (enum bsd_ctl)i, -1);
		if (was != -1 && was != e->want[i])
			e->now.old[i] = was;
	}
}

/* -1: nobody would know what to put back, so no switch may change. */
static int
prepare(struct exec *e)
{
	struct bsd_saved	 s;
	int			 before[BSD_NCTL], rv;

	memcpy(before, e->now.old, sizeof(before));
	look(e);
	rv = both(e, &s) == -1 || remember(e, &s) == -1 ? -1 : 0;
	bsd_saved_free(&s);
	if (rv == -1)
		memcpy(e->now.old, before, sizeof(before));
	return (rv);
}

/* --- devices --- */

/* As wanted: one of ours that is otherwise is made anew, and so are its routes.
 * One of somebody else's stays the other's: EEXIST. */
static int
one_device(struct exec *e, struct bsd_device *d)
{
	const struct bsd_device	*have = find_device(&e->now, d->unit);

	if (have != NULL && e->own && have->mtu == d->mtu &&
	    net_eq(&have->addr, &d->addr))
		return (0);
	if (have != NULL)
		(void)e->os.device(e->os.arg, 0, have);
	d->fresh = 1;
	return (e->os.device(e->os.arg, 1, d));
}

static int
devices(struct exec *e, struct bsd_saved *made, char *why, size_t len)
{
	char	 name[IF_STRLEN];
	size_t	 i;
	int	 rv = 0;

	for (i = 0; i < e->next.nd; i++)
		if (one_device(e, &e->next.d[i]) == -1) {
			rv = -1;
			(void)snprintf(why, len, "interface %s: %s",
			    if_str(IF_SEC, e->next.d[i].unit, name,
			    sizeof(name)), errno == EEXIST ? "there is one "
			    "that s2sd has not made; remove it, or write "
			    "another number" : errno == EINVAL ? "this kernel "
			    "has no sec(4); write from ... to ... without "
			    "interface" : strerror(errno));
		} else if (bsd_saved_device(made, &e->next.d[i]) == -1) {
			rv = -1;
			(void)e->os.device(e->os.arg, 0, &e->next.d[i]);
		}
	return (rv);
}

/* Does it go by a device that has just been made? */
static int
fresh(const struct exec *e, const struct bsd_route *r)
{
	const struct bsd_device	*d = find_device(&e->next, r->unit);

	return (r->unit != 0 && d != NULL && d->fresh);
}

/* Where its device is not ours it is refused; 1: or not made, if it may leak. */
static int
without(const struct bsd_saved *made, struct bsd_route *r)
{
	if (r->unit == 0 || find_device(made, r->unit) != NULL)
		return (0);
	if (r->kind == BSD_VIALEAK)
		return (1);
	r->kind = BSD_REJECT;
	r->unit = 0;
	return (0);
}

/*
 * One route as wanted; where another of ours is in its place, that goes.  One
 * of somebody else's stays and is the other's: EEXIST.
 */
static int
one_route(struct exec *e, const struct bsd_route *r)
{
	const struct bsd_route	*have = find(&e->now, &r->dst);

	/* the TUN of an earlier life may be another */
	if (have != NULL && equal(have, r) && !fresh(e, r) &&
	    (e->own || r->kind == BSD_REJECT))
		return (0);
	if (have != NULL)
		(void)e->os.route(e->os.arg, 0, have);
	return (e->os.route(e->os.arg, 1, r));
}

static int
routes(struct exec *e, char *why, size_t len)
{
	struct bsd_saved	 made;
	char			 buf[SEL_STRLEN];
	size_t			 i;
	int			 rv;

	bsd_saved_init(&made);
	rv = devices(e, &made, why, len);
	for (i = 0; i < e->next.n; i++) {
		if (without(&made, &e->next.r[i]))
			continue;
		if (one_route(e, &e->next.r[i]) == -1) {
			rv = -1;
			(void)snprintf(why, len, "route to %s: %s",
			    net_str(&e->next.r[i].dst, buf, sizeof(buf)),
			    errno == EEXIST ? "there is one that s2sd has not "
			    "made; remove it" : strerror(errno));
		} else if (bsd_saved_add(&made, &e->next.r[i]) == -1) {
			rv = -1;
			(void)e->os.route(e->os.arg, 0, &e->next.r[i]);
		}
	}
	for (i = 0; i < e->now.n; i++)
		if (find(&e->next, &e->now.r[i].dst) == NULL)
			(void)e->os.route(e->os.arg, 0, &e->now.r[i]);
	for (i = 0; i < e->now.nd; i++)
		if (find_device(&e->next, e->now.d[i].unit) == NULL)
			(void)e->os.device(e->os.arg, 0, &e->now.d[i]);
	memcpy(made.old, e->now.old, sizeof(made.old));
	bsd_saved_free(&e->now);
	e->now = made;
	e->own = 1;
	bsd_saved_free(&e->next);
	return (rv);
}

static int
switches(struct exec *e, int safe, char *why, size_t len)
{
	int	 i, *old, rv = 0;

	for (i = 0; i < BSD_NCTL; i++) {
		old = &e->now.old[i];
		if (e->want[i] != -1 && safe) {
			if (e->os.ctl(e->os.arg, (enum bsd_ctl)i,
			    e->want[i]) == -1) {
				(void)snprintf(why, len, "sysctl: %s",
				    strerror(errno));
				rv = -1;
			}
		} else if (e->want[i] == -1 && *old != -1) {
			(void)e->os.ctl(e->os.arg, (enum bsd_ctl)i, *old);
			*old = -1;
		}
	}
	return (rv);
}

static int
apply(struct exec *e, char *why, size_t len)
{
	int	 rv, safe;

	if (e->os.route == NULL) {
		(void)snprintf(why, len, "nothing can be changed here");
		return (-1);
	}
	safe = prepare(e) == 0;
	rv = switches(e, safe, why, len);
	if (!safe) {
		(void)snprintf(why, len, "what s2sd changes cannot be "
		    "remembered below " RUNDIR ", so no sysctl is changed");
		rv = -1;
	}
	if (routes(e, why, len) == -1)
		rv = -1;
	(void)remember(e, &e->now);
	return (rv);
}

void
exec_bsd_clear(void *self)
{
	struct exec	*e = self;
	char		 why[256];

	no_wish(e);
	(void)apply(e, why, sizeof(why));
}

/* What went into the TUN is refused: 0, or -1 and why. */
static int
hold(struct exec *e, char *why, size_t len)
{
	struct bsd_route	 r;
	size_t			 i;

	no_wish(e);
	for (i = 0; i < e->now.n; i++) {
		r = e->now.r[i];
		if (r.kind == BSD_LEAK || r.kind == BSD_VIALEAK)
			continue;
		r.kind = BSD_REJECT;
		r.unit = 0;
		if (bsd_saved_add(&e->next, &r) == -1)
			return (-1);
	}
	return (apply(e, why, len));
}

void
exec_bsd_hold(void *self)
{
	char	 why[256];

	(void)hold(self, why, sizeof(why));
}

static void
done(struct exec *e, const struct ipc_msg *m, struct m_x_done *d)
{
	(void)role_send(e->io, PROC_HOST, M_X_DONE, 0, m->h.req, 0, d);
}

static int
on_run(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct exec		*e = self;
	const struct m_x_run	*b = body;
	struct bsd_switch	 s;
	struct bsd_device	 v;
	struct bsd_route	 r;
	struct m_x_done		 d;

	if (b->what < BSD_BEGIN)
		return (role_exec.rules[0].fn(e->programs, m, body, now));
	memset(&d, 0, sizeof(d));
	switch (b->what) {
	case BSD_BEGIN:
		no_wish(e);
		return (rd_end(&b->rest));
	case BSD_ROUTE:
		if (bsd_route_get(b->rest, &r) == -1)
			return (-1);
		return (find(&e->next, &r.dst) != NULL ? -1 :
		    bsd_saved_add(&e->next, &r));
	case BSD_DEVICE:
		if (bsd_device_get(b->rest, &v) == -1)
			return (-1);
		return (find_device(&e->next, v.unit) != NULL ? -1 :
		    bsd_saved_device(&e->next, &v));
	case BSD_SYSCTL:
		if (bsd_switch_get(b->rest, &s) == -1)
			return (-1);
		if (!e->only_block)
			e->want[s.which] = s.value;
		return (0);
	case BSD_HOLD:
		if (rd_end(&b->rest) == -1)
			return (-1);
		d.err = hold(e, d.text, sizeof(d.text)) == -1;
		done(e, m, &d);
		return (0);
	case BSD_CLEAR:
		no_wish(e);
		/* FALLTHROUGH */
	case BSD_APPLY:
		if (rd_end(&b->rest) == -1)
			return (-1);
		d.err = apply(e, d.text, sizeof(d.text)) == -1;
		done(e, m, &d);
		return (0);
	}
	return (-1);
}

static void
exec_died(void *self, enum proc who, uint64_t now)
{
	struct exec	*e = self;

	if (who == PROC_HOST)
		no_wish(e);
	role_exec.died(e->programs, who, now);
}

static const struct role_rule rules[] = {
	{ M_X_RUN,	PB(PROC_HOST),	on_run },
};

const struct role role_exec_bsd = {
	.id = PROC_EXEC, .rules = rules, .nrules = nitems(rules),
	.new = exec_new, .free = exec_free, .died = exec_died
};
