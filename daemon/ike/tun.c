/* SPDX-License-Identifier: ISC */

/*
 * tun.c: tunnels: when to dial, whom, and again when; which of two IKE SAs
 * stays; what no child covers yet.
 */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "engine.h"

enum { DOUBLE_OURS = 3000, DOUBLE_THEIRS = 15000, DOUBLE_AGAIN = 5000,
    BUSY_MS = 20 };

static void	 t_child(struct ike *, void *, uint64_t);
static void	 t_double(struct ike *, void *, uint64_t);

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
		t->t = cfg;		/* unchanged, in the new set */
		return (0);
	}
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (-1);
	t->id = cfg->id;
	t->t = cfg;
	ike_timer_init(&t->t_dial, ike_tun_dial, t);
	ike_timer_init(&t->t_child, t_child, t);
	ike_timer_init(&t->t_double, t_double, t);
	index_tun(ike, t);
	any_add(ike, t);
	t->next = ike->tuns;
	ike->tuns = t;
	ike->ntun++;
	return (1);
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
	end_all(ike, t);
	ike_map_del(&ike->tun_id, &t->by_id);
	ike_map_del(&ike->tun_ident, &t->by_ident);
	for (i = 0; i < PEER_MAX; i++)
		ike_map_del(&ike->tun_addr, &t->by_addr[i]);
	if (ike->tell_tun == t)
		ike->tell_tun = t->next;
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
static int
ours(const struct tun *t)
{
	return (t->t != NULL && !t->gone && !t->down && t->t->npeer > 0 &&
	    !(t->t->flags & TUN_DISABLED) &&
	    (t->t->flags & TUN_ACTIVE || t->asked));
}

static uint64_t
backoff(struct ike *ike, uint32_t *s)
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

	if (!ike->going || !ours(t) || t->dial != NULL ||
	    (sa != NULL && !sa->doomed) || t->t_dial.pos != 0)
		return;
	ike_timer_set(ike, &t->t_dial, t->tries == 0 ? ike->now :
	    backoff(ike, &t->backoff));
	ike_report(ike, t);
}

/* An IKE SA that a fresh one is to replace, or NULL. */
static struct sa *
doomed(const struct tun *t)
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
	const struct sa	*old = doomed(t);

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
	struct tun	*t = arg;
	struct sa	*sa;

	if (t->t == NULL || t->gone || t->down || t->dial != NULL)
		return;
	if ((sa = ike_tun_sa(t)) != NULL && !sa->doomed)
		return;
	if (doomed(t) == NULL && !ours(t))
		return;
	if (ike->open_keys >= OPEN_KEYS ||
	    (sa = ike_sa_new(ike, &ike_v2, 1)) == NULL) {
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
	ike_sa_free(ike, sa);
	if (t->t == NULL)
		return;
	if (t->t->npeer > 1)
		t->peer_i = (uint8_t)((t->peer_i + 1) % t->t->npeer);
	if (ike_child_count(t) == 0)
		ike_reason(ike, t, reason, detail);
	if (doomed(t) != NULL && t->t_dial.pos == 0)
		ike_timer_set(ike, &t->t_dial, backoff(ike, &t->backoff));
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
	if (ike_child_count(t) == 0)
		t->covered = 0;
	sa = ike_tun_sa(t);
	if (sa == NULL) {
		if (t->tries == 0 && reason == R_DELETED)
			t->tries = 1;		/* not at once again */
		ike_tun_want(ike, t);
	} else if (ours(t) && t->t_child.pos == 0 &&
	    ike_tun_uncovered(t, NULL) > 0)
		ike_timer_set(ike, &t->t_child, backoff(ike, &t->cback));
	ike_report(ike, t);
}

/* Two IKE SAs of one tunnel: who of them has to go?  Both ends say the same:
 * the one with the higher initiator's SPI. */
static struct sa *
loser(struct tun *t)
{
	struct sa	*sa, *worst = NULL;
	int		 n = 0;

	for (sa = t->sas; sa != NULL; sa = sa->next) {
		if (sa->state != S_UP || sa->replaced || sa->doomed ||
		    sa->want & WANT_DELETE)
			continue;
		n++;
		if (worst == NULL || sa->spi_i > worst->spi_i)
			worst = sa;
	}
	return (n > 1 ? worst : NULL);
}

static void
t_double(struct ike *ike, void *arg, uint64_t now)
{
	struct tun	*t = arg;
	struct sa	*sa, *out;

	if ((out = loser(t)) == NULL)
		return;
	/* only when all are alive, and its initiator first */
	for (sa = t->sas; sa != NULL; sa = sa->next)
		if (sa->state == S_UP && sa->own.sent) {
			ike_timer_set(ike, &t->t_double, now + DOUBLE_AGAIN);
			return;
		}
	if (!out->init && now < out->born + DOUBLE_THEIRS) {
		ike_timer_set(ike, &t->t_double, out->born + DOUBLE_THEIRS);
		return;
	}
	out->want |= WANT_DELETE;
	out->proto->next(ike, out);
	ike_timer_set(ike, &t->t_double, now + DOUBLE_AGAIN);
}

static void
others(struct ike *ike, struct tun *t, struct sa *sa)
{
	struct sa	*s, *next;
	int		 two = 0;

	for (s = t->sas; s != NULL; s = next) {
		next = s->next;
		if (s == sa || s->state == S_NEXT)
			continue;
		if (sa->peer_ic && (s->state == S_UP ||
		    s->state == S_CLOSING)) {
			ike_sa_free(ike, s);	/* RFC 7296 section 2.4 */
			next = t->sas;
		} else if (s == t->dial && s->state == S_INIT_I) {
			ike_sa_free(ike, s);	/* nothing at the peer yet */
			next = t->sas;
		} else if (s->state == S_UP && !s->replaced && !s->doomed) {
			s->want |= WANT_LIVE;
			two = 1;
		}
	}
	if (!two)
		return;
	for (s = t->sas; s != NULL; s = s->next)
		if (s->want & WANT_LIVE)
			s->proto->next(ike, s);
	ike_timer_set(ike, &t->t_double, ike->now + DOUBLE_OURS);
}

void
ike_tun_sa_up(struct ike *ike, struct tun *t, struct sa *sa)
{
	struct node	*n;
	uint64_t	 key = ike_ident_key(ike, t->t);
	char		 a[ADDR_STRLEN];
	int		 rekeyed = sa->low.n != 0;

	if (t->dial == sa)
		t->dial = NULL;
	if (t->dial == NULL)
		ike_timer_off(ike, &t->t_dial);
	t->tries = 0;
	t->backoff = 0;
	t->orphan = 0;
	if (ike_map_get(&ike->contact, key) == NULL &&
	    (n = calloc(1, sizeof(*n))) != NULL)
		ike_map_put(&ike->contact, n, key, n);
	if (!rekeyed)
		others(ike, t, sa);
	role_log(ike->io, LOG_INFO, t->id, 0, "%s: IKE SA %s with %s: %s",
	    t->t->name, rekeyed ? "renewed" : "made",
	    addr_str(&sa->remote, 1, a, sizeof(a)), sa->a.encr->name);
	ike_report(ike, t);
}

/* What a fresh IKE SA replaced can go, now that traffic has a way. */
static void
drop_doomed(struct ike *ike, struct tun *t, struct sa *keep)
{
	struct sa	*sa, *next;

	for (sa = t->sas; sa != NULL; sa = next) {
		next = sa->next;
		if (sa == keep || sa->state != S_UP ||
		    !(sa->doomed || sa->stuck))
			continue;
		if (sa->stuck) {
			ike_sa_free(ike, sa);
			next = t->sas;
			continue;
		}
		sa->want |= WANT_DELETE;
		sa->proto->next(ike, sa);
	}
}

void
ike_tun_child_up(struct ike *ike, struct tun *t, struct child *c)
{
	if (!t->was_up || t->reason != R_NONE)
		role_log(ike->io, LOG_NOTICE, t->id, 0, "%s: up",
		    t->t->name);
	t->was_up = 1;
	t->asked = 0;
	t->cback = 0;
	t->reason = R_NONE;
	t->detail[0] = '\0';
	drop_doomed(ike, t, c->sa);
	if ((c->init || t->t->flags & TUN_ACTIVE) && t->t_child.pos == 0 &&
	    ike_tun_uncovered(t, NULL) > 0)
		ike_timer_set(ike, &t->t_child, ike->now +
		    (c->init ? 0 : 1000));
	ike_report(ike, t);
}

/* The IKE SA is there, the peer does not want the child. */
void
ike_tun_child_failed(struct ike *ike, struct tun *t, int reason,
    const char *detail)
{
	if (t->t == NULL)
		return;
	if (ike_child_count(t) == 0)
		ike_reason(ike, t, reason, detail);
	else
		role_log(ike->io, LOG_WARNING, t->id, reason,
		    "%s: a further child SA failed: %s%s%s", t->t->name,
		    reason_row(reason)->id, detail[0] != '\0' ? ": " : "",
		    detail);
	if (ours(t) || t->asked)
		ike_timer_set(ike, &t->t_child, backoff(ike, &t->cback));
}

static int
meets(const struct selpair *a, const struct selpair *b)
{
	struct sel	 x;

	return (sel_cut(&a->local, &b->local, &x) &&
	    sel_cut(&a->remote, &b->remote, &x));
}

static int
covered(const struct tun *t, const struct selpair *p)
{
	const struct sa		*sa;
	const struct child	*c;
	size_t			 i;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (c = sa->children; c != NULL; c = c->next)
			for (i = 0; i < c->npair; i++)
				if ((c->state == C_UP || c->state == C_NEW) &&
				    meets(&c->pair[i], p))
					return (1);
	return (0);
}

size_t
ike_tun_uncovered(const struct tun *t, struct selpair *out)
{
	size_t	 i, n = 0;

	if (t->t == NULL)
		return (0);
	for (i = 0; i < t->t->npair; i++) {
		if (t->covered >> i & 1 || covered(t, &t->t->pair[i]))
			continue;
		if (out != NULL)
			out[n] = t->t->pair[i];
		n++;
	}
	return (n);
}

static void
t_child(struct ike *ike, void *arg, uint64_t now)
{
	struct tun	*t = arg;
	struct sa	*sa = ike_tun_sa(t);

	(void)now;
	if (sa == NULL || ike_tun_uncovered(t, NULL) == 0)
		return;
	sa->want |= WANT_NEW;
	sa->proto->next(ike, sa);
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
		*why = "it is disabled in the configuration";
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
	if (ours(t) && t->dial == NULL && t->t_dial.pos == 0) {
		if (ike->ntun > 16)
			spread = (uint32_t)ike->ntun * 2;
		ike_timer_set(ike, &t->t_dial,
		    ike->now + ike_random_below(ike, spread + 1));
	}
	ike_report(ike, t);
}
