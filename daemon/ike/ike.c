/* SPDX-License-Identifier: ISC */

/*
 * ike.c: the role: begin and end, the configuration, the deaths of the
 * other processes.
 */

#include <stdlib.h>

#include "engine.h"

enum { SPREAD_MS = 5000 };

static void
free_indexes(struct ike *ike)
{
	ike_map_free(&ike->by_spi);
	ike_map_free(&ike->by_init);
	ike_map_free(&ike->by_num);
	ike_map_free(&ike->by_src);
	ike_map_free(&ike->tun_id);
	ike_map_free(&ike->tun_ident);
	ike_map_free(&ike->tun_addr);
	ike_map_free(&ike->contact);
	free(ike->heap.t);
}

static void *
ike_new(const struct role_io *io)
{
	struct ike	*ike;

	if ((ike = calloc(1, sizeof(*ike))) == NULL)
		return (NULL);
	if (ike_map_init(&ike->by_spi) || ike_map_init(&ike->by_init) ||
	    ike_map_init(&ike->by_num) || ike_map_init(&ike->by_src) ||
	    ike_map_init(&ike->tun_id) || ike_map_init(&ike->tun_ident) ||
	    ike_map_init(&ike->tun_addr) || ike_map_init(&ike->contact) ||
	    ike_timer_more(ike, 2)) {
		free_indexes(ike);
		free(ike);
		return (NULL);
	}
	ike->io = io;
	io->random(io->arg, &ike->seed, sizeof(ike->seed));
	/* not the numbers of a former life, whose children may still be */
	io->random(io->arg, &ike->next_child, sizeof(ike->next_child));
	ike->next_child &= 0x3fffffff;
	ike->tell_net = UINT32_MAX;	/* nothing to say again */
	ike_timer_init(&ike->t_half, ike_half_tick, NULL);
	ike_timer_init(&ike->t_tell, ike_tell, NULL);
	return (ike);
}

static int
quiet_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	(void)arg;
	(void)to;
	(void)h;
	(void)b;
	(void)n;
	return (0);
}

static const struct role_io quiet = { .send = quiet_send };

static void
free_tuns(struct ike *ike, struct tun *list)
{
	struct tun	*t;

	while ((t = list) != NULL) {
		list = t->next;
		while (t->sas != NULL)
			ike_sa_free(ike, t->sas);
		ike_timer_less(ike, TUN_TIMERS);
		free(t);
	}
}

static void
ike_free(void *self)
{
	struct ike	*ike = self;
	struct node	*n, *next;
	uint32_t	 s;
	size_t		 i;

	ike->io = &quiet;
	for (s = 0; s < ike->nslot; s++)
		if (ike->slot[s] != NULL)
			ike_sa_free(ike, ike->slot[s]);
	ike_reap(ike);
	free_tuns(ike, ike->tuns);
	free_tuns(ike, ike->gone);
	for (i = 0; i < ike->contact.nb; i++)
		for (n = ike->contact.b[i]; n != NULL; n = next) {
			next = n->next;
			free(n);
		}
	free_indexes(ike);
	free(ike->slot);
	explicit_bzero(ike, sizeof(*ike));
	free(ike);
}

/* Tunnels that left the configuration go when their last SA has. */
static void
free_gone(struct ike *ike)
{
	struct tun	**p = &ike->gone, *t;

	while ((t = *p) != NULL) {
		if (t->sas != NULL) {
			p = &t->next;
			continue;
		}
		*p = t->next;
		ike_timer_less(ike, TUN_TIMERS);
		free(t);
	}
}

static uint64_t
ike_tick(void *self, uint64_t now)
{
	struct ike	*ike = self;
	uint64_t	 due;

	ike->now = now;
	ike_reap(ike);
	due = ike_timer_run(ike, now);
	ike_reap(ike);
	if (ike->gone != NULL)
		free_gone(ike);
	return (due);
}

static int
ike_added(void *self, const struct conf *c, uint64_t now)
{
	struct ike	*ike = self;
	struct tun	*t;
	size_t		 i;
	int		 rv;

	ike->now = now;
	ike->conf = c;
	for (i = 0; i < c->now->n; i++) {
		if ((rv = ike_tun_add(ike, c->now->t[i])) == -1)
			return (-1);
		if ((t = ike_tun_find(ike, c->now->t[i]->id)) == NULL)
			continue;
		if (rv == 1)
			ike_tun_go(ike, t);
		else if (conf_was(c, t->id) != NULL)
			ike_tun_soft(ike, t);
	}
	return (0);
}

static int
ike_removed(void *self, const struct conf *c, uint64_t now)
{
	struct ike	*ike = self;
	struct tun	*t;
	size_t		 i;

	ike->now = now;
	ike->conf = c;
	for (i = 0; c->old != NULL && i < c->old->n; i++)
		if (conf_is_gone(c, c->old->t[i]->id) &&
		    (t = ike_tun_find(ike, c->old->t[i]->id)) != NULL)
			ike_tun_remove(ike, t);
	ike_reap(ike);
	return (0);
}

/* Only who knows what the SA backend can do may negotiate. */
void
ike_begin(struct ike *ike)
{
	struct tun	*t;

	if (ike->going || !ike->told || !ike->have_caps)
		return;
	ike->going = 1;
	for (t = ike->tuns; t != NULL; t = t->next)
		ike_tun_go(ike, t);
}

static void
ike_go(void *self, uint64_t now)
{
	struct ike	*ike = self;

	ike->now = now;
	ike->told = 1;
	ike_begin(ike);
}

/* Waits that the death of that process has made vain. */
static void
waits_lost(struct ike *ike, enum proc who)
{
	struct sa	*sa;
	uint32_t	 i;
	int		 sad;

	for (i = 0; i < ike->nslot; i++) {
		if ((sa = ike->slot[i]) == NULL || sa->wait == W_NONE)
			continue;
		switch (sa->wait) {
		case W_AUTH_I_S:
		case W_AUTH_R_S:
		case W_CHILD_I_S:
		case W_CHILD_R_S:
			sad = 1;
			break;
		case W_AUTH_I:
		case W_AUTH_R:
		case W_CHILD_I:
		case W_CHILD_R:
			sad = who == PROC_SAD;
			break;
		default:
			sad = 0;
		}
		if (sad == (who == PROC_SAD))
			sa->proto->lost(ike, sa);
	}
}

/*
 * s2sd-keys lost its handles: half-open IKE SAs cannot go on, the others
 * are replaced one after the other, make before break, in good time.
 */
static void
keys_died(struct ike *ike)
{
	struct sa	*sa;
	uint32_t	 i;

	waits_lost(ike, PROC_KEYS);
	for (i = 0; i < ike->nslot; i++) {
		if ((sa = ike->slot[i]) == NULL)
			continue;
		sa->handle = 0;
		if (sa->state == S_INIT_R)
			ike_sa_free(ike, sa);
		else if (sa->state == S_INIT_I || sa->state == S_AUTH_I)
			ike_tun_failed(ike, sa, R_KERNEL,
			    "s2sd-keys was started anew");
		else if (sa->state == S_UP && !sa->replaced)
			ike_sa_doom(ike, sa, ike->now + 1 +
			    ike_random_below(ike, ike->ntun > 16 ?
			    (uint32_t)ike->ntun * 4 + SPREAD_MS : SPREAD_MS));
	}
}

/* A new s2sd-sad finds pairs and asks whose they are: ours, first of all. */
static void
sad_died(struct ike *ike)
{
	waits_lost(ike, PROC_SAD);
	ike->tell_sad = ike->tuns;
	ike->telling_sad = 1;
	ike_tell(ike, NULL, ike->now);
}

static void
ike_died(void *self, enum proc who, uint64_t now)
{
	struct ike		*ike = self;
	struct m_net_cookie	 m;

	ike->now = now;
	switch (who) {
	case PROC_NET:
		m.on = ike->cookies;
		(void)role_send(ike->io, PROC_NET, M_NET_COOKIE, ike_gen(ike),
		    0, 0, &m);
		ike->tell_net = 0;
		ike_timer_set(ike, &ike->t_tell, now);
		break;
	case PROC_CTL:
		ike->tell_tun = ike->tuns;
		ike_timer_set(ike, &ike->t_tell, now);
		break;
	case PROC_KEYS:
		keys_died(ike);
		break;
	case PROC_SAD:
		sad_died(ike);
		break;
	default:
		break;
	}
	ike_reap(ike);
}

static size_t
ike_counters(void *self, struct role_counter *c, size_t max)
{
	static const char *const	 names[CNT_MAX] = {
	    "received", "sent", "bad-header", "bad-version", "bad-spi",
	    "bad-payload", "bad-icv", "bad-message-id", "bad-state",
	    "bad-address", "reflected", "replayed", "retransmitted",
	    "half-open-full", "no-tunnel", "unprotected-error", "held",
	    "held-full", "stale-answer", "keys-busy", "ike-sa-initiated",
	    "ike-sa-answered", "child-sa", "second-answer", "no-memory",
	    "bad-fragment" };
	struct ike	*ike = self;
	size_t		 i;

	for (i = 0; i < CNT_MAX && i < max; i++) {
		c[i].name = names[i];
		c[i].value = ike->count[i];
	}
	return (i);
}

const struct role role_ike = {
	.id = PROC_IKE,
	.rules = ike_rules,
	.nrules = IKE_NRULES,
	.new = ike_new,
	.free = ike_free,
	.tick = ike_tick,
	.died = ike_died,
	.added = ike_added,
	.removed = ike_removed,
	.go = ike_go,
	.counters = ike_counters,
};
