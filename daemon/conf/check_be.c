/* SPDX-License-Identifier: ISC */

/*
 * check_be.c: what the kernel behind `set backend pfkey' cannot do is refused
 * here, before it is negotiated; what nobody asked for by name is left out.
 */

#include <stdlib.h>

#include "../../backends/sa/pfkey_alg.h"
#include "cf_local.h"

static const char *const	 systems[] = {
	[PK_SYS_OPENBSD] = "OpenBSD", [PK_SYS_FREEBSD] = "FreeBSD",
	[PK_SYS_NETBSD] = "NetBSD", [PK_SYS_LINUX] = "Linux"
};

/* Any hash will do to ask for a cipher, and the reverse. */
static int
has_encr(enum pk_system sys, const struct alg *a)
{
	uint8_t	 e, i;

	return (pk_alg(sys, a, a->flags & ALG_AEAD ? NULL :
	    alg_name(ALG_INTEG, "hmac-sha1"), &e, &i) == 0);
}

static int
has_integ(enum pk_system sys, const struct alg *a)
{
	uint8_t	 e, i;

	return (pk_alg(sys, alg_name(ALG_ENCR, "aes-128"), a, &e, &i) == 0);
}

/* AH is a hash without a cipher. */
static int
has_ah(enum pk_system sys, const struct alg *a)
{
	uint8_t	 e, i;

	return (pk_alg(sys, NULL, a, &e, &i) == 0);
}

/* Those that it has, in order; how many. */
static uint8_t
keep(enum pk_system sys, uint16_t *list, uint8_t n,
    int (*has)(enum pk_system, const struct alg *))
{
	uint8_t	 i, k = 0;

	for (i = 0; i < n; i++)
		if (has(sys, alg_num(list[i])))
			list[k++] = list[i];
	return (k);
}

/* Every hash that it has: where the default is none of them. */
static void
any_integ(enum pk_system sys, struct prop *p,
    int (*has)(enum pk_system, const struct alg *))
{
	const struct alg	*a;
	size_t			 i, n;

	for (a = alg_rows(&n), i = 0; i < n && p->ninteg < PROP_ALGMAX; i++)
		if (a[i].type == ALG_INTEG && a[i].flags & ALG_ESP &&
		    !(a[i].flags & ALG_WEAK) && has(sys, &a[i]))
			p->integ[p->ninteg++] = a[i].num;
}

/* The default proposals, without what this kernel has not. */
static void
defaults(enum pk_system sys, struct tunnel *t)
{
	int		(*has)(enum pk_system, const struct alg *);
	struct prop	*p;
	uint8_t		 i, k = 0;

	has = t->flags & TUN_AH ? has_ah : has_integ;
	for (i = 0; i < t->nchild; i++) {
		p = &t->child[i];
		p->nencr = keep(sys, p->encr, p->nencr, has_encr);
		if (p->nencr == 0 && !(t->flags & TUN_AH))
			continue;
		if (p->ninteg > 0 && (p->ninteg = keep(sys, p->integ,
		    p->ninteg, has)) == 0)
			any_integ(sys, p, has);
		if (!pk_caps[sys].esn) {
			p->nesn = 1;
			p->esn[0] = 0;
		}
		t->child[k++] = *p;
	}
	t->nchild = k;
}

static void
lacks(struct cf *cf, struct cf_tunnel *c, const char *what, const char *name)
{
	enum pk_system	 sys = pk_here();

	FAIL(cf, c, "childsa: %s %s: PF_KEY of %s does not have it; write "
	    "enc %s, or `set backend %s'", what, name, systems[sys],
	    sys == PK_SYS_LINUX ? "aes-256 auth hmac-sha2-512" :
	    "aes-256-gcm", sys == PK_SYS_LINUX ? "xfrm" : "userland");
}

static void
lacks_ah(struct cf *cf, struct cf_tunnel *c, const char *name)
{
	enum pk_system	 sys = pk_here();

	FAIL(cf, c, "childsa: auth %s: AH by PF_KEY of %s does not have it; "
	    "write auth %s%s", name, systems[sys], sys == PK_SYS_LINUX ?
	    "hmac-sha1" : "hmac-sha2-256", sys == PK_SYS_LINUX ?
	    ", or `set backend xfrm'" : "");
}

/* What is written by name must be there, and only by name. */
static void
written(struct cf *cf, struct cf_tunnel *c, const struct prop *p)
{
	enum pk_system	 sys = pk_here();
	uint8_t		 i;

	for (i = 0; i < p->nencr && !c->bad; i++)
		if (!has_encr(sys, alg_num(p->encr[i])))
			lacks(cf, c, "enc", alg_num(p->encr[i])->name);
	for (i = 0; i < p->ninteg && !c->bad; i++)
		if (c->t.flags & TUN_AH) {
			if (!has_ah(sys, alg_num(p->integ[i])))
				lacks_ah(cf, c, alg_num(p->integ[i])->name);
		} else if (!has_integ(sys, alg_num(p->integ[i])))
			lacks(cf, c, "auth", alg_num(p->integ[i])->name);
	if (!c->bad && !pk_caps[sys].esn && p->nesn == 1 && p->esn[0])
		FAIL(cf, c, "childsa: esn: PF_KEY of %s does not have it; "
		    "remove the word", systems[sys]);
}

static int
one_port(const struct sel *s)
{
	return (s->port_lo == s->port_hi ||
	    (s->port_lo == 0 && s->port_hi == 65535));
}

/* af_key: an SA between IPv4 addresses carries IPv4 alone, and the reverse. */
static void
one_family(struct cf *cf, struct cf_tunnel *c)
{
	const struct tunnel	*t = &c->t;
	uint8_t			 i, af;

	af = t->local.af != 0 ? t->local.af : t->npeer > 0 ?
	    t->peer[0].af : 0;
	for (i = 0; af != 0 && i < t->npair && !c->bad; i++)
		if (t->pair[i].local.af != af)
			FAIL(cf, c, "PF_KEY of Linux carries IPv%d only between "
			    "IPv%d gateways; write `set backend xfrm'",
			    t->pair[i].local.af, t->pair[i].local.af);
}

/* AH protects the addresses of a packet, which a NAT changes (RFC 3715). */
void
cf_check_ah(struct cf *cf, struct cf_tunnel *c)
{
	if (!(c->t.flags & TUN_AH))
		return;
	if (c->t.flags & TUN_NATT)
		FAIL(cf, c, "natt does not go with ah: only ESP goes in UDP, "
		    "and AH cannot pass a NAT; remove natt, or write esp in "
		    "the place of ah");
	else if (cf->r->g.backend == BE_USERLAND)
		FAIL(cf, c, "ah: only a kernel has it, and set backend is "
		    "userland; write set backend auto, or remove ah");
}

void
cf_check_backend(struct cf *cf, struct cf_tunnel *c)
{
	enum pk_system	 sys = pk_here();
	struct tunnel	*t = &c->t;
	uint8_t		 i;

	/* `auto' is PF_KEY wherever it is the kernel's only interface */
	if (c->childdef && (cf->r->g.backend == BE_PFKEY ||
	    (cf->r->g.backend == BE_AUTO && sys != PK_SYS_LINUX)))
		defaults(sys, t);
	if (cf->r->g.backend != BE_PFKEY)
		return;
	for (i = 0; i < t->nchild && !c->bad && !c->childdef; i++)
		written(cf, c, &t->child[i]);
	if (sys == PK_SYS_LINUX)
		one_family(cf, c);
	for (i = 0; i < t->npair && !c->bad; i++)
		if (!one_port(&t->pair[i].local) ||
		    !one_port(&t->pair[i].remote))
			FAIL(cf, c, "PF_KEY cannot say a range of ports; write "
			    "a line for each port, or no port");
	for (i = 0; i < t->nchild && !c->bad && !pk_caps[sys].esn; i++) {
		t->child[i].nesn = 1;	/* both were allowed */
		t->child[i].esn[0] = 0;
	}
}
