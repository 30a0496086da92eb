/* SPDX-License-Identifier: ISC */

/*
 * bsd_dev.c: the devices of tunnels with `interface': made, addressed, up and
 * removed by ioctl(2), for s2sd-exec as root.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/in_var.h>
#include <netinet6/in6_var.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bsd_req.h"
#include "tunnel.h"

enum { FOREVER = 0xffffffff };		/* ND6_INFINITE_LIFETIME */

static void
mask(const struct net *n, struct addr *m)
{
	uint8_t	 i;

	memset(m, 0, sizeof(*m));
	m->af = n->a.af;
	for (i = 0; i < n->plen; i++)
		m->a[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

/* An octet of length that is 0 says: not given. */
static void
sa_put(void *to, size_t size, const struct addr *a)
{
	struct sockaddr_storage	 ss;
	size_t			 n;

	memset(to, 0, size);
	if (a->af != 0 && (n = addr_to_sa(a, &ss)) <= size)
		memcpy(to, &ss, n);
}

static int
address4(int fd, const char *name, const struct net *n)
{
	struct ifaliasreq	 r;
	struct addr		 m, other;

	memset(&r, 0, sizeof(r));
	(void)snprintf(r.ifra_name, sizeof(r.ifra_name), "%s", name);
	mask(n, &m);
	bsd_other_end(n, &other);
	sa_put(&r.ifra_addr, sizeof(r.ifra_addr), &n->a);
	sa_put(&r.ifra_broadaddr, sizeof(r.ifra_broadaddr), &other);
	sa_put(&r.ifra_mask, sizeof(r.ifra_mask), &m);
	return (ioctl(fd, SIOCAIFADDR, &r));
}

/* Another end may stand there with 128 bits alone; the prefix routes it. */
static int
address6(const char *name, const struct net *n)
{
	struct in6_aliasreq	 r;
	struct addr		 m;
	int			 fd, rv, save;

	memset(&r, 0, sizeof(r));
	(void)snprintf(r.ifra_name, sizeof(r.ifra_name), "%s", name);
	mask(n, &m);
	sa_put(&r.ifra_addr, sizeof(r.ifra_addr), &n->a);
	sa_put(&r.ifra_prefixmask, sizeof(r.ifra_prefixmask), &m);
	r.ifra_lifetime.ia6t_vltime = (uint32_t)FOREVER;
	r.ifra_lifetime.ia6t_pltime = (uint32_t)FOREVER;
	if ((fd = socket(AF_INET6, SOCK_DGRAM, 0)) == -1)
		return (-1);
	rv = ioctl(fd, SIOCAIFADDR_IN6, &r);
	save = errno;
	(void)close(fd);
	errno = save;
	return (rv);
}

static int
set_up(int fd, const struct bsd_device *d, struct ifreq *ifr)
{
	ifr->ifr_mtu = d->mtu;
	if (ioctl(fd, SIOCSIFMTU, ifr) == -1 ||
	    (d->addr.a.af == 4 && address4(fd, ifr->ifr_name, &d->addr) == -1) ||
	    (d->addr.a.af == 6 && address6(ifr->ifr_name, &d->addr) == -1) ||
	    ioctl(fd, SIOCGIFFLAGS, ifr) == -1)
		return (-1);
	ifr->ifr_flags |= IFF_UP;
	return (ioctl(fd, SIOCSIFFLAGS, ifr));
}

int
bsd_device_do(void *arg, int add, const struct bsd_device *d)
{
	struct ifreq	 ifr;
	int		 fd, rv, save;

	(void)arg;
	memset(&ifr, 0, sizeof(ifr));
	(void)if_str(IF_SEC, d->unit, ifr.ifr_name, sizeof(ifr.ifr_name));
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		return (-1);
	if (add) {
		rv = ioctl(fd, SIOCIFCREATE, &ifr);
		if (rv == 0 && (rv = set_up(fd, d, &ifr)) == -1) {
			save = errno;
			(void)ioctl(fd, SIOCIFDESTROY, &ifr);
			errno = save;
		}
	} else
		rv = ioctl(fd, SIOCIFDESTROY, &ifr);
	save = errno;
	(void)close(fd);
	errno = save;
	/* somebody took it away already */
	return (rv == -1 && !add && save == ENXIO ? 0 : rv);
}
