/* SPDX-License-Identifier: ISC */

/*
 * mem.c: everything a parse allocates hangs on one list, so that any error
 * may return from anywhere, and one call wipes and frees it all.
 */

#include <stdlib.h>

#include "cf_local.h"

struct cf_mem {
	struct cf_mem	*next;
	size_t		 n;
	_Alignas(max_align_t) uint8_t d[];
};

void *
cf_alloc(struct cf *cf, size_t n)
{
	struct cf_mem	*m;

	if (n > SIZE_MAX - sizeof(*m) ||
	    (m = calloc(1, sizeof(*m) + n)) == NULL) {
		cf->stop = 1;
		cf->r->nerr++;
		return (NULL);
	}
	m->n = n;
	m->next = cf->r->mem;
	cf->r->mem = m;
	return (m->d);
}

char *
cf_strndup(struct cf *cf, const char *s, size_t n)
{
	char	*p;

	if ((p = cf_alloc(cf, n + 1)) != NULL)
		memcpy(p, s, n);
	return (p);
}

void
cf_mem_clear(struct cf_mem *m)
{
	struct cf_mem	*next;

	for (; m != NULL; m = next) {
		next = m->next;
		explicit_bzero(m->d, m->n);
		free(m);
	}
}

void
cf_clear(struct cf_result *r)
{
	cf_mem_clear(r->mem);
	memset(r, 0, sizeof(*r));
}
