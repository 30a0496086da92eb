/* SPDX-License-Identifier: ISC */

/*
 * xfrm.c: the backend whose kernel is Linux' own ESP (XFRM, by netlink).  A
 * request is answered before the call returns.  What the kernel keeps is
 * mirrored here, without keys; xfrm_mark.h says what is ours.
 */

#include <errno.h>
#include <stdlib.h>

#include "xfrm_int.h"

/* --- the mirror --- */

static struct xtun **
bucket(struct xfrm *x, uint32_t id)
{
	return (&x->tun[id % XFRM_BUCKETS]);
}

struct xtun *
xfrm_tun(struct xfrm *x, uint32_t id)
{
	struct xtun	*t = *bucket(x, id);

	while (t != NULL && t->id != id)
		t = t->next;
	return (t);
}

struct xtun *
xfrm_tun_tag(struct xfrm *x, uint64_t tag)
{
	struct xtun	*t;
	size_t		 i;

	for (i = 0; i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = t->next)
			if (t->tag == tag)
				return (t);
	return (NULL);
}

static struct xtun *
tun_make(struct xfrm *x, uint32_t id)
{
	struct xtun	*t, **b = bucket(x, id);

	if ((t = xfrm_tun(x, id)) == NULL &&
	    (t = calloc(1, sizeof(*t))) != NULL) {
		t->id = id;
		t->next = *b;
		*b = t;
	}
	return (t);
}

struct xsa *
xfrm_sa_find(struct xtun *t, uint32_t child)
{
	struct xsa	*s = t->sas;

	while (s != NULL && s->child != child)
		s = s->next;
	return (s);
}

struct xsa *
xfrm_sa_new(struct xtun *t, uint32_t child)
{
	struct xsa	*s;

	if ((s = calloc(1, sizeof(*s))) != NULL) {
		s->t = t;
		s->child = child;
		s->next = t->sas;
		t->sas = s;
	}
	return (s);
}

void
xfrm_sa_free(struct xsa *s)
{
	struct xsa	**p;

	for (p = &s->t->sas; *p != s; )
		p = &(*p)->next;
	*p = s->next;
	free(s->pair);
	free(s);
}

static void
tun_free(struct xfrm *x, struct xtun *t)
{
	struct xtun	**p;

	for (p = bucket(x, t->id); *p != t; )
		p = &(*p)->next;
	*p = t->next;
	while (t->sas != NULL)
		xfrm_sa_free(t->sas);
	free(t->pols.p);
	free(t->pair);
	free(t);
}

/* fn may free the SA that it was given, no other. */
void
xfrm_each(struct xfrm *x, void (*fn)(struct xfrm *, struct xsa *, void *),
    void *arg)
{
	struct xtun	*t, *tnext;
	struct xsa	*s, *next;
	size_t		 i;

	for (i = 0; i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = tnext) {
			tnext = t->next;
			for (s = t->sas; s != NULL; s = next) {
				next = s->next;
				fn(x, s, arg);
			}
		}
}

static int
reqid_used(const struct xfrm *x, uint32_t id)
{
	const struct xtun	*t;
	const struct xsa	*s;
	size_t			 i;

	for (i = 0; i < XFRM_BUCKETS; i++)
		for (t = x->tun[i]; t != NULL; t = t->next) {
			if (t->reqid == id)
				return (1);
			for (s = t->sas; s != NULL; s = s->next)
				if (s->rq_out == id || s->rq_set == id)
					return (1);
		}
	return (0);
}

uint32_t
xfrm_reqid(struct xfrm *x)
{
	uint32_t	 id;

	do {
		x->next_reqid = (x->next_reqid + 1) & ~XM_REQID_MASK;
		id = XM_REQID | x->next_reqid;
	} while (x->next_reqid == 0 || reqid_used(x, id));
	return (id);
}

/* --- life --- */

static void *
x_start(const struct role_io *io, const struct sa_events *ev)
{
	struct xfrm	*x;

	if (ev->sys == NULL || (x = calloc(1, sizeof(*x))) == NULL)
		return (NULL);
	x->io = io;
	x->ev = ev;
	x->sys = ev->sys;
	io->random(io->arg, &x->next_reqid, sizeof(x->next_reqid));
	return (x);
}

static void
forget(struct xfrm *x)
{
	size_t	 i;

	for (i = 0; i < XFRM_BUCKETS; i++)
		while (x->tun[i] != NULL)
			tun_free(x, x->tun[i]);
}

static void
x_stop(void *arg)
{
	forget(arg);
	free(arg);
}

static int
x_fd(void *arg)
{
	return (((struct xfrm *)arg)->sys->evfd);
}

static void
x_leave(void *arg)
{
	(void)xfrm_wipe(arg);
}

static void
done(struct xfrm *x, uint32_t id, int err, uint32_t spi)
{
	x->ev->done(x->ev->arg, id, err, spi);
}

/* --- pairs --- */

struct search {
	uint32_t	 spi, child, tunnel;
	struct xsa	*sa;
};

static void
by_spi_in(struct xfrm *x, struct xsa *s, void *arg)
{
	struct search	*f = arg;

	(void)x;
	if (s->spi_in == f->spi)
		f->sa = s;
}

static int
spi_taken(struct xfrm *x, uint32_t spi)
{
	struct search	 f = { .spi = spi };

	xfrm_each(x, by_spi_in, &f);
	return (f.sa != NULL);
}

/*
 * Nothing is reserved: an SA is made in one step, exclusively, and keys come
 * right behind.
 */
static void
x_spi_alloc(void *arg, uint32_t id, uint32_t wish)
{
	done(arg, id, wish < 256 || spi_taken(arg, wish) ? SERR_SPI : SERR_OK,
	    wish);
}

static int
check(struct xfrm *x, const struct sa_pair *p)
{
	struct xtun	*t = xfrm_tun(x, p->tunnel);

	if (p->spi_in < 256 || p->spi_out < 256 || spi_taken(x, p->spi_in))
		return (SERR_SPI);
	if (p->child == 0 || p->npair == 0 ||
	    (t != NULL && xfrm_sa_find(t, p->child) != NULL))
		return (SERR_CONTENT);
	if (p->local.af == 0 || p->local.af != p->remote.af)
		return (SERR_ADDRESS);
	if (p->encr == NULL && p->udp)
		return (SERR_CONTENT);
	return (xfrm_can(p->encr, p->integ) ? SERR_OK : SERR_ALG);
}

static struct xsa *
mirror(struct xfrm *x, const struct sa_pair *p)
{
	struct xtun	*t;
	struct xsa	*s;

	if ((t = tun_make(x, p->tunnel)) == NULL ||
	    (s = xfrm_sa_new(t, p->child)) == NULL)
		return (NULL);
	if ((s->pair = calloc(p->npair, sizeof(*s->pair))) == NULL) {
		xfrm_sa_free(s);
		return (NULL);
	}
	memcpy(s->pair, p->pair, p->npair * sizeof(*s->pair));
	s->npair = p->npair;
	if (t->reqid == 0)
		t->reqid = xfrm_reqid(x);
	s->replaces = p->replaces;
	s->spi_in = p->spi_in;
	s->spi_out = p->spi_out;
	s->udp = p->udp;
	s->esn = p->esn;
	s->transport = p->transport;
	s->active = !p->inactive || xfrm_sa_find(t, p->replaces) == NULL;
	s->cpu = p->cpu;
	s->rq_set = xfrm_cpu_set(x, t, p);
	s->rq_out = s->active && s->rq_set != 0 ? s->rq_set : xfrm_reqid(x);
	s->ah = p->encr == NULL;
	s->encr = p->encr != NULL ? p->encr->num : 0;
	s->integ = p->integ != NULL ? p->integ->num : 0;
	s->replay = p->replay;
	s->softbytes = p->softbytes;
	s->hardbytes = p->hardbytes;
	s->life = p->life;
	s->local = p->local;
	s->remote = p->remote;
	return (s);
}

/* Out first: nothing is sealed any more that the peer could not open. */
static void
kernel_del(struct xfrm *x, const struct xsa *s)
{
	struct nlbuf	 b = xfrm_buf(x);

	xfrm_put_said(&b, XFRM_MSG_DELSA, s, XW_OUT);
	xfrm_put_said(&b, XFRM_MSG_DELSA, s, XW_IN);
	(void)xfrm_batch(x, &b, NULL, 0);	/* not there: as good */
}

static int
serr(int e)
{
	switch (e) {
	case 0:
		return (SERR_OK);
	case EEXIST:
		return (SERR_SPI);
	case EPROTONOSUPPORT:		/* ESP was there when we began */
		return (SERR_NOAH);
	case ENOSYS:
	case ENOENT:
	case EOPNOTSUPP:
		return (SERR_ALG);
	default:
		return (SERR_BACKEND);
	}
}

/* Both SAs, or none: an errno. */
static int
kernel_both(struct xfrm *x, struct xsa *s, const struct sa_pair *p)
{
	struct xfrm_keys	 in = { p->ein, p->ain };
	struct xfrm_keys	 out = { p->eout, p->aout };
	struct nlbuf		 b = xfrm_buf(x);
	int			 err[2] = { ETIMEDOUT, ETIMEDOUT };

	xfrm_put_sa(&b, s, XW_IN, XFRM_MSG_NEWSA, &in, x->sys->dir);
	xfrm_put_sa(&b, s, XW_OUT, XFRM_MSG_NEWSA, &out, x->sys->dir);
	(void)xfrm_batch(x, &b, err, nitems(err));
	if (err[0] == 0 && err[1] == 0)
		return (0);
	b = xfrm_buf(x);
	/* only what is there by us: refused, it may be somebody else's */
	if (err[0] == 0 || err[0] == ETIMEDOUT)
		xfrm_put_said(&b, XFRM_MSG_DELSA, s, XW_IN);
	if (err[1] == 0 || err[1] == ETIMEDOUT)
		xfrm_put_said(&b, XFRM_MSG_DELSA, s, XW_OUT);
	if (b.nmsg > 0)
		(void)xfrm_batch(x, &b, NULL, 0);
	return (err[0] != 0 ? err[0] : err[1]);
}

static void
once(struct xfrm *x, uint8_t *said, uint32_t tunnel, const char *text)
{
	if (!*said && x->ev->note != NULL)
		x->ev->note(x->ev->arg, tunnel, text);
	*said = 1;
}

/*
 * A card that does ESP is asked first.  It may lack the algorithm, extended
 * numbers, or room for one more; the kernel does it then.  No card takes ESP
 * in UDP.
 */
static int
kernel_add(struct xfrm *x, struct xsa *s, const struct sa_pair *p)
{
	int	 e;

	s->nic = s->udp || s->ah || x->sys->nic == NULL ? 0 :
	    x->sys->nic(x->sys->arg, &s->local, &s->remote);
	if ((e = kernel_both(x, s, p)) == 0 || s->nic == 0 || e == EEXIST) {
		if (e == 0 && s->nic != 0)
			once(x, &x->nic_said, p->tunnel, "the network card "
			    "encrypts (esp-hw-offload)");
		return (e);
	}
	s->nic = 0;
	if ((e = kernel_both(x, s, p)) == 0)
		once(x, &x->nic_no, p->tunnel, "the network card has "
		    "esp-hw-offload and does not take these keys: the kernel "
		    "encrypts");
	return (e);
}

static void
x_install(void *arg, uint32_t id, const struct sa_pair *p)
{
	struct xfrm	*x = arg;
	struct xtun	*t;
	struct xsa	*s;
	int		 err, e;

	if (xfrm_stock(x) == -1) {
		done(x, id, SERR_BACKEND, 0);
		return;
	}
	if ((err = check(x, p)) != SERR_OK) {
		done(x, id, err, 0);
		return;
	}
	if ((s = mirror(x, p)) == NULL) {
		done(x, id, SERR_BACKEND, 0);
		return;
	}
	t = s->t;
	if ((e = kernel_add(x, s, p)) != 0) {
		xfrm_sa_free(s);
		done(x, id, serr(e), 0);
		return;
	}
	if (xfrm_sync(x, t) == -1) {
		kernel_del(x, s);
		xfrm_sa_free(s);
		(void)xfrm_sync(x, t);
		done(x, id, SERR_BACKEND, 0);
		return;
	}
	done(x, id, SERR_OK, p->spi_in);
}

static void
x_delete(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in)
{
	struct xfrm	*x = arg;
	struct xtun	*t = xfrm_tun(x, tunnel);
	struct xsa	*s, *h, gone;

	if (t == NULL || (s = xfrm_sa_find(t, child)) == NULL ||
	    s->spi_in != spi_in) {
		done(x, id, SERR_OK, 0);
		return;
	}
	for (h = t->sas; h != NULL; h = h->next)
		if (h->replaces == child)
			xfrm_cpu_activate(x, h);
	gone = *s;
	xfrm_sa_free(s);
	(void)xfrm_sync(x, t);
	kernel_del(x, &gone);
	done(x, id, SERR_OK, 0);
}

/* --- policies --- */

static void
x_policy_replace(void *arg, uint32_t id, const struct tunnel *c, int block)
{
	struct xfrm	*x = arg;
	struct selpair	*p;
	struct xtun	*t;
	int		 rv = 0;

	(void)block;			/* s2sd-host's */
	if ((p = calloc(c->npair, sizeof(*p))) == NULL ||
	    (t = tun_make(x, c->id)) == NULL) {
		free(p);
		done(x, id, SERR_BACKEND, 0);
		return;
	}
	memcpy(p, c->pair, c->npair * sizeof(*p));
	free(t->pair);
	t->pair = p;
	t->npair = c->npair;
	t->tag = xfrm_tag(c);
	t->flags = c->flags;
	t->if_id = c->ifunit;
	t->local = c->local;
	memset(&t->peer, 0, sizeof(t->peer));
	if (c->npeer > 0)
		t->peer = c->peer[0];
	/* before, what is there is not known: xfrm_stock does it then */
	if (x->stock) {
		if (t->reqid == 0)
			t->reqid = xfrm_reqid(x);
		rv = xfrm_sync(x, t);
	}
	done(x, id, rv == 0 ? SERR_OK : SERR_BACKEND, 0);
}

static void
x_policy_delete(void *arg, uint32_t id, uint32_t tunnel)
{
	struct xfrm	*x = arg;
	struct xtun	*t;

	if ((t = xfrm_tun(x, tunnel)) != NULL) {
		t->flags = 0;
		if (t->sas == NULL && xfrm_sync(x, t) == 0)
			tun_free(x, t);
	}
	done(x, id, SERR_OK, 0);
}

static void
x_flush(void *arg, uint32_t id)
{
	int	 rv = xfrm_wipe(arg);

	forget(arg);
	done(arg, id, rv == 0 ? SERR_OK : SERR_BACKEND, 0);
}

static void
say_listed(struct xfrm *x, struct xsa *s, void *arg)
{
	x->ev->listed(x->ev->arg, *(uint32_t *)arg, s->t->id, s->child,
	    s->spi_in, s->spi_out);
}

static void
x_list(void *arg, uint32_t id)
{
	struct xfrm	*x = arg;
	int		 rv = xfrm_stock(x);

	xfrm_each(x, say_listed, &id);
	done(x, id, rv == 0 ? SERR_OK : SERR_BACKEND, 0);
}

static uint16_t
x_cpus(void *arg)
{
	return (((struct xfrm *)arg)->sys->cpus);
}

const struct sa_backend sa_xfrm = {
	.choice = BE_XFRM,
	.name = "xfrm",
	.caps = { .esn = 1, .udp = 1, .ipv6 = 1, .aead = 1, .chacha = 1,
	    .transport = 1, .ah = 1, .acquire = 1, .move = 1,
	    .interface = 1,
	    .replay_max = 4096 },
	.open = xfrm_open,
	.start = x_start,
	.stop = x_stop,
	.spi_alloc = x_spi_alloc,
	.sa_install = x_install,
	.sa_add = x_install,
	.sa_move = xfrm_move,
	.sa_delete = x_delete,
	.sa_query = xfrm_query,
	.policy_replace = x_policy_replace,
	.policy_delete = x_policy_delete,
	.flush_own = x_flush,
	.list = x_list,
	.can = xfrm_can,
	.cpus = x_cpus,
	.fd = x_fd,
	.readable = xfrm_readable,
	.leave = x_leave,
};
