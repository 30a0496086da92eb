/* SPDX-License-Identifier: ISC */

/*
 * info.c: INFORMATIONAL: deleting and liveness, RFC 7296 sections 1.4, 2.4,
 * 2.25.
 */

#include <stdio.h>
#include <syslog.h>

#include "v2.h"

enum { DEL_MAX = 256, REVIVED_MS = 30000 };

void
ike2_delete_ike(struct ike *ike, struct sa *sa)
{
	struct pld_out	 o;

	sa->want = 0;
	while (sa->children != NULL)
		ike_child_free(ike, sa->children);
	ike2_begin(ike, sa, &o, X_INFO);
	pld_delete_put(&o, PROTO_IKE, NULL, 0);
	ike2_request(ike, sa, O_DELETE, &o);
	sa->state = S_CLOSING;
	ike_timer_off(ike, &sa->t_live);
	ike_timer_off(ike, &sa->t_nat);
}

void
ike2_delete_child(struct ike *ike, struct sa *sa, struct child *c)
{
	struct pld_out	 o;

	c->want_del = 0;
	c->state = C_OLD;
	ike2_begin(ike, sa, &o, X_INFO);
	pld_delete_put(&o, ike2_proto(c), &c->spi_in, 1);
	sa->own.del = c->num;
	ike2_request(ike, sa, O_DELCHILD, &o);
}

void
ike2_live(struct ike *ike, struct sa *sa)
{
	struct pld_out	 o;

	sa->want &= (uint8_t)~WANT_LIVE;
	ike2_begin(ike, sa, &o, X_INFO);
	ike2_request(ike, sa, O_LIVE, &o);
}

/*
 * The peer takes back a renewal that it had made: the child that was to be
 * replaced goes on.  1 if there is one.
 */
static int
revive(struct ike *ike, const struct child *c)
{
	struct child	*old;
	uint64_t	 at = ike->now + REVIVED_MS;

	if (c->state != C_UP || c->replaces == 0 ||
	    (old = ike_child_find(ike, c->replaces)) == NULL ||
	    old->state != C_OLD || old->want_del ||
	    old->sa->own.del == old->num)
		return (0);
	old->state = C_UP;
	old->want_rekey = old->lost;
	ike_timer_set(ike, &old->timer,
	    old->rekey_at > at ? old->rekey_at : at);
	return (1);
}

/* The children of a Delete payload, as far as they are of this IKE SA. */
static void
deleted(struct ike *ike, struct sa *sa, const struct pld_delete *d,
    uint32_t *ours, size_t *n, int *lost)
{
	struct rd	 spis = d->spis;
	struct child	*c;
	uint32_t	 spi;

	while (rd_u32(&spis, &spi) == 0) {
		if ((c = ike_child_out(sa, spi)) == NULL ||
		    ike2_proto(c) != d->proto)
			continue;
		/* both delete it: no SPI in the answer (1.4.1) */
		if (sa->own.del != c->num && *n < DEL_MAX)
			ours[(*n)++] = c->spi_in;
		if (!revive(ike, c) && c->state == C_UP)
			*lost = 1;
		ike_child_free(ike, c);
	}
}

/* What is in the request: SPIs to answer, and whether the IKE SA ends. */
static int
read_req(struct ike *ike, struct sa *sa, struct msg2 *m, uint8_t *proto,
    uint32_t *ours, size_t *n, int *lost)
{
	struct pld_delete	 d;
	const char		*why;
	size_t			 i;
	int			 all = 0;

	for (i = 0; i < m->p.n; i++) {
		if (m->p.p[i].type != PLD_DELETE)
			continue;
		if (pld_delete(m->p.p[i].b, &d, &why))
			return (-1);
		if (d.proto == PROTO_IKE)
			all = 1;
		else if (d.proto == PROTO_ESP || d.proto == PROTO_AH) {
			deleted(ike, sa, &d, ours, n, lost);
			*proto = d.proto;	/* a tunnel has one */
		}
	}
	return (all);
}

/*
 * Two renewals crossed, the peer's lost, and it deletes its own before the
 * answer to ours has come: the children go back and wait for that.
 */
static void
give_back(struct sa *sa)
{
	struct sa	*s;

	for (s = sa->tun->sas; s != NULL; s = s->next)
		if (s->own.rival == sa && s->own.kind == O_IKE) {
			s->own.rival = NULL;
			s->replaced = 0;
			ike_child_move(sa, s);
			sa->replaced = 1;
			return;
		}
}

/* The peer ends the IKE SA. */
static void
peer_ends(struct ike *ike, struct sa *sa, int reason)
{
	struct tun	*t = sa->tun;
	int		 known;

	give_back(sa);
	known = sa->replaced || sa->doomed || sa->state == S_CLOSING;
	ike_sa_linger(ike, sa);
	if (t->t != NULL && !known)
		role_log(ike->io, LOG_NOTICE, t->id, reason,
		    "%s: the peer closed the IKE SA", t->t->name);
	ike_tun_lost(ike, t, known ? R_NONE : reason, "");
}

enum step
ike2_info_req(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct pld_notify	 n;
	struct pld_out		 o;
	struct tun		*t = sa->tun;
	uint32_t		 ours[DEL_MAX];
	size_t			 nours = 0;
	uint8_t			 proto = PROTO_ESP;
	int			 all, lost = 0, refused;

	if ((all = read_req(ike, sa, m, &proto, ours, &nours, &lost)) == -1) {
		ike->count[CNT_BAD_PAYLOAD]++;
		ike2_reply_notify(ike, sa, N_INVALID_SYNTAX, rd_of(NULL, 0));
		return (STEP_WAIT);
	}
	refused = ike2_has_notify(m, N_AUTH_FAILED, &n);
	ike2_begin_reply(ike, sa, &o);
	if (nours > 0)
		pld_delete_put(&o, proto, ours, nours);
	ike2_reply(ike, sa, &o);
	if (all || refused)
		peer_ends(ike, sa, refused ? R_AUTH_PSK : R_DELETED);
	else if (lost)
		ike_tun_lost(ike, t, R_DELETED, "");
	return (STEP_WAIT);
}

enum step
ike2_info_rsp(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct tun	*t = sa->tun;
	struct child	*c = ike_child_find(ike, sa->own.del);
	enum own	 kind = sa->own.kind;

	(void)m;
	if (kind != O_DELCHILD && kind != O_DELETE && kind != O_LIVE)
		return (STEP_DROP);
	if (sa->own.repeats == 0)
		sa->rtt = (uint32_t)(ike->now - sa->own.at);
	ike_own_clear(ike, sa);
	if (kind == O_DELETE) {
		ike_sa_free(ike, sa);
		ike_tun_lost(ike, t, R_NONE, NULL);
		return (STEP_DROP);
	}
	if (kind == O_DELCHILD) {
		if (c != NULL && c->sa == sa)
			ike_child_free(ike, c);
		ike_tun_lost(ike, t, R_NONE, NULL);
	}
	ike_report(ike, t);
	return (STEP_WAIT);
}
