/* SPDX-License-Identifier: ISC */

/*
 * linux_stray.c: packets that a NAT has rewritten before the kernel's ESP saw
 * them.  They fit no tunnel any more, so the block from any source stops them
 * (HOST_WIDE), and the kernel notes when it last did.  Connection tracking
 * does not know them: it is told of a connection when its first packet has
 * left.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "linux.h"

#define COUNTER	"XfrmOutPolBlock"

struct look {
	struct lx	*x;
	void		(*fn)(void *, const struct net *);
	void		*arg;
	uint64_t	 newest;
	int		 n;
};

void
lx_stray_open(struct lx *x)
{
	x->stray_at = (uint64_t)time(NULL);
	x->xstat = open("/proc/net/xfrm_stat", O_RDONLY | O_CLOEXEC);
}

/* The number behind that name, one a line; 0: it is not there. */
uint64_t
lx_stray_count(const char *text)
{
	const char	*p = strstr(text, COUNTER);

	return (p == NULL ? 0 : strtoull(p + strlen(COUNTER), NULL, 10));
}

/* Has anything been blocked since we looked?  1 where nobody counts. */
static int
moved(struct lx *x)
{
	char		 text[4096];
	ssize_t		 n;
	uint64_t	 now;

	if (x->xstat == -1 ||
	    (n = pread(x->xstat, text, sizeof(text) - 1, 0)) <= 0)
		return (1);
	text[n] = '\0';
	now = lx_stray_count(text);
	if (now == x->blocked)
		return (0);
	x->blocked = now;
	return (1);
}

/* When a policy was last used, in seconds; 0: never, or it is malformed. */
uint64_t
lx_pol_used(struct rd r)
{
	struct xfrm_userpolicy_info	 u;

	return (rd_copy(&r, &u, sizeof(u)) ? 0 : u.curlft.use_time);
}

static int
policy(void *arg, const struct nlmsg *m)
{
	struct look	*l = arg;
	struct host_pol	 p;
	uint64_t	 used;
	uint32_t	 ifindex;
	uint8_t		 dir;

	if (m->type != XFRM_MSG_NEWPOLICY ||
	    lx_pol_get(m->body, &p, &ifindex, &dir) != 1 ||
	    p.kind != HOST_WIDE || dir != XFRM_POLICY_OUT ||
	    (used = lx_pol_used(m->body)) == 0 || used <= l->x->stray_at)
		return (0);
	if (used > l->newest)
		l->newest = used;
	l->n++;
	l->fn(l->arg, &p.dst);
	return (0);
}

int
lx_stray(struct lx *x, void (*fn)(void *, const struct net *), void *arg)
{
	struct xfrm_userpolicy_id	 u;
	struct look			 l = { x, fn, arg, x->stray_at, 0 };
	struct nlbuf			 b = { 0 };
	int				 rv;

	if (!moved(x))
		return (0);
	memset(&u, 0, sizeof(u));
	nl_msg(&b, XFRM_MSG_GETPOLICY, NLM_F_DUMP, &u, sizeof(u));
	nl_end(&b);
	rv = nl_dump(&x->xfrm, &b, policy, &l);
	nl_clear(&b);
	x->stray_at = l.newest;
	return (rv == -1 ? -1 : l.n);
}
