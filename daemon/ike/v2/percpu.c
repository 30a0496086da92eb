/* SPDX-License-Identifier: ISC */

/*
 * percpu.c: SA_RESOURCE_INFO (RFC 9611 sections 3 and 4): both ends say it
 * with the first child, which means that more of the same may come, and with
 * each of those.  What is in it is the sender's own business.
 */

#include "v2.h"

void
ike2_cpu_put(struct pld_out *o, const struct child *c)
{
	uint8_t	 b[4] = { 0 };

	if (c->beside == 0)
		return;
	b[2] = (uint8_t)((c->cpu - 1) >> 8);
	b[3] = (uint8_t)(c->cpu - 1);
	pld_notify_put(o, PROTO_NONE, 0, N_SA_RESOURCE_INFO,
	    rd_of(b, c->cpu != 0 ? sizeof(b) : 0));
}

void
ike2_cpu_offer(struct ike *ike, const struct tunnel *t, struct child *c)
{
	c->beside = ike_percpu(ike, t) ? c->num : 0;
}

void
ike2_cpu_answer(const struct msg2 *m, struct child *c)
{
	struct pld_notify	 n;

	if (c->beside == c->num && !ike2_has_notify(m, N_SA_RESOURCE_INFO, &n))
		c->beside = 0;
}

/*
 * The child that the peer asks for, in place of `old' or not: 0, or the
 * notify that says why it will not be.
 */
uint16_t
ike2_cpu_asked(struct ike *ike, struct sa *sa, const struct msg2 *m,
    struct child *c, const struct child *old)
{
	struct pld_notify	 n;
	const struct child	*base;

	if (old != NULL) {
		ike_cpu_heir(c, old);
		return (0);
	}
	if (!ike_percpu(ike, sa->tun->t) ||
	    !ike2_has_notify(m, N_SA_RESOURCE_INFO, &n))
		return (0);
	if ((base = ike_cpu_base(sa, c->pair, c->npair)) == NULL) {
		c->beside = c->num;
		return (0);
	}
	c->beside = base->num;
	c->cpu = ike_cpu_free(ike, base);
	return (c->cpu != 0 ? 0 : N_TS_MAX_QUEUE);
}
