/* SPDX-License-Identifier: ISC */

/* mask.c: addresses out of a report, so that it can be shown around. */

#include <stdio.h>
#include <stdlib.h>

#include "path.h"

enum { MASK_MAX = 4096 };

struct masks {
	struct addr	*a;
	size_t		 n;
};

static size_t
number(struct masks *m, const struct addr *a)
{
	size_t	 i;

	for (i = 0; i < m->n; i++)
		if (addr_cmp(&m->a[i], a, 0) == 0)
			return (i + 1);
	if (m->n < MASK_MAX)
		m->a[m->n++] = *a;
	return (m->n);
}

/* The first n octets of s, or fewer where a mark follows: an address? */
static size_t
parse(const char *s, size_t n, struct addr *a)
{
	char	 b[48];

	for (; n >= 2; n--) {
		if (n < sizeof(b)) {
			memcpy(b, s, n);
			b[n] = '\0';
			if (addr_parse(b, a) == 0)
				return (n);
		}
		if (s[n - 1] != ':' && s[n - 1] != '.')
			break;
	}
	return (0);
}

/* Octets at s that are an address, or 0. */
static size_t
address(const char *s, struct addr *a)
{
	size_t	 n = parse(s, strspn(s, "0123456789."), a);

	return (n > 0 ? n : parse(s, strspn(s, "0123456789abcdefABCDEF.:"),
	    a));
}

char *
v_mask(const char *s)
{
	struct masks	 m = { NULL, 0 };
	struct addr	 a;
	char		*out = NULL;
	size_t		 len, n, word;
	FILE		*f;

	if ((m.a = calloc(MASK_MAX, sizeof(*m.a))) == NULL ||
	    (f = open_memstream(&out, &len)) == NULL) {
		free(m.a);
		return (NULL);
	}
	while (*s != '\0') {
		if ((n = address(s, &a)) > 0) {
			(void)fprintf(f, "ip%zu", number(&m, &a));
			s += n;
			continue;
		}
		word = strspn(s, "0123456789abcdefABCDEF.:ghijklmnopqrstuvwxyz"
		    "GHIJKLMNOPQRSTUVWXYZ_-");
		word = word == 0 ? 1 : word;
		(void)fwrite(s, 1, word, f);
		s += word;
	}
	free(m.a);
	if (fclose(f) == EOF) {
		free(out);
		return (NULL);
	}
	return (out);
}
