/* SPDX-License-Identifier: ISC */

/*
 * pfkey.c: SAs by PF_KEYv2 (RFC 2367).  Requests stand in a queue; the one in
 * front is at work, a message at a time.  Keys are in the two messages of a
 * request to install and nowhere else; these are wiped when they were sent.
 *
 * To install a pair: reserve the SPI (GETSPI), make it whole (UPDATE), the
 * way out (ADD), the policies; what fails undoes what was done before.
 */

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "pfkey_int.h"

/* --- the table --- */

struct pk_pair *
pk_pair_spi(const struct pk *b, uint32_t spi, int *out)
{
	struct pk_pair	*p;

	for (p = b->pairs; p != NULL; p = p->next)
		if (p->spi_in == spi || p->spi_out == spi) {
			*out = p->spi_in != spi;
			return (p);
		}
	return (NULL);
}

struct pk_pair *
pk_pair_child(const struct pk *b, uint32_t tunnel, uint32_t child)
{
	struct pk_pair	*p;

	for (p = b->pairs; p != NULL; p = p->next)
		if (p->tunnel == tunnel && p->child == child)
			return (p);
	return (NULL);
}

static int
spi_used(const struct pk *b, uint32_t spi)
{
	const struct pk_pair	*p;

	for (p = b->pairs; p != NULL; p = p->next)
		if (p->spi_in == spi)
			return (1);
	return (0);
}

void
pk_append(struct pk_pair **list, struct pk_pair *p)
{
	while (*list != NULL)
		list = &(*list)->next;
	p->next = NULL;
	*list = p;
}

void
pk_drop(struct pk_pair **list, struct pk_pair *p)
{
	while (*list != p)
		list = &(*list)->next;
	*list = p->next;
	free(p->pair);
	free(p);
}

/* One half of a pair as a dialect wants it. */
void
pk_half(const struct pk_pair *p, int out, struct pk_sa *s)
{
	memset(s, 0, sizeof(*s));
	s->spi = out ? p->spi_out : p->spi_in;
	s->src = out ? p->local : p->remote;
	s->dst = out ? p->remote : p->local;
	s->reqid = out ? p->reqout : p->reqin;
	s->tunnel = p->tunnel;
	s->child = p->child;
	s->ifunit = p->ifunit;
	s->in = !out;
	s->udp = p->udp;
	s->esn = p->esn;
	s->ah = p->ah;
	s->replay = p->replay;
	s->life = p->life;
	s->softbytes = p->softbytes;
	s->hardbytes = p->hardbytes;
	s->encr = p->encr;
	s->integ = p->integ;
}

static int
same_selectors(const struct pk_pair *a, const struct pk_pair *b)
{
	size_t	 i;

	if (a->npair != b->npair || a->pair == NULL)
		return (0);
	for (i = 0; i < a->npair; i++)
		if (!sel_eq(&a->pair[i].local, &b->pair[i].local) ||
		    !sel_eq(&a->pair[i].remote, &b->pair[i].remote))
			return (0);
	return (1);
}

/* The number of the chain that it belongs to, or a new one. */
static uint32_t
chain(struct pk *b, const struct pk_pair *n)
{
	const struct pk_pair	*p;

	if (n->replaces != 0 &&
	    (p = pk_pair_child(b, n->tunnel, n->replaces)) != NULL)
		return (p->reqin);
	for (p = b->pairs; p != NULL; p = p->next)
		if (p->tunnel == n->tunnel && same_selectors(p, n))
			return (p->reqin);
	return (pk_reqid(b));
}

/* --- jobs --- */

struct pk_job *
pk_job(struct pk *b, enum pk_jobkind kind, uint32_t id)
{
	struct pk_job	**p, *j;

	if ((j = calloc(1, sizeof(*j))) == NULL) {
		if (id != 0)
			b->ev->done(b->ev->arg, id, SERR_BACKEND, 0);
		return (NULL);
	}
	j->kind = kind;
	j->id = id;
	for (p = &b->jobs; *p != NULL; )
		p = &(*p)->next;
	*p = j;
	return (j);
}

void
pk_key_wipe(struct pk_job *j, int i)
{
	if (j->key[i] == NULL)
		return;
	explicit_bzero(j->key[i], j->keylen[i]);
	free(j->key[i]);
	j->key[i] = NULL;
}

void
pk_job_free(struct pk_job *j)
{
	pk_key_wipe(j, 0);
	pk_key_wipe(j, 1);
	free(j);
}

/* The job in front is over. */
void
pk_finish(struct pk *b, int err, uint32_t spi)
{
	struct pk_job	*j = b->jobs;
	uint32_t	 id = j->id;

	b->jobs = j->next;
	pk_job_free(j);
	if (id != 0)
		b->ev->done(b->ev->arg, id, err, spi);
}

/* --- requests --- */

static void
done(struct pk *b, uint32_t id, int err, uint32_t spi)
{
	b->ev->done(b->ev->arg, id, err, spi);
}

/* Addresses come with the pair, so there is nothing to ask a kernel now; the
 * pair's GETSPI finds out whether somebody else has it. */
void
pk_spi_alloc(void *arg, uint32_t id, uint32_t wish)
{
	struct pk	*b = arg;

	done(b, id, wish < 256 || spi_used(b, wish) ? SERR_SPI : SERR_OK,
	    wish);
}

/* An enum serr. */
static int
pair_check(const struct pk *b, const struct sa_pair *r)
{
	uint8_t	 e, a;
	size_t	 i;

	if (r->spi_in < 256 || r->spi_out < 256 || spi_used(b, r->spi_in))
		return (SERR_SPI);
	if (r->child == 0 || r->npair == 0 ||
	    pk_pair_child(b, r->tunnel, r->child) != NULL)
		return (SERR_CONTENT);
	if (r->local.af == 0 || r->local.af != r->remote.af ||
	    (r->udp && r->local.af == 6 && !b->d->natt6))
		return (SERR_ADDRESS);
	if (r->udp && r->encr == NULL)
		return (SERR_CONTENT);
	/* af_key gives an SA the family of its addresses as a selector */
	for (i = 0; b->d->oneaf && i < r->npair; i++)
		if (r->pair[i].local.af != r->local.af)
			return (SERR_SELECTOR);
	if (b->d->algs(b->d, r->encr, r->integ, &e, &a) == -1 ||
	    (r->esn && !pk_caps[b->d->sys].esn))
		return (SERR_ALG);
	return (SERR_OK);
}

static struct pk_pair *
pair_new(struct pk *b, const struct sa_pair *r)
{
	struct pk_pair	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL ||
	    (p->pair = calloc(r->npair, sizeof(*p->pair))) == NULL) {
		free(p);
		return (NULL);
	}
	memcpy(p->pair, r->pair, r->npair * sizeof(*p->pair));
	p->npair = r->npair;
	p->tunnel = r->tunnel;
	p->child = r->child;
	p->replaces = r->replaces;
	p->spi_in = r->spi_in;
	p->spi_out = r->spi_out;
	p->local = r->local;
	p->remote = r->remote;
	p->udp = r->udp;
	p->esn = r->esn;
	p->ah = r->encr == NULL;
	p->replay = r->replay;
	p->life = r->life;
	p->softbytes = r->softbytes;
	p->hardbytes = r->hardbytes;
	p->encr = r->encr;
	p->integ = r->integ;
	p->idle = r->inactive && pk_pair_child(b, r->tunnel, r->replaces) !=
	    NULL;
	p->ifunit = pk_tun(b, r->tunnel)->ifunit;
	p->reqin = chain(b, p);
	pk_append(&b->pairs, p);	/* the numbers are taken from here on */
	p->reqout = pk_reqid(b);
	return (p);
}

/* Both messages that have a key, into memory of their own: 0 or -1. */
static int
keys_build(struct pk *b, struct pk_job *j, const struct pk_pair *p,
    const struct sa_pair *r)
{
	struct pk_hdr	 h;
	struct pk_sa	 s;
	struct wr	 w;
	int		 i;

	h.seq = 0;
	h.pid = b->pid;
	h.life = b->life;
	for (i = 0; i < 2; i++) {
		pk_half(p, i, &s);
		s.ek = i == 0 ? r->ein : r->eout;
		s.ak = i == 0 ? r->ain : r->aout;
		w = wr_of(b->buf, sizeof(b->buf));
		b->d->put(b->d, &w, &h, i == 0 ? PK_UPDATE : PK_ADD, &s);
		if (wr_end(&w) == 0 && (j->key[i] = malloc(w.n)) != NULL) {
			memcpy(j->key[i], w.p, w.n);
			j->keylen[i] = w.n;
		}
		explicit_bzero(b->buf, sizeof(b->buf));
		if (j->key[i] == NULL)
			return (-1);
	}
	return (0);
}

void
pk_install(void *arg, uint32_t id, const struct sa_pair *r)
{
	struct pk	*b = arg;
	struct pk_pair	*p;
	struct pk_job	*j;
	int		 err;

	if ((err = pair_check(b, r)) != SERR_OK) {
		done(b, id, err, 0);
		return;
	}
	if (pk_tun_make(b, r->tunnel) == NULL ||
	    (p = pair_new(b, r)) == NULL) {
		done(b, id, SERR_BACKEND, 0);
		return;
	}
	if ((j = pk_job(b, PKJ_INSTALL, id)) == NULL) {
		pk_drop(&b->pairs, p);
		return;
	}
	j->tunnel = r->tunnel;
	j->child = r->child;
	if (p->reqin == 0 || p->reqout == 0 || keys_build(b, j, p, r) == -1) {
		j->phase = PK_PHASE_FAILED;
		j->err = SERR_BACKEND;
	}
	pk_run(b);
}

void
pk_move(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    const struct addr *local, const struct addr *remote)
{
	struct pk	*b = arg;
	struct pk_job	*j;

	if ((j = pk_job(b, PKJ_MOVE, id)) == NULL)
		return;
	j->tunnel = tunnel;
	j->child = child;
	j->local = *local;
	j->remote = *remote;
	pk_run(b);
}

void
pk_delete(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in)
{
	struct pk	*b = arg;
	struct pk_job	*j;

	if ((j = pk_job(b, PKJ_DELETE, id)) == NULL)
		return;
	j->tunnel = tunnel;
	j->child = child;
	j->spi_in = spi_in;
	pk_run(b);
}

static void
simple(struct pk *b, enum pk_jobkind kind, uint32_t id, uint32_t tunnel)
{
	struct pk_job	*j;

	if ((j = pk_job(b, kind, id)) == NULL)
		return;
	j->tunnel = tunnel;
	pk_run(b);
}

void
pk_query(void *arg, uint32_t id, uint32_t tunnel)
{
	simple(arg, PKJ_QUERY, id, tunnel);
}

void
pk_policy_replace(void *arg, uint32_t id, const struct tunnel *t, int block)
{
	if (pk_tun_set(arg, t, block) == -1)
		done(arg, id, SERR_BACKEND, 0);
	else
		simple(arg, PKJ_POLICY, id, t->id);
}

void
pk_policy_delete(void *arg, uint32_t id, uint32_t tunnel)
{
	struct pk_tun	*t = pk_tun(arg, tunnel);

	if (t != NULL)
		t->known = 0;
	simple(arg, PKJ_POLICY, id, tunnel);
}

void
pk_flush_own(void *arg, uint32_t id)
{
	simple(arg, PKJ_FLUSH, id, 0);
}

void
pk_list(void *arg, uint32_t id)
{
	simple(arg, PKJ_LIST, id, 0);
}

/* --- life --- */

int
pk_fd(void *arg)
{
	return (((struct pk *)arg)->fd);
}

/* Messages one after the other, each as long as its header says. */
static void
snapshot(struct pk *b, struct rd r)
{
	struct pk_msg	 m;
	uint16_t	 n;
	struct rd	 look, one;

	for (;;) {
		look = r;
		if (rd_skip(&look, 4) || rd_h16(&look, &n) ||
		    rd_sub(&r, (size_t)n * 8, &one) || n < 2)
			break;
		if (b->d->get(b->d, one, &m) == -1 || m.err != 0)
			continue;
		if (m.have & PKH_POLICY)
			pk_pol_found(b, &m);
		else
			pk_take_found(b, &m);
	}
	pk_found_end(b);
}

void *
pk_new(const struct pk_start *s, const struct role_io *io,
    const struct sa_events *ev)
{
	struct pk	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->d = s->d;
	b->fd = s->fd;
	b->send = s->send;
	b->arg = s->arg;
	b->pid = s->pid;
	b->life = s->life;
	b->io = io;
	b->ev = ev;
	b->next_reqid = PK_REQID_MIN;
	(void)pk_job(b, PKJ_REGISTER, 0);
	(void)pk_job(b, PKJ_REGISTER_AH, 0);
	if (b->d->snap)
		snapshot(b, s->snap);
	else {
		(void)pk_job(b, PKJ_DUMP, 0);
		(void)pk_job(b, PKJ_POLDUMP, 0);
	}
	pk_run(b);
	return (b);
}

void
pk_stop(void *arg)
{
	struct pk	*b = arg;
	struct pk_have	*h;
	struct pk_job	*j;

	while (b->pairs != NULL)
		pk_drop(&b->pairs, b->pairs);
	while (b->stale != NULL)
		pk_drop(&b->stale, b->stale);
	while (b->tuns != NULL)
		pk_tun_free(b, b->tuns);
	while ((h = b->stalepol) != NULL) {
		b->stalepol = h->next;
		free(h);
	}
	while ((j = b->jobs) != NULL) {
		b->jobs = j->next;
		pk_job_free(j);
	}
	free(b->seen);
	(void)close(b->fd);
	explicit_bzero(b, sizeof(*b));
	free(b);
}

/* The block outlives us.  On Linux it is s2sd-host's, elsewhere our policies
 * are all there is: what protected blocks from now on. */
static void
leave_policy(struct pk *b, const struct pk_tun *t, const struct pk_pol *p)
{
	struct pk_pol	 block = *p;

	if (b->d->fwd || !t->known || !t->block)
		pk_say_pol(b, PK_POLDEL, p);
	else if (p->action == PK_PROTECT) {
		block.action = PK_DISCARD;
		pk_say_pol(b, PK_POLPUT, &block);
	}
}

/*
 * In good order: no time for answers, but every kernel does what a write(2)
 * says before that returns.
 */
void
pk_leave(void *arg)
{
	struct pk	*b = arg;
	struct pk_have	*h;
	struct pk_pair	*p;
	struct pk_tun	*t;

	for (p = b->pairs; p != NULL; p = p->next) {
		pk_say_half(b, p, 1, PK_DELETE);
		pk_say_half(b, p, 0, PK_DELETE);
	}
	for (t = b->tuns; t != NULL; t = t->next)
		for (h = t->have; h != NULL; h = h->next)
			leave_policy(b, t, &h->p);
}

/* --- one backend for each dialect --- */

static int
can(enum pk_system sys, const struct alg *encr, const struct alg *integ)
{
	uint8_t	 e, a;

	return (pk_alg(sys, encr, integ, &e, &a) == 0);
}

int
pk_can_openbsd(const struct alg *encr, const struct alg *integ)
{
	return (can(PK_SYS_OPENBSD, encr, integ));
}

int
pk_can_freebsd(const struct alg *encr, const struct alg *integ)
{
	return (can(PK_SYS_FREEBSD, encr, integ));
}

int
pk_can_netbsd(const struct alg *encr, const struct alg *integ)
{
	return (can(PK_SYS_NETBSD, encr, integ));
}

int
pk_can_linux(const struct alg *encr, const struct alg *integ)
{
	return (can(PK_SYS_LINUX, encr, integ));
}

int
pk_can_here(const struct alg *encr, const struct alg *integ)
{
	return (can(pk_here(), encr, integ));
}

static const struct sa_backend backends[] = {
	[PK_SYS_OPENBSD] = { .choice = BE_PFKEY, .name = "pfkey-openbsd",
	    .caps = PK_CAPS_OPENBSD, .can = pk_can_openbsd, PK_OPS },
	[PK_SYS_FREEBSD] = { .choice = BE_PFKEY, .name = "pfkey-freebsd",
	    .caps = PK_CAPS_FREEBSD, .can = pk_can_freebsd, PK_OPS },
	[PK_SYS_NETBSD] = { .choice = BE_PFKEY, .name = "pfkey-netbsd",
	    .caps = PK_CAPS_NETBSD, .can = pk_can_netbsd, PK_OPS },
	[PK_SYS_LINUX] = { .choice = BE_PFKEY, .name = "pfkey-linux",
	    .caps = PK_CAPS_LINUX, .can = pk_can_linux, PK_OPS },
};

const struct sa_backend *
pk_backend(const struct pk_dialect *d)
{
	return (&backends[d->sys]);
}

const struct pk_dialect *const pk_dialects[] = {
	&pk_openbsd, &pk_freebsd, &pk_netbsd, &pk_linux, NULL
};
