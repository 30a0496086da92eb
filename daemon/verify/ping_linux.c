/* SPDX-License-Identifier: ISC */

/*
 * ping_linux.c: does a host at the other end answer, and does a packet as
 * long as the tunnel says get through whole?  ICMP echo from our address
 * inside the local network.
 */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "path.h"

enum { WAIT_MS = 1500, TRIES = 3, ECHO = 8, REPLY = 0, ECHO6 = 128,
    REPLY6 = 129, PING_MAX = 9000 };

static uint16_t
checksum(const uint8_t *p, size_t n)
{
	uint32_t	 s = 0;
	size_t		 i;

	for (i = 0; i < n; i++)
		s += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	s = (s >> 16) + (s & 0xffff);
	return ((uint16_t)~(s + (s >> 16)));
}

static uint64_t
now_us(void)
{
	struct timespec	 t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000);
}

static int
open_from(const struct addr *src)
{
	struct sockaddr_storage	 ss;
	struct addr		 a = *src;
	socklen_t		 len;
	int			 fd, on = src->af == 6 ? IPV6_PMTUDISC_PROBE :
				    IP_PMTUDISC_PROBE;

	a.port = 0;
	len = addr_to_sa(&a, &ss);
	fd = socket(ss.ss_family, SOCK_RAW | SOCK_CLOEXEC, src->af == 6 ?
	    IPPROTO_ICMPV6 : IPPROTO_ICMP);
	if (fd != -1 && (bind(fd, (struct sockaddr *)&ss, len) == -1 ||
	    setsockopt(fd, src->af == 6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    src->af == 6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &on,
	    sizeof(on)) == -1)) {
		(void)close(fd);
		fd = -1;
	}
	return (fd);
}

/* Is that the answer to ours? */
static int
is_reply(const uint8_t *p, size_t n, int six, uint16_t id, uint16_t seq)
{
	size_t	 h = six || n == 0 ? 0 : (size_t)(p[0] & 15) * 4;

	return (n >= h + 8 && p[h] == (six ? REPLY6 : REPLY) &&
	    p[h + 4] == id >> 8 && p[h + 5] == (id & 255) &&
	    p[h + 6] == seq >> 8 && p[h + 7] == (seq & 255));
}

/* One packet of `octets' with its IP header: microseconds, or -1 and errno. */
static int64_t
echo(int fd, const struct addr *dst, size_t octets, uint16_t seq)
{
	static uint8_t		 b[PING_MAX], in[PING_MAX];
	struct sockaddr_storage	 ss;
	struct addr		 to = *dst;
	struct pollfd		 pf = { .fd = fd, .events = POLLIN };
	uint16_t		 id = (uint16_t)getpid();
	struct wr		 w;
	uint64_t		 t0 = now_us(), t;
	socklen_t		 len;
	ssize_t			 n;
	int			 six = dst->af == 6;

	to.port = 0;
	len = addr_to_sa(&to, &ss);
	octets -= six ? 40 : 20;
	memset(b, 0x5a, sizeof(b));
	w = wr_of(b, sizeof(b));
	wr_u16(&w, (uint16_t)((six ? ECHO6 : ECHO) << 8));
	wr_u16(&w, 0);
	wr_u16(&w, id);
	wr_u16(&w, seq);
	if (!six) {
		uint16_t	 c = checksum(b, octets);

		b[2] = (uint8_t)(c >> 8);
		b[3] = (uint8_t)c;
	}
	if (sendto(fd, b, octets, 0, (struct sockaddr *)&ss, len) == -1)
		return (-1);
	while ((t = now_us()) - t0 < WAIT_MS * 1000) {
		if (poll(&pf, 1, (int)(WAIT_MS - (t - t0) / 1000)) <= 0)
			break;
		n = recv(fd, in, sizeof(in), 0);
		if (n > 0 && is_reply(in, (size_t)n, six, id, seq))
			return ((int64_t)(now_us() - t0));
	}
	errno = ETIMEDOUT;
	return (-1);
}

/* The n-th guess at a live host of a network: .1, .2, the last but one. */
static void
guess(const struct sel *s, unsigned int n, struct addr *a)
{
	size_t	 l = addr_len(s->af);

	memset(a, 0, sizeof(*a));
	a->af = s->af;
	memcpy(a->a, n == 2 ? s->hi : s->lo, l);
	if (memcmp(s->lo, s->hi, l) == 0)
		return;
	if (n == 2)
		a->a[l - 1]--;
	else
		a->a[l - 1] = (uint8_t)(a->a[l - 1] + 1 + n);
}

static uint16_t
mtu_of(const struct v_facts *f, const char *name)
{
	size_t	 i;

	for (i = 0; i < f->d.st.n; i++)
		if (strcmp(f->d.st.t[i].m.name, name) == 0 &&
		    f->d.st.t[i].nchild > 0)
			return (f->d.st.t[i].child[0].m.c.mtu);
	return (0);
}

static void
whole(int fd, const struct addr *dst, uint16_t mtu, int64_t us,
    const char *name, struct v_list *l)
{
	char	 a[ADDR_STRLEN];

	(void)addr_str(dst, 0, a, sizeof(a));
	if (mtu < 100 || mtu > PING_MAX)
		v_add(l, V_OK, VG_TUNNEL, "reach", name, NULL, "ICMP echo",
		    "%s answers in %.1f ms", a, (double)us / 1000);
	else if (echo(fd, dst, mtu, 2) >= 0)
		v_add(l, V_OK, VG_TUNNEL, "reach", name, NULL, "ICMP echo",
		    "%s answers in %.1f ms, packets of %u octets pass whole",
		    a, (double)us / 1000, mtu);
	else
		v_add(l, V_WARN, VG_TUNNEL, "reach", name,
		    "`mtu' in the tunnel with the real MTU of the path (find "
		    "it with: ping -M do -s SIZE PEER)", "ICMP echo",
		    "%s answers in %.1f ms, but not to a packet of %u octets: "
		    "somewhere on the way less passes", a, (double)us / 1000,
		    mtu);
}

static void
one(const struct v_facts *f, const struct cf_tunnel *t,
    const struct addr *target, struct v_list *l)
{
	struct selpair		 here = v_pair(&t->t, 0), *p = &here;
	struct addr		 dst;
	char			 tried[3 * ADDR_STRLEN + 8] = "";
	char			 a[ADDR_STRLEN];
	int64_t			 us = -1;
	size_t			 i;
	unsigned int		 n;
	int			 fd = -1;

	for (i = 0; i < f->h.nmine && fd == -1; i++)
		if (sel_match(&p->local, &f->h.mine[i], p->local.ipproto,
		    p->local.port_lo))
			fd = open_from(&f->h.mine[i]);
	if (fd == -1) {
		v_add(l, V_SKIP, VG_TUNNEL, "reach", t->t.name, "ping from a "
		    "host of the LAN", NULL, "this host has no address in "
		    "the local network to send a test packet from");
		return;
	}
	for (n = 0; n < (target == NULL ? TRIES : 1) && us < 0; n++) {
		if (target != NULL)
			dst = *target;
		else
			guess(&p->remote, n, &dst);
		us = echo(fd, &dst, 84, 1);
		(void)snprintf(tried + strlen(tried), sizeof(tried) -
		    strlen(tried), "%s%s", n > 0 ? ", " : "",
		    addr_str(&dst, 0, a, sizeof(a)));
	}
	if (us >= 0)
		whole(fd, &dst, mtu_of(f, t->t.name), us, t->t.name, l);
	else
		v_add(l, V_WARN, VG_TUNNEL, "reach", t->t.name, "s2sctl "
		    "verify -p -t HOST TUNNEL, with a host that answers ping",
		    "ICMP echo", "no answer through the tunnel (tried %s)",
		    tried);
	(void)close(fd);
}

void
v_check_reach(const struct v_facts *f, const char *target, struct v_list *l)
{
	struct addr	 a;
	size_t		 i;

	if (target != NULL && addr_parse(target, &a) == -1) {
		v_add(l, V_SKIP, VG_TUNNEL, "reach", NULL, NULL, NULL,
		    "%s is not an address", target);
		return;
	}
	for (i = 0; f->d.running && i < f->conf.n; i++)
		if (v_wanted(f, f->conf.t[i]) && f->conf.t[i]->t.npair > 0 &&
		    (target == NULL || sel_match(
		    &f->conf.t[i]->t.pair[0].remote, &a, 0, 0)))
			one(f, f->conf.t[i], target == NULL ? NULL : &a, l);
}
