/* SPDX-License-Identifier: ISC */

/*
 * pc.c: one tunnel as the ipsec.conf and ipsec.secrets of its other end.  In
 * them `left' is the other end itself and `right' is us.
 */

#include <string.h>

#include "pc.h"

static const char *const sides[2] = { "right", "left" };	/* us, them */

static int
is_v1(const struct pc *c)
{
	return ((c->t->flags & TUN_IKEV1) != 0);
}

/* As all three read it: addresses bare, names behind an @. */
static void
ident(FILE *f, const struct ident *id)
{
	char	 s[2 * ID_MAX + 16];
	uint16_t i;

	switch (id->type) {
	case IDT_FQDN:
		fprintf(f, "@%.*s", (int)id->len, (const char *)id->d);
		break;
	case IDT_USER:
		fprintf(f, "%.*s", (int)id->len, (const char *)id->d);
		break;
	case IDT_KEYID:
		fprintf(f, "@#");
		for (i = 0; i < id->len; i++)
			fprintf(f, "%02x", (unsigned int)id->d[i]);
		break;
	default:
		fputs(ident_str(id, s, sizeof(s)), f);
	}
}

static int
is_addr(const struct ident *id, const struct addr *a)
{
	struct ident	 b;

	if (a->af == 0)
		return (0);
	ident_addr(a, &b);
	return (ident_eq(id, &b));
}

static const struct addr *
outer(const struct pc *c, int them)
{
	static const struct addr	 none;

	if (!them)
		return (&c->t->local);
	return (c->t->npeer > 0 ? &c->t->peer[0] : &none);
}

static void
ends(const struct pc *c, FILE *f)
{
	const struct addr	*a;
	char			 s[ADDR_STRLEN];
	int			 them;

	for (them = 1; them >= 0; them--) {
		a = outer(c, them);
		fprintf(f, "\t%s=%s\n", sides[them], a->af != 0 ?
		    addr_str(a, 0, s, sizeof(s)) : them ? "%defaultroute" :
		    "%any");
		if (!is_addr(them ? &c->t->dstid : &c->t->srcid, a)) {
			fprintf(f, "\t%sid=", sides[them]);
			ident(f, them ? &c->t->dstid : &c->t->srcid);
			fputc('\n', f);
		}
	}
}

/* --- networks --- */

static const char *
net(const struct sel *s, char *buf, size_t len)
{
	struct net	 n;

	if (sel_to_net(s, &n) == -1)
		return ("?");		/* nothing else is ever built */
	(void)net_str(&n, buf, len);
	if (strchr(buf, '/') == NULL)
		(void)strlcat(buf, n.a.af == 6 ? "/128" : "/32", len);
	return (buf);
}

static void
protoport(FILE *f, const char *side, const struct sel *s)
{
	if (s->ipproto == 0)
		return;
	fprintf(f, "\t%sprotoport=%u", side, (unsigned int)s->ipproto);
	if (s->port_lo != 0 || s->port_hi != 65535) {
		fprintf(f, "/%u", (unsigned int)s->port_lo);
		if (s->port_lo != s->port_hi)
			fprintf(f, "-%u", (unsigned int)s->port_hi);
	}
	fputc('\n', f);
}

static void
one_pair(const struct pc *c, FILE *f, const struct selpair *p)
{
	char	 b[ADDR_STRLEN + 4];

	if (!(c->t->flags & TUN_TRANSPORT)) {
		fprintf(f, "\tleftsubnet=%s\n", net(&p->remote, b,
		    sizeof(b)));
		fprintf(f, "\trightsubnet=%s\n", net(&p->local, b,
		    sizeof(b)));
	}
	protoport(f, "left", &p->remote);
	protoport(f, "right", &p->local);
}

/* Every one of ours with every one of theirs, all of one family and bare? */
static int
product(const struct tunnel *t, size_t *rows, size_t *cols)
{
	const struct selpair	*p = t->pair;
	size_t			 i, n = t->npair, k;

	for (k = 1; k < n && sel_eq(&p[k].local, &p[0].local); k++)
		;
	if (n % k != 0)
		return (0);
	for (i = 0; i < n; i++)
		if (p[i].local.ipproto != 0 || p[i].local.af != p[0].local.af ||
		    !sel_eq(&p[i].local, &p[i / k * k].local) ||
		    !sel_eq(&p[i].remote, &p[i % k].remote))
			return (0);
	*cols = k;
	*rows = n / k;
	return (1);
}

static void
nets(const struct pc *c, FILE *f, size_t rows, size_t cols, int them)
{
	const struct selpair	*p = c->t->pair;
	size_t			 i, n = them ? cols : rows;
	char			 b[ADDR_STRLEN + 4];
	int			 braces = c->fl != IM_STRONGSWAN && n > 1;

	fprintf(f, "\t%ssubnet%s", sides[them], braces ? "s={" : "=");
	for (i = 0; i < n; i++)
		fprintf(f, "%s%s", i == 0 ? "" : braces ? " " : ",",
		    net(them ? &p[i].remote : &p[i * cols].local, b,
		    sizeof(b)));
	fprintf(f, "%s\n", braces ? "}" : "");
}

/* strongSwan has a list in one child with IKEv2, the others one child a pair. */
static int
in_one(const struct pc *c, size_t *rows, size_t *cols)
{
	if (!product(c->t, rows, cols))
		return (0);
	if (c->t->npair == 1)
		return (1);
	return (c->fl != IM_STRONGSWAN || !(is_v1(c) ||
	    c->t->flags & TUN_SEPARATE));
}

/* --- the rest of a conn --- */

static void
version(const struct pc *c, FILE *f)
{
	if (c->fl == IM_OPENSWAN)
		fprintf(f, "\tikev2=%s\n", is_v1(c) ? "never" : "insist");
	else
		fprintf(f, "\tkeyexchange=ikev%d\n", is_v1(c) ? 1 : 2);
}

static void
start(const struct pc *c, FILE *f)
{
	int	 calls = !(c->t->flags & (TUN_ACTIVE | TUN_ONDEMAND)) ||
	    outer(c, 0)->af == 0;

	if (outer(c, 0)->af == 0)
		calls = 0;
	if (c->t->dpd != 0) {
		fprintf(f, "\tdpddelay=%u\n", (unsigned int)c->t->dpd);
		if (is_v1(c) || c->fl == IM_OPENSWAN)
			fprintf(f, "\tdpdtimeout=%u\n",
			    4 * (unsigned int)c->t->dpd);
		fprintf(f, "\tdpdaction=%s\n", calls ? "restart" : "clear");
	}
	fprintf(f, "\tauto=%s\n", calls ? "start" : "add");
}

static void
common(const struct pc *c, const char *ike, const char *esp, FILE *f)
{
	fprintf(f, "\ttype=%s\n\tauthby=secret\n", c->t->flags &
	    TUN_TRANSPORT ? "transport" : "tunnel");
	version(c, f);
	fprintf(f, "\tike=%s\n", ike);
	if (c->t->flags & TUN_AH && c->fl != IM_STRONGSWAN)
		fprintf(f, "\tphase2=ah\n\tphase2alg=%s\n", esp);
	else
		fprintf(f, "\t%s=%s\n", c->t->flags & TUN_AH ? "ah" :
		    c->fl == IM_OPENSWAN ? "phase2alg" : "esp", esp);
	if (c->fl != IM_STRONGSWAN)
		fprintf(f, "\tpfs=%s\n", pc_pfs(c) ? "yes" : "no");
	fprintf(f, "\tikelifetime=%us\n", (unsigned int)(c->t->ikelife > 86400 ?
	    86400 : c->t->ikelife));
	fprintf(f, "\t%s=%us\n", c->fl == IM_STRONGSWAN ? "lifetime" :
	    "salifetime", (unsigned int)(c->t->life > 86400 ? 86400 :
	    c->t->life));
	fprintf(f, "\tkeyingtries=%%forever\n");
	if (c->t->flags & TUN_NATT)
		fprintf(f, "\t%s=yes\n", c->fl == IM_LIBRESWAN ?
		    "encapsulation" : "forceencaps");
	if (c->t->ifkind != IF_NONE && c->fl == IM_LIBRESWAN)
		fprintf(f, "\tipsec-interface=%u\n",
		    (unsigned int)c->t->ifunit);
	else if (c->t->ifkind != IF_NONE && c->fl == IM_STRONGSWAN)
		fprintf(f, "\tif_id_in=%u\n\tif_id_out=%u\n",
		    (unsigned int)c->t->ifunit, (unsigned int)c->t->ifunit);
	ends(c, f);
}

static void
setup(const struct pc *c, FILE *f)
{
	if (c->fl == IM_OPENSWAN)
		fprintf(f, "config setup\n\tprotostack=netkey\n"
		    "\tnat_traversal=yes\n\toe=off\n\n");
	else if (c->fl == IM_LIBRESWAN && is_v1(c))
		fprintf(f, "config setup\n\tikev1-policy=accept\n\n");
	else if (c->fl == IM_LIBRESWAN)
		fprintf(f, "config setup\n\n");
	else
		fprintf(f, "config setup\n\tuniqueids=yes\n\n");
}

/* --- secrets --- */

static int
plain(const struct pc *c)
{
	size_t	 i;

	for (i = 0; i < c->npsk; i++)
		if (c->psk[i] < ' ' || c->psk[i] >= 0x7f ||
		    c->psk[i] == '"' || c->psk[i] == '\\')
			return (0);
	return (1);
}

static void
secrets(const struct pc *c, FILE *f)
{
	char	 s[ADDR_STRLEN];
	int	 them;
	size_t	 i;

	fprintf(f, "### /etc/ipsec.secrets, chmod 600\n");
	for (them = 1; them >= 0; them--) {
		ident(f, them ? &c->t->dstid : &c->t->srcid);
		fputc(' ', f);
	}
	/* IKEv1 looks the secret up by address */
	for (them = 1; is_v1(c) && them >= 0; them--)
		if (outer(c, them)->af != 0 && !is_addr(them ? &c->t->dstid :
		    &c->t->srcid, outer(c, them)))
			fprintf(f, "%s ", addr_str(outer(c, them), 0, s,
			    sizeof(s)));
	if (c->psk == NULL)
		fprintf(f, ": PSK \"THE-SECRET-OF-THIS-TUNNEL\"\n");
	else if (plain(c))
		fprintf(f, ": PSK \"%.*s\"\n", (int)c->npsk,
		    (const char *)c->psk);
	else {
		fprintf(f, ": PSK 0x");
		for (i = 0; i < c->npsk; i++)
			fprintf(f, "%02x", (unsigned int)c->psk[i]);
		fputc('\n', f);
	}
}

static void
remarks(const struct pc *c, int lost, FILE *err)
{
	const char	*n = c->t->name, *who = im_flavour_name(c->fl);

	if (lost)
		fprintf(err, "tunnel %s: not every proposal can be written for "
		    "%s; the others are left out\n", n, who);
	if (c->t->npair > 1 && c->fl != IM_STRONGSWAN && !is_v1(c) &&
	    !(c->t->flags & TUN_SEPARATE))
		fprintf(err, "tunnel %s: %s has one child for each pair of "
		    "networks; add here: selectors separate\n", n, who);
	if (outer(c, 0)->af == 0)
		fprintf(err, "tunnel %s: the address of this host is not "
		    "configured (local); right=%%any is written, put the "
		    "address there if it is fixed\n", n);
	if (c->t->ifkind != IF_NONE && c->fl == IM_LIBRESWAN)
		fprintf(err, "tunnel %s: it has a device; at the other end "
		    "ipsec%u is made, and is given routes to the networks "
		    "here\n", n, (unsigned int)c->t->ifunit);
	else if (c->t->ifkind != IF_NONE && c->fl == IM_STRONGSWAN)
		fprintf(err, "tunnel %s: it has a device; at the other end "
		    "write: ip link add xfrm%u type xfrm if_id %u, switch it "
		    "on, and route the networks here to it\n", n,
		    (unsigned int)c->t->ifunit, (unsigned int)c->t->ifunit);
	if (c->t->npeer > 1)
		fprintf(err, "tunnel %s: of its peers the first is taken\n", n);
	if (c->fl == IM_OPENSWAN && c->t->dstid.type == IDT_KEYID)
		fprintf(err, "tunnel %s: keyid is written as @#hex\n", n);
}

/* Any to any, and no device there: all that the host sends would go into it. */
static int
swallows(const struct pc *c)
{
	struct net	 n;
	uint8_t		 i;

	for (i = 0; c->fl == IM_OPENSWAN && i < c->t->npair; i++)
		if (sel_to_net(&c->t->pair[i].local, &n) == 0 && n.plen == 0)
			return (c->t->ifkind != IF_NONE);
	return (0);
}

int
pc_print(const struct pc *c, FILE *out, FILE *err)
{
	char	 ike[PC_LINE], esp[PC_LINE];
	size_t	 rows = 0, cols = 0;
	uint8_t	 i;
	int	 lost = 0;

	if (swallows(c)) {
		fprintf(err, "tunnel %s: openswan has no device for a tunnel, "
		    "so from any would take all that the other end sends; "
		    "write the networks in from ... to ...\n", c->t->name);
		return (-1);
	}
	if (pc_props(c, 1, ike, sizeof(ike), &lost) == -1 ||
	    pc_props(c, 0, esp, sizeof(esp), &lost) == -1) {
		fprintf(err, "tunnel %s: %s knows none of its algorithms; add "
		    "here: ikesa enc aes-256 auth hmac-sha2-256 group "
		    "modp2048, and childsa likewise\n", c->t->name,
		    im_flavour_name(c->fl));
		return (-1);
	}
	remarks(c, lost, err);
	fprintf(out, "### /etc/ipsec.conf (%s) for the other end of tunnel "
	    "%s\n", im_flavour_name(c->fl), c->t->name);
	setup(c, out);
	fprintf(out, "conn %s\n", c->t->name);
	common(c, ike, esp, out);
	if (in_one(c, &rows, &cols)) {
		if (c->t->npair == 1)
			one_pair(c, out, &c->t->pair[0]);
		else {
			nets(c, out, rows, cols, 1);
			nets(c, out, rows, cols, 0);
		}
		start(c, out);
	} else
		for (i = 0; i < c->t->npair; i++) {
			fprintf(out, "\nconn %s-%u\n\talso=%s\n", c->t->name,
			    i + 1u, c->t->name);
			one_pair(c, out, &c->t->pair[i]);
			start(c, out);
		}
	fputc('\n', out);
	secrets(c, out);
	return (0);
}
