/* SPDX-License-Identifier: ISC */

/*
 * bsd_rt.c: routes by messages of route(4) and switches by sysctl(3), for
 * s2sd-exec as root, and the file that remembers both.  Our routes carry the
 * flag RTF_PROTO1, for people; which they are says that file.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/icmp6.h>
#include <netinet/ip_var.h>
#include <netinet6/in6_var.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bsd_req.h"
#include "rtmsg.h"
#include "tunhead.h"
#include "tunnel.h"

/* Cleared by the system when it boots, as routes are. */
#define SAVED_FILE	RUNDIR "/s2sd.host"

/* A message and its sockaddrs, each rounded up to a long. */
union rtm {
	struct rt_msghdr	 h;
	uint8_t			 d[sizeof(struct rt_msghdr) +
				    5 * sizeof(struct sockaddr_storage)];
};

static void
push(union rtm *m, size_t *n, int which, const void *sa, size_t len)
{
	size_t	 room = (len + sizeof(long) - 1) & ~(sizeof(long) - 1);

	m->h.rtm_addrs |= which;
	memcpy(m->d + *n, sa, len);
	*n += room;
}

static void
push_addr(union rtm *m, size_t *n, int which, const struct addr *a)
{
	struct sockaddr_storage	 ss;

	push(m, n, which, &ss, addr_to_sa(a, &ss));
}

static void
push_mask(union rtm *m, size_t *n, const struct net *dst)
{
	struct addr	 a;
	uint8_t		 i;

	memset(&a, 0, sizeof(a));
	a.af = dst->a.af;
	for (i = 0; i < dst->plen; i++)
		a.a[i / 8] |= (uint8_t)(0x80 >> i % 8);
	push_addr(m, n, RTA_NETMASK, &a);
}

/* Which TUN the parent made. */
static unsigned int
tun_index(char *name, size_t size)
{
	unsigned int	 i = 0;
	FILE		*f;

	if ((f = fopen(TUN_NAME_FILE, "r")) == NULL)
		return (0);
	if (fgets(name, (int)size, f) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		i = if_nametoindex(name);
	}
	(void)fclose(f);
	return (i);
}

static const char *
device_name(uint32_t unit, char *name, size_t size)
{
	return (if_str(IF_SEC, unit, name, size));
}

/* Straight into the device: its link address stands for a gateway. */
static int
push_device(union rtm *m, size_t *n, uint32_t unit)
{
	struct sockaddr_dl	 dl;
	char			 name[IFNAMSIZ];
	unsigned int		 i;

	i = unit == 0 ? tun_index(name, sizeof(name)) :
	    if_nametoindex(device_name(unit, name, sizeof(name)));
	if (i == 0) {
		errno = ENXIO;
		return (-1);
	}
	memset(&dl, 0, sizeof(dl));
	dl.sdl_len = sizeof(dl);
	dl.sdl_family = AF_LINK;
	dl.sdl_index = (unsigned short)i;
	push(m, n, RTA_GATEWAY, &dl, sizeof(dl));
	return (0);
}

static void
push_loop(union rtm *m, size_t *n, uint8_t af)
{
	struct addr	 a;

	memset(&a, 0, sizeof(a));
	a.af = af;
	if (af == 4) {
		a.a[0] = 127;
		a.a[3] = 1;
	} else
		a.a[15] = 1;
	push_addr(m, n, RTA_GATEWAY, &a);
	m->h.rtm_flags |= RTF_GATEWAY | RTF_REJECT;
}

/* Flags, then DST, GATEWAY, NETMASK, IFA: the order of their bits. */
static int
fill(union rtm *m, size_t *n, int add, const struct bsd_route *r)
{
	m->h.rtm_version = RTM_VERSION;
	m->h.rtm_flags = RTF_UP | RTF_STATIC | RTF_PROTO1;
	rtmsg_os(&m->h);
	if (r->mtu != 0) {
		m->h.rtm_inits = RTV_MTU;
		m->h.rtm_rmx.rmx_mtu = r->mtu;
	}
	push_addr(m, n, RTA_DST, &r->dst.a);
	if (r->kind == BSD_REJECT)
		push_loop(m, n, r->dst.a.af);
	else if (!add && (r->kind == BSD_VIA || r->kind == BSD_VIALEAK))
		;			/* it may be known by number no more */
	else if (push_device(m, n, r->unit) == -1 && add)
		return (-1);		/* it goes without a gateway, too */
	push_mask(m, n, &r->dst);
	if (r->src.af != 0)
		push_addr(m, n, RTA_IFA, &r->src);
	return (0);
}

static int
route(void *arg, int add, const struct bsd_route *r)
{
	union rtm	 m;
	size_t		 n = sizeof(m.h);
	int		 fd, rv, save;

	(void)arg;
	memset(&m, 0, sizeof(m));
	m.h.rtm_type = add ? RTM_ADD : RTM_DELETE;
	if (fill(&m, &n, add, r) == -1 || (fd = socket(PF_ROUTE, SOCK_RAW,
	    0)) == -1)
		return (-1);
	m.h.rtm_msglen = (unsigned short)n;
	(void)shutdown(fd, SHUT_RD);		/* write(2) tells errors */
	rv = write(fd, m.d, n) == (ssize_t)n ? 0 : -1;
	save = errno;
	(void)close(fd);
	errno = save;
	/* it went with its device */
	return (rv == -1 && !add && errno == ESRCH ? 0 : rv);
}

static int
ctl(void *arg, enum bsd_ctl which, int value)
{
	static const int	 mib[BSD_NCTL][4] = {
		[BSD_FORWARD4] = { CTL_NET, PF_INET, IPPROTO_IP,
		    IPCTL_FORWARDING },
		[BSD_FORWARD6] = { CTL_NET, PF_INET6, IPPROTO_IPV6,
		    IPV6CTL_FORWARDING },
		[BSD_REDIRECT4] = { CTL_NET, PF_INET, IPPROTO_IP,
		    IPCTL_SENDREDIRECTS },
		[BSD_REDIRECT6] = { CTL_NET, PF_INET6, IPPROTO_IPV6,
		    IPV6CTL_SENDREDIRECTS },
	};
	int			 old = -1;
	size_t			 n = sizeof(old);

	(void)arg;
	if (sysctl(mib[which], 4, &old, &n, value == -1 ? NULL : &value,
	    value == -1 ? 0 : sizeof(value)) == -1)
		return (-1);
	return (old != 0);
}

static int
load(void *arg, uint8_t *buf, size_t max, size_t *n)
{
	ssize_t	 got;
	int	 fd;

	(void)arg;
	*n = 0;
	if ((fd = open(SAVED_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return (errno == ENOENT ? 0 : -1);
	got = read(fd, buf, max);
	(void)close(fd);
	if (got < 0 || (size_t)got == max)
		return (-1);
	*n = (size_t)got;
	return (0);
}

static int
store(void *arg, const uint8_t *d, size_t n)
{
	static const char	 tmp[] = SAVED_FILE ".new";
	int			 fd, bad;

	(void)arg;
	if (n == 0)
		return (unlink(SAVED_FILE) == -1 && errno != ENOENT ? -1 : 0);
	(void)unlink(tmp);
	if ((fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600)) == -1)
		return (-1);
	bad = write(fd, d, n) != (ssize_t)n;
	if (close(fd) == -1 || bad)
		return (-1);
	return (rename(tmp, SAVED_FILE));
}

const struct bsd_os bsd_kernel = { NULL, route, bsd_device_do, ctl, load,
    store };

int
bsd_tun_up(uint16_t mtu)
{
	struct ifreq	 ifr;
	char		 name[IFNAMSIZ];
	int		 fd, rv = -1;

	if (tun_index(name, sizeof(name)) == 0)
		return (0);		/* ESP is the kernel's */
	memset(&ifr, 0, sizeof(ifr));
	(void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		return (-1);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) == 0) {
		ifr.ifr_flags |= IFF_UP;
		rv = ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	if (rv == 0 && mtu != 0) {
		ifr.ifr_mtu = mtu;
		rv = ioctl(fd, SIOCSIFMTU, &ifr);
	}
	(void)close(fd);
	return (rv);
}
