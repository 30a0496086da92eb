/* SPDX-License-Identifier: ISC */

/*
 * linux_sad.c: SAs and policies that an s2sd-sad left behind when it was
 * killed, for `s2sd -u'.  backends/sa/xfrm_mark.h says by what they are known.
 */

#include <errno.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "../sa/xfrm_mark.h"
#include "linux.h"

/* Made over PF_KEY: a limit that nothing reaches, "S2", is our mark there. */
static int
by_pfkey(const struct xfrm_lifetime_cfg *l)
{
	return (l->hard_use_expires_seconds >> 48 == 0x5332);
}

static int
got_sa(void *arg, const struct nlmsg *m)
{
	struct xfrm_usersa_info	 u;
	struct xfrm_usersa_id	 id;
	struct nlbuf		*del = arg;
	struct rd		 r = m->body;

	if (m->type != XFRM_MSG_NEWSA || rd_copy(&r, &u, sizeof(u)) ||
	    u.id.spi == 0)
		return (0);
	if (!by_pfkey(&u.lft) && (u.sel.user != XM_USER ||
	    (u.reqid & XM_REQID_MASK) != XM_REQID))
		return (0);
	memset(&id, 0, sizeof(id));
	id.daddr = u.id.daddr;
	id.spi = u.id.spi;
	id.family = u.family;
	id.proto = u.id.proto;
	nl_msg(del, XFRM_MSG_DELSA, NLM_F_ACK, &id, sizeof(id));
	nl_end(del);
	return (0);
}

static int
got_pol(void *arg, const struct nlmsg *m)
{
	struct xfrm_userpolicy_info	 u;
	struct xfrm_userpolicy_id	 id;
	struct nlbuf			*del = arg;
	struct rd			 r = m->body;
	uint32_t			 if_id;

	if (m->type != XFRM_MSG_NEWPOLICY || rd_copy(&r, &u, sizeof(u)) ||
	    u.dir >= XFRM_POLICY_MAX)
		return (0);
	if (!by_pfkey(&u.lft) && (u.sel.user != XM_USER ||
	    u.priority < XM_PRIO_LEAST || u.priority > XM_PRIO_MOST))
		return (0);
	memset(&id, 0, sizeof(id));
	id.sel = u.sel;
	id.dir = u.dir;
	nl_msg(del, XFRM_MSG_DELPOLICY, NLM_F_ACK, &id, sizeof(id));
	if (nl_get32(nl_find(r, XFRMA_IF_ID), &if_id) == 0)
		nl_u32(del, XFRMA_IF_ID, if_id);
	nl_end(del);
	return (0);
}

static int
sweep(struct lx *x, uint16_t type, nl_cb *cb)
{
	struct xfrm_userpolicy_id	 p;
	struct xfrm_usersa_id		 s;
	struct nlbuf			 ask = { 0 }, del = { 0 };
	int				 rv;

	memset(&p, 0, sizeof(p));
	memset(&s, 0, sizeof(s));
	if (type == XFRM_MSG_GETSA)
		nl_msg(&ask, type, NLM_F_DUMP, &s, sizeof(s));
	else
		nl_msg(&ask, type, NLM_F_DUMP, &p, sizeof(p));
	nl_end(&ask);
	rv = nl_dump(&x->xfrm, &ask, cb, &del);
	if (rv == 0 && del.n > 0)
		rv = nl_many(&x->xfrm, &del, ENOENT, ESRCH);
	nl_clear(&ask);
	nl_clear(&del);
	return (rv);
}

/* Policies first.  A kernel without SAs at all answers with an error. */
int
lx_sad_clear(struct lx *x)
{
	int	 rv = sweep(x, XFRM_MSG_GETPOLICY, got_pol);

	if (sweep(x, XFRM_MSG_GETSA, got_sa) == -1)
		rv = -1;
	return (rv);
}
