/* SPDX-License-Identifier: ISC */

/* list.c: the results of verify, for people and for programs. */

#include <stdarg.h>
#include <stdlib.h>

#include <jansson.h>

#include "verify.h"

enum { JSON_VERSION = 1, TEXT = 1024 };

static const char *const words[] = { "ok", "WARN", "FAIL", "--" };
static const char *const results[] = { "ok", "warn", "fail", "not-tested" };
static const char *const groups[] = { "configuration", "host", "tunnels" };
static const char *const titles[] = { "Configuration", "This host",
	"Tunnels" };
static const char *const colours[] = { "\033[32m", "\033[33m", "\033[31m",
	"\033[2m" };

static char *
copy(struct v_list *l, const char *s)
{
	char	*p;

	if (s == NULL)
		return (NULL);
	if ((p = strdup(s)) == NULL)
		l->bad = 1;
	return (p);
}

void
v_add(struct v_list *l, enum v_result result, enum v_group group,
    const char *id, const char *tunnel, const char *fix, const char *seen,
    const char *fmt, ...)
{
	char		 text[TEXT];
	struct v_check	*c;
	va_list		 ap;

	if (l->n == l->room) {
		l->room = l->room == 0 ? 32 : 2 * l->room;
		c = reallocarray(l->c, l->room, sizeof(*c));
		if (c == NULL) {
			l->bad = 1;
			l->room = l->n;
			return;
		}
		l->c = c;
	}
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c = &l->c[l->n++];
	c->result = result;
	c->group = group;
	c->id = id;
	c->tunnel = copy(l, tunnel);
	c->text = copy(l, text);
	c->seen = copy(l, seen);
	c->fix = copy(l, fix);
}

void
v_clear(struct v_list *l)
{
	size_t	 i;

	for (i = 0; i < l->n; i++) {
		free(l->c[i].tunnel);
		free(l->c[i].text);
		free(l->c[i].seen);
		free(l->c[i].fix);
	}
	free(l->c);
	memset(l, 0, sizeof(*l));
}

size_t
v_count(const struct v_list *l, enum v_result r)
{
	size_t	 i, n = 0;

	for (i = 0; i < l->n; i++)
		n += l->c[i].result == r;
	return (n);
}

int
v_exit(const struct v_list *l)
{
	if (l->bad || v_count(l, V_FAIL) > 0)
		return (2);
	return (v_count(l, V_WARN) > 0);
}

/* ---- for people ---- */

/* Lines after the first stand below it. */
static void
print_lines(FILE *f, const char *head, const char *s)
{
	size_t	 n;

	for (n = 0; *s != '\0'; n++) {
		(void)fprintf(f, "           %-6s%.*s\n", n == 0 ? head : "",
		    (int)strcspn(s, "\n"), s);
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
}

static void
print_check(FILE *f, const struct v_check *c, int colour)
{
	(void)fprintf(f, "  %s%-6s%s ", colour ? colours[c->result] : "",
	    words[c->result], colour ? "\033[0m" : "");
	if (c->tunnel != NULL)
		(void)fprintf(f, "%s: ", c->tunnel);
	(void)fprintf(f, "%s\n", c->text);
	if (c->seen != NULL && c->result != V_OK)
		print_lines(f, "seen:", c->seen);
	if (c->fix != NULL)
		print_lines(f, "fix:", c->fix);
}

static void
plural(FILE *f, size_t n, const char *what, const char *end)
{
	(void)fprintf(f, "%zu %s%s%s", n, what, n == 1 ? "" : "s", end);
}

void
v_print(FILE *f, const struct v_list *l, int colour)
{
	size_t	 g, i, n;

	for (g = 0; g < VG_MAX; g++) {
		for (i = 0, n = 0; i < l->n; i++) {
			if (l->c[i].group != g)
				continue;
			if (n++ == 0)
				(void)fprintf(f, "%s\n", titles[g]);
			print_check(f, &l->c[i], colour);
		}
		if (n > 0)
			(void)fputc('\n', f);
	}
	plural(f, v_count(l, V_FAIL), "failure", ", ");
	plural(f, v_count(l, V_WARN), "warning", "");
	if (v_count(l, V_SKIP) > 0)
		(void)fprintf(f, ", %zu not tested", v_count(l, V_SKIP));
	(void)fputc('\n', f);
}

/* ---- for programs ---- */

static json_t *
text_or_null(const char *s)
{
	return (s == NULL ? json_null() : json_string(s));
}

static json_t *
one(const struct v_check *c)
{
	json_t	*o = json_object();

	if (json_object_set_new(o, "id", json_string(c->id)) ||
	    json_object_set_new(o, "group", json_string(groups[c->group])) ||
	    json_object_set_new(o, "tunnel", text_or_null(c->tunnel)) ||
	    json_object_set_new(o, "result",
	    json_string(results[c->result])) ||
	    json_object_set_new(o, "text", text_or_null(c->text)) ||
	    json_object_set_new(o, "seen", text_or_null(c->seen)) ||
	    json_object_set_new(o, "fix", text_or_null(c->fix))) {
		json_decref(o);
		return (NULL);
	}
	return (o);
}

char *
v_json(const struct v_list *l)
{
	json_t	*o = json_object(), *a = json_array();
	size_t	 i;
	char	*s = NULL;
	int	 bad = l->bad;

	for (i = 0; i < l->n && !bad; i++)
		bad = json_array_append_new(a, one(&l->c[i]));
	if (!bad &&
	    json_object_set_new(o, "version", json_integer(JSON_VERSION)) == 0 &&
	    json_object_set_new(o, "failures",
	    json_integer((json_int_t)v_count(l, V_FAIL))) == 0 &&
	    json_object_set_new(o, "warnings",
	    json_integer((json_int_t)v_count(l, V_WARN))) == 0 &&
	    json_object_set_new(o, "not_tested",
	    json_integer((json_int_t)v_count(l, V_SKIP))) == 0 &&
	    json_object_set(o, "checks", a) == 0)
		s = json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(a);
	json_decref(o);
	return (s);
}
