/* SPDX-License-Identifier: ISC */

/*
 * fuzz_host_saved.c: what the BSDs remember, and the records of s2sd-host
 * there; what is taken comes out again.
 */

#include <stdlib.h>

#include "../../backends/host/bsd_saved.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
records(const uint8_t *p, size_t n)
{
	struct bsd_device	 d;
	struct bsd_route	 r;
	uint8_t			 buf[64];
	struct wr		 w = wr_of(buf, sizeof(buf));

	if (bsd_device_get(rd_of(p, n), &d) == 0)
		bsd_device_put(&w, &d);
	else if (bsd_route_get(rd_of(p, n), &r) == 0)
		bsd_route_put(&w, &r);
	else
		return;
	if (wr_end(&w) == -1 || w.n != n || memcmp(buf, p, n) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct bsd_saved	 s, t;
	struct wr		 w;
	uint8_t			*buf;

	records(p, n);
	if (n > BSD_SAVED_MAX || bsd_saved_parse(rd_of(p, n), &s) == -1)
		return (0);
	if ((buf = malloc(BSD_SAVED_MAX)) == NULL)
		abort();
	w = wr_of(buf, BSD_SAVED_MAX);
	if (bsd_saved_write(&w, &s) == -1 ||
	    bsd_saved_parse(rd_of(buf, w.n), &t) == -1 || s.n != t.n ||
	    s.nd != t.nd ||
	    (s.nd > 0 && memcmp(s.d, t.d, s.nd * sizeof(*s.d)) != 0) ||
	    memcmp(s.old, t.old, sizeof(s.old)) != 0 ||
	    (s.n > 0 && memcmp(s.r, t.r, s.n * sizeof(*s.r)) != 0))
		abort();
	bsd_saved_free(&s);
	bsd_saved_free(&t);
	free(buf);
	return (0);
}
