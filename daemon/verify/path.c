/* SPDX-License-Identifier: ISC */

/* path.c: the picture of a packet's way, made of a trace, as text or SVG. */

#include <stdarg.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "path.h"

enum stage { ST_IN, ST_PRE, ST_ROUTE, ST_MIDDLE, ST_POST, ST_TUNNEL, ST_WIRE };

static void say(struct v_stage *, const char *, ...)
    __attribute__((__format__(printf, 2, 3)));

static void
say(struct v_stage *s, const char *fmt, ...)
{
	size_t	 n = strlen(s->text);
	va_list	 ap;

	if (n > 0 && n < sizeof(s->text) - 1)
		s->text[n++] = '\n';
	va_start(ap, fmt);
	(void)vsnprintf(s->text + n, sizeof(s->text) - n, fmt, ap);
	va_end(ap);
}

/* Which stage is that chain's hook? -1: of no hook, or ours. */
static int
stage_of(const char *listing, const struct pr_event *e)
{
	struct pr_rule	 r;

	if (strcmp(e->table, PR_TABLE) == 0 || pr_chain_find(listing,
	    e->family, e->table, e->chain, &r) == -1)
		return (-1);
	if (strcmp(r.hook, "prerouting") == 0 ||
	    strcmp(r.hook, "ingress") == 0)
		return (ST_PRE);
	if (strcmp(r.hook, "forward") == 0 || strcmp(r.hook, "input") == 0 ||
	    strcmp(r.hook, "output") == 0)
		return (ST_MIDDLE);
	return (strcmp(r.hook, "postrouting") == 0 ? ST_POST : -1);
}

static const char *
fate(const struct pr_event *e)
{
	switch (e->verdict) {
	case NF_DROP:
		return ("drop");
	case NF_ACCEPT:
		return ("accept");
	case NFT_JUMP:
	case NFT_GOTO:
		return ("jump");
	case NFT_RETURN:
		return ("return");
	default:
		return ("go on");
	}
}

/* The rules that it met, under their hook. */
static void
rules(const char *listing, const struct pr_event *e, size_t n,
    struct v_stage *s)
{
	struct pr_rule	 r;
	size_t		 i;
	int		 at = ST_PRE, hook;

	for (i = 0; i < n; i++) {
		if ((hook = stage_of(listing, &e[i])) != -1)
			at = hook;
		if (strcmp(e[i].table, PR_TABLE) == 0 ||
		    e[i].what == PW_RETURN)
			continue;
		if (e[i].what == PW_POLICY)
			say(&s[at], "%s %s: policy %s", e[i].table,
			    e[i].chain, fate(&e[i]));
		else if (pr_rule_find(listing, e[i].family, e[i].table,
		    e[i].chain, e[i].handle, &r) == 0)
			say(&s[at], "%s %s rule %u: %s", e[i].table,
			    e[i].chain, r.num, r.text);
	}
}

/* Where did it go wrong? */
static int
where(const char *listing, const struct pr_result *r, size_t n)
{
	struct pr_event	 e;
	int		 hook;

	memset(&e, 0, sizeof(e));
	e.family = r->family;
	(void)strlcpy(e.table, r->table, sizeof(e.table));
	(void)strlcpy(e.chain, r->chain, sizeof(e.chain));
	switch (r->verdict) {
	case PV_OK:
		return (-1);
	case PV_CLEAR:
	case PV_ELSEWHERE:
		return (ST_ROUTE);
	case PV_LOST:
		return (ST_IN);
	case PV_REWRITTEN:
		if (!r->legacy && (hook = stage_of(listing, &e)) != -1)
			return (hook);
		return (addr_cmp(&r->sent.src, &r->got.src, 0) != 0 ?
		    ST_POST : ST_PRE);
	default:
		if (!r->legacy && r->chain[0] != '\0' &&
		    (hook = stage_of(listing, &e)) != -1)
			return (hook);
		if (r->legacy && strcmp(r->chain, "PREROUTING") == 0)
			return (ST_PRE);
		if (r->legacy && strcmp(r->chain, "POSTROUTING") == 0)
			return (ST_POST);
		return (r->culprit[0] != '\0' ? ST_MIDDLE : n == 0 ? ST_IN :
		    ST_ROUTE);
	}
}

static void
ends(const struct v_facts *f, const struct pr_result *r, uint32_t iif,
    const struct cf_tunnel *t, struct v_path *p)
{
	const struct v_dev	*in = v_dev(&f->h, iif);
	const struct v_dev	*out = v_dev(&f->h, r->oif);
	struct v_route		 way;
	char			 a[ADDR_STRLEN], b[ADDR_STRLEN];

	if (out == NULL && r->verdict != PV_OK) {
		f->route(&r->sent.dst, NULL, 0, &way);
		out = way.err == 0 && !way.local ? v_dev(&f->h, way.oif) :
		    NULL;
	}
	if (in != NULL && in->tun && t != NULL) {
		say(&p->s[ST_IN], "received on %s, out of the tunnel %s",
		    in->name, t->t.name);
		p->n = ST_TUNNEL;	/* the rest is behind it */
	} else if (in != NULL)
		say(&p->s[ST_IN], "received on %s", in->name);
	else
		say(&p->s[ST_IN], "sent by this host");
	if (out != NULL)
		say(&p->s[ST_ROUTE], "out by %s", out->name);
	else if (r->verdict == PV_OK)
		say(&p->s[ST_ROUTE], "to this host");
	if (t == NULL) {
		say(&p->s[ST_TUNNEL], "no tunnel has these networks");
		return;
	}
	say(&p->s[ST_TUNNEL], "%s", t->t.name);
	if (t->t.npeer > 0 && t->t.local.af != 0)
		say(&p->s[ST_WIRE], "%s %s -> %s", out != NULL && out->tun ?
		    "ESP in UDP" : "ESP", addr_str(&t->t.local, 0,
		    a, sizeof(a)), addr_str(&t->t.peer[0], 0, b, sizeof(b)));
}

void
v_path_make(const struct v_facts *f, const struct pr_result *r,
    const struct pr_event *e, size_t n, const char *listing, uint32_t iif,
    const struct cf_tunnel *t, struct v_path *p)
{
	static const char *const titles[] = { "interface", "prerouting",
	    "routing", "forward", "postrouting", "tunnel", "wire" };
	struct pr_want	 w;
	char		 what[600];
	size_t		 i;
	int		 bad;

	memset(p, 0, sizeof(*p));
	memset(&w, 0, sizeof(w));
	p->flow = r->sent;
	p->n = nitems(titles);
	for (i = 0; i < p->n; i++)
		p->s[i].title = titles[i];
	if (iif == 0)
		p->s[ST_MIDDLE].title = "output";
	ends(f, r, iif, t, p);
	rules(listing, e, n, p->s);
	bad = where(listing, r, n);
	if (bad != -1)
		say(&p->s[bad], "%s", v_what(f, r, &w, what, sizeof(what)));
	if (t == NULL && r->verdict == PV_REWRITTEN)
		bad = -1;	/* what has no tunnel may be rewritten */
	if (t == NULL)
		p->s[ST_TUNNEL].how = p->s[ST_WIRE].how = VS_NOT;
	for (i = 0; i < p->n; i++) {
		if (bad != -1 && i >= (size_t)bad)
			p->s[i].how = i == (size_t)bad ? VS_BAD : VS_NOT;
		if (p->s[i].how == VS_NOT && bad != -1)
			(void)strlcpy(p->s[i].text, "not reached",
			    sizeof(p->s[i].text));
		if (p->s[i].text[0] == '\0')
			say(&p->s[i], p->s[i].how == VS_NOT ? "not reached" :
			    "no rule changes or stops it");
	}
	p->good = bad == -1;
}

void
v_path_text(FILE *f, const struct v_path *p, int colour)
{
	static const char *const marks[] = { "|", "X", " " };
	static const char *const on[] = { "", "\033[31m", "\033[2m" };
	const struct v_stage	*s;
	const char		*t;
	char			 b[200];
	size_t			 i, k;

	(void)fprintf(f, "%s\n", pr_flow_str(&p->flow, b, sizeof(b)));
	for (i = 0; i < p->n; i++) {
		s = &p->s[i];
		(void)fprintf(f, "      %s\n", s->how == VS_NOT ? "" : "|");
		for (t = s->text, k = 0; *t != '\0'; k++) {
			(void)fprintf(f, "%s  %s  %-12s %.*s%s\n", colour ?
			    on[s->how] : "", marks[s->how], k == 0 ?
			    s->title : "", (int)strcspn(t, "\n"), t,
			    colour ? "\033[0m" : "");
			t += strcspn(t, "\n");
			t += *t == '\n';
		}
	}
}

/* ---- SVG ---- */

enum { ROW = 18, BOX_W = 760, GAP = 22, LEFT = 130 };

static void
xml(FILE *f, const char *s, size_t n)
{
	for (; n > 0 && *s != '\0'; n--, s++) {
		if (*s == '&')
			(void)fputs("&amp;", f);
		else if (*s == '<')
			(void)fputs("&lt;", f);
		else if (*s == '>')
			(void)fputs("&gt;", f);
		else if ((unsigned char)*s >= ' ')
			(void)fputc(*s, f);
	}
}

static size_t
lines(const char *s)
{
	size_t	 n = 1;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return (n);
}

static void
text_at(FILE *f, size_t x, size_t y, const char *colour, const char *s,
    size_t n)
{
	(void)fprintf(f, "<text x=\"%zu\" y=\"%zu\" fill=\"%s\">", x, y,
	    colour);
	xml(f, s, n);
	(void)fprintf(f, "</text>\n");
}

void
v_path_svg(FILE *f, const struct v_path *p)
{
	static const char *const edge[] = { "#2a7d3f", "#c01818", "#aaaaaa" };
	static const char *const fill[] = { "#f2fbf4", "#fdeaea", "#f6f6f6" };
	const struct v_stage	*s;
	const char		*t;
	char			 b[200];
	size_t			 i, k, h, y = 50, total = 60;

	for (i = 0; i < p->n; i++)
		total += lines(p->s[i].text) * ROW + 14 + GAP;
	(void)fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "width=\"%d\" height=\"%zu\" font-family=\"sans-serif\" "
	    "font-size=\"13\">\n", LEFT + BOX_W + 20, total);
	(void)pr_flow_str(&p->flow, b, sizeof(b));
	text_at(f, 20, 28, "#000000", b, sizeof(b));
	for (i = 0; i < p->n; i++) {
		s = &p->s[i];
		h = lines(s->text) * ROW + 14;
		if (i > 0 && s->how != VS_NOT)
			(void)fprintf(f, "<line x1=\"%d\" y1=\"%zu\" x2=\"%d\" "
			    "y2=\"%zu\" stroke=\"#444444\" "
			    "stroke-width=\"2\"/>\n", LEFT + 30,
			    y - GAP, LEFT + 30, y);
		(void)fprintf(f, "<rect x=\"%d\" y=\"%zu\" width=\"%d\" "
		    "height=\"%zu\" rx=\"5\" fill=\"%s\" stroke=\"%s\" "
		    "stroke-width=\"%d\"/>\n", LEFT, y, BOX_W, h,
		    fill[s->how], edge[s->how], s->how == VS_BAD ? 3 : 1);
		text_at(f, 20, y + ROW, edge[s->how], s->title, 32);
		for (t = s->text, k = 1; *t != '\0'; k++) {
			text_at(f, LEFT + 12, y + k * ROW, s->how == VS_NOT ?
			    "#999999" : "#222222", t, strcspn(t, "\n"));
			t += strcspn(t, "\n");
			t += *t == '\n';
		}
		y += h + GAP;
	}
	(void)fprintf(f, "</svg>\n");
}
