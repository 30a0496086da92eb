/* SPDX-License-Identifier: ISC */

/*
 * bsd.c: the host backend of FreeBSD, NetBSD and OpenBSD.  s2sd-exec does
 * what changes the system; this says what, and watches our addresses.  Where
 * ESP is the kernel's, its policies are the block, and packets need no route
 * but into the device of a tunnel that has one.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bsd_req.h"
#include "tunnel.h"

struct bsd {
	struct host_env	 env;
	int		 fd;		/* PF_ROUTE */
	uint32_t	 marked;
	int		 applied;	/* routes go into the TUN */
};

static void *
bsd_open(const struct host_env *env, char *why, size_t len)
{
	struct bsd	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->env = *env;
	if ((b->fd = socket(PF_ROUTE, SOCK_RAW, 0)) == -1 ||
	    fcntl(b->fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(b->fd, F_SETFL, O_NONBLOCK) == -1) {
		(void)snprintf(why, len, "routing socket: %s",
		    strerror(errno));
		if (b->fd != -1)
			close(b->fd);
		free(b);
		return (NULL);
	}
	return (b);
}

static int
say(struct bsd *b, uint32_t req, uint8_t what, const struct wr *w)
{
	if (b->env.run == NULL)
		return (-1);
	return (b->env.run(b->env.arg, req, what, w == NULL ? NULL : w->p,
	    w == NULL ? 0 : w->n));
}

static int
say_route(struct bsd *b, const struct host_want *all, size_t i)
{
	struct bsd_route	 r;
	uint8_t			 buf[64];
	struct wr		 w = wr_of(buf, sizeof(buf));

	if (!bsd_route_of(all, i, &r))
		return (0);
	bsd_route_put(&w, &r);
	return (wr_end(&w) == -1 ? -1 : say(b, 0, BSD_ROUTE, &w));
}

static int
say_device(struct bsd *b, const struct host_ifc *i)
{
	struct bsd_device	 d;
	uint8_t			 buf[64];
	struct wr		 w = wr_of(buf, sizeof(buf));

	memset(&d, 0, sizeof(d));
	d.unit = i->i.unit;
	d.addr = i->addr;
	d.mtu = i->mtu < BSD_MTU_MIN ? BSD_MTU_MIN : i->mtu;
	bsd_device_put(&w, &d);
	return (wr_end(&w) == -1 ? -1 : say(b, 0, BSD_DEVICE, &w));
}

static int
say_switch(struct bsd *b, enum bsd_ctl which, uint8_t value)
{
	struct bsd_switch	 s = { (uint8_t)which, value };
	uint8_t			 buf[8];
	struct wr		 w = wr_of(buf, sizeof(buf));

	bsd_switch_put(&w, &s);
	return (say(b, 0, BSD_SYSCTL, &w));
}

static int
switches(struct bsd *b, const struct host_want *w)
{
	uint32_t	 gw = w->gateway & GW_ON ? w->gateway : 0;

	if (gw & GW_FORWARDING && (say_switch(b, BSD_FORWARD4, 1) == -1 ||
	    (w->ipv6 && say_switch(b, BSD_FORWARD6, 1) == -1)))
		return (-1);
	if (gw & GW_REDIRECTS && (say_switch(b, BSD_REDIRECT4, 0) == -1 ||
	    (w->ipv6 && say_switch(b, BSD_REDIRECT6, 0) == -1)))
		return (-1);
	return (0);
}

/* Nobody may enter the TUN: as long as there is no exemption. */
static int
bsd_apply(void *v, const struct host_want *w, char *why, size_t len)
{
	struct bsd	*b = v;
	size_t		 i;
	int		 rv;

	rv = say(b, 0, BSD_BEGIN, NULL);
	for (i = 0; rv == 0 && i < w->nifc; i++)
		rv = say_device(b, &w->ifc[i]);
	for (i = 0; rv == 0 && i < w->nroute; i++)
		rv = say_route(b, w, i);
	b->applied = rv == 0 && !w->hold;
	if (rv == 0)
		rv = switches(b, w);
	if (rv == 0)
		rv = say(b, HOST_REQ, BSD_APPLY, NULL);
	if (rv == -1)
		(void)snprintf(why, len, "s2sd-exec does not listen");
	return (rv);
}

/*
 * Without a TUN the routes that would go there are refused.  Where they go
 * there already, nothing passes beside it, and none is touched.
 */
static int
bsd_block(void *v, const struct host_want *w, char *why, size_t len)
{
	struct host_want	 hold = *w;

	if (((struct bsd *)v)->applied)
		return (0);
	hold.hold = 1;
	return (bsd_apply(v, &hold, why, len));
}

static int
bsd_clear(void *v, int block)
{
	return (say(v, HOST_REQ, block ? BSD_CLEAR : BSD_HOLD, NULL));
}

static int
bsd_zero(void *v)
{
	(void)v;
	return (0);
}

static size_t
bsd_addrs(void *v, struct addr *a, size_t max)
{
	struct ifaddrs	*all, *i;
	size_t		 n = 0;

	(void)v;
	if (getifaddrs(&all) == -1)
		return (HOST_ADDRS_BAD);
	for (i = all; i != NULL && n < max; i = i->ifa_next)
		if (i->ifa_addr != NULL && !(i->ifa_flags & IFF_LOOPBACK) &&
		    addr_from_sa(i->ifa_addr, &a[n]) == 0)
			n++;
	freeifaddrs(all);
	return (n);
}

/* No connection of pf keeps a NAT that IPsec comes before. */
static int
bsd_purge(void *v, const struct fw_rules *rs)
{
	(void)v;
	(void)rs;
	return (0);
}

static int
bsd_fd(void *v)
{
	return (((struct bsd *)v)->fd);
}

static int
bsd_changed(void *v)
{
	struct bsd	*b = v;
	struct rt_msghdr h;
	char		 buf[2048];
	ssize_t		 n;
	int		 changed = 0;

	while ((n = read(b->fd, buf, sizeof(buf))) > 0) {
		if ((size_t)n < 4)
			continue;
		memset(&h, 0, sizeof(h));
		memcpy(&h, buf, (size_t)n < sizeof(h) ? (size_t)n :
		    sizeof(h));
		if (h.rtm_type == RTM_NEWADDR || h.rtm_type == RTM_DELADDR)
			changed = 1;
	}
	return (changed || (n == -1 && errno == ENOBUFS));
}

static void
bsd_mark(void *v, uint32_t variants)
{
	((struct bsd *)v)->marked = variants;
}

static uint32_t
bsd_marked(void *v)
{
	return (((struct bsd *)v)->marked);
}

static void
bsd_close(void *v)
{
	struct bsd	*b = v;

	close(b->fd);
	free(b);
}

const struct host_backend host_bsd = {
	.name = "bsd", .open = bsd_open, .block = bsd_block,
	.apply = bsd_apply, .clear = bsd_clear, .outdrop = bsd_zero,
	.addrs = bsd_addrs, .purge = bsd_purge, .fd = bsd_fd,
	.changed = bsd_changed, .mark = bsd_mark, .marked = bsd_marked,
	.close = bsd_close
};
