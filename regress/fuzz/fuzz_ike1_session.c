/* SPDX-License-Identifier: ISC */

/*
 * fuzz_ike1_session.c: the life of an IKEv1 tunnel as a string of events,
 * one octet each: orders by hand, good messages of the peer, time, a death
 * of a neighbour, a word of s2sd-sad.  Whatever the order, the engine ends
 * clean and each pair of networks has at most one child that is up and not
 * being replaced.
 */

#include <stdlib.h>

#include "ike1_fz.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* HASH, SA, Ni, IDci, IDcr for one of the three pairs; mirrored. */
static void
quick1(struct fz *f, struct sa *sa, uint8_t which, uint32_t mid)
{
	struct tunnel	 t;
	struct pld1_out	 o;
	struct ike_hdr	 h;
	struct pld1_qm	 q;
	uint8_t		 b[3000];

	fz1_tunnel(f, &t);
	memset(&h, 0, sizeof(h));
	if (sa->state != S_UP)
		return;
	ike1_qm_terms(sa, &q);
	q.spi = 0x10000 + mid;
	pld1_start(&o, b, sizeof(b), &h);
	(void)pld1_offer2(&o, t.child, 1, &q);
	pld1_raw_put(&o, PLD1_NONCE, rd_of("0123456789abcdef", 16));
	if (pld1_sel_put(&o, &t.pair[which % 3].remote) ||
	    pld1_sel_put(&o, &t.pair[which % 3].local) || wr_end(&o.w))
		abort();
	fz1_inner(f, sa, X1_QUICK, mid, 0, 1, b + HDR_LEN, o.w.n - HDR_LEN);
}

/* The next message of the quick mode that is open. */
static void
quick23(struct fz *f, struct sa *sa)
{
	struct qm	*q = fz1_quick(sa);
	struct child	*c;
	struct pld1_out	 o;
	struct ike_hdr	 h;
	struct pld1_qm	 terms;
	struct tunnel	 t;
	static uint8_t	 ke[ALG_DHMAX];
	uint8_t		 b[3000];

	fz1_tunnel(f, &t);
	if (q == NULL)
		return;
	if (q->st == ST1_Q2) {
		fz1_inner(f, sa, X1_QUICK, q->mid, 0, 0, "", 0);
		return;
	}
	if ((c = ike_child_find(f->ike, q->child)) == NULL)
		return;
	memset(&h, 0, sizeof(h));
	ike1_qm_terms(sa, &terms);
	terms.spi = 0x20000 + q->mid % 65536;
	terms.dh = q->dh;
	t.child[0].nencr = t.child[0].ninteg = 1;
	pld1_start(&o, b, sizeof(b), &h);
	(void)pld1_offer2(&o, t.child, 1, &terms);
	pld1_raw_put(&o, PLD1_NONCE, rd_of("fedcba9876543210", 16));
	if (q->dh != NULL)
		pld1_raw_put(&o, PLD1_KE, rd_of(ke, q->dh->keylen));
	if (pld1_sel_put(&o, &c->pair[0].local) ||
	    pld1_sel_put(&o, &c->pair[0].remote) || wr_end(&o.w))
		abort();
	fz1_inner(f, sa, X1_QUICK, q->mid, 0, 1, b + HDR_LEN,
	    o.w.n - HDR_LEN);
}

static void
notify(struct fz *f, struct sa *sa, uint16_t type, uint32_t mid, int del)
{
	struct pld1_out	 o;
	struct ike_hdr	 h;
	struct wr	 w;
	uint8_t		 b[200], spi[COOKIES1], d[4];

	memset(&h, 0, sizeof(h));
	ike1_cookies(sa, spi);
	w = wr_of(d, sizeof(d));
	wr_u32(&w, del == 2 && sa->children != NULL ?
	    sa->children->spi_out : mid);
	pld1_start(&o, b, sizeof(b), &h);
	if (del == 1)
		pld1_delete_put(&o, PROTO1_ISAKMP, rd_of(spi, sizeof(spi)));
	else if (del == 2)
		pld1_delete_put(&o, PROTO1_ESP, rd_of(d, sizeof(d)));
	else
		pld1_notify_put(&o, PROTO1_ISAKMP, rd_of(spi, sizeof(spi)),
		    type, rd_of(d, sizeof(d)));
	fz1_inner(f, sa, X1_INFO, mid, 0, del ? 12 : 11, b + HDR_LEN,
	    o.w.n - HDR_LEN);
}

static void
order(struct fz *f, uint32_t type, uint8_t what)
{
	struct ipc_hdr	 h;

	memset(&h, 0, sizeof(h));
	h.type = type;
	h.tunnel = 3;
	fz_frame(f, PROC_CTL, &h, &what, type == M_C_REKEY ? 1 : 0);
}

static void
event(struct fz *f, uint8_t ev, uint32_t mid)
{
	struct ipc_hdr	 h;
	struct sa	*sa = fz1_sa(f, ev >> 7);

	memset(&h, 0, sizeof(h));
	f->no = ev & 64 ? KERR_NOHANDLE : KERR_OK;
	switch (ev & 15) {
	case 0:
		fz_later(f, (uint64_t)50 << (ev >> 4 & 3) * 4);
		return;
	case 1:
		order(f, M_C_UP, 0);
		return;
	case 2:
		order(f, M_C_DOWN, 0);
		return;
	case 3:
		order(f, M_C_REKEY, ev >> 4 & 1);
		return;
	case 4:
		role_ike.died(f->ike, ev & 16 ? PROC_KEYS : PROC_SAD, f->now);
		fz_answers(f);
		return;
	case 5:
		h.type = M_S_LOST;
		fz_frame(f, PROC_SAD, &h, "", 0);
		return;
	case 6:
		(void)fz1_reach(f, ev & 16 ? FZ1_UP_R : FZ1_MM4);
		return;
	case 7:
		if (sa == NULL)
			(void)fz1_reach(f, FZ1_UP_I);
		return;
	}
	if (sa == NULL || sa->v1->st != ST1_UP)
		return;
	switch (ev & 15) {
	case 8:
	case 9:
		quick1(f, sa, ev >> 4, mid);
		break;
	case 10:
	case 11:
		quick23(f, sa);
		break;
	case 12:
		notify(f, sa, 0, mid, 1 + (ev >> 4 & 1));
		break;
	case 13:
		notify(f, sa, N1_R_U_THERE + (ev >> 4 & 1), mid, 0);
		break;
	case 14:
		notify(f, sa, N1_INITIAL_CONTACT, mid, 0);
		break;
	case 15:
		notify(f, sa, N1_NO_PROPOSAL, mid, 0);
		break;
	}
}

/* One child that is up for each pair, unless the peer forgot the other. */
static void
check(struct fz *f)
{
	struct tun	*t = ike_tun_find(f->ike, 3);
	const struct sa	*sa;
	const struct child *c;
	unsigned int	 n[3] = { 0, 0, 0 };
	size_t		 i;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (c = sa->children; c != NULL; c = c->next) {
			if (c->sa != sa || c->tun != t)
				abort();
			for (i = 0; i < 3; i++)
				n[i] += c->state == C_UP && !c->dying &&
				    sel_eq(&c->pair[0].local,
				    &t->t->pair[i].local);
		}
	for (i = 0; i < 3; i++)
		if (n[i] > 1)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct fz f;
	size_t		 i;

	fz_init(&f);
	for (i = 0; i < n && i < 200; i++) {
		event(&f, p[i], (uint32_t)(1000 + i));
		check(&f);
	}
	fz_later(&f, 120000);
	check(&f);
	fz_free(&f);
	return (0);
}
