/* SPDX-License-Identifier: ISC */

/* sys_linux.c: UDP sockets, the TUN and the packet filter's owner on Linux. */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <net/if.h>
#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/udp.h>

#include "bypass.h"
#include "parent.h"

/* linux/in6.h and netinet/in.h do not go together */
#ifndef IP_PMTUDISC_OMIT
#define IP_PMTUDISC_OMIT	5
#endif

static const char	tun_name[] = "s2s0";

static int
num(int fd, int level, int what, int v)
{
	return (setsockopt(fd, level, what, &v, sizeof(v)));
}

static int
bind_any(int fd, int af, uint16_t port)
{
	struct sockaddr_storage	 ss;
	struct addr		 a;
	socklen_t		 len;

	memset(&a, 0, sizeof(a));
	a.af = af == AF_INET ? 4 : 6;
	a.port = port;
	len = addr_to_sa(&a, &ss);
	return (bind(fd, (struct sockaddr *)&ss, len));
}

/*
 * Where a packet came in decides from where we answer.  No DF on what we
 * send, and what a stranger's ICMP says of the path is not believed: IKE
 * and ESP are fragmented rather than lost.  IPv6 routers do not fragment,
 * so there the path's MTU is followed.
 */
static int
options(int fd, int af, int buffer)
{
	if (num(fd, SOL_SOCKET, SO_MARK, S2SD_MARK) == -1)
		return (-1);
	if (num(fd, SOL_SOCKET, SO_RCVBUFFORCE, buffer) == -1)
		(void)num(fd, SOL_SOCKET, SO_RCVBUF, buffer);
	if (num(fd, SOL_SOCKET, SO_SNDBUFFORCE, buffer) == -1)
		(void)num(fd, SOL_SOCKET, SO_SNDBUF, buffer);
	/* our own packets are not subject to the policies of our tunnels */
	if (bypass_policy(fd, af) == -1 && errno != ENOPROTOOPT &&
	    errno != EOPNOTSUPP)
		return (-1);
	if (af == AF_INET)
		return (num(fd, IPPROTO_IP, IP_PKTINFO, 1) == -1 ||
		    num(fd, IPPROTO_IP, IP_MTU_DISCOVER,
		    IP_PMTUDISC_OMIT) == -1 ? -1 : 0);
	return (num(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == -1 ||
	    num(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
	    IPV6_PMTUDISC_DONT) == -1 ? -1 : 0);
}

/*
 * What came out of a tunnel never gets to IKE or ESP again, whichever of our
 * addresses it is for.  The TUN keeps its number for our whole life.
 */
static int
not_of_tun(int fd)
{
	unsigned int		 tun = if_nametoindex(tun_name);
	struct sock_filter	 ins[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    (uint32_t)SKF_AD_OFF + SKF_AD_IFINDEX),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, tun, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog	 f = { nitems(ins), ins };

	if (tun == 0)			/* none: we only look for the port */
		return (0);
	return (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f)));
}

/*
 * The socket; -1 with errno EAFNOSUPPORT: this system has no IPv6.  share:
 * the option by which it shares its port, or 0.
 */
static int
udp(int af, uint16_t port, int share, int buffer)
{
	int	 fd, save;

	if ((fd = socket(af, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    IPPROTO_UDP)) == -1)
		return (-1);
	if ((af == AF_INET6 && num(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == -1) ||
	    (share != 0 && num(fd, SOL_SOCKET, share, 1) == -1) ||
	    options(fd, af, buffer) == -1 || not_of_tun(fd) == -1 ||
	    bind_any(fd, af, port) == -1) {
		save = errno;
		close(fd);
		errno = save;
		return (-1);
	}
	return (spawn_keep(fd));
}

static void
complain(int af, uint16_t port)
{
	if (errno == EADDRINUSE)
		warnx("UDP port %u is taken: another IKE daemon (s2sd, "
		    "strongSwan, libreswan, iked) runs here; stop it first",
		    port);
	else if (errno == EPERM || errno == EACCES)
		warnx("no right to set up UDP port %u: s2sd needs root with "
		    "CAP_NET_ADMIN and CAP_NET_BIND_SERVICE", port);
	else
		warn("UDP port %u, IPv%d", port, af == AF_INET ? 4 : 6);
}

/* No IPv6 on this machine, or switched off: then without. */
static int
without6(int af)
{
	return (af == AF_INET6 && (errno == EAFNOSUPPORT ||
	    errno == EADDRNOTAVAIL));
}

int
sys_probe(void)
{
	static const uint16_t	 ports[] = { 500, 4500 };
	static const int	 afs[] = { AF_INET, AF_INET6 };
	size_t			 i, k;
	int			 fd;

	for (i = 0; i < nitems(ports); i++)
		for (k = 0; k < nitems(afs); k++) {
			if ((fd = udp(afs[k], ports[i], 0, 65536)) != -1)
				close(fd);
			else if (!without6(afs[k])) {
				complain(afs[k], ports[i]);
				return (-1);
			}
		}
	return (0);
}

/*
 * Who gets a datagram to port 4500, as an index into the sockets in the
 * order of their bind(2).  RFC 3948 section 2.2 and 2.3: four zero octets
 * are the mark of IKE, a lone octet is a keepalive; both are s2sd-net's.
 * BPF sees the payload of the datagram here, and reads numbers in network
 * order.
 */
static int
share_out(int fd)
{
	struct sock_filter	 ins[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 5, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 1),
	};
	struct sock_fprog	 f = { nitems(ins), ins };

	return (setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &f,
	    sizeof(f)));
}

/*
 * The two sockets of port 4500 in one family, s2sd-net's first.  `by' is how
 * they share it: SO_REUSEPORT with the filter; or SO_REUSEADDR, where the
 * kernel gives every datagram to the one that was bound last, s2sd-esp's,
 * which hands IKE on.  SO_REUSEADDR asks nobody who he is, so it is taken
 * back as soon as both are bound.  1: no filter here, nothing is open.
 */
static int
pair4500(struct parent *p, int af, int by)
{
	size_t	 i = af == AF_INET ? 0 : 1;

	p->udp[2 + i] = udp(af, 4500, by, 1 << 20);
	if (p->udp[2 + i] == -1)
		return (without6(af) ? 0 : -1);
	p->esp[i] = udp(af, 4500, by, 8 << 20);
	if (p->esp[i] == -1)
		return (-1);
	if (by == SO_REUSEADDR)
		return (num(p->udp[2 + i], SOL_SOCKET, by, 0) == -1 ||
		    num(p->esp[i], SOL_SOCKET, by, 0) == -1 ? -1 : 0);
	if (share_out(p->esp[i]) == 0)
		return (0);
	warn("UDP port 4500: no filter on it, s2sd-esp hands IKE on");
	close(p->udp[2 + i]);
	close(p->esp[i]);
	p->udp[2 + i] = p->esp[i] = -1;
	return (1);
}

static int
open4500(struct parent *p, int shared)
{
	static const int	 afs[] = { AF_INET, AF_INET6 };
	size_t			 i;
	int			 by = SO_REUSEPORT, rv = 0;

	for (i = 0; i < nitems(afs); i++) {
		if (!shared) {
			p->udp[2 + i] = udp(afs[i], 4500, 0, 1 << 20);
			rv = p->udp[2 + i] == -1 && !without6(afs[i]) ? -1 : 0;
		} else if ((rv = pair4500(p, afs[i], by)) == 1) {
			by = SO_REUSEADDR;
			rv = pair4500(p, afs[i], by);
		}
		if (rv == -1) {
			complain(afs[i], 4500);
			return (-1);
		}
	}
	return (0);
}

/* Who gets the sockets cannot change what they let in. */
static int
lock_filters(const struct parent *p)
{
	size_t	 i;

	for (i = 0; i < nitems(p->udp); i++)
		if (p->udp[i] != -1 &&
		    num(p->udp[i], SOL_SOCKET, SO_LOCK_FILTER, 1) == -1)
			return (-1);
	for (i = 0; i < nitems(p->esp); i++)
		if (p->esp[i] != -1 &&
		    num(p->esp[i], SOL_SOCKET, SO_LOCK_FILTER, 1) == -1)
			return (-1);
	return (0);
}

/* ESP in UDP is taken out by the kernel; IKE, with its mark of four zero
 * octets, passes (RFC 3948).  IPv6 since Linux 5.8. */
static int
encapsulated(const struct parent *p)
{
	if (num(p->udp[2], IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP) == -1) {
		warn("UDP port 4500 cannot carry ESP of the kernel; write "
		    "`set backend userland' in s2sd.conf");
		return (-1);
	}
	if (p->udp[3] != -1 &&
	    num(p->udp[3], IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP) == -1)
		warn("UDP port 4500: no ESP in UDP over IPv6");
	return (0);
}

/* s2sd-net's four; with a shared port 4500 also s2sd-esp's two. */
int
sys_udp(struct parent *p, int shared, int encap)
{
	static const int	 afs[] = { AF_INET, AF_INET6 };
	size_t			 i;

	for (i = 0; i < nitems(afs); i++) {
		p->udp[i] = udp(afs[i], 500, 0, 1 << 20);
		if (p->udp[i] == -1 && !without6(afs[i])) {
			complain(afs[i], 500);
			return (-1);
		}
	}
	if (open4500(p, shared) == -1 || (encap && encapsulated(p) == -1))
		return (-1);
	if (lock_filters(p) == -1) {
		warn("the filters of UDP ports 500 and 4500");
		return (-1);
	}
	return (0);
}

/*
 * The one TUN of all tunnels.  Not persistent: it goes with the parent, who
 * holds it for life.  Its owner is set before anything else, else any local
 * user could attach to a TUN of several queues.
 */
int
sys_tun(struct parent *p)
{
	struct passwd	*pw;
	struct ifreq	 ifr;
	int		 fd;

	if ((pw = getpwnam(proc_rows[PROC_ESP].user)) == NULL) {
		warnx("no user %s: run etc/users.sh of s2sd as root",
		    proc_rows[PROC_ESP].user);
		return (-1);
	}
	if (if_nametoindex(tun_name) != 0) {	/* we would share it */
		warnx("%s exists already: another s2sd in this network "
		    "namespace, or a leftover (ip link del %s)", tun_name,
		    tun_name);
		return (-1);
	}
	if ((fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)) == -1) {
		warn("no tunnel can be made: this kernel has no ESP that s2sd "
		    "could use, so all of them need a TUN device, and "
		    "/dev/net/tun cannot be opened; load the module (modprobe "
		    "tun), or give it to this container");
		return (-1);
	}
	memset(&ifr, 0, sizeof(ifr));
	(void)strlcpy(ifr.ifr_name, tun_name, sizeof(ifr.ifr_name));
	ifr.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &ifr) == -1) {
		warn("%s", tun_name);
		close(fd);
		return (-1);
	}
	if (ioctl(fd, TUNSETOWNER, (unsigned long)pw->pw_uid) == -1 ||
	    ioctl(fd, TUNSETOFFLOAD, 0) == -1) {
		warn("%s: owner", tun_name);
		close(fd);
		return (-1);
	}
	p->tun = spawn_keep(fd);
	return (p->tun == -1 ? -1 : 0);
}

/*
 * The netlink socket that our nftables table belongs to: the kernel removes
 * the table with it, that is, with us and not with s2sd-host.
 */
int
sys_owner(struct parent *p)
{
	struct sockaddr_nl	 nl;
	int			 fd;

	memset(&nl, 0, sizeof(nl));
	nl.nl_family = AF_NETLINK;
	if ((fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	    NETLINK_NETFILTER)) == -1) {
		if (errno == EPROTONOSUPPORT)
			return (0);	/* no nftables here: without */
		warn("netlink (nftables)");
		return (-1);
	}
	(void)num(fd, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20);
	(void)num(fd, SOL_SOCKET, SO_SNDBUFFORCE, 4 << 20);
	if (bind(fd, (struct sockaddr *)&nl, sizeof(nl)) == -1) {
		warn("netlink (nftables)");
		close(fd);
		return (-1);
	}
	p->owner = spawn_keep(fd);
	return (p->owner == -1 ? -1 : 0);
}

void
sys_drain_tun(int fd)
{
	uint8_t	 buf[2048];
	int	 n;

	for (n = 0; n < 100000; n++)
		if (read(fd, buf, sizeof(buf)) == -1 && errno != EINTR)
			break;
	explicit_bzero(buf, sizeof(buf));
}

int
sys_close_from(int fd)
{
	return ((int)syscall(SYS_close_range, fd, ~0u, 0));
}

/*
 * Early in the boot the kernel may have no random numbers yet, and everybody
 * who asks would stop in the middle of what he does.  Wait here, before a
 * port is open.
 */
void
sys_entropy(void)
{
	uint8_t	 b;

	if (getrandom(&b, sizeof(b), GRND_NONBLOCK) == 1 || errno != EAGAIN)
		return;
	warnx("waiting for the system's random numbers; s2sd begins when "
	    "the kernel has them");
	while (getrandom(&b, sizeof(b), 0) != 1)
		if (errno != EINTR && errno != EAGAIN)
			return;
}
