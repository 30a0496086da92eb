/* SPDX-License-Identifier: ISC */

/* xfrm_kernel.c: see xfrm_kernel.h. */

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "xfrm_kernel.h"

static void
queue(struct xk *k, int ev, const void *d, size_t n, int err)
{
	if (k->nq[ev] == XK_ANSWERS)
		abort();
	if ((k->q[ev][k->nq[ev]].d = malloc(n + 1)) == NULL)
		abort();
	if (n > 0)
		memcpy(k->q[ev][k->nq[ev]].d, d, n);
	k->q[ev][k->nq[ev]].n = n;
	k->q[ev][k->nq[ev]++].err = err;
}

static void
answer(struct xk *k, int ev, struct nlbuf *b)
{
	queue(k, ev, b->d, b->n, 0);
	nl_clear(b);
}

static struct nlbuf
begin(uint32_t seq)
{
	struct nlbuf	 b = { 0 };

	b.seq = seq - 1;
	return (b);
}

static void
ack(struct xk *k, const struct nlmsg *m, int err)
{
	struct nlbuf	 b = begin(m->seq);
	struct {
		int32_t		 err;
		struct nlmsghdr	 h;
	} e;

	memset(&e, 0, sizeof(e));
	e.err = -err;
	nl_msg(&b, NLMSG_ERROR, 0, &e, sizeof(e));
	nl_end(&b);
	answer(k, 0, &b);
}

/* --- SAs --- */

struct xk_sa *
xk_find(struct xk *k, uint32_t spi)
{
	size_t	 i;

	for (i = 0; i < k->nsa; i++)
		if (ntohl(k->sa[i].u.id.spi) == spi)
			return (&k->sa[i]);
	return (NULL);
}

static struct xk_sa *
find(struct xk *k, const xfrm_address_t *d, uint32_t spi, uint8_t proto)
{
	size_t	 i;

	for (i = 0; i < k->nsa; i++)
		if (k->sa[i].u.id.spi == spi && k->sa[i].u.id.proto == proto &&
		    memcmp(&k->sa[i].u.id.daddr, d, sizeof(*d)) == 0)
			return (&k->sa[i]);
	return (NULL);
}

/* Name, bits of key, bits of ICV (0: has none). */
static const struct { const char *name; uint32_t bits[3], icv; } aead[] = {
	{ "rfc4106(gcm(aes))", { 160, 224, 288 }, 128 },
	{ "rfc7539esp(chacha20,poly1305)", { 288, 0, 0 }, 128 },
};
static const struct { const char *name; uint32_t bits[3], icv; } plain[] = {
	{ "cbc(aes)", { 128, 192, 256 }, 0 },
	{ "hmac(sha1)", { 160, 0, 0 }, 96 },
	{ "hmac(sha256)", { 256, 0, 0 }, 128 },
	{ "hmac(sha384)", { 384, 0, 0 }, 192 },
	{ "hmac(sha512)", { 512, 0, 0 }, 256 },
};

static int
bits_ok(const uint32_t *b, uint32_t have)
{
	return (have != 0 && (b[0] == have || b[1] == have || b[2] == have));
}

static int
get_aead(struct rd v, struct xk_sa *s)
{
	struct xfrm_algo_aead	 a;
	size_t			 i;

	if (rd_copy(&v, &a, sizeof(a)) || v.n != a.alg_key_len / 8)
		return (EINVAL);
	for (i = 0; i < nitems(aead); i++)
		if (strcmp(a.alg_name, aead[i].name) == 0 &&
		    bits_ok(aead[i].bits, a.alg_key_len) &&
		    a.alg_icv_len == aead[i].icv) {
			memcpy(s->alg, a.alg_name, sizeof(s->alg));
			s->icv = a.alg_icv_len;
			return (rd_copy(&v, s->key, v.n) ? EINVAL : 0);
		}
	return (ENOSYS);
}

static int
get_plain(struct rd v, struct xk_sa *s, int auth)
{
	struct xfrm_algo_auth	 a;
	struct xfrm_algo	 c;
	uint32_t		 bits, icv = 0;
	char			 name[64];
	size_t			 i;

	if (auth) {
		if (rd_copy(&v, &a, sizeof(a)))
			return (EINVAL);
		memcpy(name, a.alg_name, sizeof(name));
		bits = a.alg_key_len;
		icv = a.alg_trunc_len;
	} else {
		if (rd_copy(&v, &c, sizeof(c)))
			return (EINVAL);
		memcpy(name, c.alg_name, sizeof(name));
		bits = c.alg_key_len;
	}
	if (v.n != bits / 8)
		return (EINVAL);
	for (i = 0; i < nitems(plain); i++)
		if (strcmp(name, plain[i].name) == 0 &&
		    bits_ok(plain[i].bits, bits) && icv == plain[i].icv) {
			memcpy(auth ? s->auth : s->alg, name, sizeof(name));
			if (auth)
				s->icv = icv;
			else if (rd_copy(&v, s->key, v.n))
				return (EINVAL);
			return (0);
		}
	return (ENOSYS);
}

static int
get_replay(struct rd at, struct xk_sa *s)
{
	struct rd	 v = nl_find(at, XFRMA_REPLAY_ESN_VAL);
	int		 out = s->dir == XW_OUT;

	if (v.n == 0)
		return (s->u.flags & XFRM_STATE_ESN ? EINVAL : 0);
	s->has_esn = 1;
	if (rd_copy(&v, &s->esn, sizeof(s->esn)) || v.n != 4 *
	    s->esn.bmp_len || s->esn.replay_window > 32 * s->esn.bmp_len ||
	    s->esn.replay_window > XFRMA_REPLAY_ESN_MAX ||
	    s->u.replay_window != 0)
		return (EINVAL);
	if (out)
		return (s->esn.bmp_len != 0 ? EINVAL : 0);
	return (s->u.flags & XFRM_STATE_ESN && s->esn.replay_window == 0 ?
	    EINVAL : 0);
}

static int
get_algs(struct rd at, struct xk_sa *s)
{
	struct rd	 e = nl_find(at, XFRMA_ALG_AEAD);
	struct rd	 c = nl_find(at, XFRMA_ALG_CRYPT);
	struct rd	 a = nl_find(at, XFRMA_ALG_AUTH_TRUNC);
	int		 rv;

	if (nl_find(at, XFRMA_ALG_AUTH).n != 0)
		return (EINVAL);	/* SHA2-256 would be cut to 96 bits */
	if (s->u.id.proto == IPPROTO_AH)	/* a hash alone */
		return (e.n != 0 || c.n != 0 || a.n == 0 ? EINVAL :
		    get_plain(a, s, 1));
	if (e.n != 0)
		return (c.n != 0 || a.n != 0 ? EINVAL : get_aead(e, s));
	if (c.n == 0 || a.n == 0)
		return (EINVAL);
	if ((rv = get_plain(c, s, 0)) != 0)
		return (rv);
	return (get_plain(a, s, 1));
}

/* What GETSA gives back. */
static const uint16_t	 raw[] = { XFRMA_ALG_AEAD, XFRMA_ALG_CRYPT,
	XFRMA_ALG_AUTH_TRUNC };

static int
keep_raw(struct rd at, struct xk_sa *s)
{
	struct rd	 v;
	size_t		 i;

	for (i = 0; i < nitems(raw); i++) {
		v = nl_find(at, raw[i]);
		if (v.n > sizeof(s->raw[i].d))
			return (EINVAL);
		s->raw[i].n = (uint16_t)v.n;
		if (v.n > 0)
			memcpy(s->raw[i].d, v.p, v.n);
	}
	return (0);
}

static uint32_t
if_id_of(struct rd at)
{
	uint32_t	 id;

	return (nl_get32(nl_find(at, XA_IF_ID), &id) == -1 ? 0 : id);
}

/* What a request for an SA says, checked as the kernel does and as we
 * promise (a mark of ours, limits that are none). */
static int
sa_read(struct rd r, struct xk_sa *s)
{
	struct rd	 v;
	uint32_t	 cpu;
	int		 rv, tunnel;

	memset(s, 0, sizeof(*s));
	if (rd_copy(&r, &s->u, sizeof(s->u)))
		return (EINVAL);
	tunnel = s->u.mode == XFRM_MODE_TUNNEL;
	if ((s->u.id.proto != IPPROTO_ESP && s->u.id.proto != IPPROTO_AH) ||
	    s->u.id.spi == 0 ||
	    /* RFC 4302 section 2.6, which only we know to be meant */
	    ((s->u.flags & XFRM_STATE_ALIGN4) != 0) !=
	    (s->u.id.proto == IPPROTO_AH && s->u.family == AF_INET) ||
	    s->u.mode > XFRM_MODE_TUNNEL ||
	    s->u.sel.prefixlen_s != 0 || s->u.sel.prefixlen_d != 0 ||
	    (s->u.sel.family != 0) == tunnel ||
	    ((s->u.flags & XFRM_STATE_AF_UNSPEC) != 0) != tunnel)
		return (EINVAL);
	if (s->u.lft.soft_byte_limit == 0 || s->u.lft.hard_byte_limit == 0 ||
	    s->u.lft.soft_packet_limit == 0 ||
	    s->u.lft.hard_packet_limit == 0)
		return (EINVAL);	/* 0 is at once, not never */
	v = nl_find(r, XA_SA_DIR);
	if (v.n == 1)
		s->dir = v.p[0];
	if (s->dir == XW_IN && s->u.flags & XFRM_STATE_NOPMTUDISC)
		return (EINVAL);
	if ((rv = get_algs(r, s)) != 0 || (rv = get_replay(r, s)) != 0 ||
	    (rv = keep_raw(r, s)) != 0)
		return (rv);
	if (nl_get32(nl_find(r, XA_SA_PCPU), &cpu) == 0)
		s->cpu = (uint16_t)(cpu + 1);
	v = nl_find(r, XFRMA_ENCAP);
	if (v.n != 0) {
		s->has_encap = 1;
		if (s->u.id.proto != IPPROTO_ESP ||
		    rd_copy(&v, &s->encap, sizeof(s->encap)) ||
		    s->encap.encap_type != 2)
			return (EINVAL);
	}
	s->if_id = if_id_of(r);
	if (nl_get32(nl_find(r, XA_SET_MARK), &s->mark) == -1)
		s->mark = 0;
	return (0);
}

/* xfrm_dev_state_add() */
static int
sa_nic(struct xk *k, struct rd r, struct xk_sa *s)
{
	struct xfrm_user_offload	 o;
	struct rd			 v;

	if (rd_skip(&r, sizeof(s->u)) ||
	    (v = nl_find(r, XFRMA_OFFLOAD_DEV)).n == 0)
		return (0);
	if (rd_copy(&v, &o, sizeof(o)) || rd_end(&v) || s->has_encap ||
	    o.flags & ~(XFRM_OFFLOAD_INBOUND) ||
	    k->nic == 0 || (uint32_t)o.ifindex != k->nic)
		return (EINVAL);
	s->nic = o.flags & XFRM_OFFLOAD_INBOUND ? XW_IN : XW_OUT;
	return (k->nic_err);
}

static int
sa_new(struct xk *k, struct rd r)
{
	struct xk_sa	 s;
	int		 rv;

	if ((rv = sa_read(r, &s)) != 0 || (rv = sa_nic(k, r, &s)) != 0)
		return (rv);
	if (s.cpu > k->sys.cpus)
		return (ERANGE);
	if (find(k, &s.u.id.daddr, s.u.id.spi, s.u.id.proto) != NULL)
		return (EEXIST);
	if (k->nsa == XK_MAX)
		return (ENOMEM);
	s.u.curlft.add_time = k->real;
	k->sa[k->nsa++] = s;
	return (0);
}

/* Of a mature SA: limits and, if there is one on both, the encapsulation. */
static int
sa_update(struct xk *k, struct rd r)
{
	struct xk_sa	 s, *o;
	int		 rv;

	if ((rv = sa_read(r, &s)) != 0)
		return (rv);
	if ((o = find(k, &s.u.id.daddr, s.u.id.spi, s.u.id.proto)) == NULL)
		return (ESRCH);
	if (s.has_encap != o->has_encap || s.dir != o->dir)
		return (EINVAL);
	o->encap = s.encap;
	o->u.lft = s.u.lft;
	return (0);
}

static int
sa_del(struct xk *k, struct rd r)
{
	struct xfrm_usersa_id	 id;
	struct xk_sa		*s;

	if (rd_copy(&r, &id, sizeof(id)))
		return (EINVAL);
	if ((s = find(k, &id.daddr, id.spi, id.proto)) == NULL)
		return (ESRCH);
	*s = k->sa[--k->nsa];
	return (0);
}

static void
sa_tell(struct nlbuf *b, const struct xk_sa *s)
{
	size_t	 i;

	nl_msg(b, XFRM_MSG_NEWSA, 0, &s->u, sizeof(s->u));
	b->seq--;
	if (s->has_encap)
		nl_put(b, XFRMA_ENCAP, &s->encap, sizeof(s->encap));
	if (s->has_esn)
		nl_put(b, XFRMA_REPLAY_ESN_VAL, &s->esn, sizeof(s->esn));
	if (s->lastused != 0)
		nl_put(b, XFRMA_LASTUSED, &s->lastused, 8);
	for (i = 0; i < nitems(raw); i++)
		if (s->raw[i].n > 0)
			nl_put(b, raw[i], s->raw[i].d, s->raw[i].n);
	if (s->cpu != 0)
		nl_u32(b, XA_SA_PCPU, s->cpu - 1u);
	nl_end(b);
}

static void
done(struct xk *k, uint32_t seq)
{
	struct nlbuf	 b = begin(seq);
	int32_t		 zero = 0;

	nl_msg(&b, NLMSG_DONE, NLM_F_MULTI, &zero, sizeof(zero));
	nl_end(&b);
	answer(k, 0, &b);
}

static void
sa_get(struct xk *k, const struct nlmsg *m)
{
	struct xfrm_usersa_id	 id;
	struct rd		 r = m->body;
	struct xk_sa		*s;
	struct nlbuf		 b;
	size_t			 i;

	if (m->flags & NLM_F_ROOT) {
		for (i = 0; i < k->nsa; i++) {
			b = begin(m->seq);
			sa_tell(&b, &k->sa[i]);
			answer(k, 0, &b);
		}
		done(k, m->seq);
		return;
	}
	if (rd_copy(&r, &id, sizeof(id)) ||
	    (s = find(k, &id.daddr, id.spi, id.proto)) == NULL) {
		ack(k, m, ESRCH);
		return;
	}
	b = begin(m->seq);
	sa_tell(&b, s);
	answer(k, 0, &b);
	ack(k, m, 0);
}

/* --- policies --- */

/* A selector may be there once for each xfrm interface. */
static struct xk_pol *
pol_find(struct xk *k, const struct xfrm_selector *sel, uint8_t dir,
    uint32_t if_id)
{
	size_t	 i;

	for (i = 0; i < k->npol; i++)
		if (k->pol[i].u.dir == dir && k->pol[i].if_id == if_id &&
		    memcmp(&k->pol[i].u.sel, sel, sizeof(*sel)) == 0)
			return (&k->pol[i]);
	return (NULL);
}

static int
pol_update(struct xk *k, struct rd r)
{
	struct rd	 v;
	struct xk_pol	 p, *o;

	memset(&p, 0, sizeof(p));
	if (rd_copy(&r, &p.u, sizeof(p.u)) || p.u.dir >= XFRM_POLICY_MAX ||
	    p.u.lft.hard_byte_limit == 0 || p.u.priority == 0)
		return (EINVAL);
	v = nl_find(r, XFRMA_TMPL);
	if (v.n != sizeof(p.t) || rd_copy(&v, &p.t, sizeof(p.t)) ||
	    p.t.reqid == 0 || p.t.optional || p.t.mode > XFRM_MODE_TUNNEL)
		return (EINVAL);
	p.if_id = if_id_of(r);
	if ((o = pol_find(k, &p.u.sel, p.u.dir, p.if_id)) == NULL) {
		if (k->npol == XK_MAX)
			return (ENOMEM);
		o = &k->pol[k->npol++];
	}
	*o = p;
	return (0);
}

static int
pol_del(struct xk *k, struct rd r)
{
	struct xfrm_userpolicy_id	 id;
	struct xk_pol			*p;

	if (rd_copy(&r, &id, sizeof(id)))
		return (EINVAL);
	if ((p = pol_find(k, &id.sel, id.dir, if_id_of(r))) == NULL)
		return (ENOENT);
	*p = k->pol[--k->npol];
	return (0);
}

static void
pol_get(struct xk *k, const struct nlmsg *m)
{
	struct nlbuf	 b;
	size_t		 i;

	for (i = 0; i < k->npol; i++) {
		b = begin(m->seq);
		nl_msg(&b, XFRM_MSG_NEWPOLICY, NLM_F_MULTI, &k->pol[i].u,
		    sizeof(k->pol[i].u));
		if (k->pol[i].t.reqid != 0)
			nl_put(&b, XFRMA_TMPL, &k->pol[i].t,
			    sizeof(k->pol[i].t));
		if (k->pol[i].if_id != 0)
			nl_u32(&b, XA_IF_ID, k->pol[i].if_id);
		nl_end(&b);
		answer(k, 0, &b);
	}
	done(k, m->seq);
}

static int
migrate(struct xk *k, struct rd r)
{
	struct xfrm_userpolicy_id	 id;
	struct xfrm_user_migrate	 m;
	struct xk_pol			*p;
	struct rd			 v, e;
	size_t				 i;

	if (rd_copy(&r, &id, sizeof(id)))
		return (EINVAL);
	v = nl_find(r, XFRMA_MIGRATE);
	e = nl_find(r, XFRMA_ENCAP);
	if (rd_copy(&v, &m, sizeof(m)))
		return (EINVAL);
	if ((p = pol_find(k, &id.sel, id.dir, if_id_of(r))) == NULL)
		return (ENOENT);
	if (memcmp(&p->t.id.daddr, &m.old_daddr, sizeof(m.old_daddr)) != 0 ||
	    p->t.reqid != m.reqid)
		return (ENODATA);
	for (i = 0; i < k->nsa; i++) {
		if (k->sa[i].u.reqid != m.reqid ||
		    k->sa[i].if_id != p->if_id || memcmp(&k->sa[i].u.id.daddr,
		    &m.old_daddr, sizeof(m.old_daddr)) != 0 ||
		    memcmp(&k->sa[i].u.saddr, &m.old_saddr,
		    sizeof(m.old_saddr)) != 0)
			continue;
		k->sa[i].u.id.daddr = m.new_daddr;
		k->sa[i].u.saddr = m.new_saddr;
		if (e.n != 0 && rd_copy(&e, &k->sa[i].encap,
		    sizeof(k->sa[i].encap)))
			return (EINVAL);
		break;			/* the first one, as the kernel does */
	}
	p->t.id.daddr = m.new_daddr;
	p->t.saddr = m.new_saddr;
	return (0);
}

/* --- the socket --- */

static void
request(struct xk *k, const struct nlmsg *m)
{
	k->nreq++;
	if (m->type < XFRM_MSG_BASE || m->type - XFRM_MSG_BASE >= 64)
		abort();
	k->nmsg[m->type - XFRM_MSG_BASE]++;
	if (k->fail != 0 && k->nreq == k->fail_at) {
		ack(k, m, k->fail);
		return;
	}
	switch (m->type) {
	case XFRM_MSG_NEWSA:
		ack(k, m, sa_new(k, m->body));
		break;
	case XFRM_MSG_UPDSA:
		ack(k, m, sa_update(k, m->body));
		break;
	case XFRM_MSG_DELSA:
		ack(k, m, sa_del(k, m->body));
		break;
	case XFRM_MSG_GETSA:
		sa_get(k, m);
		break;
	case XFRM_MSG_UPDPOLICY:
		ack(k, m, pol_update(k, m->body));
		break;
	case XFRM_MSG_DELPOLICY:
		ack(k, m, pol_del(k, m->body));
		break;
	case XFRM_MSG_GETPOLICY:
		pol_get(k, m);
		break;
	case XFRM_MSG_MIGRATE:
		ack(k, m, migrate(k, m->body));
		break;
	default:
		ack(k, m, EINVAL);
	}
}

static int
k_send(void *arg, const void *d, size_t n)
{
	struct xk	*k = arg;
	struct nlmsg	 m;
	struct rd	 r = rd_of(d, n);
	int		 rv;

	while ((rv = nl_next(&r, &m)) == 1)
		if (!k->deaf)
			request(k, &m);
	if (rv == -1)
		abort();		/* we never send such */
	return (0);
}

static ssize_t
k_recv(void *arg, int ev, void *buf, size_t n)
{
	struct xk	*k = arg;
	size_t		 i = k->atq[ev], len;

	if (i == k->nq[ev]) {
		k->nq[ev] = k->atq[ev] = 0;
		return (0);
	}
	k->atq[ev]++;
	len = k->q[ev][i].n < n ? k->q[ev][i].n : n;
	memcpy(buf, k->q[ev][i].d, len);
	free(k->q[ev][i].d);
	k->q[ev][i].d = NULL;
	if (k->q[ev][i].err != 0) {
		errno = k->q[ev][i].err;
		return (-1);
	}
	return ((ssize_t)len);
}

static uint64_t
k_mono(void *arg)
{
	return (((struct xk *)arg)->mono);
}

static uint64_t
k_real(void *arg)
{
	return (((struct xk *)arg)->real);
}

static uint32_t
xk_nic(void *arg, const struct addr *local, const struct addr *remote)
{
	struct xk	*k = arg;

	k->nic_asked++;
	return (local->af == remote->af ? k->nic : 0);
}

void
xk_init(struct xk *k)
{
	memset(k, 0, sizeof(*k));
	k->sys.arg = k;
	k->sys.send = k_send;
	k->sys.recv = k_recv;
	k->sys.mono = k_mono;
	k->sys.real = k_real;
	k->sys.nic = xk_nic;
	k->sys.evfd = -1;
	k->mono = 1000;
	k->real = 1700000000;
}

void
xk_clear(struct xk *k)
{
	size_t	 i;
	int	 ev;

	for (ev = 0; ev < 2; ev++)
		for (i = k->atq[ev]; i < k->nq[ev]; i++)
			free(k->q[ev][i].d);
}

/* --- events --- */

void
xk_raw(struct xk *k, const void *d, size_t n)
{
	queue(k, 1, d, n, 0);
}

void
xk_lost(struct xk *k)
{
	queue(k, 1, NULL, 0, ENOBUFS);
}

void
xk_expire(struct xk *k, uint32_t spi, int hard)
{
	struct xfrm_user_expire	 e;
	struct xk_sa		*s = xk_find(k, spi);
	struct nlbuf		 b = begin(0);

	memset(&e, 0, sizeof(e));
	e.state = s->u;
	e.hard = (uint8_t)hard;
	if (hard)
		*s = k->sa[--k->nsa];
	nl_msg(&b, XFRM_MSG_EXPIRE, 0, &e, sizeof(e));
	nl_end(&b);
	answer(k, 1, &b);
}

void
xk_acquire(struct xk *k, const struct xk_pol *p, uint32_t src, uint32_t dst)
{
	struct xfrm_user_acquire a;
	struct nlbuf		 b = begin(0);

	memset(&a, 0, sizeof(a));
	a.id.daddr = p->t.id.daddr;
	a.id.proto = IPPROTO_ESP;
	a.saddr = p->t.saddr;
	a.policy = p->u;
	a.sel.family = AF_INET;
	a.sel.saddr.a4 = htonl(src);
	a.sel.daddr.a4 = htonl(dst);
	a.sel.proto = IPPROTO_ICMP;
	nl_msg(&b, XFRM_MSG_ACQUIRE, 0, &a, sizeof(a));
	nl_put(&b, XFRMA_TMPL, &p->t, sizeof(p->t));
	nl_end(&b);
	answer(k, 1, &b);
}

/* xfrm_state_look_at(): one of this CPU, else one of all, the newest. */
uint32_t
xk_out(struct xk *k, const struct xk_pol *p, uint16_t cpu)
{
	const struct xk_sa	*s, *best = NULL;
	size_t			 i;

	for (i = 0; i < k->nsa; i++) {
		s = &k->sa[i];
		if (s->u.reqid != p->t.reqid ||
		    memcmp(&s->u.id.daddr, &p->t.id.daddr, 16) != 0 ||
		    (s->cpu != 0 && s->cpu != cpu + 1))
			continue;
		if (best == NULL || best->cpu == 0 || s->cpu != 0)
			best = s;
	}
	return (best != NULL ? ntohl(best->u.id.spi) : 0);
}

void
xk_mapping(struct xk *k, uint32_t spi, uint32_t src, uint16_t port)
{
	struct xfrm_user_mapping m;
	struct xk_sa		*s = xk_find(k, spi);
	struct nlbuf		 b = begin(0);

	memset(&m, 0, sizeof(m));
	m.id.daddr = s->u.id.daddr;
	m.id.spi = s->u.id.spi;
	m.id.family = s->u.family;
	m.id.proto = s->u.id.proto;
	m.reqid = s->u.reqid;
	m.old_saddr = s->u.saddr;
	m.new_saddr.a4 = htonl(src);
	m.old_sport = s->encap.encap_sport;
	m.new_sport = htons(port);
	nl_msg(&b, XFRM_MSG_MAPPING, 0, &m, sizeof(m));
	nl_end(&b);
	answer(k, 1, &b);
}
