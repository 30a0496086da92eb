/* SPDX-License-Identifier: ISC */

/*
 * fuzz_ike1_datagram.c: IKEv1 datagrams into an engine.  First octet: how
 * far it is (enum fz1).  Records: op, length (16 bits), octets.  op: 1 from
 * a stranger, 2 from a peer with IKEv2, 4 port 4500, 8 the cookies are put
 * in for the fuzzer, 16 those of our own attempt, 32 time passes first, 64
 * s2sd-keys says no.
 */

#include "ike1_fz.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
one(struct fz *f, uint8_t op, struct rd d)
{
	const struct addr	*from = op & 1 ? &f->other : op & 2 ?
	    &f->peer : &f->old;
	struct sa		*sa;
	struct wr		 w;
	uint8_t			 b[5500];

	if (op & 32)
		fz_later(f, 700);
	f->no = op & 64 ? KERR_AUTH : KERR_OK;
	if (d.n > sizeof(b))
		return;
	if (d.n > 0)
		memcpy(b, d.p, d.n);
	if (op & 8 && d.n >= 16 && (sa = fz1_sa(f, !!(op & 16))) != NULL) {
		w = wr_of(b, 16);
		wr_u64(&w, sa->spi_i);
		wr_u64(&w, sa->spi_r != 0 ? sa->spi_r : 77);
	}
	fz_datagram(f, from, op & 4 ? NETF_4500 : 0, b, d.n);
	fz_answers(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct fz f;
	struct rd	 r = rd_of(p, n), d;
	uint8_t		 op, mode;
	int		 i;

	if (rd_u8(&r, &mode))
		return (0);
	fz_init(&f);
	(void)fz1_reach(&f, (enum fz1)(mode % FZ1_MAX));
	for (i = 0; i < 16 && rd_u8(&r, &op) == 0 && rd_sub16(&r, &d) == 0;
	    i++)
		one(&f, op, d);
	fz_later(&f, 40000);
	fz_free(&f);
	return (0);
}
