/* SPDX-License-Identifier: ISC */

/*
 * xfrm_move.c: the peer is elsewhere.  New ports are an update of the SAs;
 * new addresses are what the kernel calls migration, which keeps keys and
 * numbers.  It finds an SA through a policy: one that no packet fits is made
 * for it, and goes again.
 */

#include <errno.h>
#include <stdlib.h>

#include "xfrm_int.h"

/* The keys are not changed, but have to be there. */
static int
ports(struct xfrm *x, const struct xsa *s)
{
	const struct alg	*e = alg_num(s->encr), *a = alg_num(s->integ);
	struct keyoct		 ek, ak;
	struct xfrm_keys	 k = { &ek, &ak };
	struct nlbuf		 b;
	int			 err[2] = { ETIMEDOUT, ETIMEDOUT };

	if (e == NULL || (s->integ != 0 && a == NULL))	/* AH: no UDP */
		return (-1);
	memset(&ek, 0x5a, sizeof(ek));
	memset(&ak, 0x5a, sizeof(ak));
	ek.len = (uint16_t)(e->keylen + e->saltlen);
	ak.len = a != NULL ? a->keylen : 0;
	b = xfrm_buf(x);
	xfrm_put_sa(&b, s, XW_IN, XFRM_MSG_UPDSA, &k, x->sys->dir);
	xfrm_put_sa(&b, s, XW_OUT, XFRM_MSG_UPDSA, &k, x->sys->dir);
	(void)xfrm_batch(x, &b, err, nitems(err));
	return (err[0] == 0 && err[1] == 0 ? 0 : -1);
}

/* From 0.0.0.0 to 0.0.0.0, protocol 255: fits nothing. */
static void
guide(struct nlbuf *b, const struct xsa *s, int dir, const struct addr *local,
    const struct addr *remote)
{
	int		 out = dir == XFRM_POLICY_OUT;
	struct xpol	 p;

	memset(&p, 0, sizeof(p));
	p.dir = (uint8_t)dir;
	p.sel.family = AF_INET;
	p.sel.prefixlen_s = p.sel.prefixlen_d = 32;
	p.sel.proto = 255;
	p.sel.user = XM_USER;
	p.prio = XM_PRIO_MOST;
	p.transport = s->transport;
	p.ah = s->ah;
	p.if_id = s->t->if_id;
	p.reqid = out ? s->rq_out : s->t->reqid;
	p.src = out ? s->local : s->remote;
	p.dst = out ? s->remote : s->local;
	xfrm_put_pol(b, &p);
	xfrm_put_migrate(b, &p, s, local, remote);
	xfrm_put_poldel(b, &p);
}

/*
 * All pairs of the tunnel that are at this place: inbound they have one
 * reqid, so the kernel takes any of them first.
 */
static int
addrs(struct xfrm *x, struct xtun *t, struct addr l, struct addr r,
    const struct addr *local, const struct addr *remote)
{
	struct xsa	*s;
	struct nlbuf	 b;
	int		 err[6], rv = 0;
	size_t		 i;

	for (s = t->sas; s != NULL; s = s->next) {
		if (addr_cmp(&s->local, &l, 0) != 0 ||
		    addr_cmp(&s->remote, &r, 0) != 0)
			continue;
		for (i = 0; i < nitems(err); i++)
			err[i] = ETIMEDOUT;
		b = xfrm_buf(x);
		guide(&b, s, XFRM_POLICY_OUT, local, remote);
		guide(&b, s, XFRM_POLICY_IN, local, remote);
		(void)xfrm_batch(x, &b, err, nitems(err));
		if (err[1] != 0 || err[4] != 0)
			rv = -1;
	}
	for (s = t->sas; s != NULL && rv == 0; s = s->next) {
		if (addr_cmp(&s->local, &l, 0) != 0 ||
		    addr_cmp(&s->remote, &r, 0) != 0)
			continue;
		s->local = *local;
		s->remote = *remote;
	}
	return (rv == 0 ? xfrm_sync(x, t) : -1);
}

/* What cannot be moved is of no use any more: it is reported as expired. */
void
xfrm_move(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    const struct addr *local, const struct addr *remote)
{
	struct xfrm	*x = arg;
	struct xtun	*t = xfrm_tun(x, tunnel);
	struct xsa	*s;
	int		 rv = 0, err;

	s = t == NULL ? NULL : xfrm_sa_find(t, child);
	err = s == NULL ? SERR_SPI : local->af != remote->af ||
	    local->af != s->local.af ? SERR_ADDRESS : SERR_OK;
	if (err != SERR_OK) {
		x->ev->done(x->ev->arg, id, err, 0);
		return;
	}
	if (addr_cmp(&s->local, local, 0) != 0 ||
	    addr_cmp(&s->remote, remote, 0) != 0)
		rv = addrs(x, t, s->local, s->remote, local, remote);
	else {
		s->local = *local;
		s->remote = *remote;
		if (s->udp)
			rv = ports(x, s);
	}
	x->ev->done(x->ev->arg, id, rv == 0 ? SERR_OK : SERR_BACKEND, 0);
	if (rv == -1)
		x->ev->expire(x->ev->arg, tunnel, child, 1);
}
