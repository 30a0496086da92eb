/* SPDX-License-Identifier: ISC */

/*
 * userland.c: the backend whose kernel is s2sd-esp.  A request becomes one
 * frame, its answer done(); policies are s2sd-esp's own, taken from its
 * copy of the configuration, so those requests have nothing to do.
 */

#include <stdlib.h>
#include <strings.h>

#include "sa.h"

enum { COUNT_PART = 200 };	/* a shorter M_E_COUNTERS is the last */

struct open_req {
	struct open_req	*next;
	uint32_t	 id, type;	/* of the frame that went out */
	uint32_t	 spi;		/* M_E_PAIR: inbound */
	uint8_t		 flush;		/* M_E_LIST: delete each */
	uint8_t		 missed;	/* ... not all parts came, or went */
	uint16_t	 parts;		/* ... so far */
};


struct userland {
	const struct role_io *io;
	const struct sa_events *ev;
	struct open_req	*open;
};

static void *
ul_start(const struct role_io *io, const struct sa_events *ev)
{
	struct userland	*b;

	if ((b = calloc(1, sizeof(*b))) != NULL) {
		b->io = io;
		b->ev = ev;
	}
	return (b);
}

static void
ul_stop(void *arg)
{
	struct userland	*b = arg;
	struct open_req	*r;

	while ((r = b->open) != NULL) {
		b->open = r->next;
		free(r);
	}
	free(b);
}

static void
done(struct userland *b, uint32_t id, int err, uint32_t spi)
{
	b->ev->done(b->ev->arg, id, err, spi);
}

static struct open_req **
find(struct userland *b, uint32_t id)
{
	struct open_req	**r;

	for (r = &b->open; *r != NULL && (*r)->id != id; )
		r = &(*r)->next;
	return (r);
}

/* Take the request off the list and answer it. */
static void
finish(struct userland *b, uint32_t id, int err)
{
	struct open_req	**p = find(b, id), *r;
	uint32_t	 spi;

	if ((r = *p) == NULL)
		return;
	*p = r->next;
	spi = err == SERR_OK ? r->spi : 0;
	free(r);
	done(b, id, err, spi);
}

/* Send a request and remember it; a failure is answered at once. */
static void
request(struct userland *b, uint32_t type, uint32_t id, uint32_t tunnel,
    uint32_t spi, const void *body)
{
	struct open_req	*r;
	int		 err;

	if ((r = calloc(1, sizeof(*r))) == NULL) {
		/* deleting needs no answer */
		err = type != M_E_DELETE || role_send(b->io, PROC_ESP, type, 0,
		    0, tunnel, body) == -1 ? SERR_BACKEND : SERR_OK;
		done(b, id, err, 0);
		return;
	}
	r->id = id;
	r->type = type;
	r->spi = spi;
	r->next = b->open;
	b->open = r;
	if (role_send(b->io, PROC_ESP, type, 0, id, tunnel, body) == -1)
		finish(b, id, SERR_BACKEND);
}

/* s2sd-esp reserves nothing: what s2sd-sad knows is all there is. */
static void
ul_spi_alloc(void *arg, uint32_t id, uint32_t wish)
{
	done(arg, id, wish < 256 ? SERR_SPI : SERR_OK, wish);
}

static void
ul_install(void *arg, uint32_t id, const struct sa_pair *p)
{
	uint8_t		 buf[5000];
	struct m_e_pair	 m;
	struct wr	 w;

	if (p->encr == NULL) {		/* no AH here */
		done(arg, id, SERR_ALG, 0);
		return;
	}
	memset(&m, 0, sizeof(m));
	w = wr_of(buf, sizeof(buf));
	selpairs_put(&w, p->pair, p->npair);
	m.child = p->child;
	m.replaces = p->replaces;
	m.spi_in = p->spi_in;
	m.spi_out = p->spi_out;
	m.replay = p->replay;
	m.encr = p->encr->num;
	m.integ = p->integ != NULL ? p->integ->num : 0;
	m.mtu = p->mtu;
	m.esn = p->esn;
	m.inactive = p->inactive;
	m.softbytes = p->softbytes;
	m.hardbytes = p->hardbytes;
	m.local = p->local;
	m.remote = p->remote;
	m.ein = *p->ein;
	m.ain = *p->ain;
	m.eout = *p->eout;
	m.aout = *p->aout;
	m.pairs = rd_of(buf, w.n);
	if (wr_end(&w) == -1)
		done(arg, id, SERR_CONTENT, 0);
	else
		request(arg, M_E_PAIR, id, p->tunnel, p->spi_in, &m);
	explicit_bzero(&m, sizeof(m));
}

static void
ul_move(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    const struct addr *local, const struct addr *remote)
{
	struct m_s_move	 m;

	memset(&m, 0, sizeof(m));
	m.child = child;
	m.local = *local;
	m.remote = *remote;
	request(arg, M_E_MOVE, id, tunnel, 0, &m);
}

static void
ul_delete(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in)
{
	struct m_s_delete	 m;

	memset(&m, 0, sizeof(m));
	m.child = child;
	m.spi_in = spi_in;
	request(arg, M_E_DELETE, id, tunnel, 0, &m);
}

static void
ul_query(void *arg, uint32_t id, uint32_t tunnel)
{
	request(arg, M_E_QUERY, id, tunnel, 0, NULL);
}

static void
ul_policy_replace(void *arg, uint32_t id, const struct tunnel *t, int block)
{
	(void)t;
	(void)block;
	done(arg, id, SERR_OK, 0);
}

static void
ul_policy_delete(void *arg, uint32_t id, uint32_t tunnel)
{
	(void)tunnel;
	done(arg, id, SERR_OK, 0);
}

/* The list comes first; on_listed deletes each, M_E_LIST_END ends it. */
static void
ul_flush(void *arg, uint32_t id)
{
	struct userland	*b = arg;
	struct open_req	**r;

	request(b, M_E_LIST, id, 0, 0, NULL);
	if (*(r = find(b, id)) != NULL)
		(*r)->flush = 1;
}

static void
ul_list(void *arg, uint32_t id)
{
	request(arg, M_E_LIST, id, 0, 0, NULL);
}

static int
on_counters(struct userland *b, const struct ipc_msg *m,
    const struct m_s_counters *c)
{
	struct sa_count	 one[COUNT_PART];
	struct rd	 r = c->rest;
	size_t		 n = 0;

	while (r.n > 0) {
		if (n == nitems(one) || sa_count_get(&r, &one[n++]) == -1)
			return (-1);
	}
	if (*find(b, m->h.req) == NULL)
		return (0);		/* of a life before */
	if (n > 0)
		b->ev->counters(b->ev->arg, m->h.req, one, n);
	if (n < nitems(one))
		finish(b, m->h.req, SERR_OK);
	return (0);
}

static int
on_listed(struct userland *b, const struct ipc_msg *m,
    const struct m_e_listed *l)
{
	struct open_req		*r = *find(b, m->h.req);
	struct m_s_delete	 d;
	struct sa_listed	 one;
	struct rd		 rest = l->rest;

	while (rest.n > 0) {
		if (sa_listed_get(&rest, &one))
			return (-1);
		if (r == NULL)
			continue;
		if (!r->flush) {
			b->ev->listed(b->ev->arg, m->h.req, one.tunnel,
			    one.child, one.spi_in, one.spi_out);
			continue;
		}
		d.child = one.child;
		d.spi_in = one.spi_in;
		r->missed |= role_send(b->io, PROC_ESP, M_E_DELETE, 0, 0,
		    one.tunnel, &d) == -1;
	}
	if (r != NULL)
		r->missed |= l->part != r->parts++;
	return (0);
}

/* Did all of them come?  Who asked is to ask again if not. */
static void
on_list_end(struct userland *b, const struct ipc_msg *m,
    const struct m_e_list_end *end)
{
	struct open_req	*r = *find(b, m->h.req);

	if (r != NULL)
		finish(b, m->h.req, r->missed || r->parts != end->parts ?
		    SERR_BACKEND : SERR_OK);
}

static int
ul_frame(void *arg, const struct ipc_msg *m, void *body)
{
	struct userland		*b = arg;
	const struct m_e_done	*d = body;
	const struct m_s_acquire *a = body;
	const struct m_s_expire	*x = body;
	const struct m_s_move	*v = body;

	switch (m->h.type) {
	case M_E_DONE:
		if (d->err > SERR_CONTENT)
			return (-1);
		finish(b, m->h.req, d->err);
		return (0);
	case M_E_COUNTERS:
		return (on_counters(b, m, body));
	case M_E_LISTED:
		return (on_listed(b, m, body));
	case M_E_LIST_END:
		on_list_end(b, m, body);
		return (0);
	case M_E_ACQUIRE:
		b->ev->acquire(b->ev->arg, m->h.tunnel, &a->src, &a->dst,
		    a->ipproto);
		return (0);
	case M_E_EXPIRE:
		b->ev->expire(b->ev->arg, m->h.tunnel, x->child, x->hard);
		return (0);
	case M_E_MOVED:
		b->ev->moved(b->ev->arg, m->h.tunnel, v->child, &v->local,
		    &v->remote);
		return (0);
	}
	return (-1);
}

static void
ul_died(void *arg, enum proc who)
{
	struct userland	*b = arg;
	struct open_req	*r, *list;

	if (who != PROC_ESP)
		return;
	list = b->open;
	b->open = NULL;
	b->ev->lost(b->ev->arg);
	while ((r = list) != NULL) {
		list = r->next;
		done(b, r->id, SERR_BACKEND, 0);
		free(r);
	}
}

const struct sa_backend sa_userland = {
	.choice = BE_USERLAND,
	.name = "userland",
	.caps = { .esn = 1, .udp = 1, .udp_only = 1, .ipv6 = 1, .aead = 1,
	    .chacha = 1, .acquire = 1, .move = 1, .replay_max = 4096 },
	.start = ul_start,
	.stop = ul_stop,
	.spi_alloc = ul_spi_alloc,
	.sa_install = ul_install,
	.sa_add = ul_install,
	.sa_move = ul_move,
	.sa_delete = ul_delete,
	.sa_query = ul_query,
	.policy_replace = ul_policy_replace,
	.policy_delete = ul_policy_delete,
	.flush_own = ul_flush,
	.list = ul_list,
	.frame = ul_frame,
	.died = ul_died,
};
