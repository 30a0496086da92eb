/* SPDX-License-Identifier: ISC */

/* mock_ops.c: what the mock kernel does, keeps and answers. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "mock_int.h"

enum { OTHER = 4242 };

/* --- messages out --- */

struct out {
	uint8_t	 d[2 * MOCK_MSG];
	size_t	 n;
};

static void
begin(struct out *o, uint8_t type, uint8_t satype, int err, uint32_t seq,
    uint32_t pid)
{
	memset(o, 0, sizeof(*o));
	o->d[0] = 2;
	o->d[1] = type;
	o->d[2] = (uint8_t)err;
	o->d[3] = satype;
	memcpy(o->d + 8, &seq, 4);
	memcpy(o->d + 12, &pid, 4);
	o->n = 16;
}

static void
more(struct out *o, struct rd e)
{
	if (e.p == NULL)
		return;
	memcpy(o->d + o->n, e.p, e.n);
	o->n += e.n;
}

static void
post(struct mock *m, struct out *o)
{
	uint16_t	 n = (uint16_t)(o->n / 8);

	memcpy(o->d + 4, &n, 2);
	(void)send(m->fd, o->d, o->n, 0);
}

/* Everything of a request but what is in `skip'. */
static void
copy(struct out *o, const struct mock_msg *g, uint64_t skip)
{
	uint16_t	 t;

	for (t = 1; t < MOCK_EXT; t++)
		if (!(skip & (uint64_t)1 << t))
			more(o, g->ext[t]);
}

#define KEYS	((uint64_t)1 << 8 | (uint64_t)1 << 9)

static uint64_t
no_keys(const struct mock *m)
{
	return (m->os == MOCK_LINUX ? 0 : KEYS);
}

static void
current(struct out *o, const struct mock_sa *s)
{
	uint8_t		 e[32];
	uint16_t	 v[2] = { 4, 2 };
	uint32_t	 packets = (uint32_t)s->packets;
	uint64_t	 used = s->bytes != 0 ? 1700000000 : 0;

	memset(e, 0, sizeof(e));
	memcpy(e, v, 4);
	memcpy(e + 4, &packets, 4);
	memcpy(e + 8, &s->bytes, 8);
	memcpy(e + 24, &used, 8);
	more(o, rd_of(e, sizeof(e)));
}

static void
sa_ext(struct out *o, uint32_t spi)
{
	uint8_t		 e[16];
	uint16_t	 v[2] = { 2, 1 };

	memset(e, 0, sizeof(e));
	memcpy(e, v, 4);
	e[4] = (uint8_t)(spi >> 24);
	e[5] = (uint8_t)(spi >> 16);
	e[6] = (uint8_t)(spi >> 8);
	e[7] = (uint8_t)spi;
	more(o, rd_of(e, sizeof(e)));
}

/* The request was refused: as this kernel says it.  What write(2) returns. */
static int
refuse(struct mock *m, const struct mock_msg *g, int err)
{
	struct out	 o;

	if (m->os == MOCK_OPENBSD && (err == EINVAL || err == ENOMEM ||
	    err == ENOBUFS || err == EPERM || err == EMSGSIZE))
		return (err);
	begin(&o, g->type, g->satype, err, g->seq, g->pid);
	if (m->os == MOCK_FREEBSD || m->os == MOCK_NETBSD)
		copy(&o, g, 0);			/* with the keys */
	post(m, &o);
	return (0);
}

static int
echo(struct mock *m, const struct mock_msg *g)
{
	struct out	 o;

	begin(&o, g->type, g->satype, 0, g->seq, g->pid);
	copy(&o, g, no_keys(m));
	post(m, &o);
	return (0);
}

/* --- the SAD --- */

static struct addr
addr_of(const struct mock *m, struct rd e)
{
	struct addr	 a;

	memset(&a, 0, sizeof(a));
	if (e.p != NULL)
		(void)mock_sockaddr(m, e.p + 8, e.n - 8, &a);
	a.port = 0;
	return (a);
}

/* OpenBSD's pair of names; turned: an UPDATE has them the other way round. */
static void
ids_of(const struct mock_msg *g, int turned, char *out, size_t n)
{
	struct rd	 a = g->ext[turned ? 11 : 10],
			 b = g->ext[turned ? 10 : 11];

	(void)n;
	out[0] = '\0';
	if (a.p == NULL)
		return;
	(void)strncat(out, (const char *)a.p + 16, 60);
	(void)strncat(out, " ", 2);
	(void)strncat(out, (const char *)b.p + 16, 60);
}

struct mock_sa *
mock_sa(struct mock *m, uint32_t spi)
{
	size_t	 i;

	for (i = 0; i < m->nsa; i++)
		if (m->sa[i].spi == spi)
			return (&m->sa[i]);
	return (NULL);
}

static struct mock_sa *
named(struct mock *m, const struct mock_msg *g)
{
	struct mock_sa	*s = mock_sa(m, mkspi(g->ext[1]));
	struct addr	 dst = addr_of(m, g->ext[6]), src;

	if (s == NULL || s->satype != g->satype ||
	    addr_cmp(&s->dst, &dst, 0) != 0)
		return (NULL);
	/* KAME looks at both; OpenBSD takes a new source */
	src = addr_of(m, g->ext[5]);
	if (m->os != MOCK_OPENBSD && addr_cmp(&s->src, &src, 0) != 0)
		return (NULL);
	return (s);
}

static void
sa_remove(struct mock *m, struct mock_sa *s)
{
	size_t	 i = (size_t)(s - m->sa);

	memmove(s, s + 1, (m->nsa - i - 1) * sizeof(*s));
	m->nsa--;
}

static void
keep(struct mock *m, struct mock_sa *s, const struct mock_msg *g)
{
	s->spi = mkspi(g->ext[1]);
	s->satype = g->satype;
	s->src = addr_of(m, g->ext[5]);
	s->dst = addr_of(m, g->ext[6]);
	if (m->os != MOCK_OPENBSD)
		s->reqid = g->ext[19].p != NULL ? mk32(g->ext[19].p + 12) : 0;
	else
		ids_of(g, g->type == 2, s->ids, sizeof(s->ids));
	s->larval = 0;
	memcpy(s->msg, g->all.p, g->all.n);
	s->n = g->all.n;
}

static int
not_there(const struct mock *m)
{
	return (m->os == MOCK_NETBSD ? ENOENT : ESRCH);
}

static int
getspi(struct mock *m, const struct mock_msg *g)
{
	struct mock_sa	*s;
	uint32_t	 spi = mk32(g->ext[16].p + 4);
	struct out	 o;

	if (spi < 256)
		return (refuse(m, g, EINVAL));
	if (mock_sa(m, spi) != NULL)
		return (refuse(m, g, m->os == MOCK_LINUX ? ENOENT : EEXIST));
	if (m->nsa == MOCK_SAS)
		return (refuse(m, g, ENOBUFS));
	s = &m->sa[m->nsa++];
	memset(s, 0, sizeof(*s));
	s->spi = spi;
	s->satype = g->satype;
	s->src = addr_of(m, g->ext[5]);
	s->dst = addr_of(m, g->ext[6]);
	s->reqid = g->ext[19].p != NULL ? mk32(g->ext[19].p + 12) : 0;
	s->pid = g->pid;
	s->larval = 1;
	begin(&o, 1, g->satype, 0, g->seq, g->pid);
	sa_ext(&o, spi);
	more(&o, g->ext[5]);
	more(&o, g->ext[6]);
	post(m, &o);
	return (0);
}

/* An UPDATE of what is in use: addresses, ports, lifetimes. */
static int
update_live(struct mock *m, const struct mock_msg *g, struct mock_sa *s)
{
	struct mock_msg	 old;

	(void)mock_parse(m, s->msg, s->n, &old);
	switch (m->os) {
	case MOCK_OPENBSD:
		s->src = addr_of(m, g->ext[5]);
		if (g->ext[7].p != NULL)
			s->dst = addr_of(m, g->ext[7]);
		return (echo(m, g));
	case MOCK_FREEBSD:
		if (g->ext[8].p != NULL || g->ext[9].p != NULL ||
		    (old.ext[20].p != NULL && g->ext[20].p == NULL) ||
		    (g->ext[27].p == NULL) != (g->ext[28].p == NULL))
			return (refuse(m, g, EINVAL));
		if (g->ext[27].p != NULL) {
			s->src = addr_of(m, g->ext[27]);
			s->dst = addr_of(m, g->ext[28]);
		}
		return (echo(m, g));
	case MOCK_LINUX:
		if (mock_keys(m, g) != 0)	/* checked, not used */
			return (refuse(m, g, EINVAL));
		return (echo(m, g));
	default:
		return (refuse(m, g, EINVAL));
	}
}

static int
update(struct mock *m, const struct mock_msg *g)
{
	struct mock_sa	*s = named(m, g);
	uint32_t	 reqid;
	int		 err;

	if (s == NULL)
		return (refuse(m, g, not_there(m)));
	if (!s->larval)
		return (update_live(m, g, s));
	reqid = g->ext[19].p != NULL && m->os != MOCK_OPENBSD ?
	    mk32(g->ext[19].p + 12) : 0;
	if (m->os == MOCK_FREEBSD && (s->pid != g->pid || s->reqid != reqid))
		return (refuse(m, g, ESRCH));
	if ((err = mock_keys(m, g)) != 0)
		return (refuse(m, g, err == -1 ? EINVAL : err));
	keep(m, s, g);
	return (echo(m, g));
}

static int
add(struct mock *m, const struct mock_msg *g)
{
	uint32_t	 spi = mkspi(g->ext[1]);
	int		 err;

	if (spi < 256)
		return (refuse(m, g, EINVAL));
	if (mock_sa(m, spi) != NULL)
		return (refuse(m, g, EEXIST));
	if ((err = mock_keys(m, g)) != 0)
		return (refuse(m, g, err == -1 ? EINVAL : err));
	if (m->nsa == MOCK_SAS)
		return (refuse(m, g, ENOBUFS));
	memset(&m->sa[m->nsa], 0, sizeof(m->sa[0]));
	keep(m, &m->sa[m->nsa++], g);
	if (m->os == MOCK_OPENBSD && (g->ext[32].p != NULL ||
	    g->ext[36].p != NULL || g->ext[39].p != NULL))
		return (EPERM);		/* its own check of the reply */
	return (echo(m, g));
}

static int
del(struct mock *m, const struct mock_msg *g)
{
	struct addr	 src = addr_of(m, g->ext[5]), dst = addr_of(m,
			    g->ext[6]);
	struct mock_sa	*s;
	size_t		 i;

	if (g->ext[1].p == NULL) {	/* every SA between the two */
		for (i = m->nsa; i-- > 0; )
			if (addr_cmp(&m->sa[i].src, &src, 0) == 0 &&
			    addr_cmp(&m->sa[i].dst, &dst, 0) == 0)
				sa_remove(m, &m->sa[i]);
		return (echo(m, g));
	}
	if ((s = named(m, g)) == NULL)
		return (refuse(m, g, not_there(m)));
	sa_remove(m, s);
	return (echo(m, g));
}

static void
tell_sa(struct mock *m, const struct mock_sa *s, uint8_t type, uint32_t seq,
    uint32_t pid)
{
	struct mock_msg	 g;
	struct out	 o;

	begin(&o, type, s->satype, 0, seq, pid);
	if (mock_parse(m, s->msg, s->n, &g) == 0) {
		copy(&o, &g, 0);		/* with keys, all of them */
		current(&o, s);
	} else
		sa_ext(&o, s->spi);
	post(m, &o);
}

static int
get(struct mock *m, const struct mock_msg *g)
{
	struct mock_sa	*s = named(m, g);

	if (s == NULL || s->larval)
		return (refuse(m, g, not_there(m)));
	tell_sa(m, s, 5, g->seq, g->pid);
	return (0);
}

static int
dump(struct mock *m, const struct mock_msg *g)
{
	size_t	 i;

	if (m->nsa == 0)
		return (refuse(m, g, ENOENT));
	for (i = 0; i < m->nsa; i++)
		if (g->satype == 0 || g->satype == m->sa[i].satype)
			tell_sa(m, &m->sa[i], 10, (uint32_t)(m->nsa - 1 - i), g->pid);
	return (0);
}

/* --- the SPD --- */

static uint8_t
mask_len(const struct mock *m, struct rd e)
{
	struct addr	 a = addr_of(m, e);
	uint8_t		 n = 0;

	while (n < 128 && a.a[n / 8] & 0x80 >> n % 8)
		n++;
	return (n);
}

static void
net_of(const struct mock *m, struct rd e, struct net *n, uint16_t *port)
{
	memset(n, 0, sizeof(*n));
	(void)mock_sockaddr(m, e.p + 8, e.n - 8, &n->a);
	*port = n->a.port;
	n->a.port = 0;
}

static void
pol_obsd(const struct mock *m, const struct mock_msg *g, struct mock_pol *p)
{
	uint8_t	 what = g->ext[20].p[4];

	net_of(m, g->ext[21], &p->src, &p->sport);
	net_of(m, g->ext[22], &p->dst, &p->dport);
	p->src.plen = mask_len(m, g->ext[17]);
	p->dst.plen = mask_len(m, g->ext[18]);
	p->proto = g->ext[19].p != NULL ? g->ext[19].p[4] : 0;
	p->dir = g->ext[20].p[5];
	p->action = what == 5 ? 0 : what == 4 ? 1 : 2;
	p->gsrc = addr_of(m, g->ext[5]);
	p->gdst = addr_of(m, g->ext[6]);
	p->satype = g->satype;
	ids_of(g, 0, p->ids, sizeof(p->ids));
}

static void
pol_kame(const struct mock *m, const struct mock_msg *g, struct mock_pol *p)
{
	const uint8_t	*e = g->ext[18].p;
	size_t		 head = m->os == MOCK_LINUX ? 16 : 8, n;

	net_of(m, g->ext[5], &p->src, &p->sport);
	net_of(m, g->ext[6], &p->dst, &p->dport);
	p->src.plen = g->ext[5].p[5];
	p->dst.plen = g->ext[6].p[5];
	p->proto = g->ext[5].p[4] == 255 ? 0 : g->ext[5].p[4];
	p->dir = e[6];
	p->action = (uint8_t)mk16(e + 4);
	p->prio = m->os == MOCK_NETBSD ? 0 : mk32(e + 12);
	if (p->action != 2 || g->ext[18].n == 16)
		return;
	p->satype = mk16(e + 18) == 51 ? mock_ah(m) : mock_esp(m);
	p->reqid = m->os == MOCK_LINUX ? mk32(e + 24) : mk16(e + 22);
	if (e[21] != 3)
		p->reqid = 0;		/* not "unique": any SA does */
	n = mock_sockaddr(m, e + 16 + head, g->ext[18].n - 16 - head,
	    &p->gsrc);
	(void)mock_sockaddr(m, e + 16 + head + n,
	    g->ext[18].n - 16 - head - n, &p->gdst);
}

static struct mock_pol *
same(struct mock *m, const struct mock_pol *p)
{
	struct mock_pol	*q;
	size_t		 i;

	for (i = 0; i < m->npol; i++) {
		q = &m->pol[i];
		if (q->dir == p->dir && q->proto == p->proto &&
		    q->sport == p->sport && q->dport == p->dport &&
		    q->src.plen == p->src.plen && q->dst.plen == p->dst.plen &&
		    addr_cmp(&q->src.a, &p->src.a, 0) == 0 &&
		    addr_cmp(&q->dst.a, &p->dst.a, 0) == 0)
			return (q);
	}
	return (NULL);
}

static void
tell_pol(struct mock *m, const struct mock_pol *p, uint8_t type, uint32_t seq,
    uint32_t pid)
{
	struct mock_msg	 g;
	struct out	 o;
	size_t		 at;

	(void)mock_parse(m, p->msg, p->n, &g);
	begin(&o, type, g.satype, 0, seq, pid);
	at = o.n;
	if (m->os != MOCK_OPENBSD) {	/* its number in the policy */
		more(&o, g.ext[18]);
		memcpy(o.d + at + 8, &p->id, 4);
		copy(&o, &g, (uint64_t)1 << 18);
	} else
		copy(&o, &g, 0);
	post(m, &o);
}

static int
pol_put(struct mock *m, const struct mock_msg *g, int update_)
{
	struct mock_pol	 p, *q;

	memset(&p, 0, sizeof(p));
	if (m->os == MOCK_OPENBSD)
		pol_obsd(m, g, &p);
	else
		pol_kame(m, g, &p);
	if (p.reqid > 0x3fff)
		p.reqid = 0x8000 + m->nextid;	/* the kernel's own choice */
	if ((q = same(m, &p)) != NULL && !update_)
		return (refuse(m, g, EEXIST));
	if (q == NULL && m->npol == MOCK_POLS)
		return (refuse(m, g, ENOBUFS));
	p.id = q != NULL ? q->id : ++m->nextid * 8 + p.dir;
	memcpy(p.msg, g->all.p, g->all.n);
	p.n = g->all.n;
	if (q == NULL)
		q = &m->pol[m->npol++];
	*q = p;
	tell_pol(m, q, g->type, g->seq, g->pid);
	return (0);
}

static int
pol_del(struct mock *m, const struct mock_msg *g)
{
	struct mock_pol	 p, *q;
	size_t		 i;

	memset(&p, 0, sizeof(p));
	if (m->os == MOCK_OPENBSD)
		pol_obsd(m, g, &p);
	else
		pol_kame(m, g, &p);
	if ((q = same(m, &p)) == NULL)
		return (refuse(m, g, m->os == MOCK_OPENBSD ? ESRCH :
		    m->os == MOCK_LINUX ? ENOENT : EINVAL));
	i = (size_t)(q - m->pol);
	memmove(q, q + 1, (m->npol - i - 1) * sizeof(*q));
	m->npol--;
	return (echo(m, g));
}

static int
pol_dump(struct mock *m, const struct mock_msg *g)
{
	size_t	 i;

	if (m->npol == 0)
		return (refuse(m, g, ENOENT));
	for (i = 0; i < m->npol; i++)
		tell_pol(m, &m->pol[i], 18, (uint32_t)(m->npol - 1 - i),
		    g->pid);
	return (0);
}

static int
do_register(struct mock *m, const struct mock_msg *g)
{
	if (m->registered && m->os != MOCK_OPENBSD)
		return (refuse(m, g, EEXIST));
	m->registered = 1;
	return (echo(m, g));
}

static int
dispatch(struct mock *m, const struct mock_msg *g)
{
	int	 obsd = m->os == MOCK_OPENBSD;

	switch (g->type) {
	case 1:
		return (getspi(m, g));
	case 2:
		return (update(m, g));
	case 3:
		return (add(m, g));
	case 4:
		return (del(m, g));
	case 5:
		return (get(m, g));
	case 7:
		return (do_register(m, g));
	case 10:
		return (dump(m, g));
	case 12:
		return (pol_put(m, g, 1));
	case 13:
		return (obsd ? pol_del(m, g) : pol_put(m, g, 1));
	case 14:
		return (pol_put(m, g, 0));
	case 15:
		return (pol_del(m, g));
	case 18:
		return (pol_dump(m, g));
	}
	return (EINVAL);
}

ssize_t
mock_write(void *arg, const void *d, size_t n)
{
	struct mock	*m = arg;
	struct mock_msg	 g;
	int		 err, keepfd = m->fd, fail = 0;

	if (n <= MOCK_MSG) {
		memcpy(m->hist[m->nhist % MOCK_HIST].d, d, n);
		m->hist[m->nhist++ % MOCK_HIST].n = n;
	}
	if (m->fail_in > 0 && --m->fail_in == 0)
		fail = m->fail_with;
	if ((err = mock_check(m, d, n, &g)) == 0) {
		if (m->mute_in > 0 && --m->mute_in == 0)
			m->fd = -1;	/* the answer is lost */
		err = fail != 0 ? refuse(m, &g, fail) : dispatch(m, &g);
		m->fd = keepfd;
	}
	if (err == 0)
		return ((ssize_t)n);
	errno = err;
	return (-1);
}

/* --- traffic --- */

static int
fits(const struct mock_pol *p, const struct addr *src, const struct addr *dst)
{
	return (net_has(&p->src, src) && net_has(&p->dst, dst));
}

/* The policy that a packet meets, by the order of this kernel. */
static const struct mock_pol *
meets(const struct mock *m, uint8_t dir, const struct addr *src,
    const struct addr *dst)
{
	const struct mock_pol	*best = NULL, *p;
	size_t			 i;

	for (i = 0; i < m->npol; i++) {
		p = &m->pol[i];
		if (p->dir != dir || !fits(p, src, dst))
			continue;
		if (best == NULL || (m->os == MOCK_OPENBSD ?
		    p->src.plen + p->dst.plen >
		    best->src.plen + best->dst.plen : p->prio < best->prio))
			best = p;
	}
	return (best);
}

static int
binds(const struct mock *m, const struct mock_pol *p, const struct mock_sa *s)
{
	if (p->satype != s->satype)
		return (0);
	if (m->os == MOCK_OPENBSD)
		return (strcmp(p->ids, s->ids) == 0);
	return (p->reqid == 0 || p->reqid == s->reqid);
}

uint32_t
mock_out(const struct mock *m, const struct addr *src, const struct addr *dst)
{
	const struct mock_pol	*p = meets(m, 2, src, dst);
	const struct mock_sa	*s;
	uint32_t		 spi = 0;
	size_t			 i;

	if (p == NULL || p->action == 1)
		return (1);
	for (i = 0; p->action == 2 && i < m->nsa; i++) {
		s = &m->sa[i];
		if (s->larval || !binds(m, p, s) ||
		    addr_cmp(&s->dst, &p->gdst, 0) != 0 ||
		    addr_cmp(&s->src, &p->gsrc, 0) != 0)
			continue;
		if (spi == 0 || !m->oldest)
			spi = s->spi;
	}
	return (spi);
}

int
mock_in(const struct mock *m, uint32_t spi, const struct addr *src,
    const struct addr *dst)
{
	const struct mock_pol	*p;
	const struct mock_sa	*s = NULL;
	uint8_t			 dir;
	size_t			 i;

	for (i = 0; i < m->nsa; i++)
		if (m->sa[i].spi == spi && !m->sa[i].larval)
			s = &m->sa[i];
	if (s == NULL)
		return (0);
	for (dir = 1; dir <= (m->os == MOCK_LINUX ? 3 : 1); dir += 2) {
		if ((p = meets(m, dir, src, dst)) == NULL || p->action != 2 ||
		    !binds(m, p, s))
			return (0);
		/* OpenBSD: the flow's gateway is the SA's source */
		if (addr_cmp(m->os == MOCK_OPENBSD ? &p->gdst : &p->gsrc,
		    &s->src, 0) != 0)
			return (0);
	}
	return (1);
}

/* The device that an SA belongs to in that direction, or 0. */
static uint32_t
sec_unit(const struct mock *m, const struct mock_sa *s, uint8_t dir)
{
	struct mock_msg	 g;

	if (m->os != MOCK_OPENBSD || s->larval ||
	    mock_parse(m, s->msg, s->n, &g) == -1 || g.ext[40].p == NULL ||
	    g.ext[40].p[8] != dir || !(mk32(g.ext[1].p + 12) & 0x4))
		return (0);
	return (mk32(g.ext[40].p + 4));
}

uint32_t
mock_sec_out(const struct mock *m, uint32_t unit)
{
	size_t	 i;

	for (i = m->nsa; i-- > 0; )	/* the newest */
		if (sec_unit(m, &m->sa[i], 2) == unit)
			return (m->sa[i].spi);
	return (0);
}

uint32_t
mock_sec_in(const struct mock *m, uint32_t spi)
{
	size_t	 i;

	for (i = 0; i < m->nsa; i++)
		if (m->sa[i].spi == spi)
			return (sec_unit(m, &m->sa[i], 1));
	return (0);
}

/* --- what it says by itself --- */

void
mock_expire(struct mock *m, uint32_t spi, int hard)
{
	struct mock_sa	*s = mock_sa(m, spi);
	struct mock_msg	 g;
	struct out	 o;

	(void)mock_parse(m, s->msg, s->n, &g);
	begin(&o, 8, s->satype, 0, 0, 0);
	more(&o, g.ext[1]);
	if (m->os == MOCK_FREEBSD || m->os == MOCK_NETBSD)
		more(&o, g.ext[19]);
	current(&o, s);
	more(&o, g.ext[hard ? 3 : 4]);
	more(&o, g.ext[5]);
	more(&o, g.ext[6]);
	post(m, &o);
	if (hard)
		sa_remove(m, s);
}

void
mock_acquire(struct mock *m, const struct addr *src, const struct addr *dst)
{
	const struct mock_pol	*p = meets(m, 2, src, dst);
	struct mock_msg		 g;
	struct out		 o;
	uint8_t			 e[16];
	uint16_t		 v[3] = { 2, 18, 2 };

	if (p == NULL || !m->registered)
		return;
	(void)mock_parse(m, p->msg, p->n, &g);
	begin(&o, 6, mock_esp(m), 0, 7, 0);
	if (m->os == MOCK_OPENBSD) {
		more(&o, g.ext[6]);
		more(&o, g.ext[10]);
		more(&o, g.ext[11]);
	} else {
		memset(e, 0, sizeof(e));
		memcpy(e, v, sizeof(v));
		e[6] = 2;
		memcpy(e + 8, &p->id, 4);
		more(&o, rd_of(e, sizeof(e)));
	}
	post(m, &o);
}

void
mock_mapping(struct mock *m, uint32_t spi, const struct addr *to)
{
	struct mock_sa	*s = mock_sa(m, spi);
	struct mock_msg	 g;
	struct out	 o;
	uint8_t		 e[24], port[8] = { 0 };
	uint16_t	 v[2] = { 3, 6 };

	(void)mock_parse(m, s->msg, s->n, &g);
	begin(&o, 23, 3, 0, 0, 0);
	sa_ext(&o, spi);
	more(&o, g.ext[5]);
	more(&o, g.ext[21]);
	memset(e, 0, sizeof(e));
	memcpy(e, v, 4);
	v[0] = 2;
	memcpy(e + 8, v, 2);
	memcpy(e + 12, to->a, 4);
	more(&o, rd_of(e, sizeof(e)));
	v[0] = 1;
	v[1] = 22;
	memcpy(port, v, 4);
	port[4] = (uint8_t)(to->port >> 8);
	port[5] = (uint8_t)to->port;
	more(&o, rd_of(port, sizeof(port)));
	post(m, &o);
}

void
mock_other(struct mock *m, uint8_t type, uint8_t satype, uint32_t spi)
{
	struct mock_sa	*s = spi != 0 ? mock_sa(m, spi) : NULL;
	struct mock_msg	 g;
	struct out	 o;

	begin(&o, type, satype, 0, 99, OTHER);
	if (s != NULL) {
		(void)mock_parse(m, s->msg, s->n, &g);
		more(&o, g.ext[1]);
		more(&o, g.ext[5]);
		more(&o, g.ext[6]);
		sa_remove(m, s);
	}
	if (type == 9)
		m->nsa = 0;
	if (type == 19 || (type == 9 && m->os == MOCK_OPENBSD))
		m->npol = 0;
	post(m, &o);
}

size_t
mock_snap(struct mock *m, uint8_t *out, size_t max)
{
	struct mock_msg	 g;
	struct out	 o;
	uint16_t	 words;
	size_t		 n = 0, i;

	for (i = 0; i < m->nsa + m->npol; i++) {
		begin(&o, 10, i < m->nsa ? m->sa[i].satype :
		    m->pol[i - m->nsa].satype, 0, 0, m->pid);
		if (i < m->nsa) {
			(void)mock_parse(m, m->sa[i].msg, m->sa[i].n, &g);
			copy(&o, &g, 0);
		} else {
			(void)mock_parse(m, m->pol[i - m->nsa].msg,
			    m->pol[i - m->nsa].n, &g);
			copy(&o, &g, 0);
		}
		words = (uint16_t)(o.n / 8);
		memcpy(o.d + 4, &words, 2);
		if (o.n > max - n)
			break;
		memcpy(out + n, o.d, o.n);
		n += o.n;
	}
	return (n);
}
