/* SPDX-License-Identifier: ISC */

/*
 * print.c: the effective configuration for `s2sd -nv', in the language of
 * s2sd.conf(5): groups, macros and defaults resolved, no secret shown.
 */

#include "cf_local.h"

static const char *
name_of(uint16_t num)
{
	const struct alg	*a = num == 0 ? NULL : alg_num(num);

	return (a == NULL ? "none" : a->name);
}

static void
list(FILE *f, const char *word, const uint16_t *l, uint8_t n)
{
	uint8_t	 i;

	for (i = 0; i < n; i++)
		fprintf(f, " %s %s", word, name_of(l[i]));
}

static void
prop(FILE *f, const char *word, int v1, const struct prop *p)
{
	uint8_t	 i;

	fprintf(f, "\t%s", word);
	list(f, "enc", p->encr, p->nencr);
	list(f, "auth", p->integ, p->ninteg);
	list(f, v1 ? "auth" : "prf", p->prf, p->nprf);
	list(f, "group", p->dh, p->ndh);
	for (i = 0; i < p->nesn; i++)
		fprintf(f, " %s", p->esn[i] ? "esn" : "noesn");
	fprintf(f, "\n");
}

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

static void
ident(FILE *f, const char *word, const struct ident *id)
{
	char		 s[2 * ID_MAX + 16];
	struct addr	 a;

	fprintf(f, "\t%s ", word);
	if (id->type == IDT_FQDN || id->type == IDT_USER) {
		(void)snprintf(s, sizeof(s), "%s%.*s", "", (int)id->len,
		    (const char *)id->d);
		if (id->type == IDT_FQDN && (strchr(s, '.') == NULL ||
		    addr_parse(s, &a) == 0 ||
		    s[strspn(s, "0123456789.")] == '\0'))
			fputs("@", f);		/* else read as something else */
		if (id->type == IDT_USER)
			quoted(f, s);
		else
			fputs(s, f);
	} else
		fputs(ident_str(id, s, sizeof(s)), f);
	fputc('\n', f);
}

static void
end(FILE *f, const char *word, const struct sel *s)
{
	struct net	 n;
	char		 t[ADDR_STRLEN];

	if (sel_to_net(s, &n) == -1)
		return;			/* nothing else is ever built */
	fprintf(f, "%s %s", word, net_str(&n, t, sizeof(t)));
	if (s->port_lo != 0 || s->port_hi != 65535) {
		fprintf(f, " port %u", (unsigned int)s->port_lo);
		if (s->port_hi != s->port_lo)
			fprintf(f, ":%u", (unsigned int)s->port_hi);
	}
}

static void
pairs(FILE *f, const struct tunnel *t)
{
	const struct selpair	*p, *m;
	const char		*name;
	struct net		 n;
	char			 s[ADDR_STRLEN];

	for (p = t->pair; p < t->pair + t->npair; p++) {
		fputc('\t', f);
		if (p->local.ipproto != 0) {
			name = cf_proto_name(p->local.ipproto);
			if (name != NULL)
				fprintf(f, "proto %s ", name);
			else
				fprintf(f, "proto %u ",
				    (unsigned int)p->local.ipproto);
		}
		end(f, "from", &p->local);
		m = tunnel_map(t, &p->local);
		if (m != NULL && sel_to_net(&m->remote, &n) == 0)
			fprintf(f, " (%s)", net_str(&n, s, sizeof(s)));
		end(f, " to", &p->remote);
		fputc('\n', f);
	}
}

static void
interface(FILE *f, const struct tunnel *t)
{
	struct tunroute	 r;
	char		 a[ADDR_STRLEN], name[IF_STRLEN];
	uint8_t		 i;

	if (t->ifkind == IF_NONE)
		return;
	fprintf(f, "\tinterface %s", tunnel_ifname(t, name, sizeof(name)));
	if (t->ifaddr.a.af != 0)
		fprintf(f, " address %s/%u", addr_str(&t->ifaddr.a, 0, a,
		    sizeof(a)), (unsigned int)t->ifaddr.plen);
	fputc('\n', f);
	for (i = 0; i < t->nroute; i++) {
		tunnel_route(t, i, &r);
		fprintf(f, "\troute %s metric %u\n",
		    net_str(&r.to, a, sizeof(a)), r.metric);
	}
}

static void
ends(FILE *f, const struct tunnel *t)
{
	char	 a[ADDR_STRLEN];
	uint8_t	 i;

	if (t->local.af == 0)
		fprintf(f, "\tlocal any\n");
	else
		fprintf(f, "\tlocal %s port %u\n",
		    addr_str(&t->local, 0, a, sizeof(a)),
		    (unsigned int)t->local.port);
	if (t->npeer == 0) {
		fprintf(f, "\tpeer any\n");
		return;
	}
	fprintf(f, "\tpeer %s", t->npeer > 1 ? "{ " : "");
	for (i = 0; i < t->npeer; i++)
		fprintf(f, "%s%s", i > 0 ? ", " : "",
		    addr_str(&t->peer[i], 0, a, sizeof(a)));
	fprintf(f, "%s port %u\n", t->npeer > 1 ? " }" : "",
	    (unsigned int)t->peer[0].port);
}

static void
secret(FILE *f, const struct cf_tunnel *c)
{
	if (c->pskfile == NULL) {
		fprintf(f, "\tpsk hidden\n");
		return;
	}
	fprintf(f, "\tpsk file ");
	quoted(f, c->pskfile);
	fputc('\n', f);
}

static void
values(FILE *f, const struct tunnel *t)
{
	char	 a[ADDR_STRLEN];

	if (t->flags & TUN_WEAK)
		fprintf(f, "\tallow weak\n");
	fprintf(f, "\tikelifetime %us\n\tlifetime %us", t->ikelife, t->life);
	if (t->lifebytes != 0)
		fprintf(f, " bytes %llu", (unsigned long long)t->lifebytes);
	if (t->dpd != 0)
		fprintf(f, "\n\tdpd %us\n", t->dpd);
	else
		fprintf(f, "\n\tdpd no\n");
	if (t->source.af != 0)
		fprintf(f, "\tsource %s\n",
		    addr_str(&t->source, 0, a, sizeof(a)));
	if (t->mtu != 0)
		fprintf(f, "\tmtu %u\n", (unsigned int)t->mtu);
	if (t->maxmss == MSS_AUTO || t->maxmss == MSS_NO)
		fprintf(f, "\tmax-mss %s\n", t->maxmss == MSS_NO ? "no" :
		    "auto");
	else
		fprintf(f, "\tmax-mss %u\n", (unsigned int)t->maxmss);
	fprintf(f, "\treplay %u\n\tselectors %s\n\tnat-exempt %s\n\tleak %s\n",
	    t->replay, t->flags & TUN_SEPARATE ? "separate" : "combined",
	    t->flags & TUN_NATKEEP ? "no" : "yes",
	    t->flags & TUN_LEAK ? "yes" : "no");
}

static void
tunnel(FILE *f, const struct cf_tunnel *c)
{
	const struct tunnel	*t = &c->t;
	int			 v1 = (t->flags & TUN_IKEV1) != 0;
	uint8_t			 i;

	fprintf(f, "\ntunnel \"%s\" %s%s%s%s%s%s%s {\n", t->name,
	    t->flags & TUN_ACTIVE ? "active" :
	    t->flags & TUN_ONDEMAND ? "ondemand" : "passive",
	    t->flags & TUN_DISABLED ? " disabled" : "",
	    t->flags & TUN_AH ? " ah" : "",
	    t->flags & TUN_NATT ? " natt" : "",
	    t->flags & TUN_PERCPU ? " per-cpu" : "",
	    t->flags & TUN_TRANSPORT ? " transport" : "", v1 ? " ikev1" : "");
	if (c->descr != NULL) {
		fprintf(f, "\tdescr ");
		quoted(f, c->descr);
		fputc('\n', f);
	}
	ends(f, t);
	ident(f, "srcid", &t->srcid);
	ident(f, "dstid", &t->dstid);
	pairs(f, t);
	interface(f, t);
	secret(f, c);
	for (i = 0; i < t->nike; i++)
		prop(f, "ikesa", v1, &t->ike[i]);
	for (i = 0; i < t->nchild; i++)
		prop(f, "childsa", v1, &t->child[i]);
	values(f, t);
	fprintf(f, "}\n");
}

static void
gateway(FILE *f, uint32_t g)
{
	static const struct { uint32_t bit; const char *word; } words[] = {
		{ GW_FORWARDING, "forwarding" }, { GW_REDIRECTS, "redirects" },
		{ GW_NATEXEMPT, "nat-exempt" }, { GW_MSS, "mss" },
		{ GW_RPFILTER, "rp_filter" }
	};
	const char	*sep = " { ";
	size_t		 i;

	if (!(g & GW_ON))
		return;
	fprintf(f, "set gateway");
	for (i = 0; i < nitems(words); i++)
		if (!(g & words[i].bit)) {
			fprintf(f, "%sno %s", sep, words[i].word);
			sep = ", ";
		}
	if (g & GW_FIREWALL) {
		fprintf(f, "%sfirewall", sep);
		sep = ", ";
	}
	fprintf(f, "%s\n", sep[0] == ',' ? " }" : "");
}

static void
netpairs(FILE *f, const char *word, const struct net *a, const struct net *b,
    uint8_t n)
{
	char	 s[ADDR_STRLEN], t[ADDR_STRLEN];
	uint8_t	 i;

	for (i = 0; i < n; i++)
		fprintf(f, "%s from %s to %s\n", word,
		    net_str(&a[i], s, sizeof(s)), net_str(&b[i], t, sizeof(t)));
}

void
cf_print(const struct cf_result *r, FILE *f)
{
	static const char *const be[] = { "auto", "xfrm", "pfkey", "userland" };
	static const char *const fw[] = { "auto", "nft", "iptables", "pf",
	    "none" };
	const struct global	*g = &r->g;
	char			 a[ADDR_STRLEN];
	size_t			 i;

	gateway(f, g->gateway);
	if (g->listen.af != 0)
		fprintf(f, "set listen on %s\n",
		    addr_str(&g->listen, 0, a, sizeof(a)));
	if (g->decouple)
		fprintf(f, "set decouple\n");
	fprintf(f, "set backend %s\nset firewall %s\n", be[g->backend],
	    fw[g->firewall]);
	if (g->group[0] != '\0') {
		fprintf(f, "set control group ");
		quoted(f, g->group);
		fputc('\n', f);
	}
	fprintf(f, "set log %s\n", g->verbose ? "verbose" : "brief");
	netpairs(f, "bypass", g->bypass, g->bypass_to, g->nbypass);
	netpairs(f, "block", g->block, g->block_to, g->nblock);
	for (i = 0; i < r->n; i++)
		tunnel(f, r->t[i]);
}
