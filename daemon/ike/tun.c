/* SPDX-License-Identifier: ISC */

/*
 * tun.c: tunnels: their indexes; when to dial, whom, and again when; orders
 * by hand.
 */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "engine.h"

enum { BUSY_MS = 20 };

static uint64_t
addr_key(const struct ike *ike, const struct addr *a)
{
	return (ike_hash(ike->seed, a->a, sizeof(a->a)));
}

static uint64_t
one_ident(uint64_t seed, const struct ident *id)
{
	return (ike_hash(seed ^ id->type, id->d, id->len));
}

/* Of both identities: for INITIAL_CONTACT. */
uint64_t
ike_ident_key(struct ike *ike, const struct tunnel *t)
{
	return (one_ident(one_ident(ike->seed, &t->srcid), &t->dstid));
}

struct tun *
ike_tun_find(struct ike *ike, uint32_t id)
{
	struct node	*n = ike_map_get(&ike->tun_id, id);

	return (n != NULL ? n->obj : NULL);
}

/* Walk the tunnels that have this peer address; start with *n = NULL. */
struct tun *
ike_tun_next_addr(struct ike *ike, const struct addr *a, struct node **n)
{
	struct tun	*t;

	*n = *n == NULL ? ike_map_get(&ike->tun_addr, addr_key(ike, a)) :
	    ike_map_next(*n);
	for (; *n != NULL; *n = ike_map_next(*n)) {
		t = (*n)->obj;
		if (!t->gone && ike_tun_peer(t, a))
			return (t);
	}
	return (NULL);
}

/* Is that one of its peer addresses? */
int
ike_tun_peer(const struct tun *t, const struct addr *a)
{
	size_t	 i;

	for (i = 0; i < t->t->npeer; i++)
		if (addr_cmp(&t->t->peer[i], a, 0) == 0)
			return (1);
	return (0);
}

static void
index_tun(struct ike *ike, struct tun *t)
{
	size_t	 i;

	ike_map_put(&ike->tun_id, &t->by_id, t->id, t);
	ike_map_put(&ike->tun_ident, &t->by_ident,
	    one_ident(ike->seed, &t->t->dstid), t);
	for (i = 0; i < t->t->npeer; i++)
		ike_map_put(&ike->tun_addr, &t->by_addr[i],
		    addr_key(ike, &t->t->peer[i]), t);
}

static int
same_ike(const struct tunnel *a, const struct tunnel *b)
{
	return (a->nike == b->nike &&
	    memcmp(a->ike, b->ike, a->nike * sizeof(a->ike[0])) == 0);
}

/* The `peer any' tunnels with different proposals: one of each kind. */
static void
any_add(struct ike *ike, struct tun *t)
{
	struct tun	*o;

	if (!(t->t->flags & (TUN_PEERANY | TUN_PEERNAME)))
		return;
	for (o = ike->any; o != NULL; o = o->any_next)
		if (o->t != NULL && same_ike(o->t, t->t))
			return;
	t->any_next = ike->any;
	ike->any = t;
}

int
ike_tun_add(struct ike *ike, const struct tunnel *cfg)
{
	struct tun	*t;

	if ((t = ike_tun_find(ike, cfg->id)) != NULL) {
		t->t = cfg;		/* the same, in the new set */
		return (0);
	}
	if (ike_timer_more(ike, TUN_TIMERS))
		return (-1);
	if ((t = calloc(1, sizeof(*t))) == NULL) {
		ike_timer_less(ike, TUN_TIMERS);
		return (-1);
	}
	t->id = cfg->id;
	t->t = cfg;
	ike_timer_init(&t->t_dial, ike_tun_dial, t);
	ike_timer_init(&t->t_child, ike_tun_child_due, t);
	ike_timer_init(&t->t_double, ike_tun_double, t);
	ike_timer_init(&t->t_cpu, ike_cpu_fill, t);
	index_tun(ike, t);
	any_add(ike, t);
	t->next = ike->tuns;
	ike->tuns = t;
	ike->ntun++;
	return (1);
}

/*
 * Numbers of a live tunnel were changed.  Lifetimes are read when keys are
 * made; the liveness check and what status says of the MTU follow at once.
 */
void
ike_tun_soft(struct ike *ike, struct tun *t)
{
	struct sa	*sa;
	struct child	*c;

	for (sa = t->sas; sa != NULL; sa = sa->next) {
		if (sa->state != S_UP)
			continue;
		ike_timer_off(ike, &sa->t_live);
		sa->asked = 0;
		if (t->t->dpd != 0)
			ike_timer_set(ike, &sa->t_live,
			    sa->last_in + (uint64_t)t->t->dpd * 1000);
		for (c = sa->children; c != NULL; c = c->next) {
			if (c->state != C_UP ||
			    (c->a.encr == NULL && c->a.integ == NULL))
				continue;
			c->mtu = (uint16_t)tunnel_mtu(tunnel_outer(t->t),
			    sa->remote.af, c->udp, c->a.encr, c->a.integ);
			ike_report_child(ike, c, 1);
		}
	}
}

/* Half-open ones vanish; the others tell the peer. */
static void
end_all(struct ike *ike, struct tun *t)
{
	struct sa	*sa, *next;

	for (sa = t->sas; sa != NULL; sa = next) {
		next = sa->next;
		if (sa->state == S_CLOSING)
			continue;
		if (sa->state != S_UP || sa->stuck) {
			ike_sa_free(ike, sa);
			next = t->sas;		/* a rekey's other went too */
			continue;
		}
		sa->want |= WANT_DELETE;
		if (sa->proto->bye != NULL)
			sa->proto->bye(ike, sa);
		while (sa->children != NULL)
			ike_child_free(ike, sa->children);
		sa->proto->next(ike, sa);
	}
}

/*
 * It left the configuration.  The object stays until the peer has answered
 * our DELETE; cfg is about to go, so nothing may look at it any more.
 */
void
ike_tun_remove(struct ike *ike, struct tun *t)
{
	struct tun	**p, *o;
	size_t		 i;

	ike_timer_off(ike, &t->t_dial);
	ike_timer_off(ike, &t->t_child);
	ike_timer_off(ike, &t->t_double);
	ike_timer_off(ike, &t->t_cpu);
	end_all(ike, t);
	ike_map_del(&ike->tun_id, &t->by_id);
	ike_map_del(&ike->tun_ident, &t->by_ident);
	for (i = 0; i < PEER_MAX; i++)
		ike_map_del(&ike->tun_addr, &t->by_addr[i]);
	if (ike->tell_tun == t)
		ike->tell_tun = t->next;
	if (ike->tell_sad == t)
		ike->tell_sad = t->next;
	t->gone = 1;
	t->t = NULL;
	ike->any = NULL;
	for (p = &ike->tuns; *p != NULL; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			break;
		}
	ike->ntun--;
	for (o = ike->tuns; o != NULL; o = o->next)
		o->any_next = NULL;
	for (o = ike->tuns; o != NULL; o = o->next)
		any_add(ike, o);
	t->next = ike->gone;
	ike->gone = t;
}

/* An IKE SA that is up and not on its way out, or NULL. */
struct sa *
ike_tun_sa(const struct tun *t)
{
	struct sa	*sa, *best = NULL;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		if (sa->state == S_UP && !sa->replaced && !sa->stuck &&
		    !(sa->want & WANT_DELETE) && (best == NULL ||
		    best->doomed))
			best = sa;
	return (best);
}

/* Ours to bring up? */
int
ike_tun_ours(const struct tun *t)
{
	return (t->t != NULL && !t->gone && !t->down && t->t->npeer > 0 &&
	    !(t->t->flags & TUN_DISABLED) &&
	    (t->t->flags & TUN_ACTIVE || t->asked));
}

uint64_t
ike_tun_backoff(struct ike *ike, uint32_t *s)
{
	uint64_t	 ms;

	*s = *s == 0 ? 1 : *s * 2;
	if (*s > BACKOFF_MAX)
		*s = BACKOFF_MAX;
	ms = (uint64_t)*s * 1000;
	return (ike->now + ms - ike_random_below(ike, (uint32_t)(ms / 5)));
}

void
ike_tun_want(struct ike *ike, struct tun *t)
{
	const struct sa	*sa = ike_tun_sa(t);

	if (!ike->going || !ike_tun_ours(t) || t->dial != NULL ||
	    (sa != NULL && !sa->doomed) || t->t_dial.pos != 0)
		return;
	ike_timer_set(ike, &t->t_dial, t->tries == 0 ? ike->now :
	    ike_tun_backoff(ike, &t->backoff));
	ike_report(ike, t);
}

/* An IKE SA that a fresh one is to replace, or NULL. */
struct sa *
ike_tun_doomed(const struct tun *t)
{
	struct sa	*sa;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		if (sa->state == S_UP && (sa->doomed || sa->stuck))
			return (sa);
	return (NULL);
}

static void
target(struct tun *t, struct sa *sa)
{
	const struct sa	*old = ike_tun_doomed(t);

	if (old != NULL) {		/* where the peer is now */
		sa->local = old->local;
		sa->remote = old->remote;
		sa->float_ = old->float_;
		return;
	}
	sa->local = t->t->local;
	sa->remote = t->t->peer[t->peer_i];
	if (sa->local.port == 0)
		sa->local.port = 500;
	if (sa->remote.port == 0)
		sa->remote.port = 500;
}

void
ike_tun_dial(struct ike *ike, void *arg, uint64_t now)
{
	const struct ike_proto	*proto;
	struct tun		*t = arg;
	struct sa		*sa;

	if (t->t == NULL || t->gone || t->down || t->dial != NULL ||
	    (proto = ike_proto_of(t->t)) == NULL)
		return;
	if ((sa = ike_tun_sa(t)) != NULL && !sa->doomed)
		return;
	if (ike_tun_doomed(t) == NULL && !ike_tun_ours(t))
		return;
	if (ike->open_keys >= OPEN_KEYS ||
	    (sa = ike_sa_new(ike, proto, 1)) == NULL) {
		ike_timer_set(ike, &t->t_dial, now + BUSY_MS +
		    ike_random_below(ike, BUSY_MS));
		return;
	}
	ike_timer_off(ike, &t->t_dial);
	ike_sa_join(sa, t);
	t->dial = sa;
	t->tries++;
	ike->count[CNT_SA_INIT]++;
	target(t, sa);
	sa->proto->dial(ike, sa);
	ike_report(ike, t);
}

/* Our attempt ended without an IKE SA. */
void
ike_tun_failed(struct ike *ike, struct sa *sa, int reason, const char *detail)
{
	struct tun	*t = sa->tun;
	struct sa	*s, *next;
	uint8_t		 agreed;	/* on the algorithms of the IKE SA */

	if (t == NULL) {
		ike_sa_free(ike, sa);
		return;
	}
	if (reason == R_NO_ANSWER)
		for (s = t->sas; s != NULL; s = next) {
			next = s->next;
			if (s->state == S_UP && s->stuck)
				ike_sa_free(ike, s);
		}
	if (t->dial == sa)
		t->dial = NULL;
	agreed = sa->a.encr != NULL;
	ike_sa_free(ike, sa);
	if (t->t == NULL)
		return;
	if (t->t->npeer > 1)
		t->peer_i = (uint8_t)((t->peer_i + 1) % t->t->npeer);
	if (ike_child_count(t) == 0) {
		ike_reason(ike, t, reason, detail);
		t->of_child = agreed;
	} else if (t->reason == R_NONE) {
		t->no_next = (uint16_t)reason;
		(void)snprintf(t->detail, sizeof(t->detail), "%s", detail);
	}
	if (ike_tun_doomed(t) != NULL && t->t_dial.pos == 0)
		ike_timer_set(ike, &t->t_dial, ike_tun_backoff(ike, &t->backoff));
	ike_tun_want(ike, t);
	ike_report(ike, t);
}

/* An IKE SA or a child went; R_NONE: that alone is no reason. */
void
ike_tun_lost(struct ike *ike, struct tun *t, int reason, const char *detail)
{
	const struct sa	*sa;

	if (t == NULL || t->t == NULL || t->gone)
		return;
	if (ike_child_count(t) == 0 && reason != R_NONE && !t->down)
		ike_reason(ike, t, reason, detail);
	sa = ike_tun_sa(t);
	if (sa == NULL) {
		if (t->tries == 0 && reason == R_DELETED)
			t->tries = 1;		/* not at once again */
		ike_tun_want(ike, t);
	} else if (ike_tun_ours(t) && t->t_child.pos == 0 &&
	    ike_tun_uncovered(t, NULL) > 0)
		ike_timer_set(ike, &t->t_child, ike_tun_backoff(ike, &t->cback));
	ike_cpu_later(ike, t);
	ike_report(ike, t);
}

/* ---- orders of s2sd-ctl ---- */

int
ike_tun_down(struct ike *ike, struct tun *t)
{
	t->down = 1;
	t->asked = 0;
	ike_timer_off(ike, &t->t_dial);
	ike_timer_off(ike, &t->t_child);
	end_all(ike, t);
	ike_reason(ike, t, R_BY_HAND, NULL);
	return (0);
}

int
ike_tun_up(struct ike *ike, struct tun *t, const char **why)
{
	if (t->t->flags & TUN_DISABLED) {
		*why = "it is disabled: take the word `disabled' out of it in "
		    "s2sd.conf, then s2sctl reload";
		return (-1);
	}
	t->down = 0;
	if (t->reason == R_BY_HAND)
		ike_reason(ike, t, R_NONE, NULL);
	if (t->t->npeer == 0) {
		ike_report(ike, t);
		*why = "it has no address to call: the peer has to begin";
		return (-1);
	}
	t->asked = 1;
	t->backoff = 0;
	t->cback = 0;
	if (ike_tun_sa(t) != NULL) {
		if (ike_tun_uncovered(t, NULL) > 0)
			ike_timer_set(ike, &t->t_child, ike->now);
		else
			t->asked = 0;
	} else if (t->dial == NULL)
		ike_tun_dial(ike, t, ike->now);
	ike_report(ike, t);
	return (0);
}

int
ike_tun_rekey(struct ike *ike, struct tun *t, int ike_sa)
{
	struct sa	*sa = ike_tun_sa(t);
	struct child	*c;

	if (sa == NULL)
		return (-1);
	if (ike_sa)
		sa->want |= WANT_IKE;
	else
		for (c = sa->children; c != NULL; c = c->next)
			if (c->state == C_UP)
				c->want_rekey = 1;
	sa->proto->next(ike, sa);
	return (0);
}

/* All roles are ready, or the tunnel is new. */
void
ike_tun_go(struct ike *ike, struct tun *t)
{
	uint32_t	 spread = 0;

	if (!ike->going)
		return;
	if (ike_tun_ours(t) && t->dial == NULL && t->t_dial.pos == 0) {
		if (ike->ntun > 16)
			spread = (uint32_t)ike->ntun * 2;
		ike_timer_set(ike, &t->t_dial,
		    ike->now + ike_random_below(ike, spread + 1));
	}
	ike_report(ike, t);
}
