/* SPDX-License-Identifier: ISC */

/*
 * rekey.c: CREATE_CHILD_SA for the IKE SA itself, both roles, RFC 7296
 * sections 1.3.2, 2.8, 2.18, 2.25.2.  The new IKE SA inherits the children.
 */

#include <stdio.h>
#include <syslog.h>

#include "v2.h"

enum { SOON_MS = 1000, OLD_MS = 30000 };

/* A new IKE SA beside the old one, not yet to be used. */
static struct sa *
beside(struct ike *ike, struct sa *sa, int init)
{
	struct sa	*n;

	if ((n = ike_sa_new(ike, sa->proto, init)) == NULL)
		return (NULL);
	n->state = S_NEXT;
	ike_sa_announce(ike, n);
	ike_sa_join(n, sa->tun);
	n->local = sa->local;
	n->remote = sa->remote;
	n->float_ = sa->float_;
	n->udp = sa->udp;
	n->nat_here = sa->nat_here;
	n->nat_there = sa->nat_there;
	n->forced = sa->forced;
	memcpy(n->vendor, sa->vendor, sizeof(n->vendor));
	return (n);
}

/* ---- initiator ---- */

void
ike2_rekey_start(struct ike *ike, struct sa *sa)
{
	sa->want &= (uint8_t)~WANT_IKE;
	if ((sa->own.dh = ike2_group(&sa->tun->t->ike[0])) == NULL)
		return;
	sa->own.kind = O_IKE;
	ike2_ask_pair(ike, sa, M_K_RSTART, W_RSTART);
	ike_report(ike, sa->tun);
}

int
ike2_rstarted(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_started	*b = body;

	(void)ike;
	return (ike2_got_pair(sa, b->err, b->handle, &sa->own.chandle,
	    b->nonce, b->ke));
}

/* Forget ours; the old IKE SA goes on and tries again in a while. */
void
ike2_rekey_fail(struct ike *ike, struct sa *sa)
{
	struct sa	*other = sa->own.other;

	ike_close_handle(ike, sa->tun, sa->own.chandle);
	sa->own.other = NULL;
	if (other != NULL && other->state == S_NEXT)
		ike_sa_free(ike, other);
	ike_own_clear(ike, sa);
	if (sa->state == S_UP && !sa->replaced)
		ike_timer_set(ike, &sa->t_life, ike2_later(ike));
	ike_report(ike, sa->tun);
}

/* SA, Ni, KEi */
void
ike2_rstarted_done(struct ike *ike, struct sa *sa)
{
	const struct tunnel	*t = sa->tun->t;
	struct own_req		*o = &sa->own;
	struct pld_out		 out;

	if (sa->ans.kerr == KERR_NOHANDLE) {
		sa->handle = 0;
		ike_sa_doom(ike, sa, ike->now + 1);
	}
	if (sa->ans.kerr != KERR_OK || t == NULL || sa->replaced) {
		ike2_rekey_fail(ike, sa);
		return;
	}
	if (o->other == NULL && (o->other = beside(ike, sa, 1)) == NULL) {
		ike2_rekey_fail(ike, sa);
		return;
	}
	ike2_begin(ike, sa, &out, X_CHILD);
	pld_sa_offer(&out, SA_IKE, t->ike, t->nike, o->other->spi_i, 8, 0);
	pld_raw_put(&out, PLD_NONCE, BUF_RD(&o->nonce));
	pld_ke_put(&out, o->dh, BUF_RD(&o->ke));
	ike2_request(ike, sa, O_IKE, &out);
}

static void
ask_rekey(struct ike *ike, struct sa *sa, struct sa *n, uint32_t newhandle,
    struct rd nonce, struct rd ke, enum wait w)
{
	struct m_k_rekey	 k;

	memset(&k, 0, sizeof(k));
	k.handle = sa->handle;
	k.newhandle = newhandle;
	k.dh = n->a.dh->num;
	k.prf = n->a.prf->num;
	k.encr = n->a.encr->num;
	k.integ = n->a.integ != NULL ? n->a.integ->num : 0;
	ike2_spi(n->spi_i, k.spi_i);
	ike2_spi(n->spi_r, k.spi_r);
	k.nonce = nonce;
	k.ke = ke;
	ike_sa_wait(ike, sa, w);
	if (role_send(ike->io, PROC_KEYS, M_K_REKEY, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike2_lost(ike, sa);
}

enum step
ike2_rekey_rsp(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	const struct tunnel	*t = sa->tun->t;
	struct own_req		*o = &sa->own;
	struct pld_choice	 ch;
	struct rd		 ke, nonce = ike2_body(m, PLD_NONCE);
	const char		*why;
	uint16_t		 group;

	if (o->kind != O_IKE)
		return (STEP_DROP);
	o->sent = 0;
	ike_timer_off(ike, &sa->t_own);
	sa->tmpfail = 0;
	if (t == NULL || o->other == NULL ||
	    pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_accept(&ike->offer, SA_IKE, t->ike, t->nike, 0, &ch) ||
	    ch.spi == 0 || pld_nonce(nonce, &why) ||
	    pld_ke(ike2_body(m, PLD_KE), &group, &ke, &why) ||
	    ch.a.dh != o->dh || group != o->dh->id || ke.n != o->dh->keylen) {
		role_log(ike->io, LOG_WARNING, sa->tun->id, R_SYNTAX,
		    "the answer to the renewal of the IKE SA is no choice of "
		    "ours");
		ike2_rekey_fail(ike, sa);
		return (STEP_WAIT);
	}
	ike2_keep_low(&o->other->low, BUF_RD(&o->nonce), nonce);
	o->other->a = ch.a;
	o->other->spi_r = ch.spi;
	ask_rekey(ike, sa, o->other, o->chandle, nonce, ke, W_REKEY_I);
	return (STEP_WAIT);
}

/* Either role: the keys of the new one. */
int
ike2_rekeyed(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_started_r	*b = body;
	struct sa			*n;

	(void)ike;
	n = sa->wait == W_REKEY_I ? sa->own.other : sa->peer.other;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (0);
	if (n == NULL) {
		ike_close_handle(ike, sa->tun, b->handle);
		sa->ans.kerr = KERR_STATE;
		return (0);
	}
	n->handle = b->handle;
	if (ike2_keys(n, &b->ai, &b->ar, &b->ei, &b->er) ||
	    ike_buf_set(&sa->ans.nonce, b->nonce) ||
	    ike_buf_set(&sa->ans.ke, b->ke))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

/* The old one: its children are gone, it is only to be deleted. */
static void
retire(struct ike *ike, struct sa *old, int ours)
{
	old->replaced = 1;
	old->want &= WANT_DELETE;
	ike_timer_off(ike, &old->t_live);
	ike_timer_off(ike, &old->t_nat);
	ike_timer_off(ike, &old->t_next);
	ike_timer_set(ike, &old->t_life, ike->now + OLD_MS);
	if (ours)
		old->want |= WANT_DELETE;
}

static void
inherit(struct ike *ike, struct sa *from, struct sa *to)
{
	to->want |= from->want & (WANT_NEW | WANT_LIVE);
	ike_child_move(from, to);
	(void)ike;
}

/* Ours is there.  Two at once: the lowest nonce loses (2.8.1, 2.8.2). */
void
ike2_rekey_i_done(struct ike *ike, struct sa *sa)
{
	struct sa	*n = sa->own.other, *rival = sa->own.rival;

	if (sa->ans.kerr != KERR_OK || n == NULL || sa->tun->t == NULL) {
		ike2_rekey_fail(ike, sa);
		return;
	}
	sa->own.other = sa->own.rival = NULL;
	ike_own_clear(ike, sa);
	if (rival != NULL && rival->state != S_UP)
		rival = NULL;
	if (rival != NULL && ike2_loses(&n->low, &rival->low)) {
		n->state = S_UP;	/* only to be deleted, by us */
		n->dies_at = ike->now + OLD_MS;
		retire(ike, n, 1);
		ike2_next(ike, n);
		return;
	}
	inherit(ike, sa, n);
	if (rival != NULL) {
		inherit(ike, rival, n);
		retire(ike, rival, 0);
	}
	retire(ike, sa, 1);
	ike_sa_up(ike, n);
	ike2_next(ike, n);
}

void
ike2_rekey_refused(struct ike *ike, struct sa *sa, struct msg2 *m,
    uint16_t type)
{
	const struct tunnel	*t = sa->tun->t;

	if (type == N_INVALID_KE && t != NULL && ike2_again_group(ike, sa, m,
	    t->ike, t->nike, M_K_RSTART, W_RSTART) == 0)
		return;
	ike2_rekey_fail(ike, sa);
	if (type == N_TEMPORARY_FAILURE && sa->tmpfail < 20) {
		sa->tmpfail++;
		if (!sa->replaced) {
			sa->want |= WANT_IKE;
			ike2_temporary(ike, sa);
		}
		return;
	}
	/* a fresh one from the beginning, make before break */
	role_log(ike->io, LOG_NOTICE, sa->tun->id, 0,
	    "the peer does not renew the IKE SA (notify %u), making a new one",
	    type);
	if (!sa->replaced)
		ike_sa_doom(ike, sa, ike->now + SOON_MS);
}

/* ---- responder ---- */

/* A child is being made or deleted, or the end is near (2.25.2). */
static int
busy(const struct sa *sa)
{
	const struct child	*c;

	if (sa->tun->t == NULL || sa->handle == 0 || sa->replaced ||
	    sa->want & WANT_DELETE || sa->own.kind == O_NEW ||
	    sa->own.kind == O_REKEY || sa->own.kind == O_DELCHILD)
		return (1);
	for (c = sa->children; c != NULL; c = c->next)
		if (c->want_del)
			return (1);
	return (0);
}

enum step
ike2_rekey_req(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	const struct tunnel	*t = sa->tun->t;
	struct pld_choice	 ch;
	struct rd		 ke, nonce = ike2_body(m, PLD_NONCE);
	struct sa		*n;
	const char		*why;
	uint16_t		 group, no = 0;
	uint8_t			 want[2];

	if (busy(sa))
		no = N_TEMPORARY_FAILURE;
	else if (pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_nonce(nonce, &why) ||
	    pld_ke(ike2_body(m, PLD_KE), &group, &ke, &why))
		no = N_INVALID_SYNTAX;
	else if (pld_choose(&ike->offer, SA_IKE, t->ike, t->nike, group, 0,
	    &ch) || ch.spi == 0)
		no = N_NO_PROPOSAL;
	else if (group != ch.a.dh->id || ke.n != ch.a.dh->keylen) {
		want[0] = (uint8_t)(ch.a.dh->id >> 8);
		want[1] = (uint8_t)ch.a.dh->id;
		ike2_reply_notify(ike, sa, N_INVALID_KE,
		    rd_of(want, sizeof(want)));
		return (STEP_WAIT);
	} else if (ike_buf_set(&sa->peer.nonce, nonce) ||
	    (n = beside(ike, sa, 0)) == NULL)
		no = N_TEMPORARY_FAILURE;
	if (no != 0) {
		ike2_reply_notify(ike, sa, no, rd_of(NULL, 0));
		return (STEP_WAIT);
	}
	n->a = ch.a;
	n->spi_i = ch.spi;
	sa->peer.num = ch.num;
	sa->peer.other = n;
	ask_rekey(ike, sa, n, 0, nonce, ke, W_REKEY_R);
	return (STEP_WAIT);
}

/* SA, Nr, KEr; then the new one takes over */
void
ike2_rekey_r_done(struct ike *ike, struct sa *sa)
{
	struct sa	*n = sa->peer.other;
	struct pld_out	 o;

	sa->peer.other = NULL;
	if (sa->ans.kerr != KERR_OK || n == NULL || sa->tun->t == NULL) {
		if (n != NULL)
			ike_sa_free(ike, n);
		if (sa->ans.kerr == KERR_NOHANDLE) {
			sa->handle = 0;
			ike_sa_doom(ike, sa, ike->now + 1);
		}
		ike2_reply_notify(ike, sa, sa->ans.kerr == KERR_KE ||
		    sa->ans.kerr == KERR_MESSAGE ? N_INVALID_SYNTAX :
		    N_TEMPORARY_FAILURE, rd_of(NULL, 0));
		return;
	}
	ike2_keep_low(&n->low, BUF_RD(&sa->peer.nonce), BUF_RD(&sa->ans.nonce));
	ike2_begin_reply(ike, sa, &o);
	pld_sa_answer(&o, SA_IKE, sa->peer.num, &n->a, n->spi_r, 8);
	pld_raw_put(&o, PLD_NONCE, BUF_RD(&sa->ans.nonce));
	pld_ke_put(&o, n->a.dh, BUF_RD(&sa->ans.ke));
	ike2_reply(ike, sa, &o);
	inherit(ike, sa, n);
	if (sa->own.kind == O_IKE)
		sa->own.rival = n;
	retire(ike, sa, 0);
	ike_sa_up(ike, n);
	ike2_next(ike, n);
}
