/* SPDX-License-Identifier: ISC */

/* u_explain_text.c: `s2sctl explain' in 80 columns, and as JSON. */

#include <stdlib.h>

#include <jansson.h>

#include "u.h"

enum { WIDTH = 80, LABEL = 2, TEXT = 12 };

/* Words behind a label, each further line below the first word. */
static void
say(FILE *f, const char *label, const char *s)
{
	size_t	 n;
	int	 col;

	col = fprintf(f, "%*s%-*s", LABEL, "", TEXT - LABEL, label);
	while (*s != '\0') {
		n = strcspn(s, " ");
		if (col + (int)n > WIDTH && col > TEXT) {
			(void)fprintf(f, "\n%*s", TEXT, "");
			col = TEXT;
		}
		(void)fprintf(f, "%.*s", (int)n, s);
		col += (int)n;
		s += n;
		if (*s == ' ') {
			s++;
			if (col + 1 + (int)strcspn(s, " ") > WIDTH) {
				(void)fprintf(f, "\n%*s", TEXT, "");
				col = TEXT;
			} else {
				(void)fputc(' ', f);
				col++;
			}
		}
	}
	(void)fputc('\n', f);
}

static void
lines(FILE *f, const char *label, const char l[][U_LINE], size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		say(f, i == 0 ? label : "", l[i]);
}

/* What both have is what would do. */
static void
table(FILE *f, const struct u_tunnel *t)
{
	static const struct { uint8_t type, other; const char *name; } rows[] = {
		{ ALG_ENCR, ALG_ENCR, "cipher" },
		{ ALG_INTEG, ALG_PRF, "hash" }, { ALG_DH, ALG_DH, "group" }
	};
	struct u_offer	 o;
	size_t		 i, k;
	int		 first;

	u_offer(t, &o);
	if (o.n == 0)
		return;
	(void)fprintf(f, "\n%*s%-28s%-8s%s\n", TEXT, "", "", "here",
	    "peer");
	for (k = 0; k < nitems(rows); k++)
		for (first = 1, i = 0; i < o.n; i++) {
			if (o.v[i].a->type != rows[k].type &&
			    o.v[i].a->type != rows[k].other)
				continue;
			(void)fprintf(f, "%*s%-8s%-20s%-8s%s\n", TEXT, "",
			    first ? rows[k].name : "", o.v[i].a->name,
			    o.v[i].here ? "yes" : "-", !o.known ? "?" :
			    o.v[i].there ? "yes" : "-");
			first = 0;
		}
	if (!o.known)
		say(f, "", "The peer did not say what it wants.");
	(void)fputc('\n', f);
}

static void
state(FILE *f, const struct u_status *s, const struct u_tunnel *t)
{
	const struct m_c_state	*st = &t->m.s;
	char			 b[U_WORD];

	(void)fprintf(f, "%s is %s for %s", t->m.name, u_state_word(t),
	    u_span(s->head.now > st->since ? s->head.now - st->since : 0, 1,
	    b));
	if (st->tries > 0)
		(void)fprintf(f, ", %u tr%s", st->tries, st->tries == 1 ? "y" :
		    "ies");
	if (st->retry_at > s->head.now)
		(void)fprintf(f, ", the next in %s",
		    u_span(st->retry_at - s->head.now, 0, b));
	(void)fputc('\n', f);
}

static void
lately(FILE *f, const struct u_events *ev)
{
	char	 b[U_WORD], line[TEXT_MAX + U_WORD];
	size_t	 i;

	for (i = 0; ev != NULL && i < ev->n; i++) {
		(void)snprintf(line, sizeof(line), "%s ago: %s",
		    u_span(ev->e[i].ago, 0, b), ev->e[i].text);
		say(f, i == 0 ? "Lately:" : "", line);
	}
}

/* The first configured pair of a tunnel with children that none of them
 * carries any part of, or NULL. */
static const struct selpair *
bare(const struct u_tunnel *t)
{
	const struct selpair	*p, *q;
	struct sel		 cut;
	size_t			 c, i, j;
	int			 has;

	if (t->nchild == 0 || t->m.flags & TUN_ONDEMAND)
		return (NULL);
	for (i = 0; i < t->npair; i++) {
		p = &t->pair[i];
		for (has = 0, c = 0; c < t->nchild && !has; c++)
			for (j = 0; j < t->child[c].npair && !has; j++) {
				q = &t->child[c].pair[j];
				has = sel_cut(&p->local, &q->local, &cut) &&
				    sel_cut(&p->remote, &q->remote, &cut);
			}
		if (!has)
			return (p);
	}
	return (NULL);
}

static void
partly(FILE *f, const struct selpair *p)
{
	char	 l[SEL_STRLEN], r[SEL_STRLEN], line[TEXT_MAX];

	(void)snprintf(line, sizeof(line), "it is up, but there are no traffic "
	    "keys for what goes from %.80s to %.80s: the peer did not agree to "
	    "these networks, or not yet.", sel_str(&p->local, l, sizeof(l)),
	    sel_str(&p->remote, r, sizeof(r)));
	say(f, "Why:", line);
	say(f, "Do:", "if it stays so, write the same networks at both ends, "
	    "mirrored; what the others carry passes.");
}

static void
one(FILE *f, const struct u_status *s, const struct u_tunnel *t,
    const struct u_events *ev)
{
	struct u_advice	 a;
	char		 why[TEXT_MAX * 2], act[TEXT_MAX];

	state(f, s, t);
	if (!u_advice(t, &a)) {
		if (bare(t) != NULL)
			partly(f, bare(t));
		else
			say(f, "Why:", u_class(t) <= U_CONNECTING ?
			    "nothing has gone wrong yet; it is being tried." :
			    u_class(t) == U_WAITING ?
			    "it waits, as configured." : u_class(t) == U_OFF ?
			    "it is off, as configured." :
			    "nothing is wrong with it.");
		lately(f, ev);
		return;
	}
	say(f, "Why:", u_why(t, why, sizeof(why)));
	table(f, t);
	if (u_do(t, act, sizeof(act))[0] != '\0')
		say(f, "Do:", act);
	lines(f, "Here:", a.here, a.nhere);
	lines(f, "There:", a.there, a.nthere);
	lately(f, ev);
}

void
u_explain(FILE *f, const struct u_status *s, const struct u_events *ev)
{
	struct u_advice	 a;
	size_t		 i;
	int		 any = 0;

	for (i = 0; i < s->n; i++) {
		if (s->n > 1 && !u_advice(&s->t[i], &a) &&
		    bare(&s->t[i]) == NULL)
			continue;
		if (any)
			(void)fputc('\n', f);
		one(f, s, &s->t[i], s->n == 1 ? ev : NULL);
		any = 1;
	}
	if (!any)
		(void)fprintf(f, "nothing is wrong with any of %zu tunnel%s\n",
		    s->n, s->n == 1 ? "" : "s");
}

void
u_event(struct u_events *ev, const struct m_u_line *l)
{
	struct u_event	*e;
	size_t		 i, n;

	if (ev->n == U_EVENTS) {
		memmove(&ev->e[0], &ev->e[1], sizeof(ev->e) - sizeof(ev->e[0]));
		ev->n--;
	}
	e = &ev->e[ev->n++];
	e->ago = l->now > l->at ? l->now - l->at : 0;
	e->reason = l->reason;
	n = l->text.n < sizeof(e->text) - 1 ? l->text.n : sizeof(e->text) - 1;
	for (i = 0; i < n; i++)
		e->text[i] = (char)(l->text.p[i] >= ' ' &&
		    l->text.p[i] < 0x7f ? l->text.p[i] : '?');
	e->text[n] = '\0';
}

/* --- JSON --- */

static json_t *
strings(const char l[][U_LINE], size_t n)
{
	json_t	*a = json_array();
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(a, json_string(l[i]));
	return (a);
}

static json_t *
offer(const struct u_tunnel *t)
{
	struct u_offer	 o;
	json_t		*a;
	size_t		 i;

	u_offer(t, &o);
	if (o.n == 0)
		return (json_null());
	a = json_array();
	for (i = 0; i < o.n; i++)
		(void)json_array_append_new(a, json_pack("{s:s, s:b, s:o}",
		    "name", o.v[i].a->name, "here", o.v[i].here,
		    "peer", o.known ? json_boolean(o.v[i].there) :
		    json_null()));
	return (a);
}

static json_t *
events(const struct u_events *ev)
{
	json_t	*a = json_array();
	size_t	 i;

	for (i = 0; ev != NULL && i < ev->n; i++)
		(void)json_array_append_new(a, json_pack("{s:I, s:s, s:s}",
		    "seconds_ago", (json_int_t)(ev->e[i].ago / 1000),
		    "reason", reason_row(ev->e[i].reason)->id,
		    "text", ev->e[i].text));
	return (a);
}

/* The pair that no traffic keys carry; null: there is none. */
static json_t *
uncovered(const struct u_tunnel *t)
{
	const struct selpair	*p = bare(t);
	char			 l[SEL_STRLEN], r[SEL_STRLEN];

	if (p == NULL)
		return (json_null());
	return (json_pack("{s:s, s:s}", "from", sel_str(&p->local, l,
	    sizeof(l)), "to", sel_str(&p->remote, r, sizeof(r))));
}

static json_t *
explained(const struct u_tunnel *t, const struct u_events *ev)
{
	struct u_advice	 a;
	char		 why[TEXT_MAX * 2], act[TEXT_MAX];
	const char	*state = u_state_word(t);

	(void)u_advice(t, &a);
	return (json_pack("{s:s, s:s, s:i, s:o, s:s, s:s, s:o, s:o, s:o, s:o, "
	    "s:o}",
	    "name", t->m.name, "state", t->m.s.state == TS_DOWN ? "down" :
	    t->m.s.state == TS_REKEYING ? "up" : state,
	    "ike", t->m.flags & TUN_IKEV1 ? 1 : 2,
	    "reason", t->m.s.reason == R_NONE ? json_null() :
	    json_string(reason_row(t->m.s.reason)->id),
	    "text", u_why(t, why, sizeof(why)),
	    "action", u_do(t, act, sizeof(act)),
	    "here", strings(a.here, a.nhere),
	    "there", strings(a.there, a.nthere),
	    "algorithms", offer(t), "uncovered", uncovered(t),
	    "events", events(ev)));
}

char *
u_json_explain(const struct u_status *s, const struct u_events *ev)
{
	json_t		*list = json_array(), *all;
	struct u_advice	 a;
	size_t		 i;
	char		*text;

	for (i = 0; i < s->n; i++)
		if (s->n == 1 || u_advice(&s->t[i], &a) ||
		    bare(&s->t[i]) != NULL)
			(void)json_array_append_new(list,
			    explained(&s->t[i], s->n == 1 ? ev : NULL));
	if ((all = json_pack("{s:i, s:o}", "version", 1, "tunnels",
	    list)) == NULL)
		return (NULL);
	text = json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(all);
	return (text);
}
