/* SPDX-License-Identifier: ISC */

/*
 * child_r.c: CREATE_CHILD_SA for a child as responder, RFC 7296 sections
 * 1.3.1, 1.3.3, 2.25.
 */

#include <syslog.h>

#include "v2.h"

enum { CHILD_SPARE = 8 };

enum step
ike2_child_closing(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	(void)m;
	ike2_reply_notify(ike, sa, N_TEMPORARY_FAILURE, rd_of(NULL, 0));
	return (STEP_WAIT);
}

/* May it have a child at all?  0, or the notify that says why not. */
static uint16_t
may(struct ike *ike, struct sa *sa, struct msg2 *m, struct child **old)
{
	const struct child	*c;
	struct pld_notify	 n;
	struct rd		 spi;
	uint32_t		 v;
	size_t			 count = 0;

	*old = NULL;
	if (sa->tun->t == NULL || sa->handle == 0 || sa->replaced ||
	    sa->own.kind == O_IKE || sa->want & WANT_DELETE)
		return (N_TEMPORARY_FAILURE);		/* 2.25.2 */
	for (c = sa->children; c != NULL; c = c->next)
		count++;
	if (count >= 3u * sa->tun->t->npair + CHILD_SPARE +
	    (ike_percpu(ike, sa->tun->t) ? 2u * ike->caps.cpus : 0))
		return (N_NO_ADDITIONAL_SAS);
	if (!ike2_has_notify(m, N_REKEY_SA, &n))
		return (0);
	spi = n.spi;
	if (n.proto != (sa->tun->t->flags & TUN_AH ? PROTO_AH : PROTO_ESP) ||
	    rd_u32(&spi, &v) || rd_end(&spi))
		return (N_CHILD_NOT_FOUND);
	if ((*old = ike_child_out(sa, v)) == NULL)
		/* it may be the one that we are making: the answer was lost */
		return (sa->own.kind == O_NEW || sa->own.kind == O_REKEY ?
		    N_TEMPORARY_FAILURE : N_CHILD_NOT_FOUND);
	if ((*old)->want_del || sa->own.del == (*old)->num ||
	    (*old)->state != C_UP)
		return (N_TEMPORARY_FAILURE);
	return (0);
}

/* A rekey keeps the selectors exactly (R19). */
static int
same_pairs(const struct child *old, const struct selpair *p, size_t n)
{
	size_t	 i, j;

	for (i = 0; i < old->npair; i++) {
		for (j = 0; j < n; j++)
			if (sel_eq(&old->pair[i].local, &p[j].local) &&
			    sel_eq(&old->pair[i].remote, &p[j].remote))
				break;
		if (j == n)
			return (0);
	}
	return (1);
}

/*
 * Algorithms, group and selectors of the child that the peer asks for.
 * 0, or a notify; *group is for INVALID_KE_PAYLOAD.
 */
static uint16_t
judge(struct ike *ike, struct sa *sa, struct msg2 *m, struct child *old,
    struct pld_choice *ch, struct rd *ke, struct selpair *out, size_t *n)
{
	const struct tunnel	*t = sa->tun->t;
	struct sel		 l[PLD_TS_MAX], r[PLD_TS_MAX];
	const char		*why;
	size_t			 nl, nr;
	uint16_t		 group = 0;
	int			 has = ike2_pld(m, PLD_KE) != NULL;

	*ke = rd_of(NULL, 0);
	if (pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_nonce(ike2_body(m, PLD_NONCE), &why) ||
	    (has && pld_ke(ike2_body(m, PLD_KE), &group, ke, &why)) ||
	    ike2_ts_get(m, 0, l, &nl, r, &nr))
		return (N_INVALID_SYNTAX);
	if (ike_ah_nat(sa, t) != NULL || pld_choose(&ike->offer, SA_CHILD_DH,
	    t->child, t->nchild, group, ike2_esn(ike), ch) || ch->spi < 256 || !ike2_mode_ok(m, t, 1))
		return (N_NO_PROPOSAL);
	if (ch->a.dh != NULL && (group != ch->a.dh->id ||
	    ke->n != ch->a.dh->keylen))
		return (N_INVALID_KE);
	if (ch->a.dh == NULL)
		*ke = rd_of(NULL, 0);
	if (old != NULL)
		*n = ike2_narrow(old->pair, old->npair, l, nl, r, nr, out);
	else
		*n = ike2_narrow_tun(sa->tun, l, nl, r, nr, out);
	if (*n == 0 || (old != NULL && !same_pairs(old, out, *n)))
		return (N_TS_UNACCEPTABLE);
	return (0);
}

static void
refuse(struct ike *ike, struct sa *sa, uint16_t type,
    const struct pld_choice *ch)
{
	uint8_t	 group[2];

	if (type != N_INVALID_KE) {
		ike2_reply_notify(ike, sa, type, rd_of(NULL, 0));
		return;
	}
	group[0] = (uint8_t)(ch->a.dh->id >> 8);
	group[1] = (uint8_t)ch->a.dh->id;
	ike2_reply_notify(ike, sa, type, rd_of(group, sizeof(group)));
}

static void
ask_child(struct ike *ike, struct sa *sa, struct child *c, struct rd nonce,
    struct rd ke)
{
	struct m_k_child k;
	uint8_t		 room[5400];

	memset(&k, 0, sizeof(k));
	k.handle = sa->handle;
	k.dh = c->a.dh != NULL ? c->a.dh->num : 0;
	k.encr = c->a.encr != NULL ? c->a.encr->num : 0;
	k.integ = c->a.integ != NULL ? c->a.integ->num : 0;
	k.nonce = nonce;
	k.ke = ke;
	k.sa = ike_child_msa(ike, c, c->replaces != 0, room, sizeof(room));
	ike2_answers_begin(sa);
	ike_sa_wait(ike, sa, W_CHILD_R);
	if (role_send(ike->io, PROC_KEYS, M_K_CHILD, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike2_lost(ike, sa);
}

enum step
ike2_child_req(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct selpair		 out[SELPAIR_MAX];
	struct pld_choice	 ch;
	struct child		*old, *c;
	struct rd		 ke;
	size_t			 n = 0;
	uint16_t		 no;

	if ((no = may(ike, sa, m, &old)) != 0 ||
	    (no = judge(ike, sa, m, old, &ch, &ke, out, &n)) != 0) {
		refuse(ike, sa, no, &ch);
		return (STEP_WAIT);
	}
	if ((c = ike_child_new(ike, sa, 0)) == NULL ||
	    ike_child_pairs(c, out, n) ||
	    ike_buf_set(&sa->peer.nonce, ike2_body(m, PLD_NONCE))) {
		if (c != NULL)
			ike_child_free(ike, c);
		refuse(ike, sa, N_TEMPORARY_FAILURE, &ch);
		return (STEP_WAIT);
	}
	if ((no = ike2_cpu_asked(ike, sa, m, c, old)) != 0) {
		ike_child_free(ike, c);
		refuse(ike, sa, no, &ch);
		return (STEP_WAIT);
	}
	c->a = ch.a;
	c->spi_out = (uint32_t)ch.spi;
	c->replaces = old != NULL ? old->num : 0;
	sa->peer.num = ch.num;
	sa->peer.child = c;
	ask_child(ike, sa, c, ike2_body(m, PLD_NONCE), ke);
	return (STEP_WAIT);
}

/* SA, Nr, [KEr], TSi, TSr */
void
ike2_child_r_done(struct ike *ike, struct sa *sa)
{
	struct child	*c = sa->peer.child;
	struct pld_out	 o;

	sa->peer.child = NULL;
	if (c == NULL || sa->ans.kerr != KERR_OK ||
	    sa->ans.serr != SERR_OK) {
		role_log(ike->io, LOG_WARNING, sa->tun->id, R_KERNEL,
		    "a child SA of the peer was refused: %s",
		    sa->ans.serr != SERR_OK ? ike_serr(sa->ans.serr) :
		    reason_row(ike_reason_of(sa->ans.kerr))->id);
		if (c != NULL) {
			ike2_child_unmade(sa, c);
			ike_child_free(ike, c);
		}
		if (sa->ans.kerr == KERR_NOHANDLE) {
			sa->handle = 0;
			ike_sa_doom(ike, sa, ike->now + 1);
		}
		ike2_reply_notify(ike, sa, sa->ans.kerr == KERR_KE ||
		    sa->ans.kerr == KERR_MESSAGE ? N_INVALID_SYNTAX :
		    N_TEMPORARY_FAILURE, rd_of(NULL, 0));
		return;
	}
	c->spi_in = sa->ans.spi_in;
	c->mtu = sa->ans.mtu;
	ike2_keep_low(&c->low, BUF_RD(&sa->peer.nonce), BUF_RD(&sa->ans.nonce));
	ike2_begin_reply(ike, sa, &o);
	if (sa->tun->t != NULL)
		ike2_mode_put(&o, sa->tun->t);
	ike2_cpu_put(&o, c);
	pld_sa_answer(&o, SA_CHILD_DH, sa->peer.num, &c->a, c->spi_in, 4);
	pld_raw_put(&o, PLD_NONCE, BUF_RD(&sa->ans.nonce));
	if (c->a.dh != NULL)
		pld_ke_put(&o, c->a.dh, BUF_RD(&sa->ans.ke));
	ike2_ts_put(&o, c->pair, c->npair, 0);
	ike2_reply(ike, sa, &o);
	if (sa->tun->t != NULL) {
		ike_child_up(ike, c);
		ike2_child_twins(ike, sa, c);
	}
}
