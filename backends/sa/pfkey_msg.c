/* SPDX-License-Identifier: ISC */

/*
 * pfkey_msg.c: what every dialect of PF_KEYv2 has in common: the base header,
 * extensions of 64 bit words, sockaddrs, keys (RFC 2367 section 2); and our
 * mark.
 */

#include "pfkey.h"

enum { VERSION = 2, MARK = 0x5332, EXT_SA = 1, MATURE = 1 };

void
pk_begin(struct wr *w, const struct pk_hdr *h, uint8_t type, uint8_t satype)
{
	wr_u8(w, VERSION);
	wr_u8(w, type);
	wr_u8(w, 0);			/* errno */
	wr_u8(w, satype);
	wr_h16(w, 0);			/* length: pk_end */
	wr_h16(w, 0);
	wr_h32(w, h->seq);
	wr_h32(w, h->pid);
}

static void
words(struct wr *w, size_t at, size_t n)
{
	uint16_t	 v = (uint16_t)(n / 8);

	if (n % 8 != 0 || n / 8 > 0xffff)
		w->bad = 1;
	if (!w->bad)
		memcpy(w->p + at, &v, sizeof(v));
}

void
pk_end(struct wr *w)
{
	words(w, 4, w->n);
}

size_t
pk_ext(struct wr *w, uint16_t type)
{
	size_t	 at = w->n;

	wr_h16(w, 0);
	wr_h16(w, type);
	return (at);
}

void
pk_ext_end(struct wr *w, size_t at)
{
	if (!w->bad && (w->n - at) % 8 != 0)
		wr_zero(w, 8 - (w->n - at) % 8);
	if (!w->bad)
		words(w, at, w->n - at);
}

/* sockaddr_in is 16 octets, sockaddr_in6 28, everywhere. */
void
pk_sockaddr(struct wr *w, struct pk_family f, const struct addr *a,
    uint16_t port)
{
	int	 v6 = a->af == 6;
	uint16_t family = v6 ? f.af6 : 2;

	if (f.bsd) {
		wr_u8(w, v6 ? 28 : 16);
		wr_u8(w, (uint8_t)family);
	} else
		wr_h16(w, family);
	wr_u16(w, port);
	if (v6) {
		wr_zero(w, 4);		/* flow */
		wr_put(w, a->a, 16);
		wr_zero(w, 4);		/* scope */
	} else {
		wr_put(w, a->a, 4);
		wr_zero(w, 8);
	}
}

int
pk_sockaddr_get(struct rd *r, struct pk_family f, struct addr *a)
{
	uint8_t		 len = 0, fam8;
	uint16_t	 family;

	memset(a, 0, sizeof(*a));
	if (f.bsd) {
		if (rd_u8(r, &len) || rd_u8(r, &fam8))
			return (-1);
		family = fam8;
	} else if (rd_h16(r, &family))
		return (-1);
	if (family == 2) {
		a->af = 4;
		return ((f.bsd && len != 16) || rd_u16(r, &a->port) ||
		    rd_copy(r, a->a, 4) || rd_skip(r, 8) ? -1 : 0);
	}
	if (family != f.af6)
		return (-1);
	a->af = 6;
	return ((f.bsd && len != 28) || rd_u16(r, &a->port) ||
	    rd_skip(r, 4) || rd_copy(r, a->a, 16) || rd_skip(r, 4) ? -1 : 0);
}

void
pk_lifetime(struct wr *w, uint16_t type, uint64_t bytes, uint64_t addtime,
    uint64_t usetime)
{
	size_t	 at = pk_ext(w, type);

	wr_h32(w, 0);			/* allocations: no limit */
	wr_h64(w, bytes);
	wr_h64(w, addtime);
	wr_h64(w, usetime);
	pk_ext_end(w, at);
}

void
pk_sa_ext(struct wr *w, uint32_t spi, uint8_t replay, uint8_t auth,
    uint8_t encr, uint32_t flags)
{
	size_t	 at = pk_ext(w, EXT_SA);

	wr_u32(w, spi);
	wr_u8(w, replay);
	wr_u8(w, MATURE);
	wr_u8(w, auth);
	wr_u8(w, encr);
	wr_h32(w, flags);
	pk_ext_end(w, at);
}

void
pk_key(struct wr *w, uint16_t type, const struct keyoct *k, size_t n)
{
	size_t	 at = pk_ext(w, type);

	wr_h16(w, (uint16_t)(8 * n));
	wr_h16(w, 0);
	if (k == NULL)
		wr_zero(w, n);
	else if (k->len == n)
		wr_put(w, k->d, n);
	else
		w->bad = 1;
	pk_ext_end(w, at);
}

int
pk_base(struct rd *r, struct pk_msg *m, uint8_t *type)
{
	uint8_t		 version;
	uint16_t	 n;
	size_t		 all = r->n;

	memset(m, 0, sizeof(*m));
	if (rd_u8(r, &version) || rd_u8(r, type) || rd_u8(r, &m->err) ||
	    rd_u8(r, &m->satype) || rd_h16(r, &n) || rd_skip(r, 2) ||
	    rd_h32(r, &m->seq) || rd_h32(r, &m->pid))
		return (-1);
	return (version != VERSION || (size_t)n * 8 != all ? -1 : 0);
}

int
pk_next(struct rd *r, uint16_t *type, struct rd *body)
{
	uint16_t	 n;

	if (rd_end(r) == 0)
		return (0);
	if (rd_h16(r, &n) || rd_h16(r, type) || n == 0 ||
	    rd_sub(r, (size_t)n * 8 - 4, body))
		return (-1);
	return (1);
}

uint64_t
pk_mark(uint16_t life, uint32_t v, int out)
{
	return ((uint64_t)(out ? MARK + 1 : MARK) << 48 |
	    (uint64_t)life << 32 | v);
}

int
pk_mark_get(uint64_t m, uint16_t *life, uint32_t *v, int *out)
{
	if (m >> 48 != MARK && m >> 48 != MARK + 1)
		return (-1);
	*out = m >> 48 != MARK;
	*life = (uint16_t)(m >> 32);
	*v = (uint32_t)m;
	return (0);
}

int
pk_nets(const struct sel *s, struct net *out, size_t max)
{
	size_t	 n;

	if (s->port_lo != s->port_hi &&
	    (s->port_lo != 0 || s->port_hi != 0xffff))
		return (-1);
	n = sel_prefixes(s, out, max);
	return (n == max ? -1 : (int)n);
}
