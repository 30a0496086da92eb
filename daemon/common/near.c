/* SPDX-License-Identifier: ISC */

/* near.c: which word did they mean? */

#include <string.h>

#include "near.h"

#ifndef nitems
#define nitems(a)	(sizeof(a) / sizeof((a)[0]))
#endif

size_t
near_distance(const char *a, const char *b)
{
	size_t	 row[3][32], *now, *up, *up2, *t, i, j, la, lb, best;

	la = strnlen(a, nitems(row[0]) - 1);
	lb = strnlen(b, nitems(row[0]) - 1);
	up2 = row[0];
	up = row[1];
	now = row[2];
	for (j = 0; j <= lb; j++)
		up[j] = j;
	for (i = 1; i <= la; i++) {
		now[0] = i;
		for (j = 1; j <= lb; j++) {
			best = up[j - 1] + (a[i - 1] != b[j - 1]);
			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			now[j] = best;
		}
		t = up2;
		up2 = up;
		up = now;
		now = t;
	}
	return (up[lb]);
}

const char *
near_word(const char *s, const char *const *words, size_t n)
{
	const char	*best = NULL;
	size_t		 d, i, len = strlen(s), least = len < 5 ? 1 : 2;

	if (len < 3)
		return (NULL);
	for (i = 0; i < n; i++) {
		d = near_distance(s, words[i]);
		if (d < least || (d == least && (best == NULL ||
		    (strlen(words[i]) == len && strlen(best) != len)))) {
			least = d;
			best = words[i];
		}
	}
	/* or the beginning of a word */
	for (i = 0; i < n && best == NULL && len >= 4; i++)
		if (strncmp(s, words[i], len) == 0)
			best = words[i];
	return (best);
}
