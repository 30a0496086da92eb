/* SPDX-License-Identifier: ISC */

/*
 * fuzz_import.c: any octets as ipsec.conf and ipsec.secrets.  The first octet
 * chooses the flavour and where secrets go; the rest is cut at octets 0x1e:
 * the main file, ipsec.secrets, then what includes find, in turn.  Whatever
 * is printed must be an s2sd.conf that s2sd takes.
 */

#include <stdlib.h>

#include "cf.h"
#include "im.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { CUT = 0x1e, INPUT_MAX = 32768 };

struct world {
	struct rd	 piece[16];
	size_t		 n, next;
	const struct im_result *r;
	const char	*text;		/* what was printed */
	size_t		 len;
};

static struct rd
cut(struct rd *rest)
{
	const uint8_t	*end;
	struct rd	 r;
	size_t		 n = rest->n;

	if (n > 0 && (end = memchr(rest->p, CUT, n)) != NULL)
		n = (size_t)(end - rest->p);
	r = rd_of(rest->p, n);
	if (n < rest->n)
		n++;
	if (n > 0)
		rest->p += n;
	rest->n -= n;
	return (r);
}

static uint8_t *
copy(const void *p, size_t n)
{
	uint8_t	*d = malloc(n > 0 ? n : 1);

	if (d == NULL)
		abort();
	if (n > 0)
		memcpy(d, p, n);
	return (d);
}

static int
old_read(void *arg, const char *path, struct im_data *d, char *why, size_t len)
{
	struct world	*w = arg;
	size_t		 i;

	i = strcmp(path, "ipsec.conf") == 0 ? 0 :
	    strcmp(path, "ipsec.secrets") == 0 ? 1 : w->next++;
	if (i >= w->n) {
		(void)snprintf(why, len, "cannot be opened");
		return (-1);
	}
	memset(d, 0, sizeof(*d));
	d->p = copy(w->piece[i].p, w->piece[i].n);
	d->n = w->piece[i].n;
	d->ino = i;
	return (0);
}

static int
old_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	static const char	 names[] = "a.conf\0b.conf";

	(void)arg;
	(void)why;
	(void)len;
	*n = pattern[0] == '*' ? sizeof(names) : 0;
	*list = (char *)copy(names, sizeof(names));
	return (0);
}

static int
new_read(void *arg, const char *path, enum cf_kind kind, struct cf_data *d,
    char *why, size_t len)
{
	const struct world	*w = arg;
	const struct im_file	*f;
	char			 name[256];

	memset(d, 0, sizeof(*d));
	if (kind == CF_FILE_CONF) {
		d->p = copy(w->text, w->len);
		d->n = w->len;
		return (0);
	}
	for (f = w->r->files; f != NULL; f = f->next) {
		(void)snprintf(name, sizeof(name), "/k/%s.psk", f->name);
		if (strcmp(name, path) != 0)
			continue;
		d->p = copy(f->p, f->n);
		d->n = f->n;
		return (0);
	}
	(void)snprintf(why, len, "is not there");
	return (-1);
}

static int
new_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	(void)arg;
	(void)pattern;
	(void)list;
	(void)n;
	(void)why;
	(void)len;
	abort();			/* nothing is included */
}

static int
new_group(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return (0);
}

/* s2sd -n */
static void
check(struct world *w, const struct im_opts *o, int comments)
{
	struct cf_io		 io = { w, new_read, new_glob, new_group };
	struct cf_result	 c;
	char			*text = NULL;
	unsigned int		 i;
	FILE			*f;

	if ((f = open_memstream(&text, &w->len)) == NULL)
		abort();
	im_print(w->r, o, f, comments);
	if (fclose(f) != 0)
		abort();
	w->text = text;
	if (w->r->tuns != NULL && cf_parse("s2sd.conf", &io, CF_RUN,
	    &c) == -1) {
		(void)fprintf(stderr, "%s", text);
		for (i = 0; i < CF_ERR_MAX && c.err[i] != NULL; i++)
			(void)fprintf(stderr, "%s\n", c.err[i]);
		abort();
	} else if (w->r->tuns != NULL)
		cf_clear(&c);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct im_opts	 o;
	struct im_result	 r;
	struct im_io		 io;
	struct world		 w;
	struct rd		 rest;
	int			 rv;

	if (n < 1 || n > INPUT_MAX)
		return (0);
	memset(&o, 0, sizeof(o));
	memset(&w, 0, sizeof(w));
	o.flavour = (enum im_flavour)(p[0] & 3);
	o.in = (p[0] & 4) != 0;
	o.keydir = "/k";
	if (!(p[0] & 8)) {
		if (addr_parse("192.0.2.1", &o.host[0]) == -1 ||
		    addr_parse("2001:db8::1", &o.host[1]) == -1)
			abort();
		o.nhost = 2;
		o.def[0] = o.host[0];
		o.def[1] = o.host[1];
	}
	for (rest = rd_of(p + 1, n - 1); w.n < 16 && (w.n == 0 ||
	    rest.n > 0);)
		w.piece[w.n++] = cut(&rest);
	w.next = 2;
	w.r = &r;
	io.arg = &w;
	io.read = old_read;
	io.glob = old_glob;
	rv = im_run("ipsec.conf", "ipsec.secrets", &io, &o, &r);
	if ((rv == 0) != (r.tuns != NULL))
		abort();
	check(&w, &o, (p[0] & 16) != 0);
	im_clear(&r);
	return (0);
}
