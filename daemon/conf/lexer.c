/* SPDX-License-Identifier: ISC */

/*
 * lexer.c: files, includes and macros to words.  A word is what stands
 * between blanks and ( ) { } , = " ' # $; a quoted word may hold anything
 * printable.  `name = text' outside of braces defines a macro: the rest of
 * the line, read again where $name stands.  `include' outside of braces
 * puts other files here.
 */

#include <stdlib.h>

#include "cf_local.h"

static struct cf_src *
top(struct cf *cf)
{
	return (&cf->src[cf->nsrc - 1]);
}

/* The place of the next octet; inside a macro, where it was used. */
static struct cf_place
here(struct cf *cf)
{
	struct cf_place	 at = { "", 0, 0, 0 };
	struct cf_src	*s;

	if (cf->nsrc == 0)
		return (cf->last != NULL ? cf->last->at : at);
	s = top(cf);
	if (s->macro != NULL)
		return (s->used);
	at.file = s->file;
	at.line = s->line;
	at.seq = s->seq;
	at.open = s->open;
	return (at);
}

static int
peek(struct cf *cf)
{
	struct cf_src	*s = top(cf);

	return (s->i < s->n ? (unsigned char)s->p[s->i] : -1);
}

static int
get(struct cf *cf)
{
	struct cf_src	*s = top(cf);
	int		 c;

	if (s->i >= s->n)
		return (-1);
	c = (unsigned char)s->p[s->i++];
	if (c == '\n' && s->macro == NULL)
		s->line++;
	return (c);
}

static void
give_up(struct cf *cf)
{
	cf->stop = 1;
}

/* What no configuration holds: NUL octets, lines without end. */
static int
text_ok(struct cf *cf, struct cf_place at, const char *p, size_t n)
{
	size_t	 i, start = 0;

	for (i = 0; i < n; i++) {
		if (p[i] == '\0') {
			cf_error(cf, at, "a NUL octet: this is no text file");
			return (0);
		}
		if (i - start >= CF_LINE_MAX) {
			cf_error(cf, at, "this line is longer than %d octets; "
			    "break it up", (int)CF_LINE_MAX);
			return (0);
		}
		if (p[i] == '\n') {
			at.line++;
			start = i + 1;
		}
	}
	return (1);
}

static int
is_open(struct cf *cf, const struct cf_data *d)
{
	int	 i;

	for (i = 0; i < cf->nsrc; i++)
		if (cf->src[i].macro == NULL && cf->src[i].dev == d->dev &&
		    cf->src[i].ino == d->ino)
			return (1);
	return (0);
}

/* Put a file on top of what is being read; from is the include, or NULL. */
int
cf_open(struct cf *cf, const char *path, const struct cf_place *from)
{
	struct cf_place	 at = { path, 1, 0, 0 };
	struct cf_data	 d;
	struct cf_src	*s;
	char		 why[256];
	char		*file;
	int		 rv = -1;

	memset(&d, 0, sizeof(d));
	if (from != NULL)
		at = *from;
	if (cf->nsrc >= CF_DEPTH) {
		cf_error(cf, at, "include \"%s\": more than %d files within "
		    "each other", path, (int)CF_DEPTH);
		give_up(cf);
		return (-1);
	}
	if (cf->io->read(cf->io->arg, path, CF_FILE_CONF, &d, why,
	    sizeof(why)) == -1) {
		cf_error(cf, at, "%s%s%s%s", from != NULL ? "include \"" : "",
		    from != NULL ? path : "", from != NULL ? "\": " : "", why);
		return (-1);
	}
	if ((cf->bytes += d.n) > CF_BYTES_MAX)
		cf_error(cf, at, "%s: all files together are larger than %d "
		    "MiB", path, (int)CF_BYTES_MAX >> 20);
	else if (is_open(cf, &d))
		cf_error(cf, at, "include \"%s\": that file includes itself",
		    path);
	else if ((file = cf_strndup(cf, path, strlen(path))) != NULL) {
		s = &cf->src[cf->nsrc];
		memset(s, 0, sizeof(*s));
		s->seq = cf->nfile++;
		s->file = file;
		s->line = at.line = 1;
		at.file = file;
		at.seq = s->seq;
		s->n = d.n;
		/* some editors begin UTF-8 with a mark */
		s->i = d.n >= 3 && memcmp(d.p, "\357\273\277", 3) == 0 ? 3 : 0;
		s->dev = d.dev;
		s->ino = d.ino;
		s->open = d.open;
		if (text_ok(cf, at, (const char *)d.p, d.n) &&
		    (s->p = cf_strndup(cf, (const char *)d.p, d.n)) != NULL) {
			cf->nsrc++;
			rv = 0;
		}
	}
	if (d.n > 0)
		explicit_bzero(d.p, d.n);
	free(d.p);
	if (rv == -1)
		give_up(cf);
	return (rv);
}

/* A path in the file: relative to the folder of the file it stands in. */
int
cf_path(struct cf *cf, const struct cf_word *w, char *buf, size_t len)
{
	const char	*slash = strrchr(w->at.file, '/');
	int		 n;

	if (w->s[0] == '/' || slash == NULL)
		n = snprintf(buf, len, "%s", w->s);
	else
		n = snprintf(buf, len, "%.*s/%s",
		    (int)(slash - w->at.file), w->at.file, w->s);
	if (w->s[0] == '\0' || n < 0 || (size_t)n >= len) {
		cf_error(cf, w->at, "\"%.40s\": %s", w->s, w->s[0] == '\0' ?
		    "a path is missing" : "this path is too long");
		return (-1);
	}
	return (0);
}

static struct cf_macro *
macro_find(struct cf *cf, const char *name)
{
	struct cf_macro	*m;

	for (m = cf->macros; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			return (m);
	return (NULL);
}

/*
 * The rest of the line, quotes and all, without comment and blanks at the
 * ends; an open brace goes on to the next lines.
 */
static const char *
macro_text(struct cf *cf)
{
	struct cf_src	*s = top(cf);
	const char	*p;
	size_t		 n;
	int		 c, quote = 0, braces = 0;

	while ((c = peek(cf)) == ' ' || c == '\t')
		(void)get(cf);
	p = s->p + s->i;
	while ((c = peek(cf)) != -1) {
		if (quote == 0 && c == '#')
			break;
		if (c == '\n' && (braces <= 0 || quote != 0))
			break;
		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else
			braces += (c == '{') - (c == '}');
		(void)get(cf);
	}
	n = (size_t)(s->p + s->i - p);
	while (n > 0 && strchr(" \t\r", p[n - 1]) != NULL)
		n--;
	/* "{ a, b }" in quotes, as other OpenBSD parsers want it */
	if (n > 2 && p[0] == '"' && p[1] == '{' && p[n - 1] == '"' &&
	    memchr(p + 1, '"', n - 2) == NULL)
		return (cf_strndup(cf, p + 1, n - 2));
	return (cf_strndup(cf, p, n));
}

static void
macro_define(struct cf *cf, const struct cf_word *name)
{
	struct cf_macro	*m;

	if ((m = macro_find(cf, name->s)) != NULL)
		cf_error(cf, name->at, "macro %s: already defined at %s:%u",
		    name->s, m->at.file, m->at.line);
	if ((m = cf_alloc(cf, sizeof(*m))) == NULL)
		return;
	m->name = name->s;
	m->at = name->at;
	if ((m->text = macro_text(cf)) == NULL)
		return;
	if (m->text[0] == '\0')
		cf_error(cf, name->at, "macro %s: nothing stands behind the =",
		    name->s);
	m->next = cf->macros;
	cf->macros = m;
}

static int
name_char(int c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_');
}

/* `$' was read: put the macro's text here. */
static void
macro_use(struct cf *cf)
{
	const struct cf_macro	*m;
	struct cf_place		 at = here(cf);
	struct cf_src		*s;
	char			 name[64];
	size_t			 n = 0;

	while (n < sizeof(name) - 1 && name_char(peek(cf)))
		name[n++] = (char)get(cf);
	name[n] = '\0';
	if ((m = macro_find(cf, name)) == NULL) {
		cf_error(cf, at, "$%s: no such macro; define it first: "
		    "%s = ...", name, n > 0 ? name : "name");
		return;
	}
	if (cf->nsrc >= (int)nitems(cf->src)) {
		cf_error(cf, at, "$%s: macros are nested too deep", name);
		give_up(cf);
		return;
	}
	s = &cf->src[cf->nsrc++];
	memset(s, 0, sizeof(*s));
	s->p = m->text;
	s->n = strlen(m->text);
	s->macro = m;
	s->used = at;
	s->used.open |= m->at.open;	/* it may be a secret */
	s->seq = at.seq;
	s->file = at.file;
}

/* The next file of an include that named several: 1 if there was one. */
static int
pending_open(struct cf *cf)
{
	const char	*path;
	struct cf_src	*s;

	if (cf->nsrc == 0 || (s = top(cf))->npend == 0)
		return (0);
	path = s->pend;
	s->pend += strlen(path) + 1;
	s->npend -= strlen(path) + 1;
	(void)cf_open(cf, path, &s->pend_at);
	return (1);
}

static struct cf_word *
word_new(struct cf *cf, struct cf_place at, const char *s, size_t n, int quoted)
{
	struct cf_word	*w;

	if ((w = cf_alloc(cf, sizeof(*w))) == NULL ||
	    (w->s = cf_strndup(cf, s, n)) == NULL)
		return (NULL);
	w->at = at;
	w->quoted = (uint8_t)quoted;
	w->depth = cf->depth;
	return (w);
}

/* A backslash hides the quote and itself; elsewhere it is a backslash. */
static struct cf_word *
lex_quoted(struct cf *cf, int quote)
{
	struct cf_place	 at = here(cf);
	struct cf_word	*w;
	char		 buf[CF_WORD_MAX];
	size_t		 n = 0;
	int		 c;

	while ((c = get(cf)) != quote) {
		if (c == '\\' && (peek(cf) == quote || peek(cf) == '\\'))
			c = get(cf);
		if (c == -1 || c == '\n') {
			cf_error(cf, at, "the closing %c is missing", quote);
			give_up(cf);
			return (NULL);
		}
		if ((c < ' ' && c != '\t') || c == 0x7f) {
			cf_error(cf, at, "octet 0x%02x in a quoted word; "
			    "write a secret of such octets as 0x...",
			    (unsigned int)c);
			continue;
		}
		if (n == sizeof(buf)) {
			cf_error(cf, at, "a word of more than %zu octets",
			    sizeof(buf));
			give_up(cf);
			return (NULL);
		}
		buf[n++] = (char)c;
	}
	w = word_new(cf, at, buf, n, 1);
	explicit_bzero(buf, n);
	return (w);
}

static int
word_char(int c)
{
	return (c > ' ' && c < 0x7f && strchr("(){},=\"'#$", c) == NULL);
}

static struct cf_word *
lex_bare(struct cf *cf)
{
	struct cf_place	 at = here(cf);
	const char	*p = top(cf)->p + top(cf)->i;
	size_t		 n = 0;

	while (word_char(peek(cf))) {
		(void)get(cf);
		n++;
	}
	if (n > CF_WORD_MAX) {
		cf_error(cf, at, "a word of more than %d octets",
		    (int)CF_WORD_MAX);
		n = 1;
	}
	return (word_new(cf, at, p, n, 0));
}

static void
skip_comment(struct cf *cf)
{
	while (peek(cf) != -1 && peek(cf) != '\n')
		(void)get(cf);
}

/* End of a file or macro: 1 if there is more to read below it. */
static int
pop(struct cf *cf)
{
	struct cf_src	*s = top(cf);

	if (s->macro == NULL && cf->depth > 0) {
		cf_error(cf, cf->brace, "this { is not closed in %s; write } behind "
		    "what belongs to it", s->file);
		give_up(cf);
		return (0);
	}
	cf->nsrc--;
	if (pending_open(cf))
		return (!cf->stop);
	return (cf->nsrc > 0);
}

/* The next octet of a token, or -1 at the very end. */
static int
next_char(struct cf *cf)
{
	int	 c;

	while (!cf->stop && cf->nsrc > 0) {
		if ((c = get(cf)) == -1) {
			if (!pop(cf))
				break;
			continue;
		}
		if (c == '#')
			skip_comment(cf);
		else if (c == '$')
			macro_use(cf);
		else if (c == '\\' && peek(cf) == '\n')
			(void)get(cf);
		else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return (c);
	}
	return (-1);
}

/* `include' outside of braces: its argument, then those files. */
static void
lex_include(struct cf *cf, const struct cf_word *inc)
{
	struct cf_word	*w;
	struct cf_src	*s;
	char		 path[1024], why[256], *list = NULL;
	size_t		 n = 0;

	if (cf_lex(cf, &w) != CFT_WORD || !w->quoted) {
		if (!cf->stop)
			cf_error(cf, inc->at, "include: no file is named; "
			    "write: include \"file\"");
		return;
	}
	if (cf_path(cf, w, path, sizeof(path)) == -1)
		return;
	if (strpbrk(w->s, "*?[") == NULL) {
		(void)cf_open(cf, path, &w->at);
		return;
	}
	if (cf->io->glob(cf->io->arg, path, &list, &n, why,
	    sizeof(why)) == -1) {
		cf_error(cf, w->at, "include \"%s\": %s", w->s, why);
		give_up(cf);
		return;
	}
	s = top(cf);
	if (n > 0 && (s->pend = cf_strndup(cf, list, n)) != NULL)
		s->npend = n;
	s->pend_at = w->at;
	free(list);
	(void)pending_open(cf);
}

/* Does a = follow, on this line, in this source? */
static int
assigns(struct cf *cf)
{
	struct cf_src	*s = top(cf);
	size_t		 i;

	for (i = s->i; i < s->n && (s->p[i] == ' ' || s->p[i] == '\t'); i++)
		;
	if (i >= s->n || s->p[i] != '=')
		return (0);
	s->i = i + 1;
	return (1);
}

static enum cf_tok
lex_punct(struct cf *cf, int c, struct cf_word **w)
{
	char	 s[2];

	s[0] = (char)c;
	s[1] = '\0';
	if ((*w = word_new(cf, here(cf), s, 1, 0)) == NULL)
		return (CFT_EOF);
	if (c == '{' && cf->depth++ == 0)
		cf->brace = (*w)->at;
	if (c == '}' && cf->depth > 0)
		cf->depth--;
	return (CFT_PUNCT);
}

/* The next token into *w (NULL at the end).  Definitions stay inside. */
enum cf_tok
cf_lex(struct cf *cf, struct cf_word **w)
{
	int	 c;

	for (;;) {
		*w = NULL;
		if ((c = next_char(cf)) == -1)
			return (CFT_EOF);
		if (c == '"' || c == '\'') {
			*w = lex_quoted(cf, c);
			return (*w == NULL ? CFT_EOF : CFT_WORD);
		}
		if (strchr("(){},=", c) != NULL)
			return (lex_punct(cf, c, w));
		if (!word_char(c)) {
			cf_error(cf, here(cf), "octet 0x%02x outside of quotes",
			    (unsigned int)c);
			continue;
		}
		top(cf)->i--;		/* a word never begins at a newline */
		if ((*w = lex_bare(cf)) == NULL)
			return (CFT_EOF);
		if (cf->depth == 0 && top(cf)->macro == NULL && assigns(cf)) {
			macro_define(cf, *w);
			continue;
		}
		if (cf->depth == 0 && strcmp((*w)->s, "include") == 0) {
			lex_include(cf, *w);
			continue;
		}
		return (CFT_WORD);
	}
}
