/* SPDX-License-Identifier: ISC */

/*
 * check_v1.c: what IKEv1 cannot do, or can do only so: checks of tunnels
 * with the flag `ikev1', for the table in check.c.
 */

#include <stdlib.h>

#include "cf_local.h"

/* ID payloads of quick mode hold one port or all, RFC 2407 section 4.6.2. */
static int
one_port(const struct sel *s)
{
	return (s->port_lo == s->port_hi ||
	    (s->port_lo == 0 && s->port_hi == 65535));
}

void
cf_check_v1(struct cf *cf, struct cf_tunnel *c)
{
	const struct cf_opt	*o = cf_find(&cf->top, K_V1SET);
	uint8_t			 i;

	if (!(c->t.flags & TUN_IKEV1))
		return;
	if (!WITH_IKEV1) {
		FAIL(cf, c, "ikev1: this s2sd was built without IKEv1; remove "
		    "the word and use IKEv2 at the other end, or install an "
		    "s2sd that was built with it");
		return;
	}
	if (o != NULL && !o->n) {
		FAIL(cf, c, "ikev1, but %s:%u says: set ikev1 no; remove one "
		    "of them", o->at.file, o->at.line);
		return;
	}
	if (c->t.flags & TUN_PERCPU)
		FAIL(cf, c, "per-cpu does not go with ikev1, which cannot ask "
		    "for it (RFC 9611); remove one of them");
	else if (c->t.flags & TUN_PEERANY)
		FAIL(cf, c, "peer any does not go with ikev1: its main mode "
		    "finds the secret by the address of the peer; write the "
		    "address, or use IKEv2 at both ends");
	for (i = 0; i < c->t.npair && !c->bad; i++)
		if (!one_port(&c->t.pair[i].local) ||
		    !one_port(&c->t.pair[i].remote))
			FAIL(cf, c, "IKEv1 cannot say a range of ports; write "
			    "a line for each port, or no port");
}

/* A tunnel of IKEv1 under one of the addresses of its peer. */
struct at_peer {
	struct cf_tunnel	*c;
	const struct addr	*a;
};

static int
by_address(const void *x, const void *y)
{
	const struct at_peer	*p = x, *q = y;
	int			 d = addr_cmp(p->a, q->a, 0);

	if (d != 0)
		return (d);
	if (p->c->at.seq != q->c->at.seq)
		return (p->c->at.seq < q->c->at.seq ? -1 : 1);
	return (p->c->at.line < q->c->at.line ? -1 :
	    p->c->at.line > q->c->at.line);
}

static int
unlike(const struct cf_tunnel *a, const struct cf_tunnel *b)
{
	return (!a->hidden && !b->hidden && (a->npsk != b->npsk ||
	    memcmp(a->psk, b->psk, a->npsk) != 0));
}

/* The secret is needed before the peer has said who it is. */
static void
one_secret(struct cf *cf, struct cf_tunnel *a, struct cf_tunnel *b)
{
	if (!a->bad && !b->bad && a != b && unlike(a, b) &&
	    cf_share_ends(&a->t, &b->t))
		FAIL(cf, b, "another secret than that of tunnel \"%s\" "
		    "(%s:%u), but IKEv1 finds the secret by the address of "
		    "the peer, and they have the same; write the same psk",
		    a->t.name, a->at.file, a->at.line);
}

void
cf_check_v1_all(struct cf *cf)
{
	struct at_peer	*v;
	size_t		 i, j, n = 0;
	uint8_t		 k;

	if ((v = calloc(cf->r->n + 1, PEER_MAX * sizeof(*v))) == NULL)
		return;
	for (i = 0; i < cf->r->n; i++)
		for (k = 0; !cf->r->t[i]->bad && k < cf->r->t[i]->t.npeer; k++)
			if (cf->r->t[i]->t.flags & TUN_IKEV1) {
				v[n].c = cf->r->t[i];
				v[n++].a = &cf->r->t[i]->t.peer[k];
			}
	qsort(v, n, sizeof(*v), by_address);
	for (i = 0; i < n; i++)
		for (j = i + 1; j < n && cf->r->nerr < CF_ERR_MAX &&
		    addr_cmp(v[i].a, v[j].a, 0) == 0; j++)
			one_secret(cf, v[i].c, v[j].c);
	free(v);
}
