/* SPDX-License-Identifier: ISC */

/* sa_timer.c: what an IKE SA does when one of its timers is due. */

#include <syslog.h>

#include "engine.h"

uint64_t
ike_retx_wait(struct ike *ike, unsigned int repeats)
{
	uint64_t	 wait = RETX_FIRST;

	while (repeats-- > 0 && wait < RETX_CAP)
		wait *= 2;
	/* 10 % jitter both ways */
	return (wait + ike_random_below(ike, (uint32_t)(wait / 5)) -
	    wait / 10);
}

static void
t_own(struct ike *ike, void *arg, uint64_t now)
{
	struct sa	*sa = arg;
	struct own_req	*o = &sa->own;
	unsigned int	 max = RETX_MAX;

	if (o->kind == O_NONE || !o->sent)
		return;
	if (sa->state == S_AUTH_I && sa->doubt)
		max = sa->ncand > 0 ? RETX_DOUBT : RETX_FORGED;
	if (o->repeats >= max) {
		sa->proto->timeout(ike, sa);
		return;
	}
	o->repeats++;
	sa->repeats++;
	ike->count[CNT_RETRANSMIT]++;
	if (o->repeats == RETX_SILENT && sa->state == S_UP)
		ike_report(ike, sa->tun);
	ike_timer_set(ike, &sa->t_own, now + ike_retx_wait(ike, o->repeats));
	if (sa->proto->repeat != NULL) {
		sa->proto->repeat(ike, sa);
		return;
	}
	ike_send(ike, &sa->local, &sa->remote, sa->float_ ? NETF_4500 : 0,
	    BUF_RD(&o->msg));
}

/* It is on the wire for the first time: repeat it until it is answered. */
void
ike_own_send(struct ike *ike, struct sa *sa, struct rd msg)
{
	struct own_req	*o = &sa->own;

	/* no memory for it: sent once, and given up at the first repeat */
	ike_buf_free(&o->msg);
	o->repeats = msg.n > 0 && ike_buf_set(&o->msg, msg) ? RETX_MAX : 0;
	o->sent = 1;
	o->at = ike->now;
	ike_timer_set(ike, &sa->t_own, ike->now + ike_retx_wait(ike, 0));
	if (sa->proto->repeat != NULL && o->repeats == 0) {
		sa->proto->repeat(ike, sa);
		return;
	}
	ike_send(ike, &sa->local, &sa->remote, sa->float_ ? NETF_4500 : 0,
	    msg);
}

static void
t_life(struct ike *ike, void *arg, uint64_t now)
{
	struct sa	*sa = arg;
	struct tun	*t = sa->tun;

	if (sa->state != S_UP && sa->state != S_CLOSING) {
		/* half-open as responder, or lingering */
		ike_sa_free(ike, sa);
		return;
	}
	if (now >= sa->dies_at) {
		role_log(ike->io, LOG_WARNING, t->id, 0,
		    "%s: the IKE SA reached its end without being renewed",
		    t->t != NULL ? t->t->name : "?");
		ike_sa_free(ike, sa);
		ike_tun_lost(ike, t, R_DIED, "life time");
		return;
	}
	ike_timer_set(ike, &sa->t_life, sa->dies_at);
	if (sa->doomed) {
		ike_tun_dial(ike, t, now);
		return;
	}
	sa->want |= WANT_IKE;
	sa->proto->next(ike, sa);
}

/* Ask s2sd-sad whether packets came; only then the peer (RFC 7296 2.4). */
static void
t_live(struct ike *ike, void *arg, uint64_t now)
{
	struct sa	*sa = arg;
	uint64_t	 dpd;

	if (sa->state != S_UP || sa->tun == NULL || sa->tun->t == NULL ||
	    sa->tun->t->dpd == 0)
		return;
	dpd = (uint64_t)sa->tun->t->dpd * 1000;
	if (now < sa->last_in + dpd) {
		sa->asked = 0;
		ike_timer_set(ike, &sa->t_live, sa->last_in + dpd);
		return;
	}
	ike_timer_set(ike, &sa->t_live, now + 1000);
	if (sa->asked == 0 && sa->children != NULL) {
		sa->asked = now;
		(void)role_send(ike->io, PROC_SAD, M_S_QUERY, ike_gen(ike),
		    ike_sa_reqid(sa), sa->tun->id, NULL);
		return;
	}
	sa->asked = 0;
	ike_timer_set(ike, &sa->t_live, now + dpd);
	sa->want |= WANT_LIVE;
	sa->proto->next(ike, sa);
}

static void
t_nat(struct ike *ike, void *arg, uint64_t now)
{
	struct sa	*sa = arg;

	ike_send(ike, &sa->local, &sa->remote, NETF_4500 | NETF_KEEPALIVE,
	    rd_of(NULL, 0));
	ike_timer_set(ike, &sa->t_nat, now + KEEPALIVE_MS);
}

static void
t_wait(struct ike *ike, void *arg, uint64_t now)
{
	struct sa	*sa = arg;

	(void)now;
	ike->count[CNT_STALE]++;
	if (sa->wait != W_NONE)
		sa->proto->lost(ike, sa);
}

void
ike_sa_again(struct ike *ike, struct sa *sa, uint64_t ms)
{
	ike_timer_set(ike, &sa->t_next, ike->now + ms);
}

static void
t_next(struct ike *ike, void *arg, uint64_t now)
{
	struct sa	*sa = arg;

	(void)now;
	sa->proto->next(ike, sa);
}

void
ike_sa_timers(struct sa *sa)
{
	ike_timer_init(&sa->t_own, t_own, sa);
	ike_timer_init(&sa->t_life, t_life, sa);
	ike_timer_init(&sa->t_live, t_live, sa);
	ike_timer_init(&sa->t_nat, t_nat, sa);
	ike_timer_init(&sa->t_wait, t_wait, sa);
	ike_timer_init(&sa->t_next, t_next, sa);
}
