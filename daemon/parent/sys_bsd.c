/* SPDX-License-Identifier: ISC */

/*
 * sys_bsd.c: UDP sockets and the TUN on FreeBSD, NetBSD and OpenBSD.  There
 * is nobody to own packet filter rules here.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bypass.h"
#include "parent.h"
#include "tunhead.h"
#include "udpencap.h"

enum { PATIENCE = 30 /* tenths of a second */, TUNS = 16, NAMELEN = 16 };

static int
num(int fd, int level, int what, int v)
{
	return (setsockopt(fd, level, what, &v, sizeof(v)));
}

/* As much as the system gives; sysctl kern.ipc.maxsockbuf, sb_max. */
static void
buffer(int fd, int n)
{
	while (n > 65536 && num(fd, SOL_SOCKET, SO_RCVBUF, n) == -1)
		n /= 2;
	while (n > 65536 && num(fd, SOL_SOCKET, SO_SNDBUF, n) == -1)
		n /= 2;
}

/* Where a packet came in decides from where we answer.  UDP has no DF here. */
static int
options(int fd, int af, int room)
{
	buffer(fd, room);
	/* our own packets are not subject to the policies of our tunnels */
	if (bypass_policy(fd, af) == -1 && errno != ENOPROTOOPT &&
	    errno != EOPNOTSUPP && errno != EINVAL)
		return (-1);
	if (af == AF_INET)
		return (num(fd, IPPROTO_IP, IP_RECVDSTADDR, 1));
	return (num(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == -1 ||
	    num(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == -1 ? -1 : 0);
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

/* The socket; -1 with errno EAFNOSUPPORT: this system has no IPv6. */
static int
udp(int af, uint16_t port, int shared, int room)
{
	int	 fd, save;

	if ((fd = socket(af, SOCK_DGRAM, IPPROTO_UDP)) == -1)
		return (-1);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    options(fd, af, room) == -1 ||
	    (shared && num(fd, SOL_SOCKET, SO_REUSEPORT, 1) == -1) ||
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
		warnx("UDP port %u is taken: another IKE daemon (s2sd, iked, "
		    "isakmpd, racoon, strongSwan) runs here; stop it first",
		    port);
	else if (errno == EPERM || errno == EACCES)
		warnx("no right to set up UDP port %u: s2sd needs root", port);
	else
		warn("UDP port %u, IPv%d", port, af == AF_INET ? 4 : 6);
}

/* No IPv6 on this machine, or switched off: then without. */
static int
without6(int af)
{
	return (af == AF_INET6 && (errno == EAFNOSUPPORT ||
	    errno == EPROTONOSUPPORT || errno == EADDRNOTAVAIL));
}

/*
 * Bind it as a test.  After kill -9 of a parent its children notice and end
 * within a second: a new start waits for that, not for another daemon.
 */
static int
free_port(int af, uint16_t port, int *patience)
{
	const struct timespec	 pause_ = { 0, 100 * 1000 * 1000 };
	int			 fd;

	while ((fd = udp(af, port, 0, 65536)) == -1) {
		if (errno != EADDRINUSE || (*patience)-- <= 0)
			return (-1);
		(void)nanosleep(&pause_, NULL);
	}
	close(fd);
	return (0);
}

int
sys_probe(void)
{
	static const uint16_t	 ports[] = { 500, 4500 };
	static const int	 afs[] = { AF_INET, AF_INET6 };
	size_t			 i, k;
	int			 patience = PATIENCE;

	for (i = 0; i < nitems(ports); i++)
		for (k = 0; k < nitems(afs); k++)
			if (free_port(afs[k], ports[i], &patience) == -1 &&
			    !without6(afs[k])) {
				complain(afs[k], ports[i]);
				return (-1);
			}
	return (0);
}

/* ESP in UDP is taken out by the kernel; IKE, with its mark of four zero
 * octets, passes (RFC 3948). */
static int
encapsulated(const struct parent *p)
{
	if (p->udp[2] != -1 && udp_encap(p->udp[2]) == -1) {
		warn("UDP port 4500 cannot carry ESP of the kernel; write "
		    "`set backend userland' in s2sd.conf");
		return (-1);
	}
	/* FreeBSD and NetBSD have it for IPv4 alone */
	if (p->udp[3] != -1 && udp_encap(p->udp[3]) == -1)
		warnx("UDP port 4500: no ESP in UDP over IPv6");
	return (0);
}

/*
 * s2sd-net's four; with a shared port 4500 also s2sd-esp's two.  Of two
 * sockets of one port the one bound last gets what comes: s2sd-esp, which
 * hands on what is IKE.
 */
int
sys_udp(struct parent *p, int shared, int encap)
{
	static const struct { int af; uint16_t port; } s[] = {
		{ AF_INET, 500 }, { AF_INET6, 500 },
		{ AF_INET, 4500 }, { AF_INET6, 4500 }
	};
	size_t	 i;

	for (i = 0; i < nitems(s); i++) {
		p->udp[i] = udp(s[i].af, s[i].port,
		    shared && s[i].port == 4500, 1 << 20);
		if (p->udp[i] == -1 && !without6(s[i].af)) {
			complain(s[i].af, s[i].port);
			return (-1);
		}
	}
	if (encap && encapsulated(p) == -1)
		return (-1);
	for (i = 0; shared && i < 2; i++) {
		if (p->udp[2 + i] == -1)
			continue;
		p->esp[i] = udp(s[2 + i].af, 4500, 1, 8 << 20);
		if (p->esp[i] == -1) {
			complain(s[2 + i].af, 4500);
			return (-1);
		}
	}
	return (0);
}

/* The device of a TUN has the name of its interface. */
static int
tun_open(char *name, size_t size)
{
	char	 path[32];
	int	 i, fd;

	for (i = 0; i < TUNS; i++) {
		(void)snprintf(name, size, "tun%d", i);
		(void)snprintf(path, sizeof(path), "/dev/%s", name);
		if ((fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)) != -1)
			return (fd);
		if (errno != EBUSY)
			break;
	}
	return (-1);
}

/* s2sd-exec, who sets routes, reads there which one it is. */
static int
tun_tell(const char *name)
{
	FILE	*f;
	int	 rv;

	if ((f = fopen(TUN_NAME_FILE, "w")) == NULL)
		return (-1);
	rv = fprintf(f, "%s\n", name) < 0;
	return (fclose(f) == EOF || rv ? -1 : 0);
}

/* The one TUN of all tunnels; it goes with the parent, who holds it. */
int
sys_tun(struct parent *p)
{
	char	 name[NAMELEN];
	int	 fd;

	if ((fd = tun_open(name, sizeof(name))) == -1) {
		warn("/dev/%s: this kernel has no ESP of its own that s2sd "
		    "could use, so it needs a TUN device", name);
		return (-1);
	}
	if (tun_header(fd) == -1 || tun_tell(name) == -1) {
		warn("%s", name);
		close(fd);
		return (-1);
	}
	p->tun = spawn_keep(fd);
	return (p->tun == -1 ? -1 : 0);
}

int
sys_owner(struct parent *p)
{
	(void)p;
	return (0);
}

void
sys_drain_tun(int fd)
{
	uint8_t	 buf[2048];
	int	 n;

	for (n = 0; n < 100000; n++)
		if (read(fd, buf, sizeof(buf)) == -1 && errno != EINTR)
			break;
	memset(buf, 0, sizeof(buf));
}

/* FreeBSD and NetBSD return nothing of use. */
int
sys_close_from(int fd)
{
	(void)closefrom(fd);
	return (0);
}
