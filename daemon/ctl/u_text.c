/* SPDX-License-Identifier: ISC */

/*
 * u_text.c: status for people: down tunnels first, words instead of state
 * names, a reason and a next step where something is not right, 80 columns.
 */

#include <stdarg.h>
#include <syslog.h>
#include <time.h>

#include "u.h"

enum {
	WIDTH = 80, RECENT = 60000,	/* ms that a restart is news */
	/* columns of the list */
	C_NAME = 2, C_STATE = 14, C_SINCE = 22, C_PEER = 31, C_IN = 47,
	C_IN_END = 55, C_OUT_END = 65, C_LAST = 68,
	/* of one tunnel */
	C_LABEL = 2, C_VALUE = 14, C_NETS = 47
};

/* One line, written from left to right. */
struct out {
	FILE	*f;
	int	 col;
	int	 colour;
};

static void	 put(struct out *, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));

static void
put(struct out *o, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vfprintf(o->f, fmt, ap);
	va_end(ap);
	if (n > 0)
		o->col += n;
}

static void
newline(struct out *o)
{
	(void)fputc('\n', o->f);
	o->col = 0;
}

/* Go on at that column; what is longer than its place pushes the rest. */
static void
to(struct out *o, int col)
{
	if (o->col > 0 && o->col >= col)
		put(o, " ");
	while (o->col < col)
		put(o, " ");
}

/* Ends at that column. */
static void
right(struct out *o, int end, const char *s)
{
	to(o, end - (int)strlen(s));
	put(o, "%s", s);
}

/* Words, wrapped, each line from that column on. */
static void
wrapped(struct out *o, int col, const char *s)
{
	size_t	 n;

	while (*s != '\0') {
		n = strcspn(s, " ");
		if (o->col + (int)n >= WIDTH && o->col > col)
			newline(o);
		while (o->col < col)
			put(o, " ");
		put(o, "%.*s", (int)n, s);
		s += n;
		if (*s == ' ') {
			s++;
			if (o->col + 1 + (int)strcspn(s, " ") >= WIDTH)
				newline(o);
			else
				put(o, " ");
		}
	}
	newline(o);
}

static void
colour(const struct out *o, enum u_class c, int on)
{
	if (o->colour && c <= U_ATTENTION)
		(void)fprintf(o->f, "%s", !on ? "\033[0m" : c == U_DOWN ?
		    "\033[1;31m" : "\033[33m");
}

static uint64_t
since(const struct u_status *s, uint64_t at)
{
	return (at < s->head.now ? s->head.now - at : 0);
}

/* A process that is down, or came back just now, is the first thing said. */
static void
degraded(struct out *o, const struct u_status *s)
{
	const struct m_c_proc	*p;
	char			 b[U_WORD];

	for (p = s->proc; p < s->proc + s->nproc; p++) {
		if (p->lacks) {
			wrapped(o, 0, "SECRETS ARE MISSING: s2sd-keys was "
			    "started anew while s2sd.conf was bad; tunnels "
			    "without one cannot start or renew their session "
			    "keys.");
			wrapped(o, 0, "Do: s2sd -n, correct what it says, "
			    "s2sctl reload");
			newline(o);
		}
		if (!p->up && p->restarts > 0)
			put(o, "%s ended %s ago and is being started again",
			    proc_name((enum proc)p->proc),
			    u_span(since(s, p->since), 0, b));
		else if (p->up && p->restarts > 0 &&
		    since(s, p->since) < RECENT)
			put(o, "%s restarted %s ago",
			    proc_name((enum proc)p->proc),
			    u_span(since(s, p->since), 0, b));
		else
			continue;
		newline(o);
	}
}

static void
summary(struct out *o, const struct u_status *s)
{
	static const char *const words[][2] = {
		[U_DOWN] = { "DOWN", "DOWN" },
		[U_CONNECTING] = { "connecting", "connecting" },
		[U_ATTENTION] = { "needs attention", "need attention" },
		[U_UP] = { "up", "up" },
		[U_WAITING] = { "waiting", "waiting" },
		[U_OFF] = { "off", "off" },
	};
	size_t		 count[nitems(words)], i;
	const char	*sep = ": ";
	char		 b[U_WORD], run[2 * U_WORD];

	memset(count, 0, sizeof(count));
	for (i = 0; i < s->n; i++)
		count[u_class(&s->t[i])]++;
	if (s->n == 0)
		put(o, "no tunnels in the configuration");
	else if (count[U_UP] == s->n)
		put(o, "%zu tunnel%s, %sup", s->n, s->n == 1 ? "" : "s",
		    s->n == 1 ? "" : "all ");
	else {
		put(o, "%zu tunnel%s", s->n, s->n == 1 ? "" : "s");
		for (i = 0; i < nitems(words); i++)
			if (count[i] > 0) {
				put(o, "%s%zu %s", sep, count[i],
				    words[i][count[i] > 1]);
				sep = ", ";
			}
	}
	if (count[U_DOWN] == 0 && count[U_ATTENTION] == 0 &&
	    s->head.since != 0) {
		(void)snprintf(run, sizeof(run), "s2sd running for %s",
		    u_span(since(s, s->head.since), 0, b));
		right(o, WIDTH, run);
	}
	newline(o);
}

static const char *
peer_word(const struct u_tunnel *t, char *b, size_t n)
{
	if (t->m.s.peer.af == 0)
		return ("any");
	return (addr_str(&t->m.s.peer, 0, b, n));
}

/* The end of the line of a tunnel that is not up. */
static const char *
not_up(const struct u_status *s, const struct u_tunnel *t, char *b, size_t n)
{
	const struct m_c_state	*st = &t->m.s;
	char			 w[U_WORD], tries[32] = "";

	if (st->tries > 0)
		(void)snprintf(tries, sizeof(tries), " (try %u)", st->tries);
	switch (u_class(t)) {
	case U_WAITING:
		(void)snprintf(b, n, "%s", t->m.flags & TUN_ONDEMAND ?
		    "for traffic" : "for the peer");
		break;
	case U_OFF:
		(void)snprintf(b, n, "%s", t->m.flags & TUN_DISABLED ?
		    "disabled" : "by hand");
		break;
	case U_CONNECTING:
		(void)snprintf(b, n, "trying now%s", tries);
		break;
	default:
		if (st->retry_at > s->head.now)
			(void)snprintf(b, n, "trying again in %s%s",
			    u_span(st->retry_at - s->head.now, 0, w), tries);
		else if (st->retry_at != 0 || t->m.flags & TUN_ACTIVE)
			(void)snprintf(b, n, "trying again now%s", tries);
		else
			(void)snprintf(b, n, "not trying%s", tries);
	}
	return (b);
}

/* Why, and what to do.  Something to say: 1. */
static int
advice(struct out *o, int col, const struct u_tunnel *t)
{
	char	 b[TEXT_MAX * 2], d[TEXT_MAX];

	if (u_class(t) == U_OFF || t->m.s.reason == R_NONE)
		return (0);
	to(o, col);
	wrapped(o, col, u_why(t, b, sizeof(b)));
	if (t->m.s.reason == R_NO_PROPOSAL && t->offered[0] != '\0') {
		(void)snprintf(b, sizeof(b), "We offered%s: %s",
		    t->m.s.of_child ? " for the traffic keys" : "",
		    t->offered);
		to(o, col);
		wrapped(o, col, b);
	}
	if (u_do(t, d, sizeof(d))[0] != '\0') {
		(void)snprintf(b, sizeof(b), "Do: %s", d);
		to(o, col);
		wrapped(o, col, b);
	}
	return (1);
}

static void
traffic(struct out *o, const struct u_status *s, const struct u_tunnel *t)
{
	const struct m_u_tunnel	*m = &t->m;
	uint64_t	 last = m->in_last > m->out_last ? m->in_last :
			    m->out_last;
	char		 b[U_WORD];

	if (o->col >= C_IN)
		newline(o);		/* a long IPv6 address */
	right(o, C_IN_END, u_bytes(m->in_bytes, b));
	right(o, C_OUT_END, u_bytes(m->out_bytes, b));
	to(o, C_LAST);
	put(o, "%s", u_ago(last, s->head.now, b));
	if (m->s.nat_here || m->s.nat_there) {
		if (o->col + 8 <= WIDTH)
			put(o, "   (NAT)");
		else if (o->col + 4 <= WIDTH)
			put(o, " NAT");
	}
}

static void
row(struct out *o, const struct u_status *s, const struct u_tunnel *t)
{
	char	 b[ADDR_STRLEN + TEXT_MAX];

	to(o, C_NAME);
	put(o, "%s", t->m.name);
	if (o->col >= C_STATE)
		newline(o);
	to(o, C_STATE);
	colour(o, u_class(t), 1);
	put(o, "%s", u_state_word(t));
	colour(o, u_class(t), 0);
	to(o, C_SINCE);
	put(o, "%s", u_span(since(s, t->m.s.since), 0, b));
	to(o, C_PEER);
	put(o, "%s", peer_word(t, b, sizeof(b)));
	if (u_class(t) == U_UP || u_class(t) == U_ATTENTION)
		traffic(o, s, t);
	else {
		to(o, C_IN);
		put(o, "%s", not_up(s, t, b, sizeof(b)));
	}
	newline(o);
}

/* --- everything, for -v --- */

static void
field(struct out *o, int col, const struct u_status *s,
    const struct u_tunnel *t, const struct u_field *f, const void *base)
{
	struct u_value	 v;

	u_value(s, t, f, base, &v);
	if (v.kind == UV_NULL)
		return;
	to(o, col);
	put(o, "%s%s%s", f->group == NULL ? "" : f->group,
	    f->group == NULL ? "" : ".", f->name);
	to(o, col + 24);
	if (v.kind == UV_TEXT)
		put(o, "%s", v.text);
	else if (v.kind == UV_BOOL)
		put(o, "%s", v.i ? "yes" : "no");
	else
		put(o, "%lld", (long long)v.i);
	newline(o);
}

static void
all_fields(struct out *o, const struct u_status *s, const struct u_tunnel *t)
{
	char	 b[U_LOCAL_LEN];
	size_t	 i, k;

	newline(o);
	for (i = 0; i < u_ntunnel_fields; i++)
		field(o, C_LABEL, s, t, &u_tunnel_fields[i], &t->m);
	if (t->offered[0] != '\0') {
		to(o, C_LABEL);
		put(o, "offered");
		to(o, C_LABEL + 24);
		wrapped(o, C_LABEL + 24, t->offered);
	}
	for (i = 0; i < t->nchild; i++) {
		to(o, C_LABEL);
		put(o, "child");
		newline(o);
		for (k = 0; k < t->child[i].npair; k++) {
			to(o, C_LABEL + 2);
			put(o, "from %s", u_local(t,
			    &t->child[i].pair[k].local, b, sizeof(b)));
			put(o, " to %s", sel_str(&t->child[i].pair[k].remote,
			    b, sizeof(b)));
			newline(o);
		}
		for (k = 0; k < u_nchild_fields; k++)
			field(o, C_LABEL + 2, s, t, &u_child_fields[k],
			    &t->child[i].m);
	}
}

static void
daemon_words(struct out *o, const struct u_status *s)
{
	const struct m_c_proc	*p;
	char			 b[U_WORD];

	newline(o);
	put(o, "%s, configuration %u, keys installed by %s",
	    s->head.software, s->head.gen, u_backend(s->head.backend));
	newline(o);
	if (s->head.file[0] != '\0') {
		to(o, C_LABEL);
		put(o, "reads %s", s->head.file);
		newline(o);
	}
	if (s->head.why[0] != '\0') {
		to(o, C_LABEL);
		wrapped(o, C_LABEL, s->head.why);
	}
	for (p = s->proc; p < s->proc + s->nproc; p++) {
		to(o, C_LABEL);
		put(o, "%s", proc_name((enum proc)p->proc));
		to(o, C_VALUE);
		put(o, "pid %u", p->pid);
		to(o, C_VALUE + 14);
		put(o, "%s %s, restarted %u times", p->up ? "up" : "DOWN",
		    u_span(since(s, p->since), 0, b), p->restarts);
		newline(o);
	}
}

void
u_print(FILE *f, struct u_status *s, const struct u_style *style)
{
	struct out	 o = { f, 0, style->colour };
	size_t		 i, well = 1;

	u_sort(s);
	degraded(&o, s);
	summary(&o, s);
	for (i = 0; i < s->n; i++)
		if (u_class(&s->t[i]) == U_DOWN || s->t[i].m.s.reason != 0)
			well = 0;
	if (s->n > 0) {
		newline(&o);
		if (well) {
			to(&o, C_NAME);
			put(&o, "%-12s%-8s%-9s%-16s%8s%10s   %s", "TUNNEL",
			    "STATE", "SINCE", "PEER", "RECEIVED", "SENT",
			    "LAST PACKET");
			newline(&o);
		}
	}
	for (i = 0; i < s->n; i++) {
		row(&o, s, &s->t[i]);
		if (advice(&o, C_STATE, &s->t[i]) && i + 1 < s->n)
			newline(&o);
	}
	if (!style->verbose)
		return;
	for (i = 0; i < s->n; i++)
		all_fields(&o, s, &s->t[i]);
	daemon_words(&o, s);
}

/* --- one tunnel --- */

static void
label(struct out *o, const char *s)
{
	to(o, C_LABEL);
	put(o, "%s", s);
	to(o, C_VALUE);
}

/* Is the selector of that side at i the first of its kind? */
static int
first(const struct selpair *p, size_t i, int remote)
{
	size_t	 k;

	for (k = 0; k < i; k++)
		if (sel_eq(remote ? &p[k].remote : &p[k].local,
		    remote ? &p[i].remote : &p[i].local))
			return (0);
	return (1);
}

/* The networks of one side, one a line: what is agreed, else what is wanted. */
static void
networks(struct out *o, const struct u_tunnel *t, int remote)
{
	const struct selpair	*p;
	size_t	 i, k, n, nsets = t->nchild > 0 ? t->nchild : 1;
	char	 b[U_LOCAL_LEN];
	int	 any = 0;

	for (k = 0; k < nsets; k++) {
		p = t->nchild > 0 ? t->child[k].pair : t->pair;
		n = t->nchild > 0 ? t->child[k].npair : t->npair;
		for (i = 0; i < n; i++) {
			if (!first(p, i, remote))
				continue;
			to(o, C_NETS);
			put(o, "%s", remote ? sel_str(&p[i].remote, b,
			    sizeof(b)) : u_local(t, &p[i].local, b,
			    sizeof(b)));
			newline(o);
			any = 1;
		}
	}
	if (!any)
		newline(o);
}

static void
ends(struct out *o, const struct u_tunnel *t)
{
	char	 b[ADDR_STRLEN];

	label(o, "here");
	put(o, "%s", t->m.s.local.af == 0 ? "any address" :
	    addr_str(&t->m.s.local, 0, b, sizeof(b)));
	networks(o, t, 0);
	label(o, "peer");
	put(o, "%s", peer_word(t, b, sizeof(b)));
	if (t->m.s.vendor[0] != '\0')
		put(o, "  (%s)", t->m.s.vendor);
	networks(o, t, 1);
}

static void
ciphers(struct out *o, const struct u_tunnel *t)
{
	const struct m_c_state	*st = &t->m.s;
	const struct m_u_child	*c = t->nchild > 0 ?
				    &t->child[t->nchild - 1].m : NULL;
	uint16_t		 encr = c == NULL ? st->encr : c->c.encr;
	uint16_t		 integ = c == NULL ? st->integ : c->c.integ;
	char			 b[U_WORD];

	label(o, "encryption");
	put(o, "%s", t->m.flags & TUN_AH && c != NULL ? "none (AH)" :
	    u_alg_word(encr, b));
	if (alg_num(integ) != NULL)
		put(o, " with %s", u_alg_word(integ, b));
	put(o, ", key exchange %s, IKEv%d, shared secret",
	    u_alg_word(st->dh, b), t->m.flags & TUN_IKEV1 ? 1 : 2);
	newline(o);
}

static void
renewal(struct out *o, const struct u_status *s, const char *what,
    uint64_t at, uint64_t next)
{
	char	 b[U_WORD];

	if (o->col != C_VALUE)
		to(o, C_VALUE);
	put(o, "%s keys renewed %s", what, u_ago(at, s->head.now, b));
	if (next > s->head.now)
		put(o, ", next in %s", u_span(next - s->head.now, 0, b));
	newline(o);
}

static void
path(struct out *o, const struct u_tunnel *t)
{
	static const char *const nat[] = { "no NAT", "NAT at our end",
	    "NAT at the peer's end", "NAT at both ends" };
	const struct m_c_state	*st = &t->m.s;
	uint16_t	 port = st->local.port != 0 ? st->local.port :
			    st->peer.port;
	size_t			 i, n = 0;

	if (t->m.ifname[0] != '\0') {
		label(o, "interface");
		put(o, "%s", t->m.ifname);
		newline(o);
	}
	label(o, "path");
	put(o, "UDP %u, %s", port, nat[(st->nat_here != 0) +
	    2 * (st->nat_there != 0)]);
	if (t->nchild > 0 && t->child[t->nchild - 1].m.c.mtu != 0)
		put(o, ", MTU %u", t->child[t->nchild - 1].m.c.mtu);
	if (st->rtt_ms != 0)
		put(o, ", round trip %u ms", st->rtt_ms);
	for (i = 0; i < t->nchild; i++)
		n += t->child[i].m.c.cpu != 0;
	if (n > 0)
		put(o, ", %zu SA%s of single CPUs", n, n > 1 ? "s" : "");
	newline(o);
}

static void
is_up(struct out *o, const struct u_status *s, const struct u_tunnel *t)
{
	const struct m_u_tunnel	*m = &t->m;
	const struct m_c_child	*c;
	uint64_t		 last = m->in_last > m->out_last ?
				    m->in_last : m->out_last;
	char			 in[U_WORD], out[U_WORD], b[U_WORD];

	label(o, "traffic");
	put(o, "received %s, sent %s, last packet %s",
	    u_bytes(m->in_bytes, in), u_bytes(m->out_bytes, out),
	    u_ago(last, s->head.now, b));
	newline(o);
	ciphers(o, t);
	label(o, "keys");
	if (t->nchild > 0) {
		c = &t->child[t->nchild - 1].m.c;
		renewal(o, s, "traffic", c->established, c->rekey_at);
	}
	renewal(o, s, "session", m->s.established, m->s.rekey_at);
	path(o, t);
	label(o, "history");
	put(o, "started by %s %s", m->s.initiator ? "us" : "the peer",
	    u_ago(m->s.since, s->head.now, b));
	if (u_after(m->s.after)[0] != '\0')
		put(o, " after: %s", u_after(m->s.after));
	newline(o);
}

void
u_print_one(FILE *f, const struct u_status *s, const struct u_style *style)
{
	const struct u_tunnel	*t = &s->t[0];
	struct out		 o = { f, 0, style->colour };
	enum u_class		 c = u_class(t);
	char			 b[TEXT_MAX];

	degraded(&o, s);
	put(&o, "%s is ", t->m.name);
	colour(&o, c, 1);
	put(&o, "%s", u_state_word(t));
	colour(&o, c, 0);
	put(&o, " for %s", u_span(since(s, t->m.s.since), 1, b));
	if (c != U_UP && c != U_ATTENTION)
		put(&o, ", %s", not_up(s, t, b, sizeof(b)));
	else if (t->m.s.silent != 0)
		put(&o, ", peer silent for %s", u_span(since(s,
		    t->m.s.silent), 0, b));
	newline(&o);
	if (t->m.s.reason != R_NONE)
		(void)advice(&o, C_LABEL, t);
	newline(&o);
	ends(&o, t);
	if (c == U_UP || c == U_ATTENTION)
		is_up(&o, s, t);
	if (style->verbose) {
		all_fields(&o, s, t);
		daemon_words(&o, s);
	}
}

void
u_print_line(FILE *f, const struct m_u_line *l, int64_t wall)
{
	uint64_t	 ago = l->now > l->at ? l->now - l->at : 0;
	time_t		 t = (time_t)(wall - (int64_t)(ago / 1000));
	struct tm	 tm;
	char		 when[32];
	size_t		 i;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm) == 0)
		when[0] = '\0';
	(void)fprintf(f, "%s %s: %s", when, proc_name((enum proc)l->proc),
	    l->level <= LOG_ERR ? "error: " : l->level == LOG_WARNING ?
	    "warning: " : "");
	for (i = 0; i < l->text.n; i++)
		(void)fputc(l->text.p[i] >= ' ' && l->text.p[i] < 0x7f ?
		    l->text.p[i] : '?', f);
	(void)fputc('\n', f);
}
