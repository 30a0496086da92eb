/* SPDX-License-Identifier: ISC */

/*
 * natt.c: vendor IDs, and NAT detection by RFC 3947 and its drafts 02 and
 * 03, which differ in the vendor ID and in the numbers of two payloads.
 *
 *	NAT-D = hash(CKY-I | CKY-R | address | port)
 *
 * the first one of where the message goes to, the others of where it comes
 * from.
 */

#include "v1.h"

enum { VID_LEN = 16, NAT_LOOK = 16 };

/* In the order of preference; MD5 of their names (RFC 3706: fixed). */
static const struct vid {
	uint8_t	 natt;		/* enum natt1, or 0 */
	uint8_t	 b[VID_LEN];
} vids[] = {
	{ NATT1_RFC, { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c,
	    0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f } },	/* RFC 3947 */
	{ NATT1_D03, { 0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f, 0x2c,
	    0x17, 0x9d, 0x92, 0x15, 0x52, 0x9d, 0x56 } },	/* ...-03 */
	{ NATT1_D02N, { 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08,
	    0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f } },	/* ...-02\n */
	{ NATT1_D02, { 0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8, 0x7c,
	    0xfd, 0xb2, 0xfc, 0x68, 0xb6, 0xa4, 0x48 } },	/* ...-02 */
};

static const uint8_t	 vid_dpd[VID_LEN] = { 0xaf, 0xca, 0xd7, 0x13, 0x68,
    0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57, 0x01, 0x00 };
/* "FRAGMENTATION"; four octets of capabilities may follow */
static const uint8_t	 vid_frag[VID_LEN] = { 0x40, 0x48, 0xb7, 0xd5, 0x6e,
    0xbc, 0xe8, 0x85, 0x25, 0xe7, 0xde, 0x7f, 0x00, 0xd6, 0xc2, 0xd3 };

void
ike1_vids_put(struct pld1_out *o, const struct ike1 *v, int all)
{
	size_t	 i;

	for (i = 0; i < nitems(vids); i++)
		if (all || vids[i].natt == v->natt)
			pld1_raw_put(o, PLD1_VID, rd_of(vids[i].b, VID_LEN));
	pld1_raw_put(o, PLD1_VID, rd_of(vid_dpd, VID_LEN));
	pld1_raw_put(o, PLD1_VID, rd_of(vid_frag, VID_LEN));
}

/* What the peer calls itself: a vendor ID that is text. */
static void
name(struct sa *sa, struct rd b)
{
	size_t	 i;

	for (i = 0; i < b.n && i < sizeof(sa->vendor); i++)
		if (b.p[i] < ' ' || b.p[i] > 126)
			return;
	if (i >= 4 && sa->vendor[0] == '\0')
		ike_printable(sa->vendor, sizeof(sa->vendor), b);
}

void
ike1_vids_read(struct ike *ike, struct sa *sa, const struct msg1 *m)
{
	struct ike1	*v = sa->v1;
	struct rd	 b;
	size_t		 i, j;

	(void)ike;
	for (i = 0; i < m->p.n; i++) {
		if (m->p.p[i].type != PLD1_VID)
			continue;
		b = m->p.p[i].b;
		if (b.n < VID_LEN) {
			name(sa, b);
			continue;
		}
		for (j = 0; j < nitems(vids); j++)
			if (b.n == VID_LEN && vids[j].natt > v->natt &&
			    memcmp(b.p, vids[j].b, VID_LEN) == 0 &&
			    v->st <= ST1_MM1)
				v->natt = vids[j].natt;
		if (b.n == VID_LEN && memcmp(b.p, vid_dpd, VID_LEN) == 0)
			v->dpd = 1;
		if (b.n <= VID_LEN + 4 &&
		    memcmp(b.p, vid_frag, VID_LEN) == 0)
			v->frag = 1;
		name(sa, b);
	}
}

static int
nat_hash(const struct sa *sa, const struct addr *a, uint8_t *out)
{
	struct rd	 in;
	struct wr	 w;
	uint8_t		 b[34];

	w = wr_of(b, sizeof(b));
	wr_u64(&w, sa->spi_i);
	wr_u64(&w, sa->spi_r);
	wr_put(&w, a->a, addr_len(a->af));
	wr_u16(&w, a->port);
	in = rd_of(b, w.n);
	return (wr_end(&w) || hash(sa->a.prf, &in, 1, out) ? -1 : 0);
}

static void
put(struct pld1_out *o, const struct sa *sa, const uint8_t *h)
{
	pld1_begin(o, PLD1_NATD, sa->v1->natt != NATT1_RFC);
	wr_put(&o->w, h, sa->a.prf->outlen);
	pld1_end(o);
}

void
ike1_natd_put(struct ike *ike, struct sa *sa, struct pld1_out *o)
{
	uint8_t	 h[HASH1_MAX];

	if (sa->v1->natt == NATT1_NONE || nat_hash(sa, &sa->remote, h))
		return;
	put(o, sa, h);
	if (sa->forced || nat_hash(sa, &sa->local, h))
		ike->io->random(ike->io->arg, h, sa->a.prf->outlen);
	put(o, sa, h);
}

/* Compare what the peer saw with what we see; at most 16 are looked at. */
void
ike1_natd_read(struct sa *sa, const struct msg1 *m)
{
	const struct pld1	*p;
	uint8_t			 src[HASH1_MAX], dst[HASH1_MAX];
	size_t			 i, len = sa->a.prf->outlen;
	int			 ok_src = 0, ok_dst = 0;

	sa->nat_known = 0;
	if (sa->v1->natt == NATT1_NONE || nat_hash(sa, &m->d->remote, src) ||
	    nat_hash(sa, &m->d->local, dst))
		return;
	for (i = 0; i < NAT_LOOK && (p = pld1_nth(&m->p, PLD1_NATD, i)) !=
	    NULL; i++) {
		if (p->b.n != len)
			continue;
		if (i == 0)
			ok_dst = memcmp(p->b.p, dst, len) == 0;
		else
			ok_src |= memcmp(p->b.p, src, len) == 0;
	}
	if (i < 2)
		return;
	sa->nat_known = 1;
	sa->nat_there = !ok_src;
	sa->nat_here = !ok_dst;
	sa->udp = sa->nat_here || sa->nat_there || sa->forced;
}

/* Message 5 and all that follow go to port 4500 (RFC 3947 section 4). */
void
ike1_float(struct sa *sa)
{
	if (!sa->nat_known || sa->float_ || !sa->udp)
		return;
	sa->float_ = 1;
	sa->local.port = PORT_NATT;
	sa->remote.port = PORT_NATT;
}
