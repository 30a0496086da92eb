/* SPDX-License-Identifier: ISC */

/* im_mem.c: one list that owns all memory, and the remarks. */

#include "im_int.h"

struct im_mem {
	struct im_mem	*next;
	size_t		 n;
	_Alignas(max_align_t) uint8_t d[];
};

void *
im_alloc(struct im *im, size_t n)
{
	struct im_mem	*m;

	if (n > SIZE_MAX - sizeof(*m) ||
	    (m = calloc(1, sizeof(*m) + n)) == NULL) {
		im->stop = 1;
		return (NULL);
	}
	m->n = n;
	m->next = im->r->mem;
	im->r->mem = m;
	return (m->d);
}

char *
im_strndup(struct im *im, const char *s, size_t n)
{
	char	*p;

	if ((p = im_alloc(im, n + 1)) != NULL && n > 0)
		memcpy(p, s, n);
	return (p);
}

/* Text of a file goes to terminals and into s2sd.conf: one harmless line. */
static void
tame(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			*s = '?';
}

static char *
vfmt(struct im *im, const char *fmt, va_list ap)
{
	char	 buf[600];

	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	tame(buf);
	return (im_strndup(im, buf, strlen(buf)));
}

char *
im_fmt(struct im *im, const char *fmt, ...)
{
	va_list	 ap;
	char	*p;

	va_start(ap, fmt);
	p = vfmt(im, fmt, ap);
	va_end(ap);
	return (p);
}

char *
im_join(struct im *im, const char *s, const char *fmt, ...)
{
	char	 buf[600], *p;
	size_t	 n = strlen(s);
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if ((p = im_alloc(im, n + strlen(buf) + 1)) != NULL) {
		memcpy(p, s, n);
		memcpy(p + n, buf, strlen(buf));
	}
	return (p);
}

static int
same_place(const struct im_at *a, const struct im_at *b)
{
	return (a->line == b->line && (a->file == b->file ||
	    (a->file != NULL && b->file != NULL &&
	    strcmp(a->file, b->file) == 0)));
}

static void
remark(struct im *im, enum im_level level, struct im_at at,
    const struct im_conn *c, const char *kind, const char *text)
{
	struct im_remark	*m;

	if (text == NULL || im->r->nremark >= IM_REMARK_MAX)
		return;
	if (level != IM_REFUSE)
		for (m = im->r->remarks; m != NULL; m = m->next)
			if (m->level == level && same_place(&m->at, &at) &&
			    strcmp(m->text, text) == 0)
				return;
	if ((m = im_alloc(im, sizeof(*m))) == NULL)
		return;
	m->level = level;
	m->at = at;
	m->conn = c != NULL ? c->name : NULL;
	m->kind = kind;
	m->text = text;
	*im->r->tail = m;
	im->r->tail = &m->next;
	im->r->nremark++;
}

void
im_note(struct im *im, struct im_at at, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	remark(im, IM_NOTE, at, im->cur, NULL, vfmt(im, fmt, ap));
	va_end(ap);
}

void
im_warn(struct im *im, struct im_at at, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	remark(im, IM_WARN, at, im->cur, NULL, vfmt(im, fmt, ap));
	va_end(ap);
}

void
im_refuse(struct im *im, struct im_conn *c, struct im_at at, const char *kind,
    const char *fmt, ...)
{
	va_list	 ap;

	if (c->refused)
		return;			/* one reason is enough */
	c->refused = 1;
	im->r->nrefused++;
	va_start(ap, fmt);
	remark(im, IM_REFUSE, at, c, kind, vfmt(im, fmt, ap));
	va_end(ap);
}

void
im_clear(struct im_result *r)
{
	struct im_mem	*m, *next;

	for (m = r->mem; m != NULL; m = next) {
		next = m->next;
		explicit_bzero(m->d, m->n);
		free(m);
	}
	memset(r, 0, sizeof(*r));
}
