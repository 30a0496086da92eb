/* SPDX-License-Identifier: ISC */

/* sa.c: the life of an IKE SA, whatever its version: slots, SPIs, timers. */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "engine.h"

uint64_t
ike_random64(struct ike *ike)
{
	uint64_t	 v;

	ike->io->random(ike->io->arg, &v, sizeof(v));
	return (v);
}

/* 0 .. n-1; the bias does not matter for what it is used for (jitter). */
uint32_t
ike_random_below(struct ike *ike, uint32_t n)
{
	return (n == 0 ? 0 : (uint32_t)(ike_random64(ike) >> 16) % n);
}

/*
 * How long before its end an SA of that life is renewed: 120 s or a tenth,
 * but never more than a quarter of the life; and up to half of that more, so
 * that many SAs do not renew at once and two ends rarely at the same time.
 */
uint64_t
ike_margin(struct ike *ike, uint64_t life_ms)
{
	uint64_t	 m = life_ms / 10;

	if (m < 120000)
		m = 120000;
	if (m > life_ms / 4)
		m = life_ms / 4;
	return (m + ike_random_below(ike, (uint32_t)(m / 2) + 1));
}

static int
slot_take(struct ike *ike, struct sa *sa)
{
	struct sa	**p;
	uint32_t	 i, n;

	if (ike->nused == ike->nslot) {
		if (ike->nslot >= SLOT_MAX)
			return (-1);
		n = ike->nslot == 0 ? 64 : ike->nslot * 2;
		if (n > SLOT_MAX)
			n = SLOT_MAX;
		if ((p = reallocarray(ike->slot, n, sizeof(*p))) == NULL)
			return (-1);
		for (i = ike->nslot; i < n; i++)
			p[i] = NULL;
		ike->slot = p;
		ike->free_hint = ike->nslot;
		ike->nslot = n;
	}
	for (i = ike->free_hint; ike->slot[i] != NULL;)
		i = i + 1 == ike->nslot ? 0 : i + 1;
	ike->slot[i] = sa;
	ike->free_hint = i + 1 == ike->nslot ? 0 : i + 1;
	ike->nused++;
	sa->slot = i;
	return (0);
}

/* Our SPI: random, not 0, not in use. */
static uint64_t
draw_spi(struct ike *ike)
{
	uint64_t	 spi;

	do
		spi = ike_random64(ike);
	while (spi == 0 || ike_map_get(&ike->by_spi, spi) != NULL);
	return (spi);
}

static void
tell_spi(struct ike *ike, const struct sa *sa, int add)
{
	struct m_net_spi	 m;

	m.spi = sa->mine;
	m.add = (uint8_t)add;
	(void)role_send(ike->io, PROC_NET, M_NET_SPI, ike_gen(ike), 0, 0, &m);
}

/* An SPI that no IKE_SA_INIT of ours makes known: of a rekeyed IKE SA. */
void
ike_sa_announce(struct ike *ike, const struct sa *sa)
{
	tell_spi(ike, sa, 1);
}

/*
 * Does this message tell s2sd-net of a new SPI of ours?  Each IKE_SA_INIT
 * does, so that a handshake needs no frame for it.
 */
static int
begins(const struct ike *ike, struct rd msg)
{
	uint64_t	 spi_i, spi_r;
	uint8_t		 next, version, exch, flags;

	if (rd_u64(&msg, &spi_i) || rd_u64(&msg, &spi_r) ||
	    rd_u8(&msg, &next) || rd_u8(&msg, &version) ||
	    rd_u8(&msg, &exch) || rd_u8(&msg, &flags) || exch != X_INIT)
		return (0);
	/* an error answer repeats SPIs that are a stranger's */
	return (ike_map_get(&ike->by_spi, flags & HDR_I ? spi_i : spi_r) !=
	    NULL);
}

/* A new IKE SA in S_INIT_I or S_INIT_R, or NULL. */
struct sa *
ike_sa_new(struct ike *ike, const struct ike_proto *proto, int init)
{
	struct sa	*sa;

	if (ike_timer_more(ike, SA_TIMERS))
		return (NULL);
	if ((sa = calloc(1, sizeof(*sa))) == NULL ||
	    slot_take(ike, sa) == -1) {
		ike_timer_less(ike, SA_TIMERS);
		free(sa);
		return (NULL);
	}
	sa->proto = proto;
	sa->init = (uint8_t)init;
	sa->gen = ike_random_below(ike, 0xffff);
	sa->state = init ? S_INIT_I : S_INIT_R;
	sa->mine = draw_spi(ike);
	if (init)
		sa->spi_i = sa->mine;
	else
		sa->spi_r = sa->mine;
	sa->begun = sa->born = sa->half_since = ike->now;
	ike_sa_timers(sa);
	ike_map_put(&ike->by_spi, &sa->by_spi, sa->mine, sa);
	return (sa);
}

void
ike_sa_join(struct sa *sa, struct tun *t)
{
	if (sa->tun != NULL)
		return;
	sa->tun = t;
	sa->next = t->sas;
	t->sas = sa;
}

/* (slot, generation) of the request at hand; never 0. */
uint32_t
ike_sa_reqid(const struct sa *sa)
{
	return ((sa->slot + 1) << 16 | (sa->gen & 0xffff));
}

struct sa *
ike_sa_req(struct ike *ike, uint32_t req)
{
	struct sa	*sa;
	uint32_t	 slot = (req >> 16) - 1;

	if (req >> 16 == 0 || slot >= ike->nslot ||
	    (sa = ike->slot[slot]) == NULL || sa->wait == W_NONE ||
	    ike_sa_reqid(sa) != req) {
		ike->count[CNT_STALE]++;
		return (NULL);
	}
	return (sa);
}

/* Waits that have an open request at s2sd-keys. */
static int
needs_keys(enum wait w)
{
	switch (w) {
	case W_NONE:
	case W_AUTH_I_S:
	case W_AUTH_R_S:
	case W_CHILD_I_S:
	case W_CHILD_R_S:
		return (0);
	default:
		return (1);
	}
}

/* Enter or leave a wait; a new one gets a generation of its own. */
void
ike_sa_wait(struct ike *ike, struct sa *sa, enum wait w)
{
	if (needs_keys(sa->wait))
		ike->open_keys--;
	if (needs_keys(w))
		ike->open_keys++;
	if (sa->wait == W_NONE && w != W_NONE)
		sa->gen++;
	sa->wait = w;
	if (w == W_NONE)
		ike_timer_off(ike, &sa->t_wait);
	else
		ike_timer_set(ike, &sa->t_wait, ike->now + WAIT_MS);
}

void
ike_close_handle(struct ike *ike, struct tun *t, uint32_t handle)
{
	struct m_k_handle	 m;

	if (handle == 0)
		return;
	m.handle = handle;
	(void)role_send(ike->io, PROC_KEYS, M_K_CLOSE, ike_gen(ike), 0,
	    t != NULL ? t->id : 0, &m);
}

/* Our request is over: forget everything about it but the counters. */
void
ike_own_clear(struct ike *ike, struct sa *sa)
{
	struct own_req	*o = &sa->own;
	int		 was_silent = o->sent && o->repeats >= RETX_SILENT;

	ike_timer_off(ike, &sa->t_own);
	ike_buf_free(&o->msg);
	ike_buf_free(&o->nonce);
	ike_buf_free(&o->ke);
	ike_buf_free(&o->cookie);
	memset(o, 0, sizeof(*o));
	if (was_silent && sa->state == S_UP)
		ike_report(ike, sa->tun);
}

static void
bufs_free(struct sa *sa)
{
	size_t	 i;

	for (i = 0; i < CAND_MAX; i++)
		ike_buf_free(&sa->cand[i]);
	ike_buf_free(&sa->ans.id);
	ike_buf_free(&sa->ans.auth);
	ike_buf_free(&sa->ans.nonce);
	ike_buf_free(&sa->ans.ke);
	ike_buf_free(&sa->peer.nonce);
	ike_buf_free(&sa->held);
	ike_buf_free(&sa->init_i);
	ike_buf_free(&sa->init_r);
}

static void
leave_tun(struct sa *sa)
{
	struct sa	**p;

	if (sa->tun == NULL)
		return;
	if (sa->tun->dial == sa)
		sa->tun->dial = NULL;
	for (p = &sa->tun->sas; *p != NULL; p = &(*p)->next)
		if (*p == sa) {
			*p = sa->next;
			break;
		}
	sa->next = NULL;
	sa->tun = NULL;
}

/* A rekey in progress points at its new IKE SA, and that one may end. */
static void
forget_other(struct ike *ike, struct tun *t, struct sa *gone)
{
	struct sa	*s, *other;

	if (t == NULL)
		return;
	for (s = t->sas; s != NULL; s = s->next) {
		if (s->own.other == gone)
			s->own.other = NULL;
		if (s->own.rival == gone)
			s->own.rival = NULL;
		if (s->peer.other == gone)
			s->peer.other = NULL;
	}
	other = gone->own.other;
	gone->own.other = NULL;
	if (other != NULL && other->state == S_NEXT)
		ike_sa_free(ike, other);
	other = gone->peer.other;
	gone->peer.other = NULL;
	if (other != NULL && other->state == S_NEXT)
		ike_sa_free(ike, other);
}

void
ike_sa_free(struct ike *ike, struct sa *sa)
{
	struct tun	*t = sa->tun;

	if (sa->state == S_DEAD)
		return;
	ike_close_handle(ike, t, sa->handle);
	sa->handle = 0;
	ike_sa_wait(ike, sa, W_NONE);
	sa->state = S_DEAD;
	forget_other(ike, t, sa);
	while (sa->children != NULL)
		ike_child_free(ike, sa->children);
	ike_half_del(ike, sa);
	ike_own_clear(ike, sa);
	ike_timer_off(ike, &sa->t_life);
	ike_timer_off(ike, &sa->t_live);
	ike_timer_off(ike, &sa->t_nat);
	ike_timer_off(ike, &sa->t_next);
	if (sa->proto->stop != NULL)
		sa->proto->stop(ike, sa);
	ike_map_del(&ike->by_spi, &sa->by_spi);
	ike_map_del(&ike->by_init, &sa->by_init);
	tell_spi(ike, sa, 0);
	leave_tun(sa);
	ike->slot[sa->slot] = NULL;
	ike->nused--;
	ike->free_hint = sa->slot;
	sa->next = ike->dead;
	ike->dead = sa;
}

void
ike_reap(struct ike *ike)
{
	struct sa	*sa;
	struct child	*c;

	while ((c = ike->dead_child) != NULL) {
		ike->dead_child = c->next;
		free(c->pair);
		free(c);
		ike_timer_less(ike, 1);
	}
	while ((sa = ike->dead) != NULL) {
		ike->dead = sa->next;
		bufs_free(sa);
		if (sa->proto->wipe != NULL)
			sa->proto->wipe(ike, sa);
		ike_buf_free(&sa->reply);
		crypt_free(sa->seal);
		crypt_free(sa->open);
		explicit_bzero(sa, sizeof(*sa));
		free(sa);
		ike_timer_less(ike, SA_TIMERS);
	}
}

void
ike_send(struct ike *ike, const struct addr *local, const struct addr *remote,
    uint8_t flags, struct rd msg)
{
	struct m_net_dgram	 m;

	m.local = *local;
	m.remote = *remote;
	m.flags = (uint8_t)(flags | (begins(ike, msg) ? NETF_SPI : 0));
	m.rest = msg;
	ike->count[CNT_SENT]++;
	(void)role_send(ike->io, PROC_NET, M_NET_SEND, ike_gen(ike), 0, 0, &m);
}

/* A half-open IKE SA ends HALF_MS after its last progress, and at the
 * latest HALF_TOTAL_MS after its beginning. */
void
ike_sa_half(struct ike *ike, struct sa *sa)
{
	uint64_t	 due = ike->now + HALF_MS;

	if (due > sa->born + HALF_TOTAL_MS)
		due = sa->born + HALF_TOTAL_MS;
	sa->half_since = ike->now;
	ike_timer_set(ike, &sa->t_life, due);
}

/* An authentic message came: the peer lives. */
void
ike_sa_lives(struct ike *ike, struct sa *sa)
{
	sa->last_in = ike->now;
	sa->asked = 0;
	if (sa->state == S_UP && sa->tun != NULL && sa->tun->t != NULL &&
	    sa->tun->t->dpd != 0 && sa->t_live.pos == 0)
		ike_timer_set(ike, &sa->t_live,
		    ike->now + (uint64_t)sa->tun->t->dpd * 1000);
}

void
ike_sa_up(struct ike *ike, struct sa *sa)
{
	uint64_t	 life = (uint64_t)sa->tun->t->ikelife * 1000;

	ike_half_del(ike, sa);
	ike_map_del(&ike->by_init, &sa->by_init);
	sa->state = S_UP;
	sa->born = ike->now;
	sa->dies_at = ike->now + life;
	sa->rekey_at = sa->dies_at - ike_margin(ike, life);
	ike_timer_set(ike, &sa->t_life, sa->rekey_at);
	ike_sa_lives(ike, sa);
	if (sa->nat_here)
		ike_timer_set(ike, &sa->t_nat, ike->now + KEEPALIVE_MS);
	bufs_free(sa);
	ike_tun_sa_up(ike, sa->tun, sa);
}

void
ike_sa_linger(struct ike *ike, struct sa *sa)
{
	struct tun	*t = sa->tun;

	ike_close_handle(ike, t, sa->handle);
	sa->handle = 0;
	ike_sa_wait(ike, sa, W_NONE);
	forget_other(ike, t, sa);
	while (sa->children != NULL)
		ike_child_free(ike, sa->children);
	ike_half_del(ike, sa);
	ike_own_clear(ike, sa);
	ike_timer_off(ike, &sa->t_live);
	ike_timer_off(ike, &sa->t_nat);
	ike_timer_off(ike, &sa->t_next);
	bufs_free(sa);
	leave_tun(sa);
	sa->state = S_LINGER;
	ike_timer_set(ike, &sa->t_life, ike->now + LINGER_MS);
}

/* At that time a fresh IKE SA is to take its place, before its own end. */
void
ike_sa_doom(struct ike *ike, struct sa *sa, uint64_t at)
{
	if (sa->doomed && at >= sa->rekey_at)
		return;			/* sooner already */
	sa->doomed = 1;
	if (at >= sa->dies_at)
		at = ike->now + 1;
	sa->rekey_at = at;
	ike_timer_set(ike, &sa->t_life, at);
}
