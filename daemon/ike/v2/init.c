/* SPDX-License-Identifier: ISC */

/*
 * init.c: IKE_SA_INIT as initiator, RFC 7296 sections 1.2, 2.6, 2.7.
 * Nothing in this exchange is authenticated: an answer can delay an attempt
 * but not end it.
 */

#include <stdio.h>
#include <syslog.h>

#include "v2.h"

enum { RESTARTS = 2 };		/* for a cookie (R17) */

void
ike2_spi(uint64_t spi, uint8_t *to)
{
	struct wr	 w = wr_of(to, 8);

	wr_u64(&w, spi);
}

const struct alg *
ike2_group(const struct prop *p)
{
	const struct alg	*a;
	size_t			 i;

	for (i = 0; i < p->ndh; i++) {
		if (p->dh[i] == 0)
			return (NULL);
		if ((a = alg_num(p->dh[i])) != NULL && alg_usable(a))
			return (a);
	}
	return (NULL);
}

static void
ask_start(struct ike *ike, struct sa *sa)
{
	struct m_k_start	 m;

	m.dh = sa->own.dh->num;
	ike_sa_wait(ike, sa, W_START);
	if (role_send(ike->io, PROC_KEYS, M_K_START, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &m))
		ike2_lost(ike, sa);
}

void
ike2_dial(struct ike *ike, struct sa *sa)
{
	sa->own.kind = O_INIT;
	if ((sa->own.dh = ike2_group(&sa->tun->t->ike[0])) == NULL) {
		ike_tun_failed(ike, sa, R_NO_PROPOSAL,
		    "no group of `ikesa' works on this system");
		return;
	}
	ask_start(ike, sa);
}

int
ike2_started(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_started	*b = body;

	(void)ike;
	return (ike2_got_pair(sa, b->err, b->handle, &sa->handle, b->nonce,
	    b->ke));
}

/* [N(COOKIE)], SA, KE, Ni, N(NAT_DETECTION_*) */
static void
send_init(struct ike *ike, struct sa *sa)
{
	const struct tunnel	*t = sa->tun->t;
	struct own_req		*o = &sa->own;
	struct pld_out		 out;
	struct ike_hdr		 h;

	memset(&h, 0, sizeof(h));
	h.spi_i = sa->spi_i;
	h.exch = X_INIT;
	h.flags = HDR_I;
	pld_start(&out, ike->out, INIT_MAX, &h);
	if (o->cookie.n > 0)			/* the first one, 2.6 */
		pld_notify_put(&out, PROTO_NONE, 0, N_COOKIE,
		    BUF_RD(&o->cookie));
	pld_sa_offer(&out, SA_IKE, t->ike, t->nike, 0, 0, 0);
	pld_ke_put(&out, o->dh, BUF_RD(&o->ke));
	pld_raw_put(&out, PLD_NONCE, BUF_RD(&o->nonce));
	/* an address of ours that we do not know cannot be hashed (2.23) */
	sa->forced = ike_forced(ike, sa->tun) || sa->local.af == 0;
	ike2_nat_put(ike, &out, sa->spi_i, 0, &sa->local, &sa->remote,
	    sa->forced);
	if (pld_done(&out) ||
	    ike_buf_set(&sa->init_i, rd_of(out.w.p, out.w.n))) {
		ike_tun_failed(ike, sa, R_NO_PROPOSAL,
		    "the proposals do not fit into one message");
		return;
	}
	o->mid = 0;
	sa->mid_out = 1;
	ike_own_send(ike, sa, BUF_RD(&sa->init_i));
}

void
ike2_started_done(struct ike *ike, struct sa *sa)
{
	if (sa->ans.kerr != KERR_OK) {
		ike_tun_failed(ike, sa, ike_reason_of(sa->ans.kerr), "");
		return;
	}
	send_init(ike, sa);
}

/* Remember why, and go on: anybody could have sent that (N044). */
static void
remember(struct ike *ike, struct sa *sa, int reason, const char *detail)
{
	ike->count[CNT_UNPROTECTED]++;
	sa->reason = reason;
	(void)snprintf(sa->detail, sizeof(sa->detail), "%s", detail);
	if (ike_child_count(sa->tun) == 0)
		ike_reason(ike, sa->tun, reason, detail);
}

/* Is it from where we sent ours to (N042)? */
static int
from_peer(struct ike *ike, struct sa *sa, const struct msg2 *m)
{
	if (addr_cmp(&m->d->remote, &sa->remote, 1) == 0)
		return (1);
	ike->count[CNT_BAD_ADDR]++;
	return (0);
}

/* Begin again with that group, if we offered it and did not try it yet. */
static void
other_group(struct ike *ike, struct sa *sa, uint16_t id)
{
	const struct tunnel	*t = sa->tun->t;
	struct own_req		*o = &sa->own;

	switch (ike2_other_group(o, t->ike, t->nike, id)) {
	case -1:
		remember(ike, sa, R_NO_PROPOSAL, "another group");
		return;
	case 1:
		return;
	default:
		break;
	}
	o->sent = 0;
	ike_timer_off(ike, &sa->t_own);
	ike_close_handle(ike, sa->tun, sa->handle);
	sa->handle = 0;
	ask_start(ike, sa);
}

static int
reason_of_notify(uint16_t type)
{
	switch (type) {
	case N_NO_PROPOSAL:
	case N_INVALID_KE:
		return (R_NO_PROPOSAL);
	case N_AUTH_FAILED:
		return (R_AUTH_PSK);
	case N_INVALID_MAJOR:
		return (R_IKE_VERSION);
	case N_TS_UNACCEPTABLE:
	case N_SINGLE_PAIR:
		return (R_SELECTORS);
	case N_INVALID_SYNTAX:
	case N_UNSUPPORTED_CRITICAL:
		return (R_SYNTAX);
	default:
		return (R_DELETED);
	}
}

enum step
ike2_init_again(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct pld_notify	 n;
	struct own_req		*o = &sa->own;
	struct rd		 d;
	char			 detail[32];
	uint16_t		 group, err;

	if (!from_peer(ike, sa, m) || sa->wait != W_NONE || !o->sent)
		return (STEP_DROP);
	if (ike2_has_notify(m, N_COOKIE, &n)) {
		if (n.data.n < 1 || n.data.n > COOKIE_MAX ||
		    o->cookies >= RESTARTS)
			return (STEP_DROP);
		o->cookies++;
		if (ike_buf_set(&o->cookie, n.data) == 0)
			send_init(ike, sa);
		return (STEP_WAIT);
	}
	if (ike2_has_notify(m, N_INVALID_KE, &n)) {
		d = n.data;
		if (rd_u16(&d, &group) == 0 && rd_end(&d) == 0)
			other_group(ike, sa, group);
		return (STEP_WAIT);
	}
	if ((err = ike2_error(m)) == 0)
		return (STEP_DROP);
	(void)snprintf(detail, sizeof(detail), "notify %u", err);
	remember(ike, sa, reason_of_notify(err),
	    err == N_NO_PROPOSAL ? "" : detail);
	return (STEP_WAIT);
}

/* What the peer chose, out of what we offered: 0 or -1. */
static int
chosen(struct ike *ike, struct sa *sa, const struct msg2 *m,
    struct pld_choice *c)
{
	const struct tunnel	*t = sa->tun->t;
	const char		*why;
	struct rd		 ke;
	uint16_t		 group;

	if (pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_accept(&ike->offer, SA_IKE, t->ike, t->nike, 0, c) ||
	    pld_ke(ike2_body(m, PLD_KE), &group, &ke, &why) ||
	    pld_nonce(ike2_body(m, PLD_NONCE), &why))
		return (-1);
	return (c->a.dh == sa->own.dh && group == c->a.dh->id &&
	    ke.n == c->a.dh->keylen ? 0 : -1);
}

static void
ask_keyed(struct ike *ike, struct sa *sa)
{
	struct m_k_keyed	 k;

	memset(&k, 0, sizeof(k));
	k.handle = sa->handle;
	k.prf = sa->a.prf->num;
	k.encr = sa->a.encr->num;
	k.integ = sa->a.integ != NULL ? sa->a.integ->num : 0;
	ike2_spi(sa->spi_i, k.spi_i);
	ike2_spi(sa->spi_r, k.spi_r);
	k.init_i = BUF_RD(&sa->init_i);
	k.init_r = BUF_RD(&sa->init_r);
	ike_sa_wait(ike, sa, W_KEYED);
	if (role_send(ike->io, PROC_KEYS, M_K_KEYED, ike_gen(ike),
	    ike_sa_reqid(sa), sa->tun->id, &k))
		ike2_lost(ike, sa);
}

enum step
ike2_init_rsp(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct pld_choice	 c;
	const char		*no;

	if (sa->wait == W_KEYED)
		return (ike2_init_second(ike, sa, m));
	if (!from_peer(ike, sa, m) || sa->wait != W_NONE || !sa->own.sent ||
	    m->h.spi_r == 0)
		return (STEP_DROP);
	if (chosen(ike, sa, m, &c)) {
		remember(ike, sa, R_SYNTAX,
		    "it chose what we did not offer");
		return (STEP_DROP);
	}
	ike2_nat_read(sa, m);
	if ((no = ike_ah_nat(sa, sa->tun->t)) != NULL) {
		remember(ike, sa, R_AH_NAT, no);
		return (STEP_DROP);
	}
	if (ike_buf_set(&sa->init_r, m->d->rest))
		return (STEP_DROP);
	sa->own.sent = 0;
	ike_timer_off(ike, &sa->t_own);
	sa->rtt = sa->own.repeats == 0 ? (uint32_t)(ike->now - sa->own.at) : 0;
	sa->a = c.a;
	sa->spi_r = m->h.spi_r;
	sa->asked_local = sa->local;
	sa->asked_remote = sa->remote;
	sa->asked_float = sa->float_;
	sa->local = m->d->local;
	ike2_float(sa, sa->forced);
	ike2_vendor(sa, m);
	ask_keyed(ike, sa);
	return (STEP_WAIT);
}

/*
 * s2sd-keys can do nothing with that answer: it was not the peer's, or the
 * peer is broken.  Wait for a better one; our request is still being
 * repeated.
 */
void
ike2_init_resume(struct ike *ike, struct sa *sa)
{
	remember(ike, sa, R_SYNTAX, "its key data are impossible");
	sa->local = sa->asked_local;
	sa->remote = sa->asked_remote;
	sa->float_ = sa->asked_float;
	sa->spi_r = 0;
	sa->own.sent = 1;
	ike_timer_set(ike, &sa->t_own, ike->now + RETX_FIRST);
	if (sa->ncand > 0)
		ike2_init_candidate(ike, sa);
}

/* A second, different answer: keep it until IKE_AUTH shows who is real. */
enum step
ike2_init_second(struct ike *ike, struct sa *sa, struct msg2 *m)
{
	struct addr	 from = m->d->remote, to = sa->remote;
	size_t		 i;

	from.port = to.port = 0;
	if (addr_cmp(&from, &to, 0) != 0 || m->h.spi_r == 0 ||
	    sa->ncand == CAND_MAX || m->d->rest.n > INIT_MAX)
		return (STEP_DROP);
	if (sa->init_r.n == m->d->rest.n &&
	    memcmp(sa->init_r.p, m->d->rest.p, m->d->rest.n) == 0)
		return (STEP_DROP);		/* the same, repeated */
	for (i = 0; i < sa->ncand; i++)
		if (sa->cand[i].n == m->d->rest.n &&
		    memcmp(sa->cand[i].p, m->d->rest.p, m->d->rest.n) == 0)
			return (STEP_DROP);
	ike->count[CNT_SECOND]++;
	sa->doubt = 1;
	if (ike_buf_set(&sa->cand[sa->ncand], m->d->rest))
		return (STEP_DROP);
	sa->cand_from = *m->d;
	sa->ncand++;
	return (STEP_WAIT);
}

/* Those with the SPI of the one that refused us are of no use. */
int
ike2_init_other(struct sa *sa)
{
	struct rd	 r;
	uint64_t	 spi_i, spi_r;

	for (; sa->ncand > 0; sa->ncand--) {
		r = BUF_RD(&sa->cand[sa->ncand - 1]);
		if (rd_u64(&r, &spi_i) == 0 && rd_u64(&r, &spi_r) == 0 &&
		    spi_r != sa->spi_r)
			return (1);
		ike_buf_free(&sa->cand[sa->ncand - 1]);
	}
	return (0);
}

/* IKE_AUTH drew no answer: take the next of them as the answer. */
void
ike2_init_candidate(struct ike *ike, struct sa *sa)
{
	struct m_net_dgram	 d = sa->cand_from;
	struct buf		 b = sa->cand[--sa->ncand];
	struct ike_hdr		 h;
	struct rd		 r;
	const char		*why;

	memset(&sa->cand[sa->ncand], 0, sizeof(sa->cand[0]));
	crypt_free(sa->seal);
	crypt_free(sa->open);
	sa->seal = sa->open = NULL;
	if (sa->own.child != NULL)
		ike_child_free(ike, sa->own.child);
	sa->state = S_INIT_I;
	sa->spi_r = 0;
	sa->mid_out = 1;
	sa->own.kind = O_INIT;
	sa->own.sent = 1;		/* as if it had just been answered */
	sa->remote = d.remote;
	sa->float_ = !!(d.flags & NETF_4500);
	d.rest = r = BUF_RD(&b);
	if (pld_hdr(&r, &h, &why) == 0)
		ike2_recv(ike, &d, &h);
	ike_buf_free(&b);
	if (sa->state == S_INIT_I && sa->wait == W_NONE)
		ike_tun_failed(ike, sa, R_NO_ANSWER, "");
}
