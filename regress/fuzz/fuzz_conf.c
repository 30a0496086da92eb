/* SPDX-License-Identifier: ISC */

/*
 * fuzz_conf.c: any octets as s2sd.conf.  The input is cut at octets 0x1e:
 * the first piece is the main file, the others are what `include' and
 * `psk file' find, in turn.  Whatever is accepted must be printed in a form
 * that is accepted again and prints the same, and its records must be what
 * the other processes take.
 */

#include <stdlib.h>

#include "cf.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { CUT = 0x1e, INPUT_MAX = 65536 };

struct world {
	struct rd	 rest;		/* pieces not read yet */
	uint64_t	 ino;
};

static struct rd
piece(struct world *w)
{
	const uint8_t	*end;
	struct rd	 r;
	size_t		 n = w->rest.n;

	if (n > 0 && (end = memchr(w->rest.p, CUT, n)) != NULL)
		n = (size_t)(end - w->rest.p);
	r = rd_of(w->rest.p, n);
	if (n < w->rest.n)
		n++;
	if (n > 0)
		w->rest.p += n;
	w->rest.n -= n;
	return (r);
}

static int
world_read(void *arg, const char *path, enum cf_kind kind, struct cf_data *d,
    char *why, size_t len)
{
	struct world	*w = arg;
	struct rd	 r;

	(void)kind;
	if (w->rest.n == 0 && strcmp(path, "s2sd.conf") != 0) {
		(void)snprintf(why, len, "cannot be opened");
		return (-1);
	}
	r = piece(w);
	memset(d, 0, sizeof(*d));
	if ((d->p = malloc(r.n + 1)) == NULL)
		abort();
	if (r.n > 0)
		memcpy(d->p, r.p, r.n);
	d->n = r.n;
	d->ino = w->ino++;
	return (0);
}

static int
world_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	static const char	 names[] = "a.conf\0b.conf";

	(void)arg;
	(void)why;
	(void)len;
	*n = pattern[0] == '*' ? sizeof(names) : 0;
	if ((*list = malloc(sizeof(names))) == NULL)
		abort();
	memcpy(*list, names, sizeof(names));
	return (0);
}

static int
world_group(void *arg, const char *name)
{
	(void)arg;
	return (name[0] == 'w');
}

static int
parse(const uint8_t *p, size_t n, struct cf_result *r)
{
	struct world	 w = { rd_of(p, n), 1 };
	struct cf_io	 io = { &w, world_read, world_glob, world_group };
	int		 rv = cf_parse("s2sd.conf", &io, CF_PRINT, r);

	if ((rv == 0) != (r->nerr == 0) || (rv == -1 && r->err[0] == NULL))
		abort();		/* an error must have a text */
	return (rv);
}

static char *
print(const struct cf_result *r, size_t *n)
{
	char	*text = NULL;
	FILE	*f;

	if ((f = open_memstream(&text, n)) == NULL)
		abort();
	cf_print(r, f);
	if (fclose(f) != 0)
		abort();
	return (text);
}

/* What is sent is what is taken, octet by octet. */
static void
records(const struct cf_result *r)
{
	static uint8_t	 a[TUNNEL_WIRE_MAX], b[TUNNEL_WIRE_MAX];
	struct tunnel	 t;
	struct global	 g;
	struct wr	 w = wr_of(a, sizeof(a)), v = wr_of(b, sizeof(b));
	size_t		 i;

	global_put(&w, &r->g);
	if (wr_end(&w) || global_get(rd_of(a, w.n), &g))
		abort();
	for (i = 0; i < r->n; i++) {
		w = wr_of(a, sizeof(a));
		v = wr_of(b, sizeof(b));
		tunnel_put(&w, &r->t[i]->t);
		if (wr_end(&w) || tunnel_get(rd_of(a, w.n), &t))
			abort();
		tunnel_put(&v, &t);
		if (v.n != w.n || memcmp(a, b, w.n) != 0)
			abort();
	}
}

/* The secrets' files are not printed: hide them before reading it back. */
static void
hide(struct cf_result *r)
{
	size_t	 i;

	for (i = 0; i < r->n; i++)
		r->t[i]->pskfile = NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cf_result	 r, again;
	char			*one, *two;
	size_t			 n1, n2;

	if (n > INPUT_MAX)
		return (0);
	if (parse(p, n, &r) == 0) {
		records(&r);
		hide(&r);
		one = print(&r, &n1);
		if (parse((const uint8_t *)one, n1, &again) == -1)
			abort();
		two = print(&again, &n2);
		if (n1 != n2 || memcmp(one, two, n1) != 0)
			abort();
		cf_clear(&again);
		free(one);
		free(two);
	}
	cf_clear(&r);
	return (0);
}
