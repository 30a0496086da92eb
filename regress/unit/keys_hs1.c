/* SPDX-License-Identifier: ISC */

/* keys_hs1.c: main mode and quick mode of two s2sd-keys; see keys_hs1.h. */

#include <err.h>

#include "keys_hs1.h"

void
hs1_new(struct hs1 *h, struct rig *i, struct rig *r)
{
	memset(h, 0, sizeof(*h));
	h->i = i;
	h->r = r;
	h->ti = 7;
	h->tr = 9;
	h->dh = A_P256;
	h->prf = A_SHA1;
	h->encr = A_CBC;
	memset(h->cky_i, 0x11, sizeof(h->cky_i));
	memset(h->cky_r, 0x22, sizeof(h->cky_r));
	oct_set(&h->sai, rd_of("the SA payload's body of the initiator", 38));
}

static void
ask(struct rig *r, uint32_t type, uint32_t tunnel, const void *body,
    uint32_t atype, void *answer)
{
	if (rig_send(r, PROC_IKE, type, tunnel, body) ||
	    !rig_answer(r, atype, answer))
		errx(1, "%s: no answer", msg_desc(type)->name);
	if (r->out[r->nout - 1].h.req != r->req)
		errx(1, "%s: answer to another request",
		    msg_desc(type)->name);
}

int
hs1_start(struct hs1 *h)
{
	struct m_k_start	 q;
	struct m_k_started	 a;

	q.dh = h->dh;
	ask(h->i, M_K_START, h->ti, &q, M_K_STARTED, &a);
	h->hi = a.handle;
	oct_set(&h->ni, a.nonce);
	oct_set(&h->kei, a.ke);
	return (a.err);
}

int
hs1_start_r(struct hs1 *h)
{
	struct m_k1_start_r	 q;

	memset(&q, 0, sizeof(q));
	q.dh = h->dh;
	q.prf = h->prf;
	q.encr = h->encr;
	memcpy(q.cky_i, h->cky_i, 8);
	memcpy(q.cky_r, h->cky_r, 8);
	q.nonce = oct_rd(&h->ni);
	q.ke = oct_rd(&h->kei);
	q.sai = oct_rd(&h->sai);
	ask(h->r, M_K1_START_R, h->tr, &q, M_K1_STARTED_R, &h->kr);
	h->hr = h->kr.handle;
	oct_set(&h->nr, h->kr.nonce);
	oct_set(&h->ker, h->kr.ke);
	return (h->kr.err);
}

int
hs1_keyed(struct hs1 *h)
{
	struct m_k1_keyed	 q;

	memset(&q, 0, sizeof(q));
	q.handle = h->hi;
	q.prf = h->prf;
	q.encr = h->encr;
	memcpy(q.cky_i, h->cky_i, 8);
	memcpy(q.cky_r, h->cky_r, 8);
	q.nonce = oct_rd(&h->nr);
	q.ke = oct_rd(&h->ker);
	q.sai = oct_rd(&h->sai);
	ask(h->i, M_K1_KEYED, h->ti, &q, M_K1_KEYED_R, &h->ki);
	oct_set(&h->idi, h->ki.id);
	oct_set(&h->hashi, h->ki.hash);
	return (h->ki.err);
}

static void
auth(struct rig *r, uint32_t tunnel, uint32_t handle, const struct oct *id,
    const struct oct *hash, struct m_k1_auth_r *a)
{
	struct m_k1_auth	 q;

	memset(&q, 0, sizeof(q));
	q.handle = handle;
	q.id = oct_rd(id);
	q.hash = oct_rd(hash);
	ask(r, M_K1_AUTH, tunnel, &q, M_K1_AUTH_R, a);
	if (rig_answer(r, M_S_PAIR, NULL))
		errx(1, "AUTH: a pair before any quick mode");
}

int
hs1_auth_r(struct hs1 *h)
{
	struct m_k1_auth_r	 a;

	auth(h->r, h->tr, h->hr, &h->idi, &h->hashi, &a);
	oct_set(&h->idr, a.id);
	oct_set(&h->hashr, a.hash);
	return (a.err);
}

int
hs1_auth_i(struct hs1 *h)
{
	struct m_k1_auth_r	 a;

	auth(h->i, h->ti, h->hi, &h->idr, &h->hashr, &a);
	if (a.id.n != 0 || a.hash.n != 0)
		errx(1, "AUTH: an initiator needs no second HASH");
	return (a.err);
}

void
hs1_to_keyed(struct hs1 *h)
{
	int	 err;

	if ((err = hs1_start(h)) != KERR_OK)
		errx(1, "START: %d", err);
	if ((err = hs1_start_r(h)) != KERR_OK)
		errx(1, "START_R: %d", err);
	if ((err = hs1_keyed(h)) != KERR_OK)
		errx(1, "KEYED: %d", err);
}

void
hs1_whole(struct hs1 *h)
{
	int	 err;

	hs1_to_keyed(h);
	if ((err = hs1_auth_r(h)) != KERR_OK)
		errx(1, "AUTH at the responder: %d", err);
	if ((err = hs1_auth_i(h)) != KERR_OK)
		errx(1, "AUTH at the initiator: %d", err);
}

/* --- quick mode --- */

void
qm1_new(struct qm1 *q, const struct hs1 *h)
{
	memset(q, 0, sizeof(*q));
	q->x = h->i;
	q->y = h->r;
	q->tx = h->ti;
	q->ty = h->tr;
	q->hx = h->hi;
	q->hy = h->hr;
	q->encr = A_CBC;
	q->integ = A_ISHA1;
	q->proto = 3;
	q->spi_x = 0x1001;
	q->spi_y = 0x2002;
}

int
qm1_cstart(struct qm1 *q)
{
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 a;

	cs.handle = q->hx;
	cs.dh = q->dh;
	ask(q->x, M_K_CSTART, q->tx, &cs, M_K_CSTARTED, &a);
	q->chandle = a.chandle;
	oct_set(&q->nx, a.nonce);
	oct_set(&q->kex, a.ke);
	return (a.err);
}

static int
child(const struct qm1 *q, struct rig *r, uint32_t tunnel, uint32_t handle,
    uint32_t chandle, struct m_k_child_r *a, struct m_s_pair *p)
{
	struct m_k1_child	 b;
	int			 at_x = r == q->x && handle == q->hx;

	memset(&b, 0, sizeof(b));
	memset(p, 0, sizeof(*p));
	b.handle = handle;
	b.chandle = chandle;
	b.dh = q->dh;
	b.encr = q->encr;
	b.integ = q->integ;
	b.proto = q->proto;
	b.spi_in = at_x ? q->spi_x : q->spi_y;
	b.spi_out = at_x ? q->spi_y : q->spi_x;
	b.nonce = oct_rd(at_x ? &q->ny : &q->nx);
	b.ke = oct_rd(at_x ? &q->key : &q->kex);
	b.sa = rd_of("sa!!", 4);
	ask(r, M_K1_CHILD, tunnel, &b, M_K_CHILD_R, a);
	if (hs_pair(r, tunnel, p) != (a->err == KERR_OK))
		errx(1, "CHILD: error %u and a pair do not agree", a->err);
	return (a->err);
}

int
qm1_child_y(struct qm1 *q)
{
	struct m_k_child_r	 a;

	(void)child(q, q->y, q->ty, q->hy, 0, &a, &q->py);
	oct_set(&q->ny, a.nonce);
	oct_set(&q->key, a.ke);
	return (a.err);
}

int
qm1_child_x(struct qm1 *q)
{
	struct m_k_child_r	 a;

	(void)child(q, q->x, q->tx, q->hx, q->chandle, &a, &q->px);
	if (a.nonce.n != 0)
		errx(1, "CHILD: an initiator needs no second nonce");
	return (a.err);
}

int
qm1_whole(struct qm1 *q)
{
	int	 err;

	if ((err = qm1_cstart(q)) != KERR_OK ||
	    (err = qm1_child_y(q)) != KERR_OK)
		return (err);
	return (qm1_child_x(q));
}

/* --- configuration --- */

void
rig_tunnel1(struct tunnel *t, uint32_t id, const char *name,
    const char *srcid, const char *dstid)
{
	static const uint16_t	 encr[] = { A_CBC, A_3DES };
	static const uint16_t	 prf[] = { A_SHA1, A_MD5, A_PRF };
	static const uint16_t	 dh[] = { A_P256, A_MODP1024, A_MODP2048 };
	struct prop		*p;

	rig_tunnel(t, id, name, srcid, dstid);
	t->flags |= TUN_IKEV1 | TUN_SEPARATE | TUN_WEAK;
	memset(t->ike, 0, sizeof(t->ike));
	memset(t->child, 0, sizeof(t->child));
	t->nike = 1;
	p = &t->ike[0];
	memcpy(p->encr, encr, sizeof(encr));
	p->nencr = nitems(encr);
	memcpy(p->prf, prf, sizeof(prf));
	p->nprf = nitems(prf);
	memcpy(p->dh, dh, sizeof(dh));
	p->ndh = nitems(dh);
	t->nchild = 2;
	p = &t->child[0];
	memcpy(p->encr, encr, sizeof(encr));
	p->nencr = nitems(encr);
	p->integ[0] = A_ISHA1;
	p->integ[1] = A_INTEG;
	p->ninteg = 2;
	memcpy(p->dh, dh, sizeof(dh));
	p->ndh = nitems(dh);
	p->dh[p->ndh++] = 0;
	p->nesn = 1;
	t->child[1] = *p;
	t->child[1].encr[0] = A_GCM;
	t->child[1].nencr = 1;
	t->child[1].ninteg = 0;
}

void
hs1_two(struct rig *a, struct rig *b, const char *secret_a,
    const char *secret_b)
{
	struct tunnel	 t[2];
	const char	*s[2] = { NULL, "that of the tunnel of IKEv2" };

	rig_new(a, 4711);
	rig_new(b, 815);
	rig_tunnel1(&t[0], 7, "to-b", "a.example", "b.example");
	rig_tunnel(&t[1], 17, "to-b2", "a2.example", "b2.example");
	s[0] = secret_a;
	if (rig_conf(a, 1, t, s, 2))
		errx(1, "configuration refused");
	rig_tunnel1(&t[0], 9, "to-a", "b.example", "a.example");
	rig_tunnel(&t[1], 19, "to-a2", "b2.example", "a2.example");
	s[0] = secret_b;
	if (rig_conf(b, 1, t, s, 2))
		errx(1, "configuration refused");
}
