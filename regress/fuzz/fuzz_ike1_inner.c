/* SPDX-License-Identifier: ISC */

/*
 * fuzz_ike1_inner.c: payloads of an IKEv1 peer that knows the keys, in every
 * state.  First octet: how far it is (enum fz1).  Records: op, first payload
 * type, length (16 bits), payloads.  op: 3 exchange (0 main mode, 1 quick
 * mode, 2 informational, 3 the quick mode that is open), 4 no HASH is put in
 * front, 8 we begin something first, 16 time passes, 32 s2sd-keys says no.
 */

#include "ike1_fz.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
begin(struct fz *f, struct sa *sa, uint8_t what)
{
	struct child	*c;

	if (sa->state != S_UP)
		return;
	if (what & 1)
		sa->want |= WANT_IKE;
	for (c = sa->children; c != NULL; c = c->next)
		c->want_rekey = c->state == C_UP;
	if (what & 2)
		sa->want |= WANT_NEW;
	if (what & 4)
		sa->want |= WANT_LIVE;
	f->ike->now = f->now;
	sa->proto->next(f->ike, sa);
	fz_answers(f);
}

static struct sa *
any(struct fz *f)
{
	struct sa	*sa = fz1_sa(f, 0);

	return (sa != NULL ? sa : fz1_sa(f, 1));
}

static void
one(struct fz *f, uint8_t op, uint8_t first, struct rd d, uint32_t mid)
{
	static const uint8_t	 exch[] = { X1_MAIN, X1_QUICK, X1_INFO,
	    X1_QUICK };
	struct sa		*sa;
	struct qm		*q;

	f->no = op & 32 ? KERR_KE : KERR_OK;
	if (op & 16)
		fz_later(f, 700);
	if ((sa = any(f)) == NULL)
		return;
	if (op & 8) {
		begin(f, sa, first);
		if ((sa = any(f)) == NULL)
			return;
	}
	if ((op & 3) == 0)
		mid = 0;
	else if ((op & 3) == 3 && (q = fz1_quick(sa)) != NULL)
		mid = q->mid;
	fz1_inner(f, sa, exch[op & 3], mid, (op & 4) != 0, first, d.p, d.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct fz f;
	struct rd	 r = rd_of(p, n), d;
	uint8_t		 op, first, mode;
	uint32_t	 i;

	if (rd_u8(&r, &mode))
		return (0);
	fz_init(&f);
	(void)fz1_reach(&f, (enum fz1)(mode % FZ1_MAX));
	for (i = 0; i < 16 && rd_u8(&r, &op) == 0 &&
	    rd_u8(&r, &first) == 0 && rd_sub16(&r, &d) == 0; i++)
		one(&f, op, first, d, 1000 + i);
	fz_later(&f, 120000);
	fz_free(&f);
	return (0);
}
