/* SPDX-License-Identifier: ISC */

/* ctl_log.c: the ring of log lines, and text made harmless. */

#include <stdlib.h>

#include "ctl_int.h"

size_t
ctl_vis(const char *text, char *out, size_t max)
{
	const unsigned char	*p = (const unsigned char *)text;
	size_t			 n = 0;

	if (max == 0)
		return (0);
	for (; *p != '\0'; p++) {
		if ((*p >= ' ' && *p < 0x7f) || *p == '\t') {
			if (n + 1 >= max)
				break;
			out[n++] = (char)*p;
			continue;
		}
		if (n + 4 >= max)
			break;
		out[n++] = '\\';
		out[n++] = (char)('0' + (*p >> 6));
		out[n++] = (char)('0' + (*p >> 3 & 7));
		out[n++] = (char)('0' + (*p & 7));
	}
	out[n] = '\0';
	return (n);
}

int
ring_add(struct ring *r, const struct line *l, const char *text)
{
	struct line	*to;
	char		 vis[4 * TEXT_MAX];
	size_t		 n = ctl_vis(text, vis, sizeof(vis));
	char		*copy;

	if ((copy = malloc(n + 1)) == NULL)
		return (-1);
	memcpy(copy, vis, n + 1);
	if (r->next == 0)
		r->next = 1;
	to = &r->v[r->next % CTL_LINES];
	free(to->text);
	*to = *l;
	to->seq = r->next++;
	to->text = copy;
	to->n = n;
	return (0);
}

const struct line *
ring_get(const struct ring *r, uint64_t seq)
{
	if (r->next == 0 || seq >= r->next)
		return (NULL);
	if (seq + CTL_LINES < r->next)
		seq = r->next - CTL_LINES;	/* what was there is gone */
	if (seq == 0)
		seq = 1;
	return (&r->v[seq % CTL_LINES]);
}

void
ring_clear(struct ring *r)
{
	size_t	 i;

	for (i = 0; i < CTL_LINES; i++)
		free(r->v[i].text);
	memset(r, 0, sizeof(*r));
}
