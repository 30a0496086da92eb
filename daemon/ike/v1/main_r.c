/* SPDX-License-Identifier: ISC */

/*
 * main_r.c: main mode with a shared secret as responder, RFC 2409 section
 * 5.4.  Only the addresses of configured peers are answered at all; which of
 * their tunnels it is shows in message 5.
 */

#include <stdio.h>
#include <syslog.h>

#include "v1.h"

#define VENDOR	"s2sd"			/* our vendor ID, only encrypted */

enum { EVICT_MS = 3000 };

static uint64_t
half_key(const struct ike *ike, const struct addr *a)
{
	return (ike_hash(ike->seed ^ 1, a->a, sizeof(a->a)));
}

static int
is_half(const struct sa *sa, const struct addr *a)
{
	return (sa->proto == &ike_v1 && !sa->init &&
	    addr_cmp(&sa->from, a, 0) == 0);
}

/*
 * HALF1_PEER for each peer, HALF1_ALL of all.  Who writes a peer's address
 * on his packets must not keep that peer out: one that got no further than
 * message 2 for a while makes place.
 */
int
ike1_half_room(struct ike *ike, const struct addr *a)
{
	struct node	*n;
	struct sa	*sa, *old = NULL;
	unsigned int	 count = 0;

	for (n = ike_map_get(&ike->by_init, half_key(ike, a)); n != NULL;
	    n = ike_map_next(n)) {
		sa = n->obj;
		if (!is_half(sa, a))
			continue;
		count++;
		if (sa->v1->st == ST1_MM2 && sa->wait == W_NONE &&
		    (old == NULL || sa->begun < old->begun))
			old = sa;
	}
	if (count < HALF1_PEER)
		return (ike->half1 < HALF1_ALL);
	if (old == NULL || ike->now - old->begun < EVICT_MS)
		return (0);
	ike_sa_free(ike, old);
	return (1);
}

/* Message 1 once more: the same answer.  1: that is all. */
static int
known(struct ike *ike, const struct msg1 *m)
{
	struct node	*n;
	struct sa	*sa;

	for (n = ike_map_get(&ike->by_init, half_key(ike, &m->d->remote));
	    n != NULL; n = ike_map_next(n)) {
		sa = n->obj;
		if (!is_half(sa, &m->d->remote) || sa->spi_i != m->h.spi_i ||
		    addr_cmp(&sa->from, &m->d->remote, 1) != 0)
			continue;
		if (sa->v1->st == ST1_MM2 && sa->reply.n > 0 &&
		    memcmp(sa->digest, m->digest, sizeof(m->digest)) == 0) {
			ike->count[CNT_REPLAYED]++;
			ike1_send_to(ike, sa, m->d, BUF_RD(&sa->reply));
		}
		return (1);
	}
	return (0);
}

static int
usable(const struct tun *t)
{
	return (t->t->flags & TUN_IKEV1 && !(t->t->flags & TUN_DISABLED) &&
	    !t->down && !t->gone);
}

/* One clear notify, shorter than what it answers (R9). */
static void
refuse(struct ike *ike, const struct msg1 *m, uint16_t type)
{
	struct pld1_out	 o;
	struct ike_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.spi_i = m->h.spi_i;
	h.exch = X1_INFO;
	pld1_start(&o, ike->out, m->d->rest.n, &h);
	pld1_notify_put(&o, PROTO1_ISAKMP, rd_of(NULL, 0), type,
	    rd_of(NULL, 0));
	if (pld1_done(&o) == 0)
		ike_send(ike, &m->d->local, &m->d->remote,
		    m->d->flags & NETF_4500, rd_of(o.w.p, o.w.n));
}

/* The tunnel of that address whose proposals fit, or NULL. */
static struct tun *
choose(struct ike *ike, const struct msg1 *m, const struct pld1_sa *offer,
    struct pld1_choice *c, int *any)
{
	struct node	*n = NULL;
	struct tun	*t;

	*any = 0;
	while ((t = ike_tun_next_addr(ike, &m->d->remote, &n)) != NULL) {
		if (!usable(t))
			continue;
		*any = 1;
		if (pld1_choose1(offer, t->t->ike, t->t->nike, c) == 0)
			return (t);
	}
	return (NULL);
}

static struct sa *
half_open(struct ike *ike, const struct msg1 *m, const struct tun *t,
    const struct pld1_choice *c)
{
	struct sa	*sa;

	if ((sa = ike_sa_new(ike, &ike_v1, 0)) == NULL)
		return (NULL);
	sa->spi_i = m->h.spi_i;
	sa->local = m->d->local;
	sa->remote = sa->from = m->d->remote;
	sa->float_ = !!(m->d->flags & NETF_4500);
	sa->a = c->a;
	sa->forced = (uint8_t)ike_forced(ike, t);
	if (ike1_new(ike, sa) == NULL || ike_buf_set(&sa->v1->sai,
	    ike1_body(m, PLD1_SA))) {
		ike_sa_free(ike, sa);
		return (NULL);
	}
	sa->v1->guess = t->id;
	sa->v1->secs = c->secs;
	sa->half = HALF_V1;
	ike->half1++;
	ike->count[CNT_SA_RESP]++;
	ike_sa_half(ike, sa);
	ike_map_put(&ike->by_init, &sa->by_init,
	    half_key(ike, &m->d->remote), sa);
	ike_sa_announce(ike, sa);
	ike1_vids_read(ike, sa, m);
	return (sa);
}

/* Our message to the peer; kept for repetition. */
static void
reply(struct ike *ike, struct sa *sa, struct pld1_out *o)
{
	if (ike_buf_set(&sa->reply, rd_of(o->w.p, o->w.n)))
		ike->count[CNT_NO_MEMORY]++;	/* no second time, then */
	ike1_send(ike, sa, rd_of(o->w.p, o->w.n));
}

/* SA, V */
static void
send_mm2(struct ike *ike, struct sa *sa, const struct pld1_choice *c)
{
	struct pld1_out	 o;

	ike1_begin(ike, sa, &o, X1_MAIN, 0);
	pld1_answer(&o, PROTO1_ISAKMP, 0, c);
	ike1_vids_put(&o, sa->v1, 0);
	sa->v1->st = ST1_MM2;
	if (pld1_done(&o) == 0)
		reply(ike, sa, &o);
}

/* None of its transforms is acceptable: tell people what they are. */
static void
tell(struct ike *ike, const struct addr *from, const struct pld1_sa *offer)
{
	const struct pld1_trans	*t;
	struct ike_offered	 o;

	memset(&o, 0, sizeof(o));
	for (t = offer->t; t < offer->t + offer->nt; t++) {
		ike_offered_add(&o, alg_v1(ALG_ENCR, 1, t->encr, t->bits));
		ike_offered_add(&o, alg_v1(ALG_PRF, 1, t->hash, 0));
		ike_offered_add(&o, alg_v1(ALG_DH, 1, t->group, 0));
	}
	ike_offered_say(ike, from, 1, &o);
}

enum step1
ike1_mm1(struct ike *ike, struct sa *none, struct msg1 *m)
{
	struct pld1_choice	 c;
	struct pld1_sa		 offer;
	struct tun		*t;
	struct sa		*sa;
	const char		*why;
	int			 any;

	(void)none;
	if (!ike->going || known(ike, m))
		return (STEP1_DROP);
	if (pld1_sa(ike1_body(m, PLD1_SA), 1, &offer, &why)) {
		ike->count[CNT_BAD_PAYLOAD]++;
		ike_noise(ike, &m->d->remote, why);
		return (STEP1_DROP);
	}
	if ((t = choose(ike, m, &offer, &c, &any)) == NULL) {
		ike->count[CNT_NO_TUNNEL] += !any;
		if (any) {
			refuse(ike, m, N1_NO_PROPOSAL);
			tell(ike, &m->d->remote, &offer);
		} else
			ike_other_version(ike, &m->d->remote, 1);
		ike_noise(ike, &m->d->remote, any ? "no proposal is "
		    "acceptable" : "no IKEv1 tunnel for that address");
		return (STEP1_DROP);
	}
	if (!ike1_half_room(ike, &m->d->remote)) {
		ike->count[CNT_HALF_FULL]++;
		return (STEP1_DROP);
	}
	if ((sa = half_open(ike, m, t, &c)) == NULL)
		return (STEP1_DROP);
	memcpy(sa->digest, m->digest, sizeof(sa->digest));
	send_mm2(ike, sa, &c);
	return (STEP1_WAIT);
}

enum step1
ike1_mm3(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct rd		 ke = ike1_body(m, PLD1_KE);
	struct rd		 nonce = ike1_body(m, PLD1_NONCE);
	struct m_k1_start_r	 k;
	struct wr		 w;
	const char		*why;

	if (pld1_nonce(nonce, &why) || ke.n != sa->a.dh->keylen ||
	    ike_tun_find(ike, sa->v1->guess) == NULL)
		return (STEP1_DROP);
	if (ike->open_keys >= OPEN_MAX) {
		ike->count[CNT_KEYS_BUSY]++;
		return (STEP1_DROP);
	}
	if (ike_buf_set(&sa->v1->kei, ke))
		return (STEP1_DROP);
	memcpy(sa->digest, m->digest, sizeof(sa->digest));
	ike_buf_free(&sa->reply);
	sa->local = m->d->local;
	sa->remote = m->d->remote;
	ike1_vids_read(ike, sa, m);
	ike1_natd_read(sa, m);
	memset(&k, 0, sizeof(k));
	k.dh = sa->a.dh->num;
	k.prf = sa->a.prf->num;
	k.encr = sa->a.encr->num;
	w = wr_of(k.cky_i, sizeof(k.cky_i));
	wr_u64(&w, sa->spi_i);
	w = wr_of(k.cky_r, sizeof(k.cky_r));
	wr_u64(&w, sa->spi_r);
	k.nonce = nonce;
	k.ke = ke;
	k.sai = BUF_RD(&sa->v1->sai);
	ike_sa_wait(ike, sa, W_START_R);
	if (role_send(ike->io, PROC_KEYS, M_K1_START_R, ike_gen(ike),
	    ike_sa_reqid(sa), sa->v1->guess, &k))
		ike1_lost(ike, sa);
	return (STEP1_WAIT);
}

int
ike1_started_r(struct ike *ike, struct sa *sa, const void *body)
{
	const struct m_k1_started_r	*b = body;

	(void)ike;
	sa->ans.kerr = b->err;
	if (b->err != KERR_OK)
		return (0);
	sa->handle = b->handle;
	sa->v1->a = b->a;
	sa->v1->e = b->e;
	if (b->e.len != sa->a.encr->keylen || b->a.len != sa->a.prf->outlen ||
	    ike_buf_set(&sa->v1->nonce, b->nonce) ||
	    ike_buf_set(&sa->v1->ker, b->ke) || ike1_iv_main(sa))
		sa->ans.kerr = KERR_CRYPTO;
	return (0);
}

/* KE, Nr, [NAT-D] */
void
ike1_started_r_done(struct ike *ike, struct sa *sa)
{
	struct pld1_out	 o;

	if (sa->ans.kerr != KERR_OK) {
		ike_noise(ike, &sa->remote, "message 3 of IKEv1 with "
		    "impossible key data");
		ike_sa_free(ike, sa);
		return;
	}
	ike1_begin(ike, sa, &o, X1_MAIN, 0);
	ike1_ke_put(&o, BUF_RD(&sa->v1->ker), BUF_RD(&sa->v1->nonce));
	ike1_natd_put(ike, sa, &o);
	sa->v1->st = ST1_MM4;
	ike_sa_half(ike, sa);
	if (pld1_done(&o) == 0)
		reply(ike, sa, &o);
}

static int
in(uint16_t num, const uint16_t *list, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (list[i] == num)
			return (1);
	return (0);
}

static int
allows(const struct tunnel *t, const struct algs *a)
{
	const struct prop	*p;

	for (p = t->ike; p < t->ike + t->nike; p++)
		if (in(a->encr->num, p->encr, p->nencr) &&
		    in(a->prf->num, p->prf, p->nprf) &&
		    in(a->dh->num, p->dh, p->ndh))
			return (1);
	return (0);
}

/* The tunnel of that address, identity and choice, or NULL (R12). */
static struct tun *
whose(struct ike *ike, const struct sa *sa, const struct ident *id)
{
	struct node	*n = NULL;
	struct tun	*t;

	while ((t = ike_tun_next_addr(ike, &sa->from, &n)) != NULL)
		if (usable(t) && ident_eq(&t->t->dstid, id) &&
		    allows(t->t, &sa->a))
			return (t);
	return (NULL);
}

/* Said of the tunnel that we took it for, if nothing is up there. */
static void
guess_reason(struct ike *ike, const struct sa *sa, int reason,
    const char *detail)
{
	struct tun	*t = ike_tun_find(ike, sa->v1->guess);

	if (t != NULL && ike_child_count(t) == 0 && ike_tun_sa(t) == NULL)
		ike_reason(ike, t, reason, detail);
}

void
ike1_mm5_junk(struct ike *ike, struct sa *sa)
{
	guess_reason(ike, sa, R_AUTH_PSK, "");
}

static int
has_contact(const struct msg1 *m)
{
	struct pld1_notify	 n;
	size_t			 i = 0;

	while (ike1_notify(m, &i, &n))
		if (n.type == N1_INITIAL_CONTACT)
			return (1);
	return (0);
}

enum step1
ike1_mm5(struct ike *ike, struct sa *sa, struct msg1 *m)
{
	struct ident	 id;
	struct tun	*t;
	const char	*why;
	char		 name[128];

	if (pld1_id(ike1_body(m, PLD1_ID), &id, &why) ||
	    ike1_body(m, PLD1_HASH).n != sa->a.prf->outlen) {
		/* with a wrong secret the plaintext is noise */
		ike->count[CNT_BAD_PAYLOAD]++;
		ike1_mm5_junk(ike, sa);
		return (STEP1_DROP);
	}
	if ((t = whose(ike, sa, &id)) == NULL) {
		ike_noise(ike, &sa->remote, "no IKEv1 tunnel for that "
		    "identity");
		guess_reason(ike, sa, R_WRONG_ID,
		    ident_str(&id, name, sizeof(name)));
		return (STEP1_DROP);
	}
	memcpy(sa->digest, m->digest, sizeof(sa->digest));
	ike_buf_free(&sa->reply);
	ike_sa_join(sa, t);
	ike_sa_half(ike, sa);
	sa->local = m->d->local;
	sa->remote = m->d->remote;
	sa->float_ = !!(m->d->flags & NETF_4500);
	sa->peer_ic = (uint8_t)has_contact(m);
	ike1_vids_read(ike, sa, m);
	ike1_ask_auth(ike, sa, m, t->id, W_AUTH_R_K);
	return (STEP1_WAIT);
}

/* IDir, HASH_R, V */
void
ike1_auth_r_done(struct ike *ike, struct sa *sa)
{
	struct tun	*t = sa->tun;
	struct pld1_out	 o;

	if (sa->ans.kerr != KERR_OK || t->t == NULL) {
		if (t->t != NULL && ike_tun_sa(t) == NULL)
			ike_reason(ike, t, ike_reason_of(sa->ans.kerr), "");
		ike_sa_free(ike, sa);
		return;
	}
	memcpy(sa->v1->iv, sa->v1->next_iv, sizeof(sa->v1->iv));
	ike1_begin(ike, sa, &o, X1_MAIN, 0);
	pld1_raw_put(&o, PLD1_ID, BUF_RD(&sa->ans.id));
	pld1_raw_put(&o, PLD1_HASH, BUF_RD(&sa->ans.auth));
	pld1_raw_put(&o, PLD1_VID, rd_of(VENDOR, sizeof(VENDOR) - 1));
	if (ike1_seal(sa, &o, sa->v1->iv)) {
		ike_sa_free(ike, sa);
		return;
	}
	reply(ike, sa, &o);
	ike1_up(ike, sa);
}
