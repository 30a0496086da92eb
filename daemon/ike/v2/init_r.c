/* SPDX-License-Identifier: ISC */

/*
 * init_r.c: IKE_SA_INIT as responder, and whose IKE_SA_INIT message it is,
 * RFC 7296 sections 1.2, 2.6, 2.7.  A request costs no more than it proved
 * to be worth.
 */

#include "v2.h"

static uint64_t
init_key(const struct ike *ike, const struct msg2 *m)
{
	uint64_t	 k;

	k = ike_hash(ike->seed, m->d->remote.a, sizeof(m->d->remote.a));
	return (k ^ m->h.spi_i ^ m->d->remote.port);
}

enum { SAME_SPI_MAX = 4 };

/*
 * A request that we know already is answered as before, octet by octet.
 * Who can write the peer's address may have sent another one with its SPI,
 * so a different one gets an IKE SA of its own, a few at most.
 * Returns 1 if nothing is left to do.
 */
static int
known(struct ike *ike, const struct msg2 *m)
{
	const struct rd	*r = &m->d->rest;
	struct node	*n;
	struct sa	*sa;
	int		 same = 0;

	for (n = ike_map_get(&ike->by_init, init_key(ike, m)); n != NULL;
	    n = ike_map_next(n)) {
		sa = n->obj;
		if (sa->spi_i != m->h.spi_i ||
		    addr_cmp(&sa->from, &m->d->remote, 1) != 0)
			continue;
		same++;
		if (sa->init_i.n != r->n ||
		    memcmp(sa->init_i.p, r->p, r->n) != 0)
			continue;
		if (sa->init_r.n != 0) {
			ike->count[CNT_REPLAYED]++;
			ike_send(ike, &m->d->local, &m->d->remote,
			    m->d->flags & NETF_4500, BUF_RD(&sa->init_r));
		}
		return (1);
	}
	if (same < SAME_SPI_MAX)
		return (0);
	ike->count[CNT_BAD_STATE]++;
	return (1);
}

/* Sort out whose IKE_SA_INIT message it is. */
void
ike2_init_recv(struct ike *ike, struct msg2 *m)
{
	struct node	*n;
	struct sa	*sa = NULL;
	struct rd	 r = m->d->rest;
	const char	*why;

	n = ike_map_get(&ike->by_spi, m->h.spi_i);
	if (m->h.flags & HDR_R) {
		if (n != NULL && ((struct sa *)n->obj)->proto != &ike_v2) {
			ike_other_answer(ike, n->obj, &m->d->remote, 2);
			return;
		}
		if (n == NULL || m->h.flags & HDR_I || m->h.mid != 0 ||
		    !(sa = n->obj)->init || (sa->state != S_INIT_I &&
		    sa->state != S_AUTH_I)) {
			ike->count[CNT_BAD_SPI]++;
			return;
		}
	} else if (n != NULL) {
		ike->count[CNT_REFLECTED]++;	/* our own packet (N009) */
		return;
	} else if (!(m->h.flags & HDR_I) || m->h.spi_i == 0 ||
	    m->h.spi_r != 0 || m->h.mid != 0 || r.n > INIT_MAX) {
		ike->count[CNT_BAD_HEADER]++;
		return;
	} else if (known(ike, m))
		return;
	if (rd_skip(&r, HDR_LEN) || pld_walk(r, m->h.np, &m->p, &why) ||
	    m->p.twice != 0 || m->p.critical != 0) {
		ike->count[CNT_BAD_PAYLOAD]++;
		ike_noise(ike, &m->d->remote, "malformed IKE_SA_INIT");
		return;
	}
	(void)ike2_step(ike, sa, m, 0);
}

/* One unprotected notify, shorter than what it answers (R9). */
static void
init_error(struct ike *ike, const struct msg2 *m, uint16_t type, struct rd d)
{
	struct pld_out	 o;
	struct ike_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.spi_i = m->h.spi_i;
	h.exch = X_INIT;
	h.flags = HDR_R;
	pld_start(&o, ike->out, m->d->rest.n, &h);
	pld_notify_put(&o, PROTO_NONE, 0, type, d);
	if (pld_done(&o) == 0)
		ike_send(ike, &m->d->local, &m->d->remote,
		    m->d->flags & NETF_4500, rd_of(o.w.p, o.w.n));
}

struct pick {
	uint16_t		 ke;	/* group of the KE payload */
	int			 rv;	/* 1: c is set; 0: none fits yet;
					   -1: no such tunnel yet */
	struct pld_choice	 c;
	struct tun		*t;
};

static void
try(struct ike *ike, struct tun *t, struct pick *p)
{
	struct pld_choice	 c;

	if (t->t->flags & (TUN_DISABLED | TUN_IKEV1))
		return;
	if (p->rv == -1)
		p->rv = 0;
	if (pld_choose(&ike->offer, SA_IKE, t->t->ike, t->t->nike, p->ke, 0,
	    &c) || (p->rv == 1 && c.a.dh->id != p->ke))
		return;
	p->c = c;
	p->t = t;
	p->rv = 1;
}

/*
 * A choice that some tunnel of that address allows, rather one with the
 * group of the KE payload; which tunnel it is shows in IKE_AUTH.
 */
static void
choose(struct ike *ike, const struct msg2 *m, struct pick *p)
{
	struct node	*n = NULL;
	struct tun	*t;

	p->rv = -1;
	while ((t = ike_tun_next_addr(ike, &m->d->remote, &n)) != NULL &&
	    (p->rv != 1 || p->c.a.dh->id != p->ke))
		try(ike, t, p);
	for (t = ike->any; t != NULL && p->rv != 1; t = t->any_next)
		try(ike, t, p);
}

/* None of its proposals is acceptable: tell people what they are. */
static void
tell(struct ike *ike, const struct addr *from)
{
	const struct pld_prop		*p;
	const struct pld_transform	*t;
	struct ike_offered		 o;

	memset(&o, 0, sizeof(o));
	for (p = ike->offer.p; p < ike->offer.p + ike->offer.n; p++)
		for (t = p->t; t < p->t + p->nt; t++)
			if (t->type != ALG_PRF)
				ike_offered_add(&o, alg_wire(t->type, t->id,
				    t->bits));
	ike_offered_say(ike, from, 2, &o);
}

/* Everything that can be said about a request without work or memory. */
static int
judge(struct ike *ike, const struct msg2 *m, struct pick *p, struct rd *ke)
{
	const char	*why;
	uint8_t		 group[2];
	int		 proven;
	struct node	*n = NULL;

	if (pld_sa(ike2_body(m, PLD_SA), &ike->offer, &why) ||
	    pld_ke(ike2_body(m, PLD_KE), &p->ke, ke, &why) ||
	    pld_nonce(ike2_body(m, PLD_NONCE), &why)) {
		ike->count[CNT_BAD_PAYLOAD]++;
		ike_noise(ike, &m->d->remote, why);
		return (-1);
	}
	proven = m->d->flags & NETF_COOKIE ||
	    ike_tun_next_addr(ike, &m->d->remote, &n) != NULL;
	if (!ike_half_room(ike, &m->d->remote, proven)) {
		ike->count[CNT_HALF_FULL]++;
		return (-1);
	}
	if (ike->open_keys >= OPEN_MAX) {
		ike->count[CNT_KEYS_BUSY]++;
		return (-1);
	}
	choose(ike, m, p);
	if (p->rv == -1) {
		ike->count[CNT_NO_TUNNEL]++;
		ike_noise(ike, &m->d->remote, "no tunnel for that address");
		ike_other_version(ike, &m->d->remote, 2);
		return (-1);
	}
	if (p->rv == 0) {
		init_error(ike, m, N_NO_PROPOSAL, rd_of(NULL, 0));
		ike_noise(ike, &m->d->remote, "no proposal is acceptable");
		tell(ike, &m->d->remote);
		return (-1);
	}
	if (p->c.a.dh->id != p->ke) {		/* N026; nothing computed */
		group[0] = (uint8_t)(p->c.a.dh->id >> 8);
		group[1] = (uint8_t)p->c.a.dh->id;
		init_error(ike, m, N_INVALID_KE, rd_of(group, sizeof(group)));
		return (-1);
	}
	if (ke->n != p->c.a.dh->keylen) {
		ike->count[CNT_BAD_PAYLOAD]++;
		return (-1);
	}
	return (proven ? 1 : 0);
}

/* A new half-open IKE SA for that request, or NULL. */
static struct sa *
half_open(struct ike *ike, const struct msg2 *m, const struct pick *p,
    int proven)
{
	struct sa	*sa;

	if ((sa = ike_sa_new(ike, &ike_v2, 0)) == NULL)
		return (NULL);
	sa->spi_i = m->h.spi_i;
	sa->local = m->d->local;
	sa->remote = sa->from = m->d->remote;
	sa->float_ = !!(m->d->flags & NETF_4500);
	sa->a = p->c.a;
	sa->num = p->c.num;
	sa->forced = (uint8_t)ike_forced(ike, p->t);
	ike->count[CNT_SA_RESP]++;
	ike_half_add(ike, sa, proven);
	ike_sa_half(ike, sa);
	ike2_nat_read(sa, m);
	ike2_float(sa, sa->forced);
	if (p->t != NULL)
		ike_hint_ah(ike, sa, p->t);
	ike2_vendor(sa, m);
	sa->peer.local = m->d->local;
	sa->peer.remote = m->d->remote;
	sa->peer.flags = m->d->flags;
	if (ike_buf_set(&sa->init_i, m->d->rest)) {
		ike_sa_free(ike, sa);
		return (NULL);
	}
	ike_map_put(&ike->by_init, &sa->by_init, init_key(ike, m), sa);
	return (sa);
}

enum step
ike2_init_req(struct ike *ike, struct sa *none, struct msg2 *m)
{
	struct m_k_start_r	 k;
	struct pick		 p;
	struct rd		 ke;
	struct sa		*sa;
	int			 proven;

	(void)none;
	if (!ike->going)
		return (STEP_DROP);	/* the peer repeats it */
	if ((proven = judge(ike, m, &p, &ke)) == -1 ||
	    (sa = half_open(ike, m, &p, proven)) == NULL)
		return (STEP_DROP);
	memset(&k, 0, sizeof(k));
	k.dh = sa->a.dh->num;
	k.prf = sa->a.prf->num;
	k.encr = sa->a.encr->num;
	k.integ = sa->a.integ != NULL ? sa->a.integ->num : 0;
	ike2_spi(sa->spi_i, k.spi_i);
	ike2_spi(sa->spi_r, k.spi_r);
	k.ni = ike2_body(m, PLD_NONCE);
	k.kei = ke;
	ike_sa_wait(ike, sa, W_START_R);
	if (role_send(ike->io, PROC_KEYS, M_K_START_R, ike_gen(ike),
	    ike_sa_reqid(sa), 0, &k))
		ike2_lost(ike, sa);
	return (STEP_WAIT);
}

int
ike2_started_r(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k_started_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (0);
	sa->handle = b->handle;
	if (ike2_keys(sa, &b->ai, &b->ar, &b->ei, &b->er) ||
	    ike_buf_set(&sa->ans.nonce, b->nonce) ||
	    ike_buf_set(&sa->ans.ke, b->ke))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

/* SA, KE, Nr, N(NAT_DETECTION_*) */
void
ike2_started_r_done(struct ike *ike, struct sa *sa)
{
	struct pld_out	 o;
	struct ike_hdr	 h;

	if (sa->ans.kerr != KERR_OK) {
		ike_noise(ike, &sa->remote, "IKE_SA_INIT with impossible "
		    "key data");
		ike_sa_free(ike, sa);
		return;
	}
	memset(&h, 0, sizeof(h));
	h.spi_i = sa->spi_i;
	h.spi_r = sa->spi_r;
	h.exch = X_INIT;
	h.flags = HDR_R;
	pld_start(&o, ike->out, INIT_MAX, &h);
	pld_sa_answer(&o, SA_IKE, sa->num, &sa->a, 0, 0);
	pld_ke_put(&o, sa->a.dh, BUF_RD(&sa->ans.ke));
	pld_raw_put(&o, PLD_NONCE, BUF_RD(&sa->ans.nonce));
	if (sa->nat_known)
		ike2_nat_put(ike, &o, sa->spi_i, sa->spi_r, &sa->local,
		    &sa->remote, sa->forced);
	if (pld_done(&o) ||
	    ike_buf_set(&sa->init_r, rd_of(o.w.p, o.w.n))) {
		ike_sa_free(ike, sa);
		return;
	}
	sa->mid_in = 1;
	ike_sa_half(ike, sa);
	ike_send(ike, &sa->peer.local, &sa->peer.remote,
	    sa->peer.flags & NETF_4500, BUF_RD(&sa->init_r));
}
