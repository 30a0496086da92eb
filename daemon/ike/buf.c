/* SPDX-License-Identifier: ISC */

/* buf.c: octets that an object owns; wiped when they go. */

#include <stdlib.h>

#include "engine.h"

void
ike_buf_free(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->n);
	free(b->p);
	b->p = NULL;
	b->n = 0;
}

int
ike_buf_set(struct buf *b, struct rd r)
{
	uint8_t	*p;

	if ((p = malloc(r.n > 0 ? r.n : 1)) == NULL) {
		ike_buf_free(b);
		return (-1);
	}
	if (r.n > 0)
		memcpy(p, r.p, r.n);
	ike_buf_free(b);
	b->p = p;
	b->n = r.n;
	return (0);
}
