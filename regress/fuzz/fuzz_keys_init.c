/* SPDX-License-Identifier: ISC */

/*
 * fuzz_keys_init.c: the walk of s2sd-keys through an IKE_SA_INIT message.
 * First octet: odd for a response; the rest is the message.
 */

#include <stdlib.h>

#include "../../daemon/keys/init.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
inside(struct rd v, struct rd m)
{
	if (v.p < m.p || v.p > m.p + m.n || v.n > (size_t)(m.p + m.n - v.p))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct keys_init	 v;
	struct rd		 m;

	if (n == 0)
		return (0);
	m = rd_of(p + 1, n - 1);
	if (keys_init_parse(m, p[0] & 1, &v))
		return (0);
	inside(v.spi_i, m);
	inside(v.spi_r, m);
	inside(v.nonce, m);
	inside(v.ke, m);
	if (v.nonce.n < 16 || v.nonce.n > 256 || v.ke.n == 0)
		abort();
	return (0);
}
