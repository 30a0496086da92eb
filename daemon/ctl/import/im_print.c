/* SPDX-License-Identifier: ISC */

/* im_print.c: the tunnels as s2sd.conf, and the remarks as lines. */

#include "im_int.h"

static void
quoted(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

/* As s2sd.conf(5) reads it back to the same identity. */
static void
ident(FILE *f, const char *word, const struct ident *id)
{
	char		 s[2 * ID_MAX + 16];
	struct addr	 a;

	fprintf(f, "%s ", word);
	if (id->type != IDT_FQDN && id->type != IDT_USER) {
		fputs(ident_str(id, s, sizeof(s)), f);
		return;
	}
	(void)snprintf(s, sizeof(s), "%.*s", (int)id->len,
	    (const char *)id->d);
	if (id->type == IDT_USER) {
		quoted(f, s);
		return;
	}
	if (strchr(s, '.') == NULL || addr_parse(s, &a) == 0 ||
	    s[strspn(s, "0123456789.")] == '\0')
		fputc('@', f);
	fputs(s, f);
}

static void
port(FILE *f, const struct sel *s)
{
	if (s->port_lo == 0 && s->port_hi == 65535)
		return;
	fprintf(f, " port %u", (unsigned int)s->port_lo);
	if (s->port_hi != s->port_lo)
		fprintf(f, ":%u", (unsigned int)s->port_hi);
}

static const char *
net(const struct sel *s, char *buf, size_t len)
{
	struct net	 n;

	if (sel_to_net(s, &n) == -1)
		return ("");		/* nothing else is ever made */
	return (net_str(&n, buf, len));
}

/* Are these pairs every left one with every right one, in order? */
static int
product(const struct selpair *p, size_t n, size_t *rows, size_t *cols)
{
	size_t	 c, i;

	for (c = 1; c < n && sel_eq(&p[c].local, &p[0].local); c++)
		;
	if (n % c != 0)
		return (0);
	for (i = 0; i < n; i++)
		if (!sel_eq(&p[i].local, &p[i / c * c].local) ||
		    !sel_eq(&p[i].remote, &p[i % c].remote) ||
		    p[i].local.af != p[0].local.af ||
		    p[i].local.ipproto != p[0].local.ipproto ||
		    p[i].local.port_lo != p[0].local.port_lo ||
		    p[i].local.port_hi != p[0].local.port_hi ||
		    p[i].remote.port_lo != p[0].remote.port_lo ||
		    p[i].remote.port_hi != p[0].remote.port_hi)
			return (0);
	*cols = c;
	*rows = n / c;
	return (1);
}

static void
nets(FILE *f, const struct selpair *p, size_t n, size_t step, int remote)
{
	char	 b[ADDR_STRLEN];
	size_t	 i;

	fprintf(f, n > 1 ? "{ " : "");
	for (i = 0; i < n; i++)
		fprintf(f, "%s%s", i > 0 ? ", " : "", net(remote ?
		    &p[i * step].remote : &p[i * step].local, b, sizeof(b)));
	fprintf(f, n > 1 ? " }" : "");
}

static void
pair_lines(FILE *f, const char *pre, const struct im_tun *t)
{
	size_t		 cols = 1, i, n, rows = 1;
	const struct selpair *p;

	n = product(t->pair, t->npair, &rows, &cols) ? t->npair : 1;
	for (i = 0; i < t->npair; i += n) {
		p = &t->pair[i];
		if (n == 1)
			rows = cols = 1;
		fprintf(f, "%s\t", pre);
		if (p->local.ipproto != 0)
			fprintf(f, "proto %u ",
			    (unsigned int)p->local.ipproto);
		fprintf(f, "from ");
		nets(f, p, rows, cols, 0);
		port(f, &p->local);
		fprintf(f, " to ");
		nets(f, p, cols, 1, 1);
		port(f, &p->remote);
		fputc('\n', f);
	}
}

static void
alts(FILE *f, const char *word, const struct im_alt *a, uint8_t n)
{
	static const char *const kinds[] = { "enc", "auth", "prf", "group" };
	uint8_t	 i, j, k;

	for (i = 0; i < n; i++) {
		fprintf(f, "\t%s", word);
		for (k = 0; k < ALT_KINDS; k++)
			for (j = 0; j < a[i].n[k]; j++)
				fprintf(f, " %s %s", kinds[k], a[i].w[k][j]);
		fputc('\n', f);
	}
}

/* Can it stand in quotes, or on a line, as it is? */
static int
plain(const struct im_psk *k)
{
	size_t	 i;

	for (i = 0; i < k->n; i++)
		if (k->p[i] < ' ' || k->p[i] >= 0x7f)
			return (0);
	return (k->n < 2 || k->p[0] != '0' || (k->p[1] | 0x20) != 'x');
}

static void
secret(FILE *f, const struct im_tun *t, const struct im_opts *o)
{
	size_t	 i;

	if (!o->in) {
		fprintf(f, "\tpsk file \"%s/%s.psk\"\n", o->keydir, t->name);
		return;
	}
	fprintf(f, "\tpsk ");
	if (plain(t->psk)) {
		fputc('"', f);
		for (i = 0; i < t->psk->n; i++) {
			if (t->psk->p[i] == '"' || t->psk->p[i] == '\\')
				fputc('\\', f);
			fputc(t->psk->p[i], f);
		}
		fprintf(f, "\"\n");
		return;
	}
	fprintf(f, "0x");
	for (i = 0; i < t->psk->n; i++)
		fprintf(f, "%02x", (unsigned int)t->psk->p[i]);
	fputc('\n', f);
}

static const char *const levels[] = {
	[IM_NOTE] = "note", [IM_WARN] = "warning", [IM_REFUSE] = "refused"
};

static void
remark(FILE *f, const char *pre, const struct im_remark *m)
{
	fprintf(f, "%s%s", pre, m->at.file != NULL ? m->at.file : "-");
	if (m->at.line != 0)
		fprintf(f, ":%u", m->at.line);
	fprintf(f, ": %s: ", levels[m->level]);
	if (m->level == IM_REFUSE && m->conn != NULL)
		fprintf(f, "conn %s (%s): ", m->conn, m->kind);
	fprintf(f, "%s\n", m->text);
}

/* With -c: what was said about a conn, beside what became of it. */
static void
beside(FILE *f, const struct im_result *r, const char *conn, const char *pre)
{
	const struct im_remark	*m;

	for (m = r->remarks; m != NULL; m = m->next)
		if (conn == NULL ? m->conn == NULL || m->level == IM_REFUSE :
		    m->conn != NULL && m->level != IM_REFUSE &&
		    strcmp(m->conn, conn) == 0)
			remark(f, pre, m);
}

static void
tunnel(FILE *f, const struct im_tun *t, const struct im_opts *o)
{
	static const char *const starts[] = { "active", "passive", "ondemand" };
	char	 a[ADDR_STRLEN];

	fprintf(f, "tunnel \"%s\"%s%s%s%s%s%s%s {\n", t->name, t->v1 ?
	    " ikev1" : "", t->started ? " " : "", t->started ?
	    starts[t->start] : "", t->off ? " disabled" : "", t->natt ?
	    " natt" : "", t->ah ? " ah" : "", t->transport ?
	    " transport" : "");
	fputc('\t', f);
	if (t->local.af != 0)
		fprintf(f, "local %s ", addr_str(&t->local, 0, a, sizeof(a)));
	fprintf(f, "peer %s\n", t->peer.af == 0 ? "any" :
	    addr_str(&t->peer, 0, a, sizeof(a)));
	if (t->say_src || t->local.af == 0 || t->say_dst) {
		fputc('\t', f);
		if (t->say_src || t->local.af == 0)
			ident(f, "srcid", &t->src);
		if (t->say_dst)
			ident(f, t->say_src || t->local.af == 0 ? " dstid" :
			    "dstid", &t->dst);
		fputc('\n', f);
	}
	pair_lines(f, "", t);
	if (t->ifkind != IF_NONE) {
		fprintf(f, "\tinterface %s", if_str(t->ifkind, t->ifunit, a,
		    sizeof(a)));
		if (t->ifaddr.a.af != 0)
			fprintf(f, " address %s/%u", addr_str(&t->ifaddr.a, 0,
			    a, sizeof(a)), (unsigned int)t->ifaddr.plen);
		fputc('\n', f);
	}
	if (t->separate && t->npair > 1)
		fprintf(f, "\tselectors separate\n");
	secret(f, t, o);
	if (t->weak)
		fprintf(f, "\tallow weak\n");
	alts(f, "ikesa", t->ike, t->nike);
	alts(f, "childsa", t->child, t->nchild);
	if (t->ikelife != 0)
		fprintf(f, "\tikelifetime %us\n", (unsigned int)t->ikelife);
	if (t->life != 0 || t->lifebytes != 0)
		fprintf(f, "\tlifetime %us", t->life != 0 ?
		    (unsigned int)t->life : 3600);
	if (t->lifebytes != 0)
		fprintf(f, " bytes %llu", (unsigned long long)t->lifebytes);
	if (t->life != 0 || t->lifebytes != 0)
		fputc('\n', f);
	if (t->dpd == 0)
		fprintf(f, "\tdpd no\n");
	else if (t->dpd > 0)
		fprintf(f, "\tdpd %llds\n", (long long)t->dpd);
	if (t->source.af != 0)
		fprintf(f, "\tsource %s\n",
		    addr_str(&t->source, 0, a, sizeof(a)));
}

void
im_print(const struct im_result *r, const struct im_opts *o, FILE *f,
    int comments)
{
	const struct im_tun	*t;

	if (r->head != NULL)
		fprintf(f, "%s\n", r->head);
	if (comments)
		beside(f, r, NULL, "# ");
	if (r->tuns != NULL)
		fprintf(f, "set gateway\t\t# forwarding on, redirects off, "
		    "while s2sd runs\n");
	if (r->shunts != NULL)
		fputs(r->shunts, f);
	for (t = r->tuns; t != NULL; t = t->next) {
		tunnel(f, t, o);
		if (comments)
			beside(f, r, t->c->name, "\t# ");
		fprintf(f, "}\n");
	}
}

void
im_print_remarks(const struct im_result *r, FILE *f)
{
	const struct im_remark	*m;

	for (m = r->remarks; m != NULL; m = m->next)
		remark(f, "", m);
	if (r->nremark >= IM_REMARK_MAX)
		fprintf(f, "and more remarks\n");
	fprintf(f, "%u tunnel%s carried over, %u refused, %u line%s lost\n",
	    r->ntun + r->nshunt, r->ntun + r->nshunt == 1 ? "" : "s",
	    r->nrefused, r->nlost, r->nlost == 1 ? "" : "s");
}

int
im_exit(const struct im_result *r)
{
	const struct im_remark	*m;

	if (r->tuns == NULL)
		return (2);
	for (m = r->remarks; m != NULL; m = m->next)
		if (m->level != IM_NOTE)
			return (1);
	return (0);
}

/* One line: the text, or 0x and digits where it is no plain text. */
static void
file(struct im *im, const struct im_tun *t, struct im_file ***tail)
{
	struct im_file	*k = im_alloc(im, sizeof(*k));
	size_t		 i;

	if (k == NULL || (k->p = im_alloc(im, 2 * t->psk->n + 4)) == NULL)
		return;
	k->name = t->name;
	if (plain(t->psk)) {
		memcpy(k->p, t->psk->p, t->psk->n);
		k->n = t->psk->n;
	} else {
		memcpy(k->p, "0x", 2);
		for (i = 0; i < t->psk->n; i++)
			(void)snprintf((char *)k->p + 2 + 2 * i, 3, "%02x",
			    (unsigned int)t->psk->p[i]);
		k->n = 2 + 2 * t->psk->n;
	}
	k->p[k->n++] = '\n';
	**tail = k;
	*tail = &k->next;
}

/* What the result holds beside the tunnels: shunts as lines, secrets. */
void
im_finish(struct im *im)
{
	static const char *const word[] = { "bypass", "block" };
	struct im_file	**tail = &im->r->files;
	struct im_tun	*t;
	char		 a[ADDR_STRLEN], b[ADDR_STRLEN], *s;
	unsigned int	 i, k;

	s = im_strndup(im, "", 0);
	for (k = 0; k < 2; k++)
		for (i = 0; i < im->nshunt[k] && s != NULL; i++)
			s = im_join(im, s, "%s from %s to %s\n", word[k],
			    net_str(&im->shunt[k][i][0], a, sizeof(a)),
			    net_str(&im->shunt[k][i][1], b, sizeof(b)));
	for (i = 0; i < im->naround && s != NULL; i++)
		s = im_join(im, s, "bypass from any to %s\n",
		    addr_str(&im->around[i], 0, a, sizeof(a)));
	im->r->shunts = s;
	for (t = im->r->tuns; t != NULL && !im->o->in; t = t->next)
		file(im, t, &tail);
}
