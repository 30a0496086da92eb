/* SPDX-License-Identifier: ISC */

/*
 * u_json.c: status for programs, etc/s2sctl-status.schema.json.  Keys never
 * change their meaning; new ones may come.
 */

#include <stdlib.h>

#include <jansson.h>

#include "u.h"

enum { JSON_VERSION = 1, HOW = JSON_INDENT(2) | JSON_PRESERVE_ORDER };

static json_t *
value(const struct u_value *v)
{
	switch (v->kind) {
	case UV_TEXT:
		return (json_string(v->text));
	case UV_INT:
		return (json_integer(v->i));
	case UV_BOOL:
		return (json_boolean(v->i));
	default:
		return (json_null());
	}
}

/* Every failure is no memory; jansson takes NULL and says -1. */
static int
fields(json_t *to, const struct u_status *s, const struct u_tunnel *t,
    const struct u_field *f, size_t n, const void *base)
{
	struct u_value	 v;
	json_t		*at, *sub;

	for (; n > 0; n--, f++) {
		if (f->group != NULL && !f->always &&
		    t->m.s.established == 0) {
			if (json_object_set_new(to, f->group, json_null()))
				return (-1);
			continue;
		}
		at = to;
		if (f->group != NULL) {
			if ((sub = json_object_get(to, f->group)) == NULL &&
			    json_object_set_new(to, f->group, json_object()))
				return (-1);
			at = json_object_get(to, f->group);
		}
		u_value(s, t, f, base, &v);
		if (json_object_set_new(at, f->name, value(&v)))
			return (-1);
	}
	return (0);
}

static json_t *
sides(const struct selpair *p, size_t n, int remote)
{
	json_t	*a = json_array();
	size_t	 i, k;
	char	 b[SEL_STRLEN];

	for (i = 0; i < n; i++) {
		for (k = 0; k < i; k++)
			if (sel_eq(remote ? &p[k].remote : &p[k].local,
			    remote ? &p[i].remote : &p[i].local))
				break;
		if (k == i)
			(void)json_array_append_new(a, json_string(
			    sel_str(remote ? &p[i].remote : &p[i].local, b,
			    sizeof(b))));
	}
	return (a);
}

static json_t *
maps(const struct u_tunnel *t)
{
	json_t	*a = json_array(), *o;
	size_t	 i;
	char	 b[SEL_STRLEN];

	for (i = 0; i < t->nmap && (o = json_object()) != NULL; i++) {
		(void)json_object_set_new(o, "wire", json_string(sel_str(
		    &t->map[i].local, b, sizeof(b))));
		(void)json_object_set_new(o, "here", json_string(sel_str(
		    &t->map[i].remote, b, sizeof(b))));
		(void)json_array_append_new(a, o);
	}
	return (a);
}

static json_t *
children(const struct u_status *s, const struct u_tunnel *t)
{
	const struct u_child	*c;
	json_t			*a = json_array(), *o;
	size_t			 i;

	for (i = 0; i < t->nchild; i++) {
		c = &t->child[i];
		o = json_object();
		if (json_object_set_new(o, "from",
		    sides(c->pair, c->npair, 0)) ||
		    json_object_set_new(o, "to",
		    sides(c->pair, c->npair, 1)) ||
		    fields(o, s, t, u_child_fields, u_nchild_fields, &c->m) ||
		    json_array_append_new(a, o)) {
			json_decref(o);
			json_decref(a);
			return (NULL);
		}
	}
	return (a);
}

/* "a / b; c / d" as ["a / b", "c / d"]. */
static json_t *
proposals(const char *p)
{
	json_t	*a = json_array();
	size_t	 n;

	while (*p != '\0') {
		n = strcspn(p, ";");
		(void)json_array_append_new(a, json_stringn(p, n));
		p += n;
		p += strspn(p, "; ");
	}
	return (a);
}

static json_t *
text_or_null(const char *s)
{
	return (*s == '\0' ? json_null() : json_string(s));
}

static json_t *
reason(const struct u_status *s, const struct u_tunnel *t)
{
	const struct m_c_state	*st = &t->m.s;
	char			 why[TEXT_MAX * 2], act[TEXT_MAX];

	if (st->reason == R_NONE)
		return (json_null());
	return (json_pack("{s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:o}",
	    "id", reason_row(st->reason)->id,
	    "text", u_why(t, why, sizeof(why)),
	    "action", text_or_null(u_do(t, act, sizeof(act))),
	    "detail", text_or_null(st->detail),
	    "tries", (json_int_t)st->tries,
	    "retry_in", st->retry_at > s->head.now ?
	    json_integer((json_int_t)((st->retry_at - s->head.now) / 1000)) :
	    json_null(),
	    "offered", proposals(t->offered),
	    "peer_offered", st->reason == R_NO_PROPOSAL ?
	    text_or_null(st->detail) : json_null()));
}

static json_t *
tunnel(const struct u_status *s, const struct u_tunnel *t)
{
	json_t	*o = json_object();

	if (fields(o, s, t, u_tunnel_fields, u_ntunnel_fields, &t->m) ||
	    json_object_set_new(o, "from", sides(t->pair, t->npair, 0)) ||
	    json_object_set_new(o, "to", sides(t->pair, t->npair, 1)) ||
	    (t->nmap > 0 &&
	    json_object_set_new(o, "translated", maps(t))) ||
	    json_object_set_new(o, "childsas", children(s, t)) ||
	    json_object_set_new(o, "reason", reason(s, t))) {
		json_decref(o);
		return (NULL);
	}
	return (o);
}

static json_t *
processes(const struct u_status *s)
{
	const struct m_c_proc	*p;
	json_t			*a = json_array();
	char			 b[U_WORD];

	for (p = s->proc; p < s->proc + s->nproc; p++)
		(void)json_array_append_new(a, json_pack(
		    "{s:s, s:b, s:b, s:I, s:I, s:s}",
		    "name", proc_name((enum proc)p->proc), "up", p->up,
		    "lacks_secrets", p->lacks,
		    "pid", (json_int_t)p->pid,
		    "restarts", (json_int_t)p->restarts,
		    "since", u_rfc3339(u_wall(s, p->since), b)));
	return (a);
}

static json_t *
summary(const struct u_status *s)
{
	size_t	 count[U_OFF + 1], i;

	memset(count, 0, sizeof(count));
	for (i = 0; i < s->n; i++)
		count[u_class(&s->t[i])]++;
	return (json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "tunnels", (json_int_t)s->n,
	    "up", (json_int_t)(count[U_UP] + count[U_ATTENTION]),
	    "down", (json_int_t)count[U_DOWN],
	    "attention", (json_int_t)count[U_ATTENTION],
	    "connecting", (json_int_t)count[U_CONNECTING],
	    "waiting", (json_int_t)count[U_WAITING],
	    "off", (json_int_t)count[U_OFF]));
}

static char *
dump(json_t *o, size_t how)
{
	char	*text = o == NULL ? NULL : json_dumps(o, how);

	json_decref(o);
	return (text);
}

char *
u_json(const struct u_status *s)
{
	json_t	*list = json_array(), *t;
	size_t	 i;
	char	 b[U_WORD];

	for (i = 0; i < s->n; i++) {
		if ((t = tunnel(s, &s->t[i])) == NULL ||
		    json_array_append_new(list, t)) {
			json_decref(list);
			return (NULL);
		}
	}
	return (dump(json_pack("{s:i, s:{s:b, s:o, s:o, s:s, s:o, s:o, s:I, s:o}, "
	    "s:o, s:o}",
	    "version", JSON_VERSION,
	    "daemon", "running", 1,
	    "pid", s->head.pid == 0 ? json_null() :
	    json_integer((json_int_t)s->head.pid),
	    "since", s->head.since == 0 ? json_null() :
	    json_string(u_rfc3339(u_wall(s, s->head.since), b)),
	    "software", s->head.software,
	    "file", text_or_null(s->head.file),
	    "backend", text_or_null(s->head.backend),
	    "generation", (json_int_t)s->head.gen,
	    "processes", processes(s),
	    "summary", summary(s), "tunnels", list), HOW));
}

char *
u_json_down(void)
{
	return (dump(json_pack("{s:i, s:{s:b}, s:{s:i, s:i, s:i, s:i}, s:[]}",
	    "version", JSON_VERSION, "daemon", "running", 0,
	    "summary", "tunnels", 0, "up", 0, "down", 0, "attention", 0,
	    "tunnels"), HOW));
}

/* What is not ASCII would not be JSON. */
static const char *
plain(const void *from, size_t n, char *to, size_t max)
{
	const uint8_t	*p = from;
	size_t		 i;

	for (i = 0; i < n && i + 1 < max; i++)
		to[i] = (char)(p[i] >= ' ' && p[i] < 0x7f ? p[i] : '?');
	to[i] = '\0';
	return (to);
}

char *
u_json_line(const struct m_u_line *l, int64_t wall)
{
	uint64_t ago = l->now > l->at ? l->now - l->at : 0;
	char	 b[U_WORD], name[NAME_MAX_], text[4 * TEXT_MAX + 1];

	return (dump(json_pack("{s:I, s:s, s:i, s:s, s:o, s:o, s:s}",
	    "seq", (json_int_t)l->seq,
	    "time", u_rfc3339(wall - (int64_t)(ago / 1000), b),
	    "level", l->level, "process", proc_name((enum proc)l->proc),
	    "tunnel", text_or_null(plain(l->tunnel, strlen(l->tunnel), name,
	    sizeof(name))),
	    "reason", l->reason == R_NONE ? json_null() :
	    json_string(reason_row(l->reason)->id),
	    "text", plain(l->text.p, l->text.n, text, sizeof(text))),
	    JSON_COMPACT));
}
