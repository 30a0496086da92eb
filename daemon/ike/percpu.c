/* SPDX-License-Identifier: ISC */

/*
 * percpu.c: children of single CPUs (RFC 9611).  One child is for all CPUs;
 * beside it there may be one more for each, with the same selectors.  Both
 * ends have said SA_RESOURCE_INFO when the first was made.  Who made that one
 * makes the others, too, one by one; at the other end the next CPU that has
 * none takes each.  After a while that end asks for what its other CPUs lack.
 * Numbers of CPUs are each end's own.
 */

#include <syslog.h>

#include "engine.h"

enum { SOON_MS = 3000, LATER_MS = 10000 };

int
ike_percpu(const struct ike *ike, const struct tunnel *t)
{
	return (t != NULL && (t->flags & TUN_PERCPU) != 0 && ike->have_caps &&
	    ike->caps.cpus > 0);
}

static int
is_base(const struct child *c)
{
	return (c->state == C_UP && c->cpu == 0 && c->beside == c->num);
}

/* fn(c, arg) != 0 ends the walk: that child, or NULL. */
static struct child *
find(const struct tun *t, int (*fn)(const struct child *, const void *),
    const void *arg)
{
	struct sa	*sa;
	struct child	*c;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (c = sa->children; c != NULL; c = c->next)
			if (fn(c, arg))
				return (c);
	return (NULL);
}

struct pairs {
	const struct sa		*sa;
	const struct selpair	*p;
	size_t			 n;
};

static int
base_of(const struct child *c, const void *arg)
{
	const struct pairs	*w = arg;

	return (is_base(c) && c->sa == w->sa && ike_child_has(c, w->p, w->n));
}

struct child *
ike_cpu_base(const struct sa *sa, const struct selpair *p, size_t n)
{
	struct pairs	 w = { sa, p, n };

	return (find(sa->tun, base_of, &w));
}

struct place {
	uint32_t	 beside;
	uint16_t	 cpu;
};

static int
in_place(const struct child *c, const void *arg)
{
	const struct place	*w = arg;

	return (c->beside == w->beside && c->cpu == w->cpu &&
	    (c->state == C_UP || c->state == C_NEW));
}

uint16_t
ike_cpu_free(const struct ike *ike, const struct child *base)
{
	struct place	 w = { base->num, 0 };

	for (w.cpu = 1; w.cpu <= ike->caps.cpus; w.cpu++)
		if (find(base->tun, in_place, &w) == NULL)
			return (w.cpu);
	return (0);
}

static void
fill(struct ike *ike, struct child *base)
{
	struct place	 w = { base->num, 0 };

	if (base->alone || base->sa->doomed)
		return;
	for (w.cpu = 1; w.cpu <= ike->caps.cpus; w.cpu++)
		if (find(base->tun, in_place, &w) == NULL)
			base->want_cpu[(w.cpu - 1) / 64] |=
			    1ull << ((w.cpu - 1) % 64);
}

void
ike_cpu_fill(struct ike *ike, void *tun, uint64_t now)
{
	struct tun	*t = tun;
	struct sa	*sa;
	struct child	*c;

	(void)now;
	if (!ike_percpu(ike, t->t))
		return;
	for (sa = t->sas; sa != NULL; sa = sa->next) {
		for (c = sa->children; c != NULL; c = c->next)
			if (is_base(c))
				fill(ike, c);
		if (ike_cpu_wanted(sa) != NULL)
			sa->proto->next(ike, sa);
	}
}

/* The lowest one, or 0. */
static uint16_t
first(const struct child *c)
{
	uint16_t	 i;

	for (i = 0; i < CPUS_MAX; i++)
		if (c->want_cpu[i / 64] & 1ull << (i % 64))
			return ((uint16_t)(i + 1));
	return (0);
}

struct child *
ike_cpu_wanted(const struct sa *sa)
{
	struct child	*c;

	for (c = sa->children; c != NULL; c = c->next)
		if (is_base(c) && first(c) != 0)
			return (c);
	return (NULL);
}

uint16_t
ike_cpu_take(struct child *base)
{
	uint16_t	 cpu = first(base), i = (uint16_t)(cpu - 1);

	base->want_cpu[i / 64] &= ~(1ull << (i % 64));
	return (cpu);
}

void
ike_cpu_again(struct ike *ike, const struct child *c)
{
	struct child	*base = ike_child_find(ike, c->beside);

	if (base != NULL && c->cpu != 0)
		base->want_cpu[(c->cpu - 1) / 64] |=
		    1ull << ((c->cpu - 1) % 64);
}

void
ike_cpu_refused(struct ike *ike, const struct child *c, int reason,
    const char *detail)
{
	struct child	*base = ike_child_find(ike, c->beside);

	if (base == NULL || base->alone)
		return;
	base->alone = 1;
	memset(base->want_cpu, 0, sizeof(base->want_cpu));
	role_log(ike->io, LOG_INFO, c->tun->id, 0,
	    "%s: no more SAs of single CPUs beside SPI %08x: %s%s%s",
	    c->tun->t != NULL ? c->tun->t->name : "?", base->spi_in,
	    reason_row(reason)->id, detail[0] != '\0' ? ": " : "", detail);
}

void
ike_cpu_heir(struct child *c, const struct child *old)
{
	c->cpu = old->cpu;
	c->beside = old->beside == old->num ? c->num : old->beside;
}

/*
 * A successor has the company of its predecessor.  What was beside a child
 * that went without one has a place no more.  Then the rest is made: at once
 * by who made this, else a while later.
 */
void
ike_cpu_up(struct ike *ike, struct child *c)
{
	const struct child	*old = ike_child_find(ike, c->replaces), *b;
	struct sa		*sa;
	struct child		*o;

	if (!is_base(c))
		return;
	for (sa = c->tun->sas; sa != NULL; sa = sa->next)
		for (o = sa->children; o != NULL; o = o->next) {
			if (o->cpu == 0 || o->beside == c->num ||
			    o->state != C_UP)
				continue;
			if (old != NULL && o->beside == old->num && sa == c->sa)
				o->beside = c->num;
			else if ((b = ike_child_find(ike, o->beside)) == NULL ||
			    b->state != C_UP) {
				o->state = C_OLD;
				o->want_del = 1;
			}
		}
	if (c->init)
		fill(ike, c);
	else
		ike_cpu_later(ike, c->tun);
}

void
ike_cpu_later(struct ike *ike, struct tun *t)
{
	const struct sa	*sa = ike_tun_sa(t);

	/* not both ends at once: each would think the other's CPUs taken */
	if (sa != NULL && ike_percpu(ike, t->t) && t->t_cpu.pos == 0)
		ike_timer_set(ike, &t->t_cpu, ike->now +
		    (sa->init ? SOON_MS : LATER_MS));
}
