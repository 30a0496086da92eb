/* SPDX-License-Identifier: ISC */

/* fuzz_tunnel.c: the records of the configuration. */

#include <stdlib.h>

#include "ipc.h"
#include "tunnel.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct tunnel	 t;
	static struct global	 g;
	static uint8_t		 out[IPC_BODY_MAX];
	struct wr		 w = wr_of(out, sizeof(out));

	if (tunnel_get(rd_of(p, n), &t) == 0) {
		tunnel_put(&w, &t);
		if (wr_end(&w) == -1 || w.n != n || memcmp(out, p, n) != 0)
			abort();
	}
	w = wr_of(out, sizeof(out));
	if (global_get(rd_of(p, n), &g) == 0) {
		global_put(&w, &g);
		if (wr_end(&w) == -1 || w.n != n || memcmp(out, p, n) != 0)
			abort();
	}
	return (0);
}
