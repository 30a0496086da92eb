/* SPDX-License-Identifier: ISC */

/*
 * pfkey_openbsd.c: PF_KEYv2 of OpenBSD.  Policies are "flows", found by their
 * selector alone; an SA is bound to them by its peer and a pair of
 * identities.  Ours are names that nobody else uses: they bind, and they are
 * our mark.  The child of an SA is in its tag, "s2sd:" in and "peer:" out.
 */

#include <stdio.h>
#include <stdlib.h>

#include "pfkey.h"

enum {
	SATYPE_AH = 1, SATYPE_ESP,
	ADDFLOW = 12, DELFLOW, GRPSPIS, ASKPOLICY,
	EXT_SA = 1, EXT_CURRENT, EXT_HARD, EXT_SOFT, EXT_SRC, EXT_DST,
	EXT_PROXY, EXT_KEY_AUTH, EXT_KEY_ENCRYPT, EXT_ID_SRC, EXT_ID_DST,
	EXT_SPIRANGE = 16, EXT_SRC_MASK, EXT_DST_MASK, EXT_PROTOCOL,
	EXT_FLOW_TYPE, EXT_SRC_FLOW, EXT_DST_FLOW, EXT_UDPENCAP = 31,
	EXT_LASTUSE, EXT_TAG, EXT_COUNTER = 36, EXT_IFACE = 40,
	IFACE_IN = 1, IFACE_OUT,
	SAF_TUNNEL = 0x4, SAF_UDPENCAP = 0x200, SAF_ESN = 0x400,
	ID_FQDN = 2, FLOW_REQUIRE = 3, FLOW_BYPASS = 4, FLOW_DENY = 5,
	REPLAY_MAX = 64
};

static const struct pk_family fam = { PK_BSD, PK_AF6_OPENBSD };

static int
algs(const struct pk_dialect *d, const struct alg *encr,
    const struct alg *integ, uint8_t *e, uint8_t *a)
{
	return (pk_alg(d->sys, encr, integ, e, a));
}

/* --- building --- */

static void
bare(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, int ah)
{
	pk_begin(w, h, (uint8_t)type, d->satype[ah]);
	pk_end(w);
}

/* Port 0 everywhere but in selectors and their masks. */
static void
address(struct wr *w, uint16_t type, const struct addr *a, uint16_t port)
{
	size_t	 at = pk_ext(w, type);

	wr_h32(w, 0);
	pk_sockaddr(w, fam, a, port);
	pk_ext_end(w, at);
}

/* "s2sd:1f3a:7:4101": our daemon, tunnel, binding number. */
static void
identity(struct wr *w, uint16_t type, const char *who,
    const struct pk_hdr *h, uint32_t tunnel, uint32_t n)
{
	char	 text[PK_TEXT];
	size_t	 at = pk_ext(w, type);
	int	 len;

	len = snprintf(text, sizeof(text), "%s:%04x:%u:%u", who, h->life,
	    tunnel, n);
	wr_h16(w, ID_FQDN);
	wr_h16(w, 0);
	wr_h64(w, 0);
	wr_put(w, text, (size_t)len + 1);
	pk_ext_end(w, at);
}

/* ours, theirs; the kernel turns them round at an UPDATE. */
static void
identities(struct wr *w, const struct pk_hdr *h, uint32_t tunnel,
    uint32_t reqid, int turned)
{
	identity(w, turned ? EXT_ID_DST : EXT_ID_SRC, "s2sd", h, tunnel,
	    reqid);
	identity(w, turned ? EXT_ID_SRC : EXT_ID_DST, "peer", h, tunnel,
	    reqid);
}

static void
tag(struct wr *w, const struct pk_hdr *h, const struct pk_sa *s)
{
	char	 text[PK_TEXT];
	size_t	 at = pk_ext(w, EXT_TAG);
	int	 len;

	len = snprintf(text, sizeof(text), "%s:%04x:%u:%u",
	    s->in ? "s2sd" : "peer", h->life, s->tunnel, s->child);
	wr_h32(w, (uint32_t)len + 1);
	wr_put(w, text, (size_t)len + 1);
	pk_ext_end(w, at);
}

static void
getspi(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    const struct pk_sa *s)
{
	size_t	 at;

	pk_begin(w, h, PK_GETSPI, d->satype[s->ah]);
	address(w, EXT_SRC, &s->src, 0);
	address(w, EXT_DST, &s->dst, 0);
	at = pk_ext(w, EXT_SPIRANGE);
	wr_h32(w, s->spi);
	wr_h32(w, s->spi);
	pk_ext_end(w, at);
	pk_end(w);
}

static void
udpencap(struct wr *w, uint16_t port)
{
	size_t	 at = pk_ext(w, EXT_UDPENCAP);

	wr_u16(w, port);
	pk_ext_end(w, at);
}

/* The window is on or off; both directions: ESN out needs it too. */
static void
sa_ext(struct wr *w, const struct pk_sa *s)
{
	uint8_t		 e = 0, a = 0;
	uint32_t	 flags = SAF_TUNNEL;

	if (pk_alg(PK_SYS_OPENBSD, s->encr, s->integ, &e, &a) == -1)
		w->bad = 1;
	if (s->udp)
		flags |= SAF_UDPENCAP;
	if (s->esn)
		flags |= SAF_ESN;
	pk_sa_ext(w, s->spi, (uint8_t)(s->replay > REPLAY_MAX ? REPLAY_MAX :
	    s->replay), a, e, flags);
}

static void
lifetimes(struct wr *w, const struct pk_sa *s)
{
	pk_lifetime(w, EXT_HARD, s->hardbytes, s->life, 0);
	pk_lifetime(w, EXT_SOFT, s->softbytes, 0, 0);
}

/*
 * sec(4): no flow says what goes into it, the routes do; the newest SA out of
 * the device is the one that is used.
 */
static void
iface(struct wr *w, const struct pk_sa *s)
{
	size_t	 at = pk_ext(w, EXT_IFACE);

	wr_h32(w, s->ifunit);
	wr_u8(w, s->in ? IFACE_IN : IFACE_OUT);
	wr_zero(w, 7);
	pk_ext_end(w, at);
}

static void
put(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, const struct pk_sa *s)
{
	pk_begin(w, h, (uint8_t)type, d->satype[s->ah]);
	sa_ext(w, s);
	address(w, EXT_SRC, &s->src, 0);
	address(w, EXT_DST, &s->dst, 0);
	lifetimes(w, s);
	if (s->encr != NULL)
		pk_key(w, EXT_KEY_ENCRYPT, s->ek,
		    (size_t)s->encr->keylen + s->encr->saltlen);
	if (s->integ != NULL)
		pk_key(w, EXT_KEY_AUTH, s->ak, s->integ->keylen);
	if (s->udp)
		udpencap(w, s->in ? s->src.port : s->dst.port);
	identities(w, h, s->tunnel, s->reqid, type == PK_UPDATE);
	tag(w, h, s);
	if (s->ifunit != 0)
		iface(w, s);
	pk_end(w);
}

/* SRC is taken as it is, a new destination stands in PROXY. */
static int
move(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    const struct pk_sa *s, const struct addr *src, const struct addr *dst)
{
	pk_begin(w, h, PK_UPDATE, d->satype[s->ah]);
	sa_ext(w, s);
	address(w, EXT_SRC, src, 0);
	address(w, EXT_DST, &s->dst, 0);
	if (addr_cmp(&s->dst, dst, 0) != 0)
		address(w, EXT_PROXY, dst, 0);
	lifetimes(w, s);
	if (s->udp)
		udpencap(w, s->in ? src->port : dst->port);
	identities(w, h, s->tunnel, s->reqid, 1);
	tag(w, h, s);
	pk_end(w);
	return (0);
}

static void
name_sa(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, const struct pk_sa *s)
{
	pk_begin(w, h, (uint8_t)type, d->satype[s->ah]);
	pk_sa_ext(w, s->spi, 0, 0, 0, 0);
	address(w, EXT_SRC, &s->src, 0);
	address(w, EXT_DST, &s->dst, 0);
	pk_end(w);
}

static void
protocol(struct wr *w, uint16_t type, uint8_t proto, uint8_t dir)
{
	size_t	 at = pk_ext(w, type);

	wr_u8(w, proto);
	wr_u8(w, dir);
	pk_ext_end(w, at);
}

static void
mask(struct wr *w, uint16_t type, const struct net *n, uint16_t port)
{
	struct addr	 m;
	uint8_t		 i;

	memset(&m, 0, sizeof(m));
	m.af = n->a.af;
	for (i = 0; i < n->plen; i++)
		m.a[i / 8] |= (uint8_t)(0x80 >> i % 8);
	address(w, type, &m, port != 0 ? 0xffff : 0);
}

/*
 * A flow in still calls the peer its destination gateway; DELFLOW has neither
 * gateways nor identities.
 */
static void
pol(const struct pk_dialect *d, struct wr *w, const struct pk_hdr *h,
    enum pk_type type, const struct pk_pol *p)
{
	const struct addr	*us = p->dir == PK_IN ? &p->gdst : &p->gsrc;
	const struct addr	*peer = p->dir == PK_IN ? &p->gsrc : &p->gdst;

	pk_begin(w, h, type == PK_POLPUT ? ADDFLOW : DELFLOW,
	    d->satype[p->ah]);
	if (type == PK_POLPUT && p->action == PK_PROTECT) {
		if (us->af != 0)
			address(w, EXT_SRC, us, 0);
		address(w, EXT_DST, peer, 0);
	}
	protocol(w, EXT_FLOW_TYPE, p->action == PK_PROTECT ? FLOW_REQUIRE :
	    p->action == PK_PASS ? FLOW_BYPASS : FLOW_DENY, p->dir);
	address(w, EXT_SRC_FLOW, &p->src.a, p->sport);
	mask(w, EXT_SRC_MASK, &p->src, p->sport);
	address(w, EXT_DST_FLOW, &p->dst.a, p->dport);
	mask(w, EXT_DST_MASK, &p->dst, p->dport);
	protocol(w, EXT_PROTOCOL, p->ipproto, 0);
	if (type == PK_POLPUT)
		identities(w, h, p->tunnel, p->reqid, 0);
	pk_end(w);
}

/* --- reading --- */

static enum pk_type
neutral(uint8_t type)
{
	switch (type) {
	case ADDFLOW:
		return (PK_POLPUT);
	case DELFLOW:
		return (PK_POLDEL);
	case GRPSPIS:
	case ASKPOLICY:
		return (PK_OTHER);
	}
	return (type >= PK_GETSPI && type <= PK_PROMISC ?
	    (enum pk_type)type : PK_OTHER);
}

/* One of our names: 0 and its numbers, or -1: somebody else's. */
static int
name_get(struct rd r, uint16_t *life, uint32_t *tunnel, uint32_t *n)
{
	char		 text[PK_TEXT], *end;
	unsigned long	 v[3];
	size_t		 i, len = r.n < sizeof(text) ? r.n : sizeof(text);

	if (len < 6 || rd_copy(&r, text, len))
		return (-1);
	text[len - 1] = '\0';
	if (strncmp(text, "s2sd:", 5) != 0 && strncmp(text, "peer:", 5) != 0)
		return (-1);
	end = text + 4;
	for (i = 0; i < 3; i++) {
		if (*end++ != ':' || *end == '-' || *end == '\0')
			return (-1);
		v[i] = strtoul(end, &end, i == 0 ? 16 : 10);
	}
	if (*end != '\0' || v[0] > 0xffff || v[1] > UINT32_MAX ||
	    v[2] > UINT32_MAX)
		return (-1);
	*life = (uint16_t)v[0];
	*tunnel = (uint32_t)v[1];
	*n = (uint32_t)v[2];
	return (0);
}

static int
get_identity(struct rd r, struct pk_msg *m)
{
	if (rd_skip(&r, 12))
		return (-1);
	if (name_get(r, &m->life, &m->tunnel, &m->reqid) == 0)
		m->have |= PKH_MARK | PKH_REQID;
	return (0);
}

static int
get_tag(struct rd r, struct pk_msg *m)
{
	uint32_t	 tunnel, len;
	uint16_t	 life;
	struct rd	 text;

	if (rd_h32(&r, &len) || rd_sub(&r, len, &text))
		return (-1);
	if (name_get(text, &life, &tunnel, &m->child) == 0) {
		m->have |= PKH_CHILD | PKH_MARK;
		m->out = text.p[0] == 'p';
		m->life = life;
		m->tunnel = tunnel;
	}
	return (0);
}

static int
get_lifetime(struct rd r, uint16_t type, struct pk_msg *m)
{
	uint64_t	 bytes, addtime, usetime;
	uint32_t	 alloc;

	if (rd_h32(&r, &alloc) || rd_h64(&r, &bytes) ||
	    rd_h64(&r, &addtime) || rd_h64(&r, &usetime))
		return (-1);
	if (type == EXT_LASTUSE) {
		m->have |= PKH_LASTUSE;
		m->used = usetime;
	} else if (type == EXT_CURRENT) {
		m->have |= PKH_CURRENT;
		m->bytes = bytes;
	} else {
		m->have |= type == EXT_HARD ? PKH_HARD : PKH_SOFT;
		m->hard = type == EXT_HARD || m->hard;
	}
	return (0);
}

/* The one of both directions that is not zero. */
static int
get_counter(struct rd r, struct pk_msg *m)
{
	uint64_t	 in, out;

	if (rd_skip(&r, 4) || rd_h64(&r, &in) || rd_h64(&r, &out))
		return (-1);
	m->have |= PKH_COUNT;
	m->packets = in != 0 ? in : out;
	return (0);
}

/* A mask of a selector: the length of its prefix. */
static int
get_mask(struct rd r, struct net *n)
{
	struct addr	 m;
	uint8_t		 i, bits;

	if (rd_skip(&r, 4) || pk_sockaddr_get(&r, fam, &m))
		return (-1);
	bits = (uint8_t)(8 * addr_len(m.af));
	for (i = 0; i < bits && m.a[i / 8] & 0x80 >> i % 8; )
		i++;
	n->plen = i;
	for (; i < bits; i++)
		if (m.a[i / 8] & 0x80 >> i % 8)
			return (-1);
	return (0);
}

static int
get_address(struct rd r, struct addr *a, uint16_t *port)
{
	if (rd_skip(&r, 4) || pk_sockaddr_get(&r, fam, a))
		return (-1);
	*port = a->port;
	a->port = 0;
	return (0);
}

static int
get_flow_type(struct rd r, struct pk_msg *m)
{
	uint8_t	 what;

	if (rd_u8(&r, &what) || rd_u8(&r, &m->pol.dir))
		return (-1);
	m->have |= PKH_POLICY;
	m->pol.action = what == FLOW_DENY ? PK_DISCARD :
	    what == FLOW_BYPASS ? PK_PASS : PK_PROTECT;
	return (0);
}

static int
get_ext(uint16_t type, struct rd r, struct pk_msg *m, uint16_t *port)
{
	uint16_t	 none;

	switch (type) {
	case EXT_SA:
		m->have |= PKH_SA;
		return (rd_u32(&r, &m->spi));
	case EXT_CURRENT:
	case EXT_HARD:
	case EXT_SOFT:
	case EXT_LASTUSE:
		return (get_lifetime(r, type, m));
	case EXT_SRC:
		m->have |= PKH_SRC;
		return (get_address(r, &m->src, &none));
	case EXT_DST:
		m->have |= PKH_DST;
		return (get_address(r, &m->dst, &none));
	case EXT_ID_SRC:
	case EXT_ID_DST:
		return (get_identity(r, m));
	case EXT_SRC_FLOW:
		return (get_address(r, &m->pol.src.a, &m->pol.sport));
	case EXT_DST_FLOW:
		return (get_address(r, &m->pol.dst.a, &m->pol.dport));
	case EXT_SRC_MASK:
		return (get_mask(r, &m->pol.src));
	case EXT_DST_MASK:
		return (get_mask(r, &m->pol.dst));
	case EXT_PROTOCOL:
		return (rd_u8(&r, &m->pol.ipproto));
	case EXT_FLOW_TYPE:
		return (get_flow_type(r, m));
	case EXT_UDPENCAP:
		m->have |= PKH_NATT;
		return (rd_u16(&r, port));
	case EXT_TAG:
		return (get_tag(r, m));
	case EXT_COUNTER:
		return (get_counter(r, m));
	}
	return (0);
}

static int
get(const struct pk_dialect *d, struct rd r, struct pk_msg *m)
{
	uint16_t	 type, port = 0;
	struct rd	 body;
	uint8_t		 number;
	int		 k;

	if (pk_base(&r, m, &number) == -1)
		return (-1);
	m->type = neutral(number);
	while ((k = pk_next(&r, &type, &body)) == 1)
		if (get_ext(type, body, m, &port) != 0)
			return (-1);
	m->src.port = m->dst.port = port;	/* the peer's, whichever it is */
	m->pol.ah = m->satype == d->satype[1];
	m->pol.tunnel = m->tunnel;
	m->pol.reqid = m->reqid;
	m->pol.gsrc = m->pol.dir == PK_IN ? m->dst : m->src;
	m->pol.gdst = m->pol.dir == PK_IN ? m->src : m->dst;
	m->pol.gsrc.port = m->pol.gdst.port = 0;
	return (k);
}

const struct pk_dialect pk_openbsd = {
	.name = "OpenBSD", .sys = PK_SYS_OPENBSD, .satype = { SATYPE_ESP, SATYPE_AH },
	.snap = 1, .natt6 = 1, .prio = 1, .algs = algs, .bare = bare, .getspi = getspi,
	.put = put, .move = move, .name_sa = name_sa, .pol = pol, .get = get
};
