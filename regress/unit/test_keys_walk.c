/* SPDX-License-Identifier: ISC */

/*
 * test_keys_walk.c: a random walk over all requests of s2sd-ike, of both
 * versions of IKE, beside a model that knows which handle's peer has proved
 * itself.
 *
 *	no child key, no rekey and no waiting exchange from a handle that is
 *	not proved; none proved but by the true AUTH (IKEv1: HASH) of the true
 *	peer; no request of one version does anything to a handle of the other
 *
 *	test_keys_walk [steps [seed]]
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../daemon/keys/auth.h"
#include "../../daemon/keys/kdf.h"
#include "../../daemon/keys/kdf1.h"
#include "crypt_dh.h"
#include "keys_hs1.h"

enum { MODELS = 48 };
enum kind { NONE, INIT, RESP, CHILD, REKEY };

/* One handle as the walk believes it to be. */
struct model {
	enum kind	 kind;
	uint32_t	 id, tunnel, parent;
	int		 keyed, proved, v1;
	uint16_t	 dh;			/* CHILD */
	uint8_t		 spi_i[8], spi_r[8];
	uint8_t		 ours[NONCE_LEN], ke[32];	/* of s2sd-keys */
	uint8_t		 skp[ALG_KEYMAX];	/* the peer's SK_p; SKEYID */
	struct oct	 init_i, init_r;
};

static struct rig	 r;
static struct model	 m[MODELS];
static uint32_t		 seed;
static uint8_t		 peer_priv[DH_PRIVMAX], peer_ke[32];
static const uint8_t	 peer_nonce[32] = { 0x99, 1 };
static const char *const secret[] = { "first secret", "second secret",
    "secret of the one with IKEv1" };
static const char *const peer_id[] = { "b.example", "c.example", "d.example" };
static const char	 sai[] = "SAi_b";
static unsigned long	 count[8];

static uint32_t
rnd(uint32_t n)
{
	return (rig_rand(&seed) % n);
}

static struct model *
pick(void)
{
	return (&m[rnd(MODELS)]);
}

static struct model *
room(void)
{
	size_t	 i;

	for (i = 0; i < MODELS; i++)
		if (m[i].kind == NONE) {
			memset(&m[i], 0, sizeof(m[i]));
			return (&m[i]);
		}
	return (NULL);
}

/* The handle of a model, or now and then something else. */
static uint32_t
handle(const struct model *x)
{
	switch (rnd(16)) {
	case 0:
		return (rig_rand(&seed));
	case 1:
		return (x->id ^ 0x10000);	/* another generation */
	}
	return (x->id);
}

static uint32_t
tunnel(const struct model *x)
{
	return (rnd(12) == 0 ? rnd(10) : x->tunnel);
}

static void
forget(struct model *x)
{
	size_t	 i;

	for (i = 0; i < MODELS; i++)
		if (m[i].parent == x->id && m[i].kind >= CHILD)
			m[i].kind = NONE;
	x->kind = NONE;
}

static struct model *
find(uint32_t id)
{
	size_t	 i;

	for (i = 0; i < MODELS; i++)
		if (m[i].kind != NONE && m[i].id == id)
			return (&m[i]);
	return (NULL);
}

/* One request, and the one answer that it must have. */
static void
ask(uint32_t type, uint32_t tun, const void *q, uint32_t atype, void *a)
{
	size_t	 i, answers = 0;

	if (rig_send(&r, PROC_IKE, type, tun, q))
		errx(1, "%s: sender would be ended", msg_desc(type)->name);
	for (i = 0; i < r.nout; i++)
		answers += r.out[i].to == PROC_IKE &&
		    r.out[i].h.type == atype && r.out[i].h.req == r.req;
	if (answers != 1 || !rig_answer(&r, atype, a))
		errx(1, "%s: %zu answers", msg_desc(type)->name, answers);
}

/* Was there a pair, and was it allowed? */
static void
pair(int allowed)
{
	int	 there = rig_answer(&r, M_S_PAIR, NULL);

	if (there && !allowed)
		errx(1, "a child key without a proof");
	count[0] += there != 0;
}

/* The peer derives its own side, as the other gateway would. */
static void
peer_keys(struct model *x)
{
	struct keys_sk	 sk;
	struct algs	 a;
	struct rd	 ni, nr;
	uint8_t		 gir[32], s[ALG_KEYMAX];

	memset(&a, 0, sizeof(a));
	a.prf = alg_num(A_PRF);
	a.encr = alg_num(A_GCM);
	ni = x->kind == INIT ? rd_of(x->ours, 32) : rd_of(peer_nonce, 32);
	nr = x->kind == INIT ? rd_of(peer_nonce, 32) : rd_of(x->ours, 32);
	if (crypt_dh_shared(alg_num(A_X25519), peer_priv, rd_of(x->ke, 32),
	    gir) || keys_skeyseed(a.prf, ni, nr, rd_of(gir, 32), s) ||
	    keys_sk(&a, rd_of(s, 32), ni, nr, x->spi_i, x->spi_r, &sk))
		errx(1, "peer_keys");
	memcpy(x->skp, x->kind == INIT ? sk.pr : sk.pi, sizeof(x->skp));
}

static void
messages(struct model *x)
{
	struct rig_init	 i;

	memset(&i, 0, sizeof(i));
	memcpy(i.spi_i, x->spi_i, 8);
	i.group = 31;
	i.ke = rd_of(x->kind == INIT ? x->ke : peer_ke, 32);
	i.nonce = rd_of(x->kind == INIT ? x->ours : peer_nonce, 32);
	x->init_i.n = rig_init_make(&i, x->init_i.d, sizeof(x->init_i.d));
	memcpy(i.spi_r, x->spi_r, 8);
	i.response = 1;
	i.ke = rd_of(x->kind == INIT ? peer_ke : x->ke, 32);
	i.nonce = rd_of(x->kind == INIT ? peer_nonce : x->ours, 32);
	x->init_r.n = rig_init_make(&i, x->init_r.d, sizeof(x->init_r.d));
}

/* A handle that the model has no room for. */
static void
drop(uint32_t id)
{
	struct m_k_handle	 q;

	q.handle = id;
	if (rig_send(&r, PROC_IKE, M_K_CLOSE, 0, &q) || r.nout != 0)
		errx(1, "CLOSE");
}

/* --- the steps --- */

static void
start(void)
{
	struct m_k_start	 q;
	struct m_k_started	 a;
	struct model		*x;

	if ((x = room()) == NULL)
		return;
	x->tunnel = 7 + rnd(WITH_IKEV1 ? 3 : 2);
	x->v1 = x->tunnel == 9;
	q.dh = rnd(8) == 0 ? (uint16_t)rnd(60) : A_X25519;
	ask(M_K_START, x->tunnel, &q, M_K_STARTED, &a);
	if (a.err == KERR_OK && a.ke.n != 32)
		drop(a.handle);		/* another group: of no use here */
	if (a.err != KERR_OK || a.ke.n != 32)
		return;
	x->kind = INIT;
	x->id = a.handle;
	memset(x->spi_i, 1 + (int)rnd(250), 8);
	memset(x->spi_r, 1 + (int)rnd(250), 8);
	memcpy(x->ours, a.nonce.p, 32);
	memcpy(x->ke, a.ke.p, 32);
	messages(x);
}

static void
start_r(void)
{
	struct m_k_start_r	 q;
	struct m_k_started_r	 a;
	struct model		*x;

	if ((x = room()) == NULL)
		return;
	x->tunnel = 7 + rnd(2);
	memset(&q, 0, sizeof(q));
	memset(q.spi_i, 1 + (int)rnd(250), 8);
	memset(q.spi_r, 1 + (int)rnd(250), 8);
	q.dh = A_X25519;
	q.prf = A_PRF;
	q.encr = A_GCM;
	q.ni = rd_of(peer_nonce, 32);
	q.kei = rd_of(peer_ke, rnd(20) == 0 ? 31 : 32);
	ask(M_K_START_R, rnd(2) ? 0 : x->tunnel, &q, M_K_STARTED_R, &a);
	if (a.err != KERR_OK)
		return;
	x->kind = RESP;
	x->id = a.handle;
	x->keyed = 1;
	memcpy(x->spi_i, q.spi_i, 8);
	memcpy(x->spi_r, q.spi_r, 8);
	memcpy(x->ours, a.nonce.p, 32);
	memcpy(x->ke, a.ke.p, 32);
	messages(x);
	peer_keys(x);
}

static void
keyed(void)
{
	struct m_k_keyed	 q;
	struct m_k_keyed_r	 a;
	struct model		*x = pick(), *y;

	memset(&q, 0, sizeof(q));
	q.handle = handle(x);
	q.prf = A_PRF;
	q.encr = A_GCM;
	memcpy(q.spi_i, x->spi_i, 8);
	memcpy(q.spi_r, x->spi_r, 8);
	q.init_i = oct_rd(&x->init_i);
	q.init_r = rnd(16) == 0 ? q.init_i : oct_rd(&x->init_r);
	ask(M_K_KEYED, tunnel(x), &q, M_K_KEYED_R, &a);
	y = find(q.handle);
	if (a.err == KERR_OK) {
		if (y == NULL || y->kind != INIT || y->proved || y->v1)
			errx(1, "KEYED of a handle that is none");
		peer_keys(y);
		y->keyed = 1;
	} else if (y != NULL && y->kind == INIT && !y->proved &&
	    a.err != KERR_NOTUNNEL && a.err != KERR_STATE)
		y->keyed = 0;
	pair(0);
}

/* The AUTH that the true peer would send. */
static void
true_auth(const struct model *x, const uint8_t *id, size_t idlen,
    uint8_t *out)
{
	struct keys_auth	 a;
	const char		*s = secret[x->tunnel - 7];

	a.prf = alg_num(A_PRF);
	a.psk = rd_of(s, strlen(s));
	a.init = oct_rd(x->kind == INIT ? &x->init_r : &x->init_i);
	a.nonce = rd_of(x->ours, 32);
	a.skp = x->skp;
	a.id = rd_of(id, idlen);
	if (keys_auth_psk(&a, out))
		errx(1, "true_auth");
}

static void
auth(void)
{
	struct m_k_auth		 q;
	struct m_k_auth_r	 a;
	struct model		*x = pick(), *y;
	uint8_t			 id[16], mac[ALG_KEYMAX];
	uint32_t		 tun;
	int			 genuine = 1;

	if (x->kind != INIT && x->kind != RESP)
		return;
	memset(&q, 0, sizeof(q));
	memset(mac, 0, sizeof(mac));
	memcpy(id, "\2\0\0\0", 4);
	memcpy(id + 4, peer_id[x->tunnel - 7], 9);
	true_auth(x, id, 13, mac);
	q.handle = handle(x);
	q.init_i = oct_rd(&x->init_i);
	q.init_r = oct_rd(&x->init_r);
	q.id = rd_of(id, 13);
	q.method = 2;
	q.auth = rd_of(mac, 32);
	q.encr = rnd(4) == 0 ? 0 : A_GCM;
	tun = tunnel(x);
	switch (rnd(12)) {
	case 0: mac[rnd(32)] ^= (uint8_t)(1 << rnd(8)); genuine = 0; break;
	case 1: id[4 + rnd(9)] ^= 1; genuine = 0; break;
	case 2: q.init_r = q.init_i; genuine = 0; break;
	case 3: q.method = (uint8_t)(3 + rnd(250)); genuine = 0; break;
	case 4: q.auth = rd_of(mac, rnd(32)); genuine = 0; break;
	case 5: q.further = rd_of("x", 1); genuine = 0; break;
	case 6: id[0] = 3; genuine = 0; break;
	}
	y = find(q.handle);
	genuine = genuine && y == x && tun == x->tunnel && x->keyed &&
	    !x->proved && !x->v1;
	ask(M_K_AUTH, tun, &q, M_K_AUTH_R, &a);
	if ((a.err == KERR_OK) != genuine)
		errx(1, "AUTH: error %u, genuine %d", a.err, genuine);
	pair(genuine && q.encr != 0);
	count[1] += genuine != 0;
	if (genuine)
		x->proved = 1;
	else if (y != NULL && a.err != KERR_STATE) {
		if (y->kind == RESP)
			forget(y);
		else
			y->keyed = 0;
	}
}

static void
begin(uint32_t type)
{
	struct m_k_cstart	 q;
	struct m_k_cstarted	 c;
	struct m_k_started	 s;
	struct model		*x = pick(), *y, *n;
	uint32_t		 tun;
	int			 err;

	if ((n = room()) == NULL)
		return;
	q.handle = handle(x);
	tun = tunnel(x);
	q.dh = type == M_K_CSTART && rnd(2) ? 0 : A_X25519;
	if (type == M_K_CSTART) {
		ask(type, tun, &q, M_K_CSTARTED, &c);
		err = c.err;
		n->id = c.chandle;
	} else {
		ask(type, tun, &q, M_K_RSTARTED, &s);
		err = s.err;
		n->id = s.handle;
	}
	pair(0);
	y = find(q.handle);
	/* a proof stays, and serves its own tunnel */
	if (y != NULL && y->proved && tun == y->tunnel && err != KERR_OK &&
	    err != KERR_LIMIT && !(y->v1 && type == M_K_RSTART))
		errx(1, "a proved handle is refused: %d", err);
	if (err != KERR_OK)
		return;
	if (y == NULL || !y->proved || tun != y->tunnel ||
	    (y->v1 && type == M_K_RSTART))
		errx(1, "an exchange begins without a proof");
	n->v1 = y->v1;
	n->kind = type == M_K_CSTART ? CHILD : REKEY;
	n->parent = q.handle;
	n->tunnel = y->tunnel;
	n->dh = q.dh;
}

static void
child(void)
{
	struct m_k_child	 q;
	struct m_k_child_r	 a;
	struct model		*x = pick(), *c = pick(), *y;
	uint32_t		 tun;

	memset(&q, 0, sizeof(q));
	q.handle = handle(x);
	if (rnd(2)) {
		q.chandle = handle(c);
		q.dh = c->dh;
		if (rnd(4) != 0)
			q.handle = c->parent;
		if ((y = find(q.handle)) != NULL)
			x = y;
	} else
		q.dh = rnd(2) ? 0 : A_X25519;
	q.encr = A_GCM;
	q.nonce = rd_of(peer_nonce, rnd(16) == 0 ? 15 : 32);
	q.ke = rd_of(peer_ke, q.dh != 0 ? 32 : 0);
	tun = tunnel(x);
	ask(M_K_CHILD, tun, &q, M_K_CHILD_R, &a);
	y = find(q.handle);
	pair(y != NULL && y->proved && a.err == KERR_OK);
	if (a.err != KERR_OK && a.err != KERR_MESSAGE)
		return;
	if (y == NULL || !y->proved || tun != y->tunnel || y->v1)
		errx(1, "CHILD without a proof");
	count[2] += a.err == KERR_OK;
	if (q.chandle == 0)
		return;
	if ((c = find(q.chandle)) == NULL || c->kind != CHILD)
		errx(1, "CHILD of an exchange that is none");
	forget(c);
}

static void
rekey(void)
{
	struct m_k_rekey	 q;
	struct m_k_started_r	 a;
	struct model		*x = pick(), *c = pick(), *y, *n;
	uint32_t		 tun;

	memset(&q, 0, sizeof(q));
	q.handle = handle(x);
	if (rnd(2)) {
		q.newhandle = handle(c);
		if (rnd(4) != 0)
			q.handle = c->parent;
		if ((y = find(q.handle)) != NULL)
			x = y;
	}
	q.dh = A_X25519;
	q.prf = A_PRF;
	q.encr = A_GCM;
	memset(q.spi_i, 1, 8);
	memset(q.spi_r, 2, 8);
	q.nonce = rd_of(peer_nonce, 32);
	q.ke = rd_of(peer_ke, rnd(16) == 0 ? 31 : 32);
	tun = tunnel(x);
	ask(M_K_REKEY, tun, &q, M_K_REKEYED, &a);
	pair(0);
	y = find(q.handle);
	if (a.err != KERR_OK && a.err != KERR_KE)
		return;
	if (y == NULL || !y->proved || tun != y->tunnel || y->v1)
		errx(1, "REKEY without a proof");
	if (q.newhandle != 0) {
		if ((c = find(q.newhandle)) == NULL || c->kind != REKEY)
			errx(1, "REKEY of an exchange that is none");
		forget(c);
	}
	if (a.err != KERR_OK)
		return;
	count[3]++;
	if ((n = room()) == NULL) {
		drop(a.handle);
		return;
	}
	n->kind = RESP;			/* proved, of no further exchange */
	n->id = a.handle;
	n->tunnel = y->tunnel;
	n->keyed = n->proved = 1;
}

/* --- the same of IKEv1 --- */

static void
start1_r(void)
{
	struct m_k1_start_r	 q;
	struct m_k1_started_r	 a;
	struct model		*x;

	if ((x = room()) == NULL)
		return;
	x->tunnel = rnd(12) == 0 ? rnd(10) : 9;
	memset(&q, 0, sizeof(q));
	memset(q.cky_i, 1 + (int)rnd(100), 8);
	memset(q.cky_r, 101 + (int)rnd(100), 8);
	q.dh = A_X25519;
	q.prf = A_PRF;
	q.encr = A_CBC;
	q.nonce = rd_of(peer_nonce, 32);
	q.ke = rd_of(peer_ke, rnd(20) == 0 ? 31 : 32);
	q.sai = rd_of(sai, sizeof(sai));
	ask(M_K1_START_R, x->tunnel, &q, M_K1_STARTED_R, &a);
	pair(0);
	if (a.err != KERR_OK)
		return;
	if (x->tunnel != 9)
		errx(1, "START_R of IKEv1 for a tunnel of IKEv2");
	x->kind = RESP;
	x->v1 = x->keyed = 1;
	x->id = a.handle;
	memcpy(x->spi_i, q.cky_i, 8);
	memcpy(x->spi_r, q.cky_r, 8);
	memcpy(x->ours, a.nonce.p, 32);
	memcpy(x->ke, a.ke.p, 32);
	if (keys1_skeyid(alg_num(A_PRF), rd_of(secret[2], strlen(secret[2])),
	    q.nonce, a.nonce, x->skp))
		errx(1, "SKEYID");
}

static void
keyed1(void)
{
	struct m_k1_keyed	 q;
	struct m_k1_keyed_r	 a;
	struct model		*x = pick(), *y;
	uint32_t		 tun = tunnel(x);

	memset(&q, 0, sizeof(q));
	q.handle = handle(x);
	q.prf = A_PRF;
	q.encr = A_CBC;
	memset(q.cky_i, 1, 8);
	memset(q.cky_r, rnd(20) == 0 ? 1 : 2, 8);
	q.nonce = rd_of(peer_nonce, 32);
	q.ke = rd_of(peer_ke, 32);
	q.sai = rd_of(sai, sizeof(sai));
	ask(M_K1_KEYED, tun, &q, M_K1_KEYED_R, &a);
	pair(0);
	y = find(q.handle);
	if (a.err == KERR_OK) {
		if (y == NULL || y->kind != INIT || y->proved || !y->v1 ||
		    tun != y->tunnel)
			errx(1, "KEYED of IKEv1 of a handle that is none");
		memcpy(y->spi_i, q.cky_i, 8);
		memcpy(y->spi_r, q.cky_r, 8);
		if (keys1_skeyid(alg_num(A_PRF), rd_of(secret[2],
		    strlen(secret[2])), rd_of(y->ours, 32), q.nonce, y->skp))
			errx(1, "SKEYID");
		y->keyed = 1;
	} else if (y != NULL && y->v1 && y->kind == INIT && !y->proved &&
	    a.err != KERR_NOTUNNEL && a.err != KERR_STATE)
		y->keyed = 0;
}

/* The HASH that the true peer would send. */
static void
true_hash(const struct model *x, const uint8_t *id, size_t idlen, uint8_t *out)
{
	struct keys1_hash	 h;

	h.prf = alg_num(A_PRF);
	h.skeyid = x->skp;
	h.gx = rd_of(peer_ke, 32);
	h.gx_peer = rd_of(x->ke, 32);
	h.cky = x->kind == INIT ? x->spi_r : x->spi_i;
	h.cky_peer = x->kind == INIT ? x->spi_i : x->spi_r;
	h.sai = rd_of(sai, sizeof(sai));
	h.id = rd_of(id, idlen);
	if (keys1_hash(&h, out))
		errx(1, "true_hash");
}

static void
auth1(void)
{
	struct m_k1_auth	 q;
	struct m_k1_auth_r	 a;
	struct model		*x = pick(), *y;
	uint8_t			 id[16], mac[ALG_KEYMAX];
	uint32_t		 tun;
	int			 genuine = 1;

	if (x->kind != INIT && x->kind != RESP)
		return;
	memset(&q, 0, sizeof(q));
	memset(mac, 0, sizeof(mac));
	memcpy(id, "\2\0\0\0", 4);
	memcpy(id + 4, peer_id[x->tunnel - 7], 9);
	true_hash(x, id, 13, mac);
	q.handle = handle(x);
	q.id = rd_of(id, 13);
	q.hash = rd_of(mac, 32);
	tun = tunnel(x);
	switch (rnd(10)) {
	case 0: mac[rnd(32)] ^= (uint8_t)(1 << rnd(8)); genuine = 0; break;
	case 1: id[4 + rnd(9)] ^= 1; genuine = 0; break;
	case 2: q.hash = rd_of(mac, rnd(32)); genuine = 0; break;
	case 3: id[0] = 3; genuine = 0; break;
	case 4: id[1] = 17; genuine = 0; break;
	}
	y = find(q.handle);
	genuine = genuine && y == x && tun == x->tunnel && x->keyed &&
	    !x->proved && x->v1;
	ask(M_K1_AUTH, tun, &q, M_K1_AUTH_R, &a);
	if ((a.err == KERR_OK) != genuine)
		errx(1, "AUTH of IKEv1: error %u, genuine %d", a.err, genuine);
	pair(0);
	count[6] += genuine != 0;
	if (genuine)
		x->proved = 1;
	else if (y != NULL && a.err != KERR_STATE) {
		if (y->kind == RESP)
			forget(y);
		else
			y->keyed = 0;
	}
}

static void
child1(void)
{
	struct m_k1_child	 q;
	struct m_k_child_r	 a;
	struct model		*x = pick(), *c = pick(), *y;
	uint32_t		 tun;

	memset(&q, 0, sizeof(q));
	q.handle = handle(x);
	if (rnd(2)) {
		q.chandle = handle(c);
		q.dh = c->dh;
		if (rnd(4) != 0)
			q.handle = c->parent;
		if ((y = find(q.handle)) != NULL)
			x = y;
	} else
		q.dh = rnd(2) ? 0 : A_X25519;
	q.encr = A_CBC;
	q.integ = A_ISHA1;
	q.proto = 3;
	q.spi_in = 1 + rnd(10);
	q.spi_out = 1 + rnd(10);
	q.nonce = rd_of(peer_nonce, rnd(16) == 0 ? 7 : 32);
	q.ke = rd_of(peer_ke, q.dh != 0 ? 32 : 0);
	tun = tunnel(x);
	ask(M_K1_CHILD, tun, &q, M_K_CHILD_R, &a);
	y = find(q.handle);
	pair(y != NULL && y->proved && y->v1 && tun == y->tunnel &&
	    q.spi_in != q.spi_out && a.err == KERR_OK);
	if (a.err != KERR_OK && (a.err != KERR_MESSAGE ||
	    q.spi_in == q.spi_out))
		return;
	if (y == NULL || !y->proved || tun != y->tunnel || !y->v1)
		errx(1, "CHILD of IKEv1 without a proof");
	count[7] += a.err == KERR_OK;
	if (q.chandle == 0)
		return;
	if ((c = find(q.chandle)) == NULL || c->kind != CHILD || !c->v1)
		errx(1, "CHILD of an exchange that is none");
	forget(c);
}

static void
close_one(void)
{
	struct model	*x = pick();
	uint32_t	 id = handle(x);

	drop(id);
	if ((x = find(id)) != NULL)
		forget(x);
}

/* A minute passes: what is not proved is gone.  Or s2sd-ike dies. */
static void
event(void)
{
	struct m_died	 d = { PROC_IKE, 2 };
	size_t		 i;

	if (rnd(4) == 0) {
		if (rig_send(&r, PROC_PARENT, M_DIED, 0, &d))
			errx(1, "DIED");
		memset(m, 0, sizeof(m));
		count[5]++;
		return;
	}
	(void)rig_tick(&r, r.now + 60000);
	for (i = 0; i < MODELS; i++)
		if (m[i].kind != NONE && !m[i].proved)
			m[i].kind = NONE;
	count[4]++;
}

static void
step(void)
{
	switch (rnd(WITH_IKEV1 ? 36 : 24)) {
	case 0: case 1: case 2: start(); break;
	case 3: case 4: case 5: start_r(); break;
	case 6: case 7: case 8: case 9: keyed(); break;
	case 10: case 11: case 12: case 13: auth(); break;
	case 14: begin(M_K_CSTART); break;
	case 15: begin(M_K_RSTART); break;
	case 16: case 17: case 18: child(); break;
	case 19: case 20: rekey(); break;
	case 21: case 22: close_one(); break;
	case 23: if (rnd(16) == 0) event(); break;
	case 24: case 25: case 26: start1_r(); break;
	case 27: case 28: case 29: keyed1(); break;
	case 30: case 31: case 32: auth1(); break;
	case 33: case 34: case 35: child1(); break;
	}
}

int
main(int argc, char **argv)
{
	struct tunnel	 t[3];
	unsigned long	 i, steps = 100000;
	uint32_t	 first = 20261124;

	if (argc > 1)
		steps = strtoul(argv[1], NULL, 0);
	if (argc > 2)
		first = (uint32_t)strtoul(argv[2], NULL, 0);
	seed = first != 0 ? first : 1;
	rig_new(&r, seed);
	rig_tunnel(&t[0], 7, "to-b", "a.example", peer_id[0]);
	rig_tunnel(&t[1], 8, "to-c", "a.example", peer_id[1]);
	rig_tunnel1(&t[2], 9, "to-d", "a.example", peer_id[2]);
	t[2].ike[0].dh[0] = t[2].child[0].dh[0] = A_X25519;
	if (rig_conf(&r, 1, t, secret, WITH_IKEV1 ? 3 : 2))
		errx(1, "configuration refused");
	memset(peer_priv, 0x42, sizeof(peer_priv));
	if (crypt_dh_public(alg_num(A_X25519), peer_priv, peer_ke))
		errx(1, "peer");
	printf("seed %u\n", first);
	for (i = 0; i < steps; i++)
		step();
	printf("%lu steps: %lu proved, %lu pairs, %lu children, %lu rekeys, "
	    "%lu minutes, %lu deaths of ike; IKEv1: %lu proved, %lu "
	    "children\n", steps, count[1], count[0], count[2], count[3],
	    count[4], count[5], count[6], count[7]);
	/* a walk that gets nowhere shows nothing */
	if (steps >= 100000 && (count[1] < 100 || count[2] < 100 ||
	    count[3] < 100 || (WITH_IKEV1 && (count[6] < 100 ||
	    count[7] < 100))))
		errx(1, "the walk did not get far enough");
	rig_free(&r);
	return (0);
}
