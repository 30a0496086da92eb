/* SPDX-License-Identifier: ISC */

/*
 * natt.c: NAT detection and the move to port 4500, RFC 7296 section 2.23.
 *
 *	hash = SHA-1(SPIi | SPIr | address | port)
 */

#include "v2.h"

enum { NAT_LEN = 20, NAT_LOOK = 16 };

static int
nat_hash(uint64_t spi_i, uint64_t spi_r, const struct addr *a, uint8_t *out)
{
	struct rd	 in;
	struct wr	 w;
	uint8_t		 b[34];

	w = wr_of(b, sizeof(b));
	wr_u64(&w, spi_i);
	wr_u64(&w, spi_r);
	wr_put(&w, a->a, addr_len(a->af));
	wr_u16(&w, a->port);
	in = rd_of(b, w.n);
	return (wr_end(&w) || sha1(&in, 1, out) ? -1 : 0);
}

void
ike2_nat_put(struct ike *ike, struct pld_out *o, uint64_t spi_i,
    uint64_t spi_r, const struct addr *local, const struct addr *remote,
    int forced)
{
	uint8_t	 h[NAT_LEN];

	if (forced || nat_hash(spi_i, spi_r, local, h))
		ike->io->random(ike->io->arg, h, sizeof(h));
	pld_notify_put(o, PROTO_NONE, 0, N_NAT_SRC, rd_of(h, sizeof(h)));
	if (nat_hash(spi_i, spi_r, remote, h))
		return;
	pld_notify_put(o, PROTO_NONE, 0, N_NAT_DST, rd_of(h, sizeof(h)));
}

/* Compare what the peer saw with what we see; at most 16 are looked at. */
void
ike2_nat_read(struct sa *sa, const struct msg2 *m)
{
	struct pld_notify	 n;
	uint8_t			 src[NAT_LEN], dst[NAT_LEN];
	size_t			 i = 0;
	int			 look, has_src = 0, has_dst = 0;
	int			 ok_src = 0, ok_dst = 0;

	if (nat_hash(m->h.spi_i, m->h.spi_r, &m->d->remote, src) ||
	    nat_hash(m->h.spi_i, m->h.spi_r, &m->d->local, dst))
		return;
	for (look = 0; look < NAT_LOOK && ike2_notify(m, &i, &n);) {
		if ((n.type != N_NAT_SRC && n.type != N_NAT_DST))
			continue;
		look++;
		if (n.data.n != NAT_LEN)
			continue;
		if (n.type == N_NAT_SRC) {
			has_src = 1;
			ok_src |= memcmp(n.data.p, src, NAT_LEN) == 0;
		} else {
			has_dst = 1;
			ok_dst |= memcmp(n.data.p, dst, NAT_LEN) == 0;
		}
	}
	sa->nat_there = has_src && !ok_src;
	sa->nat_here = has_dst && !ok_dst;
	sa->nat_known = has_src && has_dst;
}

void
ike2_float(struct sa *sa, int forced)
{
	sa->udp = 0;
	if (!sa->nat_known)
		return;
	if (!sa->nat_here && !sa->nat_there && !forced && !sa->float_)
		return;
	sa->udp = sa->nat_here || sa->nat_there || forced;
	if (!sa->init || sa->float_)
		return;			/* the initiator moves first */
	sa->float_ = 1;
	sa->local.port = PORT_NATT;
	sa->remote.port = PORT_NATT;
}
