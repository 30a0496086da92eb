/* SPDX-License-Identifier: ISC */

/*
 * xfrm_nic.c: does the network card towards a peer encrypt ESP by itself?
 * The route says which device it is, ethtool's netlink which features of it
 * are on; a kernel without either has none.
 */

#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/rtnetlink.h>

#include <errno.h>

#include "proc.h"
#include "xfrm_int.h"

/* linux/ethtool_netlink.h (Linux 5.6), for older headers. */
enum {
	ETM_FEATURES_GET = 11,
	ETA_HEADER = 1, ETA_ACTIVE = 4,		/* of that message */
	ETA_DEV_INDEX = 1,			/* of the header */
	ETA_NOMASK = 1, ETA_BITS = 3,		/* of a set of bits */
	ETA_BIT = 1, ETA_BIT_NAME = 2, ETA_BIT_VALUE = 3
};
#define NAME	"esp-hw-offload"

/* --- answers, pure --- */

/* Of a family: its number, 0: none. */
uint16_t
xfrm_nic_family(struct rd r)
{
	struct rd	 v;
	uint16_t	 id;

	if (rd_skip(&r, GENL_HDRLEN))
		return (0);
	v = nl_find(r, CTRL_ATTR_FAMILY_ID);
	return (rd_copy(&v, &id, sizeof(id)) || rd_end(&v) ? 0 : id);
}

/* Of a route: the index of its device, 0: none. */
uint32_t
xfrm_nic_oif(struct rd r)
{
	uint32_t	 oif;

	if (rd_skip(&r, sizeof(struct rtmsg)) ||
	    nl_get32(nl_find(r, RTA_OIF), &oif) == -1)
		return (0);
	return (oif);
}

/* Of a device's features: is ours on?  A set without a mask lists those that
 * are on, one with a mask says so of each. */
int
xfrm_nic_esp(struct rd r)
{
	struct rd	 set, bits, bit, name, v;
	uint16_t	 type;
	int		 nomask = 0;

	if (rd_skip(&r, GENL_HDRLEN))
		return (0);
	set = nl_find(r, ETA_ACTIVE);
	bits = nl_find(set, ETA_BITS);
	while (nl_attr(&set, &type, &v) == 1)
		nomask |= type == ETA_NOMASK;
	while (nl_attr(&bits, &type, &bit) == 1) {
		name = nl_find(bit, ETA_BIT_NAME);
		if (type != ETA_BIT || name.n != sizeof(NAME) ||
		    memcmp(name.p, NAME, sizeof(NAME)) != 0)
			continue;
		if (nomask)
			return (1);
		while (nl_attr(&bit, &type, &v) == 1)
			if (type == ETA_BIT_VALUE)
				return (1);
		return (0);
	}
	return (0);
}

/* --- questions --- */

struct ask {
	uint32_t	 value;
	uint32_t	(*read)(struct rd);
};

static uint32_t
read_family(struct rd r)
{
	return (xfrm_nic_family(r));
}

static uint32_t
read_esp(struct rd r)
{
	return ((uint32_t)xfrm_nic_esp(r));
}

static int
got(void *arg, const struct nlmsg *m)
{
	struct ask	*a = arg;

	if (a->value == 0)
		a->value = a->read(m->body);
	return (0);
}

static uint32_t
ask(struct nlsock *s, struct nlbuf *b, uint32_t (*read)(struct rd))
{
	struct ask	 a = { 0, read };

	if (nl_dump(s, b, got, &a) == -1)
		a.value = 0;
	nl_clear(b);
	return (a.value);
}

/* None is an error: without it nothing is handed to a card. */
void
xfrm_nic_open(struct xfrm_nic *n)
{
	struct genlmsghdr	 h = { CTRL_CMD_GETFAMILY, 1, 0 };
	struct nlbuf		 b = { 0 };

	n->route.fd = n->genl.fd = -1;
	if (nl_open(&n->route, NETLINK_ROUTE, 0) == -1 ||
	    nl_open(&n->genl, NETLINK_GENERIC, 0) == -1)
		return;
	nl_msg(&b, GENL_ID_CTRL, NLM_F_ACK, &h, sizeof(h));
	nl_str(&b, CTRL_ATTR_FAMILY_NAME, "ethtool");
	nl_end(&b);
	n->family = (uint16_t)ask(&n->genl, &b, read_family);
}

void
xfrm_nic_close(struct xfrm_nic *n)
{
	nl_close(&n->route);
	nl_close(&n->genl);
}

uint32_t
xfrm_nic_to(struct xfrm_nic *n, const struct addr *local,
    const struct addr *remote)
{
	struct genlmsghdr	 h = { ETM_FEATURES_GET, 1, 0 };
	struct nlbuf		 b = { 0 };
	struct rtmsg		 rt;
	uint32_t		 oif;
	size_t			 at;

	if (n->family == 0)
		return (0);
	memset(&rt, 0, sizeof(rt));
	rt.rtm_family = remote->af == 4 ? AF_INET : AF_INET6;
	rt.rtm_dst_len = rt.rtm_src_len = (uint8_t)(8 * addr_len(remote->af));
	nl_msg(&b, RTM_GETROUTE, NLM_F_ACK, &rt, sizeof(rt));
	nl_put(&b, RTA_DST, remote->a, addr_len(remote->af));
	nl_put(&b, RTA_SRC, local->a, addr_len(local->af));
	nl_u32(&b, RTA_MARK, S2SD_MARK);	/* as our packets have it */
	nl_end(&b);
	if ((oif = ask(&n->route, &b, xfrm_nic_oif)) == 0)
		return (0);
	nl_msg(&b, n->family, NLM_F_ACK, &h, sizeof(h));
	at = nl_nest(&b, ETA_HEADER);
	nl_u32(&b, ETA_DEV_INDEX, oif);
	nl_unnest(&b, at);
	nl_end(&b);
	return (ask(&n->genl, &b, read_esp) ? oif : 0);
}
