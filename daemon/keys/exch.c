/* SPDX-License-Identifier: ISC */

/*
 * exch.c: CREATE_CHILD_SA: child keys and the rekey of an IKE SA (RFC 7296
 * sections 1.3, 2.17, 2.18).  Only on a proved handle.
 */

#include "keys_self.h"

int
keys_proved(struct keys *k, const struct ipc_msg *m, uint32_t id, int version,
    struct khandle **h, const struct tunnel **t)
{
	int	 err;

	if ((*h = khandle_find(&k->handles, id)) == NULL)
		return (KERR_NOHANDLE);
	if ((*h)->kind != KH_IKE || (*h)->state != KH_PROVED)
		return (KERR_STATE);
	if ((*h)->tunnel != m->h.tunnel)
		return (KERR_NOTUNNEL);
	if ((*t = keys_tunnel(k, m->h.tunnel, &err)) == NULL)
		return (err);
	if ((*h)->version != keys_version(*t) ||
	    (version != 0 && (*h)->version != version))
		return (KERR_STATE);
	return (KERR_OK);
}

struct khandle *
keys_waiting(struct keys *k, const struct khandle *h, uint32_t id,
    enum kh_kind kind, uint16_t dh)
{
	struct khandle	*c;

	if ((c = khandle_find(&k->handles, id)) == NULL || c->kind != kind ||
	    c->version != h->version || c->parent != h->id || dh != (c->a.dh != NULL ? c->a.dh->num : 0))
		return (NULL);
	return (c);
}

/* --- we begin --- */

static int
begin(struct keys *k, const struct ipc_msg *m, const struct m_k_cstart *b,
    enum kh_kind kind, uint64_t now, struct khandle **cp)
{
	const struct tunnel	*t;
	const struct alg	*dh = NULL;
	struct khandle		*h, *c;
	int			 err, allowed;

	err = keys_proved(k, m, b->handle, kind == KH_CHILD ? 0 : 2, &h, &t);
	if (err != KERR_OK)
		return (err);
	if (b->dh != 0 && ((dh = alg_num(b->dh)) == NULL ||
	    dh->type != ALG_DH || !alg_usable(dh)))
		return (KERR_ALG);
	if (kind == KH_CHILD)
		allowed = keys_allowed_dh(t->child, t->nchild, dh);
	else
		allowed = dh != NULL && keys_allowed_dh(t->ike, t->nike, dh);
	if (!allowed)
		return (KERR_ALG);
	c = khandle_new(&k->handles, kind, h->version, t->id, now, &err);
	if (c == NULL)
		return (err);
	c->parent = h->id;
	c->initiator = 1;
	c->a.dh = dh;
	if ((err = keys_fresh(k, c->half, dh)) != KERR_OK)
		khandle_close(&k->handles, c);
	else
		*cp = c;
	return (err);
}

int
keys_cstart(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_cstart	*b = body;
	struct m_k_cstarted	 r;
	struct khandle		*c;
	int			 err;

	memset(&r, 0, sizeof(r));
	r.handle = b->handle;
	if ((err = begin(k, m, b, KH_CHILD, now, &c)) == KERR_OK) {
		r.chandle = c->id;
		r.nonce = rd_of(c->half->nonce, sizeof(c->half->nonce));
		r.ke = keys_pair_ke(&c->half->pair);
	}
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_CSTARTED, err, &r);
	return (0);
}

int
keys_rstart(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_started	 r;
	struct khandle		*c;
	int			 err;

	memset(&r, 0, sizeof(r));
	if ((err = begin(k, m, body, KH_REKEY, now, &c)) == KERR_OK) {
		r.handle = c->id;
		r.nonce = rd_of(c->half->nonce, sizeof(c->half->nonce));
		r.ke = keys_pair_ke(&c->half->pair);
	}
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_RSTARTED, err, &r);
	return (0);
}

/* --- child --- */

/* Keys of a child, with what is ours of the exchange in f. */
static int
child_keys(struct keys *k, const struct ipc_msg *m, const struct m_k_child *b,
    const struct khandle *h, const struct algs *a, const struct khalf *f,
    int first)
{
	struct rd	 ours;
	uint8_t		 gir[ALG_DHMAX];
	size_t		 n;
	int		 err;

	if (!keys_nonce_good(b->nonce, f, NONCE_MIN))
		return (KERR_MESSAGE);
	if (keys_pair_shared(&f->pair, b->ke, gir, &n))
		return (KERR_KE);
	ours = rd_of(f->nonce, sizeof(f->nonce));
	err = keys_send_child(k, m, h, rd_of(gir, n),
	    first ? ours : b->nonce, first ? b->nonce : ours, a, first, b->sa);
	explicit_bzero(gir, sizeof(gir));
	return (err);
}

int
keys_new_child(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_child	*b = body;
	struct m_k_child_r	 r;
	const struct tunnel	*t;
	struct khandle		*h, *c = NULL;
	struct khalf		 f;
	struct algs		 a;
	int			 err;

	(void)now;
	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	r.handle = b->handle;
	if ((err = keys_proved(k, m, b->handle, 2, &h, &t)) != KERR_OK ||
	    (err = keys_child_algs(t, b->encr, b->integ, b->dh, &a)) !=
	    KERR_OK)
		goto out;
	if (b->chandle != 0) {
		err = KERR_STATE;
		c = keys_waiting(k, h, b->chandle, KH_CHILD, b->dh);
		if (c == NULL)
			goto out;
		err = child_keys(k, m, b, h, &a, c->half, 1);
		khandle_close(&k->handles, c);	/* used, well or not */
	} else if ((err = keys_fresh(k, &f, a.dh)) == KERR_OK &&
	    (err = child_keys(k, m, b, h, &a, &f, 0)) == KERR_OK) {
		r.nonce = rd_of(f.nonce, sizeof(f.nonce));
		r.ke = keys_pair_ke(&f.pair);
	}
 out:
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_CHILD_R, err, &r);
	explicit_bzero(&f, sizeof(f));
	return (0);
}

/* --- the IKE SA itself --- */

/*
 * SKEYSEED of the new SA comes from the old SK_d by the old PRF, its keys
 * by the new one (RFC 7296 section 2.18).  On success n is proved.
 */
static int
rekey_keys(const struct m_k_rekey *b, const struct khandle *h,
    struct khandle *n, struct keys_sk *sk)
{
	const struct alg	*oldprf = h->a.prf;
	struct rd		 ours, ni, nr;
	uint8_t			 gir[ALG_DHMAX], seed[ALG_KEYMAX];
	size_t			 len;
	int			 err;

	ours = rd_of(n->half->nonce, sizeof(n->half->nonce));
	ni = n->initiator ? ours : b->nonce;
	nr = n->initiator ? b->nonce : ours;
	if (!keys_nonce_good(b->nonce, n->half, NONCE_MIN))
		return (KERR_MESSAGE);
	if (keys_pair_shared(&n->half->pair, b->ke, gir, &len) || len == 0)
		return (KERR_KE);
	err = KERR_CRYPTO;
	if (keys_skeyseed_rekey(oldprf, h->d, rd_of(gir, len), ni, nr, seed) ||
	    keys_sk(&n->a, rd_of(seed, oldprf->outlen), ni, nr, b->spi_i,
	    b->spi_r, sk))
		goto out;
	memcpy(n->d, sk->d, sizeof(n->d));
	err = khandle_inherit(n, h) ? KERR_OK : KERR_STATE;
 out:
	explicit_bzero(gir, sizeof(gir));
	explicit_bzero(seed, sizeof(seed));
	return (err);
}

/* The handle of the new SA, still to be keyed: KERR_OK or why not. */
static int
rekey_handle(struct keys *k, const struct m_k_rekey *b, struct khandle *h,
    const struct algs *a, uint64_t now, struct khandle **np)
{
	struct khandle	*n;
	int		 err = KERR_STATE;

	if (b->newhandle != 0) {
		n = keys_waiting(k, h, b->newhandle, KH_REKEY, b->dh);
		if (n == NULL)
			return (KERR_STATE);
	} else {
		n = khandle_new(&k->handles, KH_REKEY, 2, h->tunnel, now, &err);
		if (n == NULL)
			return (err);
		n->parent = h->id;
		if ((err = keys_fresh(k, n->half, a->dh)) != KERR_OK) {
			khandle_close(&k->handles, n);
			return (err);
		}
	}
	n->a = *a;
	*np = n;
	return (KERR_OK);
}

static int
rekey(struct keys *k, const struct ipc_msg *m, const struct m_k_rekey *b,
    uint64_t now, struct khandle **np, struct keys_sk *sk)
{
	static const uint8_t	 zero[8];
	const struct tunnel	*t;
	struct khandle		*h;
	struct algs		 a;
	int			 err;

	if ((err = keys_proved(k, m, b->handle, 2, &h, &t)) != KERR_OK ||
	    (err = keys_algs(b->encr, b->integ, b->prf, b->dh,
	    NEED_PRF | NEED_DH, &a)) != KERR_OK)
		return (err);
	if (!keys_allowed_ike(t, &a))
		return (KERR_ALG);
	if (memcmp(b->spi_i, zero, sizeof(zero)) == 0 ||
	    memcmp(b->spi_r, zero, sizeof(zero)) == 0)
		return (KERR_MESSAGE);
	if ((err = rekey_handle(k, b, h, &a, now, np)) != KERR_OK)
		return (err);
	return (rekey_keys(b, h, *np, sk));
}

int
keys_rekey(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_rekey	*b = body;
	struct m_k_started_r	 r;
	struct keys_sk		 sk;
	struct khandle		*n = NULL;
	int			 err;

	memset(&r, 0, sizeof(r));
	memset(&sk, 0, sizeof(sk));
	if ((err = rekey(k, m, b, now, &n, &sk)) == KERR_OK) {
		keys_started(&r, n, &sk);
		k->rekeyed++;
	}
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_REKEYED, err, &r);
	if (n != NULL && err == KERR_OK)
		khandle_settle(&k->handles, n);
	else if (n != NULL)
		khandle_close(&k->handles, n);
	explicit_bzero(&sk, sizeof(sk));
	explicit_bzero(&r, sizeof(r));
	return (0);
}
