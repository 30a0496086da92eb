/* SPDX-License-Identifier: ISC */

/* ike1_fz.c: an IKEv1 peer for fuzz targets; see ike1_fz.h. */

#include <stdlib.h>

#include "ike1_fz.h"

struct sa *
fz1_sa(struct fz *f, int init)
{
	struct sa	*sa, *best = NULL;
	uint32_t	 i;

	for (i = 0; i < f->ike->nslot; i++)
		if ((sa = f->ike->slot[i]) != NULL && sa->init == init &&
		    sa->v1 != NULL && (best == NULL ||
		    (best->state != S_UP && sa->state == S_UP)))
			best = sa;
	return (best);
}

struct qm *
fz1_quick(struct sa *sa)
{
	struct qm	*q;

	for (q = sa->v1->qms; q != NULL; q = q->next)
		if (q->st == ST1_Q1 || q->st == ST1_Q2)
			return (q);
	return (NULL);
}

void
fz1_inner(struct fz *f, struct sa *sa, uint8_t exch, uint32_t mid, int raw,
    uint8_t first, const void *p, size_t n)
{
	struct pld1_out	 o;
	struct ike_hdr	 h;
	struct qm	*q = ike1_qm_find(sa, mid);
	uint8_t		 b[5600], iv[IV1_MAX], was;

	if (sa->v1->a.len == 0 || n > 5000)
		return;
	memset(&h, 0, sizeof(h));
	h.spi_i = sa->spi_i;
	h.spi_r = sa->spi_r;
	h.exch = exch;
	h.mid = mid;
	pld1_start(&o, b, sizeof(b), &h);
	if (!raw)
		ike1_hash_begin(sa, &o);
	b[o.np] = first;
	wr_put(&o.w, p, n);
	if (raw)
		;
	else if (q != NULL && q->st == ST1_Q2)
		(void)ike1_hash3(sa, q, b + HDR_LEN + GEN_LEN);
	else
		(void)ike1_hash_end(sa, &o, mid, q != NULL && q->init ?
		    BUF_RD(&q->ni) : rd_of(NULL, 0));
	if (exch == X1_MAIN)
		memcpy(iv, sa->v1->iv, sizeof(iv));
	else if (q != NULL)
		memcpy(iv, q->iv, sizeof(iv));
	else if (ike1_iv_phase2(sa, mid, iv))
		return;
	if (ike1_seal(sa, &o, iv))
		return;
	was = sa->float_;
	fz_datagram(f, &f->old, was ? NETF_4500 : 0, o.w.p, o.w.n);
	fz_answers(f);
}

/* ---- to a state ---- */

static void
clear(struct fz *f, struct pld1_out *o)
{
	if (pld1_done(o))
		abort();
	fz_datagram(f, &f->old, 0, o->w.p, o->w.n);
	fz_answers(f);
}

static void
begin(struct pld1_out *o, uint8_t *b, size_t max, const struct sa *sa)
{
	struct ike_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.exch = X1_MAIN;
	h.spi_i = sa != NULL ? sa->spi_i : 0x1122334455667788;
	h.spi_r = sa == NULL ? 0 : sa->spi_r != 0 ? sa->spi_r :
	    0x99aabbccddeeff00;
	pld1_start(o, b, max, &h);
}

void
fz1_tunnel(const struct fz *f, struct tunnel *t)
{
	const struct tunnel	*from = f->conf.now->t[2];

	memset(t, 0, sizeof(*t));
	memcpy(t, from, tunnel_size(from));
}

/* SA with everything (message 1) or one of it (message 2), NAT-T, DPD */
static void
mm12(struct fz *f, const struct sa *sa)
{
	struct tunnel	 t;
	struct pld1_out	 o;
	struct ike1	 v;
	uint8_t		 b[3000];

	fz1_tunnel(f, &t);
	memset(&v, 0, sizeof(v));
	v.natt = NATT1_RFC;
	if (sa != NULL)
		t.ike[0].nencr = t.ike[0].nprf = t.ike[0].ndh = 1;
	begin(&o, b, sizeof(b), sa);
	if (pld1_offer1(&o, t.ike, 1, 28800) == 0)
		abort();
	ike1_vids_put(&o, &v, 0);
	clear(f, &o);
}

static void
mm34(struct fz *f, const struct sa *sa)
{
	static const uint8_t	 ke[ALG_DHMAX] = { 1 };
	struct pld1_out		 o;
	uint8_t			 b[3000];

	begin(&o, b, sizeof(b), sa);
	ike1_ke_put(&o, rd_of(ke, sa->a.dh->keylen),
	    rd_of("0123456789abcdef", 16));
	clear(f, &o);
}

static void
mm56(struct fz *f, struct sa *sa)
{
	struct pld1_out	 o;
	uint8_t		 b[500], hash[HASH1_MAX] = { 2 };

	begin(&o, b, sizeof(b), sa);
	pld1_raw_put(&o, PLD1_ID, rd_of("\2\0\0\0c", 5));
	pld1_raw_put(&o, PLD1_HASH, rd_of(hash, sa->a.prf->outlen));
	fz1_inner(f, sa, X1_MAIN, 0, 1, 5, b + HDR_LEN, o.w.n - HDR_LEN);
}

/* Is it still there?  s2sd-keys may have said no. */
static struct sa *
still(struct fz *f, uint64_t mine)
{
	struct node	*n = ike_map_get(&f->ike->by_spi, mine);

	return (n != NULL ? n->obj : NULL);
}

struct sa *
fz1_reach(struct fz *f, enum fz1 to)
{
	struct ipc_hdr	 h;
	struct sa	*sa;
	uint64_t	 mine;
	int		 init = to == FZ1_MM1 || to == FZ1_MM3 ||
	    to == FZ1_MM5 || to == FZ1_UP_I;

	memset(&h, 0, sizeof(h));
	if (to == FZ1_NONE)
		return (NULL);
	if (init) {
		h.type = M_C_UP;
		h.tunnel = 3;
		fz_frame(f, PROC_CTL, &h, "", 0);
		if ((sa = fz1_sa(f, 1)) == NULL || to == FZ1_MM1)
			return (sa);
		mine = sa->mine;
		mm12(f, sa);
	} else {
		mm12(f, NULL);
		for (sa = NULL, mine = 0; mine < f->ike->nslot; mine++)
			if (f->ike->slot[mine] != NULL &&
			    f->ike->slot[mine]->state == S_INIT_R)
				sa = f->ike->slot[mine];
		if (sa == NULL)
			return (NULL);
		mine = sa->mine;
	}
	if ((sa = still(f, mine)) == NULL || to == FZ1_MM2 ||
	    to == FZ1_MM3 || sa->a.dh == NULL)
		return (sa);
	mm34(f, sa);
	if ((sa = still(f, mine)) == NULL || to == FZ1_MM4 || to == FZ1_MM5)
		return (sa);
	mm56(f, sa);
	return (still(f, mine));
}
