/* SPDX-License-Identifier: ISC */

/*
 * fuzz_ike_datagram.c: datagrams into an engine.  Records: op, length (16
 * bits), octets.  op: 1 from a stranger, 2 with a cookie, 4 port 4500, 8 the
 * SPIs are put in for the fuzzer, 16 it answers our own attempt, 32 time
 * passes first, 64 s2sd-keys says no.
 */

#include <string.h>

#include "ike_fz.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
one(struct fz *f, uint8_t op, struct rd d)
{
	struct sa	*sa;
	uint8_t		 b[5500];

	if (op & 32)
		fz_later(f, 700);
	f->no = op & 64 ? KERR_AUTH : KERR_OK;
	if (d.n > sizeof(b))
		return;
	memcpy(b, d.p, d.n);
	if (op & 8 && d.n >= 16 && (sa = fz_sa(f, !!(op & 16))) != NULL) {
		struct wr	 w = wr_of(b, 16);

		wr_u64(&w, sa->spi_i);
		wr_u64(&w, sa->spi_r != 0 ? sa->spi_r : 77);
	}
	fz_datagram(f, op & 1 ? &f->other : &f->peer,
	    (uint8_t)((op & 2 ? NETF_COOKIE : 0) | (op & 4 ? NETF_4500 : 0)),
	    b, d.n);
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
	if (mode & 1)
		(void)fz_reach(&f, mode & 2 ? S_AUTH_I : S_INIT_I);
	if (mode & 4)
		(void)fz_reach(&f, mode & 8 ? S_UP : S_INIT_R);
	for (i = 0; i < 16 && rd_u8(&r, &op) == 0 && rd_sub16(&r, &d) == 0;
	    i++)
		one(&f, op, d);
	fz_later(&f, 40000);
	fz_free(&f);
	return (0);
}
