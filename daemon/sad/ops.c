/* SPDX-License-Identifier: ISC */

/* ops.c: requests to the backend, and what it reports. */

#include <stdlib.h>
#include <strings.h>
#include <syslog.h>

#include "local.h"

enum { SPI_TRIES = 8, COUNT_WIRE = 80, CLAIM_MS = 30000,
    DELETE_TRIES = 8 };

const struct tunnel *
sad_tunnel(const struct sad *s, uint32_t id)
{
	return (s->conf == NULL ? NULL : conf_find(s->conf, id));
}

static const char *
tname(const struct sad *s, uint32_t id)
{
	const struct tunnel	*t = sad_tunnel(s, id);

	return (t == NULL ? "?" : t->name);
}

/* --- open requests --- */

/* Under a new id; also one that was done and leads to the next request. */
static void
op_link(struct sad *s, struct sad_op *o, enum sad_opkind kind)
{
	if (++s->next_id == 0)
		s->next_id = 1;
	o->id = s->next_id;
	o->kind = kind;
	o->next = s->ops;
	s->ops = o;
}

struct sad_op *
sad_op_new(struct sad *s, enum sad_opkind kind, uint32_t tunnel)
{
	struct sad_op	*o;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (NULL);
	o->tunnel = tunnel;
	o->life = s->life;
	op_link(s, o, kind);
	return (o);
}

static struct sad_op *
op_find(const struct sad *s, uint32_t id)
{
	struct sad_op	*o;

	for (o = s->ops; o != NULL && o->id != id; )
		o = o->next;
	return (o);
}

static void
pend_free(struct sad_pending *p)
{
	if (p == NULL)
		return;
	explicit_bzero(p, sizeof(*p));
	free(p);
}

static void
op_unlink(struct sad *s, struct sad_op *o)
{
	struct sad_op	**p;

	for (p = &s->ops; *p != o; )
		p = &(*p)->next;
	*p = o->next;
}

static void
op_free(struct sad_op *o)
{
	pend_free(o->pend);
	free(o->buf);
	free(o);
}

void
sad_ops_clear(struct sad *s)
{
	struct sad_op	*o;

	while ((o = s->ops) != NULL) {
		s->ops = o->next;
		op_free(o);
	}
	while ((o = s->later) != NULL) {
		s->later = o->next;
		op_free(o);
	}
}

/* --- a pair on its way --- */

void
sad_answer(struct sad *s, uint32_t req, uint32_t tunnel, uint32_t child,
    uint32_t spi_in, int err, uint16_t mtu)
{
	struct m_s_done	 d;

	memset(&d, 0, sizeof(d));
	d.child = child;
	d.spi_in = spi_in;
	d.err = (uint8_t)err;
	d.mtu = mtu;
	(void)role_send(s->io, PROC_IKE, M_S_DONE, 0, req, tunnel, &d);
}

/* It came to nothing: the entry away, s2sd-ike told. */
static void
failed(struct sad *s, const struct sad_op *o, int err)
{
	struct sad_entry	*e;

	s->n_refused++;
	if ((e = sad_entry_child(s, o->child)) != NULL && !e->up)
		sad_entry_drop(s, e);
	if (o->life == s->life)
		sad_answer(s, o->req, o->tunnel, o->child, 0, err, 0);
}

/* o is not on the list; it is used up. */
static void
ask_install(struct sad *s, struct sad_entry *e, struct sad_op *o)
{
	const struct tunnel	*t = sad_tunnel(s, e->tunnel);
	struct sad_pending	*p = o->pend;
	struct sa_pair		 r;

	if (t == NULL) {
		failed(s, o, SERR_BACKEND);
		op_free(o);
		return;
	}
	o->pend = NULL;
	op_link(s, o, OP_PAIR);
	memset(&r, 0, sizeof(r));
	r.tunnel = e->tunnel;
	r.child = e->child;
	r.replaces = e->replaces;
	r.spi_in = e->spi_in;
	r.spi_out = e->spi_out;
	r.replay = t->replay;
	r.encr = p->m.encr != 0 ? alg_num(p->m.encr) : NULL;
	r.integ = p->m.integ != 0 ? alg_num(p->m.integ) : NULL;
	r.mtu = e->mtu;
	r.esn = p->sa.esn;
	r.udp = p->sa.udp;
	r.inactive = p->sa.inactive;
	r.cpu = p->sa.cpu;
	r.beside = p->sa.beside;
	r.transport = p->sa.transport;
	r.softbytes = p->sa.softbytes;
	r.hardbytes = p->sa.hardbytes;
	r.life = p->sa.life;
	r.local = e->local;
	r.remote = e->remote;
	r.ein = &p->m.ein;
	r.ain = &p->m.ain;
	r.eout = &p->m.eout;
	r.aout = &p->m.aout;
	r.pair = p->pair;
	r.npair = p->npair;
	s->be->sa_install(s->bep, o->id, &r);
	pend_free(p);
}

/* A random number, not reserved and not in use here. */
static uint32_t
draw(struct sad *s)
{
	uint32_t	 spi;

	do
		s->io->random(s->io->arg, &spi, sizeof(spi));
	while (spi < 256 || sad_entry_spi(s, spi) != NULL);
	return (spi);
}

static void
ask_spi(struct sad *s, struct sad_op *o)
{
	s->be->spi_alloc(s->bep, o->id, draw(s));
}

void
sad_install(struct sad *s, struct sad_entry *e, struct sad_pending *p,
    uint32_t req)
{
	struct sad_op	*o;

	if ((o = sad_op_new(s, OP_SPI, e->tunnel)) == NULL) {
		s->n_refused++;
		sad_answer(s, req, e->tunnel, e->child, 0, SERR_BACKEND, 0);
		sad_entry_drop(s, e);
		pend_free(p);
		return;
	}
	o->req = req;
	o->child = e->child;
	o->pend = p;
	if (e->spi_in != 0) {
		op_unlink(s, o);
		ask_install(s, e, o);
	} else
		ask_spi(s, o);
}

static void
done_spi(struct sad *s, struct sad_op *o, int err, uint32_t spi)
{
	struct sad_entry	*e = sad_entry_child(s, o->child);

	if (err == SERR_SPI && o->tries < SPI_TRIES && e != NULL) {
		o->tries++;
		op_link(s, o, OP_SPI);
		ask_spi(s, o);
		return;
	}
	if (err != SERR_OK || e == NULL || o->life != s->life) {
		failed(s, o, err != SERR_OK ? err : SERR_BACKEND);
		op_free(o);
		return;
	}
	sad_entry_set_spi(s, e, spi);
	ask_install(s, e, o);
}

static void
delete(struct sad *s, struct sad_op *o, uint32_t child, uint32_t spi)
{
	o->child = child;
	o->spi = spi;
	s->be->sa_delete(s->bep, o->id, o->tunnel, child, spi);
}

/* Is every selector of the orphan inside one of the new pair? */
static int
covers(const struct sad_entry *e, const struct sad_entry *orphan)
{
	size_t	 i, j;

	for (i = 0; i < orphan->npair; i++) {
		for (j = 0; j < e->npair; j++)
			if (sel_in(&orphan->pair[i].local,
			    &e->pair[j].local) &&
			    sel_in(&orphan->pair[i].remote,
			    &e->pair[j].remote))
				break;
		if (j == e->npair)
			return (0);
	}
	return (1);
}

/* Also what an earlier life left and nobody has claimed so far. */
static void
orphans_replace(struct sad *s, const struct sad_entry *by)
{
	struct sad_entry	*e, *next;

	for (e = sad_entry_tun(s, by->tunnel); e != NULL; e = next) {
		next = sad_entry_next(e);
		if (e != by && (e->orphan || (e->listed && !e->kept)) &&
		    covers(by, e))
			(void)sad_remove(s, e);
	}
}

static void
done_pair(struct sad *s, struct sad_op *o, int err, uint32_t spi)
{
	struct sad_entry	*e;

	e = sad_entry_child(s, o->child);
	if (err != SERR_OK) {
		role_log(s->io, LOG_ERR, o->tunnel, 0,
		    "%s: the SA could not be installed (%s, error %d)",
		    tname(s, o->tunnel), s->be->name, err);
		failed(s, o, err);
		op_free(o);
		return;
	}
	if (e == NULL || e->spi_in != spi || o->life != s->life) {
		/* nobody waits for it any more */
		s->n_stale++;
		if (e != NULL)
			sad_entry_drop(s, e);
		op_link(s, o, OP_DELETE);
		o->tries = 0;
		delete(s, o, o->child, spi);
		return;
	}
	e->up = 1;
	s->n_installed++;
	sad_answer(s, o->req, o->tunnel, e->child, e->spi_in, SERR_OK,
	    e->mtu);
	sad_entry_say_up(s, e);
	orphans_replace(s, e);
	op_free(o);
}

/* Deleted as soon as there is memory: until then nobody's. */
static void
remove_later(struct sad *s, struct sad_entry *e)
{
	e->orphan = 1;
	e->expires = s->now + SAD_AGAIN;
	if (e->expires < s->due)
		s->due = e->expires;
}

int
sad_remove(struct sad *s, struct sad_entry *e)
{
	uint32_t	 tunnel = e->tunnel, child = e->child, spi = e->spi_in;
	struct sad_op	*o = NULL;

	if (e->up && (o = sad_op_new(s, OP_DELETE, tunnel)) == NULL) {
		remove_later(s, e);
		return (-1);
	}
	sad_entry_drop(s, e);
	if (o != NULL)
		delete(s, o, child, spi);
	return (0);
}

/* Not even asked, as a queue was full, or refused: an SA must not stay. */
static void
done_delete(struct sad *s, struct sad_op *o, int err)
{
	if (err == SERR_OK || o->tries++ >= DELETE_TRIES) {
		op_free(o);
		return;
	}
	o->next = s->later;
	s->later = o;
	s->later_at = s->now + SAD_AGAIN;
}

void
sad_delete_again(struct sad *s)
{
	struct sad_op	*o, *list = s->later;

	s->later = NULL;
	s->later_at = DUE_NEVER;
	while ((o = list) != NULL) {
		list = o->next;
		op_link(s, o, OP_DELETE);
		delete(s, o, o->child, o->spi);
	}
}

static void
done_move(struct sad *s, const struct sad_op *o, int err)
{
	struct sad_entry	*e;

	if ((e = sad_entry_child(s, o->child)) == NULL)
		return;
	if (err != SERR_OK) {
		/* this kernel cannot: a new pair at the new address can */
		s->ev.expire(s, e->tunnel, e->child, 0);
		return;
	}
	e->local = o->local;
	e->remote = o->remote;
	sad_entry_say_up(s, e);
}

/* --- counters --- */

static void
count_flush(struct sad *s, struct sad_op *o)
{
	struct m_s_counters	 c;

	c.rest = rd_of(o->buf, o->w.n);
	(void)role_send(s->io, o->asker, M_S_COUNTERS, 0, o->req, o->tunnel,
	    &c);
	o->nbuf = 0;
	o->w = wr_of(o->buf, SAD_COUNT_PART * COUNT_WIRE);
}

static void
ev_counters(void *arg, uint32_t id, const struct sa_count *c, size_t n)
{
	struct sad	*s = arg;
	struct sad_op	*o = op_find(s, id);
	size_t		 i;

	if (o == NULL || o->kind != OP_QUERY || o->buf == NULL)
		return;
	for (i = 0; i < n; i++) {
		sa_count_put(&o->w, &c[i]);
		if (++o->nbuf == SAD_COUNT_PART)
			count_flush(s, o);
	}
}

/* --- reconciling with what was there before us --- */

static void
ev_listed(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in, uint32_t spi_out)
{
	struct sad		*s = arg;
	const struct tunnel	*t;
	struct sad_entry	*e;
	struct sad_op		*o;

	(void)id;
	if ((e = sad_entry_child(s, child)) != NULL && e->tunnel == tunnel &&
	    e->spi_in == spi_in) {
		if (!e->ours)
			e->listed = e->up = 1;
		return;
	}
	if ((t = sad_tunnel(s, tunnel)) == NULL || e != NULL ||
	    sad_entry_spi(s, spi_in) != NULL ||
	    (e = sad_entry_new(s, tunnel, child, spi_in)) == NULL) {
		/* of no tunnel of ours, or in the way of a newer one */
		if ((o = sad_op_new(s, OP_DELETE, tunnel)) != NULL)
			delete(s, o, child, spi_in);
		else
			s->list_again = 1;
		return;
	}
	e->spi_out = spi_out;
	e->listed = e->up = e->said_up = 1;
	e->expires = s->now + (uint64_t)t->life * 1000;
	if (e->expires < s->due)
		s->due = e->expires;
}

/* --- events --- */

static void
ev_done(void *arg, uint32_t id, int err, uint32_t spi)
{
	struct sad	*s = arg;
	struct sad_op	*o;

	if ((o = op_find(s, id)) == NULL)
		return;
	op_unlink(s, o);
	switch (o->kind) {
	case OP_SPI:
		done_spi(s, o, err, spi);
		return;
	case OP_PAIR:
		done_pair(s, o, err, spi);
		return;
	case OP_MOVE:
		done_move(s, o, err);
		break;
	case OP_QUERY:
		count_flush(s, o);
		break;
	case OP_LIST:
		if (err != SERR_OK || s->list_again) {
			s->list_again = 0;
			s->list_at = s->now + SAD_AGAIN;
			break;
		}
		s->list_done = 1;
		if (!s->keep_end && s->nentry > 0)
			s->claim_by = s->now + CLAIM_MS;
		sad_settle(s);
		break;
	case OP_DELETE:
		done_delete(s, o, err);
		return;
	case OP_OTHER:
		break;
	}
	op_free(o);
}

static void
ev_acquire(void *arg, uint32_t tunnel, const struct addr *src,
    const struct addr *dst, uint8_t ipproto)
{
	struct sad		*s = arg;
	const struct tunnel	*t;
	struct m_s_acquire	 m;

	if ((t = sad_tunnel(s, tunnel)) == NULL || t->flags & TUN_DISABLED)
		return;
	memset(&m, 0, sizeof(m));
	m.src = *src;
	m.dst = *dst;
	m.ipproto = ipproto;
	(void)role_send(s->io, PROC_IKE, M_S_ACQUIRE, 0, 0, tunnel, &m);
}

static void
ev_expire(void *arg, uint32_t tunnel, uint32_t child, int hard)
{
	struct sad		*s = arg;
	struct sad_entry	*e;
	struct m_s_expire	 m;
	int			 orphan;

	if ((e = sad_entry_child(s, child)) == NULL || e->tunnel != tunnel)
		return;
	orphan = e->orphan;
	if (hard) {
		s->n_expired++;
		(void)sad_remove(s, e);
	}
	if (orphan)
		return;		/* the new s2sd-ike does not know it */
	memset(&m, 0, sizeof(m));
	m.child = child;
	m.hard = hard != 0;
	(void)role_send(s->io, PROC_IKE, M_S_EXPIRE, 0, 0, tunnel, &m);
}

/* Passed on if this tunnel's peer may move at all; s2sd-ike decides. */
static void
ev_moved(void *arg, uint32_t tunnel, uint32_t child,
    const struct addr *local, const struct addr *remote)
{
	struct sad		*s = arg;
	const struct tunnel	*t = sad_tunnel(s, tunnel);
	struct sad_entry	*e = sad_entry_child(s, child);
	struct m_s_move		 m;
	char			 buf[ADDR_STRLEN];

	if (t == NULL || e == NULL || e->tunnel != tunnel || e->orphan)
		return;
	if (sad_check_addr(t, local, remote) == -1) {
		role_log(s->io, LOG_DEBUG, tunnel, 0,
		    "%s: an authentic packet came from %s, which is not an "
		    "address of this peer; packets still go to the old one",
		    t->name, addr_str(remote, 1, buf, sizeof(buf)));
		return;
	}
	memset(&m, 0, sizeof(m));
	m.child = child;
	m.local = *local;
	m.remote = *remote;
	(void)role_send(s->io, PROC_IKE, M_S_MOVED, 0, 0, tunnel, &m);
}

static void
ev_lost(void *arg)
{
	struct sad	*s = arg;

	role_log(s->io, LOG_WARNING, 0, 0, "%s lost all SAs (%zu)",
	    s->be->name, s->nentry);
	sad_entry_each(s, sad_entry_drop);
	s->due = DUE_NEVER;
	(void)role_send(s->io, PROC_IKE, M_S_LOST, 0, 0, 0, NULL);
}

static void
ev_note(void *arg, uint32_t tunnel, const char *text)
{
	struct sad		*s = arg;
	const struct tunnel	*t = sad_tunnel(s, tunnel);

	role_log(s->io, LOG_INFO, tunnel, 0, "%s: %s",
	    t == NULL ? "?" : t->name, text);
}

void
sad_events_init(struct sad *s)
{
	s->ev.arg = s;
	s->ev.done = ev_done;
	s->ev.counters = ev_counters;
	s->ev.listed = ev_listed;
	s->ev.acquire = ev_acquire;
	s->ev.expire = ev_expire;
	s->ev.moved = ev_moved;
	s->ev.lost = ev_lost;
	s->ev.note = ev_note;
}
