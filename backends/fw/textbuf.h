/* SPDX-License-Identifier: ISC */

/* textbuf.h: text for a filter's own tool, growing. */

#ifndef TEXTBUF_H
#define TEXTBUF_H

#include <stddef.h>

struct textbuf {
	char	*s;		/* malloc'd; NUL-terminated after textbuf_say */
	size_t	 n, room;
	int	 bad;		/* out of memory, or what could not be printed */
};

/* One piece is at most 500 octets. */
void	 textbuf_say(struct textbuf *, const char *, ...)
	    __attribute__((__format__(printf, 2, 3)));

#endif /* TEXTBUF_H */
