/* SPDX-License-Identifier: ISC */

/*
 * pfkey_kame.c: PF_KEYv2 as the KAME project extended it: FreeBSD, NetBSD and
 * Linux' af_key.  Policies are entries of an SPD; a reqid binds an SA to its
 * policy (level "unique").
 */

#include "pfkey.h"
#include "pfkey_alg.h"

enum {
	SATYPE_AH = 2, SATYPE_ESP,
	SPDUPDATE = 13, SPDADD, SPDDELETE, SPDGET, SPDACQUIRE, SPDDUMP,
	SPDFLUSH, SPDDELETE2 = 22, NEW_MAPPING,
	EXT_SA = 1, EXT_CURRENT, EXT_HARD, EXT_SOFT, EXT_SRC, EXT_DST,
	EXT_KEY_AUTH = 8, EXT_KEY_ENCRYPT, EXT_SPIRANGE = 16,
	EXT_POLICY = 18, EXT_SA2, EXT_NATT_TYPE, EXT_NATT_SPORT,
	EXT_NATT_DPORT, EXT_SA_REPLAY = 26, EXT_NEW_SRC, EXT_NEW_DST,
	SAF_ESN = 0x400, MODE_TUNNEL = 2, PROTO_ANY = 255, PROTO_ESP = 50, PROTO_AH,
	POL_DISCARD = 0, POL_NONE, POL_IPSEC, LEVEL_UNIQUE = 3,
	UDP_ENCAP_ESPINUDP = 2
};

/* Where the three differ. */
struct variant {
	enum pk_system	 sys;
	struct pk_family fam;
	uint8_t		 wide;		/* ipsecrequest: 16 octets, not 8 */
	uint8_t		 replay8;	/* sadb_sa_replay counts 8 packets */
	uint8_t		 sa_replay;	/* and has an extension for more */
	uint8_t		 prio;		/* sadb_x_policy_priority */
	uint8_t		 new_addr;	/* UPDATE with NEW_ADDRESS_* */
	uint8_t		 new_port;	/* UPDATE with other ports */
};

static const struct variant variants[] = {
	[PK_SYS_FREEBSD] = { .sys = PK_SYS_FREEBSD,
	    .fam = { PK_BSD, PK_AF6_FREEBSD }, .replay8 = 1, .sa_replay = 1,
	    .prio = 1, .new_addr = 1 },
	[PK_SYS_NETBSD] = { .sys = PK_SYS_NETBSD,
	    .fam = { PK_BSD, PK_AF6_NETBSD }, .replay8 = 1 },
	[PK_SYS_LINUX] = { .sys = PK_SYS_LINUX, .fam = { 0, PK_AF6_LINUX },
	    .wide = 1, .prio = 1, .new_port = 1 },
};

static const struct variant *
variant(const struct pk_dialect *d)
{
	return (&variants[d == &pk_freebsd ? PK_SYS_FREEBSD :
	    d == &pk_netbsd ? PK_SYS_NETBSD : PK_SYS_LINUX]);
}

static int
kame_algs(const struct pk_dialect *d, const struct alg *encr,
    const struct alg *integ, uint8_t *e, uint8_t *a)
{
	return (pk_alg(variant(d)->sys, encr, integ, e, a));
}

/* --- building --- */

static void
bare(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, int ah)
{
	uint8_t	 n = type == PK_POLDUMP ? SPDDUMP : (uint8_t)type;

	/* a dump is of all SAs */
	pk_begin(w, h, n, type == PK_POLDUMP || type == PK_DUMP ? 0 :
	    d->satype[ah]);
	pk_end(w);
}

static void
address(struct wr *w, const struct variant *v, uint16_t type,
    const struct addr *a, uint8_t plen, uint8_t ipproto, uint16_t port)
{
	size_t	 at = pk_ext(w, type);

	wr_u8(w, ipproto);
	wr_u8(w, plen);
	wr_h16(w, 0);
	pk_sockaddr(w, v->fam, a, port);
	pk_ext_end(w, at);
}

/* Ports must be zero here: they have extensions of their own. */
static void
outer(struct wr *w, const struct variant *v, uint16_t type,
    const struct addr *a)
{
	address(w, v, type, a, (uint8_t)(8 * addr_len(a->af)), PROTO_ANY, 0);
}

static void
sa2(struct wr *w, uint32_t reqid)
{
	size_t	 at = pk_ext(w, EXT_SA2);

	wr_u8(w, MODE_TUNNEL);
	wr_zero(w, 3);
	wr_h32(w, 0);
	wr_h32(w, reqid);
	pk_ext_end(w, at);
}

static void
natt(struct wr *w, uint16_t sport, uint16_t dport)
{
	size_t	 at = pk_ext(w, EXT_NATT_TYPE);

	wr_u8(w, UDP_ENCAP_ESPINUDP);
	pk_ext_end(w, at);
	at = pk_ext(w, EXT_NATT_SPORT);
	wr_u16(w, sport);
	pk_ext_end(w, at);
	at = pk_ext(w, EXT_NATT_DPORT);
	wr_u16(w, dport);
	pk_ext_end(w, at);
}

/* With mode and reqid: FreeBSD's UPDATE finds only what agrees in them,
 * Linux' GETSPI would make it transport mode. */
static void
getspi(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    const struct pk_sa *s)
{
	const struct variant	*v = variant(d);
	size_t			 at;

	pk_begin(w, h, PK_GETSPI, d->satype[s->ah]);
	outer(w, v, EXT_SRC, &s->src);
	outer(w, v, EXT_DST, &s->dst);
	sa2(w, s->reqid);
	at = pk_ext(w, EXT_SPIRANGE);
	wr_h32(w, s->spi);
	wr_h32(w, s->spi);
	pk_ext_end(w, at);
	pk_end(w);
}

/* The window in the unit of this kernel; 255 is the most. */
static uint8_t
window(const struct variant *v, uint32_t packets)
{
	uint32_t	 n = v->replay8 ? (packets + 7) / 8 : packets;

	return (n > 255 ? 255 : (uint8_t)n);
}

/* HARD and SOFT: both or neither; a limit of 0 is none. */
static void
lifetimes(struct wr *w, const struct pk_hdr *h, const struct pk_sa *s)
{
	pk_lifetime(w, EXT_HARD, s->hardbytes, s->life,
	    pk_mark(h->life, s->tunnel, 0));
	pk_lifetime(w, EXT_SOFT, s->softbytes, 0,
	    pk_mark(h->life, s->child, !s->in));
}

static void
keys(struct wr *w, const struct pk_sa *s)
{
	if (s->encr != NULL)
		pk_key(w, EXT_KEY_ENCRYPT, s->ek,
		    (size_t)s->encr->keylen + s->encr->saltlen);
	if (s->integ != NULL)
		pk_key(w, EXT_KEY_AUTH, s->ak, s->integ->keylen);
}

static void
put(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, const struct pk_sa *s)
{
	const struct variant	*v = variant(d);
	uint8_t			 e, a;
	size_t			 at;

	if (kame_algs(d, s->encr, s->integ, &e, &a) == -1) {
		w->bad = 1;
		return;
	}
	pk_begin(w, h, (uint8_t)type, d->satype[s->ah]);
	pk_sa_ext(w, s->spi, window(v, s->replay), a, e,
	    s->esn ? SAF_ESN : 0);
	sa2(w, s->reqid);
	outer(w, v, EXT_SRC, &s->src);
	outer(w, v, EXT_DST, &s->dst);
	lifetimes(w, h, s);
	keys(w, s);
	if (s->udp)
		natt(w, s->src.port, s->dst.port);
	if (v->sa_replay && s->replay > 255 * 8) {
		at = pk_ext(w, EXT_SA_REPLAY);
		wr_h32(w, s->replay);
		pk_ext_end(w, at);
	}
	pk_end(w);
}

/*
 * FreeBSD: old addresses, new ones in extensions, no key.  Linux: other ports
 * alone; a key must be there and is not used, the lifetimes are taken anew.
 */
static int
move(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    const struct pk_sa *s, const struct addr *src, const struct addr *dst)
{
	const struct variant	*v = variant(d);
	struct pk_sa		 to = *s;
	int			 same;

	same = addr_cmp(&s->src, src, 0) == 0 && addr_cmp(&s->dst, dst, 0) == 0;
	if (v->new_port) {
		if (!same || !s->udp)
			return (-1);
		to.src = *src;
		to.dst = *dst;
		to.ek = to.ak = NULL;
		put(d, w, h, PK_UPDATE, &to);
		return (0);
	}
	if (!v->new_addr)
		return (-1);
	pk_begin(w, h, PK_UPDATE, d->satype[s->ah]);
	pk_sa_ext(w, s->spi, 0, 0, 0, 0);
	sa2(w, s->reqid);
	outer(w, v, EXT_SRC, &s->src);
	outer(w, v, EXT_DST, &s->dst);
	if (!same) {
		outer(w, v, EXT_NEW_SRC, src);
		outer(w, v, EXT_NEW_DST, dst);
	}
	if (s->udp)
		natt(w, src->port, dst->port);
	pk_end(w);
	return (0);
}

/* Never without the SA: a DELETE of a mere pair of addresses means them all. */
static void
name_sa(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, const struct pk_sa *s)
{
	const struct variant	*v = variant(d);

	pk_begin(w, h, (uint8_t)type, d->satype[s->ah]);
	pk_sa_ext(w, s->spi, 0, 0, 0, 0);
	outer(w, v, EXT_SRC, &s->src);
	outer(w, v, EXT_DST, &s->dst);
	if (s->udp && v->sys == PK_SYS_NETBSD)	/* ports are in its index */
		natt(w, s->src.port, s->dst.port);
	pk_end(w);
}

/*
 * Lower numbers come first.  The more specific selector before the wider one,
 * what protects before what blocks the same; all of them behind s2sd-host's
 * "pass" and before its block, DESIGN.md section 2.
 */
static uint32_t
priority(const struct pk_pol *p)
{
	uint32_t	 spec = (uint32_t)(p->src.plen + p->dst.plen) / 2;

	return (0x533203fe - 2 * spec - (p->action != PK_DISCARD));
}

/* An ipsecrequest; its length counts octets, whatever the header says. */
static void
request(struct wr *w, const struct variant *v, const struct pk_pol *p)
{
	size_t		 sum = (size_t)2 * (p->gdst.af == 6 ? 28 : 16), pad;
	struct addr	 src = p->gsrc;

	if (src.af == 0)
		src.af = p->gdst.af;	/* any */
	pad = (8 - sum % 8) % 8;
	wr_h16(w, (uint16_t)((v->wide ? 16 : 8) + sum + pad));
	wr_h16(w, p->ah ? PROTO_AH : PROTO_ESP);
	wr_u8(w, MODE_TUNNEL);
	wr_u8(w, LEVEL_UNIQUE);
	if (v->wide) {
		wr_h16(w, 0);
		wr_h32(w, p->reqid);
		wr_h32(w, 0);
	} else
		wr_h16(w, (uint16_t)p->reqid);
	if (p->gdst.af == 0 || src.af != p->gdst.af)
		w->bad = 1;
	pk_sockaddr(w, v->fam, &src, 0);
	pk_sockaddr(w, v->fam, &p->gdst, 0);
	wr_zero(w, pad);
}

static void
policy(struct wr *w, const struct variant *v, const struct pk_pol *p)
{
	size_t	 at = pk_ext(w, EXT_POLICY);

	wr_h16(w, p->action == PK_PROTECT ? POL_IPSEC :
	    p->action == PK_PASS ? POL_NONE : POL_DISCARD);
	wr_u8(w, p->dir);
	wr_u8(w, 0);
	wr_h32(w, 0);			/* the kernel's number */
	wr_h32(w, v->prio ? priority(p) : 0);
	if (p->action == PK_PROTECT)
		request(w, v, p);
	pk_ext_end(w, at);
}

static void
pol(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, const struct pk_pol *p)
{
	const struct variant	*v = variant(d);
	uint8_t			 proto;
	struct pk_pol		 named = *p;

	proto = p->ipproto == 0 ? PROTO_ANY : p->ipproto;
	pk_begin(w, h, type == PK_POLPUT ? SPDUPDATE : SPDDELETE, 0);
	address(w, v, EXT_SRC, &p->src.a, p->src.plen, proto, p->sport);
	address(w, v, EXT_DST, &p->dst.a, p->dst.plen, proto, p->dport);
	if (type == PK_POLPUT) {
		policy(w, v, p);
		pk_lifetime(w, EXT_HARD, 0, 0, pk_mark(h->life, p->tunnel,
		    0));
	} else {
		/* direction and selector name it, a template does not */
		named.action = PK_DISCARD;
		policy(w, v, &named);
	}
	pk_end(w);
}

/* --- reading --- */

static enum pk_type
neutral(uint8_t type)
{
	switch (type) {
	case SPDUPDATE:
	case SPDADD:
		return (PK_POLPUT);
	case SPDDELETE:
	case SPDDELETE2:
		return (PK_POLDEL);
	case SPDDUMP:
		return (PK_POLDUMP);
	case SPDFLUSH:
		return (PK_POLFLUSH);
	case NEW_MAPPING:
		return (PK_MAPPING);
	}
	return (type >= PK_GETSPI && type <= PK_PROMISC ?
	    (enum pk_type)type : PK_OTHER);
}

static int
get_address(struct rd r, const struct variant *v, struct addr *a,
    struct net *n, uint8_t *ipproto, uint16_t *port)
{
	uint8_t	 plen;

	if (rd_u8(&r, ipproto) || rd_u8(&r, &plen) || rd_skip(&r, 2) ||
	    pk_sockaddr_get(&r, v->fam, a))
		return (-1);
	if (plen > 8 * addr_len(a->af))
		return (-1);
	*port = a->port;
	n->a = *a;
	n->a.port = 0;
	n->plen = plen;
	if (*ipproto == PROTO_ANY)
		*ipproto = 0;
	return (0);
}

static int
get_request(struct rd r, const struct variant *v, struct pk_msg *m)
{
	uint16_t	 len, proto, reqid16;
	uint8_t		 mode, level;
	uint32_t	 reqid;

	if (rd_end(&r) == 0)
		return (0);		/* none */
	if (rd_h16(&r, &len) || rd_h16(&r, &proto) || rd_u8(&r, &mode) ||
	    rd_u8(&r, &level) || rd_h16(&r, &reqid16))
		return (-1);
	reqid = reqid16;
	if (v->wide && (rd_h32(&r, &reqid) || rd_skip(&r, 4)))
		return (-1);
	m->pol.reqid = reqid;
	m->pol.ah = proto == PROTO_AH;
	if (mode != MODE_TUNNEL)
		return (0);
	return (pk_sockaddr_get(&r, v->fam, &m->pol.gsrc) ||
	    pk_sockaddr_get(&r, v->fam, &m->pol.gdst) ? -1 : 0);
}

static int
get_policy(struct rd r, const struct variant *v, struct pk_msg *m)
{
	uint16_t	 type;
	uint8_t		 dir;

	if (rd_h16(&r, &type) || rd_u8(&r, &dir) || rd_skip(&r, 1) ||
	    rd_h32(&r, &m->polid) || rd_skip(&r, 4))
		return (-1);
	m->have |= PKH_POLICY;
	m->pol.dir = dir;
	m->pol.action = type == POL_IPSEC ? PK_PROTECT :
	    type == POL_DISCARD ? PK_DISCARD : PK_PASS;
	return (type == POL_IPSEC ? get_request(r, v, m) : 0);
}

static int
get_lifetime(struct rd r, uint16_t type, struct pk_msg *m)
{
	uint64_t	 bytes, addtime, usetime;
	uint32_t	 alloc;
	int		 out;

	if (rd_h32(&r, &alloc) || rd_h64(&r, &bytes) ||
	    rd_h64(&r, &addtime) || rd_h64(&r, &usetime))
		return (-1);
	if (type == EXT_CURRENT) {
		m->have |= PKH_CURRENT;
		m->packets = alloc;
		m->bytes = bytes;
		m->used = usetime;
	} else if (type == EXT_HARD) {
		m->have |= PKH_HARD;
		m->hard = 1;
		if (pk_mark_get(usetime, &m->life, &m->tunnel, &out) == 0)
			m->have |= PKH_MARK;
	} else {
		m->have |= PKH_SOFT;
		if (pk_mark_get(usetime, &m->life, &m->child, &out) == 0) {
			m->have |= PKH_CHILD;
			m->out = (uint8_t)out;
		}
	}
	return (0);
}

static int
get_ext(const struct variant *v, uint16_t type, struct rd r,
    struct pk_msg *m, uint16_t *port)
{
	uint8_t	 proto;

	switch (type) {
	case EXT_SA:
		m->have |= PKH_SA;
		return (rd_u32(&r, &m->spi));
	case EXT_CURRENT:
	case EXT_HARD:
	case EXT_SOFT:
		return (get_lifetime(r, type, m));
	case EXT_SRC:
		m->have |= PKH_SRC;
		return (get_address(r, v, &m->src, &m->pol.src,
		    &m->pol.ipproto, &m->pol.sport));
	case EXT_DST:
		m->have |= PKH_DST;
		return (get_address(r, v, &m->dst, &m->pol.dst, &proto,
		    &m->pol.dport));
	case EXT_SA2:
		m->have |= PKH_REQID;
		return (rd_skip(&r, 8) || rd_h32(&r, &m->reqid) ? -1 : 0);
	case EXT_POLICY:
		return (get_policy(r, v, m));
	case EXT_NATT_SPORT:
	case EXT_NATT_DPORT:
		m->have |= PKH_NATT;
		return (rd_u16(&r, &port[type - EXT_NATT_SPORT]));
	}
	return (0);			/* keys and whatever else */
}

static int
get(const struct pk_dialect *d, struct rd r, struct pk_msg *m)
{
	const struct variant	*v = variant(d);
	uint16_t		 type, port[2] = { 0, 0 };
	uint8_t			 number;
	struct rd		 body;
	int			 k;

	if (pk_base(&r, m, &number) == -1)
		return (-1);
	m->type = neutral(number);
	while ((k = pk_next(&r, &type, &body)) == 1)
		if (get_ext(v, type, body, m, port) != 0)
			return (-1);
	m->src.port = port[0];
	m->dst.port = port[1];
	return (k);
}

#define SATYPES	.satype = { SATYPE_ESP, SATYPE_AH }
#define KAME_OPS .algs = kame_algs, .bare = bare, .getspi = getspi, \
	.put = put, .move = move, .name_sa = name_sa, .pol = pol, .get = get

const struct pk_dialect pk_freebsd = {
	.name = "FreeBSD", .sys = PK_SYS_FREEBSD, SATYPES,
	.prio = 1, KAME_OPS
};
const struct pk_dialect pk_netbsd = {
	.name = "NetBSD", .sys = PK_SYS_NETBSD, SATYPES, KAME_OPS
};
const struct pk_dialect pk_linux = {
	.name = "Linux", .sys = PK_SYS_LINUX, SATYPES,
	.fwd = 1, .natt6 = 1, .oneaf = 1, .prio = 1, KAME_OPS
};
