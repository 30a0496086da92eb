/* SPDX-License-Identifier: ISC */

/*
 * test_manual.c: what s2sd.conf(5) says of defaults, limits and names is what
 * the parser and the table of algorithms do.  The sentences of the page are
 * made here from the code's own values and looked for, whatever its line
 * breaks; its limits are tried.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "alg.h"
#include "cf.h"

#define PAGE	SRCDIR "/daemon/conf/s2sd.conf.5"

static char	 page[65536];		/* words, one blank between them */

static int
conf_read(void *arg, const char *path, enum cf_kind kind, struct cf_data *d,
    char *why, size_t len)
{
	const char	*text = arg;

	(void)path;
	(void)kind;
	(void)why;
	(void)len;
	memset(d, 0, sizeof(*d));
	assert_non_null(d->p = malloc(strlen(text)));
	memcpy(d->p, text, strlen(text));
	d->n = strlen(text);
	return (0);
}

static int
conf_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	(void)arg;
	(void)pattern;
	(void)why;
	(void)len;
	*list = NULL;
	*n = 0;
	return (0);
}

static int
conf_group(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return (1);
}

/* A tunnel with nothing but what it must have, and `more': 0 or -1. */
static int
parse(const char *flags, const char *more, struct cf_result *r)
{
	char		 text[512];
	struct cf_io	 io = { text, conf_read, conf_glob, conf_group };

	(void)snprintf(text, sizeof(text), "tunnel \"a\" %s {\n"
	    "local 192.0.2.1 peer 192.0.2.2\nfrom 10.1.0.0/16 to 10.2.0.0/16\n"
	    "psk \"0123456789abcdefghij\"\n%s\n}\n", flags, more);
	return (cf_parse("s2sd.conf", &io, CF_RUN, r));
}

static int
takes(const char *what, uint32_t v)
{
	struct cf_result	 r;
	char			 line[64];
	int			 rv;

	(void)snprintf(line, sizeof(line), "%s %u", what, v);
	rv = parse("", line, &r) == 0;
	cf_clear(&r);
	return (rv);
}

static int
load(void **state)
{
	FILE	*f;
	size_t	 n = 0;
	int	 c, blank = 1;

	(void)state;
	if ((f = fopen(PAGE, "r")) == NULL)
		return (-1);
	while ((c = getc(f)) != EOF && n + 1 < sizeof(page)) {
		if (c == '\n')
			c = ' ';
		if (c != ' ' || !blank)
			page[n++] = (char)c;
		blank = c == ' ';
	}
	page[n] = '\0';
	(void)fclose(f);
	return (c == EOF ? 0 : -1);
}

/* An entry of the word, up to the next, says so. */
static void
says(const char *word, const char *sentence)
{
	char		 head[64];
	const char	*p = page, *end, *at;

	(void)snprintf(head, sizeof(head), ".It Ic %s ", word);
	while ((p = strstr(p, head)) != NULL) {
		end = strstr(++p, " .It ");
		at = strstr(p, sentence);
		if (at != NULL && (end == NULL || at < end))
			return;
	}
	fail_msg("%s: the page does not say: %s", word, sentence);
}

/* As people write it. */
static const char *
span(uint32_t t, const char *tail, char *buf, size_t len)
{
	const uint32_t	 unit = t % 86400 == 0 ? 86400 : t % 3600 == 0 ? 3600 :
			    t % 60 == 0 ? 60 : 1;

	(void)snprintf(buf, len, "Default: %u%c%s", t / unit, unit == 86400 ?
	    'd' : unit == 3600 ? 'h' : unit == 60 ? 'm' : 's', tail);
	return (buf);
}

static void
test_values(void **state)
{
	struct cf_result	 r;
	const struct tunnel	*t;
	char			 buf[64];

	(void)state;
	assert_int_equal(parse("", "", &r), 0);
	t = &r.t[0]->t;
	says("ikelifetime", span(t->ikelife, ".", buf, sizeof(buf)));
	says("lifetime", span(t->life, t->lifebytes == 0 ?
	    ", no limit of octets." : "?", buf, sizeof(buf)));
	says("dpd", span(t->dpd, ".", buf, sizeof(buf)));
	(void)snprintf(buf, sizeof(buf), "Default: %u.", t->replay);
	says("replay", buf);
	says("mtu", t->mtu == 0 ? "Default: that of the device." : "?");
	says("max-mss", t->maxmss == MSS_AUTO ? "Default: .Cm auto ," : "?");
	says("leak", t->flags & TUN_LEAK ? "Default: .Cm yes ." :
	    "Default: .Cm no .");
	says("nat-exempt", r.g.gateway & GW_NATEXEMPT ?
	    "Default: .Cm yes ." : "Default: .Cm no .");
	(void)snprintf(buf, sizeof(buf), "default %u.", t->local.port);
	assert_non_null(strstr(page, buf));
	(void)snprintf(buf, sizeof(buf), "The port is %u by default.",
	    t->peer[0].port);
	assert_non_null(strstr(page, buf));
	cf_clear(&r);
}

/* The limits as the page has them: the last that is taken on each side. */
static void
limits(const char *word, const char *sentence, uint32_t lo, uint32_t hi)
{
	says(word, sentence);
	assert_true(takes(word, lo));
	assert_false(takes(word, lo - 1));
	assert_true(takes(word, hi));
	assert_false(takes(word, hi + 1));
}

static void
test_limits(void **state)
{
	(void)state;
	limits("ikelifetime", "10 seconds to 30 days", 10, 30 * 86400);
	limits("lifetime", "10 seconds to 30 days", 10, 30 * 86400);
	limits("dpd", "1 second to 1 day", 1, 86400);
	limits("mtu", "576 to 65535", 576, 65535);
	limits("replay", "64 to 4096", 64, 4096);
}

/* "a, b and c": names of a list, each once. */
static void
names(char *to, size_t max, const uint16_t *a, size_t n, int last)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)snprintf(to + strlen(to), max - strlen(to), "%s%s",
		    i == 0 ? "" : last && i + 1 == n ? " and " : ", ",
		    alg_num(a[i])->name);
}

static void
test_proposals(void **state)
{
	struct cf_result	 r;
	const struct prop	*p;
	char			 s[512] = "Default: ";

	(void)state;
	assert_int_equal(parse("", "", &r), 0);
	p = r.t[0]->t.ike;
	assert_int_equal(r.t[0]->t.nike, 2);
	names(s, sizeof(s), p[0].encr, p[0].nencr, 0);
	(void)strcat(s, ", and ");
	names(s, sizeof(s), p[1].encr, p[1].nencr, 1);
	(void)strcat(s, " with ");
	names(s, sizeof(s), p[1].integ, p[1].ninteg, 1);
	(void)strcat(s, "; groups ");
	names(s, sizeof(s), p[0].dh, p[0].ndh, 1);
	(void)strcat(s, "; ");
	if (strstr(page, s) == NULL)
		fail_msg("the page does not say: %s", s);
	cf_clear(&r);
}

/* As the page's sentence about IKEv1 names them, those of the first phase. */
static void
test_v1(void **state)
{
	struct cf_result	 r;
	const struct prop	*p;
	char			 s[512] = "Default: ";

	(void)state;
	if (parse("ikev1", "", &r) == -1) {	/* --disable-ikev1 */
		cf_clear(&r);
		skip();
	}
	p = r.t[0]->t.ike;
	names(s, sizeof(s), p->encr, p->nencr, 1);
	(void)strcat(s, " with ");
	names(s, sizeof(s), p->prf, p->nprf, 1);
	(void)strcat(s, ", groups ");
	names(s, sizeof(s), p->dh, p->ndh, 1);
	if (strstr(page, s) == NULL)
		fail_msg("the page does not say: %s", s);
	cf_clear(&r);
}

/* Each algorithm that may be written is named, and by that name. */
static void
test_names(void **state)
{
	const struct alg	*a;
	size_t			 i, n;

	(void)state;
	a = alg_rows(&n);
	for (i = 0; i < n; i++)
		if (a[i].type != ALG_ESN && strstr(page, a[i].name) == NULL)
			fail_msg("the page does not name %s", a[i].name);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_proposals),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_names),
	};

	return (cmocka_run_group_tests(tests, load, NULL));
}
