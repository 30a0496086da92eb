/* SPDX-License-Identifier: ISC */

/*
 * noowner.c: sendto(2) that makes of the owner flag of an nf_tables table one
 * that no kernel knows, so that this one refuses it as those before 5.12 do;
 * for LD_PRELOAD.
 */

#include <sys/socket.h>
#include <sys/syscall.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

static uint8_t	copy[1 << 20];

static void
table(uint8_t *p, size_t n)
{
	static const uint8_t	 owner[] = { 0, 0, 0, 2 };
	struct nlattr		 a;
	size_t			 at = NLMSG_HDRLEN + sizeof(struct nfgenmsg);

	for (; at + sizeof(a) <= n; at += NLA_ALIGN(a.nla_len)) {
		memcpy(&a, p + at, sizeof(a));
		if (a.nla_len < sizeof(a))
			return;
		if (a.nla_type == NFTA_TABLE_FLAGS && at + 8 <= n &&
		    memcmp(p + at + 4, owner, sizeof(owner)) == 0)
			p[at + 4] = 0x40;
	}
}

ssize_t
sendto(int fd, const void *d, size_t n, int flags, const struct sockaddr *to,
    socklen_t len)
{
	struct nlmsghdr	 h;
	size_t		 at;

	if (to == NULL || to->sa_family != AF_NETLINK || n > sizeof(copy))
		return (syscall(SYS_sendto, fd, d, n, flags, to, len));
	memcpy(copy, d, n);
	for (at = 0; at + sizeof(h) <= n; at += NLMSG_ALIGN(h.nlmsg_len)) {
		memcpy(&h, copy + at, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > n - at)
			break;
		if (h.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 |
		    NFT_MSG_NEWTABLE))
			table(copy + at, h.nlmsg_len);
	}
	return (syscall(SYS_sendto, fd, copy, n, flags, to, len));
}
