/* SPDX-License-Identifier: ISC */

/*
 * im_secret.c: ipsec.secrets to a list of shared secrets.  The union of what
 * the three take: an entry is `ids : KIND value', begins in column 0 and may
 * go on in indented lines; the colon may be glued to an id.  A bad entry is a
 * remark, and the next one is read.
 */

#include <ctype.h>
#include <strings.h>

#include "im_int.h"

enum { TOKEN_MAX = 4096, ID_LIST_MAX = 64 };

struct lex {
	struct im	*im;
	const char	*begin, *p, *end;
	struct im_at	 at;
	int		 column0;	/* the token began a line */
	int		 quoted;
	unsigned int	 line;		/* of the token */
	size_t		 n;
	char		 t[TOKEN_MAX];
	int		 have;		/* a token was pushed back */
};

static int
blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

static void
skip_line(struct lex *l)
{
	while (l->p < l->end && *l->p != '\n')
		l->p++;
}

static void
take(struct lex *l, char c)
{
	if (l->n < sizeof(l->t) - 1)
		l->t[l->n++] = c;
}

static void
string(struct lex *l, char quote)
{
	l->quoted = 1;
	while (l->p < l->end && *l->p != quote && *l->p != '\n')
		take(l, *l->p++);
	if (l->p < l->end && *l->p == quote) {
		l->p++;
		return;
	}
	if (l->n > 0 && l->t[l->n - 1] == '\r')
		l->n--;
	im_warn(l->im, (struct im_at){ l->at.file, l->line },
	    "the closing %c is missing; read to the end of the line", quote);
}

/* The next token into t: 1, or 0 at the end of the file. */
static int
token(struct lex *l)
{
	if (l->have) {
		l->have = 0;
		return (1);
	}
	l->n = 0;
	l->quoted = l->column0 = 0;
	l->t[0] = '\0';
	for (; l->p < l->end; l->p++) {
		if (*l->p == '#') {
			skip_line(l);
			if (l->p == l->end)
				return (0);
		}
		if (*l->p == '\n')
			l->at.line++;
		else if (!blank(*l->p))
			break;
	}
	if (l->p >= l->end)
		return (0);
	l->column0 = l->p == l->begin || l->p[-1] == '\n';
	l->line = l->at.line;
	if (*l->p == '"' || *l->p == '\'') {
		l->p++;
		string(l, l->p[-1]);
	} else
		while (l->p < l->end && !blank(*l->p) && *l->p != '\n')
			take(l, *l->p++);
	l->t[l->n] = '\0';
	return (1);
}

/* --- values --- */

static int
hexval(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	c = (char)(c | 0x20);
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

static int
hex(const char *s, uint8_t *d, size_t *n)
{
	int	 hi, lo;

	for (*n = 0; *s != '\0'; s += 2) {
		if (*s == '_')
			s++;
		if ((hi = hexval(s[0])) == -1 || (lo = hexval(s[1])) == -1 ||
		    *n == IM_PSK_MAX)
			return (-1);
		d[(*n)++] = (uint8_t)(hi << 4 | lo);
	}
	return (*n > 0 ? 0 : -1);
}

static int
base64(const char *s, uint8_t *d, size_t *n)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
	    "pqrstuvwxyz0123456789+/";
	const char	*p;
	uint32_t	 v = 0;
	int		 bits = 0;

	for (*n = 0; *s != '\0' && *s != '='; s++) {
		if ((p = strchr(abc, *s)) == NULL)
			return (-1);
		v = v << 6 | (uint32_t)(p - abc);
		if ((bits += 6) >= 8) {
			if (*n == IM_PSK_MAX)
				return (-1);
			d[(*n)++] = (uint8_t)(v >> (bits -= 8));
		}
	}
	return (*n > 0 && s[strspn(s, "=")] == '\0' ? 0 : -1);
}

/* The token as a secret: 0, or -1 after a remark. */
static int
secret(struct lex *l, struct im_psk *k)
{
	uint8_t		 d[IM_PSK_MAX];
	struct im_at	 at = { l->at.file, l->line };
	const char	*bad = NULL;
	size_t		 n = 0;
	char		 c = l->n > 1 ? (char)(l->t[1] | 0x20) : 0;

	if (l->quoted || l->t[0] != '0' || (c != 'x' && c != 's' && c != 't')) {
		if (!l->quoted)
			im_note(l->im, at, "a secret without quotes, which "
			    "only strongSwan takes");
		if (l->n == 0 || l->n > sizeof(d))
			bad = l->n == 0 ? "the secret is empty" :
			    "the secret is longer than 1024 octets";
		else
			memcpy(d, l->t, n = l->n);
	} else if (c == 't') {
		/* to the end of the line */
		while (l->p < l->end && *l->p != '\n')
			take(l, *l->p++);
		while (l->n > 2 && blank(l->t[l->n - 1]))
			l->n--;
		l->t[l->n] = '\0';
		if (l->n > 2 && l->n - 2 <= sizeof(d))
			memcpy(d, l->t + 2, n = l->n - 2);
		else
			bad = "the secret is empty or too long";
	} else if ((c == 'x' ? hex(l->t + 2, d, &n) :
	    base64(l->t + 2, d, &n)) == -1)
		bad = c == 'x' ? "behind 0x stand no hexadecimal digits, or "
		    "too many" : "behind 0s stands no base64, or too much";
	if (bad != NULL)
		im_warn(l->im, at, "%s; this entry is left out", bad);
	else if ((k->p = im_alloc(l->im, n + 1)) != NULL) {
		memcpy(k->p, d, n);
		k->n = n;
	}
	explicit_bzero(d, sizeof(d));
	return (bad == NULL && k->p != NULL ? 0 : -1);
}

/* --- entries --- */

static void
add_id(struct lex *l, struct im_psk *k)
{
	struct im_sid	*s;
	const char	*why;
	char		*list = l->t, *item;
	int		 rv;

	while (k->nid < ID_LIST_MAX && (item = l->quoted ? list :
	    im_item(&list)) != NULL) {
		if ((s = im_alloc(l->im, sizeof(*s))) == NULL)
			return;
		rv = im_ident(item, IM_STRONGSWAN, &s->id, &why);
		/* what has no form here can match nobody */
		if (l->im->fl != IM_STRONGSWAN && item[0] == '@')
			rv = im_ident(item, l->im->fl, &s->id, &why);
		s->any = rv == 1;
		s->next = k->ids;
		k->ids = s;
		k->nid++;
		if (l->quoted)
			return;
	}
}

/* What stands behind the kind goes unread: the line, or { to }. */
static void
skip_entry(struct lex *l)
{
	const char	*start = l->p;

	skip_line(l);
	if (memchr(start, '{', (size_t)(l->p - start)) == NULL)
		return;
	for (l->p = start; l->p < l->end && *l->p != '}'; l->p++)
		if (*l->p == '\n')
			l->at.line++;
	skip_line(l);
}

static void
psk(struct lex *l, struct im_psk *k)
{
	struct im	*im = l->im;
	unsigned int	 line = l->line;

	k->at.line = line;
	if (!token(l)) {
		im_warn(im, k->at, "no secret behind PSK; this entry is left "
		    "out");
		return;
	}
	if (l->line != line && l->column0) {
		if (!l->quoted) {
			im_warn(im, k->at, "no secret behind PSK; this entry "
			    "is left out");
			l->have = 1;
			return;
		}
		im_warn(im, (struct im_at){ l->at.file, l->line }, "the secret "
		    "stands on a line of its own, which the old daemon does "
		    "not take; taken");
	}
	if (secret(l, k) == 0) {
		*im->psk_tail = k;
		im->psk_tail = &k->next;
	}
}

static void
kind(struct lex *l, struct im_psk *k)
{
	static const char *const single[] = { "EAP", "XAUTH", "NTLM", "PIN",
	    "PPKS" };
	static const char *const certs[] = { "RSA", "ECDSA", "PKCS8", "P12",
	    "BLISS", "PKCS12" };
	struct im_at	 at = { l->at.file, l->line };
	size_t		 i;

	if (l->quoted) {		/* the oldest form: no kind at all */
		k->at = at;
		if (secret(l, k) == 0) {
			*l->im->psk_tail = k;
			l->im->psk_tail = &k->next;
		}
		return;
	}
	if (strcasecmp(l->t, "PSK") == 0) {
		psk(l, k);
		return;
	}
	for (i = 0; i < nitems(single); i++)
		if (strcasecmp(l->t, single[i]) == 0) {
			im_note(l->im, at, "%s is for remote access; not taken",
			    single[i]);
			skip_entry(l);
			return;
		}
	for (i = 0; i < nitems(certs); i++)
		if (strcasecmp(l->t, certs[i]) == 0) {
			l->im->keys_seen = 1;
			im_note(l->im, at, "%s: private keys are not built "
			    "into s2sd yet; not taken", certs[i]);
			skip_entry(l);
			return;
		}
	im_warn(l->im, at, "neither PSK nor another kind of secret is named "
	    "behind the colon; this entry is left out");
	skip_entry(l);
}

/* From its first token on: ids, a colon, a kind. */
static void
entry(struct lex *l)
{
	struct im_psk	*k = im_alloc(l->im, sizeof(*k));
	struct im_at	 at = { l->at.file, l->line };
	int		 glued;

	if (k == NULL)
		return;
	k->at = at;
	for (;;) {
		if (!l->quoted && strcmp(l->t, ":") == 0)
			break;
		glued = !l->quoted && l->n > 1 && l->t[l->n - 1] == ':' &&
		    l->t[l->n - 2] != ':';
		if (!l->quoted && l->t[0] == ':' && isalpha((uint8_t)l->t[1])) {
			memmove(l->t, l->t + 1, l->n--);	/* :PSK */
			kind(l, k);
			return;
		}
		if (glued)
			l->t[--l->n] = '\0';
		add_id(l, k);
		if (glued)
			break;
		if (!token(l) || l->column0) {
			im_warn(l->im, at, "no colon in this entry; left out");
			l->have = l->column0 && l->n > 0;
			return;
		}
	}
	if (!token(l)) {
		im_warn(l->im, at, "nothing behind the colon; left out");
		return;
	}
	if (l->column0 && l->line != at.line) {
		im_warn(l->im, at, "nothing behind the colon; left out");
		l->have = 1;
		return;
	}
	kind(l, k);
}

int
im_secrets(struct im *im, const char *path, const struct im_at *from)
{
	struct im_data	 d;
	struct lex	*l;
	struct im_at	 at;
	const char	*name;

	if (im_open(im, path, &d, from) == -1)
		return (-1);
	if ((l = im_alloc(im, sizeof(*l))) == NULL) {
		im_close(im, &d);
		return (-1);
	}
	l->im = im;
	l->p = d.p != NULL ? (const char *)d.p : "";
	l->end = l->p + d.n;
	if (d.n >= 3 && memcmp(l->p, "\357\273\277", 3) == 0)
		l->p += 3;
	l->begin = l->p;
	l->at.file = im_strndup(im, path, strlen(path));
	l->at.line = 1;
	if (d.open && l->at.file != NULL)
		im_warn(im, (struct im_at){ l->at.file, 0 }, "others may read "
		    "this file and its secrets: chmod 600 it");
	while (l->at.file != NULL && !im->stop && token(l)) {
		at = (struct im_at){ l->at.file, l->line };
		if (!l->quoted && l->column0 && im_is_template(l->t) &&
		    l->t[0] != '<') {
			im_warn(im, at, "a line of a template: fill it in "
			    "first");
			skip_line(l);
		} else if (!l->quoted && strcasecmp(l->t, "include") == 0) {
			if (token(l) && (name = im_strndup(im, l->t,
			    l->n)) != NULL)
				im_include(im, name, at, im_secrets);
		} else
			entry(l);
	}
	explicit_bzero(l, sizeof(*l));
	im_close(im, &d);
	return (0);
}
