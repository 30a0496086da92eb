/* SPDX-License-Identifier: ISC */

/* natt.c: ESP in UDP, whatever the version of IKE; a peer that moves. */

#include "engine.h"

enum { HINT_MS = 60000 };

/* Must everything go in UDP?  Then we say that a NAT is in front of us. */
int
ike_forced(const struct ike *ike, const struct tun *t)
{
	return ((ike->have_caps && ike->caps.udp_only) ||
	    (t != NULL && t->t != NULL && t->t->flags & TUN_NATT));
}

const char *
ike_ah_nat(const struct sa *sa, const struct tunnel *t)
{
	if (t == NULL || !(t->flags & TUN_AH) ||
	    !(sa->udp || sa->nat_here || sa->nat_there))
		return (NULL);
	if (sa->nat_here && sa->nat_there)
		return ("it changes the addresses of both ends");
	return (sa->nat_here ? "it changes our address" :
	    "it changes the address of the peer");
}

void
ike_hint_ah(struct ike *ike, const struct sa *sa, struct tun *t)
{
	const char	*why = ike_ah_nat(sa, t->t);

	if (why == NULL || t->t->flags & TUN_DISABLED || t->down ||
	    ike_child_count(t) > 0 || (t->offered_at != 0 &&
	    ike->now - t->offered_at < HINT_MS))
		return;
	t->offered_at = ike->now;
	ike_reason(ike, t, R_AH_NAT, why);
}

const char *
ike_esp_ah(const struct tunnel *t, uint8_t proto)
{
	if (t->flags & TUN_AH && proto == PROTO_ESP)
		return ("it offers ESP, this tunnel has AH");
	if (!(t->flags & TUN_AH) && proto == PROTO_AH)
		return ("it offers AH, this tunnel has ESP");
	return (NULL);
}

void
ike_follow(struct ike *ike, struct sa *sa, const struct m_net_dgram *d)
{
	struct m_s_move	 m;
	struct child	*c;
	int		 may;

	if (addr_cmp(&d->remote, &sa->remote, 1) == 0 &&
	    addr_cmp(&d->local, &sa->local, 1) == 0)
		return;
	if (sa->state == S_INIT_R)
		may = 1;		/* it is just moving to 4500 */
	else
		may = sa->tun != NULL && sa->tun->t != NULL &&
		    (sa->nat_there ||
		    sa->tun->t->flags & (TUN_PEERANY | TUN_PEERNAME));
	if (!may)
		return;
	if (addr_cmp(&d->remote, &sa->remote, 0) != 0 && sa->half)
		return;			/* and stays where it is (N041) */
	sa->local = d->local;
	sa->remote = d->remote;
	sa->float_ = !!(d->flags & NETF_4500);
	for (c = sa->children; c != NULL; c = c->next) {
		if (c->state != C_UP && c->state != C_OLD)
			continue;
		m.child = c->num;
		m.local = sa->local;
		m.remote = sa->remote;
		(void)role_send(ike->io, PROC_SAD, M_S_MOVE, ike_gen(ike), 0,
		    sa->tun->id, &m);
	}
	if (sa->state == S_UP)
		ike_report(ike, sa->tun);
}
