/* SPDX-License-Identifier: ISC */

/*
 * xfrm_cpu.c: SAs that one CPU sends by (RFC 9611, Linux 6.13), beside one of
 * all CPUs.  The kernel takes among the SAs of one reqid that of the CPU, or
 * that of all; so these share a reqid, over all renewals.  An SA that is not
 * to be used yet has one of its own until its time comes.  The kernel changes
 * no reqid: the SA, by which nothing was sent, is taken out and put in again
 * with the keys that the kernel has.
 *
 * The kernel can also ask for the SA of a CPU (XFRM_POLICY_CPU_ACQUIRE), but
 * drops what that CPU sends until it has it, or for half a minute: it is not
 * asked to.
 */

#include <strings.h>

#include "xfrm_int.h"

uint32_t
xfrm_cpu_set(struct xfrm *x, struct xtun *t, const struct sa_pair *p)
{
	struct xsa	*s;

	if (p->beside == 0)
		return (0);
	if (p->beside != p->child &&
	    (s = xfrm_sa_find(t, p->beside)) != NULL && s->rq_set != 0)
		return (s->rq_set);
	if ((s = xfrm_sa_find(t, p->replaces)) != NULL && s->rq_set != 0)
		return (s->rq_set);
	return (xfrm_reqid(x));
}

struct keys {
	struct keyoct	 e, a;
	int		 got;
};

static int
keys(void *arg, const struct nlmsg *m)
{
	struct keys	*k = arg;

	if (m->type == XFRM_MSG_NEWSA)
		k->got = xfrm_get_keys(m->body, &k->e, &k->a) == 0;
	return (0);
}

/*
 * What fails leaves the pair without its outbound SA; the next packet finds
 * that out (ACQUIRE) and it is made anew.
 */
void
xfrm_cpu_activate(struct xfrm *x, struct xsa *s)
{
	struct keys		 k = { .got = 0 };
	struct xfrm_keys	 both = { &k.e, &k.a };
	struct nlbuf		 b;

	s->active = 1;
	if (s->rq_set == 0 || s->rq_out == s->rq_set)
		return;
	b = xfrm_buf(x);
	xfrm_put_said(&b, XFRM_MSG_GETSA, s, XW_OUT);
	if (xfrm_dump(x, &b, keys, &k) == 0 && k.got) {
		s->rq_out = s->rq_set;
		b = xfrm_buf(x);
		xfrm_put_said(&b, XFRM_MSG_DELSA, s, XW_OUT);
		xfrm_put_sa(&b, s, XW_OUT, XFRM_MSG_NEWSA, &both, x->sys->dir);
		(void)xfrm_batch(x, &b, NULL, 0);
	}
	explicit_bzero(&k, sizeof(k));
}
