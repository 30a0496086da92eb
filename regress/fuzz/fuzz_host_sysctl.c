/* SPDX-License-Identifier: ISC */

/* fuzz_host_sysctl.c: the file of old values; what is taken comes out again. */

#include <stdlib.h>

#include "host.h"
#include "../../backends/host/linux.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct lx_saved	 s, t;
	struct wr	 w;
	uint8_t		 buf[LX_SAVED_MAX];

	if (lx_saved_parse(rd_of(p, n), &s) == -1)
		return (0);
	w = wr_of(buf, sizeof(buf));
	if (lx_saved_write(&w, &s) == -1 ||
	    lx_saved_parse(rd_of(buf, w.n), &t) == -1 ||
	    memcmp(&s, &t, sizeof(s)) != 0)
		abort();
	return (0);
}
