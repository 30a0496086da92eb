/* SPDX-License-Identifier: ISC */

/*
 * auth_r.c: IKE_AUTH as responder: which tunnel it is, the child that is
 * asked for, RFC 7296 sections 1.2, 2.9, 2.15, 2.21.2.
 */

#include <stdio.h>
#include <syslog.h>

#include "v2.h"

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
		if (t->gone || t->t->flags & (TUN_DISABLED | TUN_IKEV1) ||
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
	if (pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why))
		return (NULL);
	if ((why = ike_ah_nat(sa, t)) != NULL ||
	    (why = ike_esp_ah(t, pld_proto(&ike->offer))) != NULL) {
		sa->reason = t->flags & TUN_AH && ike_ah_nat(sa, t) != NULL ?
		    R_AH_NAT : R_ESP_AH;
		(void)snprintf(sa->detail, sizeof(sa->detail), "%s", why);
		return (NULL);
	}
	if (pld_choose(&ike->offer, SA_CHILD, t->child, t->nchild, 0,
	    ike2_esn(ike), &ch) || ch.spi < 256 || !ike2_mode_ok(m, t, 1))
		return (NULL);
	*refused = N_TS_UNACCEPTABLE;
	if (ike2_ts_get(m, 0, l, &nl, r, &nr) ||
	    (n = ike2_narrow_tun(sa->tun, l, nl, r, nr, out)) == 0)
		return (NULL);
	*refused = N_TEMPORARY_FAILURE;
	if ((c = ike_child_new(ike, sa, 0)) == NULL)
		return (NULL);
	c->a = ch.a;
	c->spi_out = (uint32_t)ch.spi;
	sa->peer.num = ch.num;
	if (ike_child_pairs(c, out, n) == 0) {
		*refused = ike2_cpu_asked(ike, sa, m, c, NULL);
		if (*refused == 0)
			return (c);
	}
	c->spi_out = 0;
	ike_child_free(ike, c);
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
	ike2_ask_auth(ike, sa, m, PLD_IDI, method, auth, sa->peer.child,
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
		ike2_mode_put(&o, sa->tun->t);
		ike2_cpu_put(&o, c);
		pld_sa_answer(&o, SA_CHILD, sa->peer.num, &c->a, c->spi_in,
		    4);
		ike2_ts_put(&o, c->pair, c->npair, 0);
	} else
		pld_notify_put(&o, PROTO_NONE, 0, sa->peer.refused,
		    rd_of(NULL, 0));
	pld_raw_put(&o, PLD_VID, rd_of(IKE_VENDOR, sizeof(IKE_VENDOR) - 1));
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
			ike2_child_unmade(sa, c);
		if (t->t != NULL && ike_tun_sa(t) == NULL)
			ike_reason(ike, t, ike_reason_of(sa->ans.kerr), "");
		(void)refuse(ike, sa, N_AUTH_FAILED);
		return;
	}
	if (c != NULL && sa->ans.serr != SERR_OK) {
		role_log(ike->io, LOG_ERR, t->id, R_KERNEL,
		    "%s: s2sd-sad refused the keys: %s", t->t->name,
		    ike_serr(sa->ans.serr));
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
	else if (sa->reason != R_NONE)
		ike_tun_child_failed(ike, t, sa->reason, sa->detail);
	else
		ike_tun_child_failed(ike, t,
		    sa->peer.refused == N_TS_UNACCEPTABLE ? R_SELECTORS :
		    sa->peer.refused == N_NO_PROPOSAL ? R_NO_PROPOSAL :
		    R_KERNEL, "");
}
