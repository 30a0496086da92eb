/* SPDX-License-Identifier: ISC */

/* keys_hs.c: a handshake of two s2sd-keys; see keys_hs.h. */

#include <err.h>

#include "keys_hs.h"

void
oct_set(struct oct *o, struct rd r)
{
	if (r.n > sizeof(o->d))
		errx(1, "oct: too long");
	o->n = r.n;
	if (r.n > 0)
		memcpy(o->d, r.p, r.n);
}

struct rd
oct_rd(const struct oct *o)
{
	return (rd_of(o->d, o->n));
}

int
oct_eq(const struct oct *a, const struct oct *b)
{
	return (a->n == b->n && memcmp(a->d, b->d, a->n) == 0);
}

void
hs_new(struct hs *h, struct rig *i, struct rig *r)
{
	memset(h, 0, sizeof(*h));
	h->i = i;
	h->r = r;
	h->ti = 7;
	h->tr = 9;
	h->dh = A_X25519;
	h->prf = A_PRF;
	h->encr = h->cencr = A_GCM;
	memset(h->spi_i, 0x11, sizeof(h->spi_i));
	memset(h->spi_r, 0x22, sizeof(h->spi_r));
}

void
hs_messages(struct hs *h)
{
	struct rig_init	 m;

	memset(&m, 0, sizeof(m));
	memcpy(m.spi_i, h->spi_i, 8);
	m.group = alg_num(h->dh)->id;
	m.ke = oct_rd(&h->kei);
	m.nonce = oct_rd(&h->ni);
	h->init_i.n = rig_init_make(&m, h->init_i.d, sizeof(h->init_i.d));
	memcpy(m.spi_r, h->spi_r, 8);
	m.response = 1;
	m.ke = oct_rd(&h->ker);
	m.nonce = oct_rd(&h->nr);
	h->init_r.n = rig_init_make(&m, h->init_r.d, sizeof(h->init_r.d));
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
hs_start(struct hs *h)
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
hs_start_r(struct hs *h)
{
	struct m_k_start_r	 q;

	memset(&q, 0, sizeof(q));
	q.dh = h->dh;
	q.prf = h->prf;
	q.encr = h->encr;
	q.integ = h->integ;
	memcpy(q.spi_i, h->spi_i, 8);
	memcpy(q.spi_r, h->spi_r, 8);
	q.ni = oct_rd(&h->ni);
	q.kei = oct_rd(&h->kei);
	ask(h->r, M_K_START_R, 0, &q, M_K_STARTED_R, &h->kr);
	h->hr = h->kr.handle;
	oct_set(&h->nr, h->kr.nonce);
	oct_set(&h->ker, h->kr.ke);
	return (h->kr.err);
}

int
hs_keyed(struct hs *h)
{
	struct m_k_keyed	 q;

	memset(&q, 0, sizeof(q));
	q.handle = h->hi;
	q.prf = h->prf;
	q.encr = h->encr;
	q.integ = h->integ;
	memcpy(q.spi_i, h->spi_i, 8);
	memcpy(q.spi_r, h->spi_r, 8);
	q.init_i = oct_rd(&h->init_i);
	q.init_r = oct_rd(&h->init_r);
	ask(h->i, M_K_KEYED, h->ti, &q, M_K_KEYED_R, &h->ki);
	oct_set(&h->idi, h->ki.id);
	oct_set(&h->authi, h->ki.auth);
	return (h->ki.err);
}

int
hs_pair(struct rig *r, uint32_t tunnel, struct m_s_pair *p)
{
	size_t	 i;

	if (!rig_answer(r, M_S_PAIR, p))
		return (0);
	for (i = 0; i < r->nout; i++)
		if (r->out[i].h.type == M_S_PAIR &&
		    (r->out[i].to != PROC_SAD || r->out[i].h.req != r->req ||
		    r->out[i].h.tunnel != tunnel))
			errx(1, "PAIR: wrong header");
	if (p->sa.n != 4 || memcmp(p->sa.p, "sa!!", 4) != 0)
		errx(1, "PAIR: sa is not what ike gave");
	memset(&p->sa, 0, sizeof(p->sa));
	return (1);
}

static int
auth(struct hs *h, struct rig *r, uint32_t tunnel, uint32_t handle,
    const struct oct *id, const struct oct *mac, struct m_s_pair *p,
    struct m_k_auth_r *a)
{
	struct m_k_auth	 q;

	memset(&q, 0, sizeof(q));
	memset(p, 0, sizeof(*p));
	q.handle = handle;
	q.init_i = oct_rd(&h->init_i);
	q.init_r = oct_rd(&h->init_r);
	q.id = oct_rd(id);
	q.method = 2;
	q.auth = oct_rd(mac);
	q.encr = h->cencr;
	q.integ = h->cinteg;
	q.sa = rd_of("sa!!", 4);
	ask(r, M_K_AUTH, tunnel, &q, M_K_AUTH_R, a);
	if (hs_pair(r, tunnel, p) != (a->err == KERR_OK && h->cencr != 0))
		errx(1, "AUTH: error %u and a pair do not agree", a->err);
	return (a->err);
}

int
hs_auth_r(struct hs *h)
{
	struct m_k_auth_r	 a;

	(void)auth(h, h->r, h->tr, h->hr, &h->idi, &h->authi, &h->pr, &a);
	oct_set(&h->idr, a.id);
	oct_set(&h->authr, a.auth);
	return (a.err);
}

int
hs_auth_i(struct hs *h)
{
	struct m_k_auth_r	 a;

	(void)auth(h, h->i, h->ti, h->hi, &h->idr, &h->authr, &h->pi, &a);
	if (a.id.n != 0 || a.auth.n != 0)
		errx(1, "AUTH: an initiator needs no second AUTH");
	return (a.err);
}

void
hs_to_keyed(struct hs *h)
{
	int	 err;

	if ((err = hs_start(h)) != KERR_OK)
		errx(1, "START: %d", err);
	if ((err = hs_start_r(h)) != KERR_OK)
		errx(1, "START_R: %d", err);
	hs_messages(h);
	if ((err = hs_keyed(h)) != KERR_OK)
		errx(1, "KEYED: %d", err);
}

void
hs_whole(struct hs *h)
{
	int	 err;

	hs_to_keyed(h);
	if ((err = hs_auth_r(h)) != KERR_OK)
		errx(1, "AUTH at the responder: %d", err);
	if ((err = hs_auth_i(h)) != KERR_OK)
		errx(1, "AUTH at the initiator: %d", err);
}

static int
key_eq(const struct keyoct *a, const struct keyoct *b)
{
	return (a->len == b->len && memcmp(a->d, b->d, a->len) == 0);
}

int
hs_pairs_match(const struct m_s_pair *a, const struct m_s_pair *b)
{
	return (a->encr == b->encr && a->integ == b->integ &&
	    a->ein.len > 0 && key_eq(&a->ein, &b->eout) &&
	    key_eq(&a->ain, &b->aout) && key_eq(&a->eout, &b->ein) &&
	    key_eq(&a->aout, &b->ain) && !key_eq(&a->ein, &a->eout));
}

void
hs_two(struct rig *a, struct rig *b, const char *secret_a,
    const char *secret_b)
{
	struct tunnel	 ta, tb;

	rig_new(a, 4711);
	rig_new(b, 815);
	rig_tunnel(&ta, 7, "to-b", "a.example", "b.example");
	rig_tunnel(&tb, 9, "to-a", "b.example", "a.example");
	if (rig_conf(a, 1, &ta, &secret_a, 1) ||
	    rig_conf(b, 1, &tb, &secret_b, 1))
		errx(1, "configuration refused");
}
