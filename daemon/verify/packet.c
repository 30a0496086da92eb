/* SPDX-License-Identifier: ISC */

/* packet.c: probes as octets: IPv4 and IPv6 with UDP, TCP, ICMP, ESP or AH. */

#include <netinet/in.h>

#include <stdio.h>

#include "probe.h"

enum { V4_LEN = 20, V6_LEN = 40, PAYLOAD = 8, ECHO4 = 8, ECHO6 = 128 };

static const uint8_t	payload[PAYLOAD] = { 's', '2', 's', 'd', 'p', 'r',
	'b', 0 };

/* Internet checksum, RFC 1071: add to a running sum. */
static uint32_t
sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (; n > 1; n -= 2, p += 2)
		s += (uint32_t)p[0] << 8 | p[1];
	if (n == 1)
		s += (uint32_t)p[0] << 8;
	return (s);
}

static void
fold(uint32_t s, uint8_t *to)
{
	s = (s >> 16) + (s & 0xffff);
	s += s >> 16;
	s = ~s & 0xffff;
	to[0] = (uint8_t)(s >> 8);
	to[1] = (uint8_t)s;
}

/* What UDP, TCP and ICMPv6 add of the IP header. */
static uint32_t
pseudo(const struct pr_flow *f, uint8_t proto, size_t n)
{
	size_t	 l = addr_len(f->src.af);

	return (sum(sum(0, f->src.a, l), f->dst.a, l) + proto + (uint32_t)n);
}

static size_t
transport(const struct pr_flow *f, uint8_t *p)
{
	struct wr	 w = wr_of(p, PR_FRAME - V6_LEN);
	size_t		 at = 0;
	uint32_t	 s;
	int		 six = f->src.af == 6;
	uint8_t		 proto = f->ipproto;

	if (proto == IPPROTO_UDP) {
		wr_u16(&w, f->src.port);
		wr_u16(&w, f->dst.port);
		wr_u16(&w, 8 + PAYLOAD);
		at = w.n;
		wr_u16(&w, 0);
	} else if (proto == IPPROTO_TCP) {
		wr_u16(&w, f->src.port);
		wr_u16(&w, f->dst.port);
		wr_u32(&w, 1);			/* sequence */
		wr_u32(&w, 0);
		wr_u16(&w, 0x5002);		/* 20 octets, SYN */
		wr_u16(&w, 1024);
		at = w.n;
		wr_u32(&w, 0);
	} else if (proto == IPPROTO_ICMP) {
		wr_u16(&w, (uint16_t)((six ? ECHO6 : ECHO4) << 8));
		at = w.n;
		wr_u16(&w, 0);
		wr_u16(&w, f->src.port);	/* identifier */
		wr_u16(&w, 1);
		proto = six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	} else {
		if (proto == IPPROTO_AH)	/* UDP is in it; ICV of 96 bits */
			wr_u32(&w, IPPROTO_UDP << 24 | 4 << 16);
		wr_u32(&w, 0x100);		/* an SPI that nobody has */
		wr_u32(&w, 1);
		if (proto == IPPROTO_AH)
			wr_zero(&w, 12);
	}
	if (f->ipproto != IPPROTO_TCP)
		wr_put(&w, payload, PAYLOAD);
	if (at != 0) {
		s = f->ipproto == IPPROTO_ICMP && !six ? 0 :
		    pseudo(f, proto, w.n);
		fold(sum(s, p, w.n), p + at);
	}
	return (w.n);
}

size_t
pr_packet(const struct pr_flow *f, uint8_t *p)
{
	struct wr	 w = wr_of(p, PR_FRAME);
	uint8_t		 l4[PR_FRAME];
	size_t		 n = transport(f, l4);
	int		 six = f->src.af == 6;

	if (six) {
		wr_u32(&w, 6u << 28 | PR_MARK);
		wr_u16(&w, (uint16_t)n);
		wr_u8(&w, f->ipproto == IPPROTO_ICMP ? IPPROTO_ICMPV6 :
		    f->ipproto);
		wr_u8(&w, PR_HOPS);
	} else {
		wr_u16(&w, 0x4500);
		wr_u16(&w, (uint16_t)(V4_LEN + n));
		wr_u16(&w, PR_MARK);
		wr_u16(&w, 0);
		wr_u8(&w, PR_HOPS);
		wr_u8(&w, f->ipproto);
		wr_u16(&w, 0);
	}
	wr_put(&w, f->src.a, addr_len(f->src.af));
	wr_put(&w, f->dst.a, addr_len(f->src.af));
	if (!six)
		fold(sum(0, p, V4_LEN), p + 10);
	wr_put(&w, l4, n);
	return (w.n);
}

int
pr_flow_get(struct rd ip, struct pr_flow *f)
{
	struct rd	 r = ip;
	uint8_t		 v, proto;
	size_t		 hlen;

	memset(f, 0, sizeof(*f));
	if (rd_u8(&r, &v))
		return (-1);
	f->src.af = f->dst.af = v >> 4 == 6 ? 6 : 4;
	hlen = v >> 4 == 6 ? V6_LEN : (size_t)(v & 15) * 4;
	if ((v >> 4 != 4 && v >> 4 != 6) || hlen < V4_LEN || ip.n < hlen)
		return (-1);
	proto = v >> 4 == 6 ? ip.p[6] : ip.p[9];
	memcpy(f->src.a, ip.p + (v >> 4 == 6 ? 8 : 12),
	    addr_len(f->src.af));
	memcpy(f->dst.a, ip.p + (v >> 4 == 6 ? 24 : 16),
	    addr_len(f->src.af));
	f->ipproto = proto == IPPROTO_ICMPV6 && f->src.af == 6 ?
	    IPPROTO_ICMP : proto;
	r = rd_of(ip.p + hlen, ip.n - hlen);
	if ((proto == IPPROTO_UDP || proto == IPPROTO_TCP) &&
	    (rd_u16(&r, &f->src.port) || rd_u16(&r, &f->dst.port)))
		f->src.port = f->dst.port = 0;	/* the header alone */
	return (0);
}

const char *
pr_flow_str(const struct pr_flow *f, char *b, size_t n)
{
	char		 s[ADDR_STRLEN], d[ADDR_STRLEN];
	const char	*p;
	struct addr	 dst = f->dst;

	p = f->ipproto == IPPROTO_UDP ? "udp" : f->ipproto == IPPROTO_TCP ?
	    "tcp" : f->ipproto == IPPROTO_ESP ? "esp" : f->ipproto ==
	    IPPROTO_AH ? "ah" : "icmp";
	if (dst.port == PR_PORT || f->ipproto == IPPROTO_ICMP)
		dst.port = 0;
	(void)snprintf(b, n, "%s %s -> %s", p, addr_str(&f->src, 0, s,
	    sizeof(s)), addr_str(&dst, dst.port != 0, d, sizeof(d)));
	return (b);
}
