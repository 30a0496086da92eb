/* SPDX-License-Identifier: ISC */

/*
 * xfrm_msg.c: requests to Linux' XFRM.  Netlink numbers are in host order,
 * SPIs and ports in network order.
 */

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "proc.h"
#include "xfrm_int.h"

enum {
	ENCAP_ESPINUDP = 2,	/* RFC 3948 */
	/* of 2^32 numbers without ESN: renew, and end, before they repeat */
	SOFT_PACKETS = 0x0c, HARD_PACKETS = 0x0f,
	OUT_WINDOW = 32		/* asked for, never used, outbound with ESN */
};

static uint16_t
af_sys(uint8_t af)
{
	return (af == 4 ? AF_INET : AF_INET6);
}

static uint8_t
proto_of(int ah)
{
	return (ah ? IPPROTO_AH : IPPROTO_ESP);
}

static void
addr_to(xfrm_address_t *x, const struct addr *a)
{
	memset(x, 0, sizeof(*x));
	memcpy(x, a->a, addr_len(a->af));
}

/* Source and destination of a direction. */
static const struct addr *
src_of(const struct xsa *s, enum xfrm_way way)
{
	return (way == XW_IN ? &s->remote : &s->local);
}

static const struct addr *
dst_of(const struct xsa *s, enum xfrm_way way)
{
	return (way == XW_IN ? &s->local : &s->remote);
}

static uint32_t
spi_of(const struct xsa *s, enum xfrm_way way)
{
	return (way == XW_IN ? s->spi_in : s->spi_out);
}

/* --- SAs --- */

static void
note(struct xfrm_selector *sel, const struct xsa *s, enum xfrm_way way)
{
	struct xfrm_note	 n;

	n.tag[0] = (uint32_t)(s->t->tag >> 32);
	n.tag[1] = (uint32_t)s->t->tag;
	n.child = s->child;
	n.spi_other = spi_of(s, way == XW_IN ? XW_OUT : XW_IN);
	n.magic = XM_MAGIC;
	n.way = way;
	n.algs = (uint32_t)s->encr << 16 | s->integ;
	n.flags = s->rq_set != 0 ? XF_SET : 0;
	memcpy(&sel->saddr, &n, 16);
	memcpy(&sel->daddr, (const uint8_t *)&n + 16, 16);
	sel->user = XM_USER;
}

static void
limits(struct xfrm_lifetime_cfg *l, const struct xsa *s)
{
	l->soft_byte_limit = s->softbytes != 0 ? s->softbytes : XFRM_INF;
	l->hard_byte_limit = s->hardbytes != 0 ? s->hardbytes : XFRM_INF;
	l->soft_packet_limit = l->hard_packet_limit = XFRM_INF;
	if (!s->esn) {
		l->soft_packet_limit = (uint64_t)SOFT_PACKETS << 28;
		l->hard_packet_limit = (uint64_t)HARD_PACKETS << 28;
	}
	l->hard_add_expires_seconds = s->life;
}

static void
put_alg(struct nlbuf *b, const struct alg *a, const struct keyoct *k)
{
	union {
		struct xfrm_algo	 c;
		struct xfrm_algo_aead	 e;
		struct xfrm_algo_auth	 t;
		uint8_t			 room[sizeof(struct xfrm_algo_auth) +
					    KEYOCT_MAX];
	} u;
	enum xfrm_algkind	 kind;
	const char		*name = xfrm_alg(a, &kind);
	size_t			 n = 0;

	memset(&u, 0, sizeof(u));
	if (name == NULL || k->len > KEYOCT_MAX) {
		b->bad = 1;
		return;
	}
	/* the name comes first in all three */
	(void)snprintf(u.c.alg_name, sizeof(u.c.alg_name), "%s", name);
	switch (kind) {
	case XFRM_AEAD:
		u.e.alg_key_len = 8 * k->len;
		u.e.alg_icv_len = 8 * a->icvlen;
		n = sizeof(u.e);
		break;
	case XFRM_AUTH:
		u.t.alg_key_len = 8 * k->len;
		u.t.alg_trunc_len = 8 * a->icvlen;
		n = sizeof(u.t);
		break;
	default:
		u.c.alg_key_len = 8 * k->len;
		n = sizeof(u.c);
	}
	memcpy(u.room + n, k->d, k->len);
	nl_put(b, kind == XFRM_AEAD ? XFRMA_ALG_AEAD : kind == XFRM_AUTH ?
	    XFRMA_ALG_AUTH_TRUNC : XFRMA_ALG_CRYPT, &u, n + k->len);
	explicit_bzero(&u, sizeof(u));
}

static void
put_encap(struct nlbuf *b, const struct addr *src, const struct addr *dst)
{
	struct xfrm_encap_tmpl	 e;

	memset(&e, 0, sizeof(e));
	e.encap_type = ENCAP_ESPINUDP;
	e.encap_sport = htons(src->port);
	e.encap_dport = htons(dst->port);
	nl_put(b, XFRMA_ENCAP, &e, sizeof(e));
}

/*
 * Any window above 32 goes by the bitmap, whether the numbers are extended or
 * not.  Outbound there is no window; without a direction the kernel wants
 * one with ESN all the same.
 */
static void
put_replay(struct nlbuf *b, const struct xsa *s, enum xfrm_way way, int dir)
{
	struct {
		struct xfrm_replay_state_esn	 e;
		uint32_t			 map[XFRMA_REPLAY_ESN_MAX / 32];
	} r;
	uint32_t	 win = s->replay;

	memset(&r, 0, sizeof(r));
	if (way == XW_OUT)
		win = s->esn && !dir ? OUT_WINDOW : 0;
	else if (s->esn && win == 0)
		win = 1;
	if (win > XFRMA_REPLAY_ESN_MAX)
		win = XFRMA_REPLAY_ESN_MAX;
	if (win == 0 && !s->esn)
		return;
	r.e.bmp_len = (win + 31) / 32;
	r.e.replay_window = win;
	nl_put(b, XFRMA_REPLAY_ESN_VAL, &r, sizeof(r.e) + 4 * r.e.bmp_len);
}

/* Our own packets carry the mark that the routing rule excepts. */
static void
put_mark(struct nlbuf *b)
{
	nl_u32(b, XA_SET_MARK, S2SD_MARK);
	nl_u32(b, XA_SET_MARK_MASK, UINT32_MAX);
}

/* The card encrypts and checks, the rest stays the kernel's. */
static void
put_nic(struct nlbuf *b, const struct xsa *s, enum xfrm_way way)
{
	struct xfrm_user_offload	 o;

	memset(&o, 0, sizeof(o));
	o.ifindex = (int)s->nic;
	o.flags = way == XW_IN ? XFRM_OFFLOAD_INBOUND : 0;
	nl_put(b, XFRMA_OFFLOAD_DEV, &o, sizeof(o));
}

void
xfrm_put_sa(struct nlbuf *b, const struct xsa *s, enum xfrm_way way,
    uint16_t type, const struct xfrm_keys *k, int dir)
{
	const struct addr	*src = src_of(s, way), *dst = dst_of(s, way);
	struct xfrm_usersa_info	 u;

	memset(&u, 0, sizeof(u));
	note(&u.sel, s, way);
	addr_to(&u.id.daddr, dst);
	addr_to(&u.saddr, src);
	u.id.spi = htonl(spi_of(s, way));
	u.id.proto = proto_of(s->ah);
	u.family = af_sys(dst->af);
	u.mode = s->transport ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL;
	u.reqid = way == XW_IN ? s->t->reqid : s->rq_out;
	u.flags = s->esn ? XFRM_STATE_ESN : 0;
	/* RFC 4302 section 2.6: of 32 bits with IPv4; Linux would say 64 */
	if (s->ah && dst->af == 4)
		u.flags |= XFRM_STATE_ALIGN4;
	/* either family inside; no DF outside, as on our UDP sockets */
	if (s->transport)
		u.sel.family = u.family;
	else
		u.flags |= XFRM_STATE_AF_UNSPEC;
	if (way == XW_OUT && dst->af == 4 && !s->transport)
		u.flags |= XFRM_STATE_NOPMTUDISC;
	limits(&u.lft, s);
	nl_msg(b, type, NLM_F_ACK | (type == XFRM_MSG_NEWSA ?
	    NLM_F_CREATE | NLM_F_EXCL : 0), &u, sizeof(u));
	if (!s->ah)
		put_alg(b, alg_num(s->encr), k->e);
	if (s->integ != 0)
		put_alg(b, alg_num(s->integ), k->a);
	if (s->udp)
		put_encap(b, src, dst);
	put_replay(b, s, way, dir);
	if (way == XW_OUT)
		put_mark(b);
	if (s->t->if_id != 0)
		nl_u32(b, XA_IF_ID, s->t->if_id);
	if (dir)
		nl_u8(b, XA_SA_DIR, (uint8_t)way);
	if (way == XW_OUT && s->cpu != 0)
		nl_u32(b, XA_SA_PCPU, s->cpu - 1u);
	if (s->nic != 0)
		put_nic(b, s, way);
	nl_end(b);
}

void
xfrm_put_said(struct nlbuf *b, uint16_t type, const struct xsa *s,
    enum xfrm_way way)
{
	const struct addr	*dst = dst_of(s, way);
	struct xfrm_usersa_id	 id;

	memset(&id, 0, sizeof(id));
	addr_to(&id.daddr, dst);
	id.spi = htonl(spi_of(s, way));
	id.family = af_sys(dst->af);
	id.proto = proto_of(s->ah);
	nl_msg(b, type, NLM_F_ACK, &id, sizeof(id));
	nl_end(b);
}

void
xfrm_put_dump(struct nlbuf *b, uint16_t type)
{
	struct xfrm_userpolicy_id	 p;
	struct xfrm_usersa_id		 s;

	memset(&p, 0, sizeof(p));
	memset(&s, 0, sizeof(s));
	if (type == XFRM_MSG_GETSA)
		nl_msg(b, type, NLM_F_DUMP, &s, sizeof(s));
	else
		nl_msg(b, type, NLM_F_DUMP, &p, sizeof(p));
	nl_end(b);
}

/* --- policies --- */

void
xfrm_put_pol(struct nlbuf *b, const struct xpol *p)
{
	struct xfrm_userpolicy_info	 u;
	struct xfrm_user_tmpl		 t;

	memset(&u, 0, sizeof(u));
	u.sel = p->sel;
	u.lft.soft_byte_limit = u.lft.hard_byte_limit = XFRM_INF;
	u.lft.soft_packet_limit = u.lft.hard_packet_limit = XFRM_INF;
	u.priority = p->prio;
	u.dir = p->dir;
	u.action = XFRM_POLICY_ALLOW;
	memset(&t, 0, sizeof(t));
	addr_to(&t.id.daddr, &p->dst);
	addr_to(&t.saddr, &p->src);
	t.id.proto = proto_of(p->ah);
	t.family = af_sys(p->dst.af);
	t.reqid = p->reqid;
	t.mode = p->transport ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL;
	t.aalgos = t.ealgos = t.calgos = UINT32_MAX;
	/* replaces one with the same selector, or is new */
	nl_msg(b, XFRM_MSG_UPDPOLICY, NLM_F_ACK, &u, sizeof(u));
	nl_put(b, XFRMA_TMPL, &t, sizeof(t));
	if (p->if_id != 0)
		nl_u32(b, XA_IF_ID, p->if_id);
	nl_end(b);
}

void
xfrm_put_poldel(struct nlbuf *b, const struct xpol *p)
{
	struct xfrm_userpolicy_id	 u;

	memset(&u, 0, sizeof(u));
	u.sel = p->sel;
	u.dir = p->dir;
	nl_msg(b, XFRM_MSG_DELPOLICY, NLM_F_ACK, &u, sizeof(u));
	if (p->if_id != 0)
		nl_u32(b, XA_IF_ID, p->if_id);
	nl_end(b);
}

void
xfrm_put_migrate(struct nlbuf *b, const struct xpol *p, const struct xsa *s,
    const struct addr *local, const struct addr *remote)
{
	int				 out = p->dir == XFRM_POLICY_OUT;
	struct xfrm_userpolicy_id	 u;
	struct xfrm_user_migrate	 m;

	memset(&u, 0, sizeof(u));
	u.sel = p->sel;
	u.dir = p->dir;
	memset(&m, 0, sizeof(m));
	addr_to(&m.old_saddr, &p->src);
	addr_to(&m.old_daddr, &p->dst);
	addr_to(&m.new_saddr, out ? local : remote);
	addr_to(&m.new_daddr, out ? remote : local);
	m.proto = proto_of(s->ah);
	m.mode = s->transport ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL;
	m.reqid = p->reqid;
	m.old_family = af_sys(p->dst.af);
	m.new_family = af_sys(remote->af);
	nl_msg(b, XFRM_MSG_MIGRATE, NLM_F_ACK, &u, sizeof(u));
	nl_put(b, XFRMA_MIGRATE, &m, sizeof(m));
	if (s->udp)
		put_encap(b, out ? local : remote, out ? remote : local);
	if (p->if_id != 0)
		nl_u32(b, XA_IF_ID, p->if_id);
	nl_end(b);
}

/*
 * FNV-1a over the record as it travels, without the numbers at its end that
 * may change while a tunnel stays what it is.
 */
uint64_t
xfrm_tag(const struct tunnel *t)
{
	uint8_t		*buf;
	uint64_t	 h = 0xcbf29ce484222325ull;
	struct wr	 w;
	size_t		 i;

	if ((buf = malloc(TUNNEL_WIRE_MAX)) == NULL)
		return (0);
	w = wr_of(buf, TUNNEL_WIRE_MAX);
	tunnel_put(&w, t);
	for (i = 0; i + TUNNEL_SOFT < w.n; i++)
		h = (h ^ buf[i]) * 0x100000001b3ull;
	free(buf);
	return (h);
}
