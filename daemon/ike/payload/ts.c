/* SPDX-License-Identifier: ISC */

/* ts.c: Traffic Selector payloads, RFC 7296 sections 3.13 and 3.13.1. */

#include "payload.h"

enum { TS_IPV4 = 7, TS_IPV6 = 8 };

/*
 * One selector behind its length field: fills *s.
 * Returns 1 if it is one that can match, 0 if it is to be passed over, -1.
 */
static int
ts_body(struct rd b, uint8_t type, uint8_t ipproto, struct sel *s,
    const char **why)
{
	size_t	 alen;

	if (type != TS_IPV4 && type != TS_IPV6)
		return (0);
	memset(s, 0, sizeof(*s));
	s->af = type == TS_IPV4 ? 4 : 6;
	s->ipproto = ipproto;
	alen = addr_len(s->af);
	*why = "TS: selector body";
	if (rd_u16(&b, &s->port_lo) || rd_u16(&b, &s->port_hi) ||
	    rd_copy(&b, s->lo, alen) || rd_copy(&b, s->hi, alen) || rd_end(&b))
		return (-1);
	*why = "TS: empty range";
	if (memcmp(s->lo, s->hi, alen) > 0)
		return (-1);
	if (s->port_lo == 65535 && s->port_hi == 0)	/* OPAQUE */
		return (0);
	return (s->port_lo > s->port_hi ? -1 : 1);
}

int
pld_ts(struct rd b, struct sel *s, size_t max, size_t *n, const char **why)
{
	struct rd	 sub;
	struct sel	 one;
	uint16_t	 len;
	uint8_t		 count, type, ipproto;
	int		 r;

	*n = 0;
	*why = "TS: selector count";
	if (rd_u8(&b, &count) || rd_skip(&b, 3) || count == 0 || count > max)
		return (-1);
	for (; count > 0; count--) {
		*why = "TS: selector header";
		if (rd_u8(&b, &type) || rd_u8(&b, &ipproto) ||
		    rd_u16(&b, &len) || len < 4 || rd_sub(&b, len - 4u, &sub))
			return (-1);
		if ((r = ts_body(sub, type, ipproto, &one, why)) == -1)
			return (-1);
		if (r == 1)
			s[(*n)++] = one;
	}
	*why = "TS: trailing octets";
	return (rd_end(&b));
}

void
pld_ts_put(struct pld_out *o, uint8_t type, const struct sel *s, size_t n)
{
	size_t	 i, alen;

	pld_begin(o, type);
	wr_u8(&o->w, (uint8_t)n);
	wr_zero(&o->w, 3);
	for (i = 0; i < n; i++) {
		alen = addr_len(s[i].af);
		wr_u8(&o->w, s[i].af == 4 ? TS_IPV4 : TS_IPV6);
		wr_u8(&o->w, s[i].ipproto);
		wr_u16(&o->w, (uint16_t)(8 + 2 * alen));
		wr_u16(&o->w, s[i].port_lo);
		wr_u16(&o->w, s[i].port_hi);
		wr_put(&o->w, s[i].lo, alen);
		wr_put(&o->w, s[i].hi, alen);
	}
	pld_end(o);
}
