/* SPDX-License-Identifier: ISC */

/*
 * child.c: CREATE_CHILD_SA for a child, new or in place of another, as
 * initiator, RFC 7296 sections 1.3.1, 1.3.3, 2.8, 2.25.1.
 */

#include <stdio.h>
#include <syslog.h>

#include "v2.h"

enum { SOON_MS = 1000, TWIN_MS = 10000 };

int
ike2_esn(const struct ike *ike)
{
	return (ike->have_caps && ike->caps.esn);
}

uint8_t
ike2_proto(const struct child *c)
{
	return (ike_child_ah(c) ? PROTO_AH : PROTO_ESP);
}

/* Octet by octet; a prefix is lower. */
int
ike2_lower(struct rd a, struct rd b)
{
	int	 r = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return (r < 0 || (r == 0 && a.n < b.n));
}

/* Of two exchanges that collided, the one with the lowest nonce loses. */
int
ike2_loses(const struct low *a, const struct low *b)
{
	return (ike2_lower(rd_of(a->d, a->n), rd_of(b->d, b->n)));
}

/* Keep the lower nonce of an exchange for a collision (2.8.1). */
void
ike2_keep_low(struct low *low, struct rd ni, struct rd nr)
{
	struct rd	 r = ike2_lower(ni, nr) ? ni : nr;

	low->n = (uint8_t)(r.n < sizeof(low->d) ? r.n : sizeof(low->d));
	memcpy(low->d, r.p, low->n);
}

/* Ask s2sd-keys for what c (or NULL: no memory) takes to be offered. */
static void
launch(struct ike *ike, struct sa *sa, struct child *c,
    const struct selpair *p, size_t n)
{
	const struct tunnel	*t = sa->tun->t;
	const char		*no;

	sa->own.child = c;
	if ((no = ike_ah_nat(sa, t)) != NULL) {
		ike2_child_fail(ike, sa, R_AH_NAT, no);
		return;
	}
	if (c == NULL || ike_child_pairs(c, p, n)) {
		ike2_child_fail(ike, sa, R_KERNEL, "out of memory");
		return;
	}
	sa->own.dh = ike2_group(&t->child[0]);
	ike2_ask_pair(ike, sa, M_K_CSTART, W_CSTART);
	ike_report(ike, sa->tun);
}

/* Begin: old is the child to be replaced, or NULL for what none covers. */
void
ike2_child_start(struct ike *ike, struct sa *sa, struct child *old)
{
	const struct tunnel	*t = sa->tun->t;
	struct selpair		 open[SELPAIR_MAX];
	struct child		*c;
	size_t			 n = 0;

	if (old == NULL) {
		sa->want &= (uint8_t)~WANT_NEW;
		if ((n = ike_tun_uncovered(sa->tun, open)) == 0)
			return;
		if (t->flags & TUN_SEPARATE)
			n = 1;
	} else
		old->want_rekey = 0;
	sa->own.kind = old != NULL ? O_REKEY : O_NEW;
	sa->own.old = old != NULL ? old->num : 0;
	if ((c = ike_child_new(ike, sa, 1)) != NULL) {
		c->replaces = sa->own.old;
		if (old != NULL)
			ike_cpu_heir(c, old);
		else
			ike2_cpu_offer(ike, t, c);
	}
	if (old != NULL)
		launch(ike, sa, c, old->pair, old->npair);
	else
		launch(ike, sa, c, open, n);
}

void
ike2_child_beside(struct ike *ike, struct sa *sa, const struct child *base,
    uint16_t cpu)
{
	struct child	*c;

	sa->own.kind = O_NEW;
	sa->own.old = 0;
	if ((c = ike_child_new(ike, sa, 1)) != NULL) {
		c->beside = base->num;
		c->cpu = cpu;
	}
	launch(ike, sa, c, base->pair, base->npair);
}

int
ike2_cstarted(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_cstarted	*b = body;

	(void)ike;
	return (ike2_got_pair(sa, b->err, b->chandle, &sa->own.chandle,
	    b->nonce, b->ke));
}

/* The child that ours is to replace, or NULL if it has gone meanwhile. */
static struct child *
predecessor(struct ike *ike, struct sa *sa)
{
	struct child	*old = ike_child_find(ike, sa->own.old);

	return (old != NULL && old->sa == sa ? old : NULL);
}

/* Our child did not come about; at_peer: the peer has it, and deletes it. */
static void
ended(struct ike *ike, struct sa *sa, int at_peer, int reason,
    const char *detail)
{
	struct tun	*t = sa->tun;
	struct child	*c = sa->own.child, *old = predecessor(ike, sa);
	uint64_t	 at;
	int		 rekey = sa->own.kind == O_REKEY;
	int		 beside = c != NULL && c->cpu != 0 && !rekey;

	ike_close_handle(ike, t, sa->own.chandle);
	if (beside)
		ike_cpu_refused(ike, c, reason, detail);
	if (c != NULL && at_peer) {
		sa->own.child = NULL;
		c->state = C_OLD;
		c->want_del = 1;
	} else if (c != NULL)
		ike_child_free(ike, c);
	ike_own_clear(ike, sa);
	if (beside)
		return;
	if (!rekey) {
		ike_tun_child_failed(ike, t, reason, detail);
		return;
	}
	if (reason == R_REKEY_GROUP)
		ike_reason(ike, t, reason, detail);
	else
		role_log(ike->io, LOG_WARNING, t->id, reason,
		    "the traffic keys could not be renewed: %s%s%s",
		    reason_row(reason)->id, detail[0] != '\0' ? ": " : "",
		    detail);
	if (old != NULL && old->state == C_UP &&
	    (at = ike2_later(ike)) < old->dies_at)
		ike_timer_set(ike, &old->timer, at);
	ike_report(ike, t);
}

void
ike2_child_fail(struct ike *ike, struct sa *sa, int reason,
    const char *detail)
{
	ended(ike, sa, 0, reason, detail);
}

void
ike2_child_give_up(struct ike *ike, struct sa *sa, int reason,
    const char *detail)
{
	ended(ike, sa, 1, reason, detail);
}

/* [N(REKEY_SA)], SA, Ni, [KEi], TSi, TSr */
void
ike2_cstarted_done(struct ike *ike, struct sa *sa)
{
	const struct tunnel	*t = sa->tun->t;
	struct own_req		*o = &sa->own;
	struct child		*old = predecessor(ike, sa);
	struct pld_out		 out;

	if (sa->ans.kerr != KERR_OK) {
		if (sa->ans.kerr == KERR_NOHANDLE) {
			sa->handle = 0;
			ike_sa_doom(ike, sa, ike->now + 1);
		}
		ike2_child_fail(ike, sa, ike_reason_of(sa->ans.kerr), "");
		return;
	}
	if (o->child == NULL || t == NULL || (o->kind == O_REKEY &&
	    (old == NULL || old->state != C_UP))) {
		/* it went, or the peer was faster */
		ike_close_handle(ike, sa->tun, o->chandle);
		if (o->child != NULL)
			ike_child_free(ike, o->child);
		ike_own_clear(ike, sa);
		return;
	}
	ike2_begin(ike, sa, &out, X_CHILD);
	if (old != NULL)
		pld_notify_put(&out, ike2_proto(old), old->spi_in, N_REKEY_SA,
		    rd_of(NULL, 0));
	ike2_mode_put(&out, t);
	ike2_cpu_put(&out, o->child);
	pld_sa_offer(&out, o->dh != NULL ? SA_CHILD_DH : SA_CHILD, t->child,
	    t->nchild, o->child->spi_in, 4, ike2_esn(ike));
	pld_raw_put(&out, PLD_NONCE, BUF_RD(&o->nonce));
	if (o->dh != NULL)
		pld_ke_put(&out, o->dh, BUF_RD(&o->ke));
	ike2_ts_put(&out, o->child->pair, o->child->npair, 1);
	ike2_request(ike, sa, o->kind, &out);
}

/* What the peer chose: fills the child and *ke; 0 or -1. */
static int
answer(struct ike *ike, struct sa *sa, struct msg2 *m, struct rd *ke)
{
	const struct tunnel	*t = sa->tun->t;
	struct own_req		*o = &sa->own;
	struct sel		 l[PLD_TS_MAX], r[PLD_TS_MAX];
	struct selpair		 out[SELPAIR_MAX];
	struct pld_choice	 ch;
	const char		*why;
	size_t			 nl, nr, n;
	uint16_t		 group;

	*ke = rd_of(NULL, 0);
	if (pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_accept(&ike->offer, o->dh != NULL ? SA_CHILD_DH : SA_CHILD,
	    t->child, t->nchild, ike2_esn(ike), &ch) || ch.spi < 256 ||
	    pld_nonce(ike2_body(m, PLD_NONCE), &why))
		return (-1);
	if (ch.a.dh != NULL && (ch.a.dh != o->dh ||
	    pld_ke(ike2_body(m, PLD_KE), &group, ke, &why) ||
	    group != ch.a.dh->id || ke->n != ch.a.dh->keylen))
		return (-1);
	if (ike2_ts_get(m, 1, l, &nl, r, &nr) ||
	    (n = ike2_narrow(o->child->pair, o->child->npair, l, nl, r, nr,
	    out)) == 0 || ike_child_pairs(o->child, out, n))
		return (-1);
	o->child->a = ch.a;
	o->child->spi_out = (uint32_t)ch.spi;
	ike2_cpu_answer(m, o->child);
	return (0);
}

enum step
ike2_child_rsp(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct own_req	*o = &sa->own;
	struct m_k_child k;
	struct rd	 ke;
	uint8_t		 room[5400];

	if (o->kind != O_NEW && o->kind != O_REKEY)
		return (STEP_DROP);
	o->sent = 0;
	ike_timer_off(ike, &sa->t_own);
	sa->tmpfail = 0;
	if (o->child == NULL || sa->tun->t == NULL) {
		ike_close_handle(ike, sa->tun, o->chandle);
		ike_own_clear(ike, sa);
		return (STEP_WAIT);
	}
	if (!ike2_mode_ok(m, sa->tun->t, 0)) {
		ike2_child_give_up(ike, sa, R_NO_PROPOSAL, "the mode differs");
		return (STEP_WAIT);
	}
	if (answer(ike, sa, m, &ke)) {
		ike2_child_give_up(ike, sa, R_SYNTAX,
		    "the peer chose what we did not offer");
		return (STEP_WAIT);
	}
	ike2_keep_low(&o->child->low, BUF_RD(&o->nonce), ike2_body(m, PLD_NONCE));
	memset(&k, 0, sizeof(k));
	k.handle = sa->handle;
	k.chandle = o->chandle;
	k.dh = o->child->a.dh != NULL ? o->child->a.dh->num : 0;
	k.encr = o->child->a.encr != NULL ? o->child->a.encr->num : 0;
	k.integ = o->child->a.integ != NULL ? o->child->a.integ->num : 0;
	k.nonce = ike2_body(m, PLD_NONCE);
	k.ke = ke;
	k.sa = ike_child_msa(ike, o->child, 0, room, sizeof(room));
	ike2_answers_begin(sa);
	ike_sa_wait(ike, sa, W_CHILD_I);
	if (role_send(ike->io, PROC_KEYS, M_K_CHILD, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike2_lost(ike, sa);
	return (STEP_WAIT);
}

int
ike2_child_k(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_child_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (1);
	if (ike_buf_set(&sa->ans.nonce, b->nonce) ||
	    ike_buf_set(&sa->ans.ke, b->ke))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

/* The child that the peer made in place of the same one, or NULL. */
static struct child *
rival_of(struct sa *sa, const struct child *c)
{
	struct child	*r;

	for (r = sa->children; r != NULL; r = r->next)
		if (r != c && !r->init && r->replaces == c->replaces &&
		    c->replaces != 0 && (r->state == C_UP) && r->low.n > 0)
			return (r);
	return (NULL);
}

/*
 * Both ends made a new child for the same networks at once.  By the rule of
 * 2.8.1 one of the two exchanges lost; who began that one deletes its child.
 */
static int
lost_twin(const struct child *ours, const struct child *theirs)
{
	return (ours->init && !theirs->init && ours->replaces == 0 &&
	    ours->cpu == 0 && theirs->cpu == 0 &&
	    theirs->replaces == 0 && ours->state == C_UP &&
	    theirs->state == C_UP && theirs->low.n > 0 &&
	    ike_child_has(ours, theirs->pair, theirs->npair) &&
	    ike2_loses(&ours->low, &theirs->low));
}

/* c has come up; its twin no longer ago than an exchange may take. */
void
ike2_child_twins(struct ike *ike, struct sa *sa, struct child *c)
{
	struct child	*o;

	for (o = sa->children; o != NULL; o = o->next) {
		if (o == c || o->born + TWIN_MS < ike->now)
			continue;
		if (lost_twin(o, c)) {
			o->state = C_OLD;
			o->want_del = 1;
		} else if (lost_twin(c, o)) {
			c->state = C_OLD;
			c->want_del = 1;
		}
	}
}

/*
 * Ours is up.  If the peer rekeyed the same child at the same time, the
 * exchange with the lowest of the four nonces lost: who began it deletes
 * its child, the other one deletes the old (2.8.1).
 */
void
ike2_child_i_done(struct ike *ike, struct sa *sa)
{
	struct own_req	*o = &sa->own;
	struct child	*c = o->child, *old = predecessor(ike, sa), *rival;

	o->chandle = 0;			/* used up */
	if (sa->ans.kerr != KERR_OK || sa->ans.serr != SERR_OK) {
		ike2_child_give_up(ike, sa, sa->ans.kerr != KERR_OK ?
		    ike_reason_of(sa->ans.kerr) : R_KERNEL,
		    sa->ans.kerr == KERR_OK ? ike_serr(sa->ans.serr) : "");
		return;
	}
	if (c == NULL) {
		ike_own_clear(ike, sa);
		return;
	}
	c->mtu = sa->ans.mtu;
	rival = rival_of(sa, c);
	ike_own_clear(ike, sa);
	ike_child_up(ike, c);
	ike2_child_twins(ike, sa, c);
	if (rival != NULL && ike2_loses(&c->low, &rival->low)) {
		c->state = C_OLD;
		c->want_del = 1;
		return;
	}
	if (rival != NULL)
		rival->state = C_OLD;	/* the peer deletes it */
	if (old != NULL) {
		old->state = C_OLD;
		old->want_del = 1;
	}
}

/* TEMPORARY_FAILURE: in a moment again (2.25). */
static void
temporary(struct ike *ike, struct sa *sa)
{
	struct own_req	*o = &sa->own;
	struct child	*old = predecessor(ike, sa);
	int		 rekey = o->kind == O_REKEY, beside = 0;

	ike_close_handle(ike, sa->tun, o->chandle);
	if (o->child != NULL) {
		if ((beside = o->child->cpu != 0 && !rekey))
			ike_cpu_again(ike, o->child);
		ike_child_free(ike, o->child);
	}
	ike_own_clear(ike, sa);
	if (rekey && old != NULL && old->state == C_UP)
		old->want_rekey = 1;
	else if (!rekey && !beside)
		sa->want |= WANT_NEW;
	ike2_temporary(ike, sa);
}

static void
child_refused(struct ike *ike, struct sa *sa, struct msg2 *m, uint16_t err)
{
	struct own_req		*o = &sa->own;
	struct child		*old = predecessor(ike, sa);
	struct tun		*t = sa->tun;
	char			 detail[32];

	(void)snprintf(detail, sizeof(detail), "notify %u", err);
	if (o->child == NULL || t->t == NULL) {
		ike_close_handle(ike, t, o->chandle);
		ike_own_clear(ike, sa);
	} else if (err == N_INVALID_KE && ike2_again_group(ike, sa, m,
	    t->t->child, t->t->nchild, M_K_CSTART, W_CSTART) == 0) {
		return;
	} else if (err == N_TEMPORARY_FAILURE && sa->tmpfail < 20) {
		sa->tmpfail++;
		temporary(ike, sa);
	} else if (o->child->cpu != 0 && o->kind == O_NEW) {
		/* TS_MAX_QUEUE, or a peer that has not enough of anything */
		ike2_child_fail(ike, sa, R_DELETED, detail);
	} else if (err == N_CHILD_NOT_FOUND && o->kind == O_REKEY) {
		/* the peer lost it: so do we, and make a new one (2.25.1) */
		ike2_child_fail(ike, sa, R_DELETED, "it had no such child");
		if (old != NULL)
			ike_child_free(ike, old);
		sa->want |= WANT_NEW;
		ike_tun_lost(ike, t, R_DELETED, "");
	} else if (err == N_NO_ADDITIONAL_SAS) {
		ike2_child_fail(ike, sa, R_DELETED, "no further child SAs");
		ike_sa_doom(ike, sa, ike->now + SOON_MS);
	} else if (err == N_TS_UNACCEPTABLE) {
		ike2_child_fail(ike, sa, R_SELECTORS, "");
	} else if (err == N_NO_PROPOSAL || err == N_INVALID_KE) {
		ike2_child_fail(ike, sa, o->kind == O_REKEY && o->dh != NULL ?
		    R_REKEY_GROUP : R_NO_PROPOSAL, "");
	} else
		ike2_child_fail(ike, sa, R_DELETED, detail);
}

enum step
ike2_child_refused(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	uint16_t	 err = ike2_error(m);
	enum own	 kind = sa->own.kind;

	if (err == 0 || (kind != O_NEW && kind != O_REKEY && kind != O_IKE))
		return (STEP_DROP);
	sa->own.sent = 0;
	ike_timer_off(ike, &sa->t_own);
	if (kind == O_IKE)
		ike2_rekey_refused(ike, sa, m, err);
	else
		child_refused(ike, sa, m, err);
	return (STEP_WAIT);
}
