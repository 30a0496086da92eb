/* SPDX-License-Identifier: ISC */

/* addr.c: addresses, networks, selectors; see addr.h. */

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>

#include "addr.h"

size_t
addr_len(uint8_t af)
{
	return (af == 4 ? 4 : af == 6 ? 16 : 0);
}

int
addr_cmp(const struct addr *a, const struct addr *b, int port)
{
	int	 d;

	if (a->af != b->af)
		return (a->af < b->af ? -1 : 1);
	if ((d = memcmp(a->a, b->a, addr_len(a->af))) != 0)
		return (d);
	if (port && a->port != b->port)
		return (a->port < b->port ? -1 : 1);
	return (0);
}

int
addr_parse(const char *s, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, s, a->a) == 1)
		a->af = 4;
	else if (inet_pton(AF_INET6, s, a->a) == 1)
		a->af = 6;
	else
		return (-1);
	return (0);
}

const char *
addr_str(const struct addr *a, int port, char *buf, size_t len)
{
	char	 t[INET6_ADDRSTRLEN];

	if (a->af == 0 || inet_ntop(a->af == 4 ? AF_INET : AF_INET6, a->a, t,
	    sizeof(t)) == NULL)
		(void)snprintf(t, sizeof(t), "any");
	if (!port || a->port == 0)
		(void)snprintf(buf, len, "%s", t);
	else
		(void)snprintf(buf, len, a->af == 6 ? "[%s]:%u" : "%s:%u", t,
		    (unsigned int)a->port);
	return (buf);
}

socklen_t
addr_to_sa(const struct addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in	 s4;
	struct sockaddr_in6	 s6;

	memset(ss, 0, sizeof(*ss));
	if (a->af == 4) {
		memset(&s4, 0, sizeof(s4));
		s4.sin_family = AF_INET;
		s4.sin_port = htons(a->port);
		memcpy(&s4.sin_addr, a->a, 4);
		memcpy(ss, &s4, sizeof(s4));
		return (sizeof(s4));
	}
	memset(&s6, 0, sizeof(s6));
	s6.sin6_family = AF_INET6;
	s6.sin6_port = htons(a->port);
	memcpy(&s6.sin6_addr, a->a, 16);
	memcpy(ss, &s6, sizeof(s6));
	return (sizeof(s6));
}

int
addr_from_sa(const struct sockaddr *sa, struct addr *a)
{
	struct sockaddr_in	 s4;
	struct sockaddr_in6	 s6;

	memset(a, 0, sizeof(*a));
	if (sa->sa_family == AF_INET) {
		memcpy(&s4, sa, sizeof(s4));
		a->af = 4;
		a->port = ntohs(s4.sin_port);
		memcpy(a->a, &s4.sin_addr, 4);
		return (0);
	}
	if (sa->sa_family != AF_INET6)
		return (-1);
	memcpy(&s6, sa, sizeof(s6));
	a->port = ntohs(s6.sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&s6.sin6_addr)) {
		a->af = 4;
		memcpy(a->a, s6.sin6_addr.s6_addr + 12, 4);
	} else {
		a->af = 6;
		memcpy(a->a, &s6.sin6_addr, 16);
	}
	return (0);
}

/* The i-th octet of a mask of plen bits. */
static uint8_t
mask_octet(unsigned int plen, size_t i)
{
	unsigned int	 bits = plen > i * 8 ? plen - (unsigned int)i * 8 : 0;

	return (bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits));
}

static int
host_bits(const struct net *n)
{
	size_t	 i;

	for (i = 0; i < addr_len(n->a.af); i++)
		if (n->a.a[i] & (uint8_t)~mask_octet(n->plen, i))
			return (1);
	return (0);
}

int
net_parse(const char *s, struct net *n)
{
	char		 buf[ADDR_STRLEN], *slash, *end;
	unsigned long	 plen;

	memset(n, 0, sizeof(*n));
	if (strlen(s) >= sizeof(buf))
		return (-1);
	(void)snprintf(buf, sizeof(buf), "%s", s);
	if ((slash = strchr(buf, '/')) != NULL)
		*slash++ = '\0';
	if (addr_parse(buf, &n->a) == -1)
		return (-1);
	plen = addr_len(n->a.af) * 8;
	if (slash != NULL) {
		if (*slash < '0' || *slash > '9')
			return (-1);
		plen = strtoul(slash, &end, 10);
		if (*end != '\0' || plen > addr_len(n->a.af) * 8)
			return (-1);
	}
	n->plen = (uint8_t)plen;
	return (host_bits(n) ? -1 : 0);
}

const char *
net_str(const struct net *n, char *buf, size_t len)
{
	char	 t[ADDR_STRLEN];

	if (n->a.af == 0)
		(void)snprintf(buf, len, "any");
	else if (n->plen == addr_len(n->a.af) * 8)
		(void)addr_str(&n->a, 0, buf, len);
	else
		(void)snprintf(buf, len, "%s/%u",
		    addr_str(&n->a, 0, t, sizeof(t)), (unsigned int)n->plen);
	return (buf);
}

int
net_eq(const struct net *a, const struct net *b)
{
	return (a->plen == b->plen && addr_cmp(&a->a, &b->a, 0) == 0);
}

int
net_has(const struct net *n, const struct addr *a)
{
	size_t	 i;

	if (n->a.af != a->af)
		return (0);
	for (i = 0; i < addr_len(a->af); i++)
		if ((n->a.a[i] ^ a->a[i]) & mask_octet(n->plen, i))
			return (0);
	return (1);
}

void
sel_from_net(const struct net *n, uint8_t ipproto, uint16_t lo, uint16_t hi,
    struct sel *s)
{
	size_t	 i;

	memset(s, 0, sizeof(*s));
	s->af = n->a.af;
	s->ipproto = ipproto;
	s->port_lo = lo;
	s->port_hi = hi;
	for (i = 0; i < addr_len(s->af); i++) {
		s->lo[i] = n->a.a[i] & mask_octet(n->plen, i);
		s->hi[i] = s->lo[i] | (uint8_t)~mask_octet(n->plen, i);
	}
}

void
sel_from_addr(const struct addr *a, struct sel *s)
{
	struct net	 n;

	memset(&n, 0, sizeof(n));
	n.a = *a;
	n.a.port = 0;
	n.plen = (uint8_t)(8 * addr_len(a->af));
	sel_from_net(&n, 0, 0, UINT16_MAX, s);
}

int
sel_to_net(const struct sel *s, struct net *n)
{
	struct sel	 t;
	unsigned int	 plen, max;

	memset(n, 0, sizeof(*n));
	max = (unsigned int)addr_len(s->af) * 8;
	n->a.af = s->af;
	memcpy(n->a.a, s->lo, addr_len(s->af));
	for (plen = 0; plen <= max; plen++) {
		n->plen = (uint8_t)plen;
		if (host_bits(n))
			continue;
		sel_from_net(n, 0, 0, 65535, &t);
		if (memcmp(t.hi, s->hi, addr_len(s->af)) == 0)
			return (0);
	}
	return (-1);
}

int
sel_cut(const struct sel *a, const struct sel *b, struct sel *out)
{
	struct sel	 r;
	size_t		 len = addr_len(a->af);

	if (a->af != b->af ||
	    (a->ipproto != 0 && b->ipproto != 0 && a->ipproto != b->ipproto))
		return (0);
	memset(&r, 0, sizeof(r));
	r.af = a->af;
	r.ipproto = a->ipproto != 0 ? a->ipproto : b->ipproto;
	r.port_lo = a->port_lo > b->port_lo ? a->port_lo : b->port_lo;
	r.port_hi = a->port_hi < b->port_hi ? a->port_hi : b->port_hi;
	memcpy(r.lo, memcmp(a->lo, b->lo, len) > 0 ? a->lo : b->lo, len);
	memcpy(r.hi, memcmp(a->hi, b->hi, len) < 0 ? a->hi : b->hi, len);
	if (r.port_lo > r.port_hi || memcmp(r.lo, r.hi, len) > 0)
		return (0);
	*out = r;
	return (1);
}

int
sel_in(const struct sel *a, const struct sel *b)
{
	size_t	 len = addr_len(a->af);

	return (a->af == b->af && (b->ipproto == 0 || a->ipproto == b->ipproto) &&
	    a->port_lo >= b->port_lo && a->port_hi <= b->port_hi &&
	    memcmp(a->lo, b->lo, len) >= 0 && memcmp(a->hi, b->hi, len) <= 0);
}

int
sel_eq(const struct sel *a, const struct sel *b)
{
	return (sel_in(a, b) && sel_in(b, a));
}

int
sel_match(const struct sel *s, const struct addr *a, uint8_t ipproto,
    uint16_t port)
{
	size_t	 len = addr_len(s->af);

	return (s->af == a->af && (s->ipproto == 0 || s->ipproto == ipproto) &&
	    port >= s->port_lo && port <= s->port_hi &&
	    memcmp(a->a, s->lo, len) >= 0 && memcmp(a->a, s->hi, len) <= 0);
}

const char *
sel_str(const struct sel *s, char *buf, size_t len)
{
	struct addr	 lo, hi;
	struct net	 n;
	char		 t[ADDR_STRLEN], u[ADDR_STRLEN], p[48];

	p[0] = '\0';
	if (s->ipproto != 0 && (s->port_lo != 0 || s->port_hi != 65535))
		(void)snprintf(p, sizeof(p), " proto %u port %u-%u",
		    (unsigned int)s->ipproto, (unsigned int)s->port_lo,
		    (unsigned int)s->port_hi);
	else if (s->ipproto != 0)
		(void)snprintf(p, sizeof(p), " proto %u",
		    (unsigned int)s->ipproto);
	if (sel_to_net(s, &n) == 0) {
		(void)snprintf(buf, len, "%s%s", net_str(&n, t, sizeof(t)), p);
		return (buf);
	}
	memset(&lo, 0, sizeof(lo));
	memset(&hi, 0, sizeof(hi));
	lo.af = hi.af = s->af;
	memcpy(lo.a, s->lo, 16);
	memcpy(hi.a, s->hi, 16);
	(void)snprintf(buf, len, "%s-%s%s", addr_str(&lo, 0, t, sizeof(t)),
	    addr_str(&hi, 0, u, sizeof(u)), p);
	return (buf);
}

/* --- prefixes of a range --- */

static int
bit(const uint8_t *a, unsigned int i)
{
	return (a[i / 8] >> (7 - i % 8) & 1);
}

static void
bit_set(uint8_t *a, unsigned int i, int v)
{
	uint8_t	 m = (uint8_t)(0x80 >> i % 8);

	a[i / 8] = (uint8_t)(v ? a[i / 8] | m : a[i / 8] & ~m);
}

/* The longest block that starts at lo and ends at or before hi. */
static unsigned int
block_at(const uint8_t *lo, const uint8_t *hi, size_t len, uint8_t *end)
{
	unsigned int	 plen = (unsigned int)(8 * len);

	memcpy(end, lo, len);
	while (plen > 0 && bit(lo, plen - 1) == 0) {
		bit_set(end, plen - 1, 1);
		if (memcmp(end, hi, len) > 0) {
			bit_set(end, plen - 1, 0);
			break;
		}
		plen--;
	}
	return (plen);
}

size_t
sel_prefixes(const struct sel *s, struct net *out, size_t max)
{
	size_t		 len = addr_len(s->af), n = 0, i;
	uint8_t		 at[16], end[16];

	memcpy(at, s->lo, 16);
	while (n < max && memcmp(at, s->hi, len) <= 0) {
		memset(&out[n], 0, sizeof(out[n]));
		out[n].a.af = s->af;
		memcpy(out[n].a.a, at, len);
		out[n++].plen = (uint8_t)block_at(at, s->hi, len, end);
		memcpy(at, end, len);
		for (i = len; i > 0 && ++at[i - 1] == 0; i--)
			;
		if (i == 0)
			break;			/* the last address of all */
	}
	return (n);
}

/* Fixed size on the wire: family, 16 octets, port. */
void
addr_put(struct wr *w, const struct addr *a)
{
	wr_u8(w, a->af);
	wr_put(w, a->a, addr_len(a->af));
	wr_zero(w, 16 - addr_len(a->af));
	wr_u16(w, a->port);
}

static int
octets_get(struct rd *r, uint8_t af, uint8_t *a)
{
	size_t	 i;

	if (rd_copy(r, a, 16))
		return (-1);
	for (i = addr_len(af); i < 16; i++)
		if (a[i] != 0)
			return (-1);
	return (0);
}

int
addr_get(struct rd *r, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (rd_u8(r, &a->af) || (a->af != 0 && addr_len(a->af) == 0) ||
	    octets_get(r, a->af, a->a) || rd_u16(r, &a->port))
		return (-1);
	return (0);
}

void
net_put(struct wr *w, const struct net *n)
{
	addr_put(w, &n->a);
	wr_u8(w, n->plen);
}

int
net_get(struct rd *r, struct net *n)
{
	if (addr_get(r, &n->a) || rd_u8(r, &n->plen) || n->a.port != 0 ||
	    n->plen > addr_len(n->a.af) * 8 || host_bits(n))
		return (-1);
	return (0);
}

void
sel_put(struct wr *w, const struct sel *s)
{
	wr_u8(w, s->af);
	wr_u8(w, s->ipproto);
	wr_u16(w, s->port_lo);
	wr_u16(w, s->port_hi);
	wr_put(w, s->lo, 16);
	wr_put(w, s->hi, 16);
}

int
sel_get(struct rd *r, struct sel *s)
{
	memset(s, 0, sizeof(*s));
	if (rd_u8(r, &s->af) || addr_len(s->af) == 0 ||
	    rd_u8(r, &s->ipproto) || rd_u16(r, &s->port_lo) ||
	    rd_u16(r, &s->port_hi) || octets_get(r, s->af, s->lo) ||
	    octets_get(r, s->af, s->hi) || s->port_lo > s->port_hi ||
	    memcmp(s->lo, s->hi, 16) > 0)
		return (-1);
	return (0);
}

void
selpairs_put(struct wr *w, const struct selpair *p, size_t n)
{
	size_t	 i;

	if (n > SELPAIR_MAX)
		w->bad = 1;
	wr_u8(w, (uint8_t)n);
	for (i = 0; i < n && !w->bad; i++) {
		sel_put(w, &p[i].local);
		sel_put(w, &p[i].remote);
	}
}

int
selpairs_get(struct rd *r, struct selpair *p, size_t max, size_t *n)
{
	uint8_t	 i, count;

	if (rd_u8(r, &count) || count == 0 || count > max)
		return (-1);
	for (i = 0; i < count; i++)
		if (sel_get(r, &p[i].local) || sel_get(r, &p[i].remote) ||
		    p[i].local.af != p[i].remote.af)
			return (-1);
	*n = count;
	return (0);
}
