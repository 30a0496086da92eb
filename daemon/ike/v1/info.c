/* SPDX-License-Identifier: ISC */

/*
 * info.c: informational exchanges, RFC 2409 section 5.7: one message, no
 * answer.  HASH(1) was verified before any of this (R18).
 */

#include <stdio.h>
#include <syslog.h>

#include "v1.h"

enum { BYE_AGAIN = 500 };

void
ike1_cookies(const struct sa *sa, uint8_t *b)
{
	struct wr	 w = wr_of(b, COOKIES1);

	wr_u64(&w, sa->spi_i);
	wr_u64(&w, sa->spi_r);
}

/* ---- out ---- */

static uint32_t
begin(struct ike *ike, struct sa *sa, struct pld1_out *o)
{
	uint32_t	 mid = ike1_mid_draw(ike, sa);

	ike1_info_use(sa, mid);		/* it must not come back to us */
	ike1_begin(ike, sa, o, X1_INFO, mid);
	ike1_hash_begin(sa, o);
	return (mid);
}

/* 0 and the message is o->w, or -1. */
static int
end(struct sa *sa, struct pld1_out *o, uint32_t mid)
{
	uint8_t	 iv[IV1_MAX];

	return (ike1_hash_end(sa, o, mid, rd_of(NULL, 0)) ||
	    ike1_iv_phase2(sa, mid, iv) || ike1_seal(sa, o, iv) ? -1 : 0);
}

/* keep: a copy of the message, or NULL. */
void
ike1_send_notify(struct ike *ike, struct sa *sa, uint8_t proto,
    struct rd spi, uint16_t type, struct rd data, struct buf *keep)
{
	struct pld1_out	 o;
	uint32_t	 mid;

	mid = begin(ike, sa, &o);
	pld1_notify_put(&o, proto, spi, type, data);
	if (end(sa, &o, mid))
		return;
	if (keep != NULL && ike_buf_set(keep, rd_of(o.w.p, o.w.n)))
		ike->count[CNT_NO_MEMORY]++;
	ike1_send(ike, sa, rd_of(o.w.p, o.w.n));
}

void
ike1_send_delete(struct ike *ike, struct sa *sa, const struct child *c)
{
	struct pld1_out	 o;
	struct wr	 w;
	uint8_t		 spi[4];
	uint32_t	 mid;

	w = wr_of(spi, sizeof(spi));
	wr_u32(&w, c->spi_in);
	mid = begin(ike, sa, &o);
	pld1_delete_put(&o, ike1_proto(c), rd_of(spi, sizeof(spi)));
	if (end(sa, &o, mid) == 0)
		ike1_send(ike, sa, rd_of(o.w.p, o.w.n));
}

/* It ends; as nobody answers, it is said three times (next.c). */
void
ike1_delete_ike(struct ike *ike, struct sa *sa)
{
	struct pld1_out	 o;
	uint8_t		 spi[COOKIES1];
	uint32_t	 mid;

	sa->want = 0;
	if (!ike1_hand_over(ike, sa, 1))
		ike1_bye(ike, sa);
	while (sa->children != NULL)
		ike_child_free(ike, sa->children);
	ike_timer_off(ike, &sa->t_live);
	ike_timer_off(ike, &sa->t_nat);
	ike_own_clear(ike, sa);
	ike1_stop(ike, sa);
	sa->state = S_CLOSING;
	ike1_cookies(sa, spi);
	mid = begin(ike, sa, &o);
	pld1_delete_put(&o, PROTO1_ISAKMP, rd_of(spi, sizeof(spi)));
	ike_timer_set(ike, &sa->v1->t_old, ike->now + BYE_AGAIN);
	ike_buf_free(&sa->reply);
	if (end(sa, &o, mid))
		return;
	if (ike_buf_set(&sa->reply, rd_of(o.w.p, o.w.n)))
		ike->count[CNT_NO_MEMORY]++;	/* said once, then */
	ike1_send(ike, sa, rd_of(o.w.p, o.w.n));
}

/* ---- in ---- */

/* The child of this tunnel that the peer names by the SPI that it draws. */
static struct child *
named(const struct sa *sa, uint32_t spi)
{
	struct sa	*s;
	struct child	*c;

	for (s = sa->tun->sas; s != NULL; s = s->next)
		if ((c = ike_child_out(s, spi)) != NULL)
			return (c);
	return (NULL);
}

static void
delete_child(struct ike *ike, struct sa *sa, uint8_t proto, struct rd spis,
    int *lost)
{
	struct child	*c;
	uint32_t	 spi;

	while (rd_u32(&spis, &spi) == 0) {
		if ((c = named(sa, spi)) == NULL || ike1_proto(c) != proto)
			continue;
		ike1_quick_implied(ike, c);
		if (c->state == C_UP)
			*lost = 1;
		ike_child_free(ike, c);
	}
}

/* Delete payloads; 1: the IKE SA itself. */
static int
deletes(struct ike *ike, struct sa *sa, const struct msg1 *m, int *lost)
{
	struct pld1_delete	 d;
	const char		*why;
	uint8_t			 spi[COOKIES1];
	struct rd		 one;
	size_t			 i;
	int			 all = 0;

	ike1_cookies(sa, spi);
	for (i = 0; i < m->p.n; i++) {
		if (m->p.p[i].type != PLD1_DELETE)
			continue;
		if (pld1_delete(m->p.p[i].b, &d, &why)) {
			ike->count[CNT_BAD_PAYLOAD]++;
			continue;
		}
		if (d.proto == PROTO1_ESP || d.proto == PROTO1_AH)
			delete_child(ike, sa, d.proto, d.spis, lost);
		while (d.proto == PROTO1_ISAKMP &&
		    rd_sub(&d.spis, COOKIES1, &one) == 0)
			all |= ct_equal(one, rd_of(spi, sizeof(spi)));
	}
	return (all);
}

/* The peer ends the IKE SA; its children go on in another, if there is one. */
static void
peer_ends(struct ike *ike, struct sa *sa)
{
	struct tun	*t = sa->tun;
	int		 known = sa->replaced || sa->doomed;

	if (ike1_hand_over(ike, sa, 1))
		known = 1;
	ike_sa_free(ike, sa);
	if (t->t != NULL && !known)
		role_log(ike->io, LOG_NOTICE, t->id, R_DELETED,
		    "%s: the peer closed the IKE SA", t->t->name);
	ike_tun_lost(ike, t, known ? R_NONE : R_DELETED, "");
}

static void
phase1_life(struct ike *ike, struct sa *sa, struct rd data)
{
	uint32_t	 secs, kbytes;
	uint64_t	 dies;

	if (pld1_life(data, &secs, &kbytes) || secs == 0)
		return;
	dies = ike->now + (uint64_t)(secs < 120 ? 120 : secs) * 1000;
	if (dies >= sa->dies_at)
		return;
	sa->dies_at = dies;
	sa->rekey_at = dies - ike_margin(ike, dies - ike->now);
	ike_timer_set(ike, &sa->t_life, sa->rekey_at);
}

static int
ours(const struct sa *sa, struct rd spi)
{
	uint8_t	 b[COOKIES1];

	ike1_cookies(sa, b);
	return (ct_equal(spi, rd_of(b, sizeof(b))));
}

static void
one(struct ike *ike, struct sa *sa, struct msg1 *m,
    const struct pld1_notify *n)
{
	switch (n->type) {
	case N1_R_U_THERE:
		if (ours(sa, n->spi))
			ike1_r_u_there(ike, sa, m, n);
		break;
	case N1_R_U_THERE_ACK:
		if (ours(sa, n->spi))
			ike1_r_u_there_ack(ike, sa, m, n);
		break;
	case N1_INITIAL_CONTACT:
		ike1_contact(ike, sa);
		break;
	case N1_RESPONDER_LIFETIME:
		if (n->proto == PROTO1_ISAKMP && ours(sa, n->spi))
			phase1_life(ike, sa, n->data);
		break;
	default:
		if (n->type != 0 && n->type <= N1_ERROR_MAX)
			ike1_quick_refused(ike, sa, n);
	}
}

enum step1
ike1_info(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct tun		*t = sa->tun;
	struct pld1_notify	 n;
	size_t			 i = 0;
	int			 lost = 0;

	ike1_info_use(sa, m->h.mid);
	while (sa->state == S_UP && ike1_notify(m, &i, &n))
		one(ike, sa, m, &n);
	if (sa->state != S_UP)
		return (STEP1_WAIT);
	if (deletes(ike, sa, m, &lost)) {
		peer_ends(ike, sa);
		return (STEP1_WAIT);
	}
	if (lost)
		ike_tun_lost(ike, t, R_DELETED, "");
	return (STEP1_WAIT);
}

/* Not protected: what it says is kept for people, nothing else. */
enum step1
ike1_hint(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct pld1_notify	 n;
	size_t			 i = 0;
	char			 detail[32];

	if (!ike1_notify(m, &i, &n) || n.type == 0 || n.type > N1_ERROR_MAX)
		return (STEP1_DROP);
	(void)snprintf(detail, sizeof(detail), "notify %u", n.type);
	if (sa->v1->st == ST1_MM5)
		ike1_remember(ike, sa, n.type == N1_INVALID_ID ? R_WRONG_ID :
		    R_AUTH_PSK, n.type == N1_INVALID_ID ? detail : "");
	else if (n.type == N1_NO_PROPOSAL)
		ike1_remember(ike, sa, R_NO_PROPOSAL, "");
	else if (n.type == N1_INVALID_MAJOR)
		ike1_remember(ike, sa, R_IKE_VERSION, "it refuses IKEv1: "
		    "remove `ikev1' from the tunnel");
	else
		ike1_remember(ike, sa, R_DELETED, detail);
	return (STEP1_DROP);
}
