/* SPDX-License-Identifier: ISC */

/*
 * sa.c: a new IKE SA: START, KEYED and AUTH (RFC 7296 sections 1.2, 2.14,
 * 2.15).
 */

#include "auth.h"
#include "init.h"
#include "keys_self.h"

static int
same(struct rd a, struct rd b)
{
	return (a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0));
}

static int
spi_zero(const uint8_t *spi)
{
	static const uint8_t	 zero[8];

	return (memcmp(spi, zero, sizeof(zero)) == 0);
}

/* --- START --- */

/* Initiator: a key pair and a nonce for a tunnel, of its version of IKE. */
int
keys_start(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_start	*b = body;
	struct m_k_started	 r;
	const struct tunnel	*t;
	const struct alg	*dh;
	struct khandle		*h = NULL;
	int			 err;

	memset(&r, 0, sizeof(r));
	if ((t = keys_tunnel(k, m->h.tunnel, &err)) == NULL)
		goto out;
	err = KERR_ALG;
	if ((dh = alg_num(b->dh)) == NULL || dh->type != ALG_DH ||
	    !alg_usable(dh) || !keys_allowed_dh(t->ike, t->nike, dh))
		goto out;
	h = khandle_new(&k->handles, KH_IKE, keys_version(t), t->id, now, &err);
	if (h == NULL)
		goto out;
	h->initiator = 1;
	h->a.dh = dh;
	if ((err = keys_fresh(k, h->half, dh)) != KERR_OK) {
		khandle_close(&k->handles, h);
		goto out;
	}
	r.handle = h->id;
	r.nonce = rd_of(h->half->nonce, sizeof(h->half->nonce));
	r.ke = keys_pair_ke(&h->half->pair);
 out:
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_STARTED, err, &r);
	return (0);
}

/* --- the keys of the SA --- */

int
keys_peer_set(struct khalf *f, struct rd nonce, struct rd ke)
{
	if (nonce.n > sizeof(f->peer_nonce) || ke.n > sizeof(f->peer_ke) ||
	    ke.n == 0)
		return (-1);
	memcpy(f->peer_nonce, nonce.p, nonce.n);
	memcpy(f->peer_ke, ke.p, ke.n);
	f->npeer_nonce = nonce.n;
	f->npeer_ke = ke.n;
	return (0);
}

/* g^ir, SKEYSEED, SK_*; the handle is keyed.  KERR_OK or why not. */
static int
derive(struct khandle *h, struct keys_sk *sk)
{
	struct khalf	*f = h->half;
	struct rd	 ours, theirs, ni, nr;
	uint8_t		 gir[ALG_DHMAX], seed[ALG_KEYMAX];
	size_t		 n;
	int		 err = KERR_KE;

	ours = rd_of(f->nonce, sizeof(f->nonce));
	theirs = rd_of(f->peer_nonce, f->npeer_nonce);
	ni = h->initiator ? ours : theirs;
	nr = h->initiator ? theirs : ours;
	if (keys_pair_shared(&f->pair, rd_of(f->peer_ke, f->npeer_ke), gir, &n))
		goto out;
	err = KERR_CRYPTO;
	if (keys_skeyseed(h->a.prf, ni, nr, rd_of(gir, n), seed) ||
	    keys_sk(&h->a, rd_of(seed, h->a.prf->outlen), ni, nr, f->spi_i,
	    f->spi_r, sk))
		goto out;
	memcpy(h->d, sk->d, sizeof(h->d));
	memcpy(f->pi, sk->pi, sizeof(f->pi));
	memcpy(f->pr, sk->pr, sizeof(f->pr));
	h->state = KH_KEYED;
	err = KERR_OK;
 out:
	explicit_bzero(gir, sizeof(gir));
	explicit_bzero(seed, sizeof(seed));
	return (err);
}

/* Back to `started': the keys of that answer are worth nothing. */
static void
forget(struct khandle *h)
{
	explicit_bzero(h->d, sizeof(h->d));
	explicit_bzero(h->half->pi, sizeof(h->half->pi));
	explicit_bzero(h->half->pr, sizeof(h->half->pr));
	h->state = KH_STARTED;
}

/*
 * May a stranger have this?  A weak choice needs a tunnel that allows it;
 * once the tunnel is known, it alone decides.
 */
static int
allowed_start(const struct keys *k, uint32_t tunnel, const struct algs *a)
{
	const struct tunnel	*t;
	size_t			 i;
	int			 err;

	if (tunnel != 0) {
		t = keys_tunnel_of(k, tunnel, 2, &err);
		return (t == NULL ? err : keys_allowed_ike(t, a) ? KERR_OK :
		    KERR_ALG);
	}
	if (!((a->encr->flags | a->prf->flags | a->dh->flags |
	    (a->integ != NULL ? a->integ->flags : 0)) & ALG_WEAK))
		return (KERR_OK);
	for (i = 0; k->conf != NULL && i < k->conf->now->n; i++)
		if (keys_version(k->conf->now->t[i]) == 2 &&
		    keys_allowed_ike(k->conf->now->t[i], a))
			return (KERR_OK);
	return (KERR_ALG);
}

/* What a responder is asked for, in one piece: KERR_OK and a keyed handle. */
static int
start_r(struct keys *k, const struct ipc_msg *m, const struct m_k_start_r *b,
    uint64_t now, struct khandle **hp, struct keys_sk *sk)
{
	struct khandle	*h;
	struct algs	 a;
	int		 err;

	if ((err = keys_algs(b->encr, b->integ, b->prf, b->dh,
	    NEED_PRF | NEED_DH, &a)) != KERR_OK ||
	    (err = allowed_start(k, m->h.tunnel, &a)) != KERR_OK)
		return (err);
	if (spi_zero(b->spi_i) || spi_zero(b->spi_r))
		return (KERR_MESSAGE);
	if (b->kei.n != a.dh->keylen)
		return (KERR_KE);
	h = khandle_new(&k->handles, KH_IKE, 2, m->h.tunnel, now, &err);
	if ((*hp = h) == NULL)
		return (err);
	h->a = a;
	memcpy(h->half->spi_i, b->spi_i, sizeof(b->spi_i));
	memcpy(h->half->spi_r, b->spi_r, sizeof(b->spi_r));
	if ((err = keys_fresh(k, h->half, a.dh)) != KERR_OK)
		return (err);
	if (!keys_nonce_good(b->ni, h->half, NONCE_MIN) ||
	    keys_peer_set(h->half, b->ni, b->kei))
		return (KERR_MESSAGE);
	err = derive(h, sk);
	explicit_bzero(h->half->pair.priv, sizeof(h->half->pair.priv));
	return (err);
}

/* An IKE SA is keyed: its SK_*; and nonce and KE data if we respond. */
void
keys_started(struct m_k_started_r *r, const struct khandle *h,
    const struct keys_sk *sk)
{
	r->handle = h->id;
	if (!h->initiator) {
		r->nonce = rd_of(h->half->nonce, sizeof(h->half->nonce));
		r->ke = keys_pair_ke(&h->half->pair);
	}
	r->ai = sk->ai;
	r->ar = sk->ar;
	r->ei = sk->ei;
	r->er = sk->er;
}

/* Responder: key pair, nonce and keys at once. */
int
keys_start_r(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_started_r	 r;
	struct keys_sk		 sk;
	struct khandle		*h = NULL;
	int			 err;

	memset(&r, 0, sizeof(r));
	memset(&sk, 0, sizeof(sk));
	if ((err = start_r(k, m, body, now, &h, &sk)) == KERR_OK)
		keys_started(&r, h, &sk);
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_STARTED_R, err, &r);
	if (err != KERR_OK && h != NULL)
		khandle_close(&k->handles, h);
	explicit_bzero(&sk, sizeof(sk));
	explicit_bzero(&r, sizeof(r));
	return (0);
}

/* --- the two IKE_SA_INIT messages --- */

/*
 * Are these the messages of this handle: its SPIs, its group, our nonce and
 * our KE data?  0, or -1.
 */
static int WUR
messages(const struct khandle *h, struct rd init_i, struct rd init_r,
    struct keys_init *vi, struct keys_init *vr)
{
	const struct khalf	*f = h->half;
	const struct keys_init	*ours;

	if (keys_init_parse(init_i, 0, vi) || keys_init_parse(init_r, 1, vr))
		return (-1);
	if (memcmp(vi->spi_i.p, f->spi_i, 8) != 0 || !spi_zero(vi->spi_r.p) ||
	    memcmp(vr->spi_i.p, f->spi_i, 8) != 0 ||
	    memcmp(vr->spi_r.p, f->spi_r, 8) != 0)
		return (-1);
	if (vi->group != h->a.dh->id || vr->group != h->a.dh->id)
		return (-1);
	ours = h->initiator ? vi : vr;
	return (same(ours->nonce, rd_of(f->nonce, sizeof(f->nonce))) &&
	    same(ours->ke, keys_pair_ke(&f->pair)) ? 0 : -1);
}

/* And the peer's nonce and KE data, once the handle is keyed. */
static int WUR
messages_keyed(const struct khandle *h, struct rd init_i, struct rd init_r,
    struct keys_init *vi, struct keys_init *vr)
{
	const struct khalf	*f = h->half;
	const struct keys_init	*theirs;

	if (messages(h, init_i, init_r, vi, vr))
		return (-1);
	theirs = h->initiator ? vr : vi;
	return (same(theirs->nonce, rd_of(f->peer_nonce, f->npeer_nonce)) &&
	    same(theirs->ke, rd_of(f->peer_ke, f->npeer_ke)) ? 0 : -1);
}

/* --- AUTH of ours --- */

/*
 * Our AUTH and the ID that it covers: our configured identity, whatever
 * s2sd-ike may wish.  id and auth keep the octets.
 */
static int
our_auth(const struct keys *k, const struct khandle *h,
    const struct tunnel *t, struct rd init, struct wr *id, uint8_t *auth)
{
	const struct khalf	*f = h->half;
	struct keys_auth	 a;

	keys_id_put(id, &t->srcid);
	if (wr_end(id))
		return (KERR_CRYPTO);
	a.prf = h->a.prf;
	a.psk = secrets_find(&k->secrets, t->name);
	a.init = init;
	a.nonce = rd_of(f->peer_nonce, f->npeer_nonce);
	a.skp = h->initiator ? f->pi : f->pr;
	a.id = rd_of(id->p, id->n);
	if (a.psk.n == 0)
		return (KERR_NOSECRET);
	return (keys_auth_psk(&a, auth) ? KERR_CRYPTO : KERR_OK);
}

/* Checks and key schedule of KEYED; the handle ends `keyed' or `started'. */
static int
keyed(struct keys *k, const struct tunnel *t, struct khandle *h,
    const struct m_k_keyed *b, struct keys_sk *sk)
{
	struct keys_init	 vi, vr;
	struct algs		 a;
	int			 err;

	forget(h);
	if (++h->half->tries > KH_KEYED_MAX)
		return (KERR_LIMIT);
	if ((err = keys_algs(b->encr, b->integ, b->prf, h->a.dh->num,
	    NEED_PRF | NEED_DH, &a)) != KERR_OK)
		return (err);
	if (!keys_allowed_ike(t, &a))
		return (KERR_ALG);
	if (secrets_find(&k->secrets, t->name).n == 0)
		return (KERR_NOSECRET);
	h->a = a;
	memcpy(h->half->spi_i, b->spi_i, sizeof(b->spi_i));
	memcpy(h->half->spi_r, b->spi_r, sizeof(b->spi_r));
	if (spi_zero(b->spi_i) || spi_zero(b->spi_r) ||
	    messages(h, b->init_i, b->init_r, &vi, &vr) ||
	    !keys_nonce_good(vr.nonce, h->half, NONCE_MIN) ||
	    keys_peer_set(h->half, vr.nonce, vr.ke))
		return (KERR_MESSAGE);
	return (derive(h, sk));
}

/* Initiator: the keys, our ID and our AUTH. */
int
keys_keyed(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_keyed	*b = body;
	struct m_k_keyed_r	 r;
	const struct tunnel	*t;
	struct khandle		*h;
	struct keys_sk		 sk;
	struct wr		 id;
	uint8_t			 idbuf[IKEID_MAX], auth[ALG_KEYMAX];
	int			 err;

	(void)now;
	memset(&r, 0, sizeof(r));
	memset(&sk, 0, sizeof(sk));
	id = wr_of(idbuf, sizeof(idbuf));
	r.handle = b->handle;
	err = KERR_NOHANDLE;
	if ((h = khandle_find(&k->handles, b->handle)) == NULL)
		goto out;
	err = KERR_STATE;
	if (h->kind != KH_IKE || h->version != 2 || !h->initiator ||
	    h->state == KH_PROVED)
		goto out;
	err = KERR_NOTUNNEL;
	if (h->tunnel != m->h.tunnel ||
	    (t = keys_tunnel_of(k, h->tunnel, 2, &err)) == NULL)
		goto out;
	if ((err = keyed(k, t, h, b, &sk)) != KERR_OK)
		goto out;
	if ((err = our_auth(k, h, t, b->init_i, &id, auth)) != KERR_OK) {
		forget(h);
		goto out;
	}
	r.ai = sk.ai;
	r.ar = sk.ar;
	r.ei = sk.ei;
	r.er = sk.er;
	r.id = rd_of(idbuf, id.n);
	r.method = AUTH_PSK;
	r.auth = rd_of(auth, h->a.prf->outlen);
 out:
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_KEYED_R, err, &r);
	explicit_bzero(&sk, sizeof(sk));
	explicit_bzero(&r, sizeof(r));
	return (0);
}

/* --- AUTH of the peer --- */

/* All that can be said against the request before any secret is used. */
static int
auth_refuse(struct keys *k, const struct khandle *h, const struct tunnel *t,
    const struct m_k_auth *b, struct algs *child)
{
	int	 err;

	if (h->tunnel == 0 && !khandle_room(&k->handles, t->id))
		return (KERR_LIMIT);
	if (!keys_allowed_ike(t, &h->a))
		return (KERR_ALG);
	if ((b->encr | b->integ) != 0) {
		err = keys_algs(b->encr, b->integ, 0, 0,
		    t->flags & TUN_AH ? NEED_NONE : 0, child);
		if (err == KERR_OK && !keys_allowed_child(t, child, 1))
			err = KERR_ALG;
		if (err != KERR_OK)
			return (err);
	}
	if (b->further.n > 0)		/* IntAuth is not built in */
		return (KERR_MESSAGE);
	if (!keys_id_is(b->id, &t->dstid))
		return (KERR_ID);
	if (b->method != AUTH_PSK)
		return (KERR_METHOD);
	return (KERR_OK);
}

/*
 * verify: the peer's AUTH against what it must be; KERR_OK: the handle is
 * proved.  Whatever is wrong before, the work is done to the end, with an
 * invented secret if need be, so that time does not tell a stranger which
 * names, tunnels and secrets exist.
 */
static int
verify(struct keys *k, struct khandle *h, const struct tunnel *t, int err,
    const struct m_k_auth *b, struct algs *child)
{
	static const uint8_t	 invented[32];
	struct khalf		*f = h->half;
	struct keys_init	 vi, vr;
	struct keys_auth	 a;
	struct rd		 psk = rd_of(NULL, 0);
	uint8_t			 want[ALG_KEYMAX];

	if (t != NULL) {
		if (err == KERR_OK)
			err = auth_refuse(k, h, t, b, child);
		psk = secrets_find(&k->secrets, t->name);
	}
	if (err == KERR_OK && psk.n == 0)
		err = KERR_NOSECRET;
	if (messages_keyed(h, b->init_i, b->init_r, &vi, &vr) && err == KERR_OK)
		err = KERR_MESSAGE;
	a.prf = h->a.prf;
	a.psk = psk.n > 0 ? psk : rd_of(invented, sizeof(invented));
	a.init = h->initiator ? b->init_r : b->init_i;
	a.nonce = rd_of(f->nonce, sizeof(f->nonce));
	a.skp = h->initiator ? f->pr : f->pi;
	a.id = b->id;
	if (keys_auth_psk(&a, want))
		err = KERR_CRYPTO;
	if (err == KERR_OK) {
		if (h->tunnel == 0)
			khandle_bind(&k->handles, h, t->id);
		if (!khandle_prove(h, rd_of(want, h->a.prf->outlen), b->auth))
			err = KERR_AUTH;
	}
	explicit_bzero(want, sizeof(want));
	return (err);
}

/* The first child: KEYMAT without a new exchange, RFC 7296 section 2.17. */
static int
first_child(struct keys *k, const struct ipc_msg *m, const struct khandle *h,
    const struct algs *a, struct rd sa)
{
	struct rd	 ours, theirs;

	ours = rd_of(h->half->nonce, sizeof(h->half->nonce));
	theirs = rd_of(h->half->peer_nonce, h->half->npeer_nonce);
	return (keys_send_child(k, m, h, rd_of(NULL, 0),
	    h->initiator ? ours : theirs, h->initiator ? theirs : ours, a,
	    h->initiator, sa));
}

/* Both ends: is the peer who it must be?  Then our AUTH and the child. */
int
keys_auth(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_auth		*b = body;
	struct m_k_auth_r	 r;
	const struct tunnel	*t;
	struct khandle		*h;
	struct algs		 child;
	struct wr		 id;
	uint8_t			 idbuf[IKEID_MAX], auth[ALG_KEYMAX];
	int			 err;

	(void)now;
	memset(&r, 0, sizeof(r));
	id = wr_of(idbuf, sizeof(idbuf));
	r.handle = b->handle;
	err = KERR_NOHANDLE;
	if ((h = khandle_find(&k->handles, b->handle)) == NULL)
		goto out;
	err = KERR_STATE;
	if (h->kind != KH_IKE || h->version != 2 || h->state != KH_KEYED)
		goto out;
	t = keys_tunnel_of(k, m->h.tunnel, 2, &err);
	if (h->tunnel != 0 && h->tunnel != m->h.tunnel)
		err = KERR_NOTUNNEL;
	err = verify(k, h, t, err, b, &child);
	if (err == KERR_OK && !h->initiator)
		err = our_auth(k, h, t, b->init_r, &id, auth);
	if (err == KERR_OK && (b->encr | b->integ) != 0)
		err = first_child(k, m, h, &child, b->sa);
	if (err != KERR_OK) {
		/* the initiator may yet find the true answer to its first
		 * message; a responder's peer had its one try */
		if (h->initiator && h->state == KH_KEYED)
			forget(h);
		else
			khandle_close(&k->handles, h);
		goto out;
	}
	if (!h->initiator) {
		r.id = rd_of(idbuf, id.n);
		r.method = AUTH_PSK;
		r.auth = rd_of(auth, h->a.prf->outlen);
	}
	k->proved++;
	khandle_settle(&k->handles, h);
 out:
	r.err = (uint8_t)err;
	keys_answer(k, m, M_K_AUTH_R, err, &r);
	return (0);
}
