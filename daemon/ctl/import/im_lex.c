/* SPDX-License-Identifier: ISC */

/*
 * im_lex.c: files to sections and parameters.  More is taken than any of the
 * three daemons takes: CRLF, a byte order mark, no newline at the end,
 * sections with blanks before them, parameters without.  What cannot be
 * understood is a remark, and the next line is read.
 */

#include <ctype.h>
#include <strings.h>

#include "im_int.h"

/* A file while it is read. */
struct src {
	const char	*p, *end;
	const char	*begin;		/* of the line */
	struct im_at	 at;
	int		 crlf, templates, indented, column0;	/* seen */
};

int
im_open(struct im *im, const char *path, struct im_data *d,
    const struct im_at *from)
{
	struct im_at	 at = { path, 0 };
	char		 why[256] = "";
	int		 i;

	if (from != NULL)
		at = *from;
	memset(d, 0, sizeof(*d));
	if (im->nopen >= IM_DEPTH || im->nfile >= IM_FILE_MAX) {
		im_warn(im, at, "%s is not read: more than %d files%s", path,
		    im->nopen >= IM_DEPTH ? (int)IM_DEPTH : (int)IM_FILE_MAX,
		    im->nopen >= IM_DEPTH ? " within each other" : "");
		return (-1);
	}
	if (im->io->read(im->io->arg, path, d, why, sizeof(why)) == -1) {
		im_warn(im, at, "%s %s", path, why);
		return (-1);
	}
	for (i = 0; i < im->nopen; i++)
		if (im->open[i].dev == d->dev && im->open[i].ino == d->ino) {
			im_warn(im, at, "%s includes itself; read once", path);
			im->nopen++;	/* im_close takes it back */
			im_close(im, d);
			return (-1);
		}
	im->bytes += d->n;
	im->nfile++;
	im->open[im->nopen].dev = d->dev;
	im->open[im->nopen++].ino = d->ino;
	if (im->bytes > IM_BYTES_MAX) {
		im_warn(im, at, "%s is not read: all files together hold more "
		    "than %d MiB", path, (int)(IM_BYTES_MAX >> 20));
		im_close(im, d);
		return (-1);
	}
	return (0);
}

void
im_close(struct im *im, struct im_data *d)
{
	im->nopen--;
	if (d->n > 0)
		explicit_bzero(d->p, d->n);
	free(d->p);
	memset(d, 0, sizeof(*d));
}

/* Relative names begin at the folder of the file that has the include. */
void
im_include(struct im *im, const char *pattern, struct im_at at,
    int (*take)(struct im *, const char *, const struct im_at *))
{
	const char	*slash = strrchr(at.file, '/');
	char		 path[1024], why[256] = "", *list = NULL;
	size_t		 i, n = 0;

	if (pattern[0] == '/' || slash == NULL)
		slash = at.file - 1;
	if ((size_t)snprintf(path, sizeof(path), "%.*s%s",
	    (int)(slash - at.file + 1), at.file, pattern) >= sizeof(path)) {
		im_warn(im, at, "include: the name is too long");
		return;
	}
	if (strpbrk(path, "*?[{") == NULL) {
		(void)take(im, path, &at);
		return;
	}
	if (im->io->glob(im->io->arg, path, &list, &n, why,
	    sizeof(why)) == -1) {
		im_warn(im, at, "include %s %s", pattern, why);
		return;
	}
	if (n > 0 && list[n - 1] == '\0')
		for (i = 0; i < n && !im->stop; i += strlen(list + i) + 1)
			(void)take(im, list + i, &at);
	free(list);
}

int
im_is_template(const char *s)
{
	const char	*lt;

	if (strstr(s, "{{") != NULL || strstr(s, "<%") != NULL ||
	    strstr(s, "{%") != NULL || strstr(s, "${") != NULL ||
	    strstr(s, "xxx") != NULL || strstr(s, "x.x") != NULL ||
	    strncmp(s, "__", 2) == 0 || s[0] == '$')
		return (1);
	lt = strchr(s, '<');
	return (lt != NULL && strchr(lt, '>') != NULL);
}

/* --- sections --- */

static struct im_sect *
find(struct im *im, enum im_kind kind, const char *name)
{
	struct im_sect	*s;

	for (s = im->sects; s != NULL; s = s->next)
		if (s->kind == kind && strcmp(s->name, name) == 0)
			return (s);
	return (NULL);
}

static void
section(struct im *im, enum im_kind kind, const char *name, struct im_at at)
{
	struct im_sect	*s, *old = find(im, kind, name);

	im->sect = NULL;
	if (im->nsect++ >= IM_SECT_MAX) {
		im_warn(im, at, "more than %d sections: nothing is carried "
		    "over; split the file",
		    (int)IM_SECT_MAX);
		im->stop = 1;
		return;
	}
	if ((s = im_alloc(im, sizeof(*s))) == NULL)
		return;
	s->kind = kind;
	s->name = name;
	s->at = at;
	s->tail = &s->params;
	s->twice = old != NULL;
	*im->sect_tail = s;
	im->sect_tail = &s->next;
	im->sect = s;
	if (kind == S_CA)
		im_score(im, IM_STRONGSWAN, 4, "a ca section", at.line);
}

static void
parameter(struct im *im, struct im_at at, const char *word, const char *val)
{
	struct im_param	*p;

	if (im->nparam++ >= IM_PARAM_MAX) {
		im_warn(im, at, "more than %d lines: nothing is carried over; "
		    "split the file",
		    (int)IM_PARAM_MAX);
		im->stop = 1;
		return;
	}
	if (im->sect == NULL) {
		im_warn(im, at, "%.40s stands before the first conn or config "
		    "setup; not taken", word);
		return;
	}
	if ((p = im_alloc(im, sizeof(*p))) == NULL)
		return;
	p->word = word;
	p->val = val;
	p->at = at;
	if (im->sect->kind != S_CA)
		p->key = im_key(word, im->sect->kind == S_SETUP, &p->side);
	*im->sect->tail = p;
	im->sect->tail = &p->next;
	im_score_param(im, p);
}

/* --- values --- */

/* Behind the opening quote: escapes, and lines that end in a backslash. */
static const char *
quoted(struct im *im, struct src *s, char *out, size_t max)
{
	const char	*p = s->p;
	size_t		 n = 0;
	unsigned int	 more = 0;
	char		 c;

	while (p < s->end && *p != '"' && *p != '\n') {
		c = *p++;
		if (c == '\\' && p < s->end) {
			c = *p++;
			if (c == '\r' && p < s->end && *p == '\n')
				c = *p++;
			if (c == '\n') {
				more++;
				continue;
			}
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		if (c != '\r' && n < max - 1)
			out[n++] = c;
	}
	out[n] = '\0';
	if (p >= s->end || *p == '\n')
		im_warn(im, s->at, "the closing \" is missing; read to the end "
		    "of the line");
	else
		p++;
	s->p = p;
	s->at.line += more;	/* of the remarks that follow: its last line */
	return (im_strndup(im, out, n));
}

static int
blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

/* Does a comment begin here? prev is the octet before. */
static int
comment(const struct src *s, const char *p, int first)
{
	if (*p == '#')
		return (blank(p[-1]) || (first && (p + 1 >= s->end ||
		    p[1] == '#' || blank(p[1]) || p[1] == '\n')));
	return (*p == '/' && p + 1 < s->end && p[1] == '/' && blank(p[-1]));
}

/* Words up to the end of the line or a comment, joined by one blank. */
static const char *
bare(struct im *im, struct src *s, char *out, size_t max)
{
	const char	*p = s->p;
	size_t		 n = 0;
	int		 first = 1;

	for (; p < s->end && *p != '\n'; p++) {
		if (comment(s, p, first)) {
			if (*p == '/')
				im_note(im, s->at, "// is taken as the start "
				    "of a comment");
			break;
		}
		first = 0;
		if (blank(*p)) {
			if (n > 0 && out[n - 1] != ' ' && n < max - 1)
				out[n++] = ' ';
		} else if (*p != '\0' && n < max - 1)
			out[n++] = *p;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	s->p = p;
	return (im_strndup(im, out, n));
}

static const char *
value(struct im *im, struct src *s)
{
	char		 out[IM_LINE_MAX];
	const char	*v;

	while (s->p < s->end && blank(*s->p))
		s->p++;
	if (s->p < s->end && *s->p == '"') {
		s->p++;
		v = quoted(im, s, out, sizeof(out));
	} else
		v = bare(im, s, out, sizeof(out));
	explicit_bzero(out, sizeof(out));
	return (v);
}

/* --- lines --- */

static size_t
word_len(const struct src *s, const char *p, const char *stop)
{
	size_t	 n;

	for (n = 0; p + n < s->end && p[n] != '\n' && !blank(p[n]) &&
	    strchr(stop, p[n]) == NULL; n++)
		;
	return (n);
}

static int
is(const char *p, size_t n, const char *word)
{
	return (strlen(word) == n && strncasecmp(p, word, n) == 0);
}

/* `config setup', `conn NAME', `ca NAME', `include X', `version X': 1. */
static int
header(struct im *im, struct src *s)
{
	const char	*p = s->p, *arg;
	size_t		 n = word_len(s, p, "="), k;

	if (p + n >= s->end || !blank(p[n]))
		return (0);
	for (arg = p + n; arg < s->end && blank(*arg); arg++)
		;
	if (arg >= s->end || *arg == '\n' || *arg == '=')
		return (0);
	if (*arg == '"' && (k = word_len(s, arg + 1, "\"")) > 0)
		arg++;			/* include "file" */
	else
		k = word_len(s, arg, "");
	if (is(p, n, "version"))
		return (1);
	if (is(p, n, "include")) {
		arg = im_strndup(im, arg, k);
		if (arg != NULL)
			im_include(im, arg, s->at, im_read);
		return (1);
	}
	if (s->p != s->begin && s->indented++ == 0)
		im_note(im, s->at, "blanks before the first word of a section: "
		    "the old daemon would not read this file");
	if (is(p, n, "config") && is(arg, k, "setup"))
		section(im, S_SETUP, "setup", s->at);
	else if (is(p, n, "conn") || is(p, n, "ca")) {
		arg = im_strndup(im, arg, k > 200 ? 200 : k);
		if (arg != NULL)
			section(im, is(p, n, "ca") ? S_CA : S_CONN, arg,
			    s->at);
	} else
		return (0);
	return (1);
}

/* Rules of OpenBSD's file of the same name, and its macros. */
static int
other_language(const struct src *s, size_t n)
{
	static const char *const words[] = { "ike", "flow", "esp", "ah",
	    "ipcomp", "tcpmd5", "bundle" };
	size_t	 i;

	if (s->p + n >= s->end || !blank(s->p[n]))
		return (0);
	for (i = 0; i < nitems(words); i++)
		if (is(s->p, n, words[i]))
			return (1);
	return (0);
}

static void
assignment(struct im *im, struct src *s, int column0)
{
	const char	*p = s->p, *word, *val, *eq;
	size_t		 n = word_len(s, p, "=");
	struct im_at	 at = s->at;

	for (eq = p + n; eq < s->end && blank(*eq); eq++)
		;
	if (im_is_template(im_strndup(im, p, n + 4 > (size_t)(s->end - p) ? n :
	    n + 4)) && (eq >= s->end || *eq != '=' || n == 0)) {
		if (s->templates++ == 0)
			im_warn(im, at, "a line of a template, not of an "
			    "ipsec.conf: fill the template in first");
		return;
	}
	if (column0 && im->sect == NULL && other_language(s, n)) {
		im->notcol++;
		return;
	}
	if (eq >= s->end || *eq != '=' || n == 0 || n > 64) {
		im_warn(im, at, "not understood, skipped: %.*s%s",
		    (int)(n > 40 ? 40 : n), p, n > 40 ? "..." : "");
		return;
	}
	if (column0 && im->sect != NULL && s->column0++ == 0)
		im_note(im, at, "no blank before %.*s: the old daemon would "
		    "not read this file", (int)n, p);
	word = im_strndup(im, p, n);
	s->p = eq + 1;
	val = value(im, s);
	if (word != NULL && val != NULL)
		parameter(im, at, word, val);
}

/* What comments say about where the file is from. */
static void
remarked(struct im *im, const char *p, size_t n, unsigned int line)
{
	char	 buf[200];
	size_t	 i;

	if (n >= sizeof(buf))
		n = sizeof(buf) - 1;
	for (i = 0; i < n; i++)
		buf[i] = (char)tolower((unsigned char)p[i]);
	buf[n] = '\0';
	if (line > 40)
		return;
	if (strstr(buf, "strongswan") != NULL)
		im_score(im, IM_STRONGSWAN, 3, "a comment", line);
	else if (strstr(buf, "libreswan") != NULL)
		im_score(im, IM_LIBRESWAN, 3, "a comment", line);
	else if (strstr(buf, "openswan") != NULL)
		im_score(im, IM_OPENSWAN, 3, "a comment", line);
}

static void
line(struct im *im, struct src *s)
{
	const char	*start = s->p, *nl;
	size_t		 n;

	s->begin = start;
	nl = memchr(s->p, '\n', (size_t)(s->end - s->p));
	n = (size_t)((nl != NULL ? nl : s->end) - s->p);
	if (n > 0 && s->p[n - 1] == '\r' && s->crlf++ == 0)
		im_note(im, (struct im_at){ s->at.file, 0 }, "lines end in CR "
		    "LF, which the old daemon would take as part of the "
		    "values; read without");
	if (n >= IM_LINE_MAX) {
		im_warn(im, s->at, "this line is longer than %d octets; "
		    "skipped", (int)IM_LINE_MAX);
		s->p += n;
		return;
	}
	while (s->p < s->end && blank(*s->p))
		s->p++;
	if (s->p >= s->end || *s->p == '\n')
		return;
	if (*s->p == '#') {
		remarked(im, s->p, n - (size_t)(s->p - start), s->at.line);
		s->p = start + n;
	} else if (header(im, s)) {
		s->p = start + n;
	} else {
		assignment(im, s, s->p == start);
		while (s->p < s->end && *s->p != '\n')
			s->p++;
	}
}

int
im_read(struct im *im, const char *path, const struct im_at *from)
{
	struct im_data	 d;
	struct src	 s;

	if (im_open(im, path, &d, from) == -1)
		return (-1);
	memset(&s, 0, sizeof(s));
	s.p = d.p != NULL ? (const char *)d.p : "";
	s.end = s.p + d.n;
	s.at.file = im_strndup(im, path, strlen(path));
	s.at.line = 1;
	if (s.at.file == NULL || memchr(s.p, '\0', d.n) != NULL) {
		if (s.at.file != NULL)
			im_warn(im, (struct im_at){ s.at.file, 0 },
			    "a NUL octet: this is no text file; not read");
		im_close(im, &d);
		return (-1);
	}
	if (d.n >= 3 && memcmp(s.p, "\357\273\277", 3) == 0)
		s.p += 3;
	while (s.p < s.end && !im->stop) {
		line(im, &s);
		if (s.p < s.end)	/* at its newline */
			s.p++;
		s.at.line++;
	}
	im_close(im, &d);
	return (0);
}
