/* SPDX-License-Identifier: ISC */

/* error.c: what is found wrong, as lines of text in the order of the file. */

#include <stdarg.h>
#include <stdlib.h>

#include "cf_local.h"

enum { PATH_SHOWN = 200 };	/* octets of a path in an error */

static char *
line(struct cf *cf, struct cf_place at, const char *fmt, va_list ap)
{
	char	 buf[512], *p;
	size_t	 len;
	int	 n;

	len = strlen(at.file);	/* of a long path the end tells more */
	n = snprintf(buf, sizeof(buf), "%s%s:%u: ", len > PATH_SHOWN ?
	    "..." : "", at.file + (len > PATH_SHOWN ? len - PATH_SHOWN : 0),
	    at.line);
	if (n < 0 || (size_t)n >= sizeof(buf))
		return (NULL);
	(void)vsnprintf(buf + n, sizeof(buf) - (size_t)n, fmt, ap);
	for (p = buf; *p != '\0'; p++)	/* quoted words may hold anything */
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return (cf_strndup(cf, buf, strlen(buf)));
}

void
cf_error(struct cf *cf, struct cf_place at, const char *fmt, ...)
{
	struct cf_err	*e;
	va_list		 ap;

	if (cf->r->nerr++ >= CF_ERR_MAX)
		return;
	e = &cf->err[cf->r->nerr - 1];
	va_start(ap, fmt);
	e->text = line(cf, at, fmt, ap);
	va_end(ap);
	e->at = at;
}

void
cf_warn(struct cf *cf, struct cf_place at, const char *fmt, ...)
{
	va_list	 ap;
	char	*p;

	if (cf->r->nwarn >= CF_WARN_MAX)
		return;
	va_start(ap, fmt);
	p = line(cf, at, fmt, ap);
	va_end(ap);
	if (p != NULL)
		cf->r->warn[cf->r->nwarn++] = p;
}

static int
before(const struct cf_err *a, const struct cf_err *b)
{
	if (a->at.seq != b->at.seq)
		return (a->at.seq < b->at.seq);
	return (a->at.line < b->at.line);
}

/* The texts to the result, each once, ordered by file and line. */
void
cf_errors_done(struct cf *cf)
{
	struct cf_err	 t;
	unsigned int	 i, j, n = 0;

	for (i = 0; i < CF_ERR_MAX && i < cf->r->nerr; i++) {
		if (cf->err[i].text == NULL)
			continue;
		t = cf->err[i];
		for (j = n; j > 0 && before(&t, &cf->err[j - 1]); j--)
			cf->err[j] = cf->err[j - 1];
		cf->err[j] = t;
		n++;
	}
	for (i = 0; i < n; i++)
		cf->r->err[i] = cf->err[i].text;
	if (cf->r->nerr < CF_ERR_MAX)
		cf->r->nerr = n > 0 ? n : cf->r->nerr;
}
