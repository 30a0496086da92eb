/* SPDX-License-Identifier: ISC */

/*
 * main_i.c: main mode with a shared secret as initiator, RFC 2409 section
 * 5.4.
 *
 *	1  SA, V		2  SA, V
 *	3  KE, Ni, [NAT-D]	4  KE, Nr, [NAT-D]
 *	5* IDii, HASH_I		6* IDir, HASH_R
 *
 * Nothing is authenticated before message 6: what comes can delay an attempt
 * but not end it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "v1.h"

#define VENDOR	"s2sd"			/* our vendor ID, only encrypted */

/* Remember why, and go on: anybody could have sent that (N044). */
void
ike1_remember(struct ike *ike, struct sa *sa, int reason, const char *detail)
{
	ike->count[CNT_UNPROTECTED]++;
	sa->reason = reason;
	(void)snprintf(sa->detail, sizeof(sa->detail), "%s", detail);
	if (sa->tun != NULL && ike_child_count(sa->tun) == 0)
		ike_reason(ike, sa->tun, reason, detail);
}

static void
send_own(struct ike *ike, struct sa *sa, struct pld1_out *o)
{
	if (pld1_done(o)) {
		ike_tun_failed(ike, sa, R_NO_PROPOSAL,
		    "the proposals do not fit into one message");
		return;
	}
	ike_own_send(ike, sa, rd_of(o->w.p, o->w.n));
}

void
ike1_dial(struct ike *ike, struct sa *sa)
{
	const struct tunnel	*t = sa->tun->t;
	struct pld1_out		 o;
	struct ike1		*v;
	size_t			 at;

	sa->own.kind = O_INIT;
	/* an address of ours that we do not know cannot be hashed */
	sa->forced = ike_forced(ike, sa->tun) || sa->local.af == 0;
	if ((v = ike1_new(ike, sa)) == NULL) {
		ike_tun_failed(ike, sa, R_KERNEL, "no memory");
		return;
	}
	ike_sa_announce(ike, sa);
	ike1_begin(ike, sa, &o, X1_MAIN, 0);
	at = o.w.n + GEN_LEN;
	if (pld1_offer1(&o, t->ike, t->nike, t->ikelife) == 0 ||
	    wr_end(&o.w) ||
	    ike_buf_set(&v->sai, rd_of(o.w.p + at, o.w.n - at))) {
		ike_tun_failed(ike, sa, R_NO_PROPOSAL,
		    "nothing of `ikesa' can be had with IKEv1 here");
		return;
	}
	ike1_vids_put(&o, v, 1);
	v->st = ST1_MM1;
	send_own(ike, sa, &o);
}

/* A datagram of main mode answered ours: it is over. */
static void
answered(struct ike *ike, struct sa *sa, const struct msg1 *m)
{
	sa->own.sent = 0;
	ike_timer_off(ike, &sa->t_own);
	sa->rtt = sa->own.repeats == 0 ? (uint32_t)(ike->now - sa->own.at) : 0;
	sa->local = m->d->local;
	memcpy(sa->digest, m->digest, sizeof(sa->digest));
}

enum step1
ike1_mm2(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	const struct tunnel	*t = sa->tun->t;
	struct pld1_choice	 c;
	struct m_k_start	 k;
	struct pld1_sa		 offer;
	const char		*why;

	if (!sa->own.sent || m->h.spi_r == 0 || m->h.mid != 0)
		return (STEP1_DROP);
	if (pld1_sa(ike1_body(m, PLD1_SA), 1, &offer, &why) ||
	    pld1_accept1(&offer, t->ike, t->nike, &c)) {
		ike1_remember(ike, sa, R_NO_PROPOSAL,
		    "it chose what we did not offer");
		return (STEP1_DROP);
	}
	answered(ike, sa, m);
	sa->a = c.a;
	sa->spi_r = m->h.spi_r;
	sa->v1->secs = c.secs;
	ike1_vids_read(ike, sa, m);
	k.dh = sa->a.dh->num;
	ike_sa_wait(ike, sa, W_START);
	if (role_send(ike->io, PROC_KEYS, M_K_START, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike1_lost(ike, sa);
	return (STEP1_WAIT);
}

int
ike1_started(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_started	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (0);
	sa->handle = b->handle;
	if (ike_buf_set(&sa->v1->nonce, b->nonce) ||
	    ike_buf_set(&sa->v1->kei, b->ke))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

void
ike1_ke_put(struct pld1_out *o, struct rd ke, struct rd nonce)
{
	pld1_raw_put(o, PLD1_KE, ke);
	pld1_raw_put(o, PLD1_NONCE, nonce);
}

void
ike1_started_done(struct ike *ike, struct sa *sa)
{
	struct pld1_out	 o;

	if (sa->ans.kerr != KERR_OK) {
		ike_tun_failed(ike, sa, ike_reason_of(sa->ans.kerr), "");
		return;
	}
	ike1_begin(ike, sa, &o, X1_MAIN, 0);
	ike1_ke_put(&o, BUF_RD(&sa->v1->kei), BUF_RD(&sa->v1->nonce));
	ike1_natd_put(ike, sa, &o);
	sa->v1->st = ST1_MM3;
	send_own(ike, sa, &o);
}

enum step1
ike1_mm4(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct rd		 ke = ike1_body(m, PLD1_KE);
	struct rd		 nonce = ike1_body(m, PLD1_NONCE);
	struct m_k1_keyed	 k;
	struct wr		 w;
	const char		*why, *no;

	if (!sa->own.sent || pld1_nonce(nonce, &why) ||
	    ke.n != sa->a.dh->keylen)
		return (STEP1_DROP);
	if (ct_equal(ke, BUF_RD(&sa->v1->kei)) ||
	    ct_equal(nonce, BUF_RD(&sa->v1->nonce))) {
		ike->count[CNT_REFLECTED]++;	/* our own message 3 */
		return (STEP1_DROP);
	}
	if (ike_buf_set(&sa->v1->ker, ke))
		return (STEP1_DROP);
	ike1_natd_read(sa, m);
	if ((no = ike_ah_nat(sa, sa->tun->t)) != NULL) {
		ike1_remember(ike, sa, R_AH_NAT, no);
		return (STEP1_DROP);
	}
	answered(ike, sa, m);
	ike1_vids_read(ike, sa, m);
	memset(&k, 0, sizeof(k));
	k.handle = sa->handle;
	k.prf = sa->a.prf->num;
	k.encr = sa->a.encr->num;
	w = wr_of(k.cky_i, sizeof(k.cky_i));
	wr_u64(&w, sa->spi_i);
	w = wr_of(k.cky_r, sizeof(k.cky_r));
	wr_u64(&w, sa->spi_r);
	k.nonce = nonce;
	k.ke = ke;
	k.sai = BUF_RD(&sa->v1->sai);
	ike_sa_wait(ike, sa, W_KEYED);
	if (role_send(ike->io, PROC_KEYS, M_K1_KEYED, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike1_lost(ike, sa);
	return (STEP1_WAIT);
}

int
ike1_keyed(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k1_keyed_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (0);
	sa->v1->a = b->a;
	sa->v1->e = b->e;
	if (b->e.len != sa->a.encr->keylen || b->a.len != sa->a.prf->outlen ||
	    ike_buf_set(&sa->ans.id, b->id) ||
	    ike_buf_set(&sa->ans.auth, b->hash) || ike1_iv_main(sa))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

/* IDii, HASH_I, [N(INITIAL-CONTACT)], V */
void
ike1_keyed_done(struct ike *ike, struct sa *sa)
{
	struct pld1_out	 o;
	uint8_t		 spi[COOKIES1];

	if (sa->ans.kerr != KERR_OK || sa->tun->t == NULL) {
		ike_tun_failed(ike, sa, ike_reason_of(sa->ans.kerr), "");
		return;
	}
	ike1_float(sa);
	ike1_begin(ike, sa, &o, X1_MAIN, 0);
	pld1_raw_put(&o, PLD1_ID, BUF_RD(&sa->ans.id));
	pld1_raw_put(&o, PLD1_HASH, BUF_RD(&sa->ans.auth));
	ike1_cookies(sa, spi);
	if (ike_map_get(&ike->contact, ike_ident_key(ike, sa->tun->t)) == NULL)
		pld1_notify_put(&o, PROTO1_ISAKMP, rd_of(spi, sizeof(spi)),
		    N1_INITIAL_CONTACT, rd_of(NULL, 0));
	pld1_raw_put(&o, PLD1_VID, rd_of(VENDOR, sizeof(VENDOR) - 1));
	sa->state = S_AUTH_I;
	sa->v1->st = ST1_MM5;
	if (ike1_seal(sa, &o, sa->v1->iv)) {
		ike_tun_failed(ike, sa, R_KERNEL, "cannot build a message");
		return;
	}
	ike_own_send(ike, sa, rd_of(o.w.p, o.w.n));
}

void
ike1_ask_auth(struct ike *ike, struct sa *sa, struct msg1 *m, uint32_t tun,
    enum wait w)
{
	struct m_k1_auth	 k;

	k.handle = sa->handle;
	k.id = ike1_body(m, PLD1_ID);
	k.hash = ike1_body(m, PLD1_HASH);
	ike_sa_wait(ike, sa, w);
	if (role_send(ike->io, PROC_KEYS, M_K1_AUTH, ike_gen(ike),
	    ike_sa_reqid(sa), tun, &k))
		ike1_lost(ike, sa);
}

enum step1
ike1_mm6(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct ident	 id;
	const char	*why;
	char		 name[128];

	if (!sa->own.sent || pld1_id(ike1_body(m, PLD1_ID), &id, &why) ||
	    ike1_body(m, PLD1_HASH).n != sa->a.prf->outlen)
		return (STEP1_DROP);
	answered(ike, sa, m);
	ike1_vids_read(ike, sa, m);
	sa->reason = R_NONE;
	sa->detail[0] = '\0';
	if (!ident_eq(&id, &sa->tun->t->dstid)) {
		sa->reason = R_WRONG_ID;	/* s2sd-keys says so too */
		(void)snprintf(sa->detail, sizeof(sa->detail), "%s",
		    ident_str(&id, name, sizeof(name)));
	}
	ike1_ask_auth(ike, sa, m, sa->tun->id, W_AUTH_I_K);
	return (STEP1_WAIT);
}

int
ike1_auth(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k1_auth_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err == KERR_OK && !sa->init &&
	    (ike_buf_set(&sa->ans.id, b->id) ||
	    ike_buf_set(&sa->ans.auth, b->hash)))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

void
ike1_auth_i_done(struct ike *ike, struct sa *sa)
{
	char	 detail[128];

	(void)snprintf(detail, sizeof(detail), "%s", sa->detail);
	if (sa->ans.kerr != KERR_OK || sa->tun->t == NULL ||
	    sa->reason == R_WRONG_ID) {
		ike_tun_failed(ike, sa, sa->reason == R_WRONG_ID ?
		    R_WRONG_ID : ike_reason_of(sa->ans.kerr), detail);
		return;
	}
	memcpy(sa->v1->iv, sa->v1->next_iv, sizeof(sa->v1->iv));
	ike_own_clear(ike, sa);
	ike1_up(ike, sa);
}
