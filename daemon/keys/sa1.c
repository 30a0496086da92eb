/* SPDX-License-Identifier: ISC */

/*
 * sa1.c: a new IKE SA by main mode with a pre-shared key: KEYED, START_R and
 * AUTH of IKEv1 (RFC 2409 section 5.4).  The initiator's START is in sa.c.
 */

#include <stdlib.h>

#include "auth.h"
#include "kdf1.h"
#include "keys_self.h"

/* What KEYED and START_R have in common. */
struct phase1 {
	uint16_t	 prf, encr, dh;
	const uint8_t	*cky_i, *cky_r;
	struct rd	 nonce, ke, sai;	/* nonce, ke: the peer's */
};

/* Rows that may make an IKE SA of this tunnel: KERR_OK or KERR_ALG. */
static int
algs(const struct tunnel *t, const struct phase1 *p, struct algs *a)
{
	memset(a, 0, sizeof(*a));
	a->encr = alg_num(p->encr);
	a->prf = alg_num(p->prf);
	a->dh = alg_num(p->dh);
	if (a->encr == NULL || a->encr->type != ALG_ENCR ||
	    a->prf == NULL || a->prf->type != ALG_PRF ||
	    a->dh == NULL || a->dh->type != ALG_DH ||
	    a->encr->flags & ALG_AEAD || a->encr->p1 == 0 ||
	    a->prf->p1 == 0 || a->dh->p1 == 0 || !alg_usable(a->encr) ||
	    !alg_usable(a->prf) || !alg_usable(a->dh) ||
	    !keys_allowed_ike(t, a))
		return (KERR_ALG);
	return (KERR_OK);
}

/* The cookies differ and none is zero: RFC 2408 section 2.5.3. */
static int
cookies_good(const struct phase1 *p)
{
	static const uint8_t	 zero[8];

	return (memcmp(p->cky_i, zero, 8) != 0 &&
	    memcmp(p->cky_r, zero, 8) != 0 &&
	    memcmp(p->cky_i, p->cky_r, 8) != 0);
}

/* What AUTH will need of the peer's messages: KERR_OK or why not. */
static int
keep(struct khalf *f, const struct phase1 *p)
{
	struct rd	 own = keys_pair_ke(&f->pair);

	if (!cookies_good(p) || !keys_nonce_good(p->nonce, f, NONCE1_MIN) ||
	    p->sai.n == 0)
		return (KERR_MESSAGE);
	/* our own value come back is nobody's secret but ours */
	if (p->ke.n != own.n || memcmp(p->ke.p, own.p, own.n) == 0)
		return (KERR_KE);
	if (keys_peer_set(f, p->nonce, p->ke))
		return (KERR_MESSAGE);
	free(f->sai);
	f->nsai = 0;
	if ((f->sai = malloc(p->sai.n)) == NULL)
		return (KERR_CRYPTO);
	memcpy(f->sai, p->sai.p, p->sai.n);
	f->nsai = p->sai.n;
	memcpy(f->spi_i, p->cky_i, sizeof(f->spi_i));
	memcpy(f->spi_r, p->cky_r, sizeof(f->spi_r));
	return (KERR_OK);
}

/* SKEYID and all that comes of it; the handle is keyed.  a, e: out. */
static int
derive(struct khandle *h, struct rd psk, struct keyoct *a, struct keyoct *e)
{
	struct khalf	*f = h->half;
	struct keys1_sk	 sk;
	struct rd	 ours, theirs;
	uint8_t		 gxy[ALG_DHMAX];
	size_t		 n;
	int		 err = KERR_KE;

	memset(&sk, 0, sizeof(sk));
	ours = rd_of(f->nonce, sizeof(f->nonce));
	theirs = rd_of(f->peer_nonce, f->npeer_nonce);
	if (keys_pair_shared(&f->pair, rd_of(f->peer_ke, f->npeer_ke), gxy, &n))
		goto out;
	err = KERR_CRYPTO;
	if (keys1_skeyid(h->a.prf, psk, h->initiator ? ours : theirs,
	    h->initiator ? theirs : ours, f->skeyid) ||
	    keys1_sk(h->a.prf, f->skeyid, rd_of(gxy, n), f->spi_i, f->spi_r,
	    &sk) || keys1_cipher_key(h->a.prf, sk.e, h->a.encr, e))
		goto out;
	memcpy(h->d, sk.d, sizeof(h->d));
	a->len = h->a.prf->outlen;
	memcpy(a->d, sk.a, a->len);
	h->state = KH_KEYED;
	err = KERR_OK;
 out:
	explicit_bzero(gxy, sizeof(gxy));
	explicit_bzero(&sk, sizeof(sk));
	return (err);
}

/* Back to `started': another answer may be the true one. */
static void
forget(struct khandle *h)
{
	explicit_bzero(h->d, sizeof(h->d));
	explicit_bzero(h->half->skeyid, sizeof(h->half->skeyid));
	h->state = KH_STARTED;
}

/* HASH_I or HASH_R of one side, over that ID payload body. */
static int
hash_of(const struct khandle *h, int of_initiator, struct rd id, uint8_t *out)
{
	const struct khalf	*f = h->half;
	struct keys1_hash	 x;
	struct rd		 own = keys_pair_ke(&f->pair);
	struct rd		 peer = rd_of(f->peer_ke, f->npeer_ke);
	int			 ours = h->initiator == of_initiator;

	x.prf = h->a.prf;
	x.skeyid = f->skeyid;
	x.gx = ours ? own : peer;
	x.gx_peer = ours ? peer : own;
	x.cky = of_initiator ? f->spi_i : f->spi_r;
	x.cky_peer = of_initiator ? f->spi_r : f->spi_i;
	x.sai = rd_of(f->sai, f->nsai);
	x.id = id;
	return (keys1_hash(&x, out) ? KERR_CRYPTO : KERR_OK);
}

/* Our HASH and the ID that it covers: our configured identity. */
static int
our_hash(const struct khandle *h, const struct tunnel *t, struct wr *id,
    uint8_t *out)
{
	keys_id_put(id, &t->srcid);
	if (wr_end(id))
		return (KERR_CRYPTO);
	return (hash_of(h, h->initiator, rd_of(id->p, id->n), out));
}

/* --- initiator: message 4 is here --- */

static int
keyed(struct keys *k, const struct tunnel *t, struct khandle *h,
    const struct phase1 *p, struct keyoct *a, struct keyoct *e)
{
	struct algs	 al;
	struct rd	 psk = secrets_find(&k->secrets, t->name);
	int		 err;

	forget(h);
	if (++h->half->tries > KH_KEYED_MAX)
		return (KERR_LIMIT);
	if ((err = algs(t, p, &al)) != KERR_OK)
		return (err);
	if (psk.n == 0)
		return (KERR_NOSECRET);
	h->a = al;
	if ((err = keep(h->half, p)) != KERR_OK)
		return (err);
	return (derive(h, psk, a, e));
}

/* The handle of KEYED: started by us, for that tunnel. */
static int
keyed_handle(struct keys *k, const struct ipc_msg *m, uint32_t id,
    struct khandle **h, const struct tunnel **t)
{
	int	 err = KERR_NOTUNNEL;

	if ((*h = khandle_find(&k->handles, id)) == NULL)
		return (KERR_NOHANDLE);
	if ((*h)->kind != KH_IKE || (*h)->version != 1 || !(*h)->initiator ||
	    (*h)->state == KH_PROVED)
		return (KERR_STATE);
	if ((*h)->tunnel != m->h.tunnel ||
	    (*t = keys_tunnel_of(k, m->h.tunnel, 1, &err)) == NULL)
		return (err);
	return (KERR_OK);
}

/* Initiator: the keys, our IDii and HASH_I. */
int
keys1_keyed(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k1_keyed	*b = body;
	struct m_k1_keyed_r	 r;
	struct phase1		 p = { b->prf, b->encr, 0, b->cky_i, b->cky_r,
				    b->nonce, b->ke, b->sai };
	const struct tunnel	*t;
	struct khandle		*h;
	struct wr		 id;
	uint8_t			 idbuf[IKEID_MAX], mac[ALG_KEYMAX];
	int			 err;

	(void)now;
	memset(&r, 0, sizeof(r));
	id = wr_of(idbuf, sizeof(idbuf));
	r.handle = b->handle;
	if ((err = keyed_handle(k, m, b->handle, &h, &t)) != KERR_OK)
		goto out;
	p.dh = h->a.dh->num;
	if ((err = keyed(k, t, h, &p, &r.a, &r.e)) != KERR_OK)
		goto out;
	if ((err = our_hash(h, t, &id, mac)) != KERR_OK) {
		forget(h);
		goto out;
	}
	r.id = rd_of(idbuf, id.n);
	r.hash = rd_of(mac, h->a.prf->outlen);
 out:
	if (err != KERR_OK) {
		explicit_bzero(&r.a, sizeof(r.a));
		explicit_bzero(&r.e, sizeof(r.e));
	}
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K1_KEYED_R, err, &r);
	explicit_bzero(&r, sizeof(r));
	return (0);
}

/* --- responder: message 3 is here --- */

static int
start_r(struct keys *k, const struct ipc_msg *m, const struct phase1 *p,
    uint64_t now, struct khandle **hp, struct m_k1_started_r *r)
{
	const struct tunnel	*t;
	struct khandle		*h;
	struct algs		 a;
	struct rd		 psk;
	int			 err;

	if ((t = keys_tunnel_of(k, m->h.tunnel, 1, &err)) == NULL)
		return (err);
	if ((err = algs(t, p, &a)) != KERR_OK)
		return (err);
	if ((psk = secrets_find(&k->secrets, t->name)).n == 0)
		return (KERR_NOSECRET);
	h = khandle_new(&k->handles, KH_IKE, 1, t->id, now, &err);
	if ((*hp = h) == NULL)
		return (err);
	h->a = a;
	if ((err = keys_fresh(k, h->half, a.dh)) != KERR_OK ||
	    (err = keep(h->half, p)) != KERR_OK)
		return (err);
	err = derive(h, psk, &r->a, &r->e);
	explicit_bzero(h->half->pair.priv, sizeof(h->half->pair.priv));
	return (err);
}

/* Responder: key pair, nonce and keys at once. */
int
keys1_start_r(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k1_start_r	*b = body;
	struct m_k1_started_r	 r;
	struct phase1		 p = { b->prf, b->encr, b->dh, b->cky_i,
				    b->cky_r, b->nonce, b->ke, b->sai };
	struct khandle		*h = NULL;
	int			 err;

	memset(&r, 0, sizeof(r));
	if ((err = start_r(k, m, &p, now, &h, &r)) == KERR_OK) {
		r.handle = h->id;
		r.nonce = rd_of(h->half->nonce, sizeof(h->half->nonce));
		r.ke = keys_pair_ke(&h->half->pair);
	} else {
		explicit_bzero(&r.a, sizeof(r.a));
		explicit_bzero(&r.e, sizeof(r.e));
	}
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K1_STARTED_R, err, &r);
	if (err != KERR_OK && h != NULL)
		khandle_close(&k->handles, h);
	explicit_bzero(&r, sizeof(r));
	return (0);
}

/* --- message 5 or 6 --- */

/*
 * A responder learns from the identity which tunnel it is.  SKEYID was made
 * of the secret of the first one, so the other must have the same.
 */
static int
other_tunnel(struct keys *k, const struct khandle *h, const struct tunnel *t)
{
	const struct tunnel	*first;
	struct rd		 a, b;
	int			 err;

	if (h->tunnel == t->id)
		return (KERR_OK);
	if (h->initiator ||
	    (first = keys_tunnel_of(k, h->tunnel, 1, &err)) == NULL)
		return (KERR_NOTUNNEL);
	if (!khandle_room(&k->handles, t->id))
		return (KERR_LIMIT);
	a = secrets_find(&k->secrets, first->name);
	b = secrets_find(&k->secrets, t->name);
	return (a.n > 0 && ct_equal(a, b) == 1 ? KERR_OK : KERR_NOSECRET);
}

/* The peer's HASH against what it must be; KERR_OK: the handle is proved. */
static int
verify(struct keys *k, struct khandle *h, const struct tunnel *t,
    const struct m_k1_auth *b)
{
	uint8_t	 want[ALG_KEYMAX];
	int	 err, e;

	if ((err = other_tunnel(k, h, t)) == KERR_OK &&
	    !keys_allowed_ike(t, &h->a))
		err = KERR_ALG;
	if (err == KERR_OK && !keys_id_is(b->id, &t->dstid))
		err = KERR_ID;
	if ((e = hash_of(h, !h->initiator, b->id, want)) != KERR_OK)
		err = e;
	if (err == KERR_OK) {
		if (h->tunnel != t->id)
			khandle_bind(&k->handles, h, t->id);
		if (!khandle_prove(h, rd_of(want, h->a.prf->outlen), b->hash))
			err = KERR_AUTH;
	}
	explicit_bzero(want, sizeof(want));
	return (err);
}

/* Both ends: is the peer who it must be?  A responder then has its HASH_R. */
int
keys1_auth(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k1_auth	*b = body;
	struct m_k1_auth_r	 r;
	const struct tunnel	*t;
	struct khandle		*h;
	struct wr		 id;
	uint8_t			 idbuf[IKEID_MAX], mac[ALG_KEYMAX];
	int			 err;

	(void)now;
	memset(&r, 0, sizeof(r));
	id = wr_of(idbuf, sizeof(idbuf));
	r.handle = b->handle;
	err = KERR_NOHANDLE;
	if ((h = khandle_find(&k->handles, b->handle)) == NULL)
		goto out;
	err = KERR_STATE;
	if (h->kind != KH_IKE || h->version != 1 || h->state != KH_KEYED)
		goto out;
	if ((t = keys_tunnel_of(k, m->h.tunnel, 1, &err)) != NULL)
		err = verify(k, h, t, b);
	if (err == KERR_OK && !h->initiator)
		err = our_hash(h, t, &id, mac);
	if (err != KERR_OK) {
		if (h->initiator && h->state == KH_KEYED)
			forget(h);
		else
			khandle_close(&k->handles, h);
		goto out;
	}
	if (!h->initiator) {
		r.id = rd_of(idbuf, id.n);
		r.hash = rd_of(mac, h->a.prf->outlen);
	}
	k->proved++;
	khandle_settle(&k->handles, h);
 out:
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K1_AUTH_R, err, &r);
	return (0);
}
