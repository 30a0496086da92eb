/* SPDX-License-Identifier: ISC */

/*
 * ipt_left.c: chains of iptables with our names that somebody had saved and
 * loads at boot, so that no file of ours knows of them.
 */

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#include "ipt.h"
#include "../host/nl.h"

enum {
	GET_INFO = 64, GET_ENTRIES = 65,	/* the same in IPv6 */
	RULES_MAX = 16 << 20
};

/* The bits of that chain in one variant: as of enum ipt_kind, 2 bits each. */
static uint32_t
bits(const char *chain, uint32_t variant)
{
	size_t	 i;

	for (i = 0; i < IPT_NROWS; i++)
		if (strcmp(chain, ipt_rows[i].chain) == 0)
			return (variant << 2 * ipt_rows[i].block);
	return (0);
}

static int
chain_got(void *arg, const struct nlmsg *m)
{
	struct rd	 r = m->body, v;

	if (rd_skip(&r, sizeof(struct nfgenmsg)))
		return (0);
	v = nl_find(r, NFTA_CHAIN_NAME);
	if (v.n > 0 && v.p[v.n - 1] == '\0')
		*(uint32_t *)arg |= bits((const char *)v.p, IPT_NFT);
	return (0);
}

static uint32_t
of_nft(void)
{
	struct nlsock	 s = { .fd = -1 };
	struct nlbuf	 b = { 0 };
	struct nfgenmsg	 g;
	uint32_t	 found = 0;

	if (nl_open(&s, NETLINK_NETFILTER, 0) == -1)
		return (0);
	memset(&g, 0, sizeof(g));
	g.nfgen_family = NFPROTO_UNSPEC;
	nl_msg(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP,
	    &g, sizeof(g));
	nl_end(&b);
	if (nl_dump(&s, &b, chain_got, &found) == -1)
		found = 0;
	nl_clear(&b);
	nl_close(&s);
	return (found);
}

uint32_t
ipt_left_names(const uint8_t *p, size_t n)
{
	uint32_t	 found = 0;
	size_t		 i, len, at;

	for (i = 0; i < IPT_NROWS; i++) {
		len = strlen(ipt_rows[i].chain) + 1;
		for (at = 0; at + len <= n; at++)
			if (memcmp(p + at, ipt_rows[i].chain, len) == 0)
				found |= bits(ipt_rows[i].chain, IPT_LEGACY);
	}
	return (found);
}

/* The head of a chain holds its name in the clear, with its zero. */
static uint32_t
of_table(int fd, int level, const char *name)
{
	struct ipt_getinfo	 info;
	struct ipt_get_entries	*e;
	socklen_t		 len = sizeof(info);
	uint32_t		 found = 0;

	memset(&info, 0, sizeof(info));
	strlcpy(info.name, name, sizeof(info.name));
	if (getsockopt(fd, level, GET_INFO, &info, &len) == -1 ||
	    info.size > RULES_MAX)
		return (0);
	len = (socklen_t)(sizeof(*e) + info.size);
	if ((e = calloc(1, len)) == NULL)
		return (0);
	strlcpy(e->name, name, sizeof(e->name));
	e->size = info.size;
	if (getsockopt(fd, level, GET_ENTRIES, e, &len) == 0)
		found = ipt_left_names((const uint8_t *)e->entrytable,
		    info.size);
	free(e);
	return (found);
}

/* Only tables that are there: asking for another one would make it. */
static uint32_t
of_legacy(int af, int level, const char *names)
{
	char		 b[512], *p = b, *name;
	uint32_t	 found = 0;
	ssize_t		 n;
	int		 fd, s;

	if ((fd = open(names, O_RDONLY | O_CLOEXEC)) == -1)
		return (0);
	n = read(fd, b, sizeof(b) - 1);
	close(fd);
	if (n <= 0 ||
	    (s = socket(af, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW)) == -1)
		return (0);
	b[n] = '\0';
	while ((name = strsep(&p, "\n")) != NULL)
		if (name[0] != '\0')
			found |= of_table(s, level, name);
	close(s);
	return (found);
}

uint32_t
ipt_left(void)
{
	return (of_nft() |
	    of_legacy(AF_INET, IPPROTO_IP, "/proc/net/ip_tables_names") |
	    of_legacy(AF_INET6, IPPROTO_IPV6, "/proc/net/ip6_tables_names"));
}
