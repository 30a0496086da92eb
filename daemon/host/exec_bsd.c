/* SPDX-License-Identifier: ISC */

/*
 * exec_bsd.c: s2sd-exec on the BSDs.  Beside running pfctl (exec.c) it is told
 * a whole state and goes there from what it made before: new routes first,
 * old ones after; a switch that nobody wants any more gets its old value.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "exec_bsd.h"

enum { ROUTES_MAX = 4096 };

struct routes {
	struct bsd_route	*r;
	size_t			 n;
};

struct exec {
	const struct role_io	*io;
	void			*programs;	/* a role_exec */
	struct bsd_os		 os;
	struct routes		 next, now;	/* told; in the kernel */
	int			 want[BSD_NCTL], old[BSD_NCTL];	/* or -1 */
};

static void
no_wish(struct exec *e)
{
	size_t	 i;

	free(e->next.r);
	memset(&e->next, 0, sizeof(e->next));
	for (i = 0; i < BSD_NCTL; i++)
		e->want[i] = -1;
}

static void *
exec_new(const struct role_io *io)
{
	struct exec	*e;
	size_t		 i;

	if ((e = calloc(1, sizeof(*e))) == NULL ||
	    (e->programs = role_exec.new(io)) == NULL) {
		free(e);
		return (NULL);
	}
	e->io = io;
	no_wish(e);
	for (i = 0; i < BSD_NCTL; i++)
		e->old[i] = -1;
	return (e);
}

static void
exec_free(void *self)
{
	struct exec	*e = self;

	role_exec.free(e->programs);
	free(e->next.r);
	free(e->now.r);
	free(e);
}

void *
exec_bsd_programs(void *self)
{
	return (((struct exec *)self)->programs);
}

void
exec_bsd_use(void *self, const struct bsd_os *os)
{
	((struct exec *)self)->os = *os;
}

static int
route_add(struct routes *l, const struct bsd_route *r)
{
	struct bsd_route	*p;

	if (l->n >= ROUTES_MAX ||
	    (p = reallocarray(l->r, l->n + 1, sizeof(*p))) == NULL)
		return (-1);
	l->r = p;
	l->r[l->n++] = *r;
	return (0);
}

static const struct bsd_route *
find(const struct routes *l, const struct net *dst)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		if (l->r[i].dst.plen == dst->plen &&
		    addr_cmp(&l->r[i].dst.a, &dst->a, 0) == 0)
			return (&l->r[i]);
	return (NULL);
}

static int
equal(const struct bsd_route *a, const struct bsd_route *b)
{
	return (a->kind == b->kind && a->mtu == b->mtu &&
	    addr_cmp(&a->src, &b->src, 0) == 0);
}

/* One route as wanted; where another of ours is in its place, that goes. */
static int
one_route(struct exec *e, const struct bsd_route *r)
{
	const struct bsd_route	*have = find(&e->now, &r->dst);

	if (have != NULL && equal(have, r))
		return (0);
	if (have != NULL)
		(void)e->os.route(e->os.arg, 0, have);
	return (e->os.route(e->os.arg, 1, r));
}

static int
routes(struct exec *e, char *why, size_t len)
{
	char	 buf[SEL_STRLEN];
	size_t	 i;
	int	 rv = 0;

	for (i = 0; i < e->next.n; i++)
		if (one_route(e, &e->next.r[i]) == -1) {
			rv = -1;
			(void)snprintf(why, len, "route to %s: %s",
			    net_str(&e->next.r[i].dst, buf, sizeof(buf)),
			    strerror(errno));
		}
	for (i = 0; i < e->now.n; i++)
		if (find(&e->next, &e->now.r[i].dst) == NULL)
			(void)e->os.route(e->os.arg, 0, &e->now.r[i]);
	free(e->now.r);
	e->now = e->next;
	memset(&e->next, 0, sizeof(e->next));
	return (rv);
}

static int
switches(struct exec *e, char *why, size_t len)
{
	int	 i, was, rv = 0;

	for (i = 0; i < BSD_NCTL; i++) {
		if (e->want[i] != -1) {
			was = e->os.ctl(e->os.arg, (enum bsd_ctl)i,
			    e->want[i]);
			if (was == -1) {
				(void)snprintf(why, len, "sysctl: %s",
				    strerror(errno));
				rv = -1;
			} else if (e->old[i] == -1)
				e->old[i] = was;
		} else if (e->old[i] != -1) {
			(void)e->os.ctl(e->os.arg, (enum bsd_ctl)i,
			    e->old[i]);
			e->old[i] = -1;
		}
	}
	return (rv);
}

static int
apply(struct exec *e, char *why, size_t len)
{
	int	 rv;

	if (e->os.route == NULL) {
		(void)snprintf(why, len, "nothing can be changed here");
		return (-1);
	}
	rv = switches(e, why, len);
	return (routes(e, why, len) == -1 ? -1 : rv);
}

void
exec_bsd_clear(void *self)
{
	struct exec	*e = self;
	char		 why[128];

	no_wish(e);
	(void)apply(e, why, sizeof(why));
}

static int
on_run(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct exec		*e = self;
	const struct m_x_run	*b = body;
	struct bsd_switch	 s;
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
		    route_add(&e->next, &r));
	case BSD_SYSCTL:
		if (bsd_switch_get(b->rest, &s) == -1)
			return (-1);
		e->want[s.which] = s.value;
		return (0);
	case BSD_CLEAR:
		no_wish(e);
		/* FALLTHROUGH */
	case BSD_APPLY:
		if (rd_end(&b->rest) == -1)
			return (-1);
		d.err = apply(e, d.text, sizeof(d.text)) == -1;
		(void)role_send(e->io, PROC_HOST, M_X_DONE, 0, m->h.req, 0,
		    &d);
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
