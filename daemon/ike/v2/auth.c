/* SPDX-License-Identifier: ISC */

/*
 * auth.c: IKE_AUTH with a shared secret, both roles, and the first child,
 * RFC 7296 sections 1.2, 2.15, 2.21.2.  Whether AUTH is right is said by
 * s2sd-keys alone; one outward failure for everything that is wrong (R13).
 */

#include <stdio.h>
#include <syslog.h>

#include "v2.h"

static const char	vendor_id[] = "s2sd";

int
ike2_reason_of(uint8_t kerr)
{
	switch (kerr) {
	case KERR_ID:
		return (R_WRONG_ID);
	case KERR_AUTH:
	case KERR_METHOD:
		return (R_AUTH_PSK);
	case KERR_NOSECRET:
		return (R_NO_SECRET);
	case KERR_KE:
	case KERR_MESSAGE:
		return (R_SYNTAX);
	case KERR_ALG:
		return (R_NO_PROPOSAL);
	default:
		return (R_KERNEL);
	}
}

/* ---- initiator ---- */

int
ike2_keyed(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_keyed_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (0);
	sa->ans.method = b->method;
	if (ike2_keys(sa, &b->ai, &b->ar, &b->ei, &b->er) ||
	    ike_buf_set(&sa->ans.id, b->id) ||
	    ike_buf_set(&sa->ans.auth, b->auth))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

/* The child that goes with IKE_AUTH: all pairs, or the first of them. */
static struct child *
first_child(struct ike *ike, struct sa *sa)
{
	const struct tunnel	*t = sa->tun->t;
	const struct sa		*s;
	const struct child	*old;
	struct child		*c;

	if ((c = ike_child_new(ike, sa, 1)) == NULL)
		return (NULL);
	if (ike_child_pairs(c, t->pair,
	    t->flags & TUN_SEPARATE ? 1 : t->npair)) {
		ike_child_free(ike, c);
		return (NULL);
	}
	/* a fresh IKE SA in place of another: its child succeeds that one's */
	for (s = sa->tun->sas; s != NULL; s = s->next)
		for (old = s->children; s != sa && old != NULL;
		    old = old->next)
			if (old->state == C_UP)
				c->replaces = old->num;
	return (c);
}

/* IDi, [N(INITIAL_CONTACT)], IDr, AUTH, SA, TSi, TSr, V */
static void
send_auth(struct ike *ike, struct sa *sa, struct child *c)
{
	const struct tunnel	*t = sa->tun->t;
	struct pld_out		 o;

	ike2_begin(ike, sa, &o, X_AUTH);
	pld_raw_put(&o, PLD_IDI, BUF_RD(&sa->ans.id));
	if (ike_map_get(&ike->contact, ike_ident_key(ike, t)) == NULL)
		pld_notify_put(&o, PROTO_NONE, 0, N_INITIAL_CONTACT,
		    rd_of(NULL, 0));
	pld_id_put(&o, PLD_IDR, &t->dstid);
	pld_auth_put(&o, sa->ans.method, BUF_RD(&sa->ans.auth));
	pld_sa_offer(&o, SA_CHILD, t->child, t->nchild, c->spi_in, 4,
	    ike2_esn(ike));
	ike2_ts_put(&o, c->pair, c->npair, 1);
	pld_raw_put(&o, PLD_VID, rd_of(vendor_id, sizeof(vendor_id) - 1));
	ike2_request(ike, sa, O_AUTH, &o);
}

void
ike2_keyed_done(struct ike *ike, struct sa *sa)
{
	struct child	*c;

	if (sa->ans.kerr == KERR_KE || sa->ans.kerr == KERR_MESSAGE) {
		ike2_init_resume(ike, sa);
		return;
	}
	if (sa->ans.kerr != KERR_OK || sa->tun->t == NULL ||
	    (c = first_child(ike, sa)) == NULL) {
		ike_tun_failed(ike, sa, ike2_reason_of(sa->ans.kerr), "");
		return;
	}
	sa->state = S_AUTH_I;
	sa->own.child = c;
	send_auth(ike, sa, c);
}

/* The peer's part of the child in its answer: 0, or -1 and why not. */
static int
answer_child(struct ike *ike, struct sa *sa, struct msg2 *m, int *reason,
    char *detail, size_t max)
{
	const struct tunnel	*t = sa->tun->t;
	struct child		*c = sa->own.child;
	struct sel		 l[PLD_TS_MAX], r[PLD_TS_MAX];
	struct selpair		 out[SELPAIR_MAX];
	struct pld_choice	 ch;
	const char		*why;
	size_t			 nl, nr, n;
	uint16_t		 err;

	detail[0] = '\0';
	if ((err = ike2_error(m)) != 0) {
		*reason = err == N_TS_UNACCEPTABLE ? R_SELECTORS :
		    err == N_NO_PROPOSAL ? R_NO_PROPOSAL : R_DELETED;
		(void)snprintf(detail, max, *reason == R_DELETED ?
		    "notify %u" : "", err);
		return (-1);
	}
	*reason = R_SYNTAX;
	(void)snprintf(detail, max, "child SA in IKE_AUTH");
	if (c == NULL || ike2_pld(m, PLD_SA) == NULL ||
	    pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_accept(&ike->offer, SA_CHILD, t->child, t->nchild,
	    ike2_esn(ike), &ch) || ch.spi < 256)
		return (-1);
	*reason = R_SELECTORS;
	if (ike2_ts_get(m, 1, l, &nl, r, &nr) ||
	    (n = ike2_narrow(c->pair, c->npair, l, nl, r, nr, out)) == 0 ||
	    ike_child_pairs(c, out, n))
		return (-1);
	c->a = ch.a;
	c->spi_out = (uint32_t)ch.spi;
	return (0);
}

static void
ask_auth(struct ike *ike, struct sa *sa, struct msg2 *m, uint8_t id,
    uint8_t method, struct rd auth, struct child *c, enum wait w)
{
	struct m_k_auth	 k;
	uint8_t		 room[5400];

	memset(&k, 0, sizeof(k));
	k.handle = sa->handle;
	k.init_i = BUF_RD(&sa->init_i);
	k.init_r = BUF_RD(&sa->init_r);
	k.id = ike2_body(m, id);
	k.method = method;
	k.auth = auth;
	if (c != NULL) {
		k.encr = c->a.encr->num;
		k.integ = c->a.integ != NULL ? c->a.integ->num : 0;
		k.sa = ike_child_msa(ike, c, 0, room, sizeof(room));
	}
	sa->ans.kerr = KERR_OK;
	sa->ans.serr = SERR_OK;
	ike_sa_wait(ike, sa, w);
	if (role_send(ike->io, PROC_KEYS, M_K_AUTH, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike2_lost(ike, sa);
}

enum step
ike2_auth_rsp(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct ident	 id;
	struct rd	 auth;
	const char	*why;
	char		 name[128];
	uint8_t		 method;
	int		 reason;

	if (pld_id(ike2_body(m, PLD_IDR), &id, &why) ||
	    pld_auth(ike2_body(m, PLD_AUTH), &method, &auth, &why))
		return (STEP_DROP);
	sa->own.sent = 0;
	ike_timer_off(ike, &sa->t_own);
	ike2_vendor(sa, m);
	sa->reason = R_NONE;
	sa->detail[0] = '\0';
	if (!ident_eq(&id, &sa->tun->t->dstid)) {
		sa->reason = R_WRONG_ID;	/* s2sd-keys says so too */
		(void)snprintf(sa->detail, sizeof(sa->detail), "%s",
		    ident_str(&id, name, sizeof(name)));
	} else if (answer_child(ike, sa, m, &reason, sa->detail,
	    sizeof(sa->detail)))
		sa->reason = reason;	/* of the child; the IKE SA may be */
	if (sa->reason != R_NONE && sa->own.child != NULL) {
		sa->own.child->spi_out = 0;
		ike_child_free(ike, sa->own.child);
	}
	ask_auth(ike, sa, m, PLD_IDR, method, auth, sa->own.child,
	    sa->own.child != NULL ? W_AUTH_I : W_AUTH_I_K);
	return (STEP_WAIT);
}

/* The peer says no, under our keys: that ends the attempt. */
enum step
ike2_auth_refused(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	uint16_t	 err = ike2_error(m);
	char		 detail[48];
	int		 reason = R_DELETED;

	if (err == 0)
		return (STEP_DROP);
	detail[0] = '\0';
	if (err == N_AUTH_FAILED)
		reason = R_AUTH_PSK;
	else if (err == N_NO_PROPOSAL)
		reason = R_NO_PROPOSAL;
	else if (err == N_TS_UNACCEPTABLE)
		reason = R_SELECTORS;
	else if (err == N_INVALID_SYNTAX)
		reason = R_SYNTAX;
	else if (err == N_TEMPORARY_FAILURE)
		(void)snprintf(detail, sizeof(detail),
		    "it is switched off there");
	else
		(void)snprintf(detail, sizeof(detail), "notify %u", err);
	ike_tun_failed(ike, sa, reason, detail);
	return (STEP_DROP);
}

/* Verdict of s2sd-keys; a bad one is also the last answer (no PAIR). */
int
ike2_auth_k(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_auth_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (1);
	if (!sa->init) {
		sa->ans.method = b->method;
		if (ike_buf_set(&sa->ans.id, b->id) ||
		    ike_buf_set(&sa->ans.auth, b->auth))
			sa->ans.kerr = KERR_CRYPTO;
	}
	return (0);
}

int
ike2_store_s(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_s_done	*b = body;

	(void)ike;
	sa->ans.serr = b->err;
	sa->ans.spi_in = b->spi_in;
	sa->ans.mtu = b->mtu;
	return (0);
}

/* Tell the peer, once and without waiting, that it is refused (2.21.2). */
static void
refuse_peer(struct ike *ike, struct sa *sa)
{
	struct pld_out	 o;

	ike2_begin(ike, sa, &o, X_INFO);
	pld_notify_put(&o, PROTO_NONE, 0, N_AUTH_FAILED, rd_of(NULL, 0));
	if (pld_sk_end(&o, &sa->a, sa->seal) == 0)
		ike_send(ike, &sa->local, &sa->remote,
		    sa->float_ ? NETF_4500 : 0, rd_of(o.w.p, o.w.n));
}

const char *
ike2_serr(uint8_t serr)
{
	static const char *const	 text[] = { "", "it does not know "
	    "the tunnel", "it does not allow these networks", "no free SPI",
	    "it does not allow the peer's address", "it lacks the cipher",
	    "the system said no", "malformed" };

	return (serr < nitems(text) ? text[serr] : "?");
}

void
ike2_auth_i_done(struct ike *ike, struct sa *sa)
{
	struct child	*c = sa->own.child;
	struct tun	*t = sa->tun;
	int		 reason = sa->reason;
	char		 detail[128];

	(void)snprintf(detail, sizeof(detail), "%s", sa->detail);
	if (sa->ans.kerr != KERR_OK || t->t == NULL || reason == R_WRONG_ID) {
		refuse_peer(ike, sa);
		if (c != NULL && sa->ans.kerr != KERR_OK)
			c->spi_out = 0;		/* s2sd-sad never had it */
		ike_tun_failed(ike, sa, reason == R_WRONG_ID ? R_WRONG_ID :
		    ike2_reason_of(sa->ans.kerr), detail);
		return;
	}
	ike_own_clear(ike, sa);
	ike_sa_up(ike, sa);
	if (c == NULL) {
		ike_tun_child_failed(ike, t, reason, detail);
	} else if (sa->ans.serr != SERR_OK) {
		c->state = C_OLD;
		c->want_del = 1;	/* the peer has it already */
		ike_tun_child_failed(ike, t, R_KERNEL,
		    ike2_serr(sa->ans.serr));
	} else {
		c->mtu = sa->ans.mtu;
		ike_child_up(ike, c);
	}
}

/* ---- responder ---- */

static int
allows(const struct tunnel *t, const struct algs *a)
{
	const struct prop	*p;
	size_t			 i;
	int			 ok;

	for (p = t->ike; p < t->ike + t->nike; p++) {
		for (ok = 0, i = 0; i < p->nencr; i++)
			ok |= p->encr[i] == a->encr->num;
		for (i = 0; i < p->nprf; i++)
			ok |= (p->prf[i] == a->prf->num) << 1;
		for (i = 0; i < p->ndh; i++)
			ok |= (p->dh[i] == a->dh->num) << 2;
		for (i = 0; i < p->ninteg; i++)
			ok |= (a->integ != NULL &&
			    p->integ[i] == a->integ->num) << 3;
		if ((ok | (a->integ == NULL) << 3) == 15)
			return (1);
	}
	return (0);
}

/* The tunnel of that identity, address and choice, or NULL (R12). */
static struct tun *
whose(struct ike *ike, struct sa *sa, const struct ident *idi,
    const struct ident *idr)
{
	struct node	*n;
	struct tun	*t;
	uint64_t	 key;

	key = ike_hash(ike->seed ^ idi->type, idi->d, idi->len);
	for (n = ike_map_get(&ike->tun_ident, key); n != NULL;
	    n = ike_map_next(n)) {
		t = n->obj;
		if (t->gone || t->t->flags & TUN_DISABLED ||
		    !ident_eq(&t->t->dstid, idi) ||
		    (idr != NULL && !ident_eq(&t->t->srcid, idr)))
			continue;
		if (!(t->t->flags & (TUN_PEERANY | TUN_PEERNAME)) &&
		    !ike_tun_peer(t, &sa->remote))
			continue;
		if (allows(t->t, &sa->a))
			return (t);
	}
	return (NULL);
}

/* The child that the peer asks for; refused: notify type, or 0. */
static struct child *
asked_child(struct ike *ike, struct sa *sa, struct msg2 *m,
    uint16_t *refused)
{
	const struct tunnel	*t = sa->tun->t;
	struct sel		 l[PLD_TS_MAX], r[PLD_TS_MAX];
	struct selpair		 out[SELPAIR_MAX];
	struct pld_choice	 ch;
	struct child		*c;
	const char		*why;
	size_t			 nl, nr, n;

	*refused = N_NO_PROPOSAL;
	if (pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_choose(&ike->offer, SA_CHILD, t->child, t->nchild, 0,
	    ike2_esn(ike), &ch) || ch.spi < 256)
		return (NULL);
	*refused = N_TS_UNACCEPTABLE;
	if (ike2_ts_get(m, 0, l, &nl, r, &nr) ||
	    (n = ike2_narrow_tun(sa->tun, l, nl, r, nr, out)) == 0)
		return (NULL);
	if ((c = ike_child_new(ike, sa, 0)) == NULL)
		return (NULL);
	*refused = 0;
	c->a = ch.a;
	c->spi_out = (uint32_t)ch.spi;
	sa->peer.num = ch.num;
	if (ike_child_pairs(c, out, n) == 0)
		return (c);
	c->spi_out = 0;
	ike_child_free(ike, c);
	*refused = N_TEMPORARY_FAILURE;
	return (NULL);
}

/* No, and for the same request again no. */
static enum step
refuse(struct ike *ike, struct sa *sa, uint16_t type)
{
	ike2_reply_notify(ike, sa, type, rd_of(NULL, 0));
	ike_sa_linger(ike, sa);
	return (STEP_WAIT);
}

enum step
ike2_auth_odd(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	if (m->h.mid != 1)
		return (STEP_DROP);
	ike_noise(ike, &sa->remote, "IKE_AUTH without AUTH or child");
	return (refuse(ike, sa, pld_find(&m->p, PLD_AUTH) != NULL ?
	    N_INVALID_SYNTAX : N_AUTH_FAILED));
}

enum step
ike2_auth_req(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct pld_notify	 n;
	struct ident		 idi, idr;
	struct rd		 auth;
	struct tun		*t;
	const char		*why;
	char			 name[128];
	uint8_t			 method;
	int			 has_idr = ike2_pld(m, PLD_IDR) != NULL;

	if (pld_id(ike2_body(m, PLD_IDI), &idi, &why) ||
	    (has_idr && pld_id(ike2_body(m, PLD_IDR), &idr, &why)) ||
	    pld_auth(ike2_body(m, PLD_AUTH), &method, &auth, &why))
		return (refuse(ike, sa, N_AUTH_FAILED));
	if ((t = whose(ike, sa, &idi, has_idr ? &idr : NULL)) == NULL) {
		(void)snprintf(sa->detail, sizeof(sa->detail),
		    "no tunnel for the identity %s and that address",
		    ident_str(&idi, name, sizeof(name)));
		ike_noise(ike, &sa->remote, sa->detail);
		return (refuse(ike, sa, N_AUTH_FAILED));
	}
	if (t->down)
		return (refuse(ike, sa, N_TEMPORARY_FAILURE));
	ike_sa_join(sa, t);
	ike_sa_half(ike, sa);
	sa->peer_ic = (uint8_t)ike2_has_notify(m, N_INITIAL_CONTACT, &n);
	ike2_vendor(sa, m);
	sa->peer.child = asked_child(ike, sa, m, &sa->peer.refused);
	ask_auth(ike, sa, m, PLD_IDI, method, auth, sa->peer.child,
	    sa->peer.child != NULL ? W_AUTH_R : W_AUTH_R_K);
	return (STEP_WAIT);
}

/* IDr, AUTH and the child, or why there is none. */
static void
send_answer(struct ike *ike, struct sa *sa, struct child *c)
{
	struct pld_out	 o;

	ike2_begin_reply(ike, sa, &o);
	pld_raw_put(&o, PLD_IDR, BUF_RD(&sa->ans.id));
	pld_auth_put(&o, sa->ans.method, BUF_RD(&sa->ans.auth));
	if (c != NULL) {
		pld_sa_answer(&o, SA_CHILD, sa->peer.num, &c->a, c->spi_in,
		    4);
		ike2_ts_put(&o, c->pair, c->npair, 0);
	} else
		pld_notify_put(&o, PROTO_NONE, 0, sa->peer.refused,
		    rd_of(NULL, 0));
	pld_raw_put(&o, PLD_VID, rd_of(vendor_id, sizeof(vendor_id) - 1));
	ike2_reply(ike, sa, &o);
}

void
ike2_auth_r_done(struct ike *ike, struct sa *sa)
{
	struct child	*c = sa->peer.child;
	struct tun	*t = sa->tun;

	sa->peer.child = NULL;
	if (sa->ans.kerr != KERR_OK || t->t == NULL) {
		if (c != NULL)
			c->spi_out = 0;		/* s2sd-sad never had it */
		if (t->t != NULL && ike_tun_sa(t) == NULL)
			ike_reason(ike, t, ike2_reason_of(sa->ans.kerr), "");
		(void)refuse(ike, sa, N_AUTH_FAILED);
		return;
	}
	if (c != NULL && sa->ans.serr != SERR_OK) {
		role_log(ike->io, LOG_ERR, t->id, R_KERNEL,
		    "%s: s2sd-sad refused the keys: %s", t->t->name,
		    ike2_serr(sa->ans.serr));
		c->spi_out = 0;
		ike_child_free(ike, c);
		c = NULL;
		sa->peer.refused = N_TEMPORARY_FAILURE;
	}
	if (c != NULL) {
		c->spi_in = sa->ans.spi_in;
		c->mtu = sa->ans.mtu;
	}
	send_answer(ike, sa, c);
	ike_sa_up(ike, sa);
	if (c != NULL)
		ike_child_up(ike, c);
	else
		ike_tun_child_failed(ike, t,
		    sa->peer.refused == N_TS_UNACCEPTABLE ? R_SELECTORS :
		    sa->peer.refused == N_NO_PROPOSAL ? R_NO_PROPOSAL :
		    R_KERNEL, "");
}
