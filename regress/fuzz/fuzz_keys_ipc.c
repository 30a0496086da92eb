/* SPDX-License-Identifier: ISC */

/*
 * fuzz_keys_ipc.c: frames to s2sd-keys.  The peer holds another secret, so
 * nothing that s2sd-ike asks, in whatever order, may end in child keys.
 *
 * Input: a program of steps
 *
 *	0..4	start, start_r, keyed, AUTH at the responder, at the initiator
 *	5	field, offset, value: change an octet, the last one cuts
 *	6	type, handle, tunnel, length, body: a raw frame of s2sd-ike
 *	7	seconds: time passes
 *	8	type, length, body: a raw frame of s2sd-conf
 *	9	what: write the IKE_SA_INIT messages anew
 *	10..14	IKEv1: start, start_r, keyed, AUTH at the responder, at the
 *		initiator
 *	15	field, offset, value: change an octet of the main mode
 */

#include <stdlib.h>

#include "../unit/keys_hs1.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const uint32_t	types[] = {
	M_K_START, M_K_START_R, M_K_KEYED, M_K_AUTH, M_K_CSTART, M_K_CHILD,
	M_K_RSTART, M_K_REKEY, M_K_CLOSE, M_HELLO, M_S_PAIR, M_CONF_NEW,
	M_K1_KEYED, M_K1_START_R, M_K1_AUTH, M_K1_CHILD
};

static struct rig	a, b;

/* No pair, and no answer that says a peer was proved. */
static void
check(void)
{
	struct m_k_auth_r	 r;
	struct m_k1_auth_r	 r1;
	struct rig		*x[2] = { &a, &b };
	size_t			 i;

	if (a.pairs != 0 || b.pairs != 0)
		abort();
	for (i = 0; i < 2; i++)
		if ((rig_answer(x[i], M_K_AUTH_R, &r) && r.err == KERR_OK) ||
		    (rig_answer(x[i], M_K1_AUTH_R, &r1) &&
		    r1.err == KERR_OK))
			abort();
}

static void
edit(struct hs *h, uint8_t field, uint8_t at, uint8_t value)
{
	struct oct	*o[] = { &h->ni, &h->kei, &h->nr, &h->ker, &h->init_i,
			    &h->init_r, &h->idi, &h->authi, &h->idr,
			    &h->authr };
	uint16_t	*v[] = { &h->dh, &h->prf, &h->encr, &h->integ,
			    &h->cencr, &h->cinteg };
	struct oct	*x;

	if (field < nitems(o)) {
		x = o[field];
		if (at < x->n)
			x->d[at] ^= value;
		else if (value < 64)	/* shorter or a little longer */
			x->n = value;
	} else if (field < nitems(o) + nitems(v))
		*v[field - nitems(o)] = value;
	else if (field == 16)
		h->ti = value;
	else if (field == 17)
		h->tr = value;
	else if (field == 18)
		h->hi = value & 1 ? h->hr : h->hi ^ ((uint32_t)value << at % 24);
	else if (at < 8)
		(field & 1 ? h->spi_i : h->spi_r)[at] ^= value;
}

static void
edit1(struct hs1 *h, uint8_t field, uint8_t at, uint8_t value)
{
	struct oct	*o[] = { &h->ni, &h->kei, &h->nr, &h->ker, &h->sai,
			    &h->idi, &h->hashi, &h->idr, &h->hashr };
	uint16_t	*v[] = { &h->dh, &h->prf, &h->encr };
	struct oct	*x;

	if (field < nitems(o)) {
		x = o[field];
		if (at < x->n)
			x->d[at] ^= value;
		else if (value < 64)
			x->n = value;
	} else if (field < nitems(o) + nitems(v))
		*v[field - nitems(o)] = value;
	else if (field == 16)
		h->ti = value;
	else if (field == 17)
		h->tr = value;
	else if (field == 18)
		h->hi = value & 1 ? h->hr : h->hi ^ ((uint32_t)value << at % 24);
	else if (at < 8)
		(field & 1 ? h->cky_i : h->cky_r)[at] ^= value;
}

static void
raw(struct hs *h, struct rd *in, enum proc from)
{
	struct rd	 body;
	uint8_t		 buf[IPC_BODY_MAX], type, handle = 0, tunnel = 0, n;
	uint32_t	 t;

	if (rd_u8(in, &type) || (from == PROC_IKE && (rd_u8(in, &handle) ||
	    rd_u8(in, &tunnel))) || rd_u8(in, &n) ||
	    rd_sub(in, n < in->n ? n : in->n, &body))
		return;
	memcpy(buf, body.p, body.n);
	if (handle & 1 && body.n >= 4) {
		struct wr	 w = wr_of(buf, 4);

		wr_u32(&w, handle & 2 ? h->hi : h->hr);
	}
	t = from == PROC_CONF ? (type & 1 ? M_CF_SECRET : M_CF_SECRET_END) :
	    types[type % nitems(types)];
	(void)rig_raw(handle & 4 ? &b : &a, from, t, tunnel, buf, body.n);
}

static void
step1(struct hs1 *h, uint8_t op, struct rd *in)
{
	uint8_t	 x[3];

	switch (op) {
	case 10:
		(void)hs1_start(h);
		break;
	case 11:
		(void)hs1_start_r(h);
		break;
	case 12:
		(void)hs1_keyed(h);
		break;
	case 13:
		(void)hs1_auth_r(h);
		break;
	case 14:
		(void)hs1_auth_i(h);
		break;
	case 15:
		if (rd_copy(in, x, 3) == 0)
			edit1(h, x[0], x[1], x[2]);
		break;
	}
}

static void
step(struct hs *h, uint8_t op, struct rd *in)
{
	uint8_t	 x[3] = { 0 };

	switch (op) {
	case 0:
		(void)hs_start(h);
		break;
	case 1:
		(void)hs_start_r(h);
		break;
	case 2:
		(void)hs_keyed(h);
		break;
	case 3:
		(void)hs_auth_r(h);
		break;
	case 4:
		(void)hs_auth_i(h);
		break;
	case 5:
		if (rd_copy(in, x, 3) == 0)
			edit(h, x[0], x[1], x[2]);
		break;
	case 6:
		raw(h, in, PROC_IKE);
		break;
	case 7:
		if (rd_u8(in, x) == 0) {
			(void)rig_tick(&a, a.now + x[0] * 1000u);
			(void)rig_tick(&b, b.now + x[0] * 1000u);
		}
		break;
	case 8:
		raw(h, in, PROC_CONF);
		break;
	case 9:
		if (alg_num(h->dh) != NULL)
			hs_messages(h);
		break;
	}
}

/* Tunnels 7 and 9 of IKEv2; 27 and 29 of IKEv1. */
static void
two(void)
{
	static const char *const	 sa[2] = { "the secret of this end",
					    "and its secret of IKEv1" };
	static const char *const	 sb[2] = { "that of the other end",
					    "and that one of IKEv1" };
	struct tunnel			 t[2];

	rig_new(&a, 4711);
	rig_new(&b, 815);
	rig_tunnel(&t[0], 7, "to-b", "a.example", "b.example");
	rig_tunnel1(&t[1], 27, "to-b1", "a1.example", "b1.example");
	if (rig_conf(&a, 1, t, sa, WITH_IKEV1 ? 2 : 1))
		abort();
	rig_tunnel(&t[0], 9, "to-a", "b.example", "a.example");
	rig_tunnel1(&t[1], 29, "to-a1", "b1.example", "a1.example");
	if (rig_conf(&b, 1, t, sb, WITH_IKEV1 ? 2 : 1))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rd	 in = rd_of(p, n);
	struct hs	 h;
	struct hs1	 h1;
	uint8_t		 op;
	int		 steps;

	two();
	hs_new(&h, &a, &b);
	hs1_new(&h1, &a, &b);
	h1.ti = 27;
	h1.tr = 29;
	for (steps = 0; steps < 64 && rd_u8(&in, &op) == 0; steps++) {
		op %= 16;
		if (op < 10)
			step(&h, op, &in);
		else if (WITH_IKEV1)
			step1(&h1, op, &in);
		check();
	}
	rig_free(&a);
	rig_free(&b);
	return (0);
}
