/* SPDX-License-Identifier: ISC */

/* textbuf.c: text that grows. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "textbuf.h"

enum { PIECE = 512 };

void
textbuf_say(struct textbuf *t, const char *fmt, ...)
{
	va_list	 ap;
	char	*s;
	int	 n;

	if (t->room - t->n < PIECE && !t->bad) {
		if ((s = realloc(t->s, 2 * t->room + 4096)) == NULL) {
			t->bad = 1;
			return;
		}
		t->s = s;
		t->room = 2 * t->room + 4096;
	}
	if (t->bad)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->s + t->n, t->room - t->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->room - t->n)
		t->bad = 1;
	else
		t->n += (size_t)n;
}
