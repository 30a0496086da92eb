/* SPDX-License-Identifier: ISC */

/*
 * fuzz_ike_inner.c: payloads behind SK, in every state, as an authenticated
 * but hostile peer (or an unauthenticated one in IKE_AUTH) can send them.
 * First octet: the state to begin in.  Records: op, first payload type,
 * length (16 bits), payloads.  op: 3 exchange, 4 a response, 8 we begin
 * something first, 16 time passes, 32 s2sd-keys says no, 64 the other role.
 */

#include <string.h>

#include "ike_fz.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
one(struct fz *f, int init, uint8_t op, uint8_t first, struct rd d)
{
	struct sa	*sa;
	struct child	*c;

	f->no = op & 32 ? KERR_KE : KERR_OK;
	if (op & 16)
		fz_later(f, 700);
	if ((sa = fz_sa(f, init ^ !!(op & 64))) == NULL)
		return;
	if (op & 8 && sa->state == S_UP) {
		if (first & 1)
			sa->want |= WANT_IKE;
		for (c = sa->children; c != NULL; c = c->next)
			c->want_rekey = c->state == C_UP;
		if (first & 2)
			sa->want |= WANT_NEW;
		if (first & 4)
			sa->want |= WANT_DELETE;
		f->ike->now = f->now;
		sa->proto->next(f->ike, sa);
		fz_answers(f);
		if ((sa = fz_sa(f, init ^ !!(op & 64))) == NULL)
			return;
	}
	fz_inner(f, sa, (uint8_t)(X_INIT + (op & 3) + !(op & 3)),
	    !!(op & 4), first, d.p, d.n);
	fz_answers(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum state	 to[] = { S_INIT_R, S_AUTH_I, S_UP, S_UP };
	static struct fz	 f;
	struct rd		 r = rd_of(p, n), d;
	uint8_t			 op, first, mode;
	int			 i;

	if (rd_u8(&r, &mode))
		return (0);
	fz_init(&f);
	(void)fz_reach(&f, to[mode & 3]);
	for (i = 0; i < 16 && rd_u8(&r, &op) == 0 &&
	    rd_u8(&r, &first) == 0 && rd_sub16(&r, &d) == 0; i++)
		one(&f, to[mode & 3] == S_AUTH_I, op, first, d);
	fz_later(&f, 120000);
	fz_free(&f);
	return (0);
}
