/* SPDX-License-Identifier: ISC */

/* inner.c: reads the headers of an inner packet; pure. */

#include "local.h"

enum {
	IP_HOPOPTS = 0, IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ROUTING = 43,
	IP_FRAGMENT = 44, IP_AH = 51, IP_ICMP6 = 58, IP_DSTOPTS = 60,
	IP_DCCP = 33, IP_SCTP = 132, IP_UDPLITE = 136,
	IP6_CHAIN_MAX = 8	/* extension headers; longer is an attack */
};

uint16_t
esp_cksum(const uint8_t *p, size_t n, uint32_t sum)
{
	for (; n > 1; p += 2, n -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	if (n > 0)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ((uint16_t)~sum);
}

/* Ports, or what else the selectors and the answers need of layer 4. */
static int
layer4(struct rd r, struct esp_flow *f)
{
	uint8_t	 type;

	if (f->frag == FRAG_LATER)
		return (0);
	switch (f->ipproto) {
	case IP_TCP:
	case IP_UDP:
	case IP_UDPLITE:
	case IP_SCTP:
	case IP_DCCP:
		/* a first part that hides its ports, RFC 1858 section 3 */
		if (rd_u16(&r, &f->src.port) || rd_u16(&r, &f->dst.port))
			return (-1);
		f->has_ports = 1;
		break;
	case IP_ICMP:		/* 3, 4, 5, 11, 12: RFC 1122 section 3.2.2 */
		if (rd_u8(&r, &type))
			return (-1);
		f->icmp_error = (type >= 3 && type <= 5) || type == 11 ||
		    type == 12;
		break;
	case IP_ICMP6:		/* below 128: RFC 4443 section 2.1 */
		if (rd_u8(&r, &type))
			return (-1);
		f->icmp_error = type < 128;
		break;
	}
	return (0);
}

/* RFC 791 section 3.1. */
static int
inner4(struct rd b, struct esp_flow *f)
{
	const uint8_t	*start = b.p;
	struct rd	 r;
	uint16_t	 len, off;
	uint8_t		 vihl;
	size_t		 hlen;

	r = b;
	if (rd_u8(&r, &vihl) || rd_u8(&r, &f->tos) || rd_u16(&r, &len) ||
	    rd_skip(&r, 2) || rd_u16(&r, &off) || rd_skip(&r, 1) ||
	    rd_u8(&r, &f->ipproto) || rd_skip(&r, 2) ||
	    rd_copy(&r, f->src.a, 4) || rd_copy(&r, f->dst.a, 4))
		return (-1);
	hlen = (size_t)(vihl & 15) * 4;
	if (hlen < 20 || len < hlen || len > b.n)
		return (-1);
	if (esp_cksum(start, hlen, 0) != 0)
		return (-1);
	f->v = f->src.af = f->dst.af = 4;
	f->len = len;
	f->l4 = hlen;
	f->df = (off & 0x4000) != 0;
	if ((off & 0x1fff) != 0)
		f->frag = FRAG_LATER;
	else if (off & 0x2000)
		f->frag = FRAG_FIRST;
	r = b;
	r.n = len;
	if (rd_skip(&r, hlen))
		return (-1);
	return (layer4(r, f));
}

/* RFC 8200 section 4: walk to the upper layer; r is behind the fixed part. */
static int
chain6(struct rd *r, uint8_t nh, size_t total, struct esp_flow *f)
{
	uint16_t	 off;
	uint8_t		 next, len;
	int		 i;

	for (i = 0; i < IP6_CHAIN_MAX; i++) {
		f->ipproto = nh;
		f->l4 = total - r->n;
		if (f->frag == FRAG_LATER)
			return (0);
		switch (nh) {
		case IP_HOPOPTS:
			if (i != 0)
				return (-1);
			/* FALLTHROUGH */
		case IP_ROUTING:
		case IP_DSTOPTS:
			if (rd_u8(r, &next) || rd_u8(r, &len) ||
			    rd_skip(r, (size_t)len * 8 + 6))
				return (-1);
			break;
		case IP_FRAGMENT:
			if (f->frag != FRAG_NONE || rd_u8(r, &next) ||
			    rd_skip(r, 1) || rd_u16(r, &off) || rd_skip(r, 4))
				return (-1);
			if (off & 0xfff8)
				f->frag = FRAG_LATER;
			else if (off & 1)
				f->frag = FRAG_FIRST;
			break;
		default:
			return (0);
		}
		nh = next;
	}
	return (-1);
}

static int
inner6(struct rd b, struct esp_flow *f)
{
	struct rd	 r = b;
	uint32_t	 vtf;
	uint16_t	 plen;
	uint8_t		 nh;

	if (rd_u32(&r, &vtf) || rd_u16(&r, &plen) || rd_u8(&r, &nh) ||
	    rd_skip(&r, 1) || rd_copy(&r, f->src.a, 16) ||
	    rd_copy(&r, f->dst.a, 16))
		return (-1);
	/* 0 would be a jumbogram, RFC 2675 */
	if (plen == 0 || plen > r.n)
		return (-1);
	f->v = f->src.af = f->dst.af = 6;
	f->tos = (uint8_t)(vtf >> 20);
	f->len = 40 + (size_t)plen;
	f->df = 1;
	r.n = plen;
	if (chain6(&r, nh, f->len, f))
		return (-1);
	return (layer4(r, f));
}

int
esp_inner(struct rd b, struct esp_flow *f)
{
	memset(f, 0, sizeof(*f));
	if (b.n == 0)
		return (-1);
	switch (b.p[0] >> 4) {
	case 4:
		return (inner4(b, f));
	case 6:
		return (inner6(b, f));
	}
	return (-1);
}

/* A flow without ports (a later fragment, another protocol) lies only in a
 * selector that takes every port, RFC 4301 section 7. */
static int
end_in(const struct sel *s, const struct addr *a, const struct esp_flow *f)
{
	if (!f->has_ports && (s->port_lo != 0 || s->port_hi != 65535))
		return (0);
	return (sel_match(s, a, f->ipproto, a->port));
}

int
esp_flow_in(const struct selpair *p, const struct esp_flow *f, int out)
{
	const struct addr	*mine = out ? &f->src : &f->dst;
	const struct addr	*theirs = out ? &f->dst : &f->src;

	return (end_in(&p->local, mine, f) && end_in(&p->remote, theirs, f));
}

void
esp_set_ecn(uint8_t *ip, uint8_t ecn)
{
	uint16_t	 sum;

	if (ip[0] >> 4 == 6) {
		ip[1] = (uint8_t)((ip[1] & ~0x30) | (ecn & 3) << 4);
		return;
	}
	ip[1] = (uint8_t)((ip[1] & ~3) | (ecn & 3));
	ip[10] = ip[11] = 0;
	sum = esp_cksum(ip, (size_t)(ip[0] & 15) * 4, 0);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}
