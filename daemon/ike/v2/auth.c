/* SPDX-License-Identifier: ISC */

/*
 * auth.c: IKE_AUTH with a shared secret as initiator, and the first child,
 * RFC 7296 sections 1.2, 2.15, 2.21.2.  Whether AUTH is right is said by
 * s2sd-keys alone; one outward failure for everything that is wrong (R13).
 */

#include <stdio.h>
#include <syslog.h>

#include "v2.h"

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
			if (old->state == C_UP && old->cpu == 0)
				c->replaces = old->num;
	ike2_cpu_offer(ike, t, c);
	return (c);
}

/* IDi, [N(INITIAL_CONTACT)], IDr, AUTH, [N(USE_TRANSPORT_MODE)], SA, TSi, TSr, V */
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
	ike2_mode_put(&o, t);
	ike2_cpu_put(&o, c);
	pld_sa_offer(&o, SA_CHILD, t->child, t->nchild, c->spi_in, 4,
	    ike2_esn(ike));
	ike2_ts_put(&o, c->pair, c->npair, 1);
	pld_raw_put(&o, PLD_VID, rd_of(IKE_VENDOR, sizeof(IKE_VENDOR) - 1));
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
		ike_tun_failed(ike, sa, ike_reason_of(sa->ans.kerr), "");
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
		if (*reason == R_DELETED)
			(void)snprintf(detail, max, "notify %u", err);
		if (*reason == R_NO_PROPOSAL && t->flags & TUN_AH)
			(void)snprintf(detail, max, "perhaps ESP, not AH");
		return (-1);
	}
	*reason = R_SYNTAX;
	(void)snprintf(detail, max, "child SA in IKE_AUTH");
	if (c == NULL || ike2_pld(m, PLD_SA) == NULL ||
	    pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_accept(&ike->offer, SA_CHILD, t->child, t->nchild,
	    ike2_esn(ike), &ch) || ch.spi < 256)
		return (-1);
	*reason = R_NO_PROPOSAL;
	(void)snprintf(detail, max, "the peer chose %s mode",
	    t->flags & TUN_TRANSPORT ? "tunnel" : "transport");
	if (!ike2_mode_ok(m, t, 0))
		return (-1);
	*reason = R_SELECTORS;
	(void)snprintf(detail, max, "child SA in IKE_AUTH");
	if (ike2_ts_get(m, 1, l, &nl, r, &nr) ||
	    (n = ike2_narrow(c->pair, c->npair, l, nl, r, nr, out)) == 0)
		return (-1);
	*reason = R_KERNEL;
	(void)snprintf(detail, max, "out of memory");
	if (ike_child_pairs(c, out, n))
		return (-1);
	c->a = ch.a;
	c->spi_out = (uint32_t)ch.spi;
	ike2_cpu_answer(m, c);
	return (0);
}

void
ike2_ask_auth(struct ike *ike, struct sa *sa, struct msg2 *m, uint8_t id,
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
		k.encr = c->a.encr != NULL ? c->a.encr->num : 0;
		k.integ = c->a.integ != NULL ? c->a.integ->num : 0;
		k.sa = ike_child_msa(ike, c, 0, room, sizeof(room));
	}
	ike2_answers_begin(sa);
	ike_sa_wait(ike, sa, w);
	if (role_send(ike->io, PROC_KEYS, M_K_AUTH, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike2_lost(ike, sa);
}

/* Our first child is none: the peer, if it made it, is to delete it. */
static void
unwanted(struct ike *ike, struct sa *sa, int made)
{
	struct child	*c = sa->own.child;

	c->spi_out = 0;
	if (!made) {
		ike_child_free(ike, c);
		return;
	}
	sa->own.child = NULL;
	c->state = C_OLD;
	c->want_del = 1;
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
	if (sa->reason != R_NONE && sa->own.child != NULL)
		unwanted(ike, sa, ike2_error(m) == 0);
	ike2_ask_auth(ike, sa, m, PLD_IDR, method, auth, sa->own.child,
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
	if (err == N_AUTH_FAILED && ike2_init_other(sa)) {
		/* our IKE_SA_INIT or its answer was changed on the way */
		ike2_init_candidate(ike, sa);
		return (STEP_DROP);
	}
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

/* Both processes are to answer. */
void
ike2_answers_begin(struct sa *sa)
{
	sa->ans.kerr = KERR_OK;
	sa->ans.serr = SERR_OK;
	sa->ans.spi_in = 0;
}

/* A child that will not be: does s2sd-sad have it to delete? */
void
ike2_child_unmade(const struct sa *sa, struct child *c)
{
	if (sa->ans.serr == SERR_OK && sa->ans.spi_in != 0)
		c->spi_in = sa->ans.spi_in;
	else
		c->spi_out = 0;		/* never had it: nothing to delete */
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
			ike2_child_unmade(sa, c);
		ike_tun_failed(ike, sa, reason == R_WRONG_ID ? R_WRONG_ID :
		    ike_reason_of(sa->ans.kerr), detail);
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
		    ike_serr(sa->ans.serr));
	} else {
		c->mtu = sa->ans.mtu;
		ike_child_up(ike, c);
	}
}
